//! What happened to a task, as a table.

use crate::task::Transition;
use crate::value::Value;

use super::super::exit::Failure;
use super::super::json::TransitionJson;
use super::super::screen::{Screen, plain};
use super::super::table::{Cell, Table};
use super::super::time::Times;
use super::cause;

/// Characters of a value in a table that is not wide.
const MAX_CELL: usize = 40;
/// The part of a screen that one value may take.
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
            cause(entry.cause).into(),
            Cell::cut(entry.by.as_ref().map(|by| plain(by)).unwrap_or_default()),
            entry.ms.to_string().into(),
        ];
        table.row(cells, changes(entry, most));
    }
    screen.result(&table.lines(width))
}

/// What changed, and the steps taken, in one line.
fn changes(entry: &Transition, most: usize) -> String {
    let changed = entry.changes.iter().map(|(name, (old, new))| match (old, new) {
        (Value::Unit, new) => format!("{name} = {}", cell(new, most)),
        (old, new) => format!("{name}: {} → {}", cell(old, most), cell(new, most)),
    });
    let steps = entry.steps.iter().map(|step| format!("{} {} ({} ms)", step.call, plain(&step.outcome), step.ms));
    changed.chain(steps).collect::<Vec<_>>().join("; ")
}

fn cell(value: &Value, most: usize) -> String {
    let text = plain(&value.to_json().to_string());
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
