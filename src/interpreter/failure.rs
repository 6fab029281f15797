//! `failure`: ends the task as failed, with the author's message.

use crate::expression::Failure;
use crate::flow::PlacedScript;
use crate::task::{Cause, Status};

use super::entry::Entry;
use super::execution::{AfterHandler, Execution};

impl Execution<'_> {
    pub(super) fn failure(&mut self, message: &PlacedScript) -> AfterHandler {
        let since = self.now;
        match self.value(message, &self.view()) {
            Ok(message) => {
                let error = self.error(Failure::new("failure", message.to_text()), None);
                let told = self.told(&error);
                self.task.error = Some(Box::new(error));
                let then = self.close(since, Status::Failed);
                // The last entry is the arrival here, and it takes the error. Not so if that entry was stored before,
                // with sub-tasks, or if it already has the error that was caught and led here.
                if let Some(entry) = self.transitions.last_mut() {
                    entry.error.get_or_insert(told);
                }
                then
            }
            Err(error) => self.fail(error, Entry::new(Cause::Error, since)),
        }
    }
}
