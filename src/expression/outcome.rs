//! What comes of a script: findings before it runs, and how it ended.

use crate::diagnostic::Position;
use crate::name::Name;
use crate::value::Value;

/// Something wrong in a script, with its place in the script's text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScriptFinding {
    /// Where it begins in the script's text.
    pub at: Position,
    /// Where it ends (exclusive), if more than one character is meant.
    pub end: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The name that nothing declares, where that is what is wrong: it stands where a value is read.
    pub unknown: Option<Name>,
}

impl ScriptFinding {
    /// Something wrong from `at` to before `end`.
    pub(crate) fn new(
        at: Position,
        end: Option<Position>,
        message: impl Into<String>,
        help: Option<impl Into<String>>,
    ) -> Self {
        Self { at, end, message: message.into(), help: help.map(Into::into), unknown: None }
    }
}

/// Why a script or a call failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The error's kind: one of the program's, or the author's own.
    pub kind: Name,
    /// What went wrong.
    pub message: String,
    /// Data that belongs to it.
    pub data: Value,
    /// Where in the script's text (or in the flow's functions), if a script is at fault.
    pub at: Option<ScriptPlace>,
}

impl Failure {
    /// A failure of `kind` with `message`.
    pub fn new(kind: impl Into<Name>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), data: Value::Unit, at: None }
    }
}

/// A place in a script's text, or in the flow's `functions`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScriptPlace {
    /// Whether it stands in `functions` rather than in the script itself.
    pub in_functions: bool,
    /// Line and column, from 1.
    pub at: Position,
}

/// What a body did: the attributes it assigned, by slot, each once.
pub(crate) type Assigned = rhai::StaticVec<(usize, Value)>;

/// How a run of a script ended.
#[derive(Debug)]
pub(crate) enum Ran<T> {
    /// To its end.
    Done(T),
    /// At a call that has to be performed first. Nothing it did counts.
    Stopped,
    /// It failed. Nothing it did counts.
    Failed(Failure),
}

/// A flow that a script starts by a literal name: `start("publish", #{ article: a })`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StartedFlow {
    /// The flow's name.
    pub flow: Name,
    /// The attributes given, where a literal map gives them.
    pub given: Option<Vec<Name>>,
    /// Where the name stands in the script's text.
    pub at: ScriptPlace,
}
