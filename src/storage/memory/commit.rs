//! The one write: everything is looked at first, and only then anything changed.

use crate::storage::{StorageError, entries_follow};
use crate::task::{Checkpoint, IndexEntry, StepRecord, TaskId};

use super::entry::Entry;
use super::kept::{Kept, Key, Row};

/// Histories shorter than this take exactly the room they need; longer ones grow by doubling.
const SHORT_HISTORY: usize = 16;

impl Kept {
    /// Stores all of `checkpoint`, or nothing.
    pub(super) fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        let known = self.check(&checkpoint)?;
        for definition in &checkpoint.definitions {
            self.definitions.entry(definition.digest.clone()).or_insert_with(|| definition.clone());
        }
        let now = checkpoint.task.updated_at;
        let key = match known {
            Some(key) => {
                self.replace(key, checkpoint.task);
                key
            }
            // `check` found nobody by its id.
            None => self.insert(Row::new(checkpoint.task)).unwrap_or_default(),
        };
        let held = checkpoint.claim.filter(|_| !checkpoint.releases);
        self.change(key, |row| {
            // Whoever commits under a claim keeps it as it was last extended; a new task takes the one it names.
            row.claim = held.map(|claim| row.claim.unwrap_or((claim.token, claim.until)));
            row.wakes = row.wakes.saturating_sub(checkpoint.wakes_seen);
            if row.history.len() < SHORT_HISTORY {
                row.history.reserve_exact(checkpoint.transitions.len());
            }
            row.history.extend(checkpoint.transitions.into_iter().map(Entry::from));
            if let Some(applied) = checkpoint.applied {
                row.more().applied.insert(applied.key.clone(), applied);
            }
            if let Some(more) = row.more.as_mut().filter(|_| checkpoint.ends_journal) {
                more.steps = Vec::new();
            }
        });
        if let Some(entries) = checkpoint.index {
            self.index(key, entries);
        }
        for task in checkpoint.sub_tasks {
            self.insert(Row::new(task));
        }
        if let Some(parent) = checkpoint.wakes {
            self.wake(parent, now.timestamp_millis());
        }
        Ok(())
    }

    /// The row the checkpoint follows, none for a new task.
    fn check(&self, checkpoint: &Checkpoint) -> Result<Option<Key>, StorageError> {
        let task = &checkpoint.task;
        let conflict = || StorageError::Conflict(task.id);
        if checkpoint.claim.as_ref().is_some_and(|claim| claim.task_id != task.id || checkpoint.seizes) {
            return Err(conflict());
        }
        let key = self.key(task.id);
        let row = key.and_then(|key| self.row(key));
        if row.map_or(0, |row| row.task.revision).checked_add(1) != Some(task.revision) {
            return Err(conflict());
        }
        let mut seq = 0;
        if let Some(row) = row {
            let free = match &checkpoint.claim {
                Some(claim) => row.claim.is_some_and(|(token, _)| token == claim.token),
                None => checkpoint.seizes || !row.is_held(task.updated_at),
            };
            let key = checkpoint.applied.as_ref().map(|applied| &applied.key);
            let applied = key.is_some_and(|key| row.more.as_ref().is_some_and(|more| more.applied.contains_key(key)));
            if !free || applied {
                return Err(conflict());
            }
            seq = row.history.len() as u64;
        }
        entries_follow(checkpoint, seq)?;
        Ok(key)
    }

    fn index(&mut self, key: Key, entries: Vec<IndexEntry>) {
        let before = self.change(key, |row| match (entries.is_empty(), row.more.is_some()) {
            (true, false) => Default::default(),
            _ => std::mem::replace(&mut row.more().index, entries.iter().cloned().collect()),
        });
        for entry in before.unwrap_or_default() {
            self.by_record.remove(&(entry, key));
        }
        self.by_record.extend(entries.into_iter().map(|entry| (entry, key)));
    }

    fn wake(&mut self, parent: TaskId, now: i64) {
        if let Some(key) = self.key(parent) {
            self.change(key, |row| {
                if row.wakes == 0 {
                    row.woken_at = now;
                }
                row.wakes = row.wakes.saturating_add(1);
            });
        }
    }

    /// Appends the next step of the body under way.
    pub(super) fn append_step(&mut self, key: Key, step: StepRecord) -> Result<(), StorageError> {
        let Some(row) = self.row(key) else { return Ok(()) };
        let next = row.more.as_ref().map_or(0, |more| more.steps.len());
        if usize::try_from(step.ordinal) != Ok(next) {
            return Err(StorageError::Conflict(row.task.id));
        }
        self.change(key, |row| {
            let more = row.more();
            if let Some(once) = step.once.clone().filter(|_| step.outcome.is_ok()) {
                more.once.entry(once).or_insert_with(|| step.clone());
            }
            more.steps.push(step);
        });
        Ok(())
    }
}
