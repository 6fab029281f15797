//! Tasks as a table that fits the screen, with short ids.

use std::collections::HashMap;

use crate::name::Name;
use crate::task::{Task, TaskId};
use crate::wire::{self, ShortIds};

use super::super::exit::Failure;
use super::super::screen::{CARE, Screen, plain};
use super::super::table::{Cell, Table};
use super::super::time::Times;
use super::{shown, style_of};

/// The width of a screen from which on there are more columns.
const WIDE: usize = 140;
/// Characters of an attribute in a table.
const MAX_CELL: usize = 60;

/// The columns, and what stands before each task.
#[derive(Default)]
pub(in crate::cli) struct Columns {
    /// Attributes with a column of their own.
    pub(in crate::cli) attributes: Vec<Name>,
    /// What stands before the id of a task that is shown below another.
    pub(in crate::cli) branches: HashMap<TaskId, String>,
}

/// Prints tasks: an array, or a table.
pub(in crate::cli) fn tasks(screen: Screen, tasks: &[Task]) -> Result<(), Failure> {
    tasks_with(screen, tasks, &Columns::default())
}

/// The same, with the requested columns.
pub(in crate::cli) fn tasks_with(screen: Screen, tasks: &[Task], columns: &Columns) -> Result<(), Failure> {
    if screen.json {
        return screen.json(&wire::tasks(tasks));
    }
    if tasks.is_empty() {
        screen.aside("no tasks\n");
        return Ok(());
    }
    let width = screen.columns();
    let is_wide = width.is_some_and(|width| width >= WIDE);
    let names: Vec<String> = columns.attributes.iter().map(|name| plain(&name.to_uppercase())).collect();
    let mut header = vec!["ID", "FLOW", "STATUS", "STATE"];
    header.extend(names.iter().map(String::as_str));
    header.push("UPDATED");
    if is_wide {
        header.extend(["CREATED", "WAKES", "QUEUE"]);
    }
    let mut table = Table::new(header);
    let (short, times) = (ShortIds::of(tasks.iter().map(|task| task.id)), Times::now(screen.utc));
    for task in tasks {
        let branch = columns.branches.get(&task.id).map_or("", String::as_str);
        let mut cells = vec![
            Cell::from(format!("{branch}{}", short.id(task.id))),
            Cell::cut(task.flow.as_str()),
            match task.held_up_by {
                Some(_) => Cell::styled("held up", CARE),
                None => Cell::styled(task.status.name(), style_of(task.status)),
            },
            Cell::cut(task.state.as_str()),
        ];
        let printed = (!columns.attributes.is_empty()).then(|| task.printed());
        cells.extend(columns.attributes.iter().map(|name| {
            let value = printed.as_ref().and_then(|task| task.attributes.by_name(name));
            Cell::cut(value.filter(|value| !value.is_unit()).map(|value| one_line(&shown(value))).unwrap_or_default())
        }));
        cells.push(times.cell(task.updated_at).into());
        if is_wide {
            cells.push(times.cell(task.created_at).into());
            cells.push(task.wake_at.map(|at| times.cell(at)).unwrap_or_default().into());
            cells.push(Cell::cut(task.queue.as_str()));
        }
        table.row(cells, String::new());
    }
    screen.result(&table.lines(width))
}

/// A value in a cell.
fn one_line(text: &str) -> String {
    let text = plain(text).replace('\n', " ");
    match text.char_indices().nth(MAX_CELL) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
