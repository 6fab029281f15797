//! The façade: what an embedding program, the command line and the server use.

mod ask;
mod attributes;
mod builder;
mod events;
mod interact;
mod read;
mod test;
#[cfg(test)]
mod tests;
mod typed;
#[cfg(feature = "watch")]
mod watch;

use std::sync::Arc;
#[cfg(feature = "watch")]
use std::sync::{Mutex, PoisonError};

use crate::clock::Timestamp;
use crate::error::Error;
use crate::executor::{Background, Executor, Ran};
use crate::flow::Flow;
use crate::interpreter::Trigger;
use crate::library::Library;
#[cfg(feature = "watch")]
use crate::library::Watcher;
use crate::name::{Name, nearest};
use crate::runner::{Asked, Job, Run, Runner};
use crate::storage::Filter;
use crate::task::{Task, TaskId, Transition};
use crate::value::Map;

#[cfg(feature = "cli")]
pub(crate) use crate::runner::{DEFAULT_CONCURRENCY, DEFAULT_GRACE, Either, LEASE, MIN_LEASE, PATIENCE, first};
pub use crate::runner::{DueReport, Event, SkippedTask, WorkerConfig, WorkerReport};
pub use ask::{Ask, What};
pub use builder::Builder;
pub use events::{EventFilter, EventFollower, EventPage, EventTask, EventType, TaskEvent};
pub use read::{HistoryPages, InProgress, TaskPages};
pub use typed::attributes_of;

/// How often an operation is retried after losing a race.
const MAX_RACES: usize = 100;

/// Flows, a storage, and a host: everything that runs tasks. Cheap to clone.
///
/// A task runs inside the future that an operation returns: there are no threads or loops behind it, unless it was
/// built with a [`background`](Builder::background). Dropping that future loses nothing: what was stored stays, and
/// [`run_due`](Self::run_due), [`work`](Self::work) or a worker continues it. Time limits, and claims on tasks that
/// other processes share, need a tokio runtime.
#[derive(Clone)]
pub struct Opsflow(Arc<Inner>);

struct Inner {
    runner: Arc<Runner>,
    executor: Arc<dyn Executor>,
    background: Option<Background>,
    #[cfg(feature = "watch")]
    watcher: Mutex<Option<Watcher>>,
}

impl Opsflow {
    /// An empty builder: no flows, memory storage, the machine's clock, no capability granted.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a task and runs it until it ends or sleeps; its sub-tasks too, unless a
    /// [`background`](Builder::background) runs them.
    ///
    /// If this process lacks the grant for the task's next call, the task is returned as it is, due, with
    /// [`held_up_by`](Task::held_up_by) set; a process that has the grant continues it. The same holds for `interact`,
    /// `wake` and `retry`. [`Event::HeldUp`] reports this for sub-tasks, too.
    pub async fn call(&self, flow: &str, given: Map) -> Result<Task, Error> {
        self.call_as(flow, given, &Ask::default()).await
    }

    /// Stores a task without running it: status `waiting`, in its first state, due now.
    pub async fn later(&self, flow: &str, given: Map) -> Result<Task, Error> {
        self.later_as(flow, given, &Ask::default()).await
    }

    /// Applies an interaction and runs the task until it ends or sleeps. `key` is an idempotency key: if it was used
    /// before, nothing is done and the task is returned as it is; with another interaction or other parameters, it is
    /// refused.
    ///
    /// If somebody holds the task, this waits until they are between two states, at most ten seconds; then it returns
    /// [`Error::Conflict`]. Whether the task's state allows the interaction is decided when it is applied.
    pub async fn interact(&self, id: TaskId, name: &str, params: Map, key: Option<&str>) -> Result<Task, Error> {
        let ask = Ask { key: key.map(Name::from), ..Ask::default() };
        interact::interact(self, id, name, &params, &ask).await
    }

    /// Looks at a sleeping task now and runs it until it ends or sleeps. Waits like an interaction.
    pub async fn wake(&self, id: TaskId) -> Result<Task, Error> {
        self.look(id, &Asked::default()).await
    }

    /// Cancels a task and its sub-tasks, whatever they are doing, and runs the parent that this wakes.
    pub async fn cancel(&self, id: TaskId) -> Result<Task, Error> {
        self.end(id, &Asked::default()).await
    }

    /// Retries a failed or cancelled task in the state where it ended, or in `from`, and runs it until it ends or
    /// sleeps.
    pub async fn retry(&self, id: TaskId, from: Option<&str>) -> Result<Task, Error> {
        self.take_up(id, from, false, &Asked::default()).await
    }

    /// Migrates a failed or cancelled task to the newest definition of its flow in the library, as
    /// [`migrate`](Self::migrate) does for one in flight, and retries it there: in the state where it ended, or in
    /// `from`, a state of that definition. Both are stored at once. With `from`, the state where it ended need not
    /// exist any more.
    pub async fn retry_on_newest(&self, id: TaskId, from: Option<&str>) -> Result<Task, Error> {
        self.take_up(id, from, true, &Asked::default()).await
    }

    /// Migrates a task in flight from an earlier version to the newest definition of its flow in the library, by the
    /// entry of `migrate` that names its version. It moves entirely or not at all: [`Error::Refused`] says why it does
    /// not, naming its state and the versions. A task that is there already is returned as it is, so this is safe to
    /// repeat.
    ///
    /// The task is not advanced. It is left due: [`run_due`](Self::run_due) or a worker continues it.
    pub async fn migrate(&self, id: TaskId) -> Result<Task, Error> {
        Ok(self.runner().migrate(id, &Asked::default()).await?.0)
    }

