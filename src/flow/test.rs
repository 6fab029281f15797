//! The tests of a checked flow: every name is known, every script compiles.

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
pub(crate) struct Test {
    /// Its name and place.
    pub name: Spanned<String>,
    /// The file that contains it.
    pub source: Arc<Source>,
    /// The single state that it tests; the whole flow, if absent.
    pub state: Option<StateId>,
    /// The migration that it tests.
    pub migrate: Option<Migrated>,
    /// What it tests of the schedule.
    pub schedule: Option<Fires>,
    /// The attributes it starts with.
    pub given: Given,
    /// The time at its start.
    pub now: Option<Timestamp>,
    /// Mocks of functions.
    pub mocks: Vec<Mock>,
    /// Mocks of sub-tasks, by flow.
    pub starts: Vec<Mock>,
    /// Its steps, in order; the last is often an `expect`.
    pub steps: Vec<TestStep>,
}

/// A task of an earlier version, which is moved to this one.
pub(crate) struct Migrated {
    /// Its version.
    pub from: u32,
    /// Its state, by the name in that version.
    pub state: Name,
    /// Its attributes.
    pub given: Given,
    /// What must hold after it was moved, and its place.
    pub expect: Option<(Span, Expect)>,
    /// The place of the key.
    pub span: Span,
}

/// What must hold of a schedule.
pub(crate) struct Fires {
    /// When it fires, in order.
    pub times: Option<(Span, Vec<Timestamp>)>,
    /// These are all up to this moment.
    pub until: Option<Timestamp>,
    /// Attributes that its tasks start with.
    pub given: Vec<(Span, Name, PlainValue)>,
    /// The place of the key.
    pub span: Span,
}

/// Values by name.
#[derive(Default)]
pub(crate) struct Given {
    /// The values.
    pub values: Map,
    /// The place of each name.
    pub places: Vec<(Name, Span)>,
}

/// A mock of a function, or of a flow that is started.
pub(crate) struct Mock {
    /// The function or the flow, and its place.
    pub name: Spanned<Name>,
    /// Its answers, call by call; the last one repeats. There is at least one.
    pub answers: Vec<Answer>,
}

/// An answer of a mock.
pub(crate) struct Answer {
    /// What it does.
    pub kind: AnswerKind,
    /// How long the call takes.
    pub takes: Duration,
    /// Its place.
    pub span: Span,
}

/// The kinds of answers.
pub(crate) enum AnswerKind {
    /// This value.
    Give(crate::value::Value),
    /// Fails.
    Fail(MockFailure),
    /// Gives the result of a script that sees `args`.
    Script(PlacedScript),
}

/// How a mock fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct MockFailure {
    /// The error's kind, if given.
    pub kind: Option<Name>,
    /// The message, if given.
    pub message: Option<String>,
    /// Data that belongs to it.
    pub data: crate::value::Value,
}

/// A step of a test.
pub(crate) struct TestStep {
    /// What it does.
    pub kind: TestStepKind,
    /// The place of its key.
    pub span: Span,
}

/// The kinds of steps.
pub(crate) enum TestStepKind {
    /// Checks the task.
    Expect(Box<Expect>),
    /// Lets time pass.
    Advance(Duration),
    /// Applies an interaction with parameters.
    Interact(Name, Given),
    /// Looks at the task.
    Wake,
    /// Ends the process and continues from what is stored.
    Restart,
}

/// What must hold.
#[derive(Default)]
pub(crate) struct Expect {
    /// The task's status.
    pub status: Option<(Span, Status)>,
    /// The state it is in.
    pub state: Option<(Span, Name)>,
    /// Attributes and their values.
    pub attributes: Vec<(Span, Name, PlainValue)>,
    /// Its output.
    pub output: Option<(Span, PlainValue)>,
    /// Its error; none if there must be no error.
    pub error: Option<(Span, Option<ExpectedError>)>,
    /// States it has visited.
    pub visited: Option<(Span, Vec<Name>)>,
    /// Calls of functions.
    pub calls: Vec<(Span, Name, Times)>,
    /// Sub-tasks of flows.
    pub started: Vec<(Span, Name, Times)>,
    /// An expression that must give true.
    pub condition: Option<(Span, PlacedScript)>,
}

/// How often something happened, or with what each time.
pub(crate) enum Times {
    /// This often.
    Count(u64),
    /// With this each time: the arguments of calls, the attributes of sub-tasks.
    Each(Vec<crate::value::Value>),
}

/// The expected parts of an error.
#[derive(Default)]
pub(crate) struct ExpectedError {
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
    /// Whether it mocks `function`, or checks its calls.
    pub(crate) fn speaks_of(&self, function: &str) -> bool {
        let is_expected = |step: &TestStep| match &step.kind {
            TestStepKind::Expect(expect) => expect.calls.iter().any(|(_, name, _)| name == function),
            _ => false,
        };
        self.mocks.iter().any(|mock| mock.name.value == *function) || self.steps.iter().any(is_expected)
    }

    /// The place in the file of a place in a script of the test.
    pub(crate) fn place(&self, scalar: &Scalar, at: crate::diagnostic::Position) -> Span {
        scalar.locate(&self.source, at)
    }
}
