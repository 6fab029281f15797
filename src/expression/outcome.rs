//! The results of scripts: findings before it runs, and how a run ended.

use crate::diagnostic::Position;
use crate::name::Name;
use crate::value::Value;

/// An error in a script, with its place in the script's text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScriptFinding {
    /// The start of its place in the script's text.
    pub at: Position,
    /// The end of its place (exclusive), if it is more than one character.
    pub end: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The unknown name, if that is the error and a value is read there.
    pub unknown: Option<Name>,
}

impl ScriptFinding {
    /// An error from `at` to before `end`.
    pub(crate) fn new(
        at: Position,
        end: Option<Position>,
        message: impl Into<String>,
        help: Option<impl Into<String>>,
    ) -> Self {
        Self { at, end, message: message.into(), help: help.map(Into::into), unknown: None }
    }
}

/// Bytes of an error's kind. A kind is a name, which is stored and shown beside each failed task.
pub(crate) const MAX_KIND_BYTES: usize = 200;

/// Why a script or a call failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The error's kind: one of the program's, or the author's own.
    pub kind: Name,
    /// What went wrong.
    pub message: String,
    /// Data that belongs to it.
    pub data: Value,
    /// The place in the script's text (or in the flow's functions), if a script is at fault.
    pub at: Option<ScriptPlace>,
}

impl Failure {
    /// A failure of `kind` with `message`.
    pub fn new(kind: impl Into<Name>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), data: Value::Unit, at: None }
    }

    /// The same failure, or that its kind is too long: functions of the embedding program may give any kind.
    #[must_use]
    pub(crate) fn with_bounded_kind(self) -> Self {
        if self.kind.len() <= MAX_KIND_BYTES { self } else { Self { at: self.at, ..Self::kind_too_long() } }
    }

    /// The failure of an error whose kind is too long.
    pub(crate) fn kind_too_long() -> Self {
        Self::new("limit", format!("the kind of an error has too many bytes (MAX_KIND_BYTES: {MAX_KIND_BYTES})"))
    }
}

/// A place in a script's text, or in the flow's `functions`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScriptPlace {
    /// Whether it is in `functions` rather than in the script itself.
    pub in_functions: bool,
    /// Line and column, from 1.
    pub at: Position,
}

/// The attributes that a body assigned, by slot, each once.
pub(crate) type Assigned = rhai::StaticVec<(usize, Value)>;

/// How a run of a script ended.
#[derive(Debug)]
pub(crate) enum Ran<T> {
    /// To its end.
    Done(T),
    /// It stopped at a call that must be performed first. Nothing it did counts.
    Stopped,
    /// It failed. Nothing it did counts.
    Failed(Failure),
}

/// A flow that a script starts by a literal name: `start("publish", #{ article: a })`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StartedFlow {
    /// The flow's name.
    pub flow: Name,
    /// The attributes passed, if a literal map passes them.
    pub given: Option<Vec<Name>>,
    /// The place of the name in the script's text.
    pub at: ScriptPlace,
}
