//! History: what happened to a task, entry by entry.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::name::Name;

use super::{Changes, StepRecord};

/// Why an entry was written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// A `start` state, or the task's own beginning.
    Start,
    /// An action went on.
    Action,
    /// A decision was taken, or a result or failure was reached.
    Decision,
    /// A wait's branch held.
    Wait,
    /// A wait's `after` came.
    Timer,
    /// An interaction was applied.
    Interaction,
    /// A failed try will be, or was, repeated.
    Retry,
    /// A handler failed.
    Error,
    /// The state's or the flow's timeout came.
    Timeout,
    /// Somebody woke the task.
    Wake,
    /// The task moved to another version.
    Migrate,
    /// The task was cancelled.
    Cancel,
    /// An ended or abandoned task was taken up again.
    Resume,
}

/// One entry of a task's history.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Transition {
    /// Its number in the task's history, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The state it left.
    pub from: Name,
    /// The state it came to; may be the same.
    pub to: Name,
    /// Why.
    pub cause: Cause,
    /// Who, or which interaction.
    pub by: Option<Name>,
    /// Attributes changed: old and new value; secrets are masked.
    pub changes: Changes,
    /// The steps its body took.
    pub steps: Vec<StepSummary>,
    /// Milliseconds it took.
    pub ms: u64,
}

/// A try of an action that failed and is made again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FailedTry {
    /// The number of the history entry that tells of it.
    pub seq: u64,
    /// The try, from 1.
    pub attempt: u32,
    /// How many there are at most.
    pub attempts: u32,
    /// The error's kind.
    pub kind: Name,
    /// What went wrong. Secret values are masked.
    pub message: String,
    /// When the next one is made.
    pub again_at: Timestamp,
}

/// A step as history shows it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StepSummary {
    /// The function called: `http::post`.
    pub call: Name,
    /// `ok`, the error's kind, or `unknown` for a call that was under way when its task was cancelled.
    pub outcome: Name,
    /// Milliseconds it took.
    pub ms: u64,
}

impl From<&StepRecord> for StepSummary {
    fn from(step: &StepRecord) -> Self {
        let outcome = step.outcome.as_ref().err().map_or_else(|| "ok".into(), |failure| failure.kind.clone());
        Self { call: step.function.clone(), outcome, ms: step.ms }
    }
}
