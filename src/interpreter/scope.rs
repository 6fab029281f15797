//! What a task's script can read.

use std::cell::Cell;

use crate::expression::{Failure, Scope, Variable};
use crate::task::{Attributes, Hidden, MAX_SUB_TASKS_BYTES, Status, Task, TaskError};
use crate::value::Value;

/// A script's view of its task.
pub(super) struct View<'a> {
    pub(super) task: &'a Task,
    /// The stored sub-tasks, and those that will be stored with the burst.
    pub(super) sub_tasks: [&'a [Task]; 2],
    /// Whether some are missing there, because they hold too much.
    pub(super) sub_tasks_too_heavy: bool,
    pub(super) params: Option<&'a Attributes>,
    /// The error that led here, or that is being handled.
    pub(super) error: Option<&'a TaskError>,
    pub(super) item: Option<(&'a Value, usize)>,
    /// The operations left for the handler.
    pub(super) operations: Option<&'a Cell<u64>>,
    /// Collects the secrets that a script assigns.
    pub(super) secrets: Option<&'a Hidden>,
}

impl<'a> View<'a> {
    /// A view without parameters and items; `error` is the one that led to the task's state.
    pub(super) fn new(task: &'a Task, sub_tasks: [&'a [Task]; 2]) -> Self {
        Self {
            task,
            sub_tasks,
            sub_tasks_too_heavy: false,
            params: None,
            error: task.progress.error.as_deref(),
            item: None,
            operations: None,
            secrets: None,
        }
    }

    fn views(&self, among: impl Fn(Status) -> bool) -> Value {
        Value::list(self.sub_tasks.into_iter().flatten().filter(|task| among(task.status)).map(of_sub_task).collect())
    }
}

impl Scope for View<'_> {
    fn operations_left(&self) -> Option<&Cell<u64>> {
        self.operations
    }

    fn refusal(&self, variables: &[Variable]) -> Option<Failure> {
        let looks = self.sub_tasks_too_heavy && variables.iter().any(|variable| variable.is_sub_tasks());
        looks.then(|| {
            let message = format!(
                "the sub-tasks that a script looks at may hold {MAX_SUB_TASKS_BYTES} bytes in all (MAX_SUB_TASKS_BYTES)"
            );
            Failure::new("limit", message)
        })
    }

    fn attribute(&self, slot: usize) -> &Value {
        self.task.attributes.get(slot)
    }

    fn assigned(&self, slot: usize, value: &Value) {
        let attribute = self.task.attributes.set_of().get(slot).filter(|attribute| attribute.rules.holds_secret());
        if let (Some(secrets), Some(attribute)) = (self.secrets, attribute) {
            secrets.add_value(&attribute.rules, value);
        }
    }

    fn variable(&self, variable: Variable) -> Value {
        match variable {
            Variable::Task => of_task(self.task),
            Variable::Params => self.params.map(params).unwrap_or_default(),
            Variable::Error => self.error.map(of_error).unwrap_or_default(),
            Variable::Item => self.item.map(|(item, _)| item.clone()).unwrap_or_default(),
            Variable::Index => self.item.map(|(_, index)| whole(index as u64)).unwrap_or_default(),
            Variable::SubTasks => self.views(|_| true),
            Variable::ActiveSubTasks => self.views(|status| !status.has_ended()),
            Variable::CompletedSubTasks => self.views(|status| status == Status::Completed),
            Variable::FailedSubTasks => self.views(|s| matches!(s, Status::Failed | Status::Cancelled)),
        }
    }
}

fn whole(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// How often the task has entered its state.
pub(super) fn visits(task: &Task) -> u32 {
    task.progress.visits.iter().find(|(state, _)| *state == task.state).map_or(1, |(_, count)| *count)
}

/// Identifies this visit of this state, the same in every try.
fn key(task: &Task) -> String {
    format!("{}:{}:{}", task.id, task.state, visits(task))
}

fn of_task(task: &Task) -> Value {
    Value::map([
        ("id", Value::from(task.id.to_string())),
        ("flow", Value::text(&task.flow)),
        ("version", Value::Integer(task.version.into())),
        ("state", Value::text(&task.state)),
        ("created_at", Value::DateTime(task.created_at.fixed_offset())),
        ("parent_id", task.parent_id.map(|id| Value::from(id.to_string())).unwrap_or_default()),
        ("attempt", Value::Integer(task.progress.attempt.into())),
        ("visits", Value::Integer(visits(task).into())),
        ("key", Value::from(key(task))),
    ])
}

/// `error`, as scripts see it.
pub(super) fn of_error(error: &TaskError) -> Value {
    Value::map([
        ("kind", Value::text(&error.kind)),
        ("message", Value::text(&error.message)),
        ("state", Value::text(&error.state)),
        ("attempt", Value::Integer(error.attempt.into())),
        ("data", error.data.clone()),
    ])
}

/// Parameters, each by name; `()` for one that was not given.
fn params(params: &Attributes) -> Value {
    let set = params.set_of();
    Value::map(set.iter().enumerate().map(|(slot, param)| (param.name.clone(), params.get(slot).clone())))
}

fn of_sub_task(task: &Task) -> Value {
    let is = |status: Status| Value::Boolean(task.status == status);
    let attributes = task.attributes.iter().map(|(name, value, _)| (name.clone(), value.clone()));
    Value::map([
        ("id", Value::from(task.id.to_string())),
        ("flow", Value::text(&task.flow)),
        ("state", Value::text(&task.state)),
        ("status", Value::text(task.status.name())),
        ("completed", is(Status::Completed)),
        ("failed", Value::Boolean(matches!(task.status, Status::Failed | Status::Cancelled))),
        ("waiting", is(Status::Waiting)),
        ("active", Value::Boolean(!task.status.has_ended())),
        ("attributes", Value::map(attributes)),
        ("output", task.output.clone()),
        ("error", task.error.as_deref().map(of_error).unwrap_or_default()),
    ])
}
