//! `tests`: the names of states, attributes and interactions that a flow's own tests mention.

use crate::definition::TestDoc;
use crate::diagnostic::Span;
use crate::value::{Map, Value};

use super::check::Checker;
use super::findings::meant;

/// What a name in a test names.
#[derive(Clone, Copy)]
enum Named {
    State,
    Attribute,
    Interaction,
}

impl Checker<'_> {
    /// Reports names that the flow does not have.
    pub(super) fn check_tests(&mut self) {
        for test in &self.document.tests {
            let body = &test.body.value;
            self.check_named(test, Named::State, body.get("state"));
            self.check_keys(test, Named::Attribute, body.get("given"));
            self.check_expected(test, body.get("expect"));
            let Some(Value::List(steps)) = body.get("steps") else { continue };
            for step in steps.iter() {
                self.check_keys(test, Named::Interaction, step.get("interact"));
                self.check_expected(test, step.get("expect"));
            }
        }
    }

    fn check_expected(&mut self, test: &TestDoc, expected: Option<&Value>) {
        let Some(expected) = expected else { return };
        self.check_named(test, Named::State, expected.get("state"));
        self.check_keys(test, Named::Attribute, expected.get("attributes"));
        if let Some(Value::List(visited)) = expected.get("visited") {
            for state in visited.iter() {
                self.check_named(test, Named::State, Some(state));
            }
        }
    }

    fn check_keys(&mut self, test: &TestDoc, what: Named, map: Option<&Value>) {
        if let Some(Value::Map(map)) = map {
            Map::keys(map).for_each(|name| self.check_name(test, what, name));
        }
    }

    fn check_named(&mut self, test: &TestDoc, what: Named, name: Option<&Value>) {
        if let Some(name) = name.and_then(Value::as_str) {
            self.check_name(test, what, name);
        }
    }

    fn check_name(&mut self, test: &TestDoc, what: Named, name: &str) {
        let document = self.document;
        let (called, known): (&str, Vec<&str>) = match what {
            Named::State => ("state", document.states.iter().map(|s| s.name.value.as_str()).collect()),
            Named::Attribute => ("attribute", document.attributes.iter().map(|a| a.name.value.as_str()).collect()),
            Named::Interaction => {
                ("interaction", document.interactions.iter().map(|i| i.name.value.as_str()).collect())
            }
        };
        if !known.contains(&name) {
            let span = self.mention(test, name);
            self.findings.error(span, format!("unknown {called} `{name}` in a test"), meant(name, known));
        }
    }

    /// Where a test first mentions `name`, as a whole word; its name, if that cannot be made out.
    fn mention(&self, test: &TestDoc, name: &str) -> Span {
        let text = self.document.source.slice(test.span);
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '?' | '!');
        let whole = |at: &usize| {
            let before = text.get(..*at).and_then(|t| t.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        };
        match text.match_indices(name).map(|(at, _)| at).find(whole) {
            Some(at) => Span::new(test.span.start + at, test.span.start + at + name.len()),
            None => test.name.span,
        }
    }
}
