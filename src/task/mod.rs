//! Tasks: what a task is, what its attributes may hold, which history entry may follow which, and what a checkpoint
//! stores.

mod attributes;
mod changes;
mod checkpoint;
mod held_up;
mod journal;
mod patch;
mod pins;
mod rules;
mod secret;
#[cfg(test)]
mod tests;
mod transition;

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::value::{Stored, Value, stored_field};

pub(crate) use attributes::exact;
pub use attributes::{AttributeSet, Attributes};
pub use changes::{Change, Changes, MAX_WHOLE_CHANGE_BYTES};
pub use checkpoint::{Checkpoint, Claim, Definition, Digest, IndexEntry, InteractionReceipt, InvalidDigest};
pub use held_up::HeldUp;
pub use journal::{Journal, Outcome, Step, StepFailure, StepRecord};
pub use patch::Operation;
pub(crate) use patch::is_same_as_written;
pub use pins::Pins;
pub(crate) use rules::MAX_CHECK_STEPS;
pub(crate) use rules::MISSING;
pub use rules::{Attribute, Invalid, InvalidInput, Pattern, Rules};
pub use secret::MIN_SECRET_CHARACTERS;
pub(crate) use secret::{Hidden, Secrets};
pub use transition::{Cause, EntryError, NextTry, StepSummary, Transition};

/// Bytes of a task: of its attributes, and of its output or its error.
pub(crate) const MAX_TASK_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of the outcomes of a body's steps and of its task's `once` results. The step that exceeds it is the last.
pub(crate) const MAX_JOURNAL_BYTES: usize = 32 * 1024 * 1024;

/// Bytes of all sub-tasks of a task, while a script of it looks at them.
pub(crate) const MAX_SUB_TASKS_BYTES: usize = 32 * 1024 * 1024;

/// Printed in place of a secret value.
pub const SECRET: &str = "[secret]";

/// Identifies a task: random for one that was called, derived from the parent for a sub-task.
pub type TaskId = Uuid;

/// Where a task stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is running, or will run as soon as a worker takes it.
    Active,
    /// It sleeps until something happens or its time comes.
    Waiting,
    /// It ended in a result.
    Completed,
    /// It ended in a failure.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Active, Self::Waiting, Self::Completed, Self::Failed, Self::Cancelled];

    /// Its name in JSON, on the command line and in columns.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more can happen to the task but a retry.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a task failed.
#[derive(Clone, PartialEq, Debug, Serialize, serde::Deserialize)]
pub struct TaskError {
    /// One of the program's kinds, or the author's own.
    pub kind: Name,
    /// What went wrong; names the state.
    pub message: String,
    /// The state it happened in.
    pub state: Name,
    /// The try it happened in.
    pub attempt: u32,
    /// The place in the flow's file.
    pub at: Option<At>,
    /// Data that belongs to the error.
    #[serde(deserialize_with = "stored_field::deserialize")]
    pub data: Value,
}

/// As a storage keeps it: its data keeps every type.
impl Serialize for Stored<&TaskError> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let TaskError { kind, message, state, attempt, at, data } = self.0;
        let mut error = serializer.serialize_struct("TaskError", 6)?;
        error.serialize_field("kind", kind)?;
        error.serialize_field("message", message)?;
        error.serialize_field("state", state)?;
        error.serialize_field("attempt", attempt)?;
        error.serialize_field("at", at)?;
        error.serialize_field("data", &Stored(data))?;
        error.end()
    }
}

#[expect(clippy::ref_option, reason = "serde gives the field as it is")]
fn stored_error<S: Serializer>(error: &Option<Box<TaskError>>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_deref().map(Stored).serialize(serializer)
}

/// A place in a flow's file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, serde::Deserialize)]
pub struct At {
    /// The file, as it was named when the flow was loaded.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// One running instance of a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The name of its flow.
    pub flow: Name,
    /// The flow's version.
    pub version: u32,
    /// The exact definition it started with.
    pub digest: Digest,
    /// Where it stands.
    pub status: Status,
    /// The state it is in.
    pub state: Name,
    /// Its data.
    pub attributes: Attributes,
    /// Its output, once completed.
    pub output: Value,
    /// Why it failed.
    pub error: Option<Box<TaskError>>,
    /// The task that started it.
    pub parent_id: Option<TaskId>,
    /// Which workers take it.
    pub queue: Name,
    /// In which order workers take it; higher first.
    pub priority: i32,
    /// How often it was stored: 1 after the first time. Each commit raises it by one.
    pub revision: u64,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it was last stored.
    pub updated_at: Timestamp,
    /// When it will be looked at next, if it sleeps and has a timer.
    pub wake_at: Option<Timestamp>,
    /// When it times out.
    pub timeout_at: Option<Timestamp>,
    /// When it may be deleted.
    pub delete_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The grant that its last holder lacked for the next call. None as soon as somebody else holds it.
    pub held_up_by: Option<Box<HeldUp>>,
    /// What the program needs to continue it; not shown to anybody.
    pub progress: Progress,
}

