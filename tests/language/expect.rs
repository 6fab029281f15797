//! What a run may expect of a task, each by its key.

use chrono::SecondsFormat;
use opsflow::clock::Clock as _;
use opsflow::{Duration, Error, Filter, Name, Task, Timestamp, Value};
use serde_json::{Value as Json, json};

use super::runs::Play;

impl Play {
    /// Checks everything that is expected; returns all differences.
    pub(super) async fn expect(&mut self, expect: &Json) -> Result<(), String> {
        let mut wrong = Vec::new();
        for (key, wanted) in expect.as_object().ok_or("`expect` is a map")? {
            if let Err(why) = self.hold(key, wanted).await {
                wrong.push(why);
            }
        }
        if expect.get("refused").is_some() {
            self.refused = None;
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n  ")) }
    }

    async fn hold(&self, key: &str, wanted: &Json) -> Result<(), String> {
        match key {
            "refused" => return self.refusal(wanted),
            "refused_without" => return self.kept_out(wanted),
            "calls" => return each(wanted, |name| Ok(Json::from(self.mocks.calls(name).len()))),
            "called" => return each(wanted, |name| Ok(Json::from(self.mocks.calls(name)))),
            "same_arguments" => return self.same_arguments(wanted),
            "found_by" => return self.found_by(wanted).await,
            "logs" => return same("logs", wanted, &Json::from(self.logs.lock().unwrap().clone())),
            "started" | "tasks" => return self.tasks(key, wanted).await,
            "deleted" => return same(key, wanted, &Json::Bool(self.is_deleted().await?)),
            _ => {}
        }
        let id = self.id()?;
        let task = self.ops.task(id).await.map_err(|why| why.to_string())?;
        match key {
            "status" => same(key, wanted, &Json::from(task.status.name())),
            "state" => same(key, wanted, &Json::from(task.state.as_str())),
            "output" => same(key, wanted, &task.output.to_json()),
            "wake_in" => same(key, wanted, &self.until(task.wake_at)),
            "wake_between" => self.between(wanted, task.wake_at),
            "attributes" => each(wanted, |name| Ok(task.attributes.by_name(name).map_or(Json::Null, Value::to_json))),
            "printed" => same(key, wanted, &serde_json::to_value(&task.attributes).unwrap()),
            "printed_output" => same(key, wanted, &task.printed().output.to_json()),
            "printed_error" => error(wanted, &task.printed()),
            "task" => each(wanted, |field| self.field(&task, field)),
            "error" => error(wanted, &task),
            "visited" | "causes" | "history" | "omitted" => self.history(key, wanted, &task).await,
            "sub_tasks" => {
                let filter = Filter { parent_id: Some(id), ..Filter::default() };
                let tasks = self.ops.find(&filter).await.map_err(|why| why.to_string())?;
                let got = tasks.iter().map(|t| format!("{} {} {}", t.flow, t.status.name(), t.state));
                same("sub_tasks, in any order", &sorted(wanted), &sorted(&got.collect()))
            }
            other => Err(format!("nothing is called `{other}` in `expect`")),
        }
    }

    async fn history(&self, key: &str, wanted: &Json, task: &Task) -> Result<(), String> {
        let entries = self.ops.history(task.id).await.map_err(|why| why.to_string())?;
        match key {
            "visited" => same(key, wanted, &entries.iter().map(|entry| entry.to.as_str()).collect()),
            "causes" => same(key, wanted, &entries.iter().map(|entry| json!(entry.cause)).collect()),
            "omitted" => same(key, wanted, &json!(entries.iter().filter(|entry| entry.omitted).count())),
            _ => {
                for (number, wanted) in wanted.as_array().into_iter().flatten().enumerate() {
                    let got = json!(entries.get(number));
                    each(wanted, |field| Ok(got[field].clone())).map_err(|why| format!("history[{number}]: {why}"))?;
                }
                Ok(())
            }
        }
    }

    /// All tasks of flows, the longest there first: when they were started, or where they are.
    async fn tasks(&self, key: &str, wanted: &Json) -> Result<(), String> {
        for (flow, wanted) in wanted.as_object().ok_or("a map of flows")? {
            let filter = Filter { flow: Some(Name::new(flow)), ..Filter::default() };
            let mut tasks = self.ops.find(&filter).await.map_err(|why| why.to_string())?;
            tasks.sort_by_key(|task| task.created_at);
            let shown = tasks.iter().map(|task| match key {
                "started" => moment(Some(task.created_at)),
                _ => json!(format!("{} {}", task.status.name(), task.state)),
            });
            same(&format!("{key} of {flow}"), wanted, &shown.collect())?;
        }
        Ok(())
    }

    /// Whether the task is found by records, written `type/id`.
    async fn found_by(&self, wanted: &Json) -> Result<(), String> {
        let id = self.id()?;
        for (record, wanted) in wanted.as_object().ok_or("`found_by` is a map")? {
            let (kind, of) = record.split_once('/').ok_or("a record is written `type/id`")?;
            let filter = Filter { reference: Some((Name::new(kind), Name::new(of), None)), ..Filter::default() };
            let found = self.ops.find(&filter).await.map_err(|why| why.to_string())?;
            same(record, wanted, &Json::Bool(found.iter().any(|task| task.id == id)))?;
        }
        Ok(())
    }

    /// A field of the task beside those that have a key of their own; moments also as how far ahead they are.
    fn field(&self, task: &Task, field: &str) -> Result<Json, String> {
        Ok(match field {
            "flow" => json!(task.flow),
            "version" => json!(task.version),
            "queue" => json!(task.queue),
            "priority" => json!(task.priority),
            "has_parent" => json!(task.parent_id.is_some()),
            "created_at" => moment(Some(task.created_at)),
            "updated_at" => moment(Some(task.updated_at)),
            "wake_at" => moment(task.wake_at),
            "ended_at" => moment(task.ended_at),
            "timeout_in" => self.until(task.timeout_at),
            "delete_in" => self.until(task.delete_at),
            other => return Err(format!("nothing is called `{other}` in `task`")),
        })
    }

    fn until(&self, moment: Option<Timestamp>) -> Json {
        let left = moment.map(|at| at.signed_duration_since(self.mocks.clock.now()).num_milliseconds());
        left.map_or(Json::Null, |ms| Json::from(Duration::from_millis(ms).to_string()))
    }

    /// Asserts that a moment is at least as far ahead as the first of two durations, and less than the second.
    fn between(&self, wanted: &Json, moment: Option<Timestamp>) -> Result<(), String> {
        let bound = |which: usize| wanted[which].as_str().and_then(|text| text.parse::<Duration>().ok());
        let (Some(least), Some(most)) = (bound(0), bound(1)) else { return Err("two durations".to_owned()) };
        let left = moment.map(|at| at.signed_duration_since(self.mocks.clock.now()));
        let holds = left.is_some_and(|left| (least.to_delta()..most.to_delta()).contains(&left));
        if holds { Ok(()) } else { Err(format!("wake_between: expected {wanted}, got {}", self.until(moment))) }
    }

    async fn is_deleted(&self) -> Result<bool, String> {
        match self.ops.task(self.id()?).await {
            Ok(_) => Ok(false),
            Err(Error::NotFound(_)) => Ok(true),
            Err(other) => Err(other.to_string()),
        }
    }

    /// Asserts that two calls, by their numbers, had the same arguments: `[http::post, 0, 1]`.
    fn same_arguments(&self, wanted: &Json) -> Result<(), String> {
        let calls = self.mocks.calls(wanted[0].as_str().ok_or("no function")?);
        let call = |number: &Json| number.as_u64().and_then(|number| calls.get(number as usize)).ok_or("no such call");
        same("arguments", call(&wanted[1])?, call(&wanted[2])?)
    }

    /// Asserts that a refusal does not quote something.
    fn kept_out(&self, text: &Json) -> Result<(), String> {
        let refused = self.refused.as_ref().ok_or("it was not refused")?.to_string();
        let quotes = text.as_str().is_none_or(|text| refused.contains(text));
        if quotes { Err(format!("refused: it quotes {text}: {refused}")) } else { Ok(()) }
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
        let text = refused.to_string();
        let holds = match wanted {
            Json::Array(parts) => parts.iter().skip(1).all(|part| text.contains(part.as_str().unwrap_or_default())),
            _ => true,
        };
        let wanted_kind = wanted.as_array().map_or(Some(wanted), |parts| parts.first());
        if holds && wanted_kind == Some(&Json::from(kind.as_str())) {
            Ok(())
        } else {
            Err(format!("refused: expected {wanted}, got {kind}: {text}"))
        }
    }
}

/// Kind, parts of the message, data, and the place, as far as they are given.
fn error(wanted: &Json, task: &Task) -> Result<(), String> {
    let Some(error) = task.error.as_deref() else {
        return if wanted.is_null() { Ok(()) } else { Err(format!("error: the task is {}", task.status.name())) };
    };
    for (field, wanted) in wanted.as_object().ok_or_else(|| format!("an error: {error:?}"))? {
        match field.as_str() {
            "kind" => same("error.kind", wanted, &json!(error.kind))?,
            "state" => same("error.state", wanted, &json!(error.state))?,
            "attempt" => same("error.attempt", wanted, &json!(error.attempt))?,
            "data" => same("error.data", wanted, &error.data.to_json())?,
            "message" => parts(wanted, &error.message)?,
            "at" => {
                let at = error.at.as_ref().map(|at| format!("{}:{}", at.line, at.column));
                same("error.at", wanted, &json!(at))?;
            }
            other => return Err(format!("nothing is called `{other}` in an error")),
        }
    }
    Ok(())
}

/// One part of a text, or a list of them.
fn parts(wanted: &Json, text: &str) -> Result<(), String> {
    let all = wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice);
    match all.iter().find(|part| !part.as_str().is_some_and(|part| text.contains(part))) {
        Some(part) => Err(format!("error.message: expected a part {part}, got {text:?}")),
        None => Ok(()),
    }
}

/// Compares each entry of a map with what `got` finds under its name.
fn each(wanted: &Json, got: impl Fn(&str) -> Result<Json, String>) -> Result<(), String> {
    for (name, wanted) in wanted.as_object().ok_or("expected a map")? {
        same(name, wanted, &got(name)?)?;
    }
    Ok(())
}

fn sorted(list: &Json) -> Json {
    let mut texts: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    texts.sort_unstable();
    json!(texts)
}

fn moment(moment: Option<Timestamp>) -> Json {
    json!(moment.map(|moment| moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
}

fn same(what: &str, wanted: &Json, got: &Json) -> Result<(), String> {
    if wanted == got { Ok(()) } else { Err(format!("{what}: expected {wanted}, got {got}")) }
}
