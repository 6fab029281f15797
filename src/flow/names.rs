//! State names: each must be known.

use crate::diagnostic::Spanned;
use crate::name::Name;

use super::StateId;
use super::check::Checker;
use super::findings::{listed, meant};

/// The default of `starts_with`.
pub(super) const START: &str = "start";
/// The executors a flow may ask for.
const EXECUTORS: [&str; 2] = ["inline", "background"];

impl Checker<'_> {
    /// The state called `name`; if there is none, reports that with the key.
    pub(super) fn state(&mut self, key: &str, name: &Spanned<Name>) -> Option<StateId> {
        let found = self.state_ids.get(&name.value).copied();
        if found.is_none() {
            self.dangling = true;
            let known = || self.document.states.iter().map(|s| s.name.value.as_str());
            let help = self.findings.have_room().then(|| meant(&name.value, known())).flatten();
            self.findings.error(name.span, format!("unknown state `{}` in `{key}`", name.value), help);
        }
        found
    }

    /// The target of a required key. If the key is missing, the reader has reported it.
    pub(super) fn target(&mut self, key: &str, name: Option<&Spanned<Name>>) -> Option<StateId> {
        if name.is_none() {
            self.dangling = true;
        }
        self.state(key, name?)
    }

    /// The target of an optional key. `None` if it is given but unknown.
    #[expect(clippy::option_option, reason = "left out is not wrong")]
    pub(super) fn optional_target(&mut self, key: &str, name: Option<&Spanned<Name>>) -> Option<Option<StateId>> {
        match name {
            Some(name) => self.state(key, name).map(Some),
            None => Some(None),
        }
    }

    /// The state a task begins in.
    pub(super) fn first_state(&mut self) -> Option<StateId> {
        if let Some(name) = &self.document.starts_with {
            return self.state("starts_with", name);
        }
        let found = self.state_ids.get(START).copied();
        if found.is_none() {
            self.dangling = true;
        }
        if let (None, Some(first)) = (found, self.document.states.first()) {
            self.findings.error(
                self.document.states_span,
                format!("there is no state `{START}`, and no `starts_with` says where to begin"),
                Some(format!("add `starts_with: {}`, or the state that is meant", first.name.value)),
            );
        }
        found
    }

    /// Checks settings of the flow that are names or bounds.
    pub(super) fn check_settings(&mut self) {
        let document = self.document;
        if let Some(runs_on) = document.runs_on.as_ref().filter(|r| !EXECUTORS.contains(&r.value.as_str())) {
            let help = meant(&runs_on.value, EXECUTORS);
            let message = format!("unknown executor `{}`: expected {}", runs_on.value, listed(EXECUTORS));
            self.findings.error(runs_on.span, message, help);
        }
        if let Some(queue) = document.queue.as_ref().filter(|q| !crate::name::is_attribute_name(&q.value)) {
            let message =
                format!("`{}` is not a valid name of a queue: expected small letters, digits and `_`", queue.value);
            self.findings.error(queue.span, message, None);
        }
        self.positive("delay", document.delay.as_ref(), "a sleeping task would look without end");
    }

    /// A duration that must be above zero.
    pub(super) fn positive(&mut self, key: &str, given: Option<&Spanned<crate::duration::Duration>>, why: &str) {
        if let Some(given) = given.filter(|d| d.value == crate::duration::Duration::ZERO) {
            self.findings.error(given.span, format!("`{key}` must be longer than 0s: {why}"), None);
        }
    }
}
