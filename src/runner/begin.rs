//! New tasks.

use std::sync::Arc;

use uuid::Uuid;

use crate::error::Error;
use crate::flow::Flow;
use crate::interpreter::{self, Birth};
use crate::task::{Journal, Task};
use crate::value::Map;

use super::Runner;
use super::run::{Manner, Run};

impl Runner {
    /// A new task of the flow called `name`, in hand and not stored yet: nobody else knows of it.
    pub(crate) fn begin(&self, name: &str, given: &Map) -> Result<Run, Error> {
        let (flow, task) = self.birth(name, given, false)?;
        Ok(Run::new(task, flow, Arc::clone(&self.live), Journal::default(), Manner::Stays))
    }

    /// Stores a new task for whoever takes it.
    pub(crate) async fn leave(&self, name: &str, given: &Map) -> Result<Task, Error> {
        let (flow, task) = self.birth(name, given, true)?;
        let checkpoint = interpreter::checkpoint_of_new(&flow, &*self.live, task);
        let task = checkpoint.task.clone();
        self.storage.commit(checkpoint).await?;
        Ok(task)
    }

    fn birth(&self, name: &str, given: &Map, later: bool) -> Result<(Arc<Flow>, Task), Error> {
        let flow = self.flow_named(name)?;
        let attributes = flow.attributes.read(given);
        let attributes =
            attributes.map_err(|invalid| Error::Input { subject: format!("flow `{}`", flow.name), invalid })?;
        let birth = Birth { id: Uuid::new_v4(), attributes, parent: None, now: self.host.now(), later };
        let task = interpreter::begin(&flow, &*self.live, birth);
        Ok((flow, task))
    }
}
