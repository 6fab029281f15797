//! Checks states; one function per kind.

use std::cmp::Ordering;

use crate::definition::{ActionDoc, BranchDoc, DecisionDoc, RetryDoc, StartDoc, StateDoc, StateKindDoc, WaitDoc};
use crate::duration::Duration;
use crate::expression::Role;
use crate::name::Name;

use super::check::Checker;
use super::names::START;
use super::{Action, Branch, Decision, Retry, Start, State, StateKind, Wait};

/// The default of `attempts`.
const ATTEMPTS: u32 = 3;
/// The default of the delay of `retry`.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// The default of `backoff`.
const BACKOFF: f64 = 1.0;

impl Checker<'_> {
    /// All states, if none has errors.
    pub(super) fn states(&mut self) -> Option<Vec<State>> {
        let document = self.document;
        // All states are checked, whatever the first ones report.
        let states: Vec<Option<State>> = document.states.iter().map(|state| self.check_state(state)).collect();
        states.into_iter().collect()
    }

    fn check_state(&mut self, doc: &StateDoc) -> Option<State> {
        let kind = match &doc.kind {
            StateKindDoc::Action(action) => StateKind::Action(self.action(action)?),
            StateKindDoc::Decision(decision) => StateKind::Decision(self.decision(decision)?),
            StateKindDoc::WaitUntil(wait) => StateKind::Wait(self.wait(doc, wait)?),
            StateKindDoc::Start(start) => StateKind::Start(self.start(doc, start)?),
            StateKindDoc::Result(value) => StateKind::Result(self.optional_script(value.as_ref(), Role::Value)?),
            StateKindDoc::Failure(message) => StateKind::Failure(self.script(message, Role::Value)?),
            StateKindDoc::Broken => {
                self.dangling = true;
                return None;
            }
        };
        Some(State {
            name: doc.name.value.clone(),
            span: doc.name.span,
            label: doc.label.as_ref().map(|l| l.value.clone()),
            description: doc.description.as_ref().map(|d| d.value.clone()),
            kind,
        })
    }

    fn action(&mut self, doc: &ActionDoc) -> Option<Action> {
        let script = self.script(&doc.script, Role::Action);
        let go_to = self.target("go_to", doc.go_to.as_ref());
        self.positive("time_limit", doc.time_limit.as_ref(), "no try could end in time");
        let retry = doc.retry.as_ref().map(|retry| self.retry(retry));
        let on_error = self.branches("on_error", &doc.on_error, Role::ErrorCondition);
        Some(Action {
            script: script?,
            go_to: go_to?,
            time_limit: doc.time_limit.as_ref().map(|t| t.value),
            retry: match retry {
                Some(retry) => Some(retry?),
                None => None,
            },
            on_error: on_error?,
        })
    }

    fn retry(&mut self, doc: &RetryDoc) -> Option<Retry> {
        let condition = self.optional_script(doc.condition.as_ref(), Role::ErrorCondition);
        if let Some(attempts) = doc.attempts.as_ref().filter(|a| a.value == 0) {
            self.findings.error(attempts.span, "`attempts` counts the first try: expected 1 or more", None);
        }
        if let Some(backoff) = doc.backoff.as_ref().filter(|b| !(b.value >= 1.0 && b.value.is_finite())) {
            self.findings.error(backoff.span, "`backoff` multiplies each pause: expected 1 or more", None);
        }
        let delay = doc.delay.as_ref().map_or(RETRY_DELAY, |d| d.value);
        if let Some(longest) = doc.max_delay.as_ref().filter(|m| m.value < delay) {
            let message = format!("`max_delay` of {} is shorter than `delay` of {delay}", longest.value);
            self.findings.warning(longest.span, message, None);
        }
        Some(Retry {
            attempts: doc.attempts.as_ref().map_or(ATTEMPTS, |a| a.value),
            delay,
            backoff: doc.backoff.as_ref().map_or(BACKOFF, |b| b.value),
            max_delay: doc.max_delay.as_ref().map(|m| m.value),
            jitter: doc.jitter.as_ref().is_some_and(|j| j.value),
            condition: condition?,
        })
    }

    fn decision(&mut self, doc: &DecisionDoc) -> Option<Decision> {
        match doc {
            DecisionDoc::Boolean { condition, if_true, if_false } => {
                let condition = self.script(condition, Role::Condition);
                let if_true = self.target("if_true", if_true.as_ref());
                let if_false = self.target("if_false", if_false.as_ref());
                Some(Decision::Boolean { condition: condition?, if_true: if_true?, if_false: if_false? })
            }
            DecisionDoc::Branches(branches) => {
                self.branches("decision", branches, Role::Condition).map(Decision::Branches)
            }
        }
    }

    fn wait(&mut self, state: &StateDoc, doc: &WaitDoc) -> Option<Wait> {
        let branches = self.branches("wait_until", &doc.branches, Role::Condition);
        self.positive("delay", doc.delay.as_ref(), "the task would look without end");
        self.check_afters(&state.name.value, doc);
        Some(Wait {
            branches: branches?,
            delay: doc.delay.as_ref().map(|d| d.value),
            timeout: doc.timeout.as_ref().map(|t| t.value),
        })
    }

    /// Warns of an `after` that can never come, because the timeout strikes first. An `after` as long as the timeout
    /// does come, since branches are checked before the timeout. But the flow's timeout counts from the task's
    /// creation, so less of it is left for later waits.
    fn check_afters(&mut self, state: &Name, doc: &WaitDoc) {
        // Without `go_to`, the timeout starts anew and the task keeps waiting.
        let ends = self.document.on_timeout.as_ref().is_none_or(|on_timeout| on_timeout.go_to.is_some());
        let (timeout, whose) = match &doc.timeout {
            Some(timeout) => (timeout.value, "the wait's"),
            None => (self.timeout(), "the flow's"),
        };
        let comes_later = doc.timeout.is_none() && !self.is_where_the_clock_starts(state);
        for after in doc.branches.iter().filter_map(|b| b.after.as_ref()) {
            let since = match after.value.cmp(&timeout) {
                Ordering::Greater if ends => "",
                Ordering::Equal if ends && comes_later => ", which counts from the task's creation,",
                _ => continue,
            };
            self.findings.warning(
                after.span,
                format!("`after: {}` can never come: {whose} timeout of {timeout}{since} strikes before", after.value),
                Some("give the wait a longer `timeout`".to_owned()),
            );
        }
    }

    /// Whether a task may be in `state` when the flow's timeout starts counting.
    fn is_where_the_clock_starts(&self, state: &Name) -> bool {
        let first = self.document.starts_with.as_ref().map_or(START, |name| name.value.as_str());
        let after_timeout = self.document.on_timeout.as_ref().and_then(|on_timeout| on_timeout.go_to.as_ref());
        first == state.as_str() || after_timeout.is_some_and(|name| name.value == *state)
    }

    fn branches(&mut self, key: &str, docs: &[BranchDoc], role: Role) -> Option<Vec<Branch>> {
        self.check_order_of(key, docs);
        let branches: Vec<Option<Branch>> = docs.iter().map(|branch| self.branch(branch, role)).collect();
        branches.into_iter().collect()
    }

    fn branch(&mut self, doc: &BranchDoc, role: Role) -> Option<Branch> {
        let condition = self.optional_script(doc.condition.as_ref(), role);
        let go_to = self.target("go_to", doc.go_to.as_ref());
        Some(Branch {
            condition: condition?,
            after: doc.after.as_ref().map(|a| a.value),
            label: doc.label.as_ref().map(|l| l.value.clone()),
            go_to: go_to?,
            span: doc.span,
        })
    }

    /// Reports branches that are never reached, because an earlier one is always taken. (The reader has reported
    /// branches without a condition that are not the last.)
    fn check_order_of(&mut self, key: &str, docs: &[BranchDoc]) {
        let mut held: Option<Duration> = None;
        for branch in docs {
            let after = branch.after.as_ref().map_or(Duration::ZERO, |a| a.value);
            if let Some(held) = held.filter(|held| after >= *held) {
                let since = if held == Duration::ZERO { "always".to_owned() } else { format!("from {held} on") };
                let message = format!("this branch of `{key}` is never taken: one before it holds {since}");
                self.findings.warning(branch.span, message, Some("leave it out, or put it first".to_owned()));
            }
            let always = branch.condition.as_ref().is_some_and(|c| c.text.trim() == "true");
            let timed = branch.condition.is_none() && branch.after.is_some();
            if always || timed {
                held = Some(held.map_or(after, |held| held.min(after)));
            }
        }
    }

    fn start(&mut self, state: &StateDoc, doc: &StartDoc) -> Option<Start> {
        let for_each = self.optional_script(doc.for_each.as_ref(), Role::ForEach);
        let role = Role::With { item: doc.for_each.is_some() };
        let signature = doc.flow.as_ref().and_then(|flow| self.signature(&flow.value));
        let with = doc.with.iter().map(|(name, scalar)| {
            let becomes = signature.as_ref().and_then(|signature| signature.shape(&name.value));
            let becomes = becomes.map(|shape| (&name.value, shape));
            Some((name.value.clone(), self.with_script(scalar, role, becomes)?))
        });
        let with: Vec<_> = with.collect();
        let go_to = self.target("go_to", doc.go_to.as_ref());
        self.check_start(state, doc);
        Some(Start {
            flow: doc.flow.as_ref()?.value.clone(),
            for_each: for_each?,
            with: with.into_iter().collect::<Option<_>>()?,
            go_to: go_to?,
        })
    }
}
