//! How a command ended: exit codes, and failures with advice for the user.

use std::borrow::Cow;
use std::process::ExitCode;

use crate::diagnostic::{Finding, Position, Source, Span};
use crate::error::Error;
use crate::library::WatchError;
use crate::name::Name;
use crate::opsflow::{LEASE, PATIENCE};
use crate::quoted::quoted;
use crate::storage::{EngineErrorKind, StorageError};
use crate::task::{InvalidInput, Task};
use crate::wire::RequestError;
use crate::workbench::TooManyFolders;

/// What SQLite says about a file that is not a database.
const NO_DATABASE: &str = "no SQLite database";

/// The exit code of the process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Exit {
    /// Done; a task that sleeps is done for now.
    Done = 0,
    /// The task failed, or was cancelled while it ran.
    Failed = 1,
    /// Bad usage, definition or input.
    Usage = 2,
    /// Refused: not found, not in this state, held by somebody else.
    Refused = 3,
    /// The storage or the network failed.
    Storage = 4,
    /// Stopped by Ctrl-C: 128 and the signal's number, as shells have it.
    Interrupted = 130,
    /// Stopped by SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// Whether a signal stopped the program.
    pub(super) const fn is_by_signal(self) -> bool {
        matches!(self, Self::Interrupted | Self::Terminated)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) struct Failure {
    /// The exit code.
    pub(super) exit: Exit,
    /// What went wrong.
    pub(super) message: Option<String>,
    /// What to do.
    pub(super) help: Option<String>,
    /// What is wrong in which file.
    pub(super) findings: Vec<Finding>,
    /// The kind by which programs distinguish failures.
    pub(super) kind: Cow<'static, str>,
    /// What is wrong with what was given.
    pub(super) invalid: Option<Box<InvalidInput>>,
    /// The task it is about, as it is stored.
    pub(super) task: Option<Box<Task>>,
}

impl Failure {
    fn new(exit: Exit, kind: &'static str, message: impl Into<String>) -> Self {
        let (help, findings, invalid, task) = (None, Vec::new(), None, None);
        Self { exit, message: Some(message.into()), help, findings, kind: kind.into(), invalid, task }
    }

    /// Bad usage or input.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// Something that cannot be done now.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, "refused", message)
    }

    /// A storage, a file or a network that failed.
    pub(super) fn storage(message: impl Into<String>) -> Self {
        Self::new(Exit::Storage, "storage", message)
    }

    /// Stopped by a signal, given by `exit`.
    pub(super) fn interrupted(exit: Exit, help: impl Into<String>) -> Self {
        Self::new(exit, "interrupted", "interrupted").with_help(help)
    }

    /// Broken definitions.
    pub(super) fn findings(findings: Vec<Finding>) -> Self {
        Self { message: None, findings, ..Self::new(Exit::Usage, "definition", "") }
    }

    /// An error at a place in a text that is not a definition: an input, a configuration.
    pub(super) fn at(source: Source, at: Position, message: impl Into<String>, help: Option<String>) -> Self {
        let start = source.byte(at);
        let source = std::sync::Arc::new(source);
        let finding = Finding::error(&source, Span::new(start, start), message);
        Self::findings(vec![Finding { help, ..finding }]).of_kind("usage")
    }

    /// The same, of another kind.
    #[must_use]
    pub(super) fn of_kind(self, kind: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: kind.into(), ..self }
    }

    /// The same, about a task as it stands.
    #[must_use]
    pub(super) fn about(self, task: Task) -> Self {
        Self { task: Some(Box::new(task)), ..self }
    }

    /// The same, with advice.
    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, with advice if there is some.
    #[must_use]
    pub(super) fn with_help_if(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.with_help(help),
            None => self,
        }
    }
}

