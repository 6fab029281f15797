//! New tasks.

use std::sync::Arc;

use crate::clock::{Timestamp, after};
use crate::flow::Flow;
use crate::name::Name;
use crate::task::{Attributes, Checkpoint, Definition, IndexEntry, Origin, Pins, Progress, Status, Task, TaskId};
use crate::value::Value;

use super::{Flows, timeout};

/// For how many states a new task reserves room to count visits.
const FEW_STATES: usize = 6;

/// What a new task begins with.
pub(crate) struct NewTask<'a> {
    /// Its id.
    pub(crate) id: TaskId,
    /// Its attributes, read and checked.
    pub(crate) attributes: Attributes,
    /// The task that starts it.
    pub(crate) parent: Option<&'a Task>,
    /// When.
    pub(crate) now: Timestamp,
    /// Whether it is only stored, to be run as due: status `waiting` in its first state.
    pub(crate) later: bool,
}

/// A new task of `flow`, at revision 0: not yet stored.
pub(crate) fn begin(flow: &Flow, flows: &dyn Flows, new: NewTask<'_>) -> Box<Task> {
    let NewTask { id, attributes, parent, now, later } = new;
    let state = flow.states.get(flow.start).map(|state| state.name.clone()).unwrap_or_default();
    let mut task = Box::new(Task {
        id,
        flow: flow.name.clone(),
        version: flow.version,
        digest: flow.definition.digest.clone(),
        status: if later { Status::Waiting } else { Status::Active },
        attributes,
        output: Value::Unit,
        error: None,
        parent_id: parent.map(|parent| parent.id),
        queue: flow.queue.clone(),
        priority: flow.priority,
        revision: 0,
        created_at: now,
        updated_at: now,
        wake_at: later.then_some(now),
        timeout_at: None,
        delete_at: Some(after(now, flow.delete_after)),
        ended_at: None,
        held_up_by: None,
        progress: Progress {
            seq: 0,
            history_bytes: 0,
            arrived_at: Some(now),
            attempt: 1,
            began_at: None,
            limit: None,
            recoveries: 0,
            recovered_calls: 0,
            retry_at: None,
            clock_at: None,
            idle: 0,
            visits: first_visit(flow, state.clone()),
            error: None,
            origin: parent.and_then(origin_below).map(Box::new),
            depth: parent.map_or(0, |parent| parent.progress.depth.saturating_add(1)),
            started: 0,
            pins: pins(flow, flows),
        },
        state,
    });
    task.timeout_at = Some(timeout::of_arrival(flow, &task, flow.start, now));
    task
}

/// Where a sub-task of `parent` comes from: it belongs to the same trace.
fn origin_below(parent: &Task) -> Option<Origin> {
    parent.progress.trace().map(|trace| Origin { started_by: None, trace: Some(trace.clone()) })
}

/// The first of a task's visits, with room for some more.
fn first_visit(flow: &Flow, state: Name) -> Vec<(Name, u32)> {
    let mut visits = Vec::with_capacity(flow.states.len().min(FEW_STATES));
    visits.push((state, 1));
    visits
}

/// The checkpoint that stores a new task without advancing it, with the definitions it is pinned to.
pub(crate) fn checkpoint_of_new(flow: &Flow, flows: &dyn Flows, mut task: Box<Task>) -> Checkpoint {
    task.revision = 1;
    Checkpoint { index: index_of_new(flow, &task), definitions: definitions(flow, flows), ..Checkpoint::of(task) }
}

/// The current definitions of the flows that `flow` starts by a literal name.
pub(super) fn pins(flow: &Flow, flows: &dyn Flows) -> Pins {
    let found = flow.starts.iter().filter_map(|name| flows.flow(name));
    found.map(|started| (started.name.clone(), started.definition.digest.clone())).collect()
}

/// The definitions a new task of `flow` is pinned to.
pub(super) fn definitions(flow: &Flow, flows: &dyn Flows) -> Vec<Arc<Definition>> {
    let started = flow.starts.iter().filter_map(|name| flows.flow(name));
    let mut all = vec![Arc::clone(&flow.definition)];
    all.extend(started.map(|started| Arc::clone(&started.definition)));
    all
}

/// The records under which a new task is found; none if its flow has no index.
pub(super) fn index_of_new(flow: &Flow, task: &Task) -> Option<Vec<IndexEntry>> {
    (!flow.index.is_empty()).then(|| index(flow, &task.attributes))
}

/// The records that the indexed attributes name.
pub(super) fn index(flow: &Flow, attributes: &Attributes) -> Vec<IndexEntry> {
    let mut entries = Vec::new();
    for slot in &flow.index {
        let Some(attribute) = flow.attributes.get(*slot) else { continue };
        let mut add = |record: &Value| {
            if let (Some(kind), Some(id)) = (record.get("type"), record.get("id")) {
                let (kind, id) = (kind.to_text().into(), id.to_text().into());
                entries.push(IndexEntry { kind, id, attribute: attribute.name.clone() });
            }
        };
        match attributes.get(*slot) {
            Value::List(records) => records.iter().for_each(add),
            record => add(record),
        }
    }
    entries.sort();
    entries.dedup();
    entries
}
