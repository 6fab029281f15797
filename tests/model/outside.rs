//! What the program runs on: a host that counts calls, and a storage in which writes go wrong.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use opsflow::clock::{Clock as _, VirtualClock};
use opsflow::host::{Function, FunctionBody, Host};
use opsflow::storage::suite::{Around, Write};
use opsflow::storage::{EngineErrorKind, StorageError};
use opsflow::task::{Outcome, Step, StepFailure};
use opsflow::{Memory, Storage, TaskId, Timestamp, Value};

use super::trigger::{Fault, How};

/// A call: task, place, visit and try.
pub(super) type Call = (TaskId, String, i64, i64);

/// The world outside, which outlives processes.
#[derive(Default)]
pub(super) struct Outside {
    calls: Mutex<BTreeMap<Call, usize>>,
    /// Steps of bodies under way whose outcomes are stored.
    stored: Mutex<HashSet<(TaskId, u32)>>,
}

impl Outside {
    /// How often each call was made.
    pub(super) fn calls(&self) -> BTreeMap<Call, usize> {
        self.calls.lock().unwrap().clone()
    }
}

/// Performs the one effect there is.
pub(super) struct Counting {
    pub(super) outside: Arc<Outside>,
    pub(super) clock: Arc<VirtualClock>,
}

#[async_trait]
impl Host for Counting {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn functions(&self) -> Arc<Vec<Function>> {
        Arc::new(vec![Function::new("call", 4..=4, FunctionBody::Effect { capability: None })])
    }

    async fn perform(&self, step: &Step) -> Outcome {
        let [Value::Text(place), Value::Integer(visits), Value::Integer(attempt), Value::Integer(fails)] =
            &*step.arguments
        else {
            panic!("{step:?}");
        };
        let is_stored = self.outside.stored.lock().unwrap().contains(&(step.task_id, step.ordinal));
        if is_stored {
            // It could go on like this for ever, so it ends here.
            panic!("{place}, visit {visits}, try {attempt} is performed again though its outcome is stored");
        }
        let call = (step.task_id, place.to_string(), *visits, *attempt);
        *self.outside.calls.lock().unwrap().entry(call).or_default() += 1;
        if attempt <= fails {
            return Err(StepFailure { kind: "down".into(), message: "it is down".to_owned(), data: Value::Unit });
        }
        Ok(Value::Integer(visits * 10 + attempt))
    }
}

/// A storage that a process uses, and in which a write goes wrong.
pub(super) struct Hazard {
    pub(super) inner: Arc<Memory>,
    pub(super) outside: Arc<Outside>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    writes: u64,
    /// Whether the fault has struck.
    struck: bool,
    /// Whether the process is dead.
    stopped: bool,
}

/// What happens to a write.
#[derive(PartialEq, Eq)]
enum Fate {
    Goes,
    Before,
    After,
    Refused,
}

impl Hazard {
    pub(super) fn new(inner: Arc<Memory>, outside: Arc<Outside>) -> Self {
        Self { inner, outside, state: Mutex::default() }
    }

    /// From now on, writes go wrong in this way, or succeed.
    pub(super) fn set(&self, fault: Option<Fault>) {
        *self.state.lock().unwrap() = State { fault, ..State::default() };
    }

    /// How the fault has struck, if it has.
    pub(super) fn struck(&self) -> Option<How> {
        let state = self.state.lock().unwrap();
        state.fault.filter(|_| state.struck).map(|fault| fault.how)
    }

    fn alive(&self) -> Result<(), StorageError> {
        if self.state.lock().unwrap().stopped { Err(dead()) } else { Ok(()) }
    }

    /// What happens to the next write; one that `may_conflict` is a commit or a step.
    fn fate(&self, may_conflict: bool) -> Fate {
        let mut state = self.state.lock().unwrap();
        let Some(fault) = state.fault.filter(|_| !state.struck) else { return Fate::Goes };
        if fault.how == How::Conflict && !may_conflict {
            return Fate::Goes;
        }
        state.writes += 1;
        if state.writes < fault.at {
            return Fate::Goes;
        }
        state.struck = true;
        state.stopped = fault.how != How::Conflict;
        match fault.how {
            How::Before => Fate::Before,
            How::After => Fate::After,
            How::Conflict => Fate::Refused,
        }
    }
}

fn dead() -> StorageError {
    StorageError::engine(EngineErrorKind::Unreachable, "this process", "it is dead")
}

impl Around for Hazard {
    fn inner(&self) -> &dyn Storage {
        &*self.inner
    }

    fn before_read(&self) -> Result<(), StorageError> {
        self.alive()
    }

    fn before(&self, write: &Write) -> Result<(), StorageError> {
        self.alive()?;
        // A new task cannot conflict with anybody.
        let task = match write {
            Write::Commit { revision: 1, .. } => None,
            Write::Commit { task, .. } | Write::Step { task, .. } => Some(*task),
            _ => None,
        };
        match (self.fate(task.is_some()), task) {
            (Fate::Goes | Fate::After, _) => Ok(()),
            (Fate::Refused, Some(task)) => Err(StorageError::Conflict(task)),
            _ => Err(dead()),
        }
    }

    fn after(&self, write: &Write) -> Result<(), StorageError> {
        let mut stored = self.outside.stored.lock().unwrap();
        match write {
            Write::Commit { task: id, ends_journal: true, .. } => stored.retain(|(task, _)| task != id),
            Write::Step { task, ordinal } => drop(stored.insert((*task, *ordinal))),
            _ => {}
        }
        self.alive()
    }
}
