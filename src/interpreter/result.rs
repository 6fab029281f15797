//! `result`: ends the task as completed.

use crate::flow::PlacedScript;
use crate::task::{Cause, Status};

use super::assign::too_heavy;
use super::entry::Entry;
use super::execution::{AfterHandler, Execution};

impl Execution<'_> {
    pub(super) fn result(&mut self, output: Option<&PlacedScript>) -> AfterHandler {
        let since = self.now;
        match output.map(|output| self.value(output, &self.view())).transpose() {
            Ok(Some(output)) if self.is_too_heavy_with(&output) => {
                let error = self.error(too_heavy("attributes and output"), None);
                self.fail(error, Entry::new(Cause::Error, since))
            }
            Ok(output) => {
                self.task.output = output.unwrap_or_default();
                self.close(since, Status::Completed)
            }
            Err(error) => self.fail(error, Entry::new(Cause::Error, since)),
        }
    }

    /// Ends the task in its current end state. Its arrival there is the last entry of its history; a task that began
    /// there has no entry yet.
    pub(super) fn close(&mut self, since: crate::clock::Timestamp, status: Status) -> AfterHandler {
        if self.task.progress.seq == 0 {
            self.stay(Entry::new(Cause::Start, since));
        }
        self.end(status)
    }
}
