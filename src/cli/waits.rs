//! What a task waits for, and what can be done to it.

use crate::clock;
use crate::flow::{Flow, Interaction};
use crate::task::{Status, Task};
use crate::wire::ShortIds;

/// The interactions that are allowed now.
pub(super) fn allowed<'f>(flow: &'f Flow, task: &Task) -> Vec<&'f Interaction> {
    let state = flow.states.iter().position(|state| state.name == task.state);
    let is_busy = task.status.has_ended() || task.progress.began_at.is_some();
    let is_allowed = |interaction: &&Interaction| match (&interaction.when, state) {
        (Some(when), Some(state)) => when.contains(&state),
        (Some(_), None) => false,
        (None, _) => true,
    };
    if is_busy { Vec::new() } else { flow.interactions.iter().filter(is_allowed).collect() }
}

/// The state in which a task sleeps, until when, and what can end its sleep earlier.
pub(super) fn sleep(task: &Task, flow: Option<&Flow>) -> String {
    let timeout = task.timeout_at.filter(|_| !task.status.has_ended());
    let is_retry = task.progress.retry_at.is_some() && task.progress.retry_at == task.wake_at;
    let until = match task.wake_at.or(timeout) {
        Some(at) if is_retry => format!(" until {}, its next try", clock::format(at)),
        Some(at) if Some(at) == timeout => format!(" until {}, its timeout", clock::format(at)),
        Some(at) => format!(" until {}", clock::format(at)),
        None => String::new(),
    };
    let names: Vec<String> =
        flow.map(|flow| allowed(flow, task)).unwrap_or_default().iter().map(|one| format!("`{}`", one.name)).collect();
    let or = if until.is_empty() { " until" } else { ", or" };
    let names = if names.is_empty() { String::new() } else { format!("{or} {}", names.join(" or ")) };
    let timeout = timeout.filter(|at| task.wake_at.is_some_and(|wake| wake != *at));
    let timeout = timeout.map(|at| format!("; times out at {}", clock::format(at))).unwrap_or_default();
    format!("sleeps in `{}`{until}{names}{timeout}", task.state)
}

/// The same, with the task named.
pub(super) fn named_sleep(task: &Task, flow: Option<&Flow>) -> String {
    format!("task {} {}", ShortIds::one(task.id), sleep(task, flow))
}

/// Whether it sleeps.
pub(super) fn is_asleep(task: &Task) -> bool {
    task.status == Status::Waiting
}
