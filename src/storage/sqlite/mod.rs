//! Tasks in one SQLite file, which several processes may share.
//!
//! The file has a write-ahead log. All writes of a process go through one thread, which stores queued writes together
//! and flushes once ([`Durability`]). Reads run beside it. SQLite's own lock keeps other processes apart; a writer
//! waits ten seconds for it. Secrets are stored in clear, so restrict who can read the file.

mod claims;
mod commit;
mod due;
mod fault;
mod feed;
mod find;
mod notes;
mod readers;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod watcher;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration as Lease;

use async_trait::async_trait;
use rusqlite::Connection;
use serde_json::Value as Json;

use crate::clock::{Timestamp, from_millis, until};
use crate::name::Name;
use crate::task::{
    Checkpoint, Claim, Definition, Digest, HeldUp, InteractionReceipt, Journal, StepRecord, Task, TaskId, Transition,
};

use super::holder::this_process;
use super::round_robin::RoundRobin;
use super::{
    CallInFlight, Claimed, Cursor, FeedPage, Filter, Held, Notifier, Storage, StorageError, Subscription, TaskCount,
    Wanted, note_text,
};
use due::Which;
use fault::Answer;
use readers::Readers;
use watcher::Watcher;
use writer::{Earliest, Flush, Writer};

/// What an acknowledged commit survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Durability {
    /// A crash of the machine: each group of commits is flushed to the disk.
    #[default]
    Full,
    /// A crash of any process, but not of the machine: that may lose the last commits, each as a whole.
    Normal,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    durability: Durability,
}

impl Options {
    /// Sets what an acknowledged commit survives; by default, a crash of the machine.
    #[must_use]
    pub fn durability(self, durability: Durability) -> Self {
        Self { durability }
    }

    /// Opens the file at `path`, creating it and its folder if missing.
    pub async fn open(self, path: impl AsRef<Path>) -> Result<Sqlite, StorageError> {
        let path = path.as_ref();
        let place: Arc<str> = path.display().to_string().into();
        // More connections are opened later, when the working folder may be another.
        let fixed = std::path::absolute(path).ok().filter(|_| path.as_os_str() != ":memory:");
        let fixed = fixed.unwrap_or_else(|| path.to_owned());
        let notifier = Notifier::new();
        let writer =
            Writer::start(fixed.clone(), self.durability, notifier.clone()).await.map_err(|fault| fault.at(&place))?;
        let watcher = Watcher::new(notifier, writer.orders());
        let readers = Readers::new(fixed);
        Ok(Sqlite { readers, watcher, writer, round_robin: Arc::default(), holder: this_process(), place })
    }
}

/// Tasks in a SQLite file. Dropping it finishes the queued writes and closes the file.
pub struct Sqlite {
    readers: Arc<Readers>,
    watcher: Watcher,
    writer: Writer,
    /// Whose turn it is among the queues, for all who claim through this instance.
    round_robin: Arc<Mutex<RoundRobin>>,
    /// Stored with each claim.
    holder: Name,
    place: Arc<str>,
}

impl Sqlite {
    /// Opens the file at `path`, creating it and its folder if missing.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StorageError> {
        Self::options().open(path).await
    }

    /// Options for opening a file.
    pub fn options() -> Options {
        Options::default()
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Answer<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.readers.read(look).await.map_err(|fault| fault.at(&self.place))
    }

    async fn write<T: Send + 'static>(
        &self,
        flush: Flush,
        work: impl FnOnce(&Connection) -> Answer<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.write_due(flush, |db, _| work(db)).await
    }

    /// Writes something that may be due, as `work` reports.
    async fn write_due<T: Send + 'static>(
        &self,
        flush: Flush,
        work: impl FnOnce(&Connection, &mut Earliest) -> Answer<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.writer.write(flush, work).await.map_err(|fault| fault.at(&self.place))
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.watcher.close();
        // The writer must close last: the last connection to close copies the log into the file.
        self.readers.close();
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sqlite").field(&self.place).finish()
    }
}

