//! A storage that dies, for tests of what survives.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration as Lease;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::{Claimed, Filter, Listener, Storage, StorageError};
use crate::task::{
    Applied, Checkpoint, Claim, Definition, Digest, Journal, Scheduled, StepRecord, Task, TaskId, Transition,
};

/// How a [`Faulty`] storage stops at its last write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The write never happens.
    Before,
    /// The write happens, but nobody is told so.
    After,
}

/// A storage that stops at its n-th write, as if its process had died: that write fails, and so does every call after
/// it. What is in the storage it wraps is what a new process finds.
#[derive(Debug)]
pub struct Faulty<S> {
    inner: S,
    last: u64,
    stop: Stop,
    writes: AtomicU64,
    stopped: AtomicBool,
}

impl<S: Storage> Faulty<S> {
    /// Stops at the `last`-th write, counted from 1.
    pub fn new(inner: S, last: u64, stop: Stop) -> Self {
        Self { inner, last, stop, writes: AtomicU64::new(0), stopped: AtomicBool::new(false) }
    }

    /// How many writes were asked for until now: commits, claims, leases extended and released, steps, deletions.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// Whether it has stopped.
    pub fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn read(&self) -> Result<&S, StorageError> {
        if self.has_stopped() { Err(dead()) } else { Ok(&self.inner) }
    }

    async fn write<T>(&self, write: impl AsyncFnOnce(&S) -> Result<T, StorageError>) -> Result<T, StorageError> {
        let inner = self.read()?;
        if self.writes.fetch_add(1, Ordering::SeqCst).saturating_add(1) < self.last {
            return write(inner).await;
        }
        self.stopped.store(true, Ordering::SeqCst);
        if self.stop == Stop::After {
            write(inner).await?;
        }
        Err(dead())
    }
}

fn dead() -> StorageError {
    StorageError::Engine { place: "faulty storage".to_owned(), reason: "it has stopped".to_owned() }
}

#[async_trait]
impl<S: Storage> Storage for Faulty<S> {
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        self.write(async |inner| inner.commit(checkpoint).await).await
    }

    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError> {
        self.write(async |inner| inner.claim(id, now, lease).await).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        queues: &[Name],
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        self.write(async |inner| inner.claim_due(now, queues, limit, lease).await).await
    }

    async fn extend(&self, claim: &Claim, until: Timestamp) -> Result<Claim, StorageError> {
        self.write(async |inner| inner.extend(claim, until).await).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        self.write(async |inner| inner.release(claim).await).await
    }

    async fn next_due(&self, queues: &[Name]) -> Result<Option<Timestamp>, StorageError> {
        self.read()?.next_due(queues).await
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        self.write(async |inner| inner.append_step(claim, step).await).await
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        self.read()?.journal(id).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError> {
        self.read()?.task(id).await
    }

    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        self.read()?.tasks(filter).await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StorageError> {
        self.read()?.count(filter).await
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        self.read()?.history(id, after, limit).await
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<Applied>, StorageError> {
        self.read()?.applied(id, key).await
    }

    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError> {
        self.write(async |inner| inner.delete(id, now).await).await
    }

    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError> {
        self.write(async |inner| inner.delete_old(now, limit).await).await
    }

    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError> {
        self.read()?.definition(digest).await
    }

    async fn scheduled(&self, flow: &str) -> Result<Option<Scheduled>, StorageError> {
        self.read()?.scheduled(flow).await
    }

    async fn set_scheduled(&self, before: Option<&Scheduled>, now: &Scheduled) -> Result<bool, StorageError> {
        self.write(async |inner| inner.set_scheduled(before, now).await).await
    }

    fn listen(&self) -> Listener {
        self.inner.listen()
    }
}
