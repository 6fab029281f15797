//! What `show` prints besides the stored task: who holds it, what it waits for, and what can be done to it.

use std::fmt::Write as _;

use crate::flow::Interaction;
use crate::opsflow::InProgress;
use crate::storage::Filter;
use crate::task::{Status, Task};

use super::super::exit::Failure;
use super::super::screen::{STRONG, plain};
use super::super::session::Running;
use super::super::time::Times;
use super::super::waits::{allowed, is_asleep, sleep};
use super::row;

/// The lines about the current situation.
pub(super) async fn lines(running: &Running, task: &Task, times: Times) -> Result<String, Failure> {
    let mut text = String::new();
    let flow = running.ops.flow_of(task).await.ok();
    if is_asleep(task) {
        row(&mut text, "waits", &sleep(task, flow.as_deref()));
    }
    if task.progress.started > 0 {
        row(&mut text, "sub-tasks", &sub_tasks(running, task).await?);
    }
    let InProgress { steps, held, .. } = running.ops.in_progress(task.id).await?;
    if let Some(began) = task.progress.began_at {
        let last = steps.last().map(|step| format!(", the last `{}`", step.function)).unwrap_or_default();
        let done = format!("try {} of `{}`, begun {}", task.progress.attempt, task.state, times.both(began));
        row(&mut text, "under way", &format!("{done}; {} calls done{last}", steps.len()));
    }
    if let Some(held) = held {
        let holder = held.holder.as_deref().unwrap_or("another process");
        // The holder of a claim that is over has died or stalled.
        let until = if times.is_past(held.until) { "its claim ended" } else { "until" };
        row(&mut text, "held by", &format!("{holder}, {until} {}", times.both(held.until)));
        if let Some(call) = &held.call {
            row(&mut text, "calls", &format!("`{}` since {}", call.function, times.both(call.since)));
        }
    }
    let allowed = flow.as_deref().map(|flow| allowed(flow, task)).unwrap_or_default();
    if !allowed.is_empty() {
        let _ = writeln!(text, "interactions");
    }
    for interaction in allowed {
        let about = interaction.description.as_deref().map(|about| format!("  {}", plain(about.trim())));
        let name = plain(interaction.name.as_str());
        let _ = writeln!(text, "  {STRONG}{name}{STRONG:#}{}{}", params(interaction), about.unwrap_or_default());
    }
    Ok(text)
}

/// The parameters of an interaction.
fn params(interaction: &Interaction) -> String {
    let each = interaction.params.iter().map(|param| {
        let required = if param.rules.required && param.default.is_none() { ", required" } else { "" };
        format!(" --set {}=… ({}{required})", param.name, param.rules.kind)
    });
    each.collect()
}

/// The number of sub-tasks in each status.
async fn sub_tasks(running: &Running, task: &Task) -> Result<String, Failure> {
    let mut counted = Vec::new();
    for status in Status::ALL {
        let filter = Filter { parent_id: Some(task.id), statuses: vec![status], ..Filter::default() };
        let count = running.ops.count(&filter).await?;
        if count > 0 {
            counted.push(format!("{count} {}", status.name()));
        }
    }
    Ok(if counted.is_empty() { "none stored any more".to_owned() } else { counted.join(", ") })
}
