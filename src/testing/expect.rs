//! `expect` of a test: reports all differences, not only the first.

mod error;

use crate::definition::PlainValue;
use crate::diagnostic::Span;
use crate::flow::{Expect, Times};
use crate::interpreter::holds as condition_holds;
use crate::name::Name;
use crate::task::{Attributes, SECRET, Status};
use crate::value::Value;

use error::why_failed;

use super::compare::{holds, same, trimmed};
use super::play::Play;
use super::report::TestFailure;
use super::shown::{both, brief, shown};
use super::stage::Held;

/// States that are listed in a message.
const MAX_STATES: usize = 40;

impl Play<'_> {
    /// Compares the task with what is expected.
    pub(super) fn expect(&mut self, expect: &Expect) {
        if let Some(refused) = self.refused.take() {
            if !self.expect_refusal(expect, refused) {
                return;
            }
        } else if let Some((key, wanted)) = &expect.error {
            let error = self.stage.first().and_then(|held| held.task.error.as_deref().cloned());
            self.expect_error(*key, wanted.as_ref(), error.as_ref());
        }
        let mut wrong = Vec::new();
        self.of_calls(expect, &mut wrong);
        match self.stage.first() {
            Some(held) => {
                self.of_task(expect, held, &mut wrong);
                self.of_attributes(expect, held, &mut wrong);
                self.of_condition(expect, held, &mut wrong);
            }
            None => {
                if let Some(key) = of_a_task(expect) {
                    self.nothing_started(key);
                }
            }
        }
        self.failures.extend(wrong);
        self.failures.sort_by_key(|failure| failure.span.start);
    }

    pub(super) fn differs(&self, span: Span, what: &str, wanted: String, got: String) -> TestFailure {
        TestFailure {
            source: std::sync::Arc::clone(&self.test.source),
            span,
            message: format!("{what} differs"),
            expected: Some(wanted),
            got: Some(got),
            help: None,
        }
    }

    fn of_task(&self, expect: &Expect, held: &Held, wrong: &mut Vec<TestFailure>) {
        let task = &held.task;
        if let Some((span, status)) = expect.status.filter(|(_, status)| *status != task.status) {
            let got = TestFailure {
                help: why_failed(task),
                ..self.differs(span, "`status`", status.name().to_owned(), task.status.name().to_owned())
            };
            wrong.push(got);
        }
        if let Some((span, state)) = expect.state.as_ref().filter(|(_, state)| *state != task.state) {
            let told = expect.status.is_some_and(|(_, status)| status != task.status);
            let help = why_failed(task).filter(|_| !told);
            wrong.push(TestFailure {
                help,
                ..self.differs(*span, "`state`", state.to_string(), task.state.to_string())
            });
        }
        if let Some((span, output)) = expect.output.as_ref().filter(|(_, output)| !same(&output.value, &task.output)) {
            wrong.push(self.value(*span, "`output`", &output.value, &task.output));
        }
        let visited = &held.visited;
        if let Some((span, wanted)) = expect.visited.as_ref().filter(|(_, wanted)| !within(wanted, visited)) {
            let names = |names: &[Name]| names.iter().take(MAX_STATES).map(Name::as_str).collect::<Vec<_>>().join(", ");
            wrong.push(self.differs(*span, "`visited`", names(wanted), names(visited)));
        }
    }

    fn of_attributes(&self, expect: &Expect, held: &Held, wrong: &mut Vec<TestFailure>) {
        let attributes = &held.task.attributes;
        wrong.extend(
            expect.attributes.iter().filter_map(|(span, name, wanted)| self.attribute(*span, name, wanted, attributes)),
        );
    }

    /// An attribute that is not what is expected.
    pub(super) fn attribute(
        &self,
        span: Span,
        name: &Name,
        wanted: &PlainValue,
        attributes: &Attributes,
    ) -> Option<TestFailure> {
        let got = attributes.by_name(name).unwrap_or(&Value::Unit);
        if same(&wanted.value, got) {
            return None;
        }
        let attribute = attributes.set_of().slot(name).and_then(|slot| attributes.set_of().get(slot));
        let what = format!("`{name}`");
        Some(if attribute.is_some_and(|attribute| attribute.rules.holds_secret()) {
            let got = if got.is_unit() { shown(got) } else { SECRET.to_owned() };
            let failure = self.differs(span, &what, SECRET.to_owned(), got);
            TestFailure { help: Some("what is secret is not shown".to_owned()), ..failure }
        } else {
            self.value(span, &what, &wanted.value, got)
        })
    }

    fn of_calls(&self, expect: &Expect, wrong: &mut Vec<TestFailure>) {
        for (span, function, wanted) in &expect.calls {
            let calls = self.stage.answers.calls(function);
            wrong.extend(self.times(*span, &format!("calls of `{function}`"), wanted, &calls));
        }
        for (span, flow, wanted) in &expect.started {
            let own = self.stage.started.iter().filter(|(started, _)| started == flow);
            let own: Vec<Value> = own.map(|(_, attributes)| attributes.clone()).collect();
            wrong.extend(self.times(*span, &format!("sub-tasks of `{flow}`"), wanted, &own));
        }
    }

    /// Checks the expression of `if`.
    fn of_condition(&self, expect: &Expect, held: &Held, wrong: &mut Vec<TestFailure>) {
        let Some((span, condition)) = &expect.condition else { return };
        let plain = |message: String, help: Option<String>, span: Span| TestFailure {
            source: std::sync::Arc::clone(&self.test.source),
            span,
            message,
            expected: None,
            got: None,
            help,
        };
        let answers = &self.stage.answers;
        let looked = answers.aside(|| self.stage.look(held, |world| condition_holds(world, &held.task, condition)));
        match looked {
            Ok(true) => {}
            Ok(false) => {
                let help = values_of(held, &condition.scalar.text);
                wrong.push(plain("the condition does not hold".to_owned(), help, *span));
            }
            Err(failure) => {
                let at = failure.at.filter(|at| !at.in_functions).map(|at| self.test.place(&condition.scalar, at.at));
                wrong.push(plain(format!("the condition fails: {}", failure.message), None, at.unwrap_or(*span)));
            }
        }
    }

    fn value(&self, span: Span, what: &str, wanted: &Value, got: &Value) -> TestFailure {
        let (wanted, got) = both(wanted, got);
        self.differs(span, what, wanted, got)
    }

    /// Compares a count, or each call or sub-task.
    fn times(&self, span: Span, what: &str, wanted: &Times, got: &[Value]) -> Option<TestFailure> {
        match wanted {
            Times::Count(count) if *count == got.len() as u64 => None,
            Times::Count(count) => {
                let failure = self.differs(span, "", count.to_string(), got.len().to_string());
                let all: Vec<String> = got.iter().map(brief).collect();
                let help = (!all.is_empty()).then(|| format!("with {}", all.join(" and ")));
                Some(TestFailure { message: format!("the number of {what} differs"), help, ..failure })
            }
            Times::Each(each) => {
                if each.len() == got.len() && each.iter().zip(got).all(|(wanted, got)| with(wanted, got)) {
                    return None;
                }
                // As many arguments as are expected, and of maps the expected fields.
                let cut = |(number, got): (usize, &Value)| match (each.get(number), got) {
                    (Some(Value::List(wanted)), Value::List(all)) => {
                        let first = all.iter().take(wanted.len()).cloned().collect();
                        trimmed(&Value::List(std::sync::Arc::clone(wanted)), &Value::list(first))
                    }
                    (Some(wanted), got) => trimmed(wanted, got),
                    (None, got) => got.clone(),
                };
                let got = Value::list(got.iter().enumerate().map(cut).collect());
                Some(self.value(span, &format!("each of the {what}"), &Value::list(each.clone()), &got))
            }
        }
    }
}

