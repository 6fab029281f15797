//! The journal: the steps of the body in progress, each with its outcome.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::name::Name;
use crate::value::{Stored, Value, stored_field};

use super::{Digest, MAX_JOURNAL_BYTES, TaskId};

/// A step to be performed: the call at which a body was interrupted.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The task whose body called it.
    pub task_id: TaskId,
    /// Its number in the body, from 0.
    pub ordinal: u32,
    /// The function: `http::post`.
    pub function: Name,
    /// Its arguments, options included.
    pub arguments: Vec<Value>,
    /// Digest of function and arguments.
    pub digest: Digest,
    /// The key under which its result is kept for the task, once it succeeds.
    pub once: Option<Name>,
}

/// The outcome of a step: a value, or why it failed.
pub type Outcome = Result<Value, StepFailure>;

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepFailure {
    /// The error's kind: `http`, `shell`, `files`, `denied`, …
    pub kind: Name,
    /// What went wrong.
    pub message: String,
    /// Data that belongs to it: the response, for `http`.
    #[serde(with = "stored_field")]
    pub data: Value,
}

/// An outcome as a storage keeps it: its value keeps every type.
mod stored_outcome {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Outcome, StepFailure, Stored};

    pub(super) fn serialize<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
        outcome.as_ref().map(Stored).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Outcome, D::Error> {
        let outcome = Result::<Stored, StepFailure>::deserialize(deserializer)?;
        Ok(outcome.map(|Stored(value)| value))
    }
}

/// A step that was performed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Its number in the body, from 0.
    pub ordinal: u32,
    /// The function: `http::post`.
    pub function: Name,
    /// Digest of function and arguments: a repeat must make the same call.
    pub digest: Digest,
    /// What came of it.
    #[serde(with = "stored_outcome")]
    pub outcome: Outcome,
    /// The key under which its result is kept for the task.
    pub once: Option<Name>,
    /// When its outcome was stored.
    pub at: Timestamp,
    /// Milliseconds it took.
    pub ms: u64,
}

/// The stored steps of a task.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Journal {
    /// The steps of the body in progress, by ordinal, without gaps.
    pub steps: Vec<StepRecord>,
    /// Successful results kept for the life of the task, by their `once` key.
    pub once: Vec<StepRecord>,
}

/// Approximate bytes of a stored step without its outcome.
const RECORD_BYTES: usize = 256;

impl StepRecord {
    /// Its approximate stored size in bytes. None if that exceeds `most`.
    pub(crate) fn weight(&self, most: usize) -> Option<usize> {
        let bytes = match &self.outcome {
            Ok(value) => value.weight(most)?,
            Err(failure) => failure.data.weight(most)?.saturating_add(failure.message.len()),
        };
        Some(bytes.saturating_add(RECORD_BYTES)).filter(|bytes| *bytes <= most)
    }
}

impl Journal {
    /// Its approximate stored size in bytes.
    pub(crate) fn weight(&self) -> usize {
        let weight = |record: &StepRecord| record.weight(MAX_JOURNAL_BYTES).unwrap_or(MAX_JOURNAL_BYTES);
        self.steps.iter().chain(&self.once).map(weight).fold(0, usize::saturating_add)
    }
}
