//! History: what happened to a task, entry by entry.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::name::Name;

use super::{At, Changes, StepRecord, TaskError};

/// Characters of an error's message that history keeps. The task's own error keeps all of it.
const MAX_ENTRY_MESSAGE: usize = 4_000;
/// The same beyond `MAX_HISTORY_BYTES`.
const MAX_SHORT_MESSAGE: usize = 200;

/// Why an entry was written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Cause {
    /// A `start` state, or the task's own beginning.
    Start,
    /// An action ended well.
    Action,
    /// A decision was made, or a result or failure was reached.
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
    /// An ended or abandoned task was resumed.
    Resume,
}

impl Cause {
    /// Every cause.
    pub(crate) const ALL: [Self; 13] = [
        Self::Start,
        Self::Action,
        Self::Decision,
        Self::Wait,
        Self::Timer,
        Self::Interaction,
        Self::Retry,
        Self::Error,
        Self::Timeout,
        Self::Wake,
        Self::Migrate,
        Self::Cancel,
        Self::Resume,
    ];

    /// Its name in JSON and in columns.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Action => "action",
            Self::Decision => "decision",
            Self::Wait => "wait",
            Self::Timer => "timer",
            Self::Interaction => "interaction",
            Self::Retry => "retry",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Wake => "wake",
            Self::Migrate => "migrate",
            Self::Cancel => "cancel",
            Self::Resume => "resume",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One entry of a task's history.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Transition {
    /// Its number in the task's history, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The state before it.
    pub from: Name,
    /// The state after it; may be the same.
    pub to: Name,
    /// Why.
    pub cause: Cause,
    /// Which interaction, or which versions.
    pub by: Option<Name>,
    /// Who asked for it: `cli:ann@db1`, `token:ci`. None for what nobody asked for.
    #[serde(default)]
    pub actor: Option<Box<Name>>,
    /// Attributes changed: old and new value; secrets are masked.
    pub changes: Changes,
    /// The error that a try ended with, that was caught, or that the task failed with.
    #[serde(default)]
    pub error: Option<Box<EntryError>>,
    /// The steps its body took.
    pub steps: Vec<StepSummary>,
    /// Milliseconds it took.
    pub ms: u64,
    /// Whether changes and steps are left out because the task's history has grown too large.
    #[serde(default)]
    pub omitted: bool,
}

impl Cause {
    /// Whether somebody outside asks for it.
    pub(crate) const fn is_asked_for(self) -> bool {
        matches!(self, Self::Interaction | Self::Wake | Self::Migrate | Self::Cancel | Self::Resume)
    }
}

impl Transition {
    /// Notes who asked for it, if it is something that is asked for.
    pub(crate) fn sign(&mut self, actor: &Name) {
        if self.cause.is_asked_for() {
            self.actor = Some(Box::new(actor.clone()));
        }
    }
}

/// An error as history keeps it. Secret values are masked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EntryError {
    /// One of the program's kinds, or the author's own.
    pub kind: Name,
    /// What went wrong.
    pub message: String,
    /// The try it happened in.
    pub attempt: u32,
    /// The place in the flow's file.
    pub at: Option<At>,
}

impl EntryError {
    /// Of `error`. All texts pass through `mask` before the message is shortened.
    pub(crate) fn of(error: &TaskError, mask: impl Fn(String) -> String) -> Box<Self> {
        let mut message = mask(error.message.clone());
        shorten(&mut message, MAX_ENTRY_MESSAGE);
        let kind = mask(error.kind.to_string()).into();
        Box::new(Self { kind, message, attempt: error.attempt, at: error.at.clone() })
    }

    /// Shortens the message to what a history beyond its bound keeps.
    pub(crate) fn shorten(&mut self) {
        shorten(&mut self.message, MAX_SHORT_MESSAGE);
    }
}

fn shorten(message: &mut String, most: usize) {
    if let Some((end, _)) = message.char_indices().nth(most) {
        message.truncate(end);
        message.push('…');
    }
}

/// The next try of an action, after a failed one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NextTry {
    /// The number of the history entry about the failed try.
    pub seq: u64,
    /// How many tries there are at most.
    pub attempts: u32,
    /// When the next try is due.
    pub at: Timestamp,
}

/// A step as history shows it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StepSummary {
    /// The function called: `http::post`.
    pub call: Name,
    /// `ok`, the error's kind, or `unknown` for a call that was in flight when `time_limit` or a cancel cut its body
    /// off.
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
