//! Expected errors, and why a task failed.

use crate::diagnostic::Span;
use crate::flow::{Expect, ExpectedError};
use crate::task::{Task, TaskError};
use crate::value::Value;

use super::super::compare::{holds, trimmed};
use super::super::play::{Play, Refused};
use super::super::report::TestFailure;
use super::super::shown::{both, shown};

impl Play<'_> {
    pub(super) fn expect_error(&mut self, span: Span, wanted: Option<&ExpectedError>, got: Option<&TaskError>) {
        let none = || "none".to_owned();
        let failure = match (wanted, got) {
            (None, None) => return,
            (None, Some(error)) => self.differs(span, "`error`", none(), told(error)),
            (Some(wanted), None) => {
                let held = self.stage.first();
                let status = held.map_or("not there", |held| held.task.status.name());
                self.differs(span, "`error`", wanted_error(wanted), format!("none: the task is {status}"))
            }
            (Some(wanted), Some(error)) if is_error(wanted, error) => return,
            (Some(wanted), Some(error)) => {
                let (left, right) = sides(wanted, error);
                let help = rest(wanted, error);
                TestFailure { help, ..self.differs(span, "`error`", left, right) }
            }
        };
        self.failures.push(failure);
    }

    /// Checks that a refusal is expected as an error. Returns false if it is not; then nothing else need be checked.
    pub(super) fn expect_refusal(&mut self, expect: &Expect, refused: Refused) -> bool {
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

fn is_error(wanted: &ExpectedError, error: &TaskError) -> bool {
    wanted.kind.as_ref().is_none_or(|kind| *kind == error.kind.as_str())
        && wanted.message.iter().all(|part| error.message.contains(part.as_str()))
        && wanted.state.as_ref().is_none_or(|state| *state == error.state.as_str())
        && wanted.attempt.is_none_or(|attempt| attempt == i64::from(error.attempt))
        && wanted.data.as_ref().is_none_or(|data| holds(data, &error.data))
}

/// The expected fields of an error, and the actual ones.
fn sides(wanted: &ExpectedError, error: &TaskError) -> (String, String) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut field = |name: &str, wanted: &str, got: &str| {
        left.push(format!("{name}: {wanted}"));
        right.push(format!("{name}: {got}"));
    };
    if let Some(kind) = &wanted.kind {
        field("kind", kind, &error.kind);
    }
    match wanted.message.iter().find(|part| !error.message.contains(part.as_str())) {
        Some(part) => field("message", &format!("… {part} …"), &error.message),
        None if wanted.message.is_empty() => {}
        None => field("message", &error.message, &error.message),
    }
    if let Some(state) = &wanted.state {
        field("state", state, &error.state);
    }
    if let Some(attempt) = wanted.attempt {
        field("attempt", &attempt.to_string(), &error.attempt.to_string());
    }
    if let Some(data) = &wanted.data {
        let (wanted, got) = both(data, &trimmed(data, &error.data));
        field("data", &wanted, &got);
    }
    (left.join("\n"), right.join("\n"))
}

/// The other facts about an error, besides the expected fields.
fn rest(wanted: &ExpectedError, error: &TaskError) -> Option<String> {
    match (&wanted.kind, wanted.message.as_slice()) {
        (None, []) => Some(format!("the error is of kind `{}`: {}", error.kind, error.message)),
        (None, _) => Some(format!("the error is of kind `{}`", error.kind)),
        (Some(_), []) => Some(format!("the error says: {}", error.message)),
        (Some(_), _) => None,
    }
}

/// An error that was not expected.
fn told(error: &TaskError) -> String {
    let mut lines = vec![format!("kind: {}", error.kind), format!("message: {}", error.message)];
    if !error.state.is_empty() {
        lines.push(format!("state: {}", error.state));
    }
    lines.join("\n")
}

/// The expected error, when there is none.
fn wanted_error(wanted: &ExpectedError) -> String {
    let mut lines = Vec::new();
    lines.extend(wanted.kind.as_ref().map(|kind| format!("kind: {kind}")));
    lines.extend(wanted.message.iter().map(|part| format!("message: … {part} …")));
    lines.extend(wanted.state.as_ref().map(|state| format!("state: {state}")));
    lines.extend(wanted.attempt.map(|attempt| format!("attempt: {attempt}")));
    lines.extend(wanted.data.as_ref().map(|data| format!("data: {}", shown(data))));
    if lines.is_empty() { "any".to_owned() } else { lines.join("\n") }
}

/// Why a task failed that was expected to do something else.
pub(super) fn why_failed(task: &Task) -> Option<String> {
    let task = task.printed();
    let error = task.error.as_deref()?;
    let at = error.at.as_ref().map(|at| format!(" ({}:{}:{})", at.file, at.line, at.column)).unwrap_or_default();
    Some(format!("it failed with kind `{}`: {}{at}", error.kind, error.message))
}
