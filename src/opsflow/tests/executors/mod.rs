//! One suite over every executor, with every storage: whatever runs tasks, the same comes of them. Time is the machine's,
//! and nothing waits for it longer than it must.

mod hands;
mod many;
mod outages;
mod parents;
mod stops;
mod turns;

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::diagnostic::Source;
use crate::flow::CheckContext;
use crate::host::{Host, Machine};
use crate::library::Library;
use crate::opsflow::Opsflow;
use crate::runner::WorkerConfig;
use crate::storage::{Memory, Storage};
use crate::task::{Task, TaskId};
use crate::{Filter, Map};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// What runs due tasks.
#[derive(Clone, Debug)]
pub(super) enum Executor {
    /// The caller: `run_due`.
    Inline,
    /// A background, as wide as this.
    Background(WorkerConfig),
}

/// The world outside, for flows to reach.
#[derive(Clone)]
pub(super) struct Outside {
    notes: Arc<Mutex<Vec<String>>>,
    gate: Arc<Semaphore>,
    hung: Arc<Semaphore>,
    /// Whether scripts that block go on, and how many do.
    lets_go: Arc<(Mutex<bool>, Condvar)>,
    pub(super) blocked: Arc<AtomicUsize>,
}

impl Default for Outside {
    fn default() -> Self {
        let closed = || Arc::new(Semaphore::new(0));
        Self { notes: Arc::default(), gate: closed(), hung: closed(), lets_go: Arc::default(), blocked: Arc::default() }
    }
}

impl Outside {
    fn machine(&self) -> Machine {
        let (noting, busy, hanging, gate, blocking) =
            (self.clone(), self.clone(), self.clone(), self.clone(), self.clone());
        Machine::new()
            .effect("note", move |text: String| {
                noting.notes.lock().unwrap().push(text);
                async {}
            })
            .effect("busy", move |text: String| {
                let world = busy.clone();
                async move {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    world.notes.lock().unwrap().push(text);
                }
            })
            .effect("hang", move |text: String| {
                hanging.notes.lock().unwrap().push(text);
                hanging.hung.add_permits(1);
                std::future::pending::<()>()
            })
            .effect("gate", move |text: String| {
                let world = gate.clone();
                world.hung.add_permits(1);
                async move {
                    world.gate.acquire().await.unwrap().forget();
                    world.notes.lock().unwrap().push(text);
                }
            })
            .function("wait_here", move |n: i64| {
                let (lets_go, told) = &*blocking.lets_go;
                blocking.blocked.fetch_add(1, Ordering::SeqCst);
                let guard = lets_go.lock().unwrap();
                drop(told.wait_timeout_while(guard, Duration::from_secs(4), |lets_go| !*lets_go).unwrap());
                blocking.blocked.fetch_sub(1, Ordering::SeqCst);
                n
            })
            .function("block", |ms: i64| {
                std::thread::park_timeout(Duration::from_millis(ms.unsigned_abs()));
                ms
            })
            .function("explode", |text: String| -> bool { panic!("{text}") })
            .effect("burst", |text: String| async move {
                if !text.is_empty() {
                    panic!("{text}");
                }
            })
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }

    /// Waits until a call of `hang` or `gate` has begun.
    pub(super) async fn hangs(&self) {
        soon(self.hung.acquire()).await.unwrap().forget();
    }

    /// Lets scripts that block go on, or block from now on.
    pub(super) fn let_go(&self, yes: bool) {
        *self.lets_go.0.lock().unwrap() = yes;
        self.lets_go.1.notify_all();
    }

    /// Lets a call of `gate` through.
    pub(super) fn open(&self) {
        self.gate.add_permits(1);
    }
}

/// What a scenario runs on.
#[derive(Clone)]
pub(super) struct Bench {
    pub(super) ops: Opsflow,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) outside: Outside,
    pub(super) executor: Executor,
    flows: Arc<str>,
}

impl Bench {
    pub(super) async fn over(storage: Arc<dyn Storage>, flows: &str, executor: Executor) -> Self {
        Self::put_together(storage, flows, executor, Outside::default()).await
    }