    /// Like [`migrate`](Self::migrate), but returns the history entry; none if nothing was to be done.
    #[cfg(feature = "cli")]
    pub(crate) async fn migration(&self, id: TaskId, ask: &Ask) -> Result<Option<Transition>, Error> {
        Ok(self.runner().migrate(id, &ask.asked()).await?.1)
    }

    /// The flow that new tasks of this name use.
    #[cfg(feature = "cli")]
    pub(crate) fn newest(&self, name: &str) -> Result<Arc<Flow>, Error> {
        self.runner().flow_named(name)
    }

    /// The history entry that [`migrate`](Self::migrate) would write now. None if the task is at the newest definition.
    /// Stores nothing.
    pub async fn try_migration(&self, id: TaskId) -> Result<Option<Transition>, Error> {
        self.runner().try_migration(id).await
    }

    /// Deletes an ended task with its history, and its ended sub-tasks with theirs.
    pub async fn delete(&self, id: TaskId) -> Result<(), Error> {
        self.runner().delete(id, &Asked::default()).await
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

    /// Does everything that is due now in `queues` (all, if empty): fires schedules, wakes tasks, resumes abandoned
    /// ones, deletes old ones. A task that cannot be continued stays as it is and is named in the result. Timers that
    /// come due meanwhile are left for the next call.
    pub async fn run_due(&self, queues: &[Name]) -> Result<DueReport, Error> {
        let scheduled = self.runner().fire_schedules(queues).await?;
        let run = |run| self.0.executor.execute(self.runner(), run, Trigger::Due);
        let due = self.runner().run_due(&|task| Box::pin(async { run(task).await.map(Ran::held_up) }), queues).await?;
        Ok(DueReport { scheduled, ..due })
    }

    /// When [`run_due`](Self::run_due) must next look at a schedule of a flow of `queues` (all, if empty): none if no
    /// flow has one, now if it was not called yet.
    pub fn next_schedule(&self, queues: &[Name]) -> Option<Timestamp> {
        self.runner().next_schedule(queues)
    }

    /// Runs due tasks as they come due, until `stop`: for a program that is a worker. Then it lets running calls finish
    /// for the grace period of `work`, gives back the rest as it is stored, and returns what it did. It survives
    /// storage errors, which are logged. Refused without a tokio runtime.
    pub async fn work(&self, work: WorkerConfig, stop: impl Future<Output = ()> + Send) -> Result<WorkerReport, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            let message = "a worker needs a tokio runtime to run on: call this within one".to_owned();
            return Err(Error::Refused { kind: "background".into(), message });
        }
        let job = job(&self.0.runner, Arc::clone(&self.0.executor));
        Ok(self.0.runner.work(work, job, stop).await)
    }

    /// Stops the background, as [`work`](Self::work) is stopped, and returns what it did: none if there is none, or if
    /// it was stopped before. Sub-tasks that are started afterwards stay due for a worker. Watched flows are no longer
    /// reloaded.
    pub async fn shutdown(&self) -> Option<WorkerReport> {
        #[cfg(feature = "watch")]
        drop(self.0.watcher.lock().unwrap_or_else(PoisonError::into_inner).take());
        match &self.0.background {
            Some(background) => background.stop().await,
            None => None,
        }
    }

    /// Waits until a task is stored again, by this process or another, and returns it.
    pub async fn changed(&self, task: &Task) -> Result<Task, Error> {
        self.runner().follower(task.id).changed(self.runner(), task.revision).await
    }

    /// Waits until a task has ended, whoever ends it.
    pub async fn ended(&self, id: TaskId) -> Result<Task, Error> {
        let mut follow = self.runner().follower(id);
        let mut task = self.task(id).await?;
        while !task.status.has_ended() {
            task = follow.changed(self.runner(), task.revision).await?;
        }
        Ok(task)
    }

    /// The definition a task is pinned to, checked.
    pub async fn flow_of(&self, task: &Task) -> Result<Arc<Flow>, Error> {
        self.runner().flow_of(task).await
    }

    /// The capabilities that a task's flow lists, and those of the flows that it may start.
    #[cfg(feature = "cli")]
    pub(crate) async fn uses_of(&self, task: &Task) -> Result<Vec<Name>, Error> {
        self.runner().uses_of(task).await
    }

    /// The live flows.
    pub fn library(&self) -> &Library {
        self.runner().library()
    }

    fn runner(&self) -> &Runner {
        &self.0.runner
    }

    /// Runs a task; none if somebody else was first and the trigger was not applied.
    async fn execute(&self, run: Run, trigger: Trigger) -> Result<Option<Task>, Error> {
        match self.0.executor.execute(self.runner(), run, trigger).await? {
            Ran::Done(task) => Ok(Some(*task)),
            Ran::Raced => Ok(None),
            Ran::HeldUp(task) => {
                let by = task.held_up_by.as_deref().cloned().unwrap_or_default();
                Err(Error::HeldUp { task, by })
            }
        }
    }
}

impl std::fmt::Debug for Opsflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opsflow").field("flows", &self.library().names()).finish_non_exhaustive()
    }
}

/// What a worker does with a due task.
fn job(runner: &Arc<Runner>, executor: Arc<dyn Executor>) -> Job {
    let runner = Arc::clone(runner);
    Arc::new(move |run| {
        let (runner, executor) = (Arc::clone(&runner), Arc::clone(&executor));
        Box::pin(async move { executor.execute(&runner, run, Trigger::Due).await.map(Ran::held_up) })
    })
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
