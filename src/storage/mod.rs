//! Where tasks are kept: the trait with its promises, and the adapters.

mod commit_queue;
mod counts;
mod error;
mod feed;
mod filter;
mod holder;
mod memory;
mod note;
mod notifier;
mod open;
mod round_robin;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "suite", test))]
pub mod suite;
#[cfg(test)]
mod tests;

use std::time::Duration as Lease;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::task::{
    Checkpoint, Claim, Definition, Digest, HeldUp, InteractionReceipt, Journal, StepRecord, Task, TaskId, Transition,
};

pub use commit_queue::{CommitQueue, MAX_BATCH};
pub use counts::{COUNTED, TaskCount};
pub use error::{EngineErrorKind, StorageError};
pub use feed::{Cursor, FeedEntry, FeedPage};
pub use filter::{Filter, IdPrefix, InvalidPrefix, MIN_PREFIX, Period, Place};
#[cfg(feature = "cli")]
pub(crate) use holder::host as machine;
pub use holder::{CallInFlight, Held};
pub use memory::{MAX_FEED_ENTRIES, Memory};
pub use note::{MAX_NOTE_BYTES, MAX_NOTE_NAME_BYTES, note_text};
pub use notifier::{Notifier, Subscription};
pub use open::open;
#[cfg(feature = "cli")]
pub(crate) use open::{check, file_of};
pub use round_robin::{QueueKey, Ready, RoundRobin};
#[cfg(feature = "sqlite")]
pub use sqlite::{Durability, Options as SqliteOptions, Sqlite};

/// The longest time for which wakes by sub-tasks are ignored (`not_before`). A longer one was stored while a clock was
/// ahead.
pub const MAX_NOT_BEFORE: Lease = Lease::from_secs(60);

/// A claim that ends more leases ahead than this was given while a clock was ahead; it counts as expired.
pub const MAX_LEASES_AHEAD: u32 = 2;

/// Which due tasks a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Wanted<'a> {
    /// Of these queues; of all, if empty.
    pub queues: &'a [Name],
    /// Not those that need one of these grants, because the caller knows that it lacks them.
    pub lacks: &'a [HeldUp],
    /// Only this task and those that were started below it.
    pub below: Option<TaskId>,
}

impl<'a> Wanted<'a> {
    /// All that are due.
    pub const fn all() -> Self {
        Self::of(&[])
    }

    /// Those of `queues`; of all, if empty.
    pub const fn of(queues: &'a [Name]) -> Self {
        Self { queues, lacks: &[], below: None }
    }
}

/// A task as it was claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The right to advance it.
    pub claim: Claim,
    /// The task as stored.
    pub task: Task,
    /// How often sub-tasks have woken it since it last looked.
    pub wakes: u64,
    /// The steps of its body, if one was in progress, and its `once` results.
    pub journal: Journal,
    /// Whether the previous claim expired without being given back: its holder has died or stalled.
    pub abandoned: bool,
}

