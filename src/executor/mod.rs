//! Executors: where tasks run. [`Inline`] runs them here and now, in the future of whoever asks; [`Background`] is a worker
//! of this process, which does so with whatever is due, and so with the sub-tasks that are left to it.

mod background;
mod inline;

use async_trait::async_trait;

use crate::error::Error;
use crate::interpreter::Trigger;
use crate::runner::{Run, Runner};
use crate::task::{HeldUp, Task};

pub(crate) use background::Background;
pub(crate) use inline::Inline;

/// What came of running a task.
#[derive(Debug)]
pub(crate) enum Ran {
    /// The task as it is stored.
    Done(Box<Task>),
    /// Somebody else changed the task first: what triggered the run was not done.
    Raced,
    /// What triggered the run was not done: a body is under way that this process may not go on with.
    HeldUp(Box<Task>),
}

impl Ran {
    /// What the task is held up by, if this process may not go on with it.
    pub(crate) fn held_up(self) -> Option<HeldUp> {
        match self {
            Self::Done(task) | Self::HeldUp(task) => task.held_up_by.map(|by| *by),
            Self::Raced => None,
        }
    }
}

/// Where tasks run.
#[async_trait]
pub(crate) trait Executor: Send + Sync {
    /// Runs a task in hand from `trigger` on until it ends or sleeps, and sees to the sub-tasks that it starts and to the
    /// parent that its end wakes, unless these are left to others. A refused trigger changes nothing. An error of the storage leaves every task as it is
    /// stored.
    async fn execute(&self, runner: &Runner, run: Run, trigger: Trigger) -> Result<Ran, Error>;
}
