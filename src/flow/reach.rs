//! Reachability: states that no task reaches, and states from which no task reaches an end.

use std::collections::HashSet;

use crate::definition::{DecisionDoc, StateDoc, StateKindDoc, WaitDoc};
use crate::diagnostic::Spanned;
use crate::name::Name;

use super::StateId;
use super::check::Checker;

/// Steps in the search for timers that lead back, over all waits. A flow that needs more is not checked for these.
const MAX_TIMER_STEPS: usize = 200_000;

impl Checker<'_> {
    /// Warns of unreachable states and ends. Skipped while state names are unknown, since that explains everything.
    pub(super) fn check_reach(&mut self, start: Option<StateId>) {
        let Some(start) = start.filter(|_| !self.dangling) else { return };
        let edges = self.edges();
        let entries = self.document.migrate.iter().flat_map(|doc| &doc.states);
        let entries = entries.filter_map(|(_, new)| self.state_ids.get(&new.value).copied());
        let reached = search(&edges, entries.chain([start]));
        let mut back = vec![Vec::new(); edges.len()];
        for (from, targets) in edges.iter().enumerate() {
            for to in targets {
                if let Some(sources) = back.get_mut(*to) {
                    sources.push(from);
                }
            }
        }
        let states = &self.document.states;
        let ends = states.iter().enumerate().filter(|(_, s)| is_end(&s.kind)).map(|(id, _)| id);
        let ending = search(&back, ends);
        for ((state, reached), ending) in states.iter().zip(reached).zip(ending) {
            let name = &state.name.value;
            if !reached {
                let help = "lead to it by a `go_to`, or leave it out";
                self.findings.warning(state.name.span, format!("no task ever reaches `{name}`"), Some(help.to_owned()));
            } else if !ending {
                let message = format!("no task in `{name}` ever ends: no path leads to a result or failure");
                self.findings.warning(state.name.span, message, None);
            }
        }
    }

    /// Warns of timers that always lead back to their own wait: the wait's timeout counts from each arrival, and so
    /// never strikes.
    pub(super) fn check_timers(&mut self) {
        if self.dangling {
            return;
        }
        let states = &self.document.states;
        let own = |state: &StateDoc| targets(&state.kind).filter_map(|name| self.id(name)).collect();
        let edges: Vec<Vec<StateId>> = states.iter().map(own).collect();
        let mut found = Vec::new();
        let mut steps = 0;
        for (id, state) in states.iter().enumerate() {
            let StateKindDoc::WaitUntil(wait) = &state.kind else { continue };
            let Some(timeout) = &wait.timeout else { continue };
            for branch in wait.branches.iter().filter(|branch| branch.condition.is_none()) {
                let (Some(after), Some(to)) = (&branch.after, branch.go_to.as_ref().and_then(|to| self.id(to))) else {
                    continue;
                };
                if after.value >= timeout.value || steps > MAX_TIMER_STEPS {
                    continue;
                }
                let reached = search_until(&edges, to, id, &mut steps);
                let leads_back = reached.contains(&id);
                let ends = reached.iter().any(|id| states.get(*id).is_some_and(|state| is_end(&state.kind)));
                if leads_back && (to == id || !ends) && !self.counts_rounds(wait, &reached) {
                    found.push((after.clone(), timeout.value, &state.name.value));
                }
            }
        }
        for (after, timeout, state) in found {
            let message = format!(
                "`after: {}` leads back to `{state}`, where the timeout of {timeout} begins anew: it never comes",
                after.value
            );
            let help = "count the rounds in an attribute, and leave by a branch with `if`; or use the flow's `timeout`";
            self.findings.warning(after.span, message, Some(help.to_owned()));
        }
    }

    /// Whether the rounds of a wait can end it: one of its conditions reads its visits, or something that a body on the
    /// way changes.
    fn counts_rounds(&self, wait: &WaitDoc, reached: &HashSet<StateId>) -> bool {
        let words = |text: &'_ str| -> HashSet<String> {
            text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
        };
        let conditions = wait.branches.iter().filter_map(|branch| branch.condition.as_ref());
        let read: HashSet<String> = conditions.flat_map(|condition| words(&condition.text)).collect();
        let is_attribute = |word: &str| self.attributes.slot(word).is_some() || word == "sub_tasks";
        let changes = |id: &StateId| match self.document.states.get(*id).map(|state| &state.kind) {
            Some(StateKindDoc::Action(action)) => {
                words(&action.script.text).iter().any(|word| is_attribute(word) && read.contains(word))
            }
            Some(StateKindDoc::Start(_)) => read.iter().any(|word| word.ends_with("sub_tasks")),
            _ => false,
        };
        read.contains("visits") || reached.iter().any(changes)
    }

    /// The states that each state leads to in one move.
    fn edges(&self) -> Vec<Vec<StateId>> {
        self.edges_by(targets)
    }

    /// The states that each state leads to: by the keys of its own that `targets` selects, and by interactions and
    /// timeouts.
    pub(super) fn edges_by(&self, targets: Targets) -> Vec<Vec<StateId>> {
        let states = &self.document.states;
        let mut edges: Vec<Vec<StateId>> =
            states.iter().map(|state| targets(&state.kind).filter_map(|name| self.id(name)).collect()).collect();
        for interaction in &self.document.interactions {
            let Some(to) = interaction.go_to.as_ref().and_then(|name| self.id(name)) else { continue };
            for (state, targets) in states.iter().zip(&mut edges) {
                let allowed = interaction.when.as_ref().is_none_or(|w| w.iter().any(|n| n.value == state.name.value));
                if allowed && !is_end(&state.kind) {
                    targets.push(to);
                }
            }
        }
        let timeout = self.document.on_timeout.as_ref().and_then(|doc| doc.go_to.as_ref());
        if let Some(to) = timeout.and_then(|name| self.id(name)) {
            for (state, targets) in states.iter().zip(&mut edges) {
                if sleeps(&state.kind) {
                    targets.push(to);
                }
            }
        }
        edges
    }

    pub(super) fn id(&self, name: &Spanned<Name>) -> Option<StateId> {
        self.state_ids.get(&name.value).copied()
    }
}

