//! The façade: what an embedding program, the command line and the server use.

mod attributes;
mod builder;
mod interact;
mod test;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::error::Error;
use crate::executor::{Executor, Ran};
use crate::flow::Flow;
use crate::interpreter::Trigger;
use crate::library::Library;
use crate::name::{Name, nearest};
use crate::runner::{Begun, Run, Runner};
use crate::storage::Filter;
use crate::task::{Task, TaskId, Transition};
use crate::value::Map;

pub use crate::runner::{Due, Event, Left};
#[cfg(feature = "cli")]
pub(crate) use crate::runner::{LEASE, PATIENCE};
pub use builder::Builder;

/// How often something is tried again that somebody else was faster with.
const MAX_RACES: usize = 100;
/// History entries that are read at once.
const HISTORY_PAGE: usize = 1_000;

/// Flows, a storage, and a host: everything that runs tasks. Cheap to clone.
///
/// Whatever runs a task does so in the future that it gives: there are no threads or loops behind it. To drop that future
/// loses nothing: what was stored stays, and [`run_due`](Self::run_due) goes on with it. Time limits, and claims on tasks
/// that other processes share, need a tokio runtime around it.
#[derive(Clone)]
pub struct Opsflow(Arc<Inner>);

struct Inner {
    runner: Runner,
    executor: Box<dyn Executor>,
}

impl Opsflow {
    /// An empty builder: no flows, memory storage, the machine's clock, no capability granted.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a task and runs it, with its sub-tasks, until it ends or sleeps.
    pub async fn call(&self, flow: &str, given: Map) -> Result<Task, Error> {
        let run = match self.runner().begin(flow, &given).await? {
            Begun::Rests(task) => return Ok(*task),
            Begun::Goes(run) => *run,
        };
        let id = run.id;
        match self.execute(run, Trigger::Due).await? {
            Some(task) => Ok(task),
            None => self.runner().stored(id).await,
        }
    }

    /// Stores a task for whoever takes it: status `waiting`, in its first state, due now.
    pub async fn later(&self, flow: &str, given: Map) -> Result<Task, Error> {
        self.runner().leave(flow, &given).await
    }

    /// Applies an interaction and runs the task until it ends or sleeps. With a `key` that was used before, nothing is
    /// done and the task is given as it is; the same key with another interaction or other parameters is refused.
    ///
    /// If somebody is at the task, it waits until they are between two states, at most ten seconds; then it gives
    /// [`Error::Conflict`]. Whether the task's state allows it is judged when it is applied.
    pub async fn interact(&self, id: TaskId, name: &str, params: Map, key: Option<&str>) -> Result<Task, Error> {
        interact::interact(self, id, name, &params, key).await
    }

    /// Looks at a sleeping task now and runs it until it ends or sleeps. Waits like an interaction.
    pub async fn wake(&self, id: TaskId) -> Result<Task, Error> {
        for _ in 0..MAX_RACES {
            let run = self.runner().take(id).await?;
            if let Some(task) = self.execute(run, Trigger::Wake).await? {
                return Ok(task);
            }
        }
        Err(Error::Conflict(id))
    }

    /// Cancels a task and its sub-tasks, whatever is under way, and looks at the parent it has woken by that.
    pub async fn cancel(&self, id: TaskId) -> Result<Task, Error> {
        let task = self.runner().cancel(id).await?;
        if let Some(parent) = task.parent_id {
            // The task is cancelled, whatever comes of its parent, which is due by now.
            let outcome = match self.runner().take_woken(parent).await {
                Ok(Some(run)) => self.execute(run, Trigger::Due).await.map(drop),
                other => other.map(drop),
            };
            if let Err(error) = outcome {
                tracing::error!(task = %parent, %error, "the parent of a cancelled task was not looked at; it is due");
            }
        }
        Ok(task)
    }

    /// Takes up a failed or cancelled task where it ended, or at `from`, and runs it until it ends or sleeps.
    pub async fn retry(&self, id: TaskId, from: Option<&str>) -> Result<Task, Error> {
        for _ in 0..MAX_RACES {
            let mut run = self.runner().take(id).await?;
            let from = match from.map(|name| state_of(run.flow(), name)).transpose() {
                Ok(from) => from,
                Err(error) => {
                    run.release().await;
                    return Err(error);
                }
            };
            if let Some(task) = self.execute(run, Trigger::Retry { from }).await? {
                return Ok(task);
            }
        }
        Err(Error::Conflict(id))
    }

    /// Deletes an ended task with its history and those of its sub-tasks that have ended.
    pub async fn delete(&self, id: TaskId) -> Result<(), Error> {
        self.runner().delete(id).await
    }

    /// A task.
    pub async fn task(&self, id: TaskId) -> Result<Task, Error> {
        self.runner().stored(id).await
    }

    /// Tasks, newest first.
    pub async fn find(&self, filter: &Filter) -> Result<Vec<Task>, Error> {
        let mut tasks = self.runner().storage().tasks(filter).await?;
        for task in &mut tasks {
            self.runner().give_types(task).await?;
        }
        Ok(tasks)
    }

    /// Everything that happened to a task.
    pub async fn history(&self, id: TaskId) -> Result<Vec<Transition>, Error> {
        let storage = self.runner().storage();
        let mut entries: Vec<Transition> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |entry| entry.seq);
            let page = storage.history(id, after, HISTORY_PAGE).await?;
            let is_last = page.len() < HISTORY_PAGE;
            entries.extend(page);
            if is_last {
                break;
            }
        }
        if entries.is_empty() && storage.task(id).await?.is_none() {
            return Err(Error::NotFound(id));
        }
        Ok(entries)
    }

    /// Does all that is due now in `queues` (all, if empty): wakes, resumes what was abandoned, deletes what is old. A
    /// task whose definition cannot be used is left as it is, and named in what comes back. What comes due by its time
    /// meanwhile is left for the next call.
    pub async fn run_due(&self, queues: &[Name]) -> Result<Due, Error> {
        self.runner().run_due(&|run| Box::pin(async { self.execute(run, Trigger::Due).await.map(drop) }), queues).await
    }

    /// The definition a task is pinned to, checked.
    pub async fn flow_of(&self, task: &Task) -> Result<Arc<Flow>, Error> {
        self.runner().flow_of(task).await
    }

    /// The live flows.
    pub fn library(&self) -> &Library {
        self.runner().library()
    }

    fn runner(&self) -> &Runner {
        &self.0.runner
    }

    /// Runs a task in hand; none if somebody else was faster, and what triggered it was not done.
    async fn execute(&self, run: Run, trigger: Trigger) -> Result<Option<Task>, Error> {
        Ok(match self.0.executor.execute(self.runner(), run, trigger).await? {
            Ran::Done(task) => Some(*task),
            Ran::Raced => None,
        })
    }
}

impl std::fmt::Debug for Opsflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opsflow").field("flows", &self.library().names()).finish_non_exhaustive()
    }
}

/// The state of `flow` called `name`.
fn state_of(flow: &Flow, name: &str) -> Result<usize, Error> {
    flow.state_ids.get(name).copied().ok_or_else(|| Error::Unknown {
        flow: flow.name.clone(),
        what: "state",
        name: name.into(),
        nearest: nearest(name, flow.states.iter().map(|state| state.name.as_str())).map(Name::from),
    })
}
