//! Sub-tasks on the stage: those that run, and those whose outcome a mock decides.

use crate::clock::{Timestamp, after};
use crate::diagnostic::Span;
use crate::duration::Duration;
use crate::flow::{Flow, MockFailure, StateKind};
use crate::interpreter::Trigger;
use crate::name::Name;
use crate::task::{Status, Task, TaskError, TaskId};
use crate::value::{Map, Value};

use super::super::answers::{Ends, Halt};
use super::{Stage, Stopped};

/// The default kind of a mock's error.
const KIND: &str = "failure";

/// The outcome of a mocked sub-task, when its time has come.
pub(super) struct Ending {
    status: Status,
    state: Option<Name>,
    attributes: Map,
    output: Value,
    error: Option<MockFailure>,
    /// How long after its start.
    after: Duration,
    /// The place of the mock.
    span: Span,
}

impl Stage {
    /// Adds a sub-task that `parent` has started.
    pub(super) fn start(&mut self, parent: TaskId, task: Task) -> Result<(), Halt> {
        let Some(flow) = self.flows.flow(&task.flow) else { return Err(Halt::new("a flow is gone")) };
        let given = Value::map(task.attributes.iter().map(|(name, value, _)| (name.clone(), value.clone())));
        if self.order.first() == Some(&parent) {
            self.started.push((task.flow.clone(), given.clone()));
        }
        let id = task.id;
        let Some((ends, takes, span)) = self.answers.start(&task.flow, &given)? else {
            self.add(task, flow, false);
            return Ok(());
        };
        let ending = Ending::read(ends, span);
        let later = ending.after.max(takes);
        self.add(task, flow, true);
        let now = self.now();
        if let Some(held) = self.tasks.get_mut(&id) {
            (held.task.status, held.task.wake_at) = (Status::Waiting, None);
        }
        if later <= Duration::ZERO {
            return self.end(id, &ending);
        }
        self.endings.push((after(now, later), id, ending));
        Ok(())
    }

    /// Ends the mocked sub-tasks whose time has come, and looks at their parents.
    pub(super) fn end_what_is_due(&mut self) -> Result<(), Stopped> {
        let now = self.now();
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.endings).into_iter().partition(|(at, ..): &(Timestamp, _, _)| *at <= now);
        self.endings = later;
        for (_, id, ending) in due {
            self.end(id, &ending)?;
            let parent = self.tasks.get(&id).and_then(|held| held.task.parent_id);
            let parent = parent.and_then(|parent| self.tasks.get(&parent)).filter(|parent| self.is_waiting(parent));
            if let Some(parent) = parent.map(|parent| parent.task.id) {
                self.drive(parent, Trigger::Due)?;
            }
        }
        Ok(())
    }

    fn is_waiting(&self, parent: &super::Held) -> bool {
        parent.wakes > 0 && parent.task.status == Status::Waiting && !self.is_left
    }

    /// Gives a mocked sub-task the outcome of its mock.
    fn end(&mut self, id: TaskId, ending: &Ending) -> Result<(), Halt> {
        let now = self.now();
        let Some(held) = self.tasks.get_mut(&id) else { return Ok(()) };
        let (task, flow) = (&mut held.task, &held.flow);
        for (name, value) in &ending.attributes {
            let Some((slot, attribute)) = flow.attributes.slot(name).and_then(|s| Some((s, flow.attributes.get(s)?)))
            else {
                return Err(ending.halt(format!("flow `{}`, which is mocked, has no attribute `{name}`", flow.name)));
            };
            let value = attribute.rules.read(value);
            let value =
                value.map_err(|why| ending.halt(format!("the mock of `{}`: {}", flow.name, why.of(attribute))))?;
            task.attributes.set(slot, value);
        }
        task.status = ending.status;
        task.state =
            ending.state.clone().or_else(|| last_state(flow, ending.status)).unwrap_or_else(|| task.state.clone());
        task.output = ending.output.clone();
        let error = || task_error(task, ending.error.clone().unwrap_or_default());
        task.error = (ending.status == Status::Failed).then(|| Box::new(error()));
        let parent = task.parent_id.filter(|_| ending.status.has_ended());
        if ending.status.has_ended() {
            task.ended_at = Some(now);
        }
        if let Some(parent) = parent {
            self.wake(parent);
        }
        Ok(())
    }
}

impl Ending {
    /// A problem with the mock, at its place.
    fn halt(&self, message: String) -> Halt {
        Halt { span: Some(self.span), ..Halt::new(message) }
    }

    fn read(ends: Ends, span: Span) -> Self {
        let map = match ends {
            Ends::So(map) => map,
            Ends::Fails(failure) => {
                return Self {
                    status: Status::Failed,
                    state: None,
                    attributes: Map::new(),
                    output: Value::Unit,
                    error: Some(failure),
                    after: Duration::ZERO,
                    span,
                };
            }
        };
        let error = map.get("error").map(failure);
        let named = map.get("status").and_then(Value::as_str);
        let status = named.and_then(|named| Status::ALL.into_iter().find(|status| status.name() == named));
        let meant = if error.is_some() { Status::Failed } else { Status::Completed };
        Self {
            status: status.unwrap_or(meant),
            state: map.get("state").and_then(Value::as_str).map(Name::from),
            attributes: match map.get("attributes") {
                Some(Value::Map(attributes)) => Map::clone(attributes),
                _ => Map::new(),
            },
            output: map.get("output").cloned().unwrap_or_default(),
            error,
            after: map.get("after").and_then(|after| after.to_text().parse().ok()).unwrap_or(Duration::ZERO),
            span,
        }
    }
}

/// An error as written in a mock: its message, or its fields.
fn failure(error: &Value) -> MockFailure {
    let text = |field: &str| error.get(field).map(Value::to_text);
    match error {
        Value::Map(_) => MockFailure {
            kind: text("kind").map(Name::from),
            message: text("message"),
            data: error.get("data").cloned().unwrap_or_default(),
        },
        other => MockFailure { message: Some(other.to_text()), ..MockFailure::default() },
    }
}

fn task_error(task: &Task, failure: MockFailure) -> TaskError {
    TaskError {
        kind: failure.kind.unwrap_or_else(|| KIND.into()),
        message: failure.message.unwrap_or_else(|| format!("`{}` failed, as its mock says", task.flow)),
        state: task.state.clone(),
        attempt: 1,
        at: None,
        data: failure.data,
    }
}

/// The first state in which a task of a flow can end with `status`.
fn last_state(flow: &Flow, status: Status) -> Option<Name> {
    let fits = |kind: &StateKind| match status {
        Status::Completed => matches!(kind, StateKind::Result(_)),
        Status::Failed => matches!(kind, StateKind::Failure(_)),
        _ => false,
    };
    flow.states.iter().find(|state| fits(&state.kind)).map(|state| state.name.clone())
}