/// Selects the state names in the keys of a state.
pub(super) type Targets = fn(&StateKindDoc) -> Box<dyn Iterator<Item = &Spanned<Name>> + '_>;

/// The state names in a state's own keys.
pub(super) fn targets(kind: &StateKindDoc) -> Box<dyn Iterator<Item = &Spanned<Name>> + '_> {
    match kind {
        StateKindDoc::Action(action) => {
            Box::new(action.go_to.iter().chain(action.on_error.iter().filter_map(|b| b.go_to.as_ref())))
        }
        StateKindDoc::Decision(DecisionDoc::Boolean { if_true, if_false, .. }) => {
            Box::new(if_true.iter().chain(if_false))
        }
        StateKindDoc::Decision(DecisionDoc::Branches(branches)) => {
            Box::new(branches.iter().filter_map(|b| b.go_to.as_ref()))
        }
        StateKindDoc::WaitUntil(wait) => Box::new(wait.branches.iter().filter_map(|b| b.go_to.as_ref())),
        StateKindDoc::Start(start) => Box::new(start.go_to.iter()),
        StateKindDoc::Result(_) | StateKindDoc::Failure(_) | StateKindDoc::Broken => Box::new(std::iter::empty()),
    }
}

const fn is_end(kind: &StateKindDoc) -> bool {
    matches!(kind, StateKindDoc::Result(_) | StateKindDoc::Failure(_))
}

/// Where the flow's timeout may strike.
const fn sleeps(kind: &StateKindDoc) -> bool {
    match kind {
        StateKindDoc::WaitUntil(_) => true,
        StateKindDoc::Action(action) => action.retry.is_some(),
        _ => false,
    }
}

/// The nodes reachable from `from`, without going on from `until`.
fn search_until(edges: &[Vec<StateId>], from: StateId, until: StateId, steps: &mut usize) -> HashSet<StateId> {
    let mut reached = HashSet::from([from]);
    let mut next = vec![from];
    while let Some(id) = next.pop().filter(|_| *steps <= MAX_TIMER_STEPS) {
        *steps += 1;
        if id != until {
            next.extend(edges.get(id).into_iter().flatten().copied().filter(|to| reached.insert(*to)));
        }
    }
    reached
}

/// The nodes reachable from `from`, breadth first.
pub(super) fn search(edges: &[Vec<StateId>], from: impl IntoIterator<Item = StateId>) -> Vec<bool> {
    let mut reached = vec![false; edges.len()];
    let mut next: Vec<StateId> = from.into_iter().collect();
    while let Some(id) = next.pop() {
        let Some(seen) = reached.get_mut(id) else { continue };
        if !std::mem::replace(seen, true) {
            next.extend(edges.get(id).into_iter().flatten());
        }
    }
    reached
}
