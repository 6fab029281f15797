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
        let calls = u32::try_from(run.journal.steps.len()).unwrap_or(u32::MAX);
        // A body that has got further since it was last recovered is counted anew.
        let stuck = run.task.as_ref().filter(|task| calls <= task.progress.recovered_calls);
        let times = stuck.map_or(0, |task| task.progress.recoveries);
        let mut turn = None;
        if times >= MAX_BESIDE {
            // Counted only now, when its turn has come: waiting bodies must not be counted when the one before them
            // crashes the process.
            run.heartbeat(self);
            // The body before it may need this turn to go on.
            drop(run.turn.take());
            turn = Arc::clone(&self.alone).acquire_owned().await.ok();
        }
        let (Some(mut task), Some(guard)) = (run.task.take(), &run.guard) else { return Ok(turn) };
        (task.progress.recoveries, task.progress.recovered_calls) = (times.saturating_add(1), calls);
        task.revision = task.revision.saturating_add(1);
        task.updated_at = self.host.now().max(task.updated_at);
        tracing::warn!(task = %run.id, state = %task.state, times = task.progress.recoveries, "a task is recovered: its process has died");
        let checkpoint = Checkpoint { claim: Some(guard.claim().clone()), ..Checkpoint::of(task) };
        self.write(run, Box::new(checkpoint), Vec::new(), Vec::new()).await?;
        Ok(turn)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::clock::VirtualClock;
    use crate::diagnostic::Source;
    use crate::expression::Limits;
    use crate::flow::CheckContext;
    use crate::host::{Host, Machine};
    use crate::library::Library;
    use crate::runner::{Parts, wait};
    use crate::storage::{Memory, suite::moment};
    use crate::task::Origin;
    use crate::value::Map;

    use super::*;

    #[tokio::test]
    async fn who_waits_to_run_alone_keeps_no_turn_from_the_one_before_it() {
        let host: Arc<dyn Host> = Arc::new(Machine::new().clock(Arc::new(VirtualClock::new(moment(0)))));
        let context = CheckContext { functions: host.functions(), limits: Limits::default() };
        let source = Source::new("flow.yml", "flow: a\nstates: { start: result }\n");
        let library = Library::of_sources([Arc::new(source)], &context);
        let runner = Runner::new(Parts {
            storage: Arc::new(Memory::new()),
            host,
            library,
            limits: Limits::default(),
            every_state: false,
            observer: None,
            has_background: false,
            lease: Duration::from_secs(30),
            feed_keep: super::super::FEED_KEEP,
        });
        let id = runner.leave("a", &Map::new(), Origin::default()).await.unwrap().id;
        let mut run = runner.take(id).await.unwrap();
        run.abandoned = true;
        run.task.as_mut().unwrap().progress.recoveries = MAX_BESIDE;
        let _before = Arc::clone(&runner.alone).try_acquire_owned().unwrap();
        run.turn = runner.slow.turn_now();
        let mut others = Vec::new();
        while let Some(turn) = runner.slow.turn_now() {
            others.push(turn);
        }
        assert!(wait::within(Duration::from_millis(1), runner.recover(&mut run, false)).await.is_none());
        assert!(runner.slow.turn_now().is_some());
    }
}
