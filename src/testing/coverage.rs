//! Coverage of flows by tests: states, branches (each way out), and expressions. Conditions count twice: seen true and
//! seen false.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::diagnostic::{Position, Source, Span};
use crate::duration::Duration;
use crate::flow::{Action, Branch, Decision, Flow, PlacedScript, StateId, StateKind, Wait};
use crate::interpreter::{Probe, Seen, Way};
use crate::name::Name;

use super::answers::Answers;

/// Something that can be covered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Item {
    State(StateId),
    Way(StateId, Way),
    /// By the place of its text.
    Expression(usize, Seen),
}

/// What was covered, and how often.
#[derive(Default)]
pub(super) struct Recorded(BTreeMap<Name, BTreeMap<Item, u64>>);

impl Recorded {
    /// Adds the coverage of another test.
    pub(super) fn add(&mut self, other: &Self) {
        for (flow, items) in &other.0 {
            let own = self.0.entry(flow.clone()).or_default();
            for (item, count) in items {
                *own.entry(*item).or_default() += count;
            }
        }
    }

    fn count(&self, flow: &Flow, item: Item) -> u64 {
        self.0.get(&flow.name).and_then(|items| items.get(&item)).copied().unwrap_or_default()
    }
}

/// Records the coverage of a test.
pub(super) struct Recorder {
    recorded: Mutex<Recorded>,
    /// The states that the task under way has come to in this burst.
    arrivals: Mutex<Vec<Name>>,
    answers: Arc<Answers>,
    one_state: bool,
}

impl Recorder {
    pub(super) fn new(answers: &Arc<Answers>, one_state: bool) -> Self {
        Self { recorded: Mutex::default(), arrivals: Mutex::default(), answers: Arc::clone(answers), one_state }
    }

    pub(super) const fn is_for_one_state(&self) -> bool {
        self.one_state
    }

    /// The states that were come to since this was asked last.
    pub(super) fn take_arrivals(&self) -> Vec<Name> {
        std::mem::take(&mut *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn into_recorded(self) -> Recorded {
        self.recorded.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, flow: &Flow, item: Item) {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let items = match recorded.0.get_mut(&flow.name) {
            Some(items) => items,
            None => recorded.0.entry(flow.name.clone()).or_default(),
        };
        *items.entry(item).or_default() += 1;
    }
}

impl Probe for Recorder {
    fn state(&self, flow: &Flow, state: StateId) {
        self.note(flow, Item::State(state));
    }

    fn arrival(&self, state: &Name) {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(state.clone());
    }

    fn body(&self) {
        self.answers.begin_body();
    }

    fn expression(&self, flow: &Flow, expression: &PlacedScript, seen: Seen) {
        self.note(flow, Item::Expression(expression.scalar.span.start, seen));
    }

    fn way(&self, flow: &Flow, state: StateId, way: Way) {
        self.note(flow, Item::Way(state, way));
    }

    fn one_state(&self) -> bool {
        self.one_state
    }
}

/// Coverage, flow by flow.
#[derive(Debug, Default)]
pub struct Coverage {
    /// The tested flows, in the order of their files.
    pub flows: Vec<FlowCoverage>,
}

/// The coverage of a flow.
#[derive(Debug)]
pub struct FlowCoverage {
    /// The flow.
    pub flow: Name,
    /// The file that contains it.
    pub source: Arc<Source>,
    /// Its states.
    pub states: Vec<CoveredState>,
    /// Its branches: every way out of a state that has more than one.
    pub branches: Vec<CoveredBranch>,
    /// Its expressions: conditions, values, and bodies as a whole.
    pub expressions: Vec<CoveredExpression>,
    /// How often each branch was taken, including single ones.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "pictures need it, and only the command line draws"))]
    pub(crate) ways: BTreeMap<(StateId, Way), u64>,
}

/// A state, and how often tests reached it.
#[derive(Clone, Debug, PartialEq)]
pub struct CoveredState {
    /// Its name.
    pub name: Name,
    /// Its place.
    pub at: Position,
    /// How often tests came to it.
    pub count: u64,
}

/// A branch, and how often tests took it.
#[derive(Clone, Debug, PartialEq)]
pub struct CoveredBranch {
    /// The state it leads out of; none for the timeout of the whole flow, interactions, migrations and the schedule.
    pub state: Option<Name>,
    /// Its label, its condition, `otherwise`, `timeout`, ….
    pub name: String,
    /// Where it leads, if that is a single state.
    pub to: Option<Name>,
    /// Its place.
    pub at: Position,
    /// How often it was taken.
    pub count: u64,
}

/// An expression or a body, and how often tests saw each of its outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct CoveredExpression {
    /// The state it belongs to; none for interactions and the flow's timeout.
    pub state: Option<Name>,
    /// Its text.
    pub text: String,
    /// Its place.
    pub at: Position,
    /// How often tests saw each outcome.
    pub seen: ExpressionCoverage,
}

/// How often an expression was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpressionCoverage {
    /// A condition.
    Condition {
        /// How often it was true.
        seen_true: u64,
        /// How often it was false.
        seen_false: u64,
    },
    /// How often any other expression gave a value, or a body ran to its end.
    Done(u64),
}

