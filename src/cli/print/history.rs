//! The history of a task, as a table.

use crate::flow::StateKind;
use crate::task::{Cause, Change, Operation, Task, Transition};
use crate::value::Value;
use crate::wire::TransitionJson;

use super::super::exit::Failure;
use super::super::moves;
use super::super::screen::{BAD, FAINT, Screen, plain};
use super::super::session::Running;
use super::super::table::{Cell, Table};
use super::super::time::Times;

/// Characters of a value in a narrow table.
const MAX_CELL: usize = 40;
/// One value may take this fraction of the screen: 1 / `SHARE`.
const SHARE: usize = 3;

/// Prints history: an array, or a table.
pub(in crate::cli) fn history(screen: Screen, entries: &[Transition]) -> Result<(), Failure> {
    if screen.json {
        return screen.json(&entries.iter().map(TransitionJson::from).collect::<Vec<_>>());
    }
    if entries.is_empty() {
        screen.aside("nothing has happened yet\n");
        return Ok(());
    }
    let width = screen.columns();
    let most = width.map_or(MAX_CELL, |width| MAX_CELL.max(width / SHARE));
    let mut table = Table::new(["SEQ", "AT", "FROM", "TO", "CAUSE", "BY", "MS"]).with_detail("CHANGES");
    let times = Times::now(screen.utc);
    for entry in entries {
        let cells = vec![
            entry.seq.to_string().into(),
            times.cell(entry.at).into(),
            Cell::cut(entry.from.as_str()),
            Cell::cut(entry.to.as_str()),
            entry.cause.name().into(),
            Cell::cut(entry.by.as_ref().map(|by| plain(by)).unwrap_or_default()),
            entry.ms.to_string().into(),
        ];
        table.row(cells, changes(entry, most));
        if let Some(error) = &entry.error {
            let is_one_of_many = entry.cause == Cause::Retry || error.attempt > 1;
            let which = if is_one_of_many { format!("try {}: ", error.attempt) } else { String::new() };
            let at = error.at.as_ref().map(|at| format!("  {}:{}:{}", plain(&at.file), at.line, at.column));
            table.note(BAD, format!("✗ {which}{}{}", moves::reason(error), at.unwrap_or_default()));
        }
        if entry.omitted {
            table.note(FAINT, "changes and steps are not kept (MAX_HISTORY_BYTES)".to_owned());
        }
    }
    screen.result(&table.lines(width))
}

/// Entries that are searched for the latest error.
const MAX_LOOKED_THROUGH: u64 = 1_000;

/// The row about the latest error that did not end the task: a failed try, or an error that was caught.
pub(in crate::cli) async fn tried(
    screen: Screen,
    running: &Running,
    task: &Task,
) -> Result<Option<(&'static str, String)>, Failure> {
    if task.error.is_some() {
        return Ok(None);
    }
    let after = task.progress.seq.saturating_sub(MAX_LOOKED_THROUGH);
    let entries = running.ops.history_after(task.id, after, MAX_LOOKED_THROUGH as usize).await?;
    let Some((entry, error)) = entries.iter().rev().find_map(|entry| Some((entry, entry.error.as_ref()?))) else {
        return Ok(None);
    };
    let (why, times) = (moves::reason(error), Times::now(screen.utc));
    if entry.cause != Cause::Retry || entry.to != task.state {
        return Ok(Some(("last error", format!("{why} in `{}`, at {}", entry.from, times.both(entry.at)))));
    }
    let flow = running.ops.flow_of(task).await.ok();
    let state = flow.as_ref().and_then(|flow| flow.states.get(*flow.state_ids.get(&task.state)?));
    let of = match state.map(|state| &state.kind) {
        Some(StateKind::Action(action)) => action.retry.as_ref().map(|retry| format!(" of {}", retry.attempts)),
        _ => None,
    };
    let again = task.progress.retry_at.map(|at| format!(", again at {}", times.both(at)));
    let (of, again) = (of.unwrap_or_default(), again.unwrap_or_default());
    Ok(Some(("tried", format!("{}{of} failed: {why}{again}", error.attempt))))
}

/// The changes, and the steps taken, on one line.
fn changes(entry: &Transition, most: usize) -> String {
    let changed = entry.changes.iter().map(|(name, change)| match change {
        Change::Whole(Value::Unit, new) => format!("{name} = {}", cell(new, most)),
        Change::Whole(old, new) => format!("{name}: {} → {}", cell(old, most), cell(new, most)),
        Change::Patch(operations) => patch(name, operations, most),
    });
    let steps = entry.steps.iter().map(|step| format!("{} {} ({} ms)", step.call, plain(&step.outcome), step.ms));
    changed.chain(steps).collect::<Vec<_>>().join("; ")
}

/// Operations of a patch that are shown.
const MAX_OPERATIONS: usize = 3;

/// What became of a large value: its first operations.
fn patch(name: &str, operations: &[Operation], most: usize) -> String {
    let shown = operations.iter().take(MAX_OPERATIONS).map(|operation| {
        let path = plain(operation.path());
        match operation {
            Operation::Add { value, .. } => format!("{name}{path} + {}", cell(value, most)),
            Operation::Remove { .. } => format!("{name}{path} removed"),
            Operation::Replace { value, .. } => format!("{name}{path} = {}", cell(value, most)),
            Operation::Splice { at, remove, insert, .. } => {
                let removed = if *remove > 0 { format!(" −{remove}") } else { String::new() };
                format!("{name}{path} at {at}{removed} + {}", cell(&Value::text(insert), most))
            }
        }
    });
    let mut shown: Vec<String> = shown.collect();
    match operations.len().checked_sub(MAX_OPERATIONS) {
        None | Some(0) => {}
        Some(more) => shown.push(format!("{more} more changes of {name}")),
    }
    shown.join("; ")
}

fn cell(value: &Value, most: usize) -> String {
    let text = plain(&value.to_json_text());
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
