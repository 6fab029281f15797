//! The façade from outside: each scenario runs on every storage, with a clock that stands until it is turned.

mod asks;
mod builder;
mod calls;
mod cancels;
mod crashes;
mod due;
mod events;
mod executors;
#[cfg(feature = "sqlite")]
mod history;
mod interactions;
mod migrates;
mod reads;
mod schedules;
mod sub_tasks;
#[cfg(feature = "watch")]
mod watch;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::clock::VirtualClock;
use crate::diagnostic::Source;
use crate::duration::Duration;
use crate::error::Error;
use crate::flow::CheckContext;
use crate::host::{Host, Machine};
use crate::library::Library;
use crate::name::Name;
use crate::runner::{DueReport, Event};
use crate::storage::suite::moment;
use crate::storage::{Memory, Storage};
use crate::task::{Status, StepFailure, Task, TaskId};
use crate::value::{Map, Value};

use super::{Builder, EventFilter, EventType, Opsflow};

/// What scenarios run on: flows, a storage, a clock, and effects that are counted.
#[derive(Clone)]
pub(super) struct Bench {
    pub(super) ops: Opsflow,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) outside: Outside,
    pub(super) told: Arc<Mutex<Vec<String>>>,
    flows: Arc<str>,
}

/// The world outside: every effect that was begun, in order.
#[derive(Clone, Default)]
pub(super) struct Outside {
    calls: Arc<Mutex<Vec<String>>>,
    hung: Arc<Notify>,
    fails: Arc<Mutex<usize>>,
}

impl Outside {
    /// The effects of the flows: `note(text)` gives how many calls there were, `hang()` never ends, `fail_first(times)`
    /// fails so often as the bench says.
    fn machine(&self) -> Machine {
        let (noted, hanging, failing) = (self.clone(), self.clone(), self.clone());
        Machine::new()
            .effect("note", move |text: String| {
                let count = noted.begin(text);
                async move { i64::try_from(count).unwrap() }
            })
            .effect("hang", move |text: String| {
                hanging.begin(text);
                hanging.hung.notify_one();
                std::future::pending::<()>()
            })
            .effect("shaky", move |text: String| {
                failing.begin(text);
                let mut left = failing.fails.lock().unwrap();
                let fails = *left > 0;
                *left = left.saturating_sub(1);
                async move {
                    let failure = StepFailure { kind: "http".into(), message: "500".into(), data: Value::Integer(500) };
                    if fails { Err(failure) } else { Ok("fine") }
                }
            })
    }

    fn begin(&self, call: String) -> usize {
        let mut calls = self.calls.lock().unwrap();
        calls.push(call);
        calls.len()
    }

    /// The calls begun until now.
    pub(super) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    /// Waits until a call hangs.
    pub(super) async fn hangs(&self) {
        self.hung.notified().await;
    }

    /// Lets the next calls of `shaky` fail.
    pub(super) fn fail(&self, times: usize) {
        *self.fails.lock().unwrap() = times;
    }
}

impl Bench {
    /// A bench over `storage` with the flows of a YAML text.
    pub(super) fn over(storage: Arc<dyn Storage>, flows: &str) -> Self {
        Self::put_together(storage, flows, Arc::new(VirtualClock::new(moment(0))), Outside::default())
    }

    fn put_together(storage: Arc<dyn Storage>, flows: &str, clock: Arc<VirtualClock>, outside: Outside) -> Self {
        Self::put_together_with(Opsflow::builder(), storage, flows, clock, outside)
    }

    fn put_together_with(
        builder: Builder,
        storage: Arc<dyn Storage>,
        flows: &str,
        clock: Arc<VirtualClock>,
        outside: Outside,
    ) -> Self {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let machine = outside.machine().clock(Arc::clone(&clock));
        let context = CheckContext { functions: machine.functions(), ..CheckContext::default() };
        let library = Library::of_sources([Arc::new(Source::new("flows.yml", flows))], &context);
        let findings = library.findings();
        let errors: Vec<String> = findings.iter().filter(|f| f.is_error()).map(ToString::to_string).collect();
        assert_eq!(errors, Vec::<String>::new());
        let telling = Arc::clone(&told);
        let builder = builder
            .library(library)
            .storage(Arc::clone(&storage))
            .host(machine)
            .on_event(move |event| telling.lock().unwrap().push(line(event)));
        // Nothing is waited for in `build`: it is async so that it may be, one day.
        let ops = now(builder.build()).unwrap();
        Self { ops, storage, clock, outside, told, flows: flows.into() }
    }

