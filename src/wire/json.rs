//! Tasks and history as JSON, with the keys in the language's order; absent values are `null`.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::clock::{self, Timestamp};
use crate::name::Name;
use crate::opsflow::TaskEvent;
use crate::task::{Attributes, Cause, Changes, EntryError, StepSummary, Task, TaskError, TaskId, Transition};
use crate::value::Value;

/// A moment as it is printed everywhere.
#[derive(Debug)]
struct Moment(Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&clock::format(self.0))
    }
}

/// A task as it is printed: a secret is `[secret]`.
#[derive(Debug)]
pub struct TaskJson<'a>(Cow<'a, Task>);

impl<'a> From<&'a Task> for TaskJson<'a> {
    fn from(task: &'a Task) -> Self {
        Self(task.printed())
    }
}

impl Serialize for TaskJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Keys::from(&*self.0).serialize(serializer)
    }
}

/// The keys of a task, in their order.
#[derive(Serialize)]
struct Keys<'a> {
    id: TaskId,
    flow: &'a Name,
    version: u32,
    status: &'static str,
    state: &'a Name,
    attributes: &'a Attributes,
    output: &'a Value,
    error: Option<&'a TaskError>,
    parent_id: Option<TaskId>,
    queue: &'a Name,
    priority: i32,
    revision: u64,
    created_at: Moment,
    updated_at: Moment,
    wake_at: Option<Moment>,
    timeout_at: Option<Moment>,
    delete_at: Option<Moment>,
    ended_at: Option<Moment>,
}

impl<'a> From<&'a Task> for Keys<'a> {
    fn from(task: &'a Task) -> Self {
        Self {
            id: task.id,
            flow: &task.flow,
            version: task.version,
            status: task.status.name(),
            state: &task.state,
            attributes: &task.attributes,
            output: &task.output,
            error: task.error.as_deref(),
            parent_id: task.parent_id,
            queue: &task.queue,
            priority: task.priority,
            revision: task.revision,
            created_at: Moment(task.created_at),
            updated_at: Moment(task.updated_at),
            wake_at: task.wake_at.map(Moment),
            timeout_at: task.timeout_at.map(Moment),
            delete_at: task.delete_at.map(Moment),
            ended_at: task.ended_at.map(Moment),
        }
    }
}

/// A history entry as it is printed.
#[derive(Debug, Serialize)]
pub struct TransitionJson<'a> {
    seq: u64,
    at: Moment,
    from: &'a Name,
    to: &'a Name,
    cause: Cause,
    by: Option<&'a Name>,
    /// Who asked for it.
    actor: Option<&'a Name>,
    changes: &'a Changes,
    error: Option<&'a EntryError>,
    steps: &'a [StepSummary],
    ms: u64,
    #[serde(skip_serializing_if = "is_false")]
    omitted: bool,
}

impl<'a> From<&'a Transition> for TransitionJson<'a> {
    fn from(entry: &'a Transition) -> Self {
        Self {
            seq: entry.seq,
            at: Moment(entry.at),
            from: &entry.from,
            to: &entry.to,
            cause: entry.cause,
            by: entry.by.as_ref(),
            actor: entry.actor.as_deref(),
            changes: &entry.changes,
            error: entry.error.as_deref(),
            steps: &entry.steps,
            ms: entry.ms,
            omitted: entry.omitted,
        }
    }
}

/// An event as it is printed.
#[derive(Debug, Serialize)]
pub struct EventJson<'a> {
    r#type: &'static str,
    cursor: &'a str,
    task: EventTaskJson<'a>,
    entry: Option<TransitionJson<'a>>,
}

/// The task of an event.
#[derive(Debug, Serialize)]
struct EventTaskJson<'a> {
    id: TaskId,
    flow: &'a Name,
    version: u32,
    status: &'static str,
    state: &'a Name,
    revision: u64,
    parent_id: Option<TaskId>,
}

impl<'a> From<&'a TaskEvent> for EventJson<'a> {
    fn from(event: &'a TaskEvent) -> Self {
        let task = &event.task;
        Self {
            r#type: event.kind.name(),
            cursor: event.cursor.as_str(),
            task: EventTaskJson {
                id: task.id,
                flow: &task.flow,
                version: task.version,
                status: task.status.name(),
                state: &task.state,
                revision: task.revision,
                parent_id: task.parent_id,
            },
            entry: event.entry.as_ref().map(TransitionJson::from),
        }
    }
}

/// For a key that is only written if it is true.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(given: &bool) -> bool {
    !given
}

/// Tasks as an array.
pub fn tasks(tasks: &[Task]) -> Vec<TaskJson<'_>> {
    tasks.iter().map(TaskJson::from).collect()
}
