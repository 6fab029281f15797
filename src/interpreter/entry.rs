//! What a handler writes into history.

use crate::clock::Timestamp;
use crate::name::Name;
use crate::task::{Cause, Changes, EntryError, StepSummary};

/// What a history entry says besides `from` and `to`.
pub(super) struct Entry {
    pub(super) cause: Cause,
    pub(super) by: Option<Name>,
    pub(super) changes: Changes,
    pub(super) error: Option<Box<EntryError>>,
    pub(super) steps: Vec<StepSummary>,
    /// When the handler began.
    pub(super) since: Timestamp,
}

impl Entry {
    pub(super) fn new(cause: Cause, since: Timestamp) -> Self {
        Self { cause, by: None, changes: Changes::new(), error: None, steps: Vec::new(), since }
    }

    /// About how many bytes it takes in a storage. `changes` is what its changes take.
    pub(super) fn bytes(&self, changes: usize) -> u64 {
        /// For the columns of an entry, and for the keys of a step.
        const FRAME: usize = 64;
        let step = |step: &StepSummary| FRAME.saturating_add(step.call.len()).saturating_add(step.outcome.len());
        let steps = self.steps.iter().map(step).fold(0, usize::saturating_add);
        let error = self.error.as_ref().map_or(0, |error| error.message.len().saturating_add(error.kind.len()));
        FRAME.saturating_add(changes).saturating_add(steps).saturating_add(error) as u64
    }

    /// Drops changes and steps and shortens the error. Whether there were changes or steps.
    pub(super) fn leave_out(&mut self) -> bool {
        let is_less = !self.changes.is_empty() || !self.steps.is_empty();
        self.changes.clear();
        self.steps.clear();
        if let Some(error) = &mut self.error {
            error.shorten();
        }
        is_less
    }
}
