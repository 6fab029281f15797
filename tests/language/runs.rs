//! What flows do when they run: a case's runs, in virtual time, with mocked capabilities.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use opsflow::{
    Clock, Error, Event, Function, Host, Library, Machine, Map, Name, Opsflow, Outcome, Source, Step, StepFailure,
    Surroundings, Task, TaskId, Timestamp, Value, VirtualClock,
};
use serde_json::Value as Json;

use super::case::{Case, Run};

/// When runs begin that do not say.
const NOW: &str = "2026-11-23T09:00:00Z";

/// Runs one run of a case; says what differs.
pub async fn run(case: &Case, run: &Run) -> Result<(), String> {
    let place = format!("{}.yml:{}: {} / {}", case.chapter, run.line, case.title, run.title);
    let told = |why: String| format!("{place}\n  {why}\n");
    let script: Json = serde_yaml::from_str(&run.text).map_err(|why| told(format!("no YAML: {why}")))?;
    let mut play = Play::new(case, &script).await.map_err(told)?;
    play.begin(&script).await.map_err(told)?;
    for step in script["steps"].as_array().into_iter().flatten() {
        play.step(step).await.map_err(told)?;
    }
    match script.get("expect") {
        Some(expect) => play.expect(expect).await.map_err(told),
        None => Ok(()),
    }
}

/// A run under way.
struct Play {
    ops: Opsflow,
    clock: Arc<VirtualClock>,
    mocks: Arc<Mocks>,
    flow: String,
    task: Option<Task>,
    refused: Option<Error>,
    logs: Arc<Mutex<Vec<String>>>,
}

/// Answers of capabilities, in turn, and the calls that were made.
struct Mocks {
    clock: Arc<VirtualClock>,
    functions: Arc<Vec<Function>>,
    answers: Mutex<BTreeMap<String, Vec<Json>>>,
    calls: Mutex<Vec<(String, Vec<Value>)>>,
}

#[async_trait]
impl Host for Mocks {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn functions(&self) -> Arc<Vec<Function>> {
        Arc::clone(&self.functions)
    }

    async fn perform(&self, step: &Step) -> Outcome {
        self.calls.lock().unwrap().push((step.function.to_string(), step.arguments.clone()));
        let mut answers = self.answers.lock().unwrap();
        let Some(list) = answers.get_mut(step.function.as_str()) else {
            return Err(StepFailure { kind: "denied".into(), message: "it is not mocked".into(), data: Value::Unit });
        };
        let answer = if list.len() > 1 { list.remove(0) } else { list[0].clone() };
        match answer.get("fail") {
            Some(fail) => Err(StepFailure {
                kind: Name::new(fail["kind"].as_str().unwrap_or("http")),
                message: fail["message"].as_str().unwrap_or("it failed").to_owned(),
                data: Value::from_json(&fail["data"]).unwrap(),
            }),
            None => Ok(Value::from_json(&answer).unwrap()),
        }
    }
}

/// The same host, shared.
struct Shared(Arc<Mocks>);

#[async_trait]
impl Host for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn functions(&self) -> Arc<Vec<Function>> {
        self.0.functions()
    }

    async fn perform(&self, step: &Step) -> Outcome {
        self.0.perform(step).await
    }
}

