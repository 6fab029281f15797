//! The runner: drives tasks. It claims a task, lets the interpreter advance it, stores the checkpoint, tells of it, and
//! does what comes next: performs a step, waits its turn, goes on. It also finds what is due, as often as it comes due
//! ([`worker`]), cancels and deletes.

mod aside;
mod begin;
mod beside;
mod burst;
mod cancel;
mod chores;
mod claim;
mod definitions;
mod delete;
mod due;
mod event;
mod follow;
mod hold;
mod lacking;
mod leg;
mod loss;
mod migrate;
mod outage;
mod perform;
mod quick;
mod recover;
mod run;
mod schedule;
mod seats;
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
use crate::flow::Surroundings;
use crate::host::Host;
use crate::interpreter::{Flows, Refusal};
use crate::library::Library;
use crate::storage::{Storage, StorageError};
use crate::task::{Task, TaskId};

pub(crate) use begin::Begun;
pub use due::{Due, Left};
pub use event::Event;
pub(crate) use event::Observer;
pub(crate) use leg::Leg;
pub(crate) use run::{Manner, Run};
#[cfg(test)]
pub(crate) use schedule::{keep_firing, run_id};
#[cfg(feature = "cli")]
pub(crate) use wait::{Either, first};
pub(crate) use worker::Job;
#[cfg(feature = "cli")]
pub(crate) use worker::{DEFAULT_CONCURRENCY, DEFAULT_GRACE};
pub use worker::{Work, Worked};

use burst::SlowFlows;
use definitions::{Live, Restored};
use follow::Followers;
use lacking::Lacking;
use schedule::Schedules;
use seats::Seats;

/// How long a claim holds unless it is extended, if nothing else is said. What a process that died was at is taken up
/// after that.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// The shortest lease: a process that is busy must find the time to extend its claims.
pub(crate) const MIN_LEASE: Duration = Duration::from_secs(1);
/// How long whoever wants to do something to a task waits for its turn.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What a runner is put together from.
pub(crate) struct Parts {
    /// Where tasks are kept.
    pub(crate) storage: Arc<dyn Storage>,
    /// What performs their steps.
    pub(crate) host: Arc<dyn Host>,
    /// The live flows.
    pub(crate) library: Library,
    /// The bounds of scripts.
    pub(crate) limits: Limits,
    /// Whether every state is stored, in place of one write for a burst of pure states.
    pub(crate) every_state: bool,
    /// What is told of every event.
    pub(crate) observer: Option<Observer>,
    /// Whether there is a background, to which sub-tasks are left.
    pub(crate) has_background: bool,
    /// How long its claims hold unless they are extended.
    pub(crate) lease: Duration,
}

/// Drives tasks.
pub(crate) struct Runner {
    storage: Arc<dyn Storage>,
    host: Arc<dyn Host>,
    library: Library,
    /// The flows of the library, for tasks that need no pinned ones.
    live: Arc<dyn Flows>,
    restored: Restored,
    surroundings: Surroundings,
    limits: Arc<Limits>,
    every_state: bool,
    observer: Option<Observer>,
    has_background: bool,
    lease: Duration,
    seats: Arc<Seats>,
    slow: SlowFlows,
    schedules: Schedules,
    followers: Arc<Followers>,
    lacking: Lacking,
    /// The turn of bodies that have ended their process more than once.
    alone: Arc<Semaphore>,
}

impl Runner {
    /// Puts a runner together.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { storage, host, library, limits, every_state, observer, has_background, lease } = parts;
        let surroundings = Surroundings { functions: host.functions(), limits: limits.clone() };
        Self {
            live: Arc::new(Live::of(&library)),
            restored: Restored::default(),
            surroundings,
            limits: Arc::new(limits),
            storage,
            host,
            library,
            every_state,
            observer,
            has_background,
            lease,
            seats: Arc::default(),
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

    /// A task as it is stored, its attributes as its flow's.
    pub(crate) async fn stored(&self, id: TaskId) -> Result<Task, Error> {
        let mut task = self.storage.task(id).await?.ok_or(Error::NotFound(id))?;
        self.give_types(&mut task).await?;
        Ok(task)
    }

    /// Makes a stored task's attributes those of its flow. Where that cannot be used any more, they stay the plain data
    /// that they are stored as; which of them are secret is stored with them.
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

/// Whether the error lies in one task, or the definition it is pinned to, and says nothing of others.
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

/// A refusal as callers get it.
fn refused(refusal: Refusal) -> Error {
    Error::Refused { kind: refusal.kind, message: refusal.message }
}