/// `did you mean …?`, if there is a similar name.
pub(super) fn did_you_mean(nearest: Option<&Name>) -> Option<String> {
    nearest.map(|name| format!("did you mean `{name}`?"))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Definition(findings) => Self::findings(findings),
            Error::UnknownFlow { nearest, .. } => {
                Self::usage(message).of_kind("unknown_flow").with_help_if(did_you_mean(nearest.as_ref()))
            }
            Error::Input { invalid, .. } => {
                let help = invalid.first.help.clone().filter(|_| invalid.more.is_empty());
                let failure = Self::usage(message).of_kind("validation").with_help_if(help);
                Self { invalid: Some(Box::new(invalid)), ..failure }
            }
            Error::NotFound(_) => {
                Self::refused(message).of_kind("not_found").with_help("`opsflow list` shows the tasks there are")
            }
            Error::Unknown { nearest, what, .. } => {
                Self::refused(message).of_kind(format!("unknown_{what}")).with_help_if(did_you_mean(nearest.as_ref()))
            }
            Error::Refused { kind, .. } => {
                let failure = if kind == "storage" { Self::storage(message) } else { Self::refused(message) };
                failure.of_kind(kind.to_string())
            }
            Error::HeldUp { by, .. } => {
                let grant = quoted(&by.grant);
                Self::refused(message).of_kind("conflict").with_help(format!(
                    "`opsflow worker --allow {grant}` continues the body; then try again, or allow it here"
                ))
            }
            Error::Conflict(_) => Self::refused(message).of_kind("conflict").with_help(held()),
            Error::Storage(error) => Self::from(error),
            Error::Watch { help, .. } => Self::storage(message).of_kind("watch").with_help(help),
        }
    }
}

impl From<TooManyFolders> for Failure {
    fn from(error: TooManyFolders) -> Self {
        Self::usage(error.to_string()).with_help("name the folders that hold the flows")
    }
}

impl From<WatchError> for Failure {
    fn from(WatchError { message, help }: WatchError) -> Self {
        Self::storage(message).with_help(help)
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        const THERE_ARE: &str = "`opsflow list` shows the tasks there are";
        let message = error.to_string();
        match error {
            RequestError::NotAnId(_) => Self::usage(message)
                .with_help("an id is 32 hexadecimal digits, or the first of them; `opsflow list` shows the ids"),
            RequestError::ShortId(_) | RequestError::ConditionFails { .. } => Self::usage(message),
            RequestError::NoSuchId(_) => Self::refused(message).of_kind("not_found").with_help(THERE_ARE),
            RequestError::Ambiguous { .. } => Self::refused(message).with_help("write more of the id"),
            RequestError::Condition(findings) => Self::findings(findings),
            RequestError::TooManyTasks => Self::usage(message).with_help("narrow them down with filters"),
            RequestError::Unfit { verb, fit, .. } => {
                let names: Vec<&str> = fit.iter().map(|status| status.name()).collect();
                Self::usage(message).with_help(format!("`{verb}` takes tasks that are {}", names.join(", ")))
            }
            RequestError::Failed(error) => error.into(),
        }
    }
}

/// What to do about a task that somebody else holds.
fn held() -> String {
    let (patience, lease) = (PATIENCE.as_secs(), LEASE.as_secs());
    format!(
        "its holder did not release it within {patience} s (PATIENCE); try again later. If the process of the holder has died, its claim expires within {lease} s (LEASE), unless `lease` is set"
    )
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        let message = error.to_string();
        match error {
            StorageError::Conflict(_) => Self::refused(message).of_kind("conflict"),
            StorageError::NotFound(_) => Self::refused(message).of_kind("not_found"),
            StorageError::Unknown { .. } => {
                Self::usage(message).with_help("name the storage as `--storage sqlite:PATH`, or leave it out")
            }
            StorageError::Option { .. } => Self::usage(message),
            StorageError::Gone(_) => Self::refused(message).of_kind("gone").with_help(
                "leave `--after` out to begin with the oldest event that is kept; `--after end` begins with the next",
            ),
            StorageError::Note { .. } => Self::refused(message),
            StorageError::Newer { .. } => {
                Self::storage(message).with_help("use the newer `opsflow` that wrote it, or another `--storage`")
            }
            StorageError::Corrupt { reason, .. } if reason.contains(NO_DATABASE) => Self::storage(message).with_help(
                "is this the right path? The file is not one of `opsflow`; name another with `--storage sqlite:PATH`",
            ),
            StorageError::Corrupt { .. } => {
                Self::storage(message).with_help("restore a backup of it, or use another place with `--storage`")
            }
            StorageError::Engine { kind, .. } => match kind {
                EngineErrorKind::Busy => Self::storage(message).with_help("try again, or stop what holds it"),
                EngineErrorKind::Full => Self::storage(message).with_help("make room, and repeat the command"),
                _ => Self::storage(message),
            },
        }
    }
}
