//! New tasks.

use crate::clock::Timestamp;
use crate::flow::Flow;
use crate::task::{Attributes, Checkpoint, Task, TaskId};

use super::Flows;

/// What a new task begins with.
pub(crate) struct Birth<'a> {
    /// Its id.
    pub(crate) id: TaskId,
    /// Its attributes, read and checked.
    pub(crate) attributes: Attributes,
    /// The task that starts it.
    pub(crate) parent: Option<&'a Task>,
    /// When.
    pub(crate) now: Timestamp,
    /// Whether it is left to whoever takes it: status `waiting` in its first state, due now.
    pub(crate) later: bool,
}

/// A new task of `flow`, at revision 0: not yet stored.
pub(crate) fn begin(flow: &Flow, flows: &dyn Flows, birth: Birth<'_>) -> Task {
    let _ = (flow, flows, birth);
    todo!("being written")
}

/// What stores a new task as it is, not advanced, with the definitions it is pinned to.
pub(crate) fn checkpoint_of_new(flow: &Flow, flows: &dyn Flows, task: Task) -> Checkpoint {
    let _ = (flow, flows, task);
    todo!("being written")
}
