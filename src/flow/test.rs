//! The tests of a checked flow: every name leads somewhere, every script compiles.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::definition::{PlainValue, Scalar};
use crate::diagnostic::{Source, Span, Spanned};
use crate::duration::Duration;
use crate::name::Name;
use crate::task::Status;
use crate::value::Map;

use super::{PlacedScript, StateId};

/// A test of a flow.
pub struct Test {
    /// Its name, and where that stands.
    pub name: Spanned<String>,
    /// The file it stands in.
    pub source: Arc<Source>,
    /// The one state it is about; the whole flow, if absent.
    pub state: Option<StateId>,
    /// The attributes it starts with.
    pub given: Given,
    /// The time at its start.
    pub now: Option<Timestamp>,
    /// What functions answer.
    pub mocks: Vec<Mock>,
    /// What becomes of sub-tasks, by the flow that is started.
    pub starts: Vec<Mock>,
    /// What happens, in order; the last is often what must hold.
    pub steps: Vec<TestStep>,
}

/// Values by name.
#[derive(Default)]
pub struct Given {
    /// The values.
    pub values: Map,
    /// Where each name stands.
    pub places: Vec<(Name, Span)>,
}

/// What stands in for a function, or for a flow that is started.
pub struct Mock {
    /// The function or the flow.
    pub name: Name,
    /// What it answers, call by call; the last goes on answering. There is at least one.
    pub answers: Vec<Answer>,
}

/// What a mock answers.
pub struct Answer {
    /// What it does.
    pub kind: AnswerKind,
    /// How long that takes.
    pub takes: Duration,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of answers.
pub enum AnswerKind {
    /// This value.
    Give(crate::value::Value),
    /// It fails like this.
    Fail(MockFailure),
    /// What a script gives that sees `args`.
    Script(PlacedScript),
}

/// How a mock fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MockFailure {
    /// The error's kind, if it is given.
    pub kind: Option<Name>,
    /// What went wrong, if it is given.
    pub message: Option<String>,
    /// Data that belongs to it.
    pub data: crate::value::Value,
}

/// A step of a test.
pub struct TestStep {
    /// What it does.
    pub kind: TestStepKind,
    /// Where its key stands.
    pub span: Span,
}

/// What a step of a test does.
pub enum TestStepKind {
    /// Checks the task.
    Expect(Box<Expect>),
    /// Lets time pass.
    Advance(Duration),
    /// Applies an interaction with parameters.
    Interact(Name, Given),
    /// Looks at the task.
    Wake,
    /// Ends the process and begins again from what was stored.
    Restart,
}

/// What must hold.
#[derive(Default)]
pub struct Expect {
    /// The task's status.
    pub status: Option<(Span, Status)>,
    /// The state it is in.
    pub state: Option<(Span, Name)>,
    /// Attributes and their values.
    pub attributes: Vec<(Span, Name, PlainValue)>,
    /// What it gave.
    pub output: Option<(Span, PlainValue)>,
    /// Its error; none, if there must be none.
    pub error: Option<(Span, Option<ExpectedError>)>,
    /// States it has been in.
    pub visited: Option<(Span, Vec<Name>)>,
    /// Calls of functions.
    pub calls: Vec<(Span, Name, Times)>,
    /// Sub-tasks of flows.
    pub started: Vec<(Span, Name, Times)>,
    /// An expression that must give true.
    pub condition: Option<(Span, PlacedScript)>,
}

/// How often something was done, or with what each time.
pub enum Times {
    /// So often.
    Count(u64),
    /// With this each time: the arguments of calls, the attributes of sub-tasks.
    Each(Vec<crate::value::Value>),
}

/// What an error must be, as far as it is given.
#[derive(Default)]
pub struct ExpectedError {
    /// Its kind.
    pub kind: Option<String>,
    /// Parts of its message.
    pub message: Vec<String>,
    /// The state it happened in.
    pub state: Option<String>,
    /// The try it happened in.
    pub attempt: Option<i64>,
    /// Parts of its data.
    pub data: Option<crate::value::Value>,
}

impl Test {
    /// Whether it mocks `function`, or expects something of its calls.
    pub fn speaks_of(&self, function: &str) -> bool {
        let is_expected = |step: &TestStep| match &step.kind {
            TestStepKind::Expect(expect) => expect.calls.iter().any(|(_, name, _)| name == function),
            _ => false,
        };
        self.mocks.iter().any(|mock| mock.name == function) || self.steps.iter().any(is_expected)
    }

    /// The place in the file of a place in a script of the test.
    pub fn place(&self, scalar: &Scalar, at: crate::diagnostic::Position) -> Span {
        scalar.locate(&self.source, at)
    }
}
