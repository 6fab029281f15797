//! Acting on many tasks, with a progress bar, a report of what failed, and an exit code.

use crate::error::Error;
use crate::task::TaskId;
use crate::wire::{Bulk, BulkEnd, BulkOutcome, Verb};

use super::bar::Bar;
use super::exit::{Exit, Failure};
use super::screen::Screen;
use super::session::Running;
use super::stop::SignalCounter;

/// Everything needed to act on many tasks.
pub(super) struct Work<'a> {
    pub(super) running: &'a Running,
    pub(super) screen: Screen,
    pub(super) bar: &'a Bar,
    /// The command of a worker that continues what is left.
    pub(super) worker: &'a str,
    pub(super) verb: &'a Verb,
    /// Tasks per second.
    pub(super) rate: Option<u32>,
}

/// How many were processed, and with which result.
#[derive(Debug)]
pub(super) struct Tally {
    total: usize,
    done: usize,
    passed_over: usize,
    failed: usize,
    worst: Exit,
    /// Why it ended early.
    stopped: Option<Failure>,
}

impl Work<'_> {
    /// Does `act` to each task, and then `done`, one at a time, which gives the exit code. Failures are reported, and
    /// the worst exit code is kept; a storage failure ends it.
    pub(super) async fn each<T>(
        self,
        ids: Vec<TaskId>,
        act: impl AsyncFn(TaskId) -> Result<T, Error>,
        mut done: impl FnMut(T) -> Result<Exit, Failure>,
    ) -> Result<Tally, Failure> {
        let total = ids.len();
        let mut tally = Tally { total, done: 0, passed_over: 0, failed: 0, worst: Exit::Done, stopped: None };
        let mut stop = SignalCounter::new();
        self.bar.show(self.screen, total);
        let bulk = Bulk { ops: &self.running.ops, verb: self.verb, rate: self.rate };
        let report = |id, outcome| {
            self.bar.advance();
            match outcome {
                BulkOutcome::Done(value) => tally.take(done(value)?),
                BulkOutcome::PassedOver => tally.passed_over += 1,
                BulkOutcome::Failed(error) => self.failed(&mut tally, id, error),
            }
            Ok::<_, Failure>(())
        };
        match bulk.each(ids, &mut stop, act, report).await? {
            BulkEnd::Complete => {}
            BulkEnd::Stopped { are_dropped } => {
                tally.stopped = Some(self.interrupted(&tally, stop.exit(), are_dropped));
            }
            BulkEnd::Failed(error) => {
                let failure = Failure::from(error);
                tally.worst = tally.worst.max(failure.exit);
                tally.failed += 1;
                tally.stopped = Some(failure);
            }
        }
        self.bar.clear();
        Ok(tally)
    }

    /// Reports a failed action.
    fn failed(&self, tally: &mut Tally, id: TaskId, error: Error) {
        let mut failure = Failure::from(error);
        tally.worst = tally.worst.max(failure.exit);
        tally.failed += 1;
        let named = id.to_string();
        failure.message =
            failure.message.map(|text| if text.contains(&named) { text } else { format!("task {named}: {text}") });
        self.bar.above(|| self.screen.failure(&failure));
    }

    fn interrupted(&self, tally: &Tally, exit: Exit, are_dropped: bool) -> Failure {
        let (verb, done, total) = (self.verb.done, tally.done, tally.total);
        let dropped = if are_dropped {
            format!("; what was running stays as it is stored, and `{}` continues it", self.worker)
        } else {
            String::new()
        };
        Failure::interrupted(
            exit,
            format!("{verb} {done} of {total}{dropped}; the same command continues with the rest"),
        )
    }
}

impl Tally {
    fn take(&mut self, exit: Exit) {
        // Refusals are reported where they are counted.
        self.done += usize::from(exit != Exit::Refused);
        self.worst = self.worst.max(exit);
    }

    /// How many were skipped.
    pub(super) const fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// Reports how many were done, and returns the exit code.
    pub(super) fn finish(self, screen: Screen, verb: &Verb) -> Result<Exit, Failure> {
        if self.total > 0 && self.stopped.as_ref().is_none_or(|failure| !failure.exit.is_by_signal()) {
            let mut text = format!("{} {}", verb.done, self.done);
            if self.passed_over > 0 {
                text += &format!(", skipped {}", self.passed_over);
            }
            if self.failed > 0 {
                text += &format!(", failed {}", self.failed);
            }
            screen.aside(&format!("{text}\n"));
        }
        self.end()
    }

    /// The exit code.
    pub(super) fn end(self) -> Result<Exit, Failure> {
        self.stopped.map_or(Ok(self.worst), Err)
    }
}
