//! Timeouts: when they come, and what happens then.

use crate::clock::{Timestamp, after};
use crate::duration::Duration;
use crate::expression::{Failure, OutsideRef, Ran};
use crate::flow::{Flow, PlacedScript, StateId, StateKind};
use crate::task::{Cause, Changes, Task, TaskError};

use super::entry::Entry;
use super::execution::{AfterHandler, Execution, calls_nothing};
use super::probe::{Seen, Way};

/// When a task that arrives in `state` times out: after the wait's own timeout, or when the flow's strikes.
pub(super) fn of_arrival(flow: &Flow, task: &Task, state: StateId, arrived: Timestamp) -> Timestamp {
    match own(flow, state) {
        Some(timeout) => after(arrived, timeout),
        None => after(clock(task), flow.timeout),
    }
}

/// When the flow's timeout began to count.
pub(super) fn clock(task: &Task) -> Timestamp {
    task.progress.clock_at.unwrap_or(task.created_at)
}

/// The timeout that a wait has instead of the flow's.
pub(super) fn own(flow: &Flow, state: StateId) -> Option<Duration> {
    match flow.states.get(state).map(|state| &state.kind) {
        Some(StateKind::Wait(wait)) => wait.timeout,
        _ => None,
    }
}

/// Handles a timeout: `on_timeout` says what happens, else the task fails.
pub(super) fn strike(execution: &mut Execution<'_>) -> AfterHandler {
    execution.takes(Way::Timeout);
    // A wake that found the timeout has had its effect.
    execution.by_hand = false;
    let flow = execution.world.flow;
    let entry = Entry::new(Cause::Timeout, execution.now);
    let (whose, timeout) = own(flow, execution.state).map_or(("the flow's", flow.timeout), |timeout| ("its", timeout));
    let Some(on_timeout) = &flow.on_timeout else {
        let message = format!("it did not end within {whose} timeout of {timeout}");
        let error = execution.error(Failure::new("timeout", message), None);
        return execution.fail(error, entry);
    };
    let changes = match on_timeout.action.as_ref().map(|action| execution.body(action, None)).transpose() {
        Ok(changes) => changes.unwrap_or_default(),
        Err(error) => return execution.fail(error, Entry { cause: Cause::Error, ..entry }),
    };
    let entry = Entry { changes, ..entry };
    // The timeout starts anew; otherwise the next wait would time out at once.
    execution.task.progress.clock_at = Some(execution.now);
    match on_timeout.go_to {
        Some(to) => execution.go(to, entry),
        None => {
            execution.task.timeout_at = Some(after(execution.now, timeout));
            execution.stay(entry);
            AfterHandler::Continue(())
        }
    }
}

impl Execution<'_> {
    /// Runs a body that calls no capability: that of an interaction, or of a timeout. It takes effect entirely or not
    /// at all.
    pub(super) fn body(
        &mut self,
        script: &PlacedScript,
        params: Option<&crate::task::Attributes>,
    ) -> Result<Changes, TaskError> {
        if let Some(params) = params {
            self.secrets.add(params);
        }
        self.refill();
        let effects = self.effects(script, self.now);
        let outside = effects.clone().map(|effects| effects as OutsideRef);
        let view = super::scope::View { params, ..self.view() };
        let ran = script.script.run(&view, outside.as_ref());
        let did = effects.map(|effects| effects.borrow_mut().take());
        match ran {
            Ran::Done(assigned) => {
                let changes = self.assign(assigned, script).map_err(|why| self.error(why, Some(script)))?;
                self.saw(script, Seen::Done);
                if let Some(did) = did {
                    self.add_logs(did.logs);
                    self.add_sub_tasks(did.started);
                }
                Ok(changes)
            }
            Ran::Failed(why) => Err(self.error(why, Some(script))),
            Ran::Stopped => Err(self.error(calls_nothing(), Some(script))),
        }
    }
}
