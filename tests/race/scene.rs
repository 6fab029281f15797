//! What the race is run on: two processes over one store, a world outside that counts, and a record of every commit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use opsflow::clock::VirtualClock;
use opsflow::flow::CheckContext;
use opsflow::host::{Host as _, Machine};
use opsflow::storage::StorageError;
use opsflow::storage::suite::{Around, Write};
use opsflow::{Library, Opsflow, Source, Storage, TaskId};

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
    let context = CheckContext { functions: machine.functions(), ..CheckContext::default() };
    let source = Arc::new(Source::new("counter.yml", include_str!("counter.yml")));
    let library = Library::of_sources([source], &context);
    assert!(library.findings().is_empty(), "{:?}", library.findings());
    let storage = Recording { inner: storage, outside: Arc::clone(outside) };
    Opsflow::builder().library(library).storage(storage).host(machine).build().await.unwrap()
}

/// Notes every commit that is stored.
struct Recording {
    inner: Arc<dyn Storage>,
    outside: Arc<Outside>,
}

impl Around for Recording {
    fn inner(&self) -> &dyn Storage {
        &*self.inner
    }

    fn after(&self, write: &Write) -> Result<(), StorageError> {
        if let Write::Commit { task, revision, started, .. } = write {
            let mut commits = self.outside.commits.lock().unwrap();
            commits.entry(*task).or_default().push(*revision);
            for id in started {
                commits.entry(*id).or_default().push(1);
            }
        }
        Ok(())
    }
}
