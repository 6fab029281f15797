//! The feed: everything that happens to tasks, in one order that lasts.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::name::Name;
use crate::task::{Status, TaskId};

/// A place in the feed of one store, between two entries. Only the store that gave it can read it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(Name);

impl Cursor {
    /// The cursor that a store has given as `text`.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(Name::new(text))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The place after entry number `position` of `store`: for adapters whose entries have numbers. A store makes its id
    /// once.
    pub fn numbered(store: Uuid, position: u64) -> Self {
        Self::new(format!("{}-{position}", store.simple()))
    }

    /// The number of a [`numbered`](Self::numbered) cursor; none if it is of another store.
    pub fn number_in(&self, store: Uuid) -> Option<u64> {
        let (of, position) = self.as_str().split_once('-')?;
        position.parse().ok().filter(|_| of == store.simple().to_string())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An entry of the feed: a task was started, or has a new history entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedEntry {
    /// The place after it.
    pub cursor: Cursor,
    /// The task.
    pub task_id: TaskId,
    /// The number of its history entry; 0 for its start.
    pub seq: u64,
    /// The revision of the task with which it was stored.
    pub revision: u64,
    /// The status of the task after it. Of several entries that were stored together, all but the last have `active`.
    pub status: Status,
}

/// A page of the feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedPage {
    /// Its entries, in order. Those of tasks that are gone are left out, so there may be fewer than were asked for.
    pub entries: Vec<FeedEntry>,
    /// Where the next page begins. If this is where this page began, there is nothing more for now.
    pub next: Cursor,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_cursor_is_read_by_its_store_only() {
        let (store, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let cursor = Cursor::numbered(store, u64::MAX);
        assert_eq!(cursor.number_in(store), Some(u64::MAX));
        assert_eq!(cursor.number_in(other), None);
        for text in ["", "-", "x-1", "00000000000000000000000000000001-", "00000000000000000000000000000001-1x"] {
            assert_eq!(Cursor::new(text).number_in(store), None, "{text}");
        }
    }
}
