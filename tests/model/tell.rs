//! Tasks as text, from the model and from the program, so that both can be compared and a difference can be read.

use std::fmt::Write as _;

use opsflow::storage::StorageError;
use opsflow::task::Change;
use opsflow::value::Stored;
use opsflow::{Storage, Task, TaskId, Timestamp, Transition, Value};

use super::flow::Flows;
use super::world::{Status, World};

/// How much of a task the text shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// All: what must agree when nothing is under way.
    All,
    /// What must agree even after a process has died: not whether a task has fallen asleep.
    Stored,
}

/// The tasks of the model.
pub(super) fn model(flows: &Flows, world: &World, detail: Detail) -> String {
    let mut text = String::new();
    for (at, task) in world.tasks.iter().enumerate() {
        let flow = flows.get(task.flow);
        let status = match task.status {
            Status::Active | Status::Waiting if detail == Detail::Stored => "live",
            Status::Active => "active",
            Status::Waiting => "waiting",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        };
        let _ = writeln!(text, "task {at}: {status} in {}", flow.name(task.state));
        for (name, value) in task.held.told() {
            let _ = writeln!(text, "  {name} {value}");
        }
        if !task.output.is_null() {
            let _ = writeln!(text, "  gave {}", task.output);
        }
        if let Some(error) = &task.error {
            text += &line_of_error(&error.kind, &error.state, error.attempt);
        }
        if let (Some(at), Detail::All) = (task.wake_at, detail) {
            let _ = writeln!(text, "  wakes at {at}s");
        }
        for (at, entry) in task.history.iter().enumerate() {
            let by = entry.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            let _ = writeln!(
                text,
                "  {}. at {}s {} → {} ({}{by}) {:?} {:?}{}",
                at + 1,
                entry.at,
                entry.from,
                entry.to,
                entry.cause,
                entry.changes,
                entry.steps,
                error_of_entry(entry.error.as_ref().map(|error| (&*error.kind, error.attempt))),
            );
        }
    }
    text
}

/// The tasks of the program, in order of their start: that of `main` and its sub-tasks.
pub(super) async fn program(
    storage: &dyn Storage,
    ids: &[TaskId],
    began: Timestamp,
    detail: Detail,
) -> Result<String, StorageError> {
    let mut text = String::new();
    for (at, id) in ids.iter().enumerate() {
        let task = storage.task(*id).await?.ok_or(StorageError::NotFound(*id))?;
        let history = storage.history(*id, 0, 10_000).await?;
        text += &one(at, &task, &history, began, detail);
    }
    Ok(text)
}

fn one(at: usize, task: &Task, history: &[Transition], began: Timestamp, detail: Detail) -> String {
    let mut text = String::new();
    let since = |moment: Timestamp| (moment - began).num_seconds();
    let status = if detail == Detail::Stored && !task.has_ended() { "live" } else { task.status.name() };
    let _ = writeln!(text, "task {at}: {status} in {}", task.state);
    let attribute = |name: &str| task.attributes.by_name(name).map_or_else(|| "()".to_owned(), told);
    for name in ["kept", "lines", "log", "sum", "x", "y"] {
        let _ = writeln!(text, "  {name} {}", attribute(name));
    }
    if !task.output.is_unit() {
        let _ = writeln!(text, "  gave {}", told(&task.output));
    }
    if let Some(error) = &task.error {
        text += &line_of_error(&error.kind, &error.state, error.attempt);
    }
    if let (Some(at), Detail::All) = (task.wake_at, detail) {
        let _ = writeln!(text, "  wakes at {}s", since(at));
    }
    for entry in history {
        let by = entry.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let cause = serde_json::to_value(entry.cause).unwrap();
        let changes: Vec<String> = entry.changes.iter().map(|(name, change)| told_change(name, change)).collect();
        let steps: Vec<String> = entry.steps.iter().map(|step| format!("{} {}", step.call, step.outcome)).collect();
        let _ = writeln!(
            text,
            "  {}. at {}s {} → {} ({}{by}) {changes:?} {steps:?}{}",
            entry.seq,
            since(entry.at),
            entry.from,
            entry.to,
            cause.as_str().unwrap_or_default(),
            error_of_entry(entry.error.as_ref().map(|error| (error.kind.as_str(), error.attempt))),
        );
    }
    text
}

/// What became of an attribute, by the program or by the model.
pub(super) fn told_change(name: &str, change: &Change) -> String {
    match change {
        Change::Whole(old, new) => format!("{name}: {} → {}", told(old), told(new)),
        Change::Patch(operations) => format!("{name}: {operations:?}"),
    }
}

/// A value with its type and all its digits.
fn told(value: &Value) -> String {
    serde_json::to_string(&Stored(value)).unwrap()
}

/// The error of an entry. It is left out for a `failure`: the arrival there may have been stored before it.
fn error_of_entry(error: Option<(&str, u32)>) -> String {
    match error {
        None | Some(("failure", _)) => String::new(),
        Some(("timeout", _)) => " timeout".to_owned(),
        Some((kind, attempt)) => format!(" {kind}, try {attempt}"),
    }
}

/// The try of a timeout between two tries may be the one before or the one after.
fn line_of_error(kind: &str, state: &str, attempt: u32) -> String {
    if kind == "timeout" { format!("  {kind} in {state}\n") } else { format!("  {kind} in {state}, try {attempt}\n") }
}
