//! Something done to a task that is new or rests, and rests after it: by one write and without a claim. The revision keeps
//! whoever races apart, as it does for those who hold a claim.

use std::sync::Arc;

use crate::error::Error;
use crate::flow::Flow;
use crate::interpreter::{Advanced, Flows, Refusal, Trigger, World};
use crate::task::{Status, Task};

use super::Runner;

impl Runner {
    /// Does what `trigger` asks to a task that was just read, if nothing more comes of it than one checkpoint. None if it
    /// takes more, is refused, or somebody was faster: nothing has changed then, and the task has to be taken for it.
    pub(crate) async fn at_once(&self, task: Task, flow: &Arc<Flow>, trigger: Trigger) -> Result<Option<Task>, Error> {
        let looks_below = task.progress.started > 0 && flow.reads_sub_tasks();
        if task.status != Status::Waiting || looks_below || self.slow.has(&flow.definition.digest) {
            return Ok(None);
        }
        let Ok(attributes) = task.attributes.adopt(&flow.attributes) else { return Ok(None) };
        let flows = self.flows_for(&task, flow).await?;
        let task = Box::new(Task { attributes, ..task });
        match self.advance_unheld(flow, &flows, task, trigger) {
            Ok(advanced) if advanced.is_all() => Ok(self.put_unheld(advanced).await?.map(|task| *task)),
            _ => Ok(None),
        }
    }

    /// Advances a task that nobody holds and that looks at no sub-tasks, as far as one checkpoint.
    pub(super) fn advance_unheld(
        &self,
        flow: &Flow,
        flows: &Arc<dyn Flows>,
        task: Box<Task>,
        trigger: Trigger,
    ) -> Result<Advanced, Refusal> {
        // Of a body that calls something, which may be in the journal, more comes than one checkpoint.
        let journal = Arc::default();
        let world = World::new(flow, &*self.host, flows, &journal, &self.limits);
        self.advance(&World { every_state: self.every_state, ..world }, task, trigger)
    }

    /// Stores what one write is all of, without a claim. None if somebody was faster.
    pub(super) async fn put_unheld(&self, advanced: Advanced) -> Result<Option<Box<Task>>, Error> {
        let Advanced { checkpoint, logs, tries, .. } = advanced;
        let task = checkpoint.task.clone();
        Ok(self.put(checkpoint, logs, tries).await?.then_some(task))
    }
}
