//! What may be heard of a burst while it runs: where the task came, what was asked, and which way was taken. Who tests a
//! flow listens; else nobody does.

use crate::expression::{Failure, OutsideRef, Ran};
use crate::flow::{Flow, PlacedScript, StateId};
use crate::task::Task;

use super::World;
use super::burst::{Burst, calls_nothing};
use super::scope::View;

/// Hears of bursts.
pub(crate) trait Probe: Sync {
    /// A state is handled, once for each visit.
    fn state(&self, flow: &Flow, state: StateId);
    /// The body of an action runs, from its beginning: for the first time, in another try, or because a step has its
    /// outcome.
    fn body(&self);
    /// An expression was evaluated to its end, or a body run to its end.
    fn expression(&self, flow: &Flow, expression: &PlacedScript, seen: Seen);
    /// A way out of a state was taken.
    fn way(&self, flow: &Flow, state: StateId, way: Way);
    /// Whether a burst ends as soon as the task has moved.
    fn one_state(&self) -> bool;
}

/// What came of an expression.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Seen {
    /// A condition held.
    True,
    /// A condition did not hold.
    False,
    /// A value was given, or a body has done all it does.
    Done,
}

/// A way out of a state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Way {
    /// The only one, or that of an action that went well.
    Next,
    /// Where yes leads.
    Yes,
    /// Where no leads.
    No,
    /// A branch of a decision or a wait, by number.
    Branch(usize),
    /// A failed action is tried again.
    Again,
    /// The tries of a failed action are exhausted.
    Exhausted,
    /// A branch of `on_error`, by number.
    Error(usize),
    /// A timeout has struck.
    Timeout,
    /// An interaction was applied, by number.
    Interaction(usize),
}

impl Burst<'_> {
    /// Tells of a way out of the state the task is in.
    pub(super) fn takes(&self, way: Way) {
        self.took(self.state, way);
    }

    /// Tells of a way out of a state.
    pub(super) fn took(&self, state: StateId, way: Way) {
        if let Some(probe) = self.world.probe {
            probe.way(self.world.flow, state, way);
        }
    }

    /// Tells of an expression that was evaluated.
    pub(super) fn saw(&self, expression: &PlacedScript, seen: Seen) {
        if let Some(probe) = self.world.probe {
            probe.expression(self.world.flow, expression, seen);
        }
    }
}

/// Whether a condition holds for a task as it is now. `error` is that of a task that failed.
pub(crate) fn holds(world: &World<'_>, task: &Task, condition: &PlacedScript) -> Result<bool, Failure> {
    let state = world.flow.state_ids.get(&task.state).copied().unwrap_or(world.flow.start);
    let burst = Burst::new(world, Box::new(task.clone()), state);
    let view = View { error: task.error.as_deref().or(task.progress.error.as_deref()), ..burst.view() };
    let door = burst.door(condition, burst.now).map(|door| door as OutsideRef);
    match condition.script.condition(&view, door.as_ref()) {
        Ran::Done(holds) => Ok(holds),
        Ran::Failed(failure) => {
            let (kind, message) = (burst.secrets.name(failure.kind), burst.secrets.text(failure.message));
            Err(Failure { kind, message, ..failure })
        }
        Ran::Stopped => Err(calls_nothing()),
    }
}
