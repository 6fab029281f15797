//! Tasks in memory. They are gone with the process; all other promises hold. Embedders start with it, and tests use it.
//!
//! One lock is held during each call, so every call takes effect entirely or not at all. A parked task costs its own
//! data and less than 1 KB: timers are kept in ordered sets, not on threads.

mod by_time;
mod commit;
mod feed;
mod find;
mod history;
mod kept;
mod rows;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration as Lease;

use crate::clock::{Timestamp, from_millis, until};
use crate::name::Name;
use crate::task::{
    Checkpoint, Claim, Definition, Digest, HeldUp, InteractionReceipt, Journal, StepRecord, Task, TaskId, Transition,
};
use async_trait::async_trait;
use serde_json::Value as Json;

use super::holder::this_process;
use super::{
    CallInFlight, Claimed, Cursor, FeedPage, Filter, Held, Storage, StorageError, Subscription, TaskCount, Wanted,
    note_text,
};
use commit::Write;
pub use feed::MAX_FEED_ENTRIES;
use kept::{Kept, Leased, Row};

/// Tasks in memory.
#[derive(Default)]
pub struct Memory {
    kept: Mutex<Kept>,
}

impl Memory {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The content. Nothing can panic between two changes of it, so even the content of a poisoned lock is whole.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Row {
    fn claim(&mut self, now: Timestamp, lease: Lease) -> Claimed {
        let claim = Claim::new(self.task.id, now, lease);
        let abandoned = self.claim.replace(Leased::of(&claim)).is_some();
        self.end_call();
        self.task.held_up_by = None;
        Claimed { claim, task: Task::clone(&self.task), wakes: self.wakes(), journal: self.journal(), abandoned }
    }
}

#[async_trait]
impl Storage for Memory {
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        let write = Write::of(checkpoint);
        let spent = self.kept().commit(write)?;
        drop(spent);
        Ok(())
    }

    async fn commit_many(&self, checkpoints: Vec<Checkpoint>) -> Vec<Result<(), StorageError>> {
        let writes: Vec<Write> = checkpoints.into_iter().map(Write::of).collect();
        let mut kept = self.kept();
        writes.into_iter().map(|write| kept.commit(write).map(drop)).collect()
    }

    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError> {
        let mut kept = self.kept();
        let key = kept.key(id).ok_or(StorageError::NotFound(id))?;
        if kept.row(key).is_some_and(|row| row.is_held(now)) {
            return Err(StorageError::Conflict(id));
        }
        kept.change(key, |row| row.claim(now, lease)).ok_or(StorageError::NotFound(id))
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        wanted: &Wanted<'_>,
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        let mut kept = self.kept();
        kept.set_right(now);
        let due = kept.due(now.timestamp_millis(), wanted, limit);
        Ok(due.into_iter().filter_map(|key| kept.change(key, |row| row.claim(now, lease))).collect())
    }

    async fn extend(&self, claim: &Claim, now: Timestamp, lease: Lease) -> Result<Claim, StorageError> {
        let mut kept = self.kept();
        let key = kept.holding(claim)?;
        let claim = Claim { until: until(now, lease), lease, ..claim.clone() };
        kept.change(key, |row| row.claim = Some(Leased::of(&claim)));
        Ok(claim)
    }

    async fn lost(&self, claims: &[Claim]) -> Result<Vec<Claim>, StorageError> {
        let kept = self.kept();
        Ok(claims.iter().filter(|claim| kept.holding(claim).is_err()).cloned().collect())
    }

    async fn hold_up(&self, claim: &Claim, by: &HeldUp) -> Result<(), StorageError> {
        let mut kept = self.kept();
        if let Ok(key) = kept.holding(claim) {
            kept.change(key, |row| {
                row.claim = None;
                row.task.held_up_by = Some(Box::new(by.clone()));
            });
        }
        Ok(())
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        let mut kept = self.kept();
        if let Ok(key) = kept.holding(claim) {
            kept.change(key, |row| row.claim = None);
        }
        Ok(())
    }

    async fn next_due(&self, wanted: &Wanted<'_>) -> Result<Option<Timestamp>, StorageError> {
        Ok(self.kept().next_due(wanted).map(from_millis))
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        let mut kept = self.kept();
        let key = kept.holding(claim)?;
        kept.append_step(key, step)
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        self.kept().by_id(id).map(Row::journal).ok_or(StorageError::NotFound(id))
    }

    async fn note_call(&self, claim: &Claim, call: &CallInFlight) -> Result<(), StorageError> {
        let mut kept = self.kept();
        if let Ok(key) = kept.holding(claim) {
            kept.change(key, |row| row.more().call = Some(Box::new(call.clone())));
        }
        Ok(())
    }

    async fn held(&self, id: TaskId) -> Result<Option<Held>, StorageError> {
        let kept = self.kept();
        let Some((row, claim)) = kept.by_id(id).and_then(|row| Some((row, row.claim.as_ref()?))) else {
            return Ok(None);
        };
        let call = row.more.as_ref().and_then(|more| more.call.as_deref().cloned());
        // Nobody else can claim what is in the memory of this process.
        Ok(Some(Held { holder: Some(this_process()), until: from_millis(claim.until), call }))
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError> {
        let kept = self.kept();
        Ok(kept.by_id(id).map(|row| Task::clone(&row.task)))
    }

    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        self.kept().tasks(filter)
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StorageError> {
        Ok(self.kept().count(filter))
    }

    async fn counts(&self) -> Result<Vec<TaskCount>, StorageError> {
        Ok(self.kept().counts())
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        let kept = self.kept();
        Ok(kept.by_id(id).map(|row| row.history.read(after, limit)).unwrap_or_default())
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<InteractionReceipt>, StorageError> {
        let kept = self.kept();
        let applied = kept.by_id(id).and_then(|row| row.more.as_ref()).and_then(|more| more.applied.get(key));
        Ok(applied.cloned())
    }

    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError> {
        let mut kept = self.kept();
        match kept.by_id(id) {
            None => Ok(false),
            Some(row) if row.is_held(now) => Err(StorageError::Conflict(id)),
            Some(_) => Ok(kept.remove(id)),
        }
    }

    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError> {
        Ok(self.kept().delete_old(now, limit))
    }

    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError> {
        Ok(self.kept().definition(digest))
    }

    async fn note(&self, name: &str) -> Result<Option<Json>, StorageError> {
        Ok(self.kept().notes.get(name).cloned())
    }

    async fn notes(&self, prefix: &str) -> Result<Vec<(Name, Json)>, StorageError> {
        Ok(self.kept().notes(prefix))
    }

    async fn set_note(&self, name: &str, before: Option<&Json>, after: Option<&Json>) -> Result<bool, StorageError> {
        if let Some(after) = after {
            note_text(name, after)?;
        }
        Ok(self.kept().set_note(name, before, after))
    }

    async fn feed(&self, after: Option<&Cursor>, limit: usize) -> Result<FeedPage, StorageError> {
        self.kept().feed(after, limit)
    }

    async fn feed_end(&self) -> Result<Cursor, StorageError> {
        Ok(self.kept().feed.end())
    }

    async fn trim_feed(&self, before: Timestamp, limit: usize) -> Result<usize, StorageError> {
        Ok(self.kept().feed.trim(before.timestamp_millis(), limit))
    }

    fn subscribe(&self) -> Subscription {
        self.kept().notifier.subscribe()
    }
}
