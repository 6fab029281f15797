//! Why a request about tasks was not understood or not done.

use crate::diagnostic::Finding;
use crate::error::Error;
use crate::storage::MIN_PREFIX;
use crate::task::{Status, TaskId};

use super::ids::MAX_NAMED;
use super::query::MAX_TASKS;

/// Why a request about tasks was not understood or not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A text has not the form of an id.
    #[error("`{0}` is not the id of a task")]
    NotAnId(String),
    /// A shortened id has too few digits.
    #[error("`{0}` is too short for an id; at least {MIN_PREFIX} digits are needed (MIN_PREFIX)")]
    ShortId(String),
    /// No task has an id that begins so.
    #[error("no task has an id that begins with `{0}`")]
    NoSuchId(String),
    /// Several tasks have an id that begins so.
    #[error("several tasks have an id that begins with `{given}`: {}", named(.ids))]
    Ambiguous {
        /// The shortened id.
        given: String,
        /// Some of the ids.
        ids: Vec<TaskId>,
    },
    /// The condition is broken; the findings say where and how.
    #[error("{}", first(.0))]
    Condition(Vec<Finding>),
    /// The condition fails for every task that it was asked about.
    #[error("the expression of `{name}` fails for every task: {why}")]
    ConditionFails {
        /// What the condition is called.
        name: String,
        /// The first failure.
        why: String,
    },
    /// More tasks are selected than one request may act on.
    #[error("more than {MAX_TASKS} tasks are selected (MAX_TASKS); nothing was done")]
    TooManyTasks,
    /// The action does not apply to tasks in the selected status.
    #[error("`{verb}` does not act on {} tasks", status.name())]
    Unfit {
        /// The action.
        verb: &'static str,
        /// The selected status.
        status: Status,
        /// The statuses that it takes.
        fit: &'static [Status],
    },
    /// The façade failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

fn named(ids: &[TaskId]) -> String {
    let named: Vec<String> = ids.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    let more = if ids.len() > MAX_NAMED { ", …" } else { "" };
    format!("{}{more}", named.join(", "))
}

fn first(findings: &[Finding]) -> String {
    findings.first().map(ToString::to_string).unwrap_or_default()
}
