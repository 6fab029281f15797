//! Document → checked flow: an unchecked flow cannot be run.

mod attributes;
mod check;
mod cron;
mod error_reads;
mod findings;
mod interactions;
mod migrations;
mod names;
mod own_tests;
mod place;
mod reach;
mod reads;
mod restore;
mod rule;
mod schedule;
mod scripts;
mod signature;
mod states;
mod sub_flows;
mod test;
#[cfg(test)]
mod tests;
// Only the command line gives advice.
#[cfg(feature = "cli")]
mod uses;
mod zones;

use std::sync::{Arc, OnceLock};

use crate::definition::Scalar;
use crate::diagnostic::{Source, Span};
use crate::duration::Duration;
use crate::expression::{Expressions, Function, Limits, Script};
use crate::name::{ByName, Name};
use crate::task::{AttributeSet, Definition};
use crate::value::Map;

pub use crate::definition::{format, schema, tests_schema};
pub(crate) use check::{check, is_same_definition};
pub(crate) use own_tests::{check_tests, nothing_calls};
pub(crate) use restore::restore;
use rule::Rule;
pub(crate) use signature::Signature;
pub(crate) use test::{
    Answer, AnswerKind, Expect, ExpectedError, Fires, Given, Migrated, Mock, MockFailure, Test, TestStepKind, Times,
};
#[cfg(feature = "cli")]
pub(crate) use uses::uses_with_sub_flows;

/// The number of a state in its flow.
pub(crate) type StateId = usize;

/// A checked flow: every name is known, every script compiles.
#[non_exhaustive]
pub struct Flow {
    /// Its name.
    pub name: Name,
    /// Its version.
    pub version: u32,
    /// Prose.
    pub description: Option<String>,
    /// Its definition, as tasks pin it.
    pub definition: Arc<Definition>,
    /// The file that contains it.
    pub source: Arc<Source>,
    /// The data its tasks carry.
    pub attributes: Arc<AttributeSet>,
    /// The slots of the attributes by which its tasks can be found.
    pub index: Vec<usize>,
    /// The first state.
    pub start: StateId,
    /// The flowchart, in order.
    pub states: Vec<State>,
    /// The states by name.
    pub(crate) state_ids: ByName<StateId>,
    /// What the outside world may do.
    pub interactions: Vec<Interaction>,
    /// How often a sleeping task looks again.
    pub delay: Duration,
    /// How long a task may live.
    pub timeout: Duration,
    /// How long a task is kept after it was last saved.
    pub delete_after: Duration,
    /// What happens at the timeout, if it does not simply fail.
    pub on_timeout: Option<OnTimeout>,
    /// Which workers take its tasks.
    pub queue: Name,
    /// In what order; higher first.
    pub priority: i32,
    /// How often a body that crashes its process is recovered.
    pub recoveries: u32,
    /// On which executor.
    pub runs_on: Option<Name>,
    /// The capabilities its scripts need.
    pub uses: Vec<Name>,
    /// Its scripting.
    pub(crate) expressions: Expressions,
    /// The text of `functions:`, to locate errors in it.
    pub(crate) functions: Option<Scalar>,
    /// The flows it starts by a literal name, in states and scripts.
    pub starts: Vec<Name>,
    /// Where each of `starts` is first named.
    pub start_spans: Vec<Span>,
    /// When it starts by itself.
    pub schedule: Option<Schedule>,
    /// How tasks of earlier versions move to this one.
    pub migrations: Vec<Migration>,
    /// Its own tests.
    pub(crate) tests: Vec<Arc<Test>>,
    /// Whether any script uses sub-tasks; computed when first needed.
    pub(crate) reads_sub_tasks: OnceLock<bool>,
}

/// A compiled script and its place.
#[derive(Clone)]
pub struct PlacedScript {
    /// What runs.
    pub(crate) script: Script,
    /// Its place.
    pub(crate) scalar: Scalar,
}

/// A state of a checked flow.
#[non_exhaustive]
pub struct State {
    /// Its name.
    pub name: Name,
    /// The place of the name.
    pub span: Span,
    /// Its label in pictures.
    pub label: Option<String>,
    /// Prose.
    pub description: Option<String>,
    /// What it does.
    pub kind: StateKind,
}

impl State {
    /// Whether it ends its task.
    pub(crate) const fn is_end(&self) -> bool {
        matches!(self.kind, StateKind::Result(_) | StateKind::Failure(_))
    }
}

/// The six kinds of state.
#[non_exhaustive]
pub enum StateKind {
    /// Runs, then goes on.
    Action(Action),
    /// Takes one of several branches.
    Decision(Decision),
    /// Sleeps until a branch holds.
    Wait(Wait),
    /// Starts sub-tasks and goes on.
    Start(Start),
    /// Ends the task as completed.
    Result(Option<PlacedScript>),
    /// Ends the task as failed.
    Failure(PlacedScript),
}

