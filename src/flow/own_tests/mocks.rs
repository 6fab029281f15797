//! Mocks of a test: of functions, and of flows that are started.

use std::sync::Arc;

use crate::definition::{AnswerDoc, AnswerKindDoc, MockDoc, PlainValue, Scalar, StateKindDoc, TestDoc};
use crate::diagnostic::Span;
use crate::duration::Duration;
use crate::expression::{Expressions, FunctionBody, MAX_KIND_BYTES, Role, Vocabulary};
use crate::name::{Name, nearest};
use crate::task::Status;
use crate::value::{Map, Shape, Type, Value};

use super::super::PlacedScript;
use super::super::findings::{listed, meant};
use super::super::scripts::bodies;
use super::super::test::{Answer, AnswerKind, Mock, MockFailure};
use super::TestChecker;
use super::fields::text_of;

/// What the script of a mock sees.
const ARGS: &str = "args";
/// The fields of a failure, and of the error of a sub-task.
const FAIL_FIELDS: [&str; 3] = ["kind", "message", "data"];
/// The keys of a mocked sub-task.
const START_FIELDS: [&str; 6] = ["status", "state", "attributes", "output", "error", "after"];

impl TestChecker<'_> {
    /// A mock of a function.
    pub(super) fn mock(&mut self, doc: &MockDoc) -> Option<Mock> {
        let functions = Arc::clone(&self.context.functions);
        if !functions.iter().any(|function| function.name == doc.name.value) {
            let near = nearest(&doc.name.value, functions.iter().map(|f| f.name.as_str()));
            let help = near.map_or_else(
                || "functions are mocked by their names, as scripts call them: `http::post`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            self.findings.error(doc.name.span, format!("no function is called `{}`", doc.name.value), Some(help));
        }
        self.computed(doc);
        self.never_given(doc);
        let answers = doc.answers.iter().filter_map(|answer| self.answer(answer, None)).collect();
        Some(Mock { name: doc.name.clone(), answers })
    }

    /// Reports keys that a function without effects cannot have: it takes no time.
    fn computed(&mut self, doc: &MockDoc) {
        let functions = &self.context.functions;
        let function = functions.iter().find(|function| function.name == doc.name.value);
        if !function.is_some_and(|function| matches!(function.body, FunctionBody::Pure(_))) {
            return;
        }
        if let Some(takes) = doc.answers.iter().find_map(|answer| answer.takes.as_ref()) {
            let message = format!("`{}` only computes: it takes no time", doc.name.value);
            self.findings.error(takes.span, message, None);
        }
    }

    /// Reports answers that the function never gives.
    fn never_given(&mut self, doc: &MockDoc) {
        let functions = Arc::clone(&self.context.functions);
        let function = functions.iter().find(|function| function.name == doc.name.value);
        let Some(gives) = function.and_then(|function| function.takes.gives) else { return };
        for answer in &doc.answers {
            let AnswerKindDoc::Give(plain) = &answer.kind else { continue };
            // A call that only takes its time may come to its limit before it gives anything.
            if plain.value.is_unit() && answer.takes.is_some() {
                continue;
            }
            for misfit in gives.misfits(&doc.name.value, &plain.value) {
                let span = misfit.field.map_or(answer.span, |field| self.mention(answer.span, field));
                self.findings.error(span, misfit.message, misfit.help);
            }
        }
    }

    /// A mock of a flow that is started.
    pub(super) fn start(&mut self, doc: &MockDoc) -> Option<Mock> {
        self.flow_named(&doc.name.value, doc.name.span);
        let answers = doc.answers.iter().filter_map(|answer| self.answer(answer, Some(&doc.name.value))).collect();
        Some(Mock { name: doc.name.clone(), answers })
    }

    /// Reports a flow that is not there.
    pub(super) fn flow_named(&mut self, name: &Name, span: Span) {
        if !self.known.iter().any(|known| known.name == *name) {
            let help = meant(name, self.known.iter().map(|known| known.name.as_str()));
            self.findings.error(span, format!("no flow is called `{name}`"), help);
        }
    }

    /// Warns about mocks that nothing calls, if that can be known. Calls of sub-tasks are not known here.
    pub(super) fn uncalled(&mut self, doc: &TestDoc) {
        let document = self.document;
        let mut starts = document.states.iter().filter(|state| matches!(state.kind, StateKindDoc::Start(_)));
        let text: String = bodies(document).flat_map(|script| script.text.split_whitespace()).collect();
        if starts.next().is_some() || text.contains("start(") {
            return;
        }
        let functions = Arc::clone(&self.context.functions);
        let is_effect = |name: &Name| {
            let function = functions.iter().find(|function| function.name == *name);
            function.is_some_and(|function| matches!(function.body, FunctionBody::Effect { .. }))
        };
        let calls = doc.mocks.iter().filter(|mock| is_effect(&mock.name.value) && !text.contains(&*mock.name.value));
        let is_flow = |mock: &&MockDoc| self.known.iter().any(|known| known.name == mock.name.value);
        for name in calls.chain(doc.starts.iter().filter(is_flow)).map(|mock| &mock.name) {
            let (message, help) = nothing_calls(&name.value);
            self.findings.warning(name.span, message, Some(help));
        }
    }

    fn answer(&mut self, doc: &AnswerDoc, starts: Option<&Name>) -> Option<Answer> {
        let takes = doc.takes.as_ref().map_or(Duration::ZERO, |takes| takes.value);
        let kind = match &doc.kind {
            AnswerKindDoc::Give(plain) => {
                if let Some(flow) = starts {
                    self.ending(flow, plain, doc.span);
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
                self.only(map, &FAIL_FIELDS, span, "a failure");
                MockFailure {
                    kind: self.kind_of(map, span, "a failure"),
                    message: self.text_field(map, "message", span, "a failure"),
                    data: map.get("data").cloned().unwrap_or_default(),
                }
            }
            value => {
                let message = plain.text.clone().or_else(|| text_of(value));
                if message.is_none() {
                    self.wrong("fail", span, "a mock", "a message, or `kind`, `message` and `data`", value);
                }
                MockFailure { message, ..MockFailure::default() }
            }
        }
    }

    /// The kind of an error. It is bounded as in life.
    fn kind_of(&mut self, map: &Map, span: Span, what: &str) -> Option<Name> {
        let kind = self.text_field(map, "kind", span, what)?;
        if kind.len() > MAX_KIND_BYTES {
            let message = format!("the kind of an error has too many bytes (MAX_KIND_BYTES: {MAX_KIND_BYTES})");
            self.findings.error(self.mention(span, "kind"), message, None);
        }
        Some(Name::from(kind))
    }

    /// The outcome of a sub-task of `flow`, from a map.
    fn ending(&mut self, flow: &Name, plain: &PlainValue, span: Span) {
        let Value::Map(map) = &plain.value else {
            let help = Some("say how it ends: `{ status: completed, output: … }`".to_owned());
            self.findings.error(span, "a sub-task is not a value", help);
            return;
        };
        let what = "a mocked sub-task";
        self.only(map, &START_FIELDS, span, what);
        if let Some(given) = self.text_field(map, "status", span, what) {
            let names = || Status::ALL.iter().map(|status| status.name());
            if !names().any(|name| name == given) {
                let help = meant(&given, names()).or_else(|| Some(format!("expected {}", listed(names()))));
                self.findings.error(self.mention(span, &given), format!("`{given}` is not a status of a task"), help);
            }
        }
        if let Some(after) = map.get("after") {
            let given = after.to_text();
            if given.parse::<Duration>().is_err() {
                let message = format!("`after` takes a duration, like `10m`, found `{given}`");
                self.findings.error(self.mention(span, &given), message, None);
            }
        }
        match map.get("error") {
            Some(Value::Map(error)) => {
                self.only(error, &FAIL_FIELDS, span, "an error");
                self.kind_of(error, span, "an error");
                self.text_field(error, "message", span, "an error");
            }
            Some(error) if !error.is_unit() && text_of(error).is_none() => {
                self.wrong("error", span, what, "a message, or `kind`, `message` and `data`", error);
            }
            _ => {}
        }
        if let Some(given) = self.text_field(map, "state", span, what)
            && let Some(known) = self.known.iter().find(|known| known.name == *flow)
            && !known.states.iter().any(|state| *state == *given)
        {
            let help = meant(&given, known.states.iter().map(Name::as_str));
            self.findings.error(self.mention(span, &given), format!("flow `{flow}` has no state `{given}`"), help);
        }
        match map.get("attributes") {
            Some(Value::Map(attributes)) => self.attributes_of(flow, attributes, span),
            Some(other) if !other.is_unit() => self.wrong("attributes", span, what, "values by name", other),
            _ => {}
        }
    }

    /// Reports attributes that `flow` does not have.
    pub(super) fn attributes_of(&mut self, flow: &Name, given: &Map, span: Span) {
        let Some(known) = self.known.iter().find(|known| known.name == *flow) else { return };
        for name in given.keys().filter(|name| !known.attributes.iter().any(|known| known.name == **name)) {
            let help = meant(name, known.attributes.iter().map(|known| known.name.as_str()));
            self.findings.error(self.mention(span, name), format!("flow `{flow}` has no attribute `{name}`"), help);
        }
    }

    fn mock_script(&mut self, scalar: &Scalar) -> Option<PlacedScript> {
        let functions = self.document.functions.as_ref().map(|functions| functions.text.as_ref());
        let limits = &self.context.limits;
        let mocking = self.mocking.get_or_init(|| {
            let attributes = vec![(Name::new(ARGS), Shape::of(Type::Any))];
            let vocabulary = Vocabulary { attributes, limits: limits.clone(), ..Vocabulary::default() };
            // Mistakes in the flow's functions are reported where they are checked.
            Expressions::new(vocabulary, functions).0
        });
        let compiled = mocking.compile(&scalar.text, Role::Value);
        self.script(scalar, compiled)
    }
}

/// The warning about a mock of `name` that nothing calls.
pub(crate) fn nothing_calls(name: &Name) -> (String, String) {
    (
        format!("`{name}` is mocked, but nothing calls it"),
        "leave the mock out, or let the test come to the call".to_owned(),
    )
}
