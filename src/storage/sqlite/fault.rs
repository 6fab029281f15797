//! Errors inside the adapter, before their place is added.

use rusqlite::ErrorCode;

use crate::storage::{Cursor, EngineErrorKind, StorageError};
use crate::task::TaskId;

use super::schema::BUSY_TIMEOUT;

/// A failure in one database; [`at`](Fault::at) adds which.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    Conflict(TaskId),
    NotFound(TaskId),
    Newer {
        found: u32,
        known: u32,
    },
    Gone(Cursor),
    Corrupt(String),
    Engine(EngineErrorKind, String),
    /// A finished storage error.
    Said {
        place: String,
        reason: String,
    },
    /// Another process holds the lock.
    Locked,
}

/// The result of a database operation.
pub(super) type Answer<T> = Result<T, Fault>;

impl Fault {
    /// The storage error for the database at `place`.
    pub(super) fn at(self, place: &str) -> StorageError {
        let place = place.to_owned();
        match self {
            Self::Conflict(id) => StorageError::Conflict(id),
            Self::NotFound(id) => StorageError::NotFound(id),
            Self::Newer { found, known } => StorageError::Newer { place, found, known },
            Self::Gone(cursor) => StorageError::Gone(cursor),
            Self::Corrupt(reason) => StorageError::Corrupt { place, reason },
            Self::Engine(kind, reason) => StorageError::Engine { kind, place, reason },
            Self::Said { place, reason } => StorageError::Corrupt { place, reason },
            Self::Locked => {
                let reason = format!("locked by another process for more than {} s", BUSY_TIMEOUT.as_secs());
                StorageError::Engine { kind: EngineErrorKind::Busy, place, reason }
            }
        }
    }
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict(id) => Self::Conflict(id),
            StorageError::NotFound(id) => Self::NotFound(id),
            StorageError::Gone(cursor) => Self::Gone(cursor),
            StorageError::Newer { found, known, .. } => Self::Newer { found, known },
            StorageError::Corrupt { place, reason } => Self::Said { place, reason },
            StorageError::Engine { kind, reason, .. } => Self::Engine(kind, reason),
            other => Self::Corrupt(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::NotADatabase) => Self::Corrupt("it is no SQLite database".to_owned()),
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt(error.to_string()),
            Some(ErrorCode::DiskFull) => {
                Self::Engine(EngineErrorKind::Full, "the disk is full; nothing was stored".to_owned())
            }
            Some(ErrorCode::ReadOnly) => Self::Engine(EngineErrorKind::ReadOnly, "it is read-only".to_owned()),
            Some(ErrorCode::CannotOpen) => {
                let reason = "it cannot be opened; its folder must exist and be writable".to_owned();
                Self::Engine(EngineErrorKind::Unreachable, reason)
            }
            Some(ErrorCode::PermissionDenied) => Self::Engine(EngineErrorKind::Denied, error.to_string()),
            _ => Self::Engine(EngineErrorKind::Unreachable, error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(format!("a value cannot be written as JSON: {error}"))
    }
}
