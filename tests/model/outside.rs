//! What the program runs on: a host that counts calls, and a storage in which writes go wrong.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration as Lease;

use async_trait::async_trait;
use opsflow::{
    Applied, Checkpoint, Claim, Claimed, Clock as _, Definition, Digest, Filter, Function, FunctionBody, Host, Journal,
    Listener, Memory, Name, Outcome, Scheduled, Step, StepFailure, StepRecord, Storage, StorageError, Task, TaskId,
    Timestamp, Transition, Value, VirtualClock,
};

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
        Arc::new(vec![Function { name: "call".into(), arity: 4..=4, body: FunctionBody::Effect { capability: None } }])
    }

    async fn perform(&self, step: &Step) -> Outcome {
        let [Value::Text(place), Value::Integer(visits), Value::Integer(attempt), Value::Integer(fails)] =
            &*step.arguments
        else {
            panic!("{step:?}");
        };
        let is_stored = self.outside.stored.lock().unwrap().contains(&(step.task_id, step.ordinal));
        if is_stored {
            // It may go on so for ever, so it ends here.
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

/// What becomes of a write.
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

    /// Lets the writes from now on go wrong so, or well.
    pub(super) fn set(&self, fault: Option<Fault>) {
        *self.state.lock().unwrap() = State { fault, ..State::default() };
    }

    /// How the fault has struck, if it has.
    pub(super) fn struck(&self) -> Option<How> {
        let state = self.state.lock().unwrap();
        state.fault.filter(|_| state.struck).map(|fault| fault.how)
    }

    fn alive(&self) -> Result<&Memory, StorageError> {
        if self.state.lock().unwrap().stopped { Err(dead()) } else { Ok(&self.inner) }
    }

    /// What becomes of the next write; one that `may_conflict` is a commit or a step.
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

    async fn write<T>(
        &self,
        task: Option<TaskId>,
        write: impl AsyncFnOnce(&Memory) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let inner = self.alive()?;
        match (self.fate(task.is_some()), task) {
            (Fate::Goes, _) => write(inner).await,
            (Fate::Refused, Some(task)) => Err(StorageError::Conflict(task)),
            (Fate::After, _) => {
                write(inner).await?;
                Err(dead())
            }
            _ => Err(dead()),
        }
    }
}

fn dead() -> StorageError {
    StorageError::Engine { place: "this process".to_owned(), reason: "it is dead".to_owned() }
}

#[async_trait]
impl Storage for Hazard {
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        let (id, is_new, ends) = (checkpoint.task.id, checkpoint.task.revision == 1, checkpoint.ends_journal);
        // A new task has nobody to be in conflict with.
        self.write((!is_new).then_some(id), async |inner| {
            inner.commit(checkpoint).await?;
            if ends {
                self.outside.stored.lock().unwrap().retain(|(task, _)| *task != id);
            }
            Ok(())
        })
        .await
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        let place = (claim.task_id, step.ordinal);
        self.write(Some(claim.task_id), async |inner| {
            inner.append_step(claim, step).await?;
            self.outside.stored.lock().unwrap().insert(place);
            Ok(())
        })
        .await
    }

    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError> {
        self.write(None, async |inner| inner.claim(id, now, lease).await).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        queues: &[Name],
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        self.write(None, async |inner| inner.claim_due(now, queues, limit, lease).await).await
    }

    async fn extend(&self, claim: &Claim, until: Timestamp) -> Result<Claim, StorageError> {
        self.write(None, async |inner| inner.extend(claim, until).await).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        self.write(None, async |inner| inner.release(claim).await).await
    }

    async fn next_due(&self, queues: &[Name]) -> Result<Option<Timestamp>, StorageError> {
        self.alive()?.next_due(queues).await
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        self.alive()?.journal(id).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError> {
        self.alive()?.task(id).await
    }

    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        self.alive()?.tasks(filter).await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StorageError> {
        self.alive()?.count(filter).await
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        self.alive()?.history(id, after, limit).await
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<Applied>, StorageError> {
        self.alive()?.applied(id, key).await
    }

    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError> {
        self.write(None, async |inner| inner.delete(id, now).await).await
    }

    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError> {
        self.write(None, async |inner| inner.delete_old(now, limit).await).await
    }

    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError> {
        self.alive()?.definition(digest).await
    }

    async fn scheduled(&self, flow: &str) -> Result<Option<Scheduled>, StorageError> {
        self.alive()?.scheduled(flow).await
    }

    async fn set_scheduled(&self, before: Option<&Scheduled>, now: &Scheduled) -> Result<bool, StorageError> {
        self.alive()?.set_scheduled(before, now).await
    }

    fn listen(&self) -> Listener {
        self.inner.listen()
    }
}