    /// Another process on the same storage: nothing is shared but that, the clock, and the world outside.
    pub(super) fn elsewhere(&self) -> Self {
        Self::put_together(Arc::clone(&self.storage), &self.flows, Arc::clone(&self.clock), self.outside.clone())
    }

    /// The same process with another lease.
    pub(super) fn with_lease(&self, lease: std::time::Duration) -> Self {
        let (storage, clock) = (Arc::clone(&self.storage), Arc::clone(&self.clock));
        let builder = Opsflow::builder().lease(lease);
        Self::put_together_with(builder, storage, &self.flows, clock, self.outside.clone())
    }

    /// The same process after a change of its flows.
    pub(super) fn with_flows(&self, flows: &str) -> Self {
        Self::put_together(Arc::clone(&self.storage), flows, Arc::clone(&self.clock), self.outside.clone())
    }

    pub(super) async fn call(&self, flow: &str, given: Map) -> Task {
        self.ops.call(flow, given).await.unwrap()
    }

    pub(super) async fn due(&self) -> DueReport {
        self.ops.run_due(&[]).await.unwrap()
    }

    pub(super) async fn task(&self, id: TaskId) -> Task {
        self.ops.task(id).await.unwrap()
    }

    /// The states a task came through.
    pub(super) async fn path(&self, id: TaskId) -> Vec<String> {
        self.ops.history(id).await.unwrap().into_iter().map(|entry| entry.to.to_string()).collect()
    }

    pub(super) fn turn(&self, by: &str) {
        self.clock.advance(by.parse::<Duration>().unwrap());
    }

    /// Begins to call a flow that will hang, and waits until it does.
    pub(super) async fn call_until_it_hangs(
        &self,
        flow: &str,
    ) -> (TaskId, tokio::task::JoinHandle<Result<Task, Error>>) {
        let (ops, name) = (self.ops.clone(), flow.to_owned());
        let call = tokio::spawn(async move { ops.call(&name, Map::new()).await });
        self.outside.hangs().await;
        (self.newest(flow).await, call)
    }

    /// The newest task of a flow.
    pub(super) async fn newest(&self, flow: &str) -> TaskId {
        // By the feed: those of one moment are in no order of their start in a list.
        let wanted = EventFilter { flow: Some(flow.into()), task: None };
        let events = self.ops.events(None, &wanted, usize::MAX).await.unwrap().events;
        events.iter().rev().find(|event| event.kind == EventType::Started).unwrap().task.id
    }
}

/// An event in a line.
fn line(event: &Event) -> String {
    match event {
        Event::Moved { task, transition, .. } => {
            format!("{} {} {}→{}", task.flow, transition.seq, transition.from, transition.to)
        }
        Event::HeldUp { by, .. } => format!("held up: {by}"),
        Event::Log { level, text, .. } => format!("{level}: {text}"),
    }
}

/// The result of a future that waits for nothing.
pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it waits for something"),
    }
}

/// Runs a scenario on each storage.
pub(super) async fn on_each(flows: &str, scenario: impl AsyncFn(Bench)) {
    let bench = Bench::over(Arc::new(Memory::new()), flows);
    scenario(bench.clone()).await;
    assert_eq!(bench.ops.runner().at_work(), 0, "somebody is at a task still");
    #[cfg(feature = "sqlite")]
    {
        let folder = tempfile::tempdir().unwrap();
        let options = crate::Sqlite::options().durability(crate::storage::Durability::Normal);
        let storage = options.open(folder.path().join("tasks.db")).await.unwrap();
        let bench = Bench::over(Arc::new(storage), flows);
        scenario(bench.clone()).await;
        assert_eq!(bench.ops.runner().at_work(), 0, "somebody is at a task still");
    }
}

/// The kind and the message of a refusal.
pub(super) fn refusal(outcome: Result<Task, Error>) -> (Name, String) {
    match outcome {
        Err(Error::Refused { kind, message }) => (kind, message),
        other => panic!("it was not refused: {other:?}"),
    }
}

pub(super) fn status(task: &Task) -> (Status, &str) {
    (task.status, task.state.as_str())
}
