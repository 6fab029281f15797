//! The tests of a flow as they were authored, in the flow or in a file beside it.

use std::sync::Arc;

use crate::diagnostic::{Source, Span, Spanned};
use crate::duration::Duration;
use crate::name::Name;

use super::document::PlainValue;
use super::scalar::Scalar;

/// Plain values by name.
pub(crate) type PlainValues = Vec<(Spanned<Name>, Spanned<PlainValue>)>;

/// A YAML document of a file of tests: `flow: name` and its `tests`.
#[derive(Debug, Clone)]
pub(crate) struct TestsDoc {
    /// The file it stands in.
    pub source: Arc<Source>,
    /// The flow that is tested.
    pub flow: Option<Spanned<Name>>,
    /// Its tests.
    pub tests: Vec<TestDoc>,
}

/// An entry of `tests:`. What it names is for the checker to look up.
#[derive(Debug, Clone)]
pub struct TestDoc {
    /// Its name.
    pub name: Spanned<String>,
    /// The one state it is about; the whole flow, if absent.
    pub state: Option<Spanned<Name>>,
    /// The attributes it starts with.
    pub given: PlainValues,
    /// The time at its start.
    pub now: Option<Spanned<String>>,
    /// What calls give, by function.
    pub mocks: Vec<MockDoc>,
    /// What becomes of sub-tasks, by flow.
    pub starts: Vec<MockDoc>,
    /// What happens, in order.
    pub steps: Vec<StepDoc>,
    /// What must hold after the run.
    pub expect: Option<ExpectDoc>,
    /// Where it stands.
    pub span: Span,
}

/// What stands in for a function, or for a flow that is started.
#[derive(Debug, Clone)]
pub struct MockDoc {
    /// The function or the flow.
    pub name: Spanned<Name>,
    /// What it answers, call by call; the last goes on answering.
    pub answers: Vec<AnswerDoc>,
}

/// What a mock answers.
#[derive(Debug, Clone)]
pub struct AnswerDoc {
    /// What it does.
    pub kind: AnswerKindDoc,
    /// How long that takes.
    pub takes: Option<Spanned<Duration>>,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of answers.
#[derive(Debug, Clone)]
pub enum AnswerKindDoc {
    /// This value.
    Give(PlainValue),
    /// It fails: `kind`, `message` and `data`.
    Fail(PlainValue),
    /// What a script gives that sees `args`.
    Script(Scalar),
}

/// A step of a test.
#[derive(Debug, Clone)]
pub struct StepDoc {
    /// What it does.
    pub kind: StepKindDoc,
    /// Where its key stands.
    pub span: Span,
}

/// What a step of a test does.
#[derive(Debug, Clone)]
pub enum StepKindDoc {
    /// Checks the task.
    Expect(Box<ExpectDoc>),
    /// Lets time pass.
    Advance(Spanned<Duration>),
    /// Applies an interaction with parameters.
    Interact(Spanned<Name>, PlainValues),
    /// Looks at the task.
    Wake,
    /// Ends the process and begins again from what was stored.
    Restart,
}

/// `expect:`
#[derive(Debug, Clone)]
pub struct ExpectDoc {
    /// The task's status.
    pub status: Option<Spanned<Name>>,
    /// The state it is in.
    pub state: Option<Spanned<Name>>,
    /// Attributes and their values.
    pub attributes: PlainValues,
    /// What it gave.
    pub output: Option<Spanned<PlainValue>>,
    /// Its error: a part of the message, or some of its fields.
    pub error: Option<Spanned<PlainValue>>,
    /// States it has been in.
    pub visited: Vec<Spanned<Name>>,
    /// How often what was called, or with which arguments.
    pub calls: PlainValues,
    /// How many sub-tasks of which flow it has started, or with which attributes.
    pub started: PlainValues,
    /// An expression that must give true.
    pub condition: Option<Scalar>,
    /// Its keys, each where it stands.
    pub keys: Vec<(&'static str, Span)>,
    /// Whether nothing is written in it, not even unknown keys.
    pub is_empty: bool,
}

impl ExpectDoc {
    /// Where a key stands.
    pub fn key(&self, name: &str) -> Span {
        self.keys.iter().find(|(key, _)| *key == name).map(|(_, span)| *span).unwrap_or_default()
    }
}
