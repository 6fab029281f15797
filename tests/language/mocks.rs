//! The host of a run: virtual time, and answers of capabilities as they are written.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use opsflow::clock::{Clock, VirtualClock};
use opsflow::host::{Function, Host, Machine};
use opsflow::task::{Outcome, Step, StepFailure};
use opsflow::{Error, Name, Opsflow, Task, TaskId, Timestamp, Value};
use serde_json::Value as Json;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::runs::act;

/// How often others get their turn while something is done during a call: more than enough.
const TURNS: usize = 200;

/// How long a call sleeps, by a clock that runs as fast as it can, before it looks again.
const NAP: std::time::Duration = std::time::Duration::from_secs(1);

/// Keys of an answer that say more than what the call gives.
const DIRECTIONS: [&str; 7] = ["give", "fail", "takes", "meanwhile", "settles", "hangs", "dies"];

/// Answers in turn, and the calls that were made.
pub(super) struct Mocks {
    pub(super) clock: Arc<VirtualClock>,
    functions: Arc<Vec<Function>>,
    answers: Mutex<BTreeMap<String, Vec<Json>>>,
    calls: Mutex<Vec<Step>>,
    ops: Mutex<Option<Opsflow>>,
    meanwhile: Mutex<Vec<JoinHandle<Result<Task, Error>>>>,
    /// Notified when the process is to die in the middle of a call.
    pub(super) died: Notify,
}

impl Mocks {
    /// The answers under `mocks`.
    pub(super) fn new(clock: Arc<VirtualClock>, written: &Json) -> Self {
        let answers = written.as_object().into_iter().flatten().map(|(name, answer)| match answer {
            Json::Array(answers) => (name.clone(), answers.clone()),
            one => (name.clone(), vec![one.clone()]),
        });
        Self {
            clock,
            functions: functions(),
            answers: Mutex::new(answers.collect()),
            calls: Mutex::default(),
            ops: Mutex::default(),
            meanwhile: Mutex::default(),
            died: Notify::new(),
        }
    }

    /// Says what things are done with during a call.
    pub(super) fn serve(&self, ops: &Opsflow) {
        *self.ops.lock().unwrap() = Some(ops.clone());
    }

    /// The arguments of every call of `function`, in order.
    pub(super) fn calls(&self, function: &str) -> Vec<Json> {
        let calls = self.calls.lock().unwrap();
        let of = calls.iter().filter(|step| step.function.as_str() == function);
        of.map(|step| step.arguments.iter().map(Value::to_json).collect()).collect()
    }

    /// The task whose body has made the latest call.
    pub(super) fn last_task(&self) -> Option<TaskId> {
        self.calls.lock().unwrap().last().map(|step| step.task_id)
    }

    /// Waits for what was done during calls; returns why the last of it was refused, if it was.
    pub(super) async fn settle(&self) -> Option<Error> {
        let mut refused = None;
        let begun = std::mem::take(&mut *self.meanwhile.lock().unwrap());
        for done in begun {
            refused = done.await.unwrap().err().or(refused);
        }
        refused
    }

    fn next_answer(&self, function: &str) -> Option<Json> {
        let mut answers = self.answers.lock().unwrap();
        let list = answers.get_mut(function)?;
        Some(if list.len() > 1 { list.remove(0) } else { list[0].clone() })
    }

    /// Does something to the task during its call; the call may wait for the outcome.
    async fn interfere(&self, id: TaskId, step: &Json, settles: bool) {
        let ops = self.ops.lock().unwrap().clone().unwrap();
        let step = step.clone();
        let doing = tokio::spawn(async move { act(&ops, id, &step).await });
        self.meanwhile.lock().unwrap().push(doing);
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        while settles && !self.meanwhile.lock().unwrap().iter().all(JoinHandle::is_finished) {
            tokio::time::sleep(NAP).await;
        }
    }
}

/// The host, shared with the run.
pub(super) struct Shared(pub(super) Arc<Mocks>);

#[async_trait]
impl Host for Shared {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn functions(&self) -> Arc<Vec<Function>> {
        Arc::clone(&self.0.functions)
    }

    async fn perform(&self, step: &Step) -> Outcome {
        let mocks = &self.0;
        mocks.calls.lock().unwrap().push(step.clone());
        let Some(answer) = mocks.next_answer(&step.function) else {
            return Err(StepFailure { kind: "denied".into(), message: "it is not mocked".into(), data: Value::Unit });
        };
        if !DIRECTIONS.iter().any(|key| answer.get(key).is_some()) {
            return Ok(Value::from_json(&answer).unwrap());
        }
        if let Some(takes) = answer["takes"].as_str() {
            mocks.clock.advance(takes.parse().unwrap());
        }
        if !answer["meanwhile"].is_null() {
            mocks.interfere(step.task_id, &answer["meanwhile"], answer["settles"] == true).await;
        }
        if answer["dies"] == true {
            mocks.died.notify_one();
        }
        if answer["dies"] == true || answer["hangs"] == true {
            return std::future::pending().await;
        }
        match answer.get("fail") {
            Some(fail) => Err(StepFailure {
                kind: Name::new(fail["kind"].as_str().unwrap_or("http")),
                message: fail["message"].as_str().unwrap_or("it failed").to_owned(),
                data: Value::from_json(&fail["data"]).unwrap(),
            }),
            None => Ok(Value::from_json(&answer["give"]).unwrap()),
        }
    }
}

/// What `fickle()` gave last.
static FICKLE: AtomicI64 = AtomicI64::new(0);

/// What scripts may call in these tests: the program's capabilities, and functions that stand in for an embedder's.
/// `fickle()` breaks the promise to give the same whenever it is called again.
pub(super) fn functions() -> Arc<Vec<Function>> {
    Machine::new()
        .function("vat", |net: f64| net * 0.2)
        .function("fickle", || FICKLE.fetch_add(1, Ordering::SeqCst))
        .effect("send_email", |to: String| async move { to.len() as i64 })
        .functions()
}
