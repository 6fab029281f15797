//! A task that this process runs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::OwnedSemaphorePermit;

use crate::clock::Timestamp;
use crate::error::Error;
use crate::flow::Flow;
use crate::interpreter::{Advanced, Flows};
use crate::storage::Claimed;
use crate::task::{HeldUp, Journal, Secrets, Status, Task, TaskId};

use super::Runner;
use super::asked::Asked;
use super::lease_guard::LeaseGuard;

/// How a run treats other tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RunMode {
    /// A caller waits for this task: it is run until it ends or sleeps.
    Foreground,
    /// It is one of many due tasks: after a long burst it returns to the queue, and parents it wakes are queued.
    Drain,
    /// The same, in a worker: sub-tasks it starts are queued as well, and it stops with the worker.
    Worker,
}

impl RunMode {
    /// Whether the task returns to the queue after a long burst.
    pub(crate) const fn takes_turns(self) -> bool {
        matches!(self, Self::Drain | Self::Worker)
    }
}

/// Tells a worker's jobs to stop between two bursts or steps.
#[derive(Default)]
pub(crate) struct StopSignal {
    is_told: AtomicBool,
    given_back: AtomicU64,
}

impl StopSignal {
    /// Tells the jobs to stop.
    pub(super) fn tell(&self) {
        self.is_told.store(true, Ordering::SeqCst);
    }

    /// Whether the jobs are to stop.
    fn is_told(&self) -> bool {
        self.is_told.load(Ordering::Relaxed)
    }

    /// Tasks that were given back because of the stop.
    pub(super) fn given_back(&self) -> u64 {
        self.given_back.load(Ordering::SeqCst)
    }
}

/// A task that this process runs, with everything needed to advance it.
pub(crate) struct Run {
    /// Its id.
    pub(crate) id: TaskId,
    /// The task as stored, or about to be stored for the first time. None if somebody else may have changed it.
    pub(crate) task: Option<Box<Task>>,
    /// How it treats other tasks.
    pub(crate) mode: RunMode,
    /// Started sub-tasks that run in the same place and have not been looked at yet.
    pub(crate) started: VecDeque<TaskId>,
    /// The parent that was woken by the end of this task.
    pub(crate) woken: Option<TaskId>,
    /// How often sub-tasks have woken this task since it last looked.
    pub(crate) wakes: u64,
    /// Texts that no message about the task may show.
    pub(super) secrets: Secrets,
    /// The result of its first advance, which is not stored yet.
    pub(super) ahead: Option<Box<Advanced>>,
    pub(super) flow: Arc<Flow>,
    pub(super) flows: Arc<dyn Flows>,
    pub(super) journal: Arc<Journal>,
    /// The weight of the journal, once computed.
    pub(super) journal_bytes: Option<usize>,
    /// Its sub-tasks as the body in progress saw them first: a repeat must see the same.
    pub(super) sub_tasks: Option<Arc<SubTasks>>,
    /// The claim on it. None for a task that is not stored yet, or after release.
    pub(super) guard: Option<LeaseGuard>,
    /// Whether its body was left in progress by a process that did not give the task back.
    pub(super) abandoned: bool,
    /// The missing grant that held the task up when it was taken, if known.
    pub(crate) held_up_by: Option<Box<HeldUp>>,
    /// What came with the request that it is run for.
    pub(crate) asked: Asked,
    /// Tells it to stop, if set.
    pub(crate) stop: Option<Arc<StopSignal>>,
    /// The turn of its next burst, if that is known to block and had to wait.
    pub(super) turn: Option<OwnedSemaphorePermit>,
}

/// The sub-tasks of a task, as its scripts see them.
pub(super) struct SubTasks {
    pub(super) tasks: Vec<Task>,
    /// Whether some are missing, because they hold too much.
    pub(super) too_heavy: bool,
}

impl Run {
    /// A run without a claim.
    pub(super) fn new(
        task: Box<Task>,
        flow: Arc<Flow>,
        flows: Arc<dyn Flows>,
        journal: Journal,
        mode: RunMode,
    ) -> Self {
        let id = task.id;
        Self { task: Some(task), ..Self::empty(id, flow, flows, journal, mode) }
    }

