//! What flows do when they run: a case's runs, in virtual time, with mocked capabilities.

use std::sync::{Arc, Mutex};
use std::time::Duration as Wall;

use opsflow::clock::{Clock as _, VirtualClock};
use opsflow::flow::CheckContext;
use opsflow::host::Limits;
use opsflow::{
    Error, Event, Filter, Library, Map, Memory, Name, Opsflow, Source, Storage, Task, TaskId, Timestamp, Value,
};
use serde_json::{Value as Json, json};

use super::case::{Case, Run};
use super::mocks::{Mocks, Shared, functions};

/// When runs begin by default.
const NOW: &str = "2026-11-23T09:00:00Z";

/// Further keys of a run.
const KEYS: [&str; 10] = ["flow", "given", "now", "later", "idle", "mocks", "limits", "steps", "expect", "every_state"];

/// Runs one run of a case; returns what differs.
pub(super) async fn run(case: &Case, run: &Run, every_state: bool) -> Result<(), String> {
    let place = format!("{}.yml:{}: {} / {}", case.chapter, run.line, case.title, run.title);
    let told = |why: String| format!("{place}\n  {why}\n");
    let script = script(run).map_err(told)?;
    let mut play = Play::new(case, &script, every_state).await.map_err(told)?;
    if script["idle"] != true {
        play.begin(&script).await.map_err(told)?;
    }
    for (number, step) in script["steps"].as_array().into_iter().flatten().enumerate() {
        play.step(step).await.map_err(|why| told(format!("step {}: {why}", number + 1)))?;
    }
    if let Some(expect) = script.get("expect") {
        play.expect(expect).await.map_err(told)?;
    }
    play.not_refused().map_err(told)
}

/// A run as it is written.
pub(super) fn script(run: &Run) -> Result<Json, String> {
    let script: Json = serde_yaml::from_str(&run.text).map_err(|why| format!("no YAML: {why}"))?;
    let keys = script.as_object().ok_or("a run is a map")?.keys();
    match keys.into_iter().find(|key| !KEYS.contains(&key.as_str())) {
        Some(key) => Err(format!("nothing is called `{key}` in a run")),
        None if script.get("steps").is_none() && script.get("expect").is_none() => Err("it expects nothing".to_owned()),
        None => Ok(script),
    }
}

/// A run under way.
pub(super) struct Play {
    pub(super) ops: Opsflow,
    pub(super) mocks: Arc<Mocks>,
    pub(super) refused: Option<Error>,
    pub(super) logs: Arc<Mutex<Vec<String>>>,
    clock: Arc<VirtualClock>,
    library: Library,
    storage: Arc<dyn Storage>,
    limits: Limits,
    every_state: bool,
    chapter: String,
    flow: String,
    task: Option<Task>,
}

impl Play {
    async fn new(case: &Case, script: &Json, every_state: bool) -> Result<Self, String> {
        let now = script["now"].as_str().unwrap_or(NOW).parse::<Timestamp>().map_err(|why| why.to_string())?;
        let clock = Arc::new(VirtualClock::new(now));
        let mocks = Arc::new(Mocks::new(Arc::clone(&clock), &script["mocks"]));
        let limits = limits(&script["limits"])?;
        let library = library(&case.chapter, &case.text, &limits)?;
        let first = case.text.lines().find_map(|line| line.strip_prefix("flow: "));
        let flow = script["flow"].as_str().or(first).ok_or("the case has no flow")?.trim().to_owned();
        let storage: Arc<dyn Storage> = Arc::new(Memory::new());
        let logs: Arc<Mutex<Vec<String>>> = Arc::default();
        let every_state = every_state || script["every_state"] == true;
        let parts = (&library, &storage, &limits, every_state);
        let ops = opsflow(&mocks, &logs, parts).await?;
        let chapter = case.chapter.clone();
        let (task, refused) = (None, None);
        Ok(Self { ops, mocks, refused, logs, clock, library, storage, limits, every_state, chapter, flow, task })
    }

    async fn begin(&mut self, script: &Json) -> Result<(), String> {
        let (ops, flow, given) = (self.ops.clone(), self.flow.clone(), map(&script["given"]));
        let later = script["later"] == true;
        let begun = async move { if later { ops.later(&flow, given).await } else { ops.call(&flow, given).await } };
        self.live(begun).await
    }

