//! `expect` of a test: all that differs is told, not only the first.

use crate::definition::PlainValue;
use crate::diagnostic::Span;
use crate::flow::{Expect, ExpectedError, Times};
use crate::interpreter::holds as condition_holds;
use crate::name::Name;
use crate::task::{Cause, SECRET, Task, TaskError, Transition};
use crate::value::Value;

use super::compare::{holds, same, trimmed};
use super::difference::{both, brief, shown};
use super::play::{Play, Refused};
use super::report::TestFailure;
use super::stage::Held;

/// States that are listed in a message.
const MAX_STATES: usize = 40;

impl Play<'_> {
    /// Holds the task against what is expected.
    pub(super) fn expect(&mut self, expect: &Expect) {
        if let Some(refused) = self.refused.take() {
            if !self.expect_refusal(expect, refused) {
                return;
            }
        } else if let Some((key, wanted)) = &expect.error {
            let error = self.stage.first().and_then(|held| held.task.error.as_deref().cloned());
            self.expect_error(*key, wanted.as_ref(), error.as_ref());
        }
        let Some(held) = self.stage.first() else { return };
        let mut wrong = Vec::new();
        self.of_task(expect, held, &mut wrong);
        self.of_attributes(expect, held, &mut wrong);
        self.of_others(expect, held, &mut wrong);
        self.failures.extend(wrong);
        self.failures.sort_by_key(|failure| failure.span.start);
    }

    fn differs(&self, span: Span, what: &str, wanted: String, got: String) -> TestFailure {
        let secrets = self.secrets();
        TestFailure {
            source: std::sync::Arc::clone(&self.test.source),
            span,
            message: format!("{what} differs"),
            expected: Some(wanted),
            got: Some(secrets.text(got)),
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
        if let Some((span, output)) = expect.output.as_ref().filter(|(_, output)| !is(output, &task.output)) {
            wrong.push(self.value(*span, "`output`", &output.value, &task.output));
        }
        let visited = visited(held);
        if let Some((span, wanted)) = expect.visited.as_ref().filter(|(_, wanted)| !within(wanted, &visited)) {
            let names = |names: &[Name]| names.iter().take(MAX_STATES).map(Name::as_str).collect::<Vec<_>>().join(", ");
            wrong.push(self.differs(*span, "`visited`", names(wanted), names(&visited)));
        }
    }

    fn of_attributes(&self, expect: &Expect, held: &Held, wrong: &mut Vec<TestFailure>) {
        let attributes = &held.task.attributes;
        for (span, name, wanted) in &expect.attributes {
            let got = attributes.by_name(name).unwrap_or(&Value::Unit);
            if is(wanted, got) {
                continue;
            }
            let attribute = attributes.set_of().slot(name).and_then(|slot| attributes.set_of().get(slot));
            let what = format!("`{name}`");
            wrong.push(if attribute.is_some_and(|attribute| attribute.rules.holds_secret()) {
                let got = if got.is_unit() { shown(got) } else { SECRET.to_owned() };
                let failure = self.differs(*span, &what, SECRET.to_owned(), got);
                TestFailure { help: Some("what is secret is not shown".to_owned()), ..failure }
            } else {
                self.value(*span, &what, &wanted.value, got)
            });
        }
    }

    /// Calls, sub-tasks, and whatever an expression says.
    fn of_others(&self, expect: &Expect, held: &Held, wrong: &mut Vec<TestFailure>) {
        for (span, function, wanted) in &expect.calls {
            let calls = self.stage.answers.calls(function);
            wrong.extend(self.times(*span, &format!("calls of `{function}`"), wanted, &calls));
        }
        for (span, flow, wanted) in &expect.started {
            let own = self.stage.started.iter().filter(|(started, _)| started == flow);
            let own: Vec<Value> = own.map(|(_, attributes)| attributes.clone()).collect();
            wrong.extend(self.times(*span, &format!("sub-tasks of `{flow}`"), wanted, &own));
        }
        let Some((span, condition)) = &expect.condition else { return };
        let plain = |message: String, help: Option<String>, span: Span| TestFailure {
            source: std::sync::Arc::clone(&self.test.source),
            span,
            message,
            expected: None,
            got: None,
            help,
        };
        match self.stage.look(held, |world| condition_holds(world, &held.task, condition)) {
            Ok(true) => {}
            Ok(false) => wrong.push(plain("the condition does not hold".to_owned(), self.values_of(held), *span)),
            Err(failure) => {
                let at = failure.at.filter(|at| !at.in_functions).map(|at| self.test.place(&condition.scalar, at.at));
                wrong.push(plain(format!("the condition fails: {}", failure.message), None, at.unwrap_or(*span)));
            }
        }
    }

    /// The attributes that an expectation may have looked at, as they are.
    fn values_of(&self, held: &Held) -> Option<String> {
        let printed = held.task.printed();
        let all: Vec<String> =
            printed.attributes.iter().map(|(name, value, _)| format!("{name}: {}", shown(value))).collect();
        (!all.is_empty()).then(|| format!("the attributes are {}", all.join(", ")))
    }

    fn value(&self, span: Span, what: &str, wanted: &Value, got: &Value) -> TestFailure {
        let (wanted, got) = both(wanted, got);
        self.differs(span, what, wanted, got)
    }

    /// Counts, or compares one by one.
    fn times(&self, span: Span, what: &str, wanted: &Times, got: &[Value]) -> Option<TestFailure> {
        match wanted {
            Times::Count(count) if *count == got.len() as u64 => None,
            Times::Count(count) => {
                let failure = self.differs(span, "", count.to_string(), got.len().to_string());
                let all: Vec<String> = got.iter().map(brief).collect();
                let help = (!all.is_empty()).then(|| format!("with {}", self.secrets().text(all.join(" and "))));
                Some(TestFailure { message: format!("the number of {what} differs"), help, ..failure })
            }
            Times::Each(each) => {
                if each.len() == got.len() && each.iter().zip(got).all(|(wanted, got)| with(wanted, got)) {
                    return None;
                }
                // Of the arguments as many as are expected, of maps the fields that are.
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

    fn expect_error(&mut self, span: Span, wanted: Option<&ExpectedError>, got: Option<&TaskError>) {
        let failure = match (wanted, got) {
            (None, None) => return,
            (None, Some(error)) => self.differs(span, "`error`", "none".to_owned(), told(error)),
            (Some(wanted), None) => {
                let held = self.stage.first();
                let status = held.map_or("not there", |held| held.task.status.name());
                self.differs(span, "`error`", wanted_error(wanted), format!("none: the task is {status}"))
            }
            (Some(wanted), Some(error)) if is_error(wanted, error) => return,
            (Some(wanted), Some(error)) => self.differs(span, "`error`", wanted_error(wanted), told(error)),
        };
        self.failures.push(failure);
    }

    /// What was refused is expected as an error. False if it was not, so that nothing else need be looked at.
    fn expect_refusal(&mut self, expect: &Expect, refused: Refused) -> bool {
        let error = TaskError {
            kind: refused.kind.clone(),
            message: refused.message.clone(),
            state: self.stage.first().map(|held| held.task.state.clone()).unwrap_or_default(),
            attempt: 1,
            at: None,
            data: Value::Unit,
        };
        match &expect.error {
            Some((key, Some(wanted))) => {
                self.expect_error(*key, Some(wanted), Some(&error));
                true
            }
            _ => {
                self.refused = Some(refused);
                self.not_refused();
                false
            }
        }
    }
}

/// Whether a value is what is written: as it is, or as text where the task holds text.
fn is(wanted: &PlainValue, got: &Value) -> bool {
    same(&wanted.value, got)
        || (got.as_str().is_some() && wanted.text.is_some() && wanted.text.as_deref() == got.as_str())
}

/// Whether the arguments of a call, or the attributes of a sub-task, are those that are written: of arguments the first
/// ones.
fn with(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::List(wanted), Value::List(got)) => {
            wanted.len() <= got.len() && wanted.iter().zip(got.iter()).all(|(wanted, got)| holds(wanted, got))
        }
        _ => holds(wanted, got),
    }
}

/// The states a task has come to, the first included.
fn visited(held: &Held) -> Vec<Name> {
    let first = held.history.first().map_or(&held.task.state, |entry| &entry.from);
    std::iter::once(first)
        .chain(held.history.iter().filter(|entry| is_move(entry)).map(|entry| &entry.to))
        .cloned()
        .collect()
}

fn is_move(entry: &Transition) -> bool {
    let goes_round = matches!(entry.cause, Cause::Action | Cause::Decision | Cause::Wait | Cause::Timer);
    entry.from != entry.to || goes_round
}

/// Whether `wanted` is there in this order, with others between.
fn within(wanted: &[Name], visited: &[Name]) -> bool {
    let mut rest = visited.iter();
    wanted.iter().all(|name| rest.any(|other| other == name))
}

fn is_error(wanted: &ExpectedError, error: &TaskError) -> bool {
    wanted.kind.as_ref().is_none_or(|kind| *kind == error.kind.as_str())
        && wanted.message.iter().all(|part| error.message.contains(part.as_str()))
        && wanted.state.as_ref().is_none_or(|state| *state == error.state.as_str())
        && wanted.attempt.is_none_or(|attempt| attempt == i64::from(error.attempt))
        && wanted.data.as_ref().is_none_or(|data| holds(data, &error.data))
}

/// An error as it is told beside what was expected.
fn told(error: &TaskError) -> String {
    let mut lines = vec![format!("kind: {}", error.kind), format!("message: {}", error.message)];
    if !error.state.is_empty() {
        lines.push(format!("state: {}", error.state));
    }
    if error.attempt > 1 {
        lines.push(format!("attempt: {}", error.attempt));
    }
    if !error.data.is_unit() {
        lines.push(format!("data: {}", shown(&error.data)));
    }
    lines.join("\n")
}

fn wanted_error(wanted: &ExpectedError) -> String {
    let mut lines = Vec::new();
    lines.extend(wanted.kind.as_ref().map(|kind| format!("kind: {kind}")));
    lines.extend(wanted.message.iter().map(|part| format!("message: … {part} …")));
    lines.extend(wanted.state.as_ref().map(|state| format!("state: {state}")));
    lines.extend(wanted.attempt.map(|attempt| format!("attempt: {attempt}")));
    lines.extend(wanted.data.as_ref().map(|data| format!("data: {}", shown(data))));
    lines.join("\n")
}

/// Why a task failed, where something else was expected of it.
fn why_failed(task: &Task) -> Option<String> {
    let task = task.printed();
    let error = task.error.as_deref()?;
    let at = error.at.as_ref().map(|at| format!(" ({}:{}:{})", at.file, at.line, at.column)).unwrap_or_default();
    Some(format!("it failed with kind `{}`: {}{at}", error.kind, error.message))
}