#[async_trait]
impl Storage for Sqlite {
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        let holder = self.holder.clone();
        self.write_due(Flush::Yes, move |db, due| commit::commit(db, &checkpoint, &holder, due)).await
    }

    // The writer's thread stores what it finds in its queue as one transaction.
    async fn commit_many(&self, checkpoints: Vec<Checkpoint>) -> Vec<Result<(), StorageError>> {
        let mut waiting = Vec::with_capacity(checkpoints.len());
        for checkpoint in checkpoints {
            let holder = self.holder.clone();
            let work = move |db: &Connection, due: &mut Earliest| commit::commit(db, &checkpoint, &holder, due);
            waiting.push(self.writer.enqueue(Flush::Yes, work).await);
        }
        let mut results = Vec::with_capacity(waiting.len());
        for outcome in waiting {
            let outcome = match outcome {
                Ok(outcome) => writer::answered(outcome).await,
                Err(fault) => Err(fault),
            };
            results.push(outcome.map_err(|fault| fault.at(&self.place)));
        }
        results
    }

    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError> {
        let holder = self.holder.clone();
        self.write_due(Flush::No, move |db, due| claims::claim(db, id, (now, lease), &holder, due)).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        wanted: &Wanted<'_>,
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        let (which, round_robin, holder) = (Which::from(wanted), Arc::clone(&self.round_robin), self.holder.clone());
        let work = move |db: &Connection, earliest: &mut Earliest| {
            let mut round_robin = round_robin.lock().unwrap_or_else(PoisonError::into_inner);
            due::set_right(db, now)?;
            let keys = due::due(db, &mut round_robin, now, &which, limit)?;
            claims::take_each(db, &keys, (now, lease), &holder, earliest)
        };
        self.write_due(Flush::No, work).await
    }

    async fn extend(&self, claim: &Claim, now: Timestamp, lease: Lease) -> Result<Claim, StorageError> {
        let claim = Claim { until: until(now, lease), lease, ..claim.clone() };
        self.write_due(Flush::No, move |db, due| claims::extend(db, claim, due)).await
    }

    async fn lost(&self, claims: &[Claim]) -> Result<Vec<Claim>, StorageError> {
        let claims = claims.to_vec();
        self.read(move |db| claims::lost(db, claims)).await
    }

    async fn hold_up(&self, claim: &Claim, by: &HeldUp) -> Result<(), StorageError> {
        let (claim, by) = (claim.clone(), by.clone());
        self.write_due(Flush::No, move |db, due| claims::release(db, &claim, Some(&by), due)).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        let claim = claim.clone();
        self.write_due(Flush::No, move |db, due| claims::release(db, &claim, None, due)).await
    }

    async fn next_due(&self, wanted: &Wanted<'_>) -> Result<Option<Timestamp>, StorageError> {
        let which = Which::from(wanted);
        Ok(self.read(move |db| due::next_due(db, &which)).await?.map(from_millis))
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        let claim = claim.clone();
        self.write(Flush::Yes, move |db| claims::append_step(db, &claim, &step)).await
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        self.read(move |db| claims::journal_of(db, id)).await
    }

    async fn note_call(&self, claim: &Claim, call: &CallInFlight) -> Result<(), StorageError> {
        let (claim, call) = (claim.clone(), call.clone());
        self.write(Flush::No, move |db| claims::note_call(db, &claim, &call)).await
    }

    async fn held(&self, id: TaskId) -> Result<Option<Held>, StorageError> {
        self.read(move |db| claims::held(db, id)).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError> {
        self.read(move |db| find::task(db, id)).await
    }

    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        let filter = filter.clone();
        self.read(move |db| find::tasks(db, &filter)).await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StorageError> {
        let filter = filter.clone();
        self.read(move |db| find::count(db, &filter)).await
    }

    async fn counts(&self) -> Result<Vec<TaskCount>, StorageError> {
        self.read(find::counts).await
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        self.read(move |db| find::history(db, id, after, limit)).await
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<InteractionReceipt>, StorageError> {
        let key = Name::new(key);
        self.read(move |db| find::applied(db, id, key)).await
    }

    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError> {
        self.write(Flush::Yes, move |db| commit::delete(db, id, now)).await
    }

    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError> {
        self.write(Flush::Yes, move |db| commit::delete_old(db, now, limit)).await
    }

    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError> {
        let digest = digest.clone();
        self.read(move |db| find::definition(db, digest)).await
    }

    async fn note(&self, name: &str) -> Result<Option<Json>, StorageError> {
        let name = Name::new(name);
        self.read(move |db| notes::note(db, &name)).await
    }

    async fn notes(&self, prefix: &str) -> Result<Vec<(Name, Json)>, StorageError> {
        let prefix = Name::new(prefix);
        self.read(move |db| notes::notes(db, &prefix)).await
    }

    async fn set_note(&self, name: &str, before: Option<&Json>, after: Option<&Json>) -> Result<bool, StorageError> {
        let after = after.map(|after| note_text(name, after)).transpose()?;
        let (name, before) = (Name::new(name), before.cloned());
        self.write(Flush::Yes, move |db| notes::set_note(db, &name, before.as_ref(), after.as_deref())).await
    }

    async fn feed(&self, after: Option<&Cursor>, limit: usize) -> Result<FeedPage, StorageError> {
        let after = after.cloned();
        self.read(move |db| feed::feed(db, after, limit)).await
    }

    async fn feed_end(&self) -> Result<Cursor, StorageError> {
        self.read(feed::end).await
    }

    async fn trim_feed(&self, before: Timestamp, limit: usize) -> Result<usize, StorageError> {
        self.write(Flush::No, move |db| feed::trim(db, before, limit)).await
    }

    fn subscribe(&self) -> Subscription {
        self.watcher.subscribe()
    }
}