    async fn put_together(storage: Arc<dyn Storage>, flows: &str, executor: Executor, outside: Outside) -> Self {
        let machine = outside.machine();
        let context = CheckContext { functions: machine.functions(), ..CheckContext::default() };
        let library = Library::of_sources([Arc::new(Source::new("flows.yml", flows))], &context);
        let findings: Vec<String> = library.findings().iter().map(ToString::to_string).collect();
        assert_eq!(findings, Vec::<String>::new());
        let builder = Opsflow::builder().library(library).storage(Arc::clone(&storage)).host(machine);
        let builder = match &executor {
            Executor::Inline => builder,
            Executor::Background(work) => builder.background(work.clone()),
        };
        let ops = builder.build().await.unwrap();
        Self { ops, storage, outside, executor, flows: flows.into() }
    }

    /// Another process on the same storage, with an executor of its own.
    pub(super) async fn beside(&self, executor: Executor) -> Self {
        Self::put_together(Arc::clone(&self.storage), &self.flows, executor, self.outside.clone()).await
    }

    /// The same as this one, in another process.
    pub(super) async fn elsewhere(&self) -> Self {
        self.beside(self.executor.clone()).await
    }

    pub(super) async fn later(&self, flow: &str, given: Map) -> TaskId {
        self.ops.later(flow, given).await.unwrap().id
    }

    /// Waits until a task has ended.
    pub(super) async fn ended(&self, id: TaskId) -> Task {
        soon(async {
            // A look at what is due leaves what comes due meanwhile for the next one.
            while matches!(self.executor, Executor::Inline) && !self.ops.task(id).await.unwrap().status.has_ended() {
                self.ops.run_due(&[]).await.unwrap();
                tokio::task::yield_now().await;
            }
            self.ops.ended(id).await.unwrap()
        })
        .await
    }

    /// Begins to do what is due, beside what a test does.
    pub(super) fn begin(&self) {
        if matches!(self.executor, Executor::Inline) {
            let ops = self.ops.clone();
            tokio::spawn(async move { ops.run_due(&[]).await });
        }
    }

    pub(super) async fn all_ended(&self, ids: impl IntoIterator<Item = TaskId>) -> Vec<Task> {
        let mut tasks = Vec::new();
        for id in ids {
            tasks.push(self.ended(id).await);
        }
        tasks
    }

    /// Asserts that nobody runs a task after the shutdown.
    async fn is_left(&self) {
        self.ops.shutdown().await;
        soon(async {
            while self.ops.runner().at_work() > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    pub(super) async fn sub_tasks(&self, parent: TaskId) -> Vec<Task> {
        let filter = Filter { parent_id: Some(parent), ..Filter::default() };
        self.ops.find(&filter).await.unwrap()
    }
}

/// The result of a future that must not take long.
pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it takes too long")
}

/// A background for so many tasks at a time.
pub(super) fn background(concurrency: usize) -> Executor {
    Executor::Background(WorkerConfig { concurrency, grace: Duration::from_secs(5), ..WorkerConfig::default() })
}

/// Every storage, with what must live as long as it.
pub(super) async fn storages() -> Vec<(Arc<dyn Storage>, Option<tempfile::TempDir>)> {
    let mut storages: Vec<(Arc<dyn Storage>, Option<tempfile::TempDir>)> = vec![(Arc::new(Memory::new()), None)];
    #[cfg(feature = "sqlite")]
    {
        let folder = tempfile::tempdir().unwrap();
        let options = crate::Sqlite::options().durability(crate::storage::Durability::Normal);
        let storage = options.open(folder.path().join("tasks.db")).await.unwrap();
        storages.push((Arc::new(storage), Some(folder)));
    }
    storages
}

/// Runs a scenario with each executor on each storage.
pub(super) async fn with_each(flows: &str, scenario: impl AsyncFn(Bench)) {
    for executor in [Executor::Inline, background(16), background(1)] {
        for (storage, _folder) in storages().await {
            let bench = Bench::over(storage, flows, executor.clone()).await;
            scenario(bench.clone()).await;
            bench.is_left().await;
        }
    }
}

/// Runs a scenario with a background on each storage.
pub(super) async fn with_background(flows: &str, concurrency: usize, scenario: impl AsyncFn(Bench)) {
    for (storage, _folder) in storages().await {
        let bench = Bench::over(storage, flows, background(concurrency)).await;
        scenario(bench.clone()).await;
        bench.is_left().await;
    }
}
