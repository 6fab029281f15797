//! Cancelling a task, and retrying an ended one.

use crate::expression::{OutsideRef, Ran};
use crate::flow::{StateId, StateKind};
use crate::task::{Cause, Status, Step, StepSummary};
use crate::value::Value;

use super::Refusal;
use super::action::summaries;
use super::entry::Entry;
use super::execution::{AfterHandler, Execution};

/// The outcome of a step that was in flight when its body was cut off: nobody knows it.
const UNKNOWN: &str = "unknown";

impl Execution<'_> {
    /// Cancels the task, whatever it is doing.
    pub(super) fn cancel(&mut self) -> Result<AfterHandler, Refusal> {
        if self.task.status.has_ended() {
            return Err(self.not_possible("cancelled"));
        }
        // A task is stored in an end state before it ends only if its new sub-tasks had to be stored first.
        if self.is_at_end() {
            let message = format!("the task can no longer be cancelled; it has reached `{}`, its end", self.task.state);
            return Err(Refusal { kind: "invalid_state".into(), message, at: None });
        }
        let steps = if self.task.progress.began_at.is_some() { self.steps_cut_off() } else { Vec::new() };
        self.stay(Entry { steps, ..Entry::new(Cause::Cancel, self.now) });
        Ok(self.end(Status::Cancelled))
    }

    /// The steps of a body that is cut off: those with an outcome, and the one in flight.
    pub(super) fn steps_cut_off(&self) -> Vec<StepSummary> {
        let mut steps = summaries(&self.journal);
        steps.extend(self.step_under_way());
        steps
    }

    /// The step that the body waits for: it follows those in the journal, and is found by running the body that far.
    fn step_under_way(&self) -> Option<StepSummary> {
        let progress = &self.task.progress;
        let began = progress.began_at?;
        if progress.recoveries == 0 && progress.limit.as_ref().is_some_and(|limit| limit.stopped_at.is_some()) {
            // Nobody has begun it.
            return None;
        }
        let step = self.next_step()?;
        let since = self.journal.steps.last().map_or(began, |step| step.at);
        let ms = self.now.signed_duration_since(since).num_milliseconds();
        Some(StepSummary { call: step.function, outcome: UNKNOWN.into(), ms: u64::try_from(ms).unwrap_or_default() })
    }

    /// The step at which the body in progress stops.
    pub(super) fn next_step(&self) -> Option<Step> {
        let StateKind::Action(action) = &self.state()?.kind else { return None };
        let effects = self.effects(&action.script, self.task.progress.began_at?)?;
        let ran = action.script.script.run(&self.view(), Some(&(effects.clone() as OutsideRef)));
        let Ran::Stopped = ran else { return None };
        effects.borrow_mut().take().pending
    }

    /// Retries a task that failed or was cancelled, in the state where it ended or in `from`.
    pub(super) fn resume(&mut self, from: Option<StateId>) -> Result<(), Refusal> {
        self.check_resumable()?;
        let entry = Entry::new(Cause::Resume, self.now);
        self.task.error = None;
        self.task.output = Value::Unit;
        self.task.ended_at = None;
        self.task.progress.clock_at = Some(self.now);
        self.task.progress.idle = 0;
        match from.filter(|from| *from != self.state) {
            Some(from) => {
                let _ = self.go(from, entry);
            }
            None => self.again(entry),
        }
        self.task.progress.idle = 0;
        Ok(())
    }

    /// Refuses to retry a task that neither failed nor was cancelled.
    pub(super) fn check_resumable(&self) -> Result<(), Refusal> {
        if matches!(self.task.status, Status::Failed | Status::Cancelled) {
            return Ok(());
        }
        Err(self.not_possible("tried again: it neither failed nor was it cancelled"))
    }

    fn not_possible(&self, what: &str) -> Refusal {
        let message = format!("the task cannot be {what}; it is {}, in `{}`", self.task.status.name(), self.task.state);
        Refusal { kind: "invalid_state".into(), message, at: None }
    }

    /// Refuses to wake a task that has ended.
    pub(super) fn check_asleep(&self) -> Result<(), Refusal> {
        if self.task.status.has_ended() { Err(self.not_possible("woken")) } else { Ok(()) }
    }
}
