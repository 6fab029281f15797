//! A task in hand.

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
use super::hold::Hold;

/// How whoever runs a task behaves towards others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    /// Somebody waits for this task: it is stayed with until it ends or sleeps.
    Stays,
    /// It is one of many that are due: after a long burst it goes back to the queue, and whom it wakes is due there.
    Queues,
    /// The same, by a worker that stays: what it starts is due as well, and it stops when the worker does.
    Serves,
}

impl Manner {
    /// Whether the task goes back to the queue, rather than to be stayed with.
    pub(crate) const fn takes_turns(self) -> bool {
        matches!(self, Self::Queues | Self::Serves)
    }
}

/// Tells the jobs of a worker to stop, each between two bursts or steps.
#[derive(Default)]
pub(crate) struct Stop {
    is_told: AtomicBool,
    given_back: AtomicU64,
}

impl Stop {
    /// Tells them.
    pub(super) fn tell(&self) {
        self.is_told.store(true, Ordering::SeqCst);
    }

    /// Whether they are told.
    fn is_told(&self) -> bool {
        self.is_told.load(Ordering::Relaxed)
    }

    /// Tasks that were given back because of it.
    pub(super) fn given_back(&self) -> u64 {
        self.given_back.load(Ordering::SeqCst)
    }
}

/// A task in hand, with all it is advanced with.
pub(crate) struct Run {
    /// Its id.
    pub(crate) id: TaskId,
    /// The task as it is stored, or is about to be for the first time. None if somebody else may have changed it.
    pub(crate) task: Option<Box<Task>>,
    /// How others are treated.
    pub(crate) manner: Manner,
    /// Sub-tasks it has started that are to run where it does, and that nobody has looked at yet.
    pub(crate) started: VecDeque<TaskId>,
    /// The parent that its end has woken.
    pub(crate) woken: Option<TaskId>,
    /// How often sub-tasks have woken it since it last looked.
    pub(crate) wakes: u64,
    /// What no message about it may show.
    pub(super) secrets: Secrets,
    /// What its first advance gave, that is still to be stored.
    pub(super) ahead: Option<Box<Advanced>>,
    pub(super) flow: Arc<Flow>,
    pub(super) flows: Arc<dyn Flows>,
    pub(super) journal: Arc<Journal>,
    /// What that weighs, once it was looked at.
    pub(super) journal_bytes: Option<usize>,
    /// Its sub-tasks as the body under way saw them first: a repeat must see the same.
    pub(super) sub_tasks: Option<Arc<Vec<Task>>>,
    /// The claim on it. None for a task that is not stored yet, and once it is let go of.
    pub(super) hold: Option<Hold>,
    /// Whether a body is under way that whoever was at it has left without giving the task back.
    pub(super) abandoned: bool,
    /// What held the task up when it was taken, as far as it is known.
    pub(crate) held_up_by: Option<Box<HeldUp>>,
    /// What tells it to stop, if anything does.
    pub(crate) stop: Option<Arc<Stop>>,
    /// The turn of its next burst, if it is known to block and had to wait for one.
    pub(super) turn: Option<OwnedSemaphorePermit>,
}

impl Run {
    /// A task in hand that nobody holds.
    pub(super) fn new(
        task: Box<Task>,
        flow: Arc<Flow>,
        flows: Arc<dyn Flows>,
        journal: Journal,
        manner: Manner,
    ) -> Self {
        let id = task.id;
        Self { task: Some(task), ..Self::empty(id, flow, flows, journal, manner) }
    }

    /// A new task in hand that was advanced, and is not stored yet.
    pub(super) fn ahead(advanced: Advanced, flow: Arc<Flow>, flows: Arc<dyn Flows>) -> Self {
        let id = advanced.checkpoint.task.id;
        Self { ahead: Some(Box::new(advanced)), ..Self::empty(id, flow, flows, Journal::default(), Manner::Stays) }
    }

    fn empty(id: TaskId, flow: Arc<Flow>, flows: Arc<dyn Flows>, journal: Journal, manner: Manner) -> Self {
        Self {
            id,
            task: None,
            manner,
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
            hold: None,
            abandoned: false,
            held_up_by: None,
            stop: None,
            turn: None,
        }
    }

    /// The flow it runs by.
    pub(crate) fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Whether the task is pinned to another definition than the one it is run by: it is to move to that.
    pub(crate) fn is_of_another(&self) -> bool {
        self.task.as_ref().is_some_and(|task| task.digest != self.flow.definition.digest)
    }

    /// Somebody else has it now: nothing of what is in hand counts. Whoever found that out before has told of it.
    pub(super) fn forget(&mut self) {
        self.task = None;
        self.hold = None;
    }

    /// Lets go of the task, as it is stored.
    pub(crate) async fn release(&mut self) {
        if let Some(hold) = self.hold.take() {
            hold.release().await;
        }
    }

    /// Lets go of the task, to which nothing was done: what held it up goes on holding it up.
    pub(crate) async fn leave(&mut self) -> Result<(), Error> {
        match self.held_up_by.take() {
            Some(by) => self.hold_up(&by).await,
            None => {
                self.release().await;
                Ok(())
            }
        }
    }

    /// Lets go of the task, as it is stored, and notes what holds it up.
    pub(super) async fn hold_up(&mut self, by: &HeldUp) -> Result<(), Error> {
        match self.hold.take() {
            Some(hold) => Ok(hold.hold_up(by).await?),
            None => Ok(()),
        }
    }

    /// Extends the claim on it from now on, as long as it is held.
    pub(crate) fn keep(&mut self, runner: &Runner) {
        if let Some(hold) = &mut self.hold {
            hold.keep(&runner.host, runner.lease);
        }
    }

    /// Whether it is to be given back as it is stored.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.is_told())
    }

    /// Gives it back, since it was told to stop.
    pub(super) async fn give_back(&mut self) {
        if let Some(stop) = &self.stop {
            stop.given_back.fetch_add(1, Ordering::SeqCst);
        }
        self.release().await;
    }

    /// Whether somebody else has taken it meanwhile.
    pub(super) fn is_lost(&self) -> bool {
        self.hold.as_ref().is_some_and(Hold::is_lost)
    }

    /// Whether somebody of this process waits for it who wants to do something to it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.hold.as_ref().is_some_and(Hold::is_wanted)
    }
}

/// Whether a body is under way: begun, and neither at its end nor waiting for its next try.
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
