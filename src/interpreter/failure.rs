//! `failure`: ends the task as failed, with the author's message.

use crate::expression::Failure;
use crate::flow::PlacedScript;
use crate::task::{Cause, Status};

use super::burst::{Burst, Entry, Then};

impl Burst<'_> {
    pub(super) fn failure(&mut self, message: &PlacedScript) -> Then {
        let since = self.now;
        match self.value(message, &self.view()) {
            Ok(message) => {
                let error = self.error(Failure::new("failure", message.to_text()), None);
                self.task.error = Some(Box::new(error));
                self.close(since, Status::Failed)
            }
            Err(error) => self.fail(error, Entry::new(Cause::Error, since)),
        }
    }
}
