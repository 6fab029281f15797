//! Why a storage did not do what it was asked.

use std::fmt;

use super::Cursor;
use crate::task::TaskId;

/// Why a storage did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The task is not at the revision that the writer has read, or the writer's claim has ended.
    #[error("task {0} was changed by somebody else meanwhile")]
    Conflict(TaskId),
    /// No such task.
    #[error("no task {0}")]
    NotFound(TaskId),
    /// The store was written by a newer program.
    #[error("{place} has schema {found}, newer than the {known} this program knows")]
    Newer {
        /// Where.
        place: String,
        /// The schema found.
        found: u32,
        /// The newest schema known.
        known: u32,
    },
    /// The URL has an option that the adapter does not know.
    #[error("`{given}` is not an option of `{scheme}:`; {known}")]
    Option {
        /// The part of the URL before the `:`.
        scheme: &'static str,
        /// The part after the `?`.
        given: String,
        /// The options that exist.
        known: &'static str,
    },
    /// This program has no adapter for the URL.
    #[error("no storage is called `{scheme}`; this program knows {known}")]
    Unknown {
        /// The part of the URL before the `:`. The rest is not quoted: it may hold a password.
        scheme: String,
        /// The known URLs.
        known: String,
    },
    /// A cursor of the feed is of another store, or entries after it are kept no more.
    #[error("the cursor `{0}` is of another store, or older than what the feed keeps")]
    Gone(Cursor),
    /// A note does not fit its bounds.
    #[error("the note `{name}` is not stored: {reason}")]
    Note {
        /// Its name.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// What is stored cannot be read, or what is to be stored does not fit it.
    #[error("{place} is damaged: {reason}")]
    Corrupt {
        /// Where.
        place: String,
        /// What was found.
        reason: String,
    },
    /// The engine did not do it. Nothing of the call was stored, unless it is
    /// [`EngineErrorKind::Unreachable`]: then the answer may have been lost.
    #[error("{place}: {reason}")]
    Engine {
        /// What kind of trouble it is.
        kind: EngineErrorKind,
        /// Where.
        place: String,
        /// What the engine said.
        reason: String,
    },
}

impl StorageError {
    /// Trouble of an engine at `place`.
    pub fn engine(kind: EngineErrorKind, place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Engine { kind, place: place.into(), reason: reason.into() }
    }

    /// What kind of trouble the engine is in. None if the error is about what was asked.
    pub const fn engine_kind(&self) -> Option<EngineErrorKind> {
        match self {
            Self::Engine { kind, .. } => Some(*kind),
            _ => None,
        }
    }
}

/// Kinds of trouble of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EngineErrorKind {
    /// It cannot be reached, or does not answer. It passes by itself.
    Unreachable,
    /// It is locked, or has too much to do. It passes by itself.
    Busy,
    /// There is no room left. Somebody must make room.
    Full,
    /// It takes no writes. Somebody must allow them.
    ReadOnly,
    /// It denies access, or the place cannot be used. Somebody must change that.
    Denied,
}

impl EngineErrorKind {
    /// Whether it passes by itself. If not, somebody must do something, and it is of no use to try again soon.
    pub const fn passes(self) -> bool {
        matches!(self, Self::Unreachable | Self::Busy)
    }
}

impl fmt::Display for EngineErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "unreachable",
            Self::Busy => "busy",
            Self::Full => "full",
            Self::ReadOnly => "read-only",
            Self::Denied => "denied",
        })
    }
}
