//! Rings: tasks that loop without any change, or without end.

use crate::expression::Failure;
use crate::task::TaskError;

use super::burst::Burst;
use super::limits::{MAX_HISTORY_ENTRIES, MAX_IDLE_MOVES};
use super::scope;

/// States of a ring that its message names.
const MAX_RING_STATES: usize = 12;

/// Fails a task that has moved too often.
pub(super) fn check(burst: &Burst<'_>) -> Result<(), TaskError> {
    let progress = &burst.task.progress;
    let most = MAX_IDLE_MOVES.max(burst.world.flow.states.len());
    let message = if progress.idle as usize >= most {
        let ring = ring(burst);
        format!("nothing has changed in {most} moves (MAX_IDLE_MOVES): the task loops through {ring} forever")
    } else if progress.seq >= MAX_HISTORY_ENTRIES {
        format!("the task has made {MAX_HISTORY_ENTRIES} moves (MAX_HISTORY_ENTRIES)")
    } else {
        return Ok(());
    };
    Err(burst.error(Failure::new("limit", message), None))
}

/// The states of the ring, in order: those that were entered about as often as the current one.
fn ring(burst: &Burst<'_>) -> String {
    let visits = &burst.task.progress.visits;
    let often = scope::visits(&burst.task) / 2;
    let names = visits.iter().filter(|(_, count)| *count > often).take(MAX_RING_STATES);
    let mut names: Vec<String> = names.map(|(name, _)| format!("`{name}`")).collect();
    names.extend(names.first().cloned());
    names.join(" → ")
}
