//! Cycles: tasks that loop without any change, or without end.

use crate::expression::Failure;
use crate::task::TaskError;

use super::execution::Execution;
use super::limits::{MAX_HISTORY_ENTRIES, MAX_IDLE_MOVES};
use super::scope;

/// States of a cycle that its message names.
const MAX_CYCLE_STATES: usize = 12;

/// Fails a task that has moved too often.
pub(super) fn check(execution: &Execution<'_>) -> Result<(), TaskError> {
    let progress = &execution.task.progress;
    let most = MAX_IDLE_MOVES.max(execution.world.flow.states.len());
    let message = if progress.idle as usize >= most {
        let cycle = cycle(execution);
        format!("nothing has changed in {most} moves (MAX_IDLE_MOVES): the task loops through {cycle} forever")
    } else if progress.seq >= MAX_HISTORY_ENTRIES {
        format!("the task has made {MAX_HISTORY_ENTRIES} moves (MAX_HISTORY_ENTRIES)")
    } else {
        return Ok(());
    };
    Err(execution.error(Failure::new("limit", message), None))
}

/// The states of the cycle, in order: those that were entered about as often as the current one.
fn cycle(execution: &Execution<'_>) -> String {
    let visits = &execution.task.progress.visits;
    let often = scope::visits(&execution.task) / 2;
    let names = visits.iter().filter(|(_, count)| *count > often).take(MAX_CYCLE_STATES);
    let mut names: Vec<String> = names.map(|(name, _)| format!("`{name}`")).collect();
    names.extend(names.first().cloned());
    names.join(" → ")
}
