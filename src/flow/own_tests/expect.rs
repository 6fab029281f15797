//! `expect` of a test.

use std::sync::Arc;

use crate::definition::{ExpectDoc, PlainValue, PlainValues};
use crate::diagnostic::{Span, Spanned};
use crate::name::{Name, is_attribute_name};
use crate::task::Status;
use crate::value::{Type, Value};

use super::super::test::{Expect, ExpectedError, Times};
use super::TestChecker;
use super::fields::text_of;

/// What may be expected of an error.
const ERROR_FIELDS: [&str; 5] = ["kind", "message", "state", "attempt", "data"];

impl TestChecker<'_> {
    pub(super) fn expect(&mut self, doc: &ExpectDoc) -> Expect {
        let status =
            doc.status.as_ref().and_then(|s| Status::ALL.into_iter().find(|known| known.name() == s.value.as_str()));
        let state = doc.state.as_ref().filter(|state| self.state(state).is_some());
        for name in &doc.visited {
            self.state(name);
        }
        Expect {
            status: status.map(|status| (doc.key("status"), status)),
            state: state.map(|state| (doc.key("state"), state.value.clone())),
            attributes: self.expected_attributes(&doc.attributes),
            output: doc.output.as_ref().map(|output| (doc.key("output"), output.value.clone())),
            error: doc.error.as_ref().map(|error| (doc.key("error"), self.expected_error(error))),
            visited: (!doc.visited.is_empty())
                .then(|| (doc.key("visited"), doc.visited.iter().map(|name| name.value.clone()).collect())),
            calls: self.expected_calls(&doc.calls),
            started: self.expected_starts(&doc.started),
            condition: doc.condition.as_ref().and_then(|c| Some((doc.key("if"), self.condition(c)?))),
        }
    }

    pub(super) fn expected_attributes(&mut self, given: &PlainValues) -> Vec<(Span, Name, PlainValue)> {
        let declared = &self.document.attributes;
        let mut expected = Vec::with_capacity(given.len());
        for (name, plain) in given {
            if !declared.iter().any(|a| a.name.value == name.value) {
                let known = declared.iter().map(|a| a.name.value.as_str());
                self.unknown(name.span, format!("unknown attribute `{}` in a test", name.value), &name.value, known);
                continue;
            }
            self.is_no_code(name, plain);
            expected.push((name.span, name.value.clone(), plain.value.clone()));
        }
        expected
    }

    /// `day: today()`: a test expects plain values. No attribute but a text can hold that.
    fn is_no_code(&mut self, name: &Spanned<Name>, plain: &Spanned<PlainValue>) {
        let declared = self.document.attributes.iter().find(|attribute| attribute.name.value == name.value);
        let kind = declared.and_then(|attribute| attribute.rules.kind.as_ref()).map(|kind| kind.value);
        let code = plain.value.value.as_str().and_then(|text| Some((text, text.strip_suffix("()")?)));
        let Some((text, _)) = code.filter(|(_, called)| is_attribute_name(called)) else { return };
        if let Some(kind) = kind.filter(|kind| !matches!(kind, Type::String | Type::Any)) {
            let message = format!("`{}` is of type {kind}, and this is the text `{text}`", name.value);
            let help = format!(
                "write the value that the test's `now` gives, or a condition: `expect: {{ if: {} == {text} }}`",
                name.value
            );
            self.findings.error(plain.span, message, Some(help));
        }
    }

    /// `error: part of the message`, or some of its fields; null, if there must be none.
    fn expected_error(&mut self, error: &Spanned<PlainValue>) -> Option<ExpectedError> {
        let span = error.span;
        let map = match &error.value.value {
            Value::Unit => return None,
            Value::Map(map) => map,
            value => {
                let message = error.value.text.clone().or_else(|| text_of(value));
                if message.is_none() {
                    let takes = "a part of its message, or some of its fields";
                    let help = Some("write it like `{ kind: http, message: [one part, another] }`".to_owned());
                    self.findings.error(span, format!("`error` takes {takes}"), help);
                }
                return Some(ExpectedError { message: message.into_iter().collect(), ..ExpectedError::default() });
            }
        };
        self.only(map, &ERROR_FIELDS, span, "an error");
        let message = match map.get("message") {
            Some(Value::List(parts)) => {
                if let Some(part) = parts.iter().find(|part| text_of(part).is_none()) {
                    self.wrong("message", span, "an error", "a part of it, or a list of parts", part);
                }
                parts.iter().filter_map(text_of).collect()
            }
            _ => self.text_field(map, "message", span, "an error").into_iter().collect(),
        };
        let state = self.text_field(map, "state", span, "an error");
        if let Some(state) = &state {
            self.state(&Spanned::new(Name::new(state), self.mention(span, state)));
        }
        let attempt = map.get("attempt").filter(|attempt| !attempt.is_unit());
        if let Some(attempt) = attempt.filter(|attempt| !matches!(attempt, Value::Integer(_))) {
            self.wrong("attempt", span, "an error", "a whole number", attempt);
        }
        Some(ExpectedError {
            kind: self.text_field(map, "kind", span, "an error"),
            message,
            state,
            attempt: attempt
                .and_then(|attempt| if let Value::Integer(number) = attempt { Some(*number) } else { None }),
            data: map.get("data").cloned(),
        })
    }

    fn expected_calls(&mut self, calls: &PlainValues) -> Vec<(Span, Name, Times)> {
        let functions = Arc::clone(&self.context.functions);
        let mut expected = Vec::with_capacity(calls.len());
        for (name, plain) in calls {
            if !functions.iter().any(|function| function.name == name.value) {
                let known = functions.iter().map(|f| f.name.as_str());
                self.unknown(name.span, format!("no function is called `{}`", name.value), &name.value, known);
            }
            let example = "a count, or a list of the arguments of each call: `[[first, second]]`";
            expected.extend(self.times(name, plain, example, true));
        }
        expected
    }

    fn expected_starts(&mut self, started: &PlainValues) -> Vec<(Span, Name, Times)> {
        let mut expected = Vec::with_capacity(started.len());
        for (name, plain) in started {
            self.flow_named(&name.value, name.span);
            if let Value::List(each) = &plain.value.value {
                for given in each.iter() {
                    if let Value::Map(given) = given {
                        self.attributes_of(&name.value, given, plain.span);
                    }
                }
            }
            let example = "a count, or a list of the attributes of each: `[{ name: value }]`";
            expected.extend(self.times(name, plain, example, false));
        }
        expected
    }

    fn times(
        &mut self,
        name: &Spanned<Name>,
        plain: &Spanned<PlainValue>,
        example: &str,
        of_calls: bool,
    ) -> Option<(Span, Name, Times)> {
        let fits = |each: &Value| if of_calls { matches!(each, Value::List(_)) } else { matches!(each, Value::Map(_)) };
        let times = match &plain.value.value {
            Value::Integer(count) if *count >= 0 => Times::Count(count.unsigned_abs()),
            Value::List(each) if each.iter().all(fits) => Times::Each(each.to_vec()),
            _ => {
                self.findings.error(plain.span, format!("`{}` takes {example}", name.value), None);
                return None;
            }
        };
        Some((name.span, name.value.clone(), times))
    }
}
