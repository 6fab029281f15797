//! `expect` of a test.

use std::sync::Arc;

use crate::definition::{ExpectDoc, PlainValue, PlainValues};
use crate::diagnostic::{Span, Spanned};
use crate::expression::FunctionBody;
use crate::name::Name;
use crate::task::Status;
use crate::value::Value;

use super::super::attributes::{as_written, kind_of};
use super::super::findings::{listed, meant};
use super::super::test::{Expect, ExpectedError, Times};
use super::{TestChecker, text_of};

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

    fn expected_attributes(&mut self, given: &PlainValues) -> Vec<(Span, Name, PlainValue)> {
        let declared = &self.document.attributes;
        let mut expected = Vec::with_capacity(given.len());
        for (name, plain) in given {
            let Some(doc) = declared.iter().find(|a| a.name.value == name.value) else {
                let known = declared.iter().map(|a| a.name.value.as_str());
                self.unknown(name.span, format!("unknown attribute `{}` in a test", name.value), &name.value, known);
                continue;
            };
            let value = as_written(kind_of(&doc.rules), &plain.value);
            expected.push((name.span, name.value.clone(), PlainValue { value, text: plain.value.text.clone() }));
        }
        expected
    }

    /// `error: part of the message`, or some of its fields; null, if there must be none.
    fn expected_error(&mut self, error: &Spanned<PlainValue>) -> Option<ExpectedError> {
        let map = match &error.value.value {
            Value::Unit => return None,
            Value::Map(map) => map,
            value => {
                let message = error.value.text.clone().or_else(|| text_of(value)).into_iter().collect();
                return Some(ExpectedError { message, ..ExpectedError::default() });
            }
        };
        for field in map.keys().filter(|field| !ERROR_FIELDS.contains(&field.as_str())) {
            let help = meant(field, ERROR_FIELDS).or_else(|| Some(format!("expected {}", listed(ERROR_FIELDS))));
            self.findings.error(self.mention(error.span, field), format!("an error has no `{field}`"), help);
        }
        let message = match map.get("message") {
            Some(Value::List(parts)) => parts.iter().filter_map(text_of).collect(),
            Some(part) => text_of(part).into_iter().collect(),
            None => Vec::new(),
        };
        Some(ExpectedError {
            kind: map.get("kind").and_then(text_of),
            message,
            state: map.get("state").and_then(text_of),
            attempt: map.get("attempt").and_then(|attempt| match attempt {
                Value::Integer(attempt) => Some(*attempt),
                _ => None,
            }),
            data: map.get("data").cloned(),
        })
    }

    fn expected_calls(&mut self, calls: &PlainValues) -> Vec<(Span, Name, Times)> {
        let functions = Arc::clone(&self.surroundings.functions);
        let mut expected = Vec::with_capacity(calls.len());
        for (name, plain) in calls {
            match functions.iter().find(|function| function.name == name.value).map(|function| &function.body) {
                None => {
                    let known = functions.iter().map(|f| f.name.as_str());
                    self.unknown(name.span, format!("no function is called `{}`", name.value), &name.value, known);
                }
                Some(FunctionBody::Pure(_)) => {
                    let message =
                        format!("`{}` only computes: it is no call that counts, and may run again", name.value);
                    self.findings.error(name.span, message, None);
                }
                Some(FunctionBody::Effect { .. }) => {}
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
