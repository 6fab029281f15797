//! Where tasks are kept: the trait with its promises, and the adapters.

mod bell;
mod memory;
mod open;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod suite;
#[cfg(test)]
mod tests;
mod turns;

use std::time::Duration as Lease;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::task::{
    Applied, Checkpoint, Claim, Definition, Digest, HeldUp, Journal, Scheduled, Status, StepRecord, Task, TaskId,
    Transition,
};

pub use bell::{Bell, Listener};
pub use memory::Memory;
#[cfg(feature = "cli")]
pub(crate) use open::file_of;
pub use open::open;
#[cfg(feature = "sqlite")]
pub use sqlite::{Durability, Options as SqliteOptions, Sqlite};

/// The longest that a task is kept from being looked at because of its sub-tasks (`rests_until`). One that is to rest for
/// longer was stored while a clock was ahead.
pub const MAX_REST: Lease = Lease::from_secs(60);

/// A claim that ends further ahead than this many of its leases was given while a clock was ahead: it is over.
pub const MAX_LEASES_AHEAD: u32 = 2;

/// Which due tasks are meant.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Wanted<'a> {
    /// Of these queues; of all, if empty.
    pub queues: &'a [Name],
    /// Not those that are held up by one of these: whoever asks knows that it may not go on with them.
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
    /// The steps of its body, if one was under way, and its `once` results.
    pub journal: Journal,
    /// Whether the claim before this one was never given back: its lease is over. Its holder has died, or stood still.
    pub abandoned: bool,
}

/// Which tasks are meant. Absent parts mean all.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Filter {
    /// In this status.
    pub status: Option<Status>,
    /// Of this flow.
    pub flow: Option<Name>,
    /// In this state.
    pub state: Option<Name>,
    /// In this queue.
    pub queue: Option<Name>,
    /// Started by this task.
    pub parent_id: Option<TaskId>,
    /// Found under this record: type, id, and the attribute if only one is meant.
    pub reference: Option<(Name, Name, Option<Name>)>,
    /// Older than this one in the order of the list: the last of the page before.
    pub after: Option<TaskId>,
    /// At most this many.
    pub limit: Option<usize>,
}

/// Why a storage did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The task is not at the revision the writer had read, or the writer's claim has ended.
    #[error("task {0} was changed by somebody else meanwhile")]
    Conflict(TaskId),
    /// No such task.
    #[error("no task {0}")]
    NotFound(TaskId),
    /// The store was written by a newer program.
    #[error("{place} has schema {found}, newer than the {known} this program knows")]
    Newer {
        /// Where.
        place: String,
        /// The schema found.
        found: u32,
        /// The newest schema known.
        known: u32,
    },
    /// The URL asks for something that the adapter does not know.
    #[error("`{given}` is no option of `{scheme}:`; {known}")]
    Option {
        /// What stands before the `:` of the URL.
        scheme: &'static str,
        /// What stands behind its `?`.
        given: String,
        /// What may stand there.
        known: &'static str,
    },
    /// No adapter of this program keeps tasks there.
    #[error("no storage is called `{scheme}`; this program knows {known}")]
    Unknown {
        /// What stands before the `:` of the URL. The rest is not quoted: it may hold a password.
        scheme: String,
        /// The URLs there are.
        known: String,
    },
    /// What is stored cannot be read, or what is to be stored does not follow it.
    #[error("{place} is damaged: {reason}")]
    Corrupt {
        /// Where.
        place: String,
        /// What was found.
        reason: String,
    },
    /// The engine refused: full, locked, read-only, gone.
    #[error("{place}: {reason}")]
    Engine {
        /// Where.
        place: String,
        /// What the engine said.
        reason: String,
    },
}

/// Where tasks are kept.
#[async_trait]
pub trait Storage: Send + Sync {
    /// The one write: stores all of the checkpoint or nothing. When it returns, what it stored survives a crash of any
    /// process and, where the engine promises so, of the machine. `Conflict` if the task is not at the revision before
    /// (or exists, at revision 1), if a claim is named and no longer holds, if somebody else holds one, or if the key of
    /// its interaction was applied before. `Corrupt` if its history entries leave a gap.
    ///
    /// Stores what the task is held up by as the checkpoint says.
    ///
    /// A claim holds until it ends or somebody else takes the task: one whose lease is over and that nobody retook is
    /// still good. Without one, the lease of others is judged at the task's `updated_at`. A new task (revision 1) that
    /// names a claim and does not release it is stored as claimed by it. One that `seizes` the task names no claim, and
    /// is stored whoever holds one: that claim is lost with it.
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError>;

