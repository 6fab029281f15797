//! The tests of a flow as authored, in the flow or in a file beside it.

use std::sync::Arc;

use crate::diagnostic::{Source, Span, Spanned};
use crate::duration::Duration;
use crate::name::Name;

use super::document::PlainValue;
use super::scalar::Scalar;

/// Plain values by name.
pub(crate) type PlainValues = Vec<(Spanned<Name>, Spanned<PlainValue>)>;

/// A YAML document of a test file: `flow: name` and its `tests`.
#[derive(Debug, Clone)]
pub(crate) struct TestsDoc {
    /// The file that contains it.
    pub source: Arc<Source>,
    /// The flow that is tested.
    pub flow: Option<Spanned<Name>>,
    /// Its tests.
    pub tests: Vec<TestDoc>,
}

/// An entry of `tests:`. The checker looks up what it names.
#[derive(Debug, Clone)]
pub(crate) struct TestDoc {
    /// Its name.
    pub name: Spanned<String>,
    /// The single state that it tests; the whole flow, if absent.
    pub state: Option<Spanned<Name>>,
    /// The migration that it tests.
    pub migrate: Option<MigratedDoc>,
    /// What it tests of the schedule.
    pub schedule: Option<ScheduledDoc>,
    /// The attributes it starts with.
    pub given: PlainValues,
    /// The time at its start.
    pub now: Option<Spanned<String>>,
    /// Mocks of calls, by function.
    pub mocks: Vec<MockDoc>,
    /// Mocks of sub-tasks, by flow.
    pub starts: Vec<MockDoc>,
    /// Its steps, in order.
    pub steps: Vec<StepDoc>,
    /// What must hold after the run.
    pub expect: Option<ExpectDoc>,
}

/// `migrate:` of a test.
#[derive(Debug, Clone)]
pub(crate) struct MigratedDoc {
    /// The version of the task.
    pub from: Option<Spanned<u32>>,
    /// The state of the task, by its name in that version.
    pub state: Option<Spanned<Name>>,
    /// The attributes of the task.
    pub given: PlainValues,
    /// What must hold after it was moved.
    pub expect: Option<ExpectDoc>,
    /// The place of the key.
    pub span: Span,
}

/// `schedule:` of a test.
#[derive(Debug, Clone)]
pub(crate) struct ScheduledDoc {
    /// When it fires, in order.
    pub fires: Option<Spanned<Vec<Spanned<String>>>>,
    /// `fires` is complete up to this moment.
    pub until: Option<Spanned<String>>,
    /// Attributes that its tasks start with.
    pub given: PlainValues,
    /// The place of the key.
    pub span: Span,
}

/// A mock of a function, or of a flow that is started.
#[derive(Debug, Clone)]
pub(crate) struct MockDoc {
    /// The function or the flow.
    pub name: Spanned<Name>,
    /// Its answers, call by call; the last one repeats.
    pub answers: Vec<AnswerDoc>,
}

/// An answer of a mock.
#[derive(Debug, Clone)]
pub(crate) struct AnswerDoc {
    /// What it does.
    pub kind: AnswerKindDoc,
    /// How long the call takes.
    pub takes: Option<Spanned<Duration>>,
    /// Its place.
    pub span: Span,
}

/// The kinds of answers.
#[derive(Debug, Clone)]
pub(crate) enum AnswerKindDoc {
    /// This value.
    Give(PlainValue),
    /// It fails: `kind`, `message` and `data`.
    Fail(PlainValue),
    /// The result of a script that sees `args`.
    Script(Scalar),
}

/// A step of a test.
#[derive(Debug, Clone)]
pub(crate) struct StepDoc {
    /// What it does.
    pub kind: StepKindDoc,
    /// The place of its key.
    pub span: Span,
}

/// The kinds of steps.
#[derive(Debug, Clone)]
pub(crate) enum StepKindDoc {
    /// Checks the task.
    Expect(Box<ExpectDoc>),
    /// Lets time pass.
    Advance(Spanned<Duration>),
    /// Applies an interaction with parameters.
    Interact(Spanned<Name>, PlainValues),
    /// Looks at the task.
    Wake,
    /// Ends the process and continues from what is stored.
    Restart,
}

/// `expect:`
#[derive(Debug, Clone)]
pub(crate) struct ExpectDoc {
    /// The task's status.
    pub status: Option<Spanned<Name>>,
    /// The state it is in.
    pub state: Option<Spanned<Name>>,
    /// Attributes and their values.
    pub attributes: PlainValues,
    /// Its output.
    pub output: Option<Spanned<PlainValue>>,
    /// Its error: a part of the message, or some of its fields.
    pub error: Option<Spanned<PlainValue>>,
    /// States it has visited.
    pub visited: Vec<Spanned<Name>>,
    /// How often each function was called, or with which arguments.
    pub calls: PlainValues,
    /// How many sub-tasks of each flow it has started, or with which attributes.
    pub started: PlainValues,
    /// An expression that must give true.
    pub condition: Option<Scalar>,
    /// Its keys, each with its place.
    pub keys: Vec<(&'static str, Span)>,
}

impl ExpectDoc {
    /// The place of a key.
    pub(crate) fn key(&self, name: &str) -> Span {
        self.keys.iter().find(|(key, _)| *key == name).map(|(_, span)| *span).unwrap_or_default()
    }
}
