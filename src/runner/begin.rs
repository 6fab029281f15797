//! New tasks.

use std::sync::Arc;

use uuid::Uuid;

use crate::error::Error;
use crate::flow::Flow;
use crate::interpreter::{self, NewTask, Trigger};
use crate::task::{Journal, Task, TaskId};
use crate::value::Map;

use super::run::{Run, RunMode};
use super::{Runner, refused};

/// How far a new task has come.
pub(crate) enum Begun {
    /// It has ended, or sleeps, and is stored.
    Rests(Box<Task>),
    /// There is more to do. The task is not stored yet, so no other process knows of it.
    Goes(Box<Run>),
}

impl Runner {
    /// Begins a task of the flow called `name`. Most tasks end or fall asleep in their first burst, without a step or a
    /// sub-task. Such a task is stored in one write and needs no claim.
    pub(crate) async fn begin(&self, name: &str, given: &Map) -> Result<Begun, Error> {
        let flow = self.flow_named(name)?;
        let task = self.new_task(Uuid::new_v4(), &flow, given, false)?;
        if self.slow.has(&flow.definition.digest) {
            let run = Run::new(task, flow, Arc::clone(&self.live), Journal::default(), RunMode::Foreground);
            return Ok(Begun::Goes(Box::new(run)));
        }
        let id = task.id;
        let advanced = self.advance_unheld(&flow, &self.live, task, Trigger::Due).map_err(refused)?;
        if !advanced.is_all() {
            return Ok(Begun::Goes(Box::new(Run::ahead(advanced, flow, Arc::clone(&self.live)))));
        }
        Ok(Begun::Rests(match self.put_unheld(advanced).await? {
            Some(task) => task,
            None => Box::new(self.stored(id).await?),
        }))
    }

    /// Stores a new task as due, for a worker to take.
    pub(crate) async fn leave(&self, name: &str, given: &Map) -> Result<Task, Error> {
        let flow = self.flow_named(name)?;
        self.leave_as(Uuid::new_v4(), &flow, given).await
    }

    /// The same with a given id. `Conflict` if that task exists; nothing is stored then.
    pub(super) async fn leave_as(&self, id: TaskId, flow: &Arc<Flow>, given: &Map) -> Result<Task, Error> {
        let task = self.new_task(id, flow, given, true)?;
        let checkpoint = interpreter::checkpoint_of_new(flow, &*self.live, task);
        let task = checkpoint.task.clone();
        self.storage.commit(checkpoint).await?;
        Ok(*task)
    }

    fn new_task(&self, id: TaskId, flow: &Flow, given: &Map, later: bool) -> Result<Box<Task>, Error> {
        let attributes = flow.attributes.read(given);
        let attributes =
            attributes.map_err(|invalid| Error::Input { subject: format!("flow `{}`", flow.name), invalid })?;
        let new = NewTask { id, attributes, parent: None, now: self.host.now(), later };
        Ok(interpreter::begin(flow, &*self.live, new))
    }
}
