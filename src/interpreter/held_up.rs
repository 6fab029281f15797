//! The time limit of a try that waits for a process with the grant for its next call: that time does not count. So a
//! process without the grant cannot end the try, and one that has it finds as much time left as there was.

use crate::clock::Timestamp;

use super::execution::Execution;

impl Execution<'_> {
    /// From when the time limit of the try counts that began at `began`.
    pub(super) fn limit_from(&self, began: Timestamp) -> Timestamp {
        self.task.progress.limit.as_ref().map_or(began, |limit| limit.going_on(self.now).from)
    }

    /// Stops the clock of the body in progress, if there is one.
    pub(super) fn stop_limit(&mut self) {
        self.is_changed |= self.task.progress.stop_limit(self.now);
    }

    /// Lets the clock go on.
    pub(super) fn go_on_with_limit(&mut self) {
        if let Some(limit) = self.task.progress.limit.as_deref_mut().filter(|limit| limit.stopped_at.is_some()) {
            *limit = limit.going_on(self.now);
            self.is_changed = true;
        }
    }
}
