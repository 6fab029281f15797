//! The façade: what an embedding program, the command line and the server use.

use std::path::Path;
use std::sync::Arc;

use crate::clock::Clock;
use crate::error::Error;
use crate::expression::Limits;
use crate::flow::Flow;
use crate::host::Host;
use crate::library::Library;
use crate::name::Name;
use crate::storage::{Filter, Storage};
use crate::task::{Task, TaskId, Transition};
use crate::value::Map;

/// Flows, a storage, and a host: everything that runs tasks. Cheap to clone.
#[derive(Clone)]
pub struct Opsflow;

/// Puts an [`Opsflow`] together.
pub struct Builder;

/// What is seen of tasks while they run.
#[derive(Debug, Clone)]
pub enum Event {
    /// A history entry was stored.
    Moved {
        /// The task after the checkpoint that stored it.
        task: Arc<Task>,
        /// The entry.
        transition: Transition,
    },
    /// A log line of a script took effect.
    Log {
        /// The task.
        task_id: TaskId,
        /// `info`, `warn`, ….
        level: Name,
        /// Its text.
        text: String,
        /// Its fields.
        fields: Map,
    },
}

/// How much a look at what is due has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    /// Tasks advanced.
    pub advanced: usize,
    /// Tasks deleted because their time to be kept was over.
    pub deleted: usize,
}

impl Opsflow {
    /// An empty builder: no flows, memory storage, the machine's clock, no capability granted.
    pub fn builder() -> Builder {
        todo!()
    }

    /// Starts a task and runs it, with its sub-tasks, until it ends or sleeps.
    pub async fn call(&self, flow: &str, given: Map) -> Result<Task, Error> {
        let _ = (flow, given);
        todo!()
    }

    /// Stores a task for whoever takes it: status `waiting`, in its first state, due now.
    pub async fn later(&self, flow: &str, given: Map) -> Result<Task, Error> {
        let _ = (flow, given);
        todo!()
    }

    /// Applies an interaction and runs the task until it ends or sleeps. With a `key` that was used before, nothing is
    /// done and the task is given as it is.
    pub async fn interact(&self, id: TaskId, name: &str, params: Map, key: Option<&str>) -> Result<Task, Error> {
        let _ = (id, name, params, key);
        todo!()
    }

    /// Looks at a sleeping task now and runs it until it ends or sleeps.
    pub async fn wake(&self, id: TaskId) -> Result<Task, Error> {
        let _ = id;
        todo!()
    }

    /// Cancels a task and its sub-tasks, whatever is under way.
    pub async fn cancel(&self, id: TaskId) -> Result<Task, Error> {
        let _ = id;
        todo!()
    }

    /// Takes up a failed or cancelled task where it ended, or at `from`, and runs it until it ends or sleeps.
    pub async fn retry(&self, id: TaskId, from: Option<&str>) -> Result<Task, Error> {
        let _ = (id, from);
        todo!()
    }

    /// Deletes an ended task with its sub-tasks and its history.
    pub async fn delete(&self, id: TaskId) -> Result<(), Error> {
        let _ = id;
        todo!()
    }

    /// A task.
    pub async fn task(&self, id: TaskId) -> Result<Task, Error> {
        let _ = id;
        todo!()
    }

    /// Tasks, newest first.
    pub async fn find(&self, filter: &Filter) -> Result<Vec<Task>, Error> {
        let _ = filter;
        todo!()
    }

    /// Everything that happened to a task.
    pub async fn history(&self, id: TaskId) -> Result<Vec<Transition>, Error> {
        let _ = id;
        todo!()
    }

    /// Does all that is due now in `queues` (all, if empty): wakes, resumes what was abandoned, deletes what is old.
    pub async fn run_due(&self, queues: &[Name]) -> Result<Due, Error> {
        let _ = queues;
        todo!()
    }

    /// The definition a task is pinned to, checked.
    pub async fn flow_of(&self, task: &Task) -> Result<Arc<Flow>, Error> {
        let _ = task;
        todo!()
    }

    /// The live flows.
    pub fn library(&self) -> &Library {
        todo!()
    }
}

impl Builder {
    /// Loads the flows of a folder (not searched in depth) or of a file. A broken file is reported when one of its
    /// flows is asked for; a folder or file that cannot be read is an error here.
    pub fn flows(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let _ = path;
        todo!()
    }

    /// Uses these live flows.
    #[must_use]
    pub fn library(self, library: Library) -> Self {
        let _ = library;
        todo!()
    }

    /// Keeps tasks in `storage`.
    #[must_use]
    pub fn storage(self, storage: impl Storage + 'static) -> Self {
        let _ = storage;
        todo!()
    }

    /// Performs steps by `host`, in place of the machine's own.
    #[must_use]
    pub fn host(self, host: impl Host + 'static) -> Self {
        let _ = host;
        todo!()
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        let _ = clock;
        todo!()
    }

    /// Bounds scripts by `limits`.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        let _ = limits;
        todo!()
    }

    /// Stores a checkpoint after every state, in place of one for each burst of pure states.
    #[must_use]
    pub fn checkpoint_every_state(self, yes: bool) -> Self {
        let _ = yes;
        todo!()
    }

    /// Calls `observer` for each [`Event`], in order, after what it tells of was stored.
    #[must_use]
    pub fn on_event(self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        let _ = observer;
        todo!()
    }

    /// Puts it together.
    pub async fn build(self) -> Result<Opsflow, Error> {
        todo!()
    }
}
