//! Executors: where tasks run. [`Inline`] runs them in the caller's future. [`Background`] is a worker inside this
//! process, which runs due tasks, and so also the sub-tasks that are left to it.

mod background;
mod inline;

use async_trait::async_trait;

use crate::error::Error;
use crate::interpreter::Trigger;
use crate::runner::{Run, Runner};
use crate::task::{HeldUp, Task};

pub(crate) use background::Background;
pub(crate) use inline::Inline;

/// The result of running a task.
#[derive(Debug)]
pub(crate) enum Ran {
    /// The task as it is stored.
    Done(Box<Task>),
    /// Somebody else changed the task first; the trigger was not applied.
    Raced,
    /// The trigger was not applied: a body is in progress that this process lacks a grant for.
    HeldUp(Box<Task>),
}

impl Ran {
    /// The grant that the task is held up by, if this process lacks it.
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
    /// Runs a task from `trigger` until it ends or sleeps. It also runs the sub-tasks that the task starts and the
    /// parent that its end wakes, unless these are left to others. A refused trigger changes nothing. A storage error
    /// leaves every task as it is stored.
    async fn execute(&self, runner: &Runner, run: Run, trigger: Trigger) -> Result<Ran, Error>;
}
