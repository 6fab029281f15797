//! The document: a flow as it was authored, with the place of everything in it. Nothing here has been checked against
//! anything else; the check turns it into a [`Flow`](crate::flow::Flow). If a required key is missing, the reader has
//! reported that, and it is `None` here, so that the checker can still report everything else.

use std::sync::Arc;

use crate::diagnostic::{Source, Span, Spanned};
use crate::duration::Duration;
use crate::name::Name;
use crate::value::{Type, Value};

use super::parts::Parts;
use super::scalar::Scalar;
use super::test_document::TestDoc;

/// A flow as authored.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The file that contains it.
    pub source: Arc<Source>,
    /// The place of its YAML document in the file.
    pub span: Span,
    /// Its name.
    pub flow: Option<Spanned<Name>>,
    /// Raised when a change matters to tasks in flight.
    pub version: Option<Spanned<u32>>,
    /// Prose.
    pub description: Option<Spanned<String>>,
    /// The data a task carries, in order.
    pub attributes: Vec<AttributeDoc>,
    /// Attributes by which tasks can be found.
    pub index: Vec<Spanned<Name>>,
    /// The first state; `start` if absent.
    pub starts_with: Option<Spanned<Name>>,
    /// The place of the key `states`.
    pub states_span: Span,
    /// The flowchart, in order.
    pub states: Vec<StateDoc>,
    /// What the outside world may do.
    pub interactions: Vec<InteractionDoc>,
    /// How often a sleeping task looks again.
    pub delay: Option<Spanned<Duration>>,
    /// How long a task may live.
    pub timeout: Option<Spanned<Duration>>,
    /// How long a task is kept after it was last saved.
    pub delete_after: Option<Spanned<Duration>>,
    /// What happens at the timeout.
    pub on_timeout: Option<OnTimeoutDoc>,
    /// Which workers take its tasks.
    pub queue: Option<Spanned<Name>>,
    /// In what order; higher first.
    pub priority: Option<Spanned<i32>>,
    /// On which executor.
    pub runs_on: Option<Spanned<Name>>,
    /// How often a body that crashes its process is recovered.
    pub recoveries: Option<Spanned<u32>>,
    /// The capabilities its scripts need.
    pub uses: Vec<Spanned<Name>>,
    /// Rhai `fn` definitions.
    pub functions: Option<Scalar>,
    /// When it starts by itself.
    pub schedule: Option<ScheduleDoc>,
    /// How tasks of earlier versions move to this one.
    pub migrate: Vec<MigrateDoc>,
    /// The flow's own tests.
    pub tests: Vec<TestDoc>,
    /// Whether branches of a state could not be read, so that it is unknown where it leads.
    pub unread: bool,
}

/// An attribute, an interaction's parameter, or a field of a map.
#[derive(Debug, Clone)]
pub(crate) struct AttributeDoc {
    /// Its name.
    pub name: Spanned<Name>,
    /// What it may hold.
    pub rules: RulesDoc,
}

/// The rules of a value. The short form `name: string` gives the type only.
#[derive(Debug, Clone, Default)]
pub(crate) struct RulesDoc {
    /// The type; `any` if absent.
    pub kind: Option<Spanned<Type>>,
    /// Whether it must be present and not an empty text.
    pub required: Option<Spanned<bool>>,
    /// The value it has when none is given.
    pub default: Option<Spanned<PlainValue>>,
    /// The only values it may have.
    pub one_of: Option<Spanned<Vec<Spanned<PlainValue>>>>,
    /// The least number or date, or the least length.
    pub min: Option<Spanned<PlainValue>>,
    /// The largest number or date, or the largest length.
    pub max: Option<Spanned<PlainValue>>,
    /// A regular expression that matches the whole text.
    pub pattern: Option<Spanned<String>>,
    /// What a list holds.
    pub items: Option<Box<RulesDoc>>,
    /// What a map holds.
    pub fields: Option<Vec<AttributeDoc>>,
    /// The type of record a `ref` names.
    pub model: Option<Spanned<Name>>,
    /// Whether the value stays out of everything printed.
    pub secret: Option<Spanned<bool>>,
    /// Prose.
    pub description: Option<Spanned<String>>,
    /// The place of all of it.
    pub span: Span,
}

/// A value written in YAML: what YAML makes of it, and how it was written (`no`, `2026-11-21`, `1.20`).
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PlainValue {
    /// The value by YAML's core schema.
    pub value: Value,
    /// The scalar's text as written; none for lists and maps.
    pub text: Option<String>,
    /// The places of its parts.
    pub parts: Parts,
}

/// A state of the flowchart.
#[derive(Debug, Clone)]
pub(crate) struct StateDoc {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its label in pictures.
    pub label: Option<Spanned<String>>,
    /// Prose.
    pub description: Option<Spanned<String>>,
    /// What it does.
    pub kind: StateKindDoc,
}

