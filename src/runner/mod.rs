//! The runner drives tasks. It claims a task, lets the interpreter advance it, stores the checkpoint, reports events,
//! and does what comes next: performs a step, waits for a turn, continues. It also runs due work as it comes due
//! ([`worker`]), cancels and deletes.

mod asked;
mod backoff;
mod begin;
mod beside;
mod burst;
mod cancel;
mod chores;
mod claim;
mod definitions;
mod delete;
mod drive;
mod due;
mod event;
mod feed;
mod follow;
mod lacking;
mod lease_guard;
mod locks;
mod loss;
mod migrate;
mod outage;
mod perform;
mod quarantine;
mod quick;
mod recover;
mod run;
mod schedule;
mod scheduled;
mod store;
#[cfg(test)]
mod tests;
mod wait;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::error::Error;
use crate::expression::Limits;
use crate::flow::CheckContext;
use crate::host::Host;
use crate::interpreter::{Flows, Refusal};
use crate::library::Library;
use crate::storage::{Storage, StorageError};
use crate::task::{Task, TaskId};

pub(crate) use asked::Asked;
pub(crate) use begin::Begun;
pub(crate) use drive::DriveOutcome;
pub use due::{DueReport, SkippedTask};
pub use event::Event;
pub(crate) use event::Observer;
pub(crate) use feed::FEED_KEEP;
pub(crate) use run::{Run, RunMode};
#[cfg(test)]
pub(crate) use schedule::{keep_firing, run_id};
#[cfg(test)]
pub(crate) use scheduled::Scheduled;
#[cfg(feature = "cli")]
pub(crate) use wait::{Either, first};
pub(crate) use worker::Job;
#[cfg(feature = "cli")]
pub(crate) use worker::{DEFAULT_CONCURRENCY, DEFAULT_GRACE};
pub use worker::{WorkerConfig, WorkerReport};

use burst::SlowFlows;
use definitions::{Live, Restored};
use follow::Followers;
use lacking::Lacking;
use locks::TaskLocks;
use schedule::Schedules;

/// The default lease: how long a claim holds unless it is renewed. After that, the work of a dead process is taken up.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// The shortest lease: even a busy process must have time to renew its claims.
pub(crate) const MIN_LEASE: Duration = Duration::from_secs(1);
/// How long a caller that acts on a task waits for its turn.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What a runner is built from.
pub(crate) struct Parts {
    /// Where tasks are kept.
    pub(crate) storage: Arc<dyn Storage>,
    /// What performs their steps.
    pub(crate) host: Arc<dyn Host>,
    /// The live flows.
    pub(crate) library: Library,
    /// The bounds of scripts.
    pub(crate) limits: Limits,
    /// Whether each state is stored, instead of one write per burst of pure states.
    pub(crate) every_state: bool,
    /// Called for every event.
    pub(crate) observer: Option<Observer>,
    /// Whether a background exists that runs sub-tasks.
    pub(crate) has_background: bool,
    /// The lease of its claims.
    pub(crate) lease: Duration,
    /// How long entries of the feed are kept.
    pub(crate) feed_keep: Duration,
}

/// Drives tasks.
pub(crate) struct Runner {
    storage: Arc<dyn Storage>,
    host: Arc<dyn Host>,
    library: Library,
    /// The library's flows, for tasks that need no pinned ones.
    live: Arc<dyn Flows>,
    restored: Restored,
    context: CheckContext,
    limits: Arc<Limits>,
    every_state: bool,
    observer: Option<Observer>,
    has_background: bool,
    lease: Duration,
    feed_keep: Duration,
    locks: Arc<TaskLocks>,
    slow: SlowFlows,
    schedules: Schedules,
    followers: Arc<Followers>,
    lacking: Lacking,
    /// The turn of bodies that have crashed their process more than once.
    alone: Arc<Semaphore>,
}

impl Runner {
    /// Builds a runner.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { storage, host, library, limits, every_state, observer, has_background, lease, feed_keep } = parts;
        let context = CheckContext { functions: host.functions(), limits: limits.clone() };
        Self {
            live: Arc::new(Live::of(&library)),
            restored: Restored::default(),
            context,
            limits: Arc::new(limits),
            storage,
            host,
            library,
            every_state,
            observer,
            has_background,
            lease,
            feed_keep,
            locks: Arc::default(),
            slow: SlowFlows::default(),
            schedules: Schedules::default(),
            followers: Arc::default(),
            lacking: Lacking::default(),
            alone: Arc::new(Semaphore::new(1)),
        }
    }

    /// Whether sub-tasks are left to a background.
    pub(crate) const fn has_background(&self) -> bool {
        self.has_background
    }

    /// Where tasks are kept.
    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    /// The live flows.
    pub(crate) const fn library(&self) -> &Library {
        &self.library
    }

    /// A stored task, with its attributes typed by its flow.
    pub(crate) async fn stored(&self, id: TaskId) -> Result<Task, Error> {
        let mut task = self.storage.task(id).await?.ok_or(Error::NotFound(id))?;
        self.give_types(&mut task).await?;
        Ok(task)
    }

    /// Gives a stored task's attributes the types of its flow. If that flow cannot be used any more, they stay plain
    /// data, as stored; the stored task says which of them are secret.
    pub(crate) async fn give_types(&self, task: &mut Task) -> Result<(), Error> {
        match self.flow_of(task).await {
            Ok(flow) => {
                if let Ok(attributes) = task.attributes.adopt(&flow.attributes) {
                    task.attributes = attributes;
                }
                Ok(())
            }
            Err(error) if is_of_one_task(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Whether the error concerns one task or its definition only, and not the storage or other tasks.
pub(crate) const fn is_of_one_task(error: &Error) -> bool {
    !matches!(
        error,
        Error::Storage(
            StorageError::Engine { .. }
                | StorageError::Newer { .. }
                | StorageError::Option { .. }
                | StorageError::Unknown { .. }
        )
    )
}

/// A refusal as an error for callers.
fn refused(refusal: Refusal) -> Error {
    Error::Refused { kind: refusal.kind, message: refusal.message }
}