    /// A run of a new task that was advanced and is not stored yet.
    pub(super) fn ahead(advanced: Advanced, flow: Arc<Flow>, flows: Arc<dyn Flows>) -> Self {
        let id = advanced.checkpoint.task.id;
        Self {
            ahead: Some(Box::new(advanced)),
            ..Self::empty(id, flow, flows, Journal::default(), RunMode::Foreground)
        }
    }

    fn empty(id: TaskId, flow: Arc<Flow>, flows: Arc<dyn Flows>, journal: Journal, mode: RunMode) -> Self {
        Self {
            id,
            task: None,
            mode,
            started: VecDeque::new(),
            woken: None,
            wakes: 0,
            secrets: Secrets::default(),
            ahead: None,
            flow,
            flows,
            journal: Arc::new(journal),
            journal_bytes: None,
            sub_tasks: None,
            guard: None,
            abandoned: false,
            held_up_by: None,
            asked: Asked::default(),
            stop: None,
            turn: None,
        }
    }

    /// The flow it runs by.
    pub(crate) fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Whether the task is pinned to a definition other than the one it is run by, and must be migrated to that.
    pub(crate) fn is_of_another(&self) -> bool {
        self.task.as_ref().is_some_and(|task| task.digest != self.flow.definition.digest)
    }

    /// Drops the state in memory, because somebody else has the task now. The loss has been reported already.
    pub(super) fn forget(&mut self) {
        self.task = None;
        self.guard = None;
    }

    /// Releases the task as it is stored.
    pub(crate) async fn release(&mut self) {
        if let Some(guard) = self.guard.take() {
            guard.release().await;
        }
    }

    /// Releases an unchanged task: the missing grant stays noted.
    pub(crate) async fn leave(&mut self) -> Result<(), Error> {
        match self.held_up_by.take() {
            Some(by) => self.hold_up(&by).await,
            None => {
                self.release().await;
                Ok(())
            }
        }
    }

    /// Releases the task as it is stored, and stores which grant is missing.
    pub(super) async fn hold_up(&mut self, by: &HeldUp) -> Result<(), Error> {
        match self.guard.take() {
            Some(guard) => Ok(guard.hold_up(by).await?),
            None => Ok(()),
        }
    }

    /// Renews its claim from now on, while it is held.
    pub(crate) fn heartbeat(&mut self, runner: &Runner) {
        if let Some(guard) = &mut self.guard {
            guard.heartbeat(&runner.host, runner.lease);
        }
    }

    /// Whether it is to be given back.
    pub(crate) fn is_stopped(&self) -> bool {
        self.asked.leave || self.stop.as_ref().is_some_and(|stop| stop.is_told())
    }

    /// Gives it back because the worker was told to stop.
    pub(super) async fn give_back(&mut self) {
        if let Some(stop) = &self.stop {
            stop.given_back.fetch_add(1, Ordering::SeqCst);
        }
        self.release().await;
    }

    /// Whether somebody else has taken it.
    pub(super) fn is_lost(&self) -> bool {
        self.guard.as_ref().is_some_and(LeaseGuard::is_lost)
    }

    /// Whether somebody in this process waits to act on it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.guard.as_ref().is_some_and(LeaseGuard::is_wanted)
    }
}

/// Whether a body is in progress: begun, not ended, and not waiting for its next try.
pub(super) const fn is_under_way(task: &Task) -> bool {
    task.progress.began_at.is_some() && task.progress.retry_at.is_none() && !task.status.has_ended()
}

/// Whether there is something to do for a task that was claimed.
pub(super) fn is_due(claimed: &Claimed, now: Timestamp) -> bool {
    match claimed.task.status {
        Status::Active => true,
        Status::Waiting => claimed.wakes > 0 || claimed.task.wake_at.is_some_and(|at| at <= now),
        Status::Completed | Status::Failed | Status::Cancelled => false,
    }
}