impl Play {
    async fn new(case: &Case, script: &Json) -> Result<Self, String> {
        let now = script["now"].as_str().unwrap_or(NOW).parse::<Timestamp>().map_err(|why| why.to_string())?;
        let clock = Arc::new(VirtualClock::new(now));
        let functions = functions();
        let answers = script["mocks"].as_object().into_iter().flatten();
        let answers = answers.map(|(name, answer)| match answer {
            Json::Array(answers) => (name.clone(), answers.clone()),
            one => (name.clone(), vec![one.clone()]),
        });
        let mocks = Arc::new(Mocks {
            clock: Arc::clone(&clock),
            functions: Arc::clone(&functions),
            answers: Mutex::new(answers.collect()),
            calls: Mutex::default(),
        });
        let source = Arc::new(Source::new(format!("{}.yml", case.chapter), &case.text));
        let surroundings = Surroundings { functions, ..Surroundings::default() };
        let library = Library::of_sources([source], &surroundings);
        let errors: Vec<String> = library.findings().iter().filter(|f| f.is_error()).map(ToString::to_string).collect();
        if !errors.is_empty() {
            return Err(errors.join("\n  "));
        }
        let first = case.text.lines().find_map(|line| line.strip_prefix("flow: "));
        let flow = script["flow"].as_str().or(first).ok_or("the case has no flow")?.trim().to_owned();
        let logs: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&logs);
        let ops = Opsflow::builder()
            .library(library)
            .host(Shared(Arc::clone(&mocks)))
            .on_event(move |event| {
                if let Event::Log { level, text, .. } = event {
                    heard.lock().unwrap().push(format!("{level}: {text}"));
                }
            })
            .build()
            .await
            .map_err(|why| why.to_string())?;
        Ok(Self { ops, clock, mocks, flow, task: None, refused: None, logs })
    }

    async fn begin(&mut self, script: &Json) -> Result<(), String> {
        let given = map(&script["given"]);
        let done = if script["later"] == Json::Bool(true) {
            self.ops.later(&self.flow, given).await
        } else {
            self.ops.call(&self.flow, given).await
        };
        self.take(done);
        Ok(())
    }

    fn take(&mut self, done: Result<Task, Error>) {
        match done {
            Ok(task) => (self.task, self.refused) = (Some(task), None),
            Err(why) => self.refused = Some(why),
        }
    }

    fn id(&self) -> Result<TaskId, String> {
        match (&self.task, &self.refused) {
            (Some(task), _) => Ok(task.id),
            (None, Some(why)) => Err(format!("no task was started: {why}")),
            (None, None) => Err("no task was started".to_owned()),
        }
    }

    async fn step(&mut self, step: &Json) -> Result<(), String> {
        let (verb, what) = step.as_object().and_then(|s| s.iter().next()).ok_or("a step is a map with one key")?;
        match verb.as_str() {
            "expect" => return self.expect(what).await,
            "advance" => return self.advance(what).await,
            _ => {}
        }
        let id = self.id()?;
        let done = match verb.as_str() {
            "interact" => {
                let (name, params) = what.as_object().and_then(|i| i.iter().next()).ok_or("no interaction")?;
                self.ops.interact(id, name, map(params), step["key"].as_str()).await
            }
            "wake" => self.ops.wake(id).await,
            "cancel" => self.ops.cancel(id).await,
            "retry" => self.ops.retry(id, what.as_str()).await,
            other => return Err(format!("no step is called `{other}`")),
        };
        self.take(done);
        Ok(())
    }

    /// Turns the clock, stopping wherever something is due on the way.
    async fn advance(&mut self, by: &Json) -> Result<(), String> {
        let by: opsflow::Duration = by.as_str().ok_or("a duration")?.parse().map_err(|why| format!("{why}"))?;
        let end = self.clock.now() + by.to_delta();
        loop {
            self.ops.run_due(&[]).await.map_err(|why| why.to_string())?;
            let task = self.ops.task(self.id()?).await.map_err(|why| why.to_string())?;
            let next = task.wake_at.filter(|at| *at > self.clock.now() && *at <= end);
            self.task = Some(task);
            match next {
                Some(next) => self.clock.set(next),
                None if self.clock.now() == end => return Ok(()),
                None => self.clock.set(end),
            }
        }
    }

    async fn expect(&mut self, expect: &Json) -> Result<(), String> {
        let mut wrong = Vec::new();
        for (key, wanted) in expect.as_object().ok_or("`expect` is a map")? {
            if let Err(why) = self.hold(key, wanted).await {
                wrong.push(why);
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n  ")) }
    }

    async fn hold(&self, key: &str, wanted: &Json) -> Result<(), String> {
        match key {
            "refused" => return self.refusal(wanted),
            "calls" => {
                for (name, count) in wanted.as_object().into_iter().flatten() {
                    let made = self.mocks.calls.lock().unwrap().iter().filter(|(called, _)| called == name).count();
                    same(&format!("calls of {name}"), count, &Json::from(made))?;
                }
                return Ok(());
            }
            "logs" => return same("logs", wanted, &Json::from(self.logs.lock().unwrap().clone())),
            _ => {}
        }
        let id = self.id()?;
        let task = self.ops.task(id).await.map_err(|why| why.to_string())?;
        match key {
            "status" => same(key, wanted, &Json::from(task.status.name())),
            "state" => same(key, wanted, &Json::from(task.state.as_str())),
            "output" => same(key, wanted, &task.output.to_json()),
            "wake_in" => {
                let left =
                    task.wake_at.map(|at| opsflow::Duration::from_millis((at - self.clock.now()).num_milliseconds()));
                same(key, wanted, &left.map_or(Json::Null, |left| Json::from(left.to_string())))
            }
            "attributes" => {
                for (name, wanted) in wanted.as_object().into_iter().flatten() {
                    let got = task.attributes.by_name(name).map_or(Json::Null, Value::to_json);
                    same(&format!("attributes.{name}"), wanted, &got)?;
                }
                Ok(())
            }
            "printed" => same(key, wanted, &serde_json::to_value(&task.attributes).unwrap()),
            "error" => error(wanted, &task),
            "visited" | "causes" => {
                let entries = self.ops.history(id).await.map_err(|why| why.to_string())?;
                let got = entries.iter().map(|entry| match key {
                    "visited" => Json::from(entry.to.as_str()),
                    _ => serde_json::to_value(entry.cause).unwrap(),
                });
                same(key, wanted, &got.collect())
            }
            "history" => {
                let entries = self.ops.history(id).await.map_err(|why| why.to_string())?;
                for (number, wanted) in wanted.as_array().into_iter().flatten().enumerate() {
                    let got = serde_json::to_value(entries.get(number)).unwrap();
                    for (field, wanted) in wanted.as_object().into_iter().flatten() {
                        same(&format!("history[{number}].{field}"), wanted, &got[field])?;
                    }
                }
                Ok(())
            }
            "sub_tasks" => {
                let filter = opsflow::Filter { parent_id: Some(id), ..opsflow::Filter::default() };
                let tasks = self.ops.find(&filter).await.map_err(|why| why.to_string())?;
                let got = tasks.iter().map(|t| Json::from(format!("{} {} {}", t.flow, t.status.name(), t.state)));
                same(key, wanted, &got.collect())
            }
            other => Err(format!("nothing is called `{other}` in `expect`")),
        }
    }

    fn refusal(&self, wanted: &Json) -> Result<(), String> {
        let Some(refused) = &self.refused else {
            return if wanted.is_null() { Ok(()) } else { Err("it was not refused".to_owned()) };
        };
        let kind = match refused {
            Error::Refused { kind, .. } => kind.to_string(),
            Error::Input { .. } => "validation".to_owned(),
            Error::Conflict(_) => "conflict".to_owned(),
            other => format!("{other:?}"),
        };
        let text = format!("{kind}: {refused}");
        let wanted = wanted.as_str().unwrap_or_default();
        let (wanted_kind, part) = wanted.split_once(": ").unwrap_or((wanted, ""));
        if wanted_kind == kind && text.contains(part) {
            Ok(())
        } else {
            Err(format!("refused: expected {wanted}, got {text}"))
        }
    }
}

/// Kind, a part of the message, data, and the place, as far as they are given.
fn error(wanted: &Json, task: &Task) -> Result<(), String> {
    let Some(error) = task.error.as_deref() else {
        return if wanted.is_null() { Ok(()) } else { Err(format!("error: the task is {}", task.status.name())) };
    };
    for (field, wanted) in wanted.as_object().ok_or_else(|| format!("an error: {error:?}"))? {
        match field.as_str() {
            "kind" => same("error.kind", wanted, &Json::from(error.kind.as_str()))?,
            "state" => same("error.state", wanted, &Json::from(error.state.as_str()))?,
            "attempt" => same("error.attempt", wanted, &Json::from(error.attempt))?,
            "data" => same("error.data", wanted, &error.data.to_json())?,
            "message" if error.message.contains(wanted.as_str().unwrap_or_default()) => {}
            "message" => return Err(format!("error.message: expected a part {wanted}, got {:?}", error.message)),
            "at" => {
                let at = error.at.as_ref().map(|at| format!("{}:{}", at.line, at.column));
                same("error.at", wanted, &at.map_or(Json::Null, Json::from))?;
            }
            other => return Err(format!("nothing is called `{other}` in an error")),
        }
    }
    Ok(())
}

fn same(what: &str, wanted: &Json, got: &Json) -> Result<(), String> {
    if wanted == got { Ok(()) } else { Err(format!("{what}: expected {wanted}, got {got}")) }
}

fn map(json: &Json) -> Map {
    let entries = json.as_object().into_iter().flatten();
    entries.map(|(name, value)| (Name::new(name), Value::from_json(value).unwrap())).collect()
}

/// What scripts may call in these tests: the program's capabilities, and functions that stand in for an embedder's.
pub fn functions() -> Arc<Vec<Function>> {
    Machine::new()
        .function("vat", |net: f64| net * 0.2)
        .effect("send_email", |to: String| async move { to.len() as i64 })
        .functions()
}
