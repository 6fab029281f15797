//! What follows a failed try: another try, a branch of `on_error`, or the end.

use crate::clock::after;
use crate::duration::Duration;
use crate::flow::{Action, Branch, PlacedScript, Retry};
use crate::task::{Cause, NextTry, TaskError};

use super::effects::ScriptEffects;
use super::entry::Entry;
use super::execution::{AfterHandler, Execution};
use super::probe::Way;
use super::scope::View;
use super::timeout;

/// Kinds of errors that are not retried unless `retry.if` says so: another try would not help.
const NOT_TRIED_AGAIN: [&str; 4] = ["limit", "denied", "validation", "repeat"];

impl Execution<'_> {
    /// Keeps sleeping if the next try is still to come; `None` if it is time for a try.
    pub(super) fn sleep_between_tries(&mut self) -> Option<AfterHandler> {
        let retry_at = self.task.progress.retry_at?;
        if retry_at <= self.now || self.by_hand {
            self.woken_to_try = self.by_hand;
            self.by_hand = false;
            self.task.progress.retry_at = None;
            return None;
        }
        if self.task.timeout_at.is_some_and(|at| at <= self.now) {
            return Some(timeout::strike(self));
        }
        Some(self.sleep(Some(retry_at)))
    }

    /// Retries the action later, takes a branch of `on_error`, or ends the task as failed.
    pub(super) fn failed_try(&mut self, action: &Action, error: TaskError, entry: Entry) -> AfterHandler {
        // Independent of what the body has used up.
        self.refill();
        if let Some(retry) = action.retry.as_ref().filter(|retry| error.attempt < retry.attempts) {
            match self.is_tried_again(retry, &error) {
                Ok(true) => {
                    self.takes(Way::Again);
                    return self.try_again(retry, &error, entry);
                }
                Ok(false) => {}
                Err(second) => return self.fail(both(error, "retry.if", &second), entry),
            }
        }
        if action.retry.as_ref().is_some_and(|retry| error.attempt >= retry.attempts) {
            self.takes(Way::Exhausted);
        }
        match self.branch_for(&action.on_error, &error) {
            Ok(Some(branch)) => {
                let then = self.go(branch.go_to, Entry { error: Some(self.told(&error)), ..entry });
                self.task.progress.error = Some(Box::new(error));
                then
            }
            Ok(None) => self.fail(error, entry),
            Err(second) => self.fail(both(error, "on_error", &second), entry),
        }
    }

    fn is_tried_again(&self, retry: &Retry, error: &TaskError) -> Result<bool, TaskError> {
        match &retry.condition {
            Some(condition) => self.holds_for(condition, error),
            None => Ok(!NOT_TRIED_AGAIN.contains(&error.kind.as_str())),
        }
    }

    fn branch_for<'b>(&self, branches: &'b [Branch], error: &TaskError) -> Result<Option<&'b Branch>, TaskError> {
        for (number, branch) in branches.iter().enumerate() {
            let holds = match &branch.condition {
                Some(condition) => self.holds_for(condition, error)?,
                None => true,
            };
            if holds {
                self.takes(Way::Error(number));
                return Ok(Some(branch));
            }
        }
        Ok(None)
    }

    fn holds_for(&self, condition: &PlacedScript, error: &TaskError) -> Result<bool, TaskError> {
        self.holds(condition, &View { error: Some(error), ..self.view() })
    }

    /// Sleeps until the next try.
    fn try_again(&mut self, retry: &Retry, error: &TaskError, entry: Entry) -> AfterHandler {
        let next = self.next(retry);
        self.stay(Entry { cause: Cause::Retry, error: Some(self.told(error)), ..entry });
        let retry_at = after(self.now, next);
        self.tries.push(NextTry { seq: self.task.progress.seq, attempts: retry.attempts, at: retry_at });
        self.task.progress.attempt = self.task.progress.attempt.saturating_add(1);
        self.task.progress.retry_at = Some(retry_at);
        // A timeout that came due during the body strikes now.
        let has_come = self.task.timeout_at.is_some_and(|at| at <= self.now);
        if next <= Duration::ZERO || has_come { AfterHandler::Continue(()) } else { self.sleep(Some(retry_at)) }
    }

    /// How long to sleep before the next try.
    fn next(&self, retry: &Retry) -> Duration {
        let failed = self.task.progress.attempt.saturating_sub(1);
        let grown = retry.delay.as_millis() as f64 * retry.backoff.powf(failed.into());
        let longest = retry.max_delay.unwrap_or(crate::duration::MAX_DURATION).as_millis() as f64;
        let next = grown.min(longest);
        // Jitter takes off up to half of the delay, so that tasks which failed together do not retry together.
        let share = if retry.jitter { 0.5 + 0.5 * self.chance() } else { 1.0 };
        Duration::from_millis((next * share) as i64)
    }

    /// A number in 0..1 that is the same whenever the try is repeated.
    fn chance(&self) -> f64 {
        use crate::expression::Outside as _;
        let bits = ScriptEffects::new(self, self.now).borrow_mut().random_bits();
        (bits >> 75) as f64 / (1_u64 << 53) as f64
    }
}

/// The original error, with a note that handling it failed too. Its place is that of the second error, which the author
/// has to mend.
fn both(error: TaskError, place: &str, second: &TaskError) -> TaskError {
    TaskError {
        message: format!("{}; then `{place}` failed: {}", error.message, second.message),
        at: second.at.clone(),
        ..error
    }
}