/// The six kinds of state.
#[derive(Debug, Clone)]
pub(crate) enum StateKindDoc {
    /// Runs, then goes on.
    Action(ActionDoc),
    /// Takes one of several branches.
    Decision(DecisionDoc),
    /// Sleeps until a branch holds.
    WaitUntil(WaitDoc),
    /// Starts sub-tasks and goes on.
    Start(StartDoc),
    /// Ends the task as completed, with the value of the expression if there is one.
    Result(Option<Scalar>),
    /// Ends the task as failed, with the message the expression gives.
    Failure(Scalar),
    /// It could not be read; the findings say why.
    Broken,
}

/// `action:`
#[derive(Debug, Clone)]
pub(crate) struct ActionDoc {
    /// The body.
    pub script: Scalar,
    /// The next state.
    pub go_to: Option<Spanned<Name>>,
    /// How long a try may take.
    pub time_limit: Option<Spanned<Duration>>,
    /// How a failed body is retried.
    pub retry: Option<RetryDoc>,
    /// Where a failed action leads.
    pub on_error: Vec<BranchDoc>,
}

/// `retry:`
#[derive(Debug, Clone, Default)]
pub(crate) struct RetryDoc {
    /// Tries in all, the first included.
    pub attempts: Option<Spanned<u32>>,
    /// The pause before the second try.
    pub delay: Option<Spanned<Duration>>,
    /// The factor by which the pause grows with each try.
    pub backoff: Option<Spanned<f64>>,
    /// The longest pause.
    pub max_delay: Option<Spanned<Duration>>,
    /// Whether each pause is shortened at random, by up to half.
    pub jitter: Option<Spanned<bool>>,
    /// Which errors are retried.
    pub condition: Option<Scalar>,
}

/// A branch of a decision, a wait or a failed action.
#[derive(Debug, Clone)]
pub(crate) struct BranchDoc {
    /// When it is taken; always, if neither this nor `after` is given.
    pub condition: Option<Scalar>,
    /// In a wait: how long after the arrival it holds.
    pub after: Option<Spanned<Duration>>,
    /// Its label in pictures.
    pub label: Option<Spanned<String>>,
    /// Where it leads.
    pub go_to: Option<Spanned<Name>>,
    /// Its place.
    pub span: Span,
}

/// `decision:`
#[derive(Debug, Clone)]
pub(crate) enum DecisionDoc {
    /// The boolean form.
    Boolean {
        /// The question.
        condition: Scalar,
        /// The next state if it is true.
        if_true: Option<Spanned<Name>>,
        /// The next state if it is false.
        if_false: Option<Spanned<Name>>,
    },
    /// Branches, checked in order.
    Branches(Vec<BranchDoc>),
}

/// `wait_until:`
#[derive(Debug, Clone)]
pub(crate) struct WaitDoc {
    /// Branches, checked in order.
    pub branches: Vec<BranchDoc>,
    /// How often it looks again; the flow's, if absent.
    pub delay: Option<Spanned<Duration>>,
    /// How long it waits; the flow's, if absent.
    pub timeout: Option<Spanned<Duration>>,
}

/// `start:`
#[derive(Debug, Clone)]
pub(crate) struct StartDoc {
    /// The flow to start.
    pub flow: Option<Spanned<Name>>,
    /// The list for each item of which a sub-task is started.
    pub for_each: Option<Scalar>,
    /// The attributes to start it with.
    pub with: Vec<(Spanned<Name>, Scalar)>,
    /// The next state.
    pub go_to: Option<Spanned<Name>>,
}

/// One of the interactions.
#[derive(Debug, Clone)]
pub(crate) struct InteractionDoc {
    /// Its name.
    pub name: Spanned<Name>,
    /// The parameters it accepts.
    pub params: Vec<AttributeDoc>,
    /// The states in which it is allowed; every state, if absent.
    pub when: Option<Vec<Spanned<Name>>>,
    /// What it does.
    pub action: Option<Scalar>,
    /// Where the task moves.
    pub go_to: Option<Spanned<Name>>,
    /// Prose.
    pub description: Option<Spanned<String>>,
}

/// `on_timeout:`
#[derive(Debug, Clone)]
pub(crate) struct OnTimeoutDoc {
    /// What it does.
    pub action: Option<Scalar>,
    /// Where the task moves.
    pub go_to: Option<Spanned<Name>>,
    /// Its place.
    pub span: Span,
}

/// `schedule:`
#[derive(Debug, Clone)]
pub(crate) struct ScheduleDoc {
    /// When it fires; none if it could not be read.
    pub cron: Option<Spanned<String>>,
    /// The place of its key.
    pub span: Span,
    /// In which time zone; UTC, if absent.
    pub timezone: Option<Spanned<String>>,
    /// The attributes it starts with.
    pub given: Vec<(Spanned<Name>, Spanned<PlainValue>)>,
    /// What happens if the previous run has not ended: `skip`, `queue` or `allow`.
    pub overlap: Option<Spanned<Name>>,
}

/// An entry of `migrate:`
#[derive(Debug, Clone)]
pub(crate) struct MigrateDoc {
    /// The versions it moves from.
    pub from: Vec<Spanned<u32>>,
    /// Old names of states and their new ones.
    pub states: Vec<(Spanned<Name>, Spanned<Name>)>,
    /// What it does to the attributes.
    pub action: Option<Scalar>,
}
