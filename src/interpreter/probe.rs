//! A probe watches a burst: which states the task enters, which conditions are evaluated, which branches are taken.
//! Only tests of flows use one.

use crate::expression::{Failure, OutsideRef, Ran};
use crate::flow::{Flow, PlacedScript, StateId};
use crate::name::Name;
use crate::task::Task;

use super::World;
use super::execution::{Execution, calls_nothing};
use super::scope::View;

/// Watches bursts.
pub(crate) trait Probe: Sync {
    /// A state is handled, called once per visit; or reached, where nothing more is handled.
    fn state(&self, flow: &Flow, state: StateId);
    /// The task comes to a state, also to the one that it left.
    fn arrival(&self, state: &Name);
    /// The body of an action runs from its start: for the first time, in another try, or because a step has its
    /// outcome.
    fn body(&self);
    /// An expression was evaluated, or a body was run, to the end.
    fn expression(&self, flow: &Flow, expression: &PlacedScript, seen: Seen);
    /// A branch out of a state was taken.
    fn way(&self, flow: &Flow, state: StateId, way: Way);
    /// Whether a burst ends as soon as the task has moved.
    fn one_state(&self) -> bool;
}

/// The result of an expression.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Seen {
    /// A condition held.
    True,
    /// A condition did not hold.
    False,
    /// An expression gave a value, or a body finished.
    Done,
}

/// A branch out of a state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Way {
    /// The only one, or that of a successful action.
    Next,
    /// `if_true`.
    Yes,
    /// `if_false`.
    No,
    /// A branch of a decision or a wait, by number.
    Branch(usize),
    /// A failed action is tried again.
    Again,
    /// The tries of a failed action are exhausted.
    Exhausted,
    /// A branch of `on_error`, by number.
    Error(usize),
    /// A timeout struck.
    Timeout,
    /// An interaction was applied, by number.
    Interaction(usize),
    /// A task of an earlier version was moved here, by the number of the entry of `migrate`.
    Migration(usize),
    /// A task was started by the schedule.
    Schedule,
}

impl Execution<'_> {
    /// Reports a branch out of the current state.
    pub(super) fn takes(&self, way: Way) {
        self.took(self.state, way);
    }

    /// Reports a branch out of a state.
    pub(super) fn took(&self, state: StateId, way: Way) {
        if let Some(probe) = self.world.probe {
            probe.way(self.world.flow, state, way);
        }
    }

    /// Reports an evaluated expression.
    pub(super) fn saw(&self, expression: &PlacedScript, seen: Seen) {
        if let Some(probe) = self.world.probe {
            probe.expression(self.world.flow, expression, seen);
        }
    }
}

/// Whether a condition holds for a task as it is now. `error` is that of the failed task.
pub(crate) fn holds(world: &World<'_>, task: &Task, condition: &PlacedScript) -> Result<bool, Failure> {
    let state = world.flow.state_ids.get(&task.state).copied().unwrap_or(world.flow.start);
    let execution = Execution::new(world, Box::new(task.clone()), state);
    let view = View { error: task.error.as_deref().or(task.progress.error.as_deref()), ..execution.view() };
    let effects = execution.effects(condition, execution.now).map(|effects| effects as OutsideRef);
    match condition.script.condition(&view, effects.as_ref()) {
        Ran::Done(holds) => Ok(holds),
        Ran::Failed(failure) => {
            let (kind, message) = (execution.secrets.name(failure.kind), execution.secrets.text(failure.message));
            Err(Failure { kind, message, ..failure })
        }
        Ran::Stopped => Err(calls_nothing()),
    }
}
