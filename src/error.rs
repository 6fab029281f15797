//! What can go wrong for whoever uses opsflow, by what they can do about it.

use crate::diagnostic::Finding;
use crate::name::Name;
use crate::storage::StorageError;
use crate::task::{HeldUp, InvalidInput, Task, TaskId};

/// Why opsflow did not do what it was asked. A task that fails is no error: that is in the task.
#[derive(Debug, thiserror::Error)]
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
    /// What was given does not keep the rules of the attributes or parameters. Kind `validation`.
    #[error("{subject}: {invalid}")]
    Input {
        /// The flow or the interaction.
        subject: String,
        /// Attribute, rule and value of all that is wrong.
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
    /// The task is not where this can be done to it, or its rules forbid it; nothing was changed. The kind is that of
    /// the language: `invalid_state`, `validation`, `script`, ….
    #[error("{message}")]
    Refused {
        /// The error's kind.
        kind: Name,
        /// What was refused, why, and the state the task is in.
        message: String,
    },
    /// The body of the task's state is under way, and this process may not make the call that comes next: what was asked for
    /// waits for it to end, and was not done.
    #[error("the body of `{}` is under way, and {by}, which this process may not; nothing was changed", .task.state)]
    HeldUp {
        /// The task.
        task: Box<Task>,
        /// What it is held up by.
        by: HeldUp,
    },
    /// Somebody else is at work on the task; nothing was changed.
    #[error("task {0} is held by somebody else; nothing was changed")]
    Conflict(TaskId),
    /// The storage failed.
    #[error(transparent)]
    Storage(StorageError),
    /// Files cannot be watched.
    #[error("{message}")]
    Watch {
        /// Which, and why.
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
