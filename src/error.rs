//! The errors that a user of opsflow gets, by what they can do about them.

use crate::diagnostic::Finding;
use crate::name::Name;
use crate::storage::StorageError;
use crate::task::{HeldUp, InvalidInput, Task, TaskId};

/// Why opsflow did not do what it was asked. A failed task is not an error: its failure is in the task.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A definition is broken; the findings say where and how.
    #[error("{}", summary(.0))]
    Definition(Vec<Finding>),
    /// No flow has this name.
    #[error("no flow is called `{name}`")]
    UnknownFlow {
        /// The name asked for.
        name: Name,
        /// The nearest name there is.
        nearest: Option<Name>,
    },
    /// What was given breaks the rules of the attributes or parameters. Kind `validation`.
    #[error("{subject}: {invalid}")]
    Input {
        /// The flow or the interaction.
        subject: String,
        /// Attribute, rule and value of everything that is wrong.
        invalid: InvalidInput,
    },
    /// No task has this id.
    #[error("no task {0}")]
    NotFound(TaskId),
    /// The task's flow has no such interaction or state.
    #[error("flow `{flow}` has no {what} `{name}`")]
    Unknown {
        /// The flow.
        flow: Name,
        /// `interaction` or `state`.
        what: &'static str,
        /// The name asked for.
        name: Name,
        /// The nearest name there is.
        nearest: Option<Name>,
    },
    /// The task's state or its rules do not allow this; nothing was changed. The kind is one of the language's:
    /// `invalid_state`, `validation`, `script`, ….
    #[error("{message}")]
    Refused {
        /// The error's kind.
        kind: Name,
        /// What was refused, why, and the state the task is in.
        message: String,
    },
    /// A body is in progress, and this process lacks the grant for its next call. The request would have to wait for
    /// that body, so it was not applied.
    #[error("the body of `{}` is in progress, and {by}, which this process lacks; nothing was changed", .task.state)]
    HeldUp {
        /// The task.
        task: Box<Task>,
        /// The missing grant.
        by: HeldUp,
    },
    /// Somebody else holds the task; nothing was changed.
    #[error("task {0} is held by somebody else; nothing was changed")]
    Conflict(TaskId),
    /// The storage failed.
    #[error(transparent)]
    Storage(StorageError),
    /// Files cannot be watched.
    #[error("{message}")]
    Watch {
        /// Which files, and why.
        message: String,
        /// What to do about it.
        help: String,
    },
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict(id) => Self::Conflict(id),
            StorageError::NotFound(id) => Self::NotFound(id),
            other => Self::Storage(other),
        }
    }
}

fn summary(findings: &[Finding]) -> String {
    match findings.iter().filter(|f| f.is_error()).count() {
        1 => findings.iter().find(|f| f.is_error()).map(ToString::to_string).unwrap_or_default(),
        errors => format!("{errors} errors in the definition"),
    }
}
