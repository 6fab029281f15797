//! States that end their process each time: the runner counts how often that happened, and here it ends.

use crate::clock::Timestamp;
use crate::expression::Failure;
use crate::flow::Action;
use crate::task::{Cause, TaskError};

use super::action::summaries;
use super::entry::Entry;
use super::execution::{AfterHandler, Execution};

impl Execution<'_> {
    /// Whether the process has died more often in this state than the flow's `recoveries` allows.
    pub(super) fn died_too_often(&self) -> bool {
        self.task.progress.recoveries > self.world.flow.recoveries
    }

    /// Ends a try whose body has ended its process too often.
    pub(super) fn crashed(&mut self, action: &Action, began: Timestamp) -> AfterHandler {
        let is_first = self.task.progress.recoveries == self.world.flow.recoveries.saturating_add(1);
        let error = self.too_often("it ran this body");
        // To find the call in flight, the body runs up to it. If the process dies of that too, it is not repeated.
        let steps = if is_first { self.steps_cut_off() } else { summaries(&self.journal) };
        self.failed_try(action, error, Entry { steps, ..Entry::new(Cause::Error, began) })
    }

    /// Ends a task in a state without a body whose expressions have ended the process too often.
    pub(super) fn crashed_without_body(&mut self) -> AfterHandler {
        let error = self.too_often("it was in this state");
        self.fail(error, Entry::new(Cause::Error, self.now))
    }

    /// A look at a wait was survived: what comes later is counted anew.
    pub(super) fn survived(&mut self) {
        if std::mem::take(&mut self.task.progress.recoveries) > 0 {
            self.is_changed = true;
        }
    }

    fn too_often(&self, doing: &str) -> TaskError {
        let (times, most) = (self.task.progress.recoveries, self.world.flow.recoveries);
        let message = format!(
            "its process has died {times} times while {doing}, more often than `recoveries` ({most}) of the flow allows"
        );
        self.error(Failure::new("crash", message), None)
    }
}
