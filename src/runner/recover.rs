//! Bodies that are taken up again because the process that was at them died, or stood still for longer than its lease. It is
//! counted before the body goes on, so that one that ends its process each time ends some time itself.
//!
//! A process that dies takes down with it whatever else was under way there. So a body that was hit twice goes on alone among
//! its like, in a process: what others do to their process is not held against it a third time.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::error::Error;
use crate::task::Checkpoint;

use super::Runner;
use super::run::Run;

/// How often a body may be taken up again beside others of which the same is true.
const MAX_BESIDE: u32 = 1;

impl Runner {
    /// Counts that an abandoned body is taken up again, and gives the turn that it goes on in, if it needs one.
    pub(super) async fn recover(&self, run: &mut Run) -> Result<Option<OwnedSemaphorePermit>, Error> {
        if !std::mem::take(&mut run.abandoned) {
            return Ok(None);
        }
        let times = run.task.as_ref().map_or(0, |task| task.progress.recoveries);
        let mut turn = None;
        if times >= MAX_BESIDE {
            // Only what goes on is counted, not what waits here while the one before ends the process.
            run.keep(self);
            turn = Arc::clone(&self.alone).acquire_owned().await.ok();
        }
        let (Some(mut task), Some(hold)) = (run.task.take(), &run.hold) else { return Ok(turn) };
        task.progress.recoveries = times.saturating_add(1);
        task.revision = task.revision.saturating_add(1);
        task.updated_at = self.host.now().max(task.updated_at);
        tracing::warn!(task = %run.id, state = %task.state, times = task.progress.recoveries, "a body is taken up again: its process has died");
        let checkpoint = Checkpoint { claim: Some(hold.claim().clone()), ..Checkpoint::of(task) };
        self.write(run, checkpoint, Vec::new(), Vec::new()).await?;
        Ok(turn)
    }
}