    /// Does something, unless the process dies of it; then another takes over.
    async fn live(&mut self, doing: impl Future<Output = Result<Task, Error>>) -> Result<(), String> {
        let mocks = Arc::clone(&self.mocks);
        let done = tokio::select! {
            done = doing => Some(done),
            () = mocks.died.notified() => None,
        };
        match done {
            Some(Ok(task)) => self.task = Some(task),
            Some(Err(why)) => self.refused = Some(why),
            None => {
                self.restart().await?;
                let id = self.mocks.last_task().ok_or("no task has called anything")?;
                self.task = Some(self.ops.task(id).await.map_err(|why| why.to_string())?);
            }
        }
        self.refused = self.mocks.settle().await.or(self.refused.take());
        Ok(())
    }

    /// Another process takes over what is stored.
    async fn restart(&mut self) -> Result<(), String> {
        let parts = (&self.library, &self.storage, &self.limits, self.every_state);
        self.ops = opsflow(&self.mocks, &self.logs, parts).await?;
        Ok(())
    }

    /// The task the run is about.
    pub(super) fn id(&self) -> Result<TaskId, String> {
        match (&self.task, &self.refused) {
            (Some(task), _) => Ok(task.id),
            (None, Some(why)) => Err(format!("no task was started: {why}")),
            (None, None) => Err("no task was started".to_owned()),
        }
    }

    /// Asserts that nothing was refused unexpectedly.
    fn not_refused(&self) -> Result<(), String> {
        self.refused.as_ref().map_or(Ok(()), |why| Err(format!("it was refused: {why}")))
    }

    async fn step(&mut self, step: &Json) -> Result<(), String> {
        let step = &if step.is_string() { json!({ step.as_str().unwrap_or_default(): null }) } else { step.clone() };
        let beside = ["given", "key"];
        let mut keys = step.as_object().ok_or("a step is a map")?.iter();
        let (verb, what) = keys.find(|(key, _)| !beside.contains(&key.as_str())).ok_or("a step does something")?;
        if verb != "expect" {
            self.not_refused()?;
        }
        match verb.as_str() {
            "expect" => self.expect(what).await,
            "advance" => self.advance(what).await,
            "skip" => {
                self.clock.advance(duration(what)?);
                Ok(())
            }
            "set_back" => {
                self.clock.set(self.clock.now() - duration(what)?.to_delta());
                Ok(())
            }
            "run_due" => self.run_due(what).await,
            "restart" => self.restart().await,
            "change" => {
                let newer = library(&self.chapter, what.as_str().ok_or("no flows")?, &self.limits)?;
                self.library.replace(&newer);
                Ok(())
            }
            "later" => {
                self.ops
                    .later(what.as_str().ok_or("no flow")?, map(&step["given"]))
                    .await
                    .map_err(|w| w.to_string())?;
                Ok(())
            }
            "look_at" => {
                let flow = what.as_str().map(Name::new);
                let filter = Filter { flow, limit: Some(1), ..Filter::default() };
                let found = self.ops.find(&filter).await.map_err(|why| why.to_string())?;
                self.task = Some(found.into_iter().next().ok_or("no task of this flow")?);
                Ok(())
            }
            _ => {
                let (id, ops, step) = (self.id()?, self.ops.clone(), step.clone());
                self.live(async move { act(&ops, id, &step).await }).await
            }
        }
    }

    async fn run_due(&mut self, queues: &Json) -> Result<(), String> {
        let queues: Vec<Name> =
            queues.as_array().into_iter().flatten().filter_map(Json::as_str).map(Name::new).collect();
        let (ops, mocks) = (self.ops.clone(), Arc::clone(&self.mocks));
        let done = tokio::select! {
            done = ops.run_due(&queues) => Some(done),
            () = mocks.died.notified() => None,
        };
        match done {
            Some(done) => done.map(drop).map_err(|why| why.to_string())?,
            None => self.restart().await?,
        }
        self.refused = self.mocks.settle().await.or(self.refused.take());
        Ok(())
    }

    /// Turns the clock, stopping wherever something is due on the way.
    async fn advance(&mut self, by: &Json) -> Result<(), String> {
        let end = self.clock.now() + duration(by)?.to_delta();
        loop {
            self.run_due(&Json::Null).await?;
            let tasks = self.ops.find(&Filter::default()).await.map_err(|why| why.to_string())?;
            let ahead = tasks.iter().filter_map(|task| task.wake_at).chain(self.ops.next_schedule(&[]));
            let ahead = ahead.filter(|at| *at > self.clock.now() && *at <= end);
            match ahead.min() {
                Some(next) => self.clock.set(next),
                None if self.clock.now() == end => return Ok(()),
                None => self.clock.set(end),
            }
        }
    }
}

