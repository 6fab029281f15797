//! Acting on a task that is new or at rest, and rests again afterwards: one write, no claim. The revision protects it
//! from racing writers, as with a claim.

use std::sync::Arc;

use crate::error::Error;
use crate::flow::Flow;
use crate::interpreter::{Advanced, Flows, Refusal, Trigger, World};
use crate::task::{Journal, Status, Task};

use super::Runner;
use super::asked::Asked;

thread_local! {
    /// An empty journal, for all tasks of a thread that have none: threads would contend for the counter of a common one.
    static NO_JOURNAL: Arc<Journal> = Arc::default();
}

impl Runner {
    /// Applies `trigger` to a task that was just read, if one checkpoint is all that follows. None if it takes more, is
    /// refused, or somebody else was first: then nothing has changed, and the task must be claimed.
    pub(crate) async fn at_once(
        &self,
        task: Task,
        flow: &Arc<Flow>,
        trigger: Trigger,
        asked: &Asked,
    ) -> Result<Option<Task>, Error> {
        let looks_below = task.progress.started > 0 && flow.reads_sub_tasks();
        if task.status != Status::Waiting || looks_below || self.slow.has(&flow.definition.digest) {
            return Ok(None);
        }
        let Ok(attributes) = task.attributes.adopt(&flow.attributes) else { return Ok(None) };
        let flows = self.flows_for(&task, flow).await?;
        let task = Box::new(Task { attributes, ..task });
        match self.advance_unheld(flow, &flows, task, trigger) {
            Ok(mut advanced) if advanced.is_all() => {
                asked.sign(&mut advanced);
                Ok(self.put_unheld(advanced).await?.map(|task| *task))
            }
            _ => Ok(None),
        }
    }

    /// Advances an unclaimed task that reads no sub-tasks, up to one checkpoint.
    pub(super) fn advance_unheld(
        &self,
        flow: &Flow,
        flows: &Arc<dyn Flows>,
        task: Box<Task>,
        trigger: Trigger,
    ) -> Result<Advanced, Refusal> {
        // A body with calls, which may have a journal, takes more than one checkpoint anyway.
        NO_JOURNAL.with(|journal| {
            let world = World::new(flow, &*self.host, flows, journal, &self.limits);
            self.advance(&World { every_state: self.every_state, ..world }, task, trigger)
        })
    }

    /// Stores a complete change in one write, without a claim. None if somebody else was first.
    pub(super) async fn put_unheld(&self, advanced: Advanced) -> Result<Option<Box<Task>>, Error> {
        let Advanced { checkpoint, logs, tries, .. } = advanced;
        let task = checkpoint.task.clone();
        Ok(self.put(checkpoint, logs, tries).await?.then_some(task))
    }
}
