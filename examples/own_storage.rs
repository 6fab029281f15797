//! A storage of one's own: here one that wraps another and writes every history entry into an audit log, one line of
//! JSON each. It keeps the promises of a storage, and proves it by the suite that comes with opsflow.
//!
//! `cargo run --example own_storage`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration as Lease;

use async_trait::async_trait;
use opsflow::storage::{
    Claimed, Cursor, EngineErrorKind, FeedPage, StorageError, Subscription, TaskCount, Wanted, suite,
};
use opsflow::task::{Checkpoint, Claim, Definition, Digest, HeldUp, InteractionReceipt, Journal, StepRecord};
use opsflow::{Filter, Memory, Name, Storage, Task, TaskId, Timestamp, Transition};
use serde_json::Value as Json;

/// A storage with an audit log.
struct Audited<S, W> {
    inner: S,
    log: Mutex<W>,
}

impl<S: Storage, W: Write + Send> Audited<S, W> {
    fn new(inner: S, log: W) -> Self {
        Self { inner, log: Mutex::new(log) }
    }

    fn write(&self, lines: &str) -> Result<(), StorageError> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.write_all(lines.as_bytes())
            .and_then(|()| log.flush())
            .map_err(|why| StorageError::engine(EngineErrorKind::Unreachable, "the audit log", why.to_string()))
    }
}

/// What the log holds of a checkpoint. Transitions have their secrets masked already.
fn lines(id: TaskId, transitions: &[Transition]) -> String {
    let line = |entry: &Transition| {
        let entry =
            serde_json::json!({ "task": id, "at": entry.at, "from": entry.from, "to": entry.to, "by": entry.by });
        format!("{entry}\n")
    };
    transitions.iter().map(line).collect()
}

#[async_trait]
impl<S: Storage, W: Write + Send> Storage for Audited<S, W> {
    // The log is written before the commit: it may tell of a move that was refused, never miss one that was stored.
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        self.write(&lines(checkpoint.task.id, &checkpoint.transitions))?;
        self.inner.commit(checkpoint).await
    }

    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError> {
        self.inner.claim(id, now, lease).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        wanted: &Wanted<'_>,
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        self.inner.claim_due(now, wanted, limit, lease).await
    }

    async fn extend(&self, claim: &Claim, now: Timestamp, lease: Lease) -> Result<Claim, StorageError> {
        self.inner.extend(claim, now, lease).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        self.inner.release(claim).await
    }

    async fn lost(&self, claims: &[Claim]) -> Result<Vec<Claim>, StorageError> {
        self.inner.lost(claims).await
    }

    async fn hold_up(&self, claim: &Claim, by: &HeldUp) -> Result<(), StorageError> {
        self.inner.hold_up(claim, by).await
    }

    async fn next_due(&self, wanted: &Wanted<'_>) -> Result<Option<Timestamp>, StorageError> {
        self.inner.next_due(wanted).await
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        self.inner.append_step(claim, step).await
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        self.inner.journal(id).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError> {
        self.inner.task(id).await
    }

    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        self.inner.tasks(filter).await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StorageError> {
        self.inner.count(filter).await
    }

    async fn counts(&self) -> Result<Vec<TaskCount>, StorageError> {
        self.inner.counts().await
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        self.inner.history(id, after, limit).await
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<InteractionReceipt>, StorageError> {
        self.inner.applied(id, key).await
    }

    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError> {
        self.inner.delete(id, now).await
    }

    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError> {
        self.inner.delete_old(now, limit).await
    }

    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError> {
        self.inner.definition(digest).await
    }

    async fn note(&self, name: &str) -> Result<Option<Json>, StorageError> {
        self.inner.note(name).await
    }

    async fn notes(&self, prefix: &str) -> Result<Vec<(Name, Json)>, StorageError> {
        self.inner.notes(prefix).await
    }

    async fn set_note(&self, name: &str, before: Option<&Json>, after: Option<&Json>) -> Result<bool, StorageError> {
        self.inner.set_note(name, before, after).await
    }

    async fn feed(&self, after: Option<&Cursor>, limit: usize) -> Result<FeedPage, StorageError> {
        self.inner.feed(after, limit).await
    }

    async fn feed_end(&self) -> Result<Cursor, StorageError> {
        self.inner.feed_end().await
    }

    async fn trim_feed(&self, before: Timestamp, limit: usize) -> Result<usize, StorageError> {
        self.inner.trim_feed(before, limit).await
    }

    fn subscribe(&self) -> Subscription {
        self.inner.subscribe()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let checks = suite::checks().count();
    suite::run(async || Ok(Arc::new(Audited::new(Memory::new(), Vec::new())) as _)).await?;
    println!("all {checks} promises are kept");

    let storage = Audited::new(Memory::new(), std::io::stdout());
    let task = suite::task();
    let mut first = suite::next(&task, "paid?", 1);
    first.task.revision = 1;
    storage.commit(first).await?;
    Ok(())
}