impl Task {
    /// Approximate bytes of attributes, output and error. None if they exceed `most`.
    pub(crate) fn weight(&self, most: usize) -> Option<usize> {
        let mut left = most - self.attributes.weight(most)?;
        left -= self.output.weight(left)?;
        left -= self.error.as_ref().map_or(Some(0), |error| error.data.weight(left))?;
        Some(most - left)
    }

    /// Whether it ended in a result.
    pub fn is_completed(&self) -> bool {
        self.status == Status::Completed
    }

    /// Whether nothing more can happen to it but a retry.
    pub fn has_ended(&self) -> bool {
        self.status.has_ended()
    }
}

/// What the program needs to continue a task: stored with it, not printed.
#[derive(Clone, Debug, PartialEq, Default, Serialize, serde::Deserialize)]
pub struct Progress {
    /// Sequence number of its last history entry.
    pub seq: u64,
    /// Bytes that its history takes, about.
    #[serde(default)]
    pub history_bytes: u64,
    /// When it arrived in its state.
    pub arrived_at: Option<Timestamp>,
    /// The try of its state, from 1.
    pub attempt: u32,
    /// When the current try began, while a body is in progress.
    pub began_at: Option<Timestamp>,
    /// The clock of that try's time limit, if the try was ever held up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Box<LimitClock>>,
    /// How often the body was recovered because its process died.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub recoveries: u32,
    /// How many calls of the body had an outcome when it was last recovered: what gets further each time is not at fault.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub recovered_calls: u32,
    /// When its action is tried again, while it sleeps between two tries.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
    /// When the flow's timeout began to count, if not at its creation: the timeout has struck, or the task was retried.
    #[serde(default)]
    pub clock_at: Option<Timestamp>,
    /// Moves in a row in which nothing has changed.
    #[serde(default)]
    pub idle: u32,
    /// How often each state was entered.
    pub visits: Vec<(Name, u32)>,
    /// The error that led to its state by `on_error`.
    #[serde(serialize_with = "stored_error")]
    pub error: Option<Box<TaskError>>,
    /// Who started it, and the trace that it belongs to, if either is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
    /// How many tasks stand above it.
    pub depth: u32,
    /// How many sub-tasks it has started.
    pub started: u64,
    /// The definitions its sub-tasks use if the library has none newer: its own and those of flows that it names
    /// literally.
    pub pins: Pins,
}

/// Where a task comes from.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
pub struct Origin {
    /// Who started it: `cli:ann@db1`. None for what nobody asked for, and for a sub-task.
    pub started_by: Option<Name>,
    /// The trace that it belongs to, as its caller gave it (W3C `traceparent`); that of its parent for a sub-task.
    pub trace: Option<Name>,
}

/// The clock of a time limit. It stands still while the try waits for a process with the grant for its next call.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, serde::Deserialize)]
pub struct LimitClock {
    /// From when the limit counts: the beginning of the try, later by the time it was held up.
    pub from: Timestamp,
    /// Since when the clock stands still.
    pub stopped_at: Option<Timestamp>,
}

impl Progress {
    /// Who started the task, if that is known.
    pub fn started_by(&self) -> Option<&Name> {
        self.origin.as_ref().and_then(|origin| origin.started_by.as_ref())
    }

    /// The trace that the task belongs to, if its caller gave one: a W3C `traceparent`.
    pub fn trace(&self) -> Option<&Name> {
        self.origin.as_ref().and_then(|origin| origin.trace.as_ref())
    }

    /// Stops the clock of the body in progress, if there is one, and returns whether it ran.
    pub(crate) fn stop_limit(&mut self, now: Timestamp) -> bool {
        let Some(began) = self.began_at else { return false };
        let clock = self.limit.get_or_insert_with(|| Box::new(LimitClock { from: began, stopped_at: None }));
        let ran = clock.stopped_at.is_none();
        clock.stopped_at.get_or_insert(now);
        ran
    }
}

impl LimitClock {
    /// The same clock, going on now.
    #[must_use]
    pub fn going_on(self, now: Timestamp) -> Self {
        let stood = self.stopped_at.map_or_else(TimeDelta::zero, |at| (now - at).max(TimeDelta::zero()));
        Self { from: self.from.checked_add_signed(stood).unwrap_or(self.from), stopped_at: None }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
