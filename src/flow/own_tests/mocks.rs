//! Mocks of a test: of functions, and of flows that are started.

use std::sync::Arc;

use crate::definition::{AnswerDoc, AnswerKindDoc, MockDoc, PlainValue, Scalar};
use crate::diagnostic::Span;
use crate::duration::Duration;
use crate::expression::{Expressions, Role, Vocabulary};
use crate::name::{Name, nearest};
use crate::task::Status;
use crate::value::{Shape, Type, Value};

use super::super::PlacedScript;
use super::super::findings::{listed, meant};
use super::super::test::{Answer, AnswerKind, Mock, MockFailure};
use super::{TestChecker, text_of};

/// What the script of a mock sees.
const ARGS: &str = "args";
/// The fields of a failure.
const FAIL_FIELDS: [&str; 3] = ["kind", "message", "data"];
/// What may be said of a sub-task that is mocked.
const START_FIELDS: [&str; 6] = ["status", "state", "attributes", "output", "error", "after"];

impl TestChecker<'_> {
    /// A mock of a function.
    pub(super) fn mock(&mut self, doc: &MockDoc) -> Option<Mock> {
        let functions = Arc::clone(&self.surroundings.functions);
        if !functions.iter().any(|function| function.name == doc.name.value) {
            let near = nearest(&doc.name.value, functions.iter().map(|f| f.name.as_str()));
            let help = near.map_or_else(
                || "functions are mocked by their names, as scripts call them: `http::post`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            self.findings.error(doc.name.span, format!("no function is called `{}`", doc.name.value), Some(help));
        }
        let answers = doc.answers.iter().filter_map(|answer| self.answer(answer, false)).collect();
        Some(Mock { name: doc.name.value.clone(), answers })
    }

    /// A mock of a flow that is started.
    pub(super) fn start(&mut self, doc: &MockDoc) -> Option<Mock> {
        self.flow_named(&doc.name.value, doc.name.span);
        let answers = doc.answers.iter().filter_map(|answer| self.answer(answer, true)).collect();
        Some(Mock { name: doc.name.value.clone(), answers })
    }

    /// Reports a flow that is not there.
    pub(super) fn flow_named(&mut self, name: &Name, span: Span) {
        if !self.known.iter().any(|known| known.name == *name) {
            let help = meant(name, self.known.iter().map(|known| known.name.as_str()));
            self.findings.error(span, format!("no flow is called `{name}`"), help);
        }
    }

    fn answer(&mut self, doc: &AnswerDoc, starts: bool) -> Option<Answer> {
        let takes = doc.takes.as_ref().map_or(Duration::ZERO, |takes| takes.value);
        let kind = match &doc.kind {
            AnswerKindDoc::Give(plain) => {
                if starts {
                    self.ending(plain, doc.span);
                }
                AnswerKind::Give(plain.value.clone())
            }
            AnswerKindDoc::Fail(plain) => AnswerKind::Fail(self.failure(plain, doc.span)),
            AnswerKindDoc::Script(scalar) => AnswerKind::Script(self.mock_script(scalar)?),
        };
        Some(Answer { kind, takes, span: doc.span })
    }

    /// How a call fails: its message, or its fields.
    fn failure(&mut self, plain: &PlainValue, span: Span) -> MockFailure {
        match &plain.value {
            Value::Unit => MockFailure::default(),
            Value::Map(map) => {
                for field in map.keys().filter(|field| !FAIL_FIELDS.contains(&field.as_str())) {
                    let help = meant(field, FAIL_FIELDS);
                    let help = help.or_else(|| Some(format!("expected {}", listed(FAIL_FIELDS))));
                    self.findings.error(self.mention(span, field), format!("a failure has no `{field}`"), help);
                }
                MockFailure {
                    kind: map.get("kind").and_then(text_of).map(Name::from),
                    message: map.get("message").and_then(text_of),
                    data: map.get("data").cloned().unwrap_or_default(),
                }
            }
            value => {
                let message = plain.text.clone().or_else(|| text_of(value));
                MockFailure { message, ..MockFailure::default() }
            }
        }
    }

    /// What becomes of a sub-task: a map of what is known of it.
    fn ending(&mut self, plain: &PlainValue, span: Span) {
        let Value::Map(map) = &plain.value else {
            let help = Some("say what becomes of it: `{ status: completed, output: … }`".to_owned());
            self.findings.error(span, "a sub-task is no value", help);
            return;
        };
        for field in map.keys().filter(|field| !START_FIELDS.contains(&field.as_str())) {
            let help = meant(field, START_FIELDS).or_else(|| Some(format!("expected {}", listed(START_FIELDS))));
            self.findings.error(self.mention(span, field), format!("a mocked sub-task has no `{field}`"), help);
        }
        if let Some(status) = map.get("status") {
            let names = || Status::ALL.iter().map(|status| status.name());
            let given = status.to_text();
            if !names().any(|name| name == given) {
                let help = meant(&given, names()).or_else(|| Some(format!("expected {}", listed(names()))));
                self.findings.error(self.mention(span, &given), format!("`{given}` is no status of a task"), help);
            }
        }
        if let Some(after) = map.get("after") {
            let given = after.to_text();
            if given.parse::<Duration>().is_err() {
                let message = format!("`after` takes a duration, like `10m`, found `{given}`");
                self.findings.error(self.mention(span, &given), message, None);
            }
        }
    }

    /// Where a name is first mentioned within `span`, as a whole word.
    pub(super) fn mention(&self, span: Span, name: &str) -> Span {
        let text = self.source.slice(span);
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '?' | '!');
        let whole = |at: &usize| {
            let before = text.get(..*at).and_then(|t| t.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        };
        match text.match_indices(name).map(|(at, _)| at).find(whole).filter(|_| !name.is_empty()) {
            Some(at) => Span::new(span.start + at, span.start + at + name.len()),
            None => span,
        }
    }

    fn mock_script(&mut self, scalar: &Scalar) -> Option<PlacedScript> {
        let functions = self.document.functions.as_ref().map(|functions| functions.text.as_ref());
        let limits = &self.surroundings.limits;
        let mocking = self.mocking.get_or_init(|| {
            let attributes = vec![(Name::new(ARGS), Shape::of(Type::Any))];
            let vocabulary = Vocabulary { attributes, limits: limits.clone(), ..Vocabulary::default() };
            // What is wrong with the flow's functions is told where they are checked.
            Expressions::new(vocabulary, functions).0
        });
        let compiled = mocking.compile(&scalar.text, Role::Value);
        self.script(scalar, compiled)
    }
}
