//! What the race is run on: two processes over one store, a world outside that counts, and a record of every commit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration as Lease;

use async_trait::async_trait;
use opsflow::{
    Applied, Checkpoint, Claim, Claimed, Definition, Digest, Filter, Host as _, Journal, Library, Listener, Machine,
    Name, Opsflow, Scheduled, Source, StepRecord, Storage, StorageError, Surroundings, Task, TaskId, Timestamp,
    Transition, VirtualClock,
};

/// The world outside.
#[derive(Default)]
pub(super) struct Outside {
    /// How often each call was begun: the task, the place, the visit.
    pub(super) calls: Mutex<BTreeMap<(TaskId, String, i64), usize>>,
    /// Every commit that was stored, in no order.
    pub(super) commits: Mutex<BTreeMap<TaskId, Vec<u64>>>,
}

/// Two processes over one store, each with its own handle of it.
pub(super) struct Scene {
    pub(super) processes: [Opsflow; 2],
    pub(super) storage: Arc<dyn Storage>,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) outside: Arc<Outside>,
}

impl Scene {
    pub(super) async fn new(handles: [Arc<dyn Storage>; 2]) -> Self {
        let clock = Arc::new(VirtualClock::new("2026-11-23T09:00:00Z".parse().unwrap()));
        let outside = Arc::new(Outside::default());
        let storage = Arc::clone(&handles[0]);
        let [first, second] = handles;
        let processes = [process(first, &clock, &outside).await, process(second, &clock, &outside).await];
        Self { processes, storage, clock, outside }
    }
}

async fn process(storage: Arc<dyn Storage>, clock: &Arc<VirtualClock>, outside: &Arc<Outside>) -> Opsflow {
    let counting = Arc::clone(outside);
    let machine =
        Machine::new().clock(Arc::clone(clock)).effect("note", move |id: String, place: String, visit: i64| {
            let call = (id.parse::<TaskId>().unwrap(), place, visit);
            *counting.calls.lock().unwrap().entry(call).or_default() += 1;
            // Long enough for others to come in between.
            tokio::time::sleep(std::time::Duration::from_millis(2))
        });
    let surroundings = Surroundings { functions: machine.functions(), ..Surroundings::default() };
    let source = Arc::new(Source::new("counter.yml", include_str!("counter.yml")));
    let library = Library::of_sources([source], &surroundings);
    assert!(library.findings().is_empty(), "{:?}", library.findings());
    let storage = Recording { inner: storage, outside: Arc::clone(outside) };
    Opsflow::builder().library(library).storage(storage).host(machine).build().await.unwrap()
}

/// Notes every commit that is stored.
struct Recording {
    inner: Arc<dyn Storage>,
    outside: Arc<Outside>,
}

#[async_trait]
impl Storage for Recording {
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        let (id, revision) = (checkpoint.task.id, checkpoint.task.revision);
        let started: Vec<TaskId> = checkpoint.sub_tasks.iter().map(|task| task.id).collect();
        self.inner.commit(checkpoint).await?;
        let mut commits = self.outside.commits.lock().unwrap();
        commits.entry(id).or_default().push(revision);
        for id in started {
            commits.entry(id).or_default().push(1);
        }
        Ok(())
    }

    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError> {
        self.inner.claim(id, now, lease).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        queues: &[Name],
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        self.inner.claim_due(now, queues, limit, lease).await
    }

    async fn extend(&self, claim: &Claim, until: Timestamp) -> Result<Claim, StorageError> {
        self.inner.extend(claim, until).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        self.inner.release(claim).await
    }

    async fn next_due(&self, queues: &[Name]) -> Result<Option<Timestamp>, StorageError> {
        self.inner.next_due(queues).await
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        self.inner.append_step(claim, step).await
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        self.inner.journal(id).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError> {
        self.inner.task(id).await
    }

    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        self.inner.tasks(filter).await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StorageError> {
        self.inner.count(filter).await
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        self.inner.history(id, after, limit).await
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<Applied>, StorageError> {
        self.inner.applied(id, key).await
    }

    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError> {
        self.inner.delete(id, now).await
    }

    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError> {
        self.inner.delete_old(now, limit).await
    }

    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError> {
        self.inner.definition(digest).await
    }

    async fn scheduled(&self, flow: &str) -> Result<Option<Scheduled>, StorageError> {
        self.inner.scheduled(flow).await
    }

    async fn set_scheduled(&self, before: Option<&Scheduled>, now: &Scheduled) -> Result<bool, StorageError> {
        self.inner.set_scheduled(before, now).await
    }

    fn listen(&self) -> Listener {
        self.inner.listen()
    }
}