/// A state that runs a body.
#[non_exhaustive]
pub struct Action {
    /// The body.
    pub script: PlacedScript,
    /// The next state.
    pub go_to: StateId,
    /// How long a try may take.
    pub time_limit: Option<Duration>,
    /// How a failed body is retried.
    pub retry: Option<Retry>,
    /// Where a failed action leads.
    pub on_error: Vec<Branch>,
}

/// How a failed body is retried.
#[non_exhaustive]
pub struct Retry {
    /// Tries in all.
    pub attempts: u32,
    /// The pause before the second try.
    pub delay: Duration,
    /// The factor by which the pause grows with each try.
    pub backoff: f64,
    /// The longest pause.
    pub max_delay: Option<Duration>,
    /// Whether each pause is shortened at random, by up to half.
    pub jitter: bool,
    /// Which errors are retried.
    pub condition: Option<PlacedScript>,
}

/// A branch: one way out of a state.
#[non_exhaustive]
pub struct Branch {
    /// When it is taken; always, if neither this nor `after` is given.
    pub condition: Option<PlacedScript>,
    /// In a wait: how long after the arrival it holds.
    pub after: Option<Duration>,
    /// Its label in pictures.
    pub label: Option<String>,
    /// Where it leads.
    pub go_to: StateId,
    /// Its place.
    pub span: Span,
}

/// A state that takes one of several branches.
#[non_exhaustive]
pub enum Decision {
    /// Yes or no.
    Boolean {
        /// The question.
        condition: PlacedScript,
        /// The next state if it is true.
        if_true: StateId,
        /// The next state if it is false.
        if_false: StateId,
    },
    /// Branches, checked in order.
    Branches(Vec<Branch>),
}

/// A state that sleeps.
#[non_exhaustive]
pub struct Wait {
    /// Branches, checked in order.
    pub branches: Vec<Branch>,
    /// How often it looks again, instead of the flow's `delay`.
    pub delay: Option<Duration>,
    /// How long it waits from the arrival, instead of the flow's timeout.
    pub timeout: Option<Duration>,
}

/// A state that starts sub-tasks.
#[non_exhaustive]
pub struct Start {
    /// The flow to start.
    pub flow: Name,
    /// The list for each item of which a sub-task is started.
    pub for_each: Option<PlacedScript>,
    /// The attributes to start it with.
    pub with: Vec<(Name, PlacedScript)>,
    /// The next state.
    pub go_to: StateId,
}

/// What the outside world may do to a task.
#[non_exhaustive]
pub struct Interaction {
    /// Its name.
    pub name: Name,
    /// The place of the name.
    pub span: Span,
    /// The parameters it accepts.
    pub params: Arc<AttributeSet>,
    /// The states in which it is allowed; every state, if absent.
    pub when: Option<Vec<StateId>>,
    /// What it does.
    pub action: Option<PlacedScript>,
    /// Where the task moves.
    pub go_to: Option<StateId>,
    /// Prose.
    pub description: Option<String>,
}

/// What happens at a timeout.
#[non_exhaustive]
pub struct OnTimeout {
    /// What it does.
    pub action: Option<PlacedScript>,
    /// Where the task moves.
    pub go_to: Option<StateId>,
    /// Its place.
    pub span: Span,
}

/// When a flow starts by itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Schedule {
    /// When it fires.
    pub(crate) rule: Rule,
    /// The attributes it starts with.
    pub given: Map,
    /// What happens if the previous run has not ended.
    pub overlap: Overlap,
    /// The place of its key.
    pub span: Span,
}

/// What a schedule does while the previous run has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Overlap {
    /// Skips this run.
    #[default]
    Skip,
    /// Starts it when the previous run has ended.
    Queue,
    /// Starts it at once, beside the previous one.
    Allow,
}

impl Overlap {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Queue, Self::Allow];

    /// Its name in the language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Queue => "queue",
            Self::Allow => "allow",
        }
    }
}

/// How tasks of some earlier versions move to this one.
#[non_exhaustive]
pub struct Migration {
    /// The versions it moves from.
    pub from: Vec<u32>,
    /// Old names of states and their new ones.
    pub states: Vec<(Name, StateId)>,
    /// What it does to the attributes.
    pub action: Option<PlacedScript>,
    /// The place of its versions.
    pub span: Span,
}

/// What a flow is checked against.
#[derive(Clone, Default)]
pub struct CheckContext {
    /// The functions of capabilities and of the embedding program.
    pub functions: Arc<Vec<Function>>,
    /// The bounds scripts run in.
    pub limits: Limits,
}