impl ExpressionCoverage {
    /// How often each outcome was seen: a condition has two.
    fn outcomes(self) -> impl Iterator<Item = u64> {
        let (first, second) = match self {
            Self::Condition { seen_true, seen_false } => (seen_true, Some(seen_false)),
            Self::Done(count) => (count, None),
        };
        std::iter::once(first).chain(second)
    }
}

/// A number out of a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CoverageCount {
    /// What was reached.
    pub reached: usize,
    /// The total.
    pub all: usize,
}

impl CoverageCount {
    fn of(counts: impl Iterator<Item = u64>) -> Self {
        counts.fold(Self::default(), |share, count| Self {
            reached: share.reached + usize::from(count > 0),
            all: share.all + 1,
        })
    }

    /// In percent, rounded down; nothing of nothing is 100.
    pub fn percent(self) -> usize {
        (self.reached * 100).checked_div(self.all).unwrap_or(100)
    }
}

impl std::ops::Add for CoverageCount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { reached: self.reached + other.reached, all: self.all + other.all }
    }
}

impl Coverage {
    /// The coverage of `flows` from what was recorded.
    pub(super) fn of(flows: &[Arc<Flow>], recorded: &Recorded) -> Self {
        Self { flows: flows.iter().map(|flow| FlowCoverage::of(flow, recorded)).collect() }
    }

    /// How many states were reached.
    pub fn states(&self) -> CoverageCount {
        self.flows.iter().map(FlowCoverage::states).fold(CoverageCount::default(), |all, one| all + one)
    }

    /// How many branches were taken.
    pub fn branches(&self) -> CoverageCount {
        self.flows.iter().map(FlowCoverage::branches).fold(CoverageCount::default(), |all, one| all + one)
    }

    /// How many outcomes of expressions were seen: a condition has two, any other has one.
    pub fn expressions(&self) -> CoverageCount {
        self.flows.iter().map(FlowCoverage::expressions).fold(CoverageCount::default(), |all, one| all + one)
    }
}

impl FlowCoverage {
    /// How many states were reached.
    pub fn states(&self) -> CoverageCount {
        CoverageCount::of(self.states.iter().map(|state| state.count))
    }

    /// How many branches were taken.
    pub fn branches(&self) -> CoverageCount {
        CoverageCount::of(self.branches.iter().map(|branch| branch.count))
    }

    /// How many outcomes of expressions were seen: a condition has two, any other has one.
    pub fn expressions(&self) -> CoverageCount {
        CoverageCount::of(self.expressions.iter().flat_map(|expression| expression.seen.outcomes()))
    }