/// Where tasks are kept.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Stores the whole checkpoint or nothing. When it returns, what it stored survives a crash of any process and,
    /// where the engine promises so, of the machine. `Conflict` if the task is not at the previous revision (or exists,
    /// at revision 1), if the named claim no longer holds, if somebody else holds a claim, or if the key of its
    /// interaction was applied before. `Corrupt` if its history entries leave a gap.
    ///
    /// Stores the missing grant (`held_up_by`) as the checkpoint's task has it.
    ///
    /// A claim holds until it ends or somebody else takes the task: one that has expired but was not taken over is
    /// still good. Without a claim, the leases of others are judged at the task's `updated_at`. A new task (revision 1)
    /// that names a claim and does not release it is stored as claimed by it. A checkpoint that `steals_claim` the task names
    /// no claim, and is stored whoever holds one; that claim is then lost.
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError>;

    /// Stores several checkpoints in order, each whole or not at all, whatever becomes of the others. The results are in
    /// the same order. An adapter over a network makes one transaction and one round trip of them; [`CommitQueue`]
    /// gathers what is committed at the same time. By default they are committed one after the other.
    async fn commit_many(&self, checkpoints: Vec<Checkpoint>) -> Vec<Result<(), StorageError>> {
        let mut results = Vec::with_capacity(checkpoints.len());
        for checkpoint in checkpoints {
            results.push(self.commit(checkpoint).await);
        }
        results
    }

    /// Claims a task that nobody holds, whatever its status, and clears its missing grant. `Conflict` while somebody
    /// holds it.
    ///
    /// A claim that ends further ahead than [`MAX_LEASES_AHEAD`] of its leases counts as expired, here and in every
    /// other call: the clock was set back since. For that, the lease is stored with the claim, so that a reader need
    /// not know how long the leases of others are. Clocks that differ by less than a lease do no harm.
    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError>;

    /// Claims up to `limit` of the due tasks that are `wanted`: active ones that nobody holds, and sleeping ones whose
    /// time has come or that a sub-task has woken. Higher priority first; queues of the same priority take turns, call
    /// after call; within a queue, the longest due first (an active task since it was stored). No task is handed out
    /// twice before its lease ends. The cost depends on what is due, not on what sleeps or waits for a grant that the
    /// caller lacks.
    ///
    /// A task whose due time lies ahead only because a clock was ahead when it was stored is due now: an active task
    /// stored after `now`, or one woken later than `now` plus [`MAX_NOT_BEFORE`]. A `wake_at` is taken as it is, because
    /// nobody can know what was meant.
    async fn claim_due(
        &self,
        now: Timestamp,
        wanted: &Wanted<'_>,
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError>;

    /// Renews a claim for another `lease` from `now` on. `Conflict` if it has been lost.
    async fn extend(&self, claim: &Claim, now: Timestamp, lease: Lease) -> Result<Claim, StorageError>;

    /// Which of these claims are lost: somebody else has taken or changed the task, or it is gone.
    async fn lost(&self, claims: &[Claim]) -> Result<Vec<Claim>, StorageError>;

    /// Gives a claim back. A lost claim is no error.
    async fn release(&self, claim: &Claim) -> Result<(), StorageError>;

    /// Gives a claim back and stores the grant that its holder lacks for the next call. Otherwise the task stays as it
    /// is, and due. A lost claim is no error.
    async fn hold_up(&self, claim: &Claim, by: &HeldUp) -> Result<(), StorageError>;

    /// When the earliest of the `wanted` tasks is due. A claimed task counts from the end of its claim.
    async fn next_due(&self, wanted: &Wanted<'_>) -> Result<Option<Timestamp>, StorageError>;

    /// Appends a performed step to the journal of the body in progress, and keeps a successful result that has a `once`
    /// key; the first result under a key is kept. Durable when it returns. `Conflict` if the claim is lost, or if the
    /// step is not the next one.
    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError>;

    /// The steps of the body in progress and the `once` results of a task, whoever holds it. `NotFound` if there is no
    /// such task.
    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError>;

    /// Notes the call that the holder of a claim waits for, for those who look ([`held`](Self::held)). The note ends
    /// with the next step, commit, claim or release. Nothing depends on it: it need not survive a crash, and a lost claim
    /// is no error. An adapter may ignore it.
    async fn note_call(&self, claim: &Claim, call: &CallInFlight) -> Result<(), StorageError> {
        let _ = (claim, call);
        Ok(())
    }

    /// The claim that is stored on a task, even if it is over: who holds it, until when, and the call in flight. None
    /// as well if the adapter cannot say.
    async fn held(&self, id: TaskId) -> Result<Option<Held>, StorageError> {
        let _ = id;
        Ok(None)
    }

    /// A task.
    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError>;

    /// Tasks, newest first, those of one moment by their ids, the greatest first. A page begins after the [`Place`]
    /// `after`, whether its task is stored or not.
    ///
    /// Sub-tasks of one parent (`parent_id`) come in the order of their start, which only they know: `NotFound` if the
    /// one at the place is gone.
    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError>;

    /// How many tasks match, ignoring `after` and `limit`.
    async fn count(&self, filter: &Filter) -> Result<u64, StorageError>;

    /// How many tasks are active, waiting or failed ([`COUNTED`]), by flow, status and state; ordered so, and all as of
    /// one moment. The cost depends on how many those are, not on how many are kept.
    async fn counts(&self) -> Result<Vec<TaskCount>, StorageError>;

    /// A task's history after entry `after` (0 for all), at most `limit` entries.
    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError>;

    /// The interaction that was applied under a caller's key.
    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<InteractionReceipt>, StorageError>;

    /// Deletes a task with everything that belongs to it; its sub-tasks stay. `Conflict` while it is claimed; false if
    /// there was none.
    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError>;

    /// Deletes up to `limit` ended tasks whose retention period is over and whose parent, if any, has ended, and
    /// definitions that no task is pinned to any more. Returns how many tasks; fewer than `limit` means that none are
    /// left. A task that is kept for its parent is looked at once, not again and again.
    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError>;

    /// A kept definition.
    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError>;

    /// A note: small JSON by name, none if there is none.
    async fn note(&self, name: &str) -> Result<Option<Json>, StorageError>;

    /// The notes whose names begin with `prefix`, by name, in the order of the names' bytes.
    async fn notes(&self, prefix: &str) -> Result<Vec<(Name, Json)>, StorageError>;

    /// Stores `after` as the note `name`, or removes the note if that is none, if what is stored equals `before`. False
    /// if not: somebody else was first. Durable when it returns. `Note` if note or name are too large
    /// ([`note_text`] says so).
    async fn set_note(&self, name: &str, before: Option<&Json>, after: Option<&Json>) -> Result<bool, StorageError>;

    /// A page of the feed: what comes after `after` (or after the oldest that is kept), at most `limit` entries. It has
    /// every started task and every history entry at least once, those of each task in order; none is skipped, however
    /// commits overlap. Entries of tasks that are gone are passed over. `Gone` if `after` is of another store, or if
    /// entries after it are kept no more.
    async fn feed(&self, after: Option<&Cursor>, limit: usize) -> Result<FeedPage, StorageError>;

    /// The place after the newest entry of the feed.
    async fn feed_end(&self) -> Result<Cursor, StorageError>;

    /// Deletes entries of the feed that were stored before `before`, the oldest first, at most `limit`; never the newest
    /// entry. Returns how many; fewer than `limit` means that none are left.
    async fn trim_feed(&self, before: Timestamp, limit: usize) -> Result<usize, StorageError>;

    /// Listens for stored tasks that may be due, from this process or another. A runner that sleeps until the next task
    /// is due learns of an earlier one this way.
    fn subscribe(&self) -> Subscription;
}

/// `Corrupt` unless a checkpoint's history entries follow entry `seq` without gap or repeat: for adapters, which check it
/// in [`commit`](Storage::commit).
pub fn entries_follow(id: TaskId, entries: &[Transition], seq: u64) -> Result<(), StorageError> {
    let mut next = seq;
    for entry in entries {
        next = next.saturating_add(1);
        if entry.seq != next {
            return Err(gap(id, entry.seq, next));
        }
    }
    Ok(())
}

/// The error for a history entry where another is due.
fn gap(id: TaskId, entry: u64, due: u64) -> StorageError {
    let reason = format!("history entry {entry} where entry {due} is due");
    StorageError::Corrupt { place: format!("task {id}"), reason }
}
