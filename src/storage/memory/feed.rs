//! The feed in memory: a ring of the newest entries.

use std::collections::VecDeque;

use uuid::Uuid;

use crate::storage::{Cursor, FeedEntry, FeedPage, StorageError};
use crate::task::{Status, Task};

use super::kept::{Kept, Key};

/// Entries that the feed of a memory storage keeps; the oldest are dropped.
pub const MAX_FEED_ENTRIES: usize = 100_000;

/// The newest entries, and how they are numbered.
pub(super) struct Feed {
    /// Names the store in its cursors.
    store: Uuid,
    /// The number of the oldest entry, from 1.
    first: u64,
    entries: VecDeque<Entry>,
}

/// An entry of the feed, without anything that must be allocated.
struct Entry {
    key: Key,
    seq: u64,
    revision: u64,
    /// When it was stored, in milliseconds.
    at: i64,
    status: Status,
}

/// What a commit adds to the feed.
pub(super) struct Told {
    /// The number of its first history entry.
    first: u64,
    /// How many history entries it has.
    count: u64,
    revision: u64,
    at: i64,
    status: Status,
}

impl Told {
    /// Of a task and the numbers of its new history entries.
    pub(super) fn of(task: &Task, first: Option<u64>, count: u32) -> Self {
        Self {
            first: first.unwrap_or_default(),
            count: count.into(),
            revision: task.revision,
            at: task.updated_at.timestamp_millis(),
            status: task.status,
        }
    }
}

impl Default for Feed {
    fn default() -> Self {
        Self { store: Uuid::new_v4(), first: 1, entries: VecDeque::new() }
    }
}

impl Feed {
    /// Adds what was committed to the task of `key`.
    pub(super) fn tell(&mut self, key: Key, is_new: bool, told: &Told) {
        let Told { first, count, revision, at, status } = *told;
        let mut add = |seq, is_last| {
            let status = if is_last { status } else { Status::Active };
            self.add(Entry { key, seq, revision, at, status }, MAX_FEED_ENTRIES);
        };
        if is_new {
            add(0, count == 0);
        }
        for n in 0..count {
            add(first + n, n + 1 == count);
        }
    }

    fn add(&mut self, entry: Entry, most: usize) {
        if self.entries.len() >= most && self.entries.pop_front().is_some() {
            self.first += 1;
        }
        self.entries.push_back(entry);
    }

    /// The number of the newest entry; that before the oldest, if there is none.
    fn last(&self) -> u64 {
        self.first - 1 + self.entries.len() as u64
    }

    /// The place after the newest entry.
    pub(super) fn end(&self) -> Cursor {
        Cursor::numbered(self.store, self.last())
    }

    /// The number of the entry that a cursor comes after.
    fn position(&self, after: Option<&Cursor>) -> Result<u64, StorageError> {
        let Some(cursor) = after else { return Ok(self.first - 1) };
        let known = |position: &u64| (self.first - 1..=self.last()).contains(position);
        cursor.number_in(self.store).filter(known).ok_or_else(|| StorageError::Gone(cursor.clone()))
    }

    /// Deletes entries that were stored before `before`.
    pub(super) fn trim(&mut self, before: i64, limit: usize) -> usize {
        let most = self.entries.len().saturating_sub(1).min(limit);
        let old = self.entries.iter().take(most).rposition(|entry| entry.at < before).map_or(0, |last| last + 1);
        self.entries.drain(..old);
        self.first += old as u64;
        old
    }
}

impl Kept {
    /// A page of the feed.
    pub(super) fn feed(&self, after: Option<&Cursor>, limit: usize) -> Result<FeedPage, StorageError> {
        let feed = &self.feed;
        let mut position = feed.position(after)?;
        let skipped = usize::try_from(position + 1 - feed.first).unwrap_or(usize::MAX);
        let mut entries = Vec::new();
        for entry in feed.entries.iter().skip(skipped).take(limit) {
            position += 1;
            if let Some(row) = self.row(entry.key) {
                entries.push(FeedEntry {
                    cursor: Cursor::numbered(feed.store, position),
                    task_id: row.task.id,
                    seq: entry.seq,
                    revision: entry.revision,
                    status: entry.status,
                });
            }
        }
        Ok(FeedPage { entries, next: Cursor::numbered(feed.store, position) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_drops_the_oldest_and_says_so() {
        let mut feed = Feed::default();
        let entry = |key| Entry { key, seq: 0, revision: 1, at: 0, status: Status::Active };
        let start = feed.end();
        for key in 1..=3 {
            feed.add(entry(key), 3);
        }
        assert_eq!(feed.position(Some(&start)).ok(), Some(0));
        feed.add(entry(4), 3);
        assert!(matches!(feed.position(Some(&start)), Err(StorageError::Gone(cursor)) if cursor == start));
        assert_eq!((feed.position(None).ok(), feed.last(), feed.entries.len()), (Some(1), 4, 3));
    }
}