/// Performs a step on a task.
pub(super) async fn act(ops: &Opsflow, id: TaskId, step: &Json) -> Result<Task, Error> {
    let (verb, what) = step.as_object().and_then(|step| step.iter().next()).expect("a step is a map");
    match verb.as_str() {
        "interact" => {
            let (name, params) = what.as_object().and_then(|i| i.iter().next()).expect("the name of an interaction");
            ops.interact(id, name, map(params), step["key"].as_str()).await
        }
        "wake" => ops.wake(id).await,
        "cancel" => ops.cancel(id).await,
        "retry" => ops.retry(id, what.as_str()).await,
        "retry_on_newest" => ops.retry_on_newest(id, what.as_str()).await,
        "migrate" => {
            // What it would do is what it does.
            let would = ops.try_migration(id).await;
            let before = ops.task(id).await?;
            let done = ops.migrate(id).await;
            match (&would, &done) {
                (Ok(None), Ok(task)) => assert_eq!(task.revision, before.revision),
                (Ok(Some(entry)), Ok(_)) => {
                    let last = ops.history(id).await?.pop().expect("an entry");
                    assert_eq!(
                        (&last.from, &last.to, &last.by, &last.changes),
                        (&entry.from, &entry.to, &entry.by, &entry.changes)
                    );
                }
                (Err(would), Err(why)) => {
                    assert_eq!(would.to_string(), why.to_string());
                    assert_eq!(ops.task(id).await?, before, "a refusal changed something");
                }
                _ => panic!("it would do {would:?}, and did {done:?}"),
            }
            done
        }
        other => panic!("no step is called `{other}`"),
    }
}

/// The flows of a text. Warnings belong to the test of findings.
fn library(chapter: &str, text: &str, limits: &Limits) -> Result<Library, String> {
    let source = Arc::new(Source::new(format!("{chapter}.yml"), text));
    let library = Library::of_sources([source], &CheckContext { functions: functions(), limits: limits.clone() });
    let errors: Vec<String> = library.findings().iter().filter(|f| f.is_error()).map(ToString::to_string).collect();
    if errors.is_empty() { Ok(library) } else { Err(errors.join("\n  ")) }
}

async fn opsflow(
    mocks: &Arc<Mocks>,
    logs: &Arc<Mutex<Vec<String>>>,
    (library, storage, limits, every_state): (&Library, &Arc<dyn Storage>, &Limits, bool),
) -> Result<Opsflow, String> {
    let heard = Arc::clone(logs);
    let builder = Opsflow::builder()
        .library(library.clone())
        .storage(Arc::clone(storage))
        .host(Shared(Arc::clone(mocks)))
        .limits(limits.clone())
        .checkpoint_every_state(every_state)
        .on_event(move |event| {
            if let Event::Log { level, text, fields, .. } = event {
                let fields = if fields.is_empty() { String::new() } else { format!(" {}", json!(fields)) };
                heard.lock().unwrap().push(format!("{level}: {text}{fields}"));
            }
        });
    let ops = builder.build().await.map_err(|why| why.to_string())?;
    mocks.serve(&ops);
    Ok(ops)
}

/// The bounds of scripts, if a run changes them.
fn limits(written: &Json) -> Result<Limits, String> {
    let mut limits = Limits::default();
    for (name, bound) in written.as_object().into_iter().flatten() {
        let bound = bound.as_u64().and_then(|bound| usize::try_from(bound).ok()).ok_or("a bound is a whole number")?;
        match name.as_str() {
            "max_operations" => limits.max_operations = bound as u64,
            "max_steps" => limits.max_steps = bound,
            "max_log_lines" => limits.max_log_lines = bound,
            "max_wall_ms" => limits.max_wall_time = Wall::from_millis(bound as u64),
            other => return Err(format!("no bound is called `{other}` here")),
        }
    }
    Ok(limits)
}

fn duration(written: &Json) -> Result<opsflow::Duration, String> {
    written.as_str().ok_or("a duration")?.parse().map_err(|why| format!("{why}"))
}

/// What is given, by name.
fn map(json: &Json) -> Map {
    let entries = json.as_object().into_iter().flatten();
    entries.map(|(name, value)| (Name::new(name), Value::from_json(value).unwrap())).collect()
}