/// The current values of the attributes that a condition uses, including absent ones.
fn values_of(held: &Held, text: &str) -> Option<String> {
    let printed = held.task.printed();
    let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let named = printed.attributes.set_of().iter().filter(|attribute| words.contains(&attribute.name.as_str()));
    let all: Vec<String> = named
        .map(|attribute| match printed.attributes.by_name(&attribute.name).filter(|value| !value.is_unit()) {
            Some(value) => format!("`{}` is {}", attribute.name, brief(value)),
            None => format!("`{}` has no value", attribute.name),
        })
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// The first key that requires a task. A refused start has none, but a test may expect that it failed.
fn of_a_task(expect: &Expect) -> Option<Span> {
    let status = expect.status.filter(|(_, status)| *status != Status::Failed).map(|(key, _)| key);
    let keys = [
        status,
        expect.state.as_ref().map(|(key, _)| *key),
        expect.attributes.first().map(|(key, ..)| *key),
        expect.output.as_ref().map(|(key, _)| *key),
        expect.visited.as_ref().map(|(key, _)| *key),
        expect.condition.as_ref().map(|(key, _)| *key),
    ];
    keys.into_iter().flatten().min_by_key(|key| key.start)
}

/// Whether the arguments of a call, or the attributes of a sub-task, match what is written; arguments may be left out
/// at the end.
fn with(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::List(wanted), Value::List(got)) => {
            wanted.len() <= got.len() && wanted.iter().zip(got.iter()).all(|(wanted, got)| holds(wanted, got))
        }
        _ => holds(wanted, got),
    }
}

/// Whether `wanted` occurs in this order, with others in between.
fn within(wanted: &[Name], visited: &[Name]) -> bool {
    let mut rest = visited.iter();
    wanted.iter().all(|name| rest.any(|other| other == name))
}