    fn of(flow: &Flow, recorded: &Recorded) -> Self {
        let ways = recorded.0.get(&flow.name).into_iter().flatten().filter_map(|(item, count)| match item {
            Item::Way(state, way) => Some(((*state, *way), *count)),
            _ => None,
        });
        let mut list = Listing { flow, recorded, states: Vec::new(), branches: Vec::new(), expressions: Vec::new() };
        for id in 0..flow.states.len() {
            list.state(id);
        }
        list.whole_flow();
        let Listing { states, branches, expressions, .. } = list;
        let (flow, source) = (flow.name.clone(), Arc::clone(&flow.source));
        Self { flow, source, states, branches, expressions, ways: ways.collect() }
    }
}

/// The parts of a flow with their counts, in order.
struct Listing<'a> {
    flow: &'a Flow,
    recorded: &'a Recorded,
    states: Vec<CoveredState>,
    branches: Vec<CoveredBranch>,
    expressions: Vec<CoveredExpression>,
}

impl Listing<'_> {
    fn at(&self, span: Span) -> Position {
        self.flow.source.position(span.start)
    }

    fn state(&mut self, id: StateId) {
        let flow = self.flow;
        let Some(state) = flow.states.get(id) else { return };
        let count = self.recorded.count(flow, Item::State(id));
        self.states.push(CoveredState { name: state.name.clone(), at: self.at(state.span), count });
        match &state.kind {
            StateKind::Action(action) => self.action(id, action),
            StateKind::Decision(Decision::Boolean { condition, if_true, if_false }) => {
                self.condition(id, condition);
                self.way(id, Way::Yes, "yes".to_owned(), Some(*if_true), condition.scalar.span);
                self.way(id, Way::No, "no".to_owned(), Some(*if_false), condition.scalar.span);
            }
            StateKind::Decision(Decision::Branches(branches)) => self.branches_of(id, branches, Way::Branch),
            StateKind::Wait(Wait { branches, timeout, .. }) => {
                self.branches_of(id, branches, Way::Branch);
                // A branch that always holds by then comes first.
                let comes_first = |timeout: Duration| {
                    let always = branches.iter().filter(|branch| branch.condition.is_none());
                    always.filter_map(|branch| branch.after).any(|after| after <= timeout)
                };
                if let Some(timeout) = timeout.filter(|timeout| !comes_first(*timeout)) {
                    let to = flow.on_timeout.as_ref().and_then(|on_timeout| on_timeout.go_to);
                    self.way(id, Way::Timeout, format!("timeout of {timeout}"), to, state.span);
                }
            }
            StateKind::Start(start) => {
                let with = start.with.iter().map(|(_, value)| value);
                start.for_each.iter().chain(with).for_each(|value| self.done(Some(id), value));
            }
            StateKind::Result(output) => output.iter().for_each(|output| self.done(Some(id), output)),
            StateKind::Failure(message) => self.done(Some(id), message),
        }
    }

    fn action(&mut self, id: StateId, action: &Action) {
        self.done(Some(id), &action.script);
        let Some(state) = self.flow.states.get(id) else { return };
        if action.retry.is_none() && action.on_error.is_empty() {
            return;
        }
        self.way(id, Way::Next, "all goes well".to_owned(), Some(action.go_to), state.span);
        if let Some(retry) = action.retry.as_ref().filter(|retry| retry.attempts > 1) {
            self.way(id, Way::Again, "tried again".to_owned(), None, state.span);
            self.way(id, Way::Exhausted, format!("{} tries exhausted", retry.attempts), None, state.span);
            if let Some(condition) = &retry.condition {
                self.condition(id, condition);
            }
        }
        self.branches_of(id, &action.on_error, Way::Error);
    }

    fn branches_of(&mut self, id: StateId, branches: &[Branch], way: fn(usize) -> Way) {
        for (number, branch) in branches.iter().enumerate() {
            let condition = branch.condition.as_ref();
            if let Some(condition) = condition {
                self.condition(id, condition);
            }
            let after = branch.after.map(|after| format!("after {after}"));
            let text = condition.map(|condition| format!("`{}`", condition.scalar.text.trim()));
            let otherwise = if way(0) == Way::Error(0) { "any other error" } else { "otherwise" };
            let name = branch.label.clone().or(text).or(after).unwrap_or_else(|| otherwise.to_owned());
            self.way(id, way(number), name, Some(branch.go_to), branch.span);
        }
    }

    fn way(&mut self, id: StateId, way: Way, name: String, to: Option<StateId>, span: Span) {
        let name_of = |id: StateId| self.flow.states.get(id).map(|state| state.name.clone());
        let (state, to, at) = (name_of(id), to.and_then(name_of), self.at(span));
        let count = self.recorded.count(self.flow, Item::Way(id, way));
        self.branches.push(CoveredBranch { state, name, to, at, count });
    }

    fn condition(&mut self, id: StateId, condition: &PlacedScript) {
        let seen = |seen| self.seen(condition, seen);
        let seen = ExpressionCoverage::Condition { seen_true: seen(Seen::True), seen_false: seen(Seen::False) };
        self.expression(Some(id), condition, seen);
    }

    /// An expression that is not a condition, or a body.
    fn done(&mut self, id: Option<StateId>, expression: &PlacedScript) {
        let seen = ExpressionCoverage::Done(self.seen(expression, Seen::Done));
        self.expression(id, expression, seen);
    }

    fn seen(&self, expression: &PlacedScript, seen: Seen) -> u64 {
        self.recorded.count(self.flow, Item::Expression(expression.scalar.span.start, seen))
    }

    fn expression(&mut self, id: Option<StateId>, expression: &PlacedScript, seen: ExpressionCoverage) {
        self.expressions.push(CoveredExpression {
            state: id.and_then(|id| self.flow.states.get(id)).map(|state| state.name.clone()),
            text: expression.scalar.text.trim().to_owned(),
            at: self.at(expression.scalar.span),
            seen,
        });
    }

    /// What may happen in many states or in none: interactions, the timeout of the flow, migrations, the schedule.
    fn whole_flow(&mut self) {
        let flow = self.flow;
        let name_of = |id: StateId| flow.states.get(id).map(|state| state.name.clone());
        let anywhere = |way: Way| (0..flow.states.len()).map(|id| self.recorded.count(flow, Item::Way(id, way))).sum();
        let mut found = Vec::new();
        for (number, interaction) in flow.interactions.iter().enumerate() {
            interaction.action.iter().for_each(|action| self.done(None, action));
            found.push(CoveredBranch {
                state: None,
                name: format!("interaction `{}`", interaction.name),
                to: interaction.go_to.and_then(name_of),
                at: self.at(interaction.span),
                count: anywhere(Way::Interaction(number)),
            });
        }
        if let Some(on_timeout) = &flow.on_timeout {
            on_timeout.action.iter().for_each(|action| self.done(None, action));
            found.push(CoveredBranch {
                state: None,
                name: format!("the flow's timeout of {}", flow.timeout),
                to: on_timeout.go_to.and_then(name_of),
                at: self.at(on_timeout.span),
                count: anywhere(Way::Timeout),
            });
        }
        for (number, migration) in flow.migrations.iter().enumerate() {
            migration.action.iter().for_each(|action| self.done(None, action));
            let from: Vec<String> = migration.from.iter().map(u32::to_string).collect();
            found.push(CoveredBranch {
                state: None,
                name: format!("migration from version {}", from.join(", ")),
                to: None,
                at: self.at(migration.span),
                count: anywhere(Way::Migration(number)),
            });
        }
        if let Some(schedule) = &flow.schedule {
            found.push(CoveredBranch {
                state: None,
                name: format!("schedule `{}`", schedule.rule.line()),
                to: name_of(flow.start),
                at: self.at(schedule.span),
                count: anywhere(Way::Schedule),
            });
        }
        self.branches.extend(found);
    }
}
