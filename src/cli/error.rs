//! Failures for programs: one JSON object in a line on stderr.

use serde_json::{Value, json};

use crate::error::Error;
use crate::task::{Task, TaskId};

use super::exit::{Exit, Failure};
use super::screen::plain;
use super::session::Running;

/// `{ error: { kind, message, help, exit, … } }`. Fields that do not apply are left out.
pub(super) fn of(failure: &Failure) -> Value {
    let message = match &failure.message {
        Some(message) => message.clone(),
        None => failure.findings.iter().find(|finding| finding.is_error()).map(ToString::to_string).unwrap_or_default(),
    };
    let mut error = json!({ "kind": failure.kind, "message": message, "exit": failure.exit as u8 });
    let mut add = |key: &str, value: Option<Value>| {
        if let (Some(error), Some(value)) = (error.as_object_mut(), value) {
            error.insert(key.to_owned(), value);
        }
    };
    add("help", failure.help.as_ref().map(|help| json!(help)));
    add("findings", (!failure.findings.is_empty()).then(|| json!(failure.findings)));
    let invalid = failure.invalid.as_ref().map(|invalid| {
        let each = invalid.iter().map(|one| json!({ "path": one.path, "reason": one.reason, "help": one.help }));
        each.collect::<Vec<_>>()
    });
    add("invalid", invalid.map(|invalid| json!(invalid)));
    if let Some(task) = &failure.task {
        let Task { id, flow, state, status, .. } = &**task;
        add("task", Some(json!(id)));
        add("flow", Some(json!(flow)));
        add("state", Some(json!(state)));
        add("status", Some(json!(status.name())));
    }
    json!({ "error": error })
}

/// The kind of a refusal, to append to its message.
pub(super) fn kind(failure: &Failure) -> String {
    // The message about an unknown name says it all.
    let says_all = matches!(&*failure.kind, "refused" | "not_found") || failure.kind.starts_with("unknown_");
    let is_told = failure.exit == Exit::Refused && !says_all;
    if is_told { format!(" ({})", plain(&failure.kind)) } else { String::new() }
}

/// The state and status of a refused task, unless the message names them.
pub(super) fn stands(failure: &Failure) -> Option<String> {
    let Task { id, state, status, .. } = &**failure.task.as_ref()?;
    let is_said = failure.message.as_ref().is_some_and(|message| message.contains(&format!("`{state}`")));
    (!is_said).then(|| format!("task {id} is {} in `{state}`", status.name()))
}

impl Running {
    /// The outcome of an action on a task; a refusal gets the task's state and status.
    pub(super) async fn told<T>(&self, id: TaskId, outcome: Result<T, Error>) -> Result<T, Failure> {
        let error = match outcome {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let is_about =
            matches!(error, Error::Refused { .. } | Error::Conflict(_) | Error::HeldUp { .. } | Error::Unknown { .. });
        let failure = Failure::from(error);
        // If the task cannot be read now, the refusal stays as it is.
        let task = if is_about { self.ops.task(id).await.ok() } else { None };
        Err(match task {
            Some(task) => failure.about(task),
            None => failure,
        })
    }
}
