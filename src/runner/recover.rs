//! Recovering tasks whose process died or stalled for longer than its lease. Each recovery is counted before the task
//! continues, so that a body that crashes its process every time fails in the end: also one that has called nothing yet,
//! of which nothing is stored.
//!
//! A process that dies takes down everything else that runs in it. So a body that was hit twice continues alone among
//! its like: a crash caused by another body must not count against it a third time.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::error::Error;
use crate::task::{Checkpoint, Task};

use super::Runner;
use super::run::{Run, is_under_way};

/// How many recoveries a body may have before it must run alone.
const MAX_BESIDE: u32 = 1;

impl Runner {
    /// Counts a recovery of an abandoned task, and returns the turn it runs in, if it needs one. What is `asked` of a
    /// task is not repeated when the process dies of it, so that counts only for a body under way.
    pub(super) async fn recover(&self, run: &mut Run, asked: bool) -> Result<Option<OwnedSemaphorePermit>, Error> {
        let counts = |task: &Task| !asked || is_under_way(task);
        if !std::mem::take(&mut run.abandoned) || !run.task.as_deref().is_some_and(counts) {
            return Ok(None);
        }
        let times = run.task.as_ref().map_or(0, |task| task.progress.recoveries);
        let mut turn = None;
        if times >= MAX_BESIDE {
            // Counted only now, when its turn has come: waiting bodies must not be counted when the one before them
            // crashes the process.
            run.keep(self);
            turn = Arc::clone(&self.alone).acquire_owned().await.ok();
        }
        let (Some(mut task), Some(hold)) = (run.task.take(), &run.hold) else { return Ok(turn) };
        task.progress.recoveries = times.saturating_add(1);
        task.revision = task.revision.saturating_add(1);
        task.updated_at = self.host.now().max(task.updated_at);
        tracing::warn!(task = %run.id, state = %task.state, times = task.progress.recoveries, "a task is recovered: its process has died");
        let checkpoint = Checkpoint { claim: Some(hold.claim().clone()), ..Checkpoint::of(task) };
        self.write(run, checkpoint, Vec::new(), Vec::new()).await?;
        Ok(turn)
    }
}
