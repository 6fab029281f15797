//! Something done to a task that rests, and rests again after it: by one write and without a claim. The revision keeps
//! whoever races apart, as it does for those who hold a claim.

use std::sync::Arc;

use crate::error::Error;
use crate::flow::Flow;
use crate::interpreter::{Advanced, Pause, Trigger, World};
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
        // Of a body that calls something, which may be in the journal, more comes than one checkpoint.
        let journal = Arc::default();
        let world = World {
            flow,
            host: &*self.host,
            flows: &flows,
            sub_tasks: &[],
            journal: &journal,
            wakes: 0,
            limits: &self.limits,
            every_state: self.every_state,
            probe: None,
        };
        let task = Box::new(Task { attributes, ..task });
        let Ok(advanced) = self.advance(&world, task, trigger) else { return Ok(None) };
        let Advanced { checkpoint, logs, tries, pause, .. } = advanced;
        let wakes_parent = checkpoint.wakes.is_some();
        if !matches!(pause, Pause::Ended | Pause::Sleeps) || wakes_parent || !checkpoint.sub_tasks.is_empty() {
            return Ok(None);
        }
        let task = checkpoint.task.clone();
        Ok(self.put(checkpoint, logs, tries).await?.then_some(*task))
    }
}
