//! History entries in little room: a map of one change takes as much as eleven.

use crate::clock::Timestamp;
use crate::name::Name;
use crate::task::{Cause, StepSummary, Transition};
use crate::value::Value;

/// A history entry. Its number is its place.
pub(super) struct Entry {
    at: Timestamp,
    from: Name,
    to: Name,
    cause: Cause,
    by: Option<Name>,
    changes: Box<[(Name, (Value, Value))]>,
    steps: Box<[StepSummary]>,
    ms: u64,
}

impl From<Transition> for Entry {
    fn from(entry: Transition) -> Self {
        let Transition { seq: _, at, from, to, cause, by, changes, steps, ms } = entry;
        Self { at, from, to, cause, by, changes: changes.into_iter().collect(), steps: steps.into(), ms }
    }
}

impl Entry {
    /// The entry as number `seq`.
    pub(super) fn as_transition(&self, seq: u64) -> Transition {
        Transition {
            seq,
            at: self.at,
            from: self.from.clone(),
            to: self.to.clone(),
            cause: self.cause,
            by: self.by.clone(),
            changes: self.changes.iter().cloned().collect(),
            steps: self.steps.to_vec(),
            ms: self.ms,
        }
    }
}