    /// Claims a task that nobody holds, whatever its status. `Conflict` while somebody does. It is held up by nothing then.
    ///
    /// A claim that ends further ahead than [`MAX_LEASES_AHEAD`] of its leases is over, here and in every other call: the
    /// clock was set back since. So a lease is kept with its claim, and whoever looks need not know how long others hold
    /// theirs. Clocks that differ by less than a lease do no harm.
    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError>;

    /// Claims up to `limit` due tasks of those `wanted`: active ones that nobody holds, sleeping ones whose
    /// time has come or that a sub-task has woken. Higher priority first; queues of one priority take turns, call after
    /// call, each with its longest due first (an active one since it was stored). No task is handed out twice before its
    /// lease ends. Costs what is due, neither what sleeps nor what is held up by what the caller lacks.
    ///
    /// What is due only later because a clock was ahead when it was stored is due now: an active task that was stored after
    /// `now`, one that was woken after `now` and [`MAX_REST`]. A `wake_at` is taken as it is: nobody knows what was meant.
    async fn claim_due(
        &self,
        now: Timestamp,
        wanted: &Wanted<'_>,
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError>;

    /// Holds a claim for another `lease` from `now` on. `Conflict` if it has been lost.
    async fn extend(&self, claim: &Claim, now: Timestamp, lease: Lease) -> Result<Claim, StorageError>;

    /// Which of these claims have been lost by now: somebody else has taken or changed the task, or it is gone.
    async fn lost(&self, claims: &[Claim]) -> Result<Vec<Claim>, StorageError>;

    /// Gives a claim back; one that was lost is no error.
    async fn release(&self, claim: &Claim) -> Result<(), StorageError>;

    /// Gives a claim back, and notes what holds the task up: its holder may not make the call that comes next. The task
    /// stays as it is otherwise, and due. A claim that was lost is no error.
    async fn hold_up(&self, claim: &Claim, by: &HeldUp) -> Result<(), StorageError>;

    /// When the earliest task of those `wanted` is due; tasks under a live claim count when it ends.
    async fn next_due(&self, wanted: &Wanted<'_>) -> Result<Option<Timestamp>, StorageError>;

    /// Appends a performed step to the journal of the body under way, and keeps its result if it has a `once` key and
    /// succeeded; under a `once` key the first result stays. Durable when it returns. `Conflict` if the claim has been
    /// lost, or if the step is not the next one.
    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError>;

    /// The steps of the body under way and the `once` results of a task, whoever holds it. `NotFound` if there is none.
    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError>;

    /// When the claim on a task ends, if one is stored, over or not. None as well where the adapter cannot say.
    async fn claimed_until(&self, id: TaskId) -> Result<Option<Timestamp>, StorageError> {
        let _ = id;
        Ok(None)
    }

    /// A task.
    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError>;

    /// Tasks, newest first; sub-tasks of one parent (`parent_id`) in order of their start. `NotFound` if the task that
    /// `after` names is gone.
    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError>;

    /// How many tasks are meant, `after` and `limit` aside.
    async fn count(&self, filter: &Filter) -> Result<u64, StorageError>;

    /// A task's history after entry `after` (0 for all), at most `limit` entries.
    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError>;

    /// The interaction that was applied under a caller's key.
    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<Applied>, StorageError>;

    /// Deletes a task with all that belongs to it; its sub-tasks stay. `Conflict` while it is claimed; false if there was none.
    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError>;

    /// Deletes ended tasks whose time to be kept is over and whose parent, if any, has ended; at most `limit`; and
    /// definitions that no task is pinned to any more. Gives how many tasks: fewer than `limit` if none is left. What is
    /// kept for its parent is looked at once, not again and again.
    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError>;

    /// A kept definition.
    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError>;

    /// How far the schedule of `flow` has come, if anything was stored of it.
    async fn scheduled(&self, flow: &str) -> Result<Option<Scheduled>, StorageError>;

    /// Stores how far a schedule has come, if it has come as far as `before` says until now. False if not: somebody else
    /// was faster.
    async fn set_scheduled(&self, before: Option<&Scheduled>, now: &Scheduled) -> Result<bool, StorageError>;

    /// Listens to what is stored, by this process or another, and may be due: so that a runner that sleeps until the next
    /// task is due hears of an earlier one.
    fn listen(&self) -> Listener;
}

/// `Corrupt` unless a checkpoint's history entries go on, without gap or repeat, after entry `seq`.
fn entries_follow(id: TaskId, entries: &[Transition], seq: u64) -> Result<(), StorageError> {
    let mut next = seq;
    for entry in entries {
        next = next.saturating_add(1);
        if entry.seq != next {
            let reason = format!("history entry {} where entry {next} is due", entry.seq);
            return Err(StorageError::Corrupt { place: format!("task {id}"), reason });
        }
    }
    Ok(())
}
