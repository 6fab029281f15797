//! Wrapping a storage, with hooks before and after each call.

use std::time::Duration as Lease;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::{
    CallInFlight, Claimed, Cursor, FeedPage, Filter, Held, Storage, StorageError, Subscription, TaskCount, Wanted,
};
use crate::task::{
    Checkpoint, Claim, Definition, Digest, HeldUp, InteractionReceipt, Journal, StepRecord, Task, TaskId, Transition,
};

/// A wrapper of a storage: whatever implements this is a [`Storage`] that passes every call on and calls hooks before
/// and after it. For storages that fail, count or record.
pub trait Around: Send + Sync {
    /// The wrapped storage.
    fn inner(&self) -> &dyn Storage;

    /// Called before each read. An error replaces the result.
    fn before_read(&self) -> Result<(), StorageError> {
        Ok(())
    }

    /// Called before each write. An error replaces the result, and nothing is written.
    fn before(&self, write: &Write) -> Result<(), StorageError> {
        let _ = write;
        Ok(())
    }

    /// Called after each successful write. An error replaces the result, as if the answer had been lost.
    fn after(&self, write: &Write) -> Result<(), StorageError> {
        let _ = write;
        Ok(())
    }
}

/// A write, in as much detail as a hook needs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Write {
    /// A checkpoint.
    Commit {
        /// Its task.
        task: TaskId,
        /// The revision that it stores.
        revision: u64,
        /// Whether it ends the current body.
        ends_journal: bool,
        /// The sub-tasks that it starts.
        started: Vec<TaskId>,
    },
    /// A step.
    Step {
        /// Its task.
        task: TaskId,
        /// Its place in the journal.
        ordinal: u32,
    },
    /// Anything else: a claim taken, renewed or given back, a call noted, a deletion, a note.
    Other,
}

impl From<&Checkpoint> for Write {
    fn from(checkpoint: &Checkpoint) -> Self {
        Self::Commit {
            task: checkpoint.task.id,
            revision: checkpoint.task.revision,
            ends_journal: checkpoint.ends_journal,
            started: checkpoint.sub_tasks.iter().map(|task| task.id).collect(),
        }
    }
}

/// The storage to read from.
fn read<A: Around>(around: &A) -> Result<&dyn Storage, StorageError> {
    around.before_read().map(|()| around.inner())
}

/// Does a write. Its future does nothing before it is polled, so the hook comes first.
async fn write<A: Around, T>(
    around: &A,
    what: Write,
    writing: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    around.before(&what)?;
    let done = writing.await?;
    around.after(&what)?;
    Ok(done)
}

#[async_trait]
impl<A: Around> Storage for A {
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        write(self, Write::from(&checkpoint), self.inner().commit(checkpoint)).await
    }

    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError> {
        write(self, Write::Other, self.inner().claim(id, now, lease)).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        wanted: &Wanted<'_>,
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        write(self, Write::Other, self.inner().claim_due(now, wanted, limit, lease)).await
    }

    async fn extend(&self, claim: &Claim, now: Timestamp, lease: Lease) -> Result<Claim, StorageError> {
        write(self, Write::Other, self.inner().extend(claim, now, lease)).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        write(self, Write::Other, self.inner().release(claim)).await
    }

    async fn lost(&self, claims: &[Claim]) -> Result<Vec<Claim>, StorageError> {
        read(self)?.lost(claims).await
    }

    async fn hold_up(&self, claim: &Claim, by: &HeldUp) -> Result<(), StorageError> {
        write(self, Write::Other, self.inner().hold_up(claim, by)).await
    }

    async fn next_due(&self, wanted: &Wanted<'_>) -> Result<Option<Timestamp>, StorageError> {
        read(self)?.next_due(wanted).await
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        let what = Write::Step { task: claim.task_id, ordinal: step.ordinal };
        write(self, what, self.inner().append_step(claim, step)).await
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        read(self)?.journal(id).await
    }

    async fn note_call(&self, claim: &Claim, call: &CallInFlight) -> Result<(), StorageError> {
        write(self, Write::Other, self.inner().note_call(claim, call)).await
    }

    async fn held(&self, id: TaskId) -> Result<Option<Held>, StorageError> {
        read(self)?.held(id).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError> {
        read(self)?.task(id).await
    }

    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        read(self)?.tasks(filter).await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StorageError> {
        read(self)?.count(filter).await
    }

    async fn counts(&self) -> Result<Vec<TaskCount>, StorageError> {
        read(self)?.counts().await
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        read(self)?.history(id, after, limit).await
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<InteractionReceipt>, StorageError> {
        read(self)?.applied(id, key).await
    }

    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError> {
        write(self, Write::Other, self.inner().delete(id, now)).await
    }

    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError> {
        write(self, Write::Other, self.inner().delete_old(now, limit)).await
    }

    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError> {
        read(self)?.definition(digest).await
    }

    async fn note(&self, name: &str) -> Result<Option<Json>, StorageError> {
        read(self)?.note(name).await
    }

    async fn notes(&self, prefix: &str) -> Result<Vec<(Name, Json)>, StorageError> {
        read(self)?.notes(prefix).await
    }

    async fn set_note(&self, name: &str, before: Option<&Json>, after: Option<&Json>) -> Result<bool, StorageError> {
        write(self, Write::Other, self.inner().set_note(name, before, after)).await
    }

    async fn feed(&self, after: Option<&Cursor>, limit: usize) -> Result<FeedPage, StorageError> {
        read(self)?.feed(after, limit).await
    }

    async fn feed_end(&self) -> Result<Cursor, StorageError> {
        read(self)?.feed_end().await
    }

    async fn trim_feed(&self, before: Timestamp, limit: usize) -> Result<usize, StorageError> {
        write(self, Write::Other, self.inner().trim_feed(before, limit)).await
    }

    fn subscribe(&self) -> Subscription {
        self.inner().subscribe()
    }
}
