//! Output for people: one task, tables of tasks and of history.

mod history;
mod now;
mod tasks;

use std::fmt::Write as _;
use std::sync::Arc;

use anstyle::Style;

use crate::diagnostic::{Finding, Position, Source, Span};
use crate::task::{Status, Task};
use crate::value::Value;
use crate::wire::{ShortIds, TaskJson};

use super::exit::{Exit, Failure};
use super::findings;
use super::screen::{BAD, GOOD, STRONG, Screen, plain};
use super::session::Running;
use super::table::{Cell, Table};
use super::time::Times;

pub(super) use history::{history, tried};
pub(super) use tasks::{Columns, tasks, tasks_with};

/// The least width of the column of names.
const NAME_WIDTH: usize = 12;

/// Prints the result for a task that was run, woken or the like: as JSON, or in short form.
pub(super) fn outcome(screen: Screen, task: &Task) -> Result<(), Failure> {
    if screen.json {
        return screen.json(&TaskJson::from(task));
    }
    let mut text = heading(task);
    row(&mut text, "id", &ShortIds::one(task.id));
    result_rows(&mut text, task);
    screen.result(&text)
}

/// Why a task failed, with its place in the flow. None if it has not failed.
pub(super) async fn error(screen: Screen, running: &Running, task: &Task) -> Option<String> {
    let printed = task.printed();
    let error = printed.error.as_ref()?;
    let Some(at) = &error.at else {
        return Some(format!("{BAD}{}{BAD:#}: {}\n", plain(&error.kind), plain(&error.message)));
    };
    let at_place = Position { line: at.line, column: at.column };
    // The place is shown in the pinned text, whatever the file contains now.
    let flow = running.ops.flow_of(task).await.ok();
    let source = match flow.filter(|flow| *flow.source.name() == *at.file) {
        Some(flow) => Arc::clone(&flow.source),
        None => Arc::new(Source::part(&*at.file, "", at.line)),
    };
    let start = source.byte(at_place);
    let finding = Finding::error(&source, Span::new(start, start), format!("{} ({})", error.message, error.kind));
    if source.text().is_empty() {
        let place = format!("{STRONG}{}:{}:{}:{STRONG:#}", plain(&at.file), at.line, at.column);
        return Some(format!("{place} {BAD}{}{BAD:#}\n", plain(&finding.message)));
    }
    Some(findings::within(&finding, screen.note_columns()))
}

/// The exit code for a task that was run.
pub(super) const fn exit_of(task: &Task) -> Exit {
    match task.status {
        Status::Failed | Status::Cancelled => Exit::Failed,
        _ => Exit::Done,
    }
}

/// Prints all of a task; `tried` is the row about its latest error that did not end it.
pub(super) async fn task(
    screen: Screen,
    running: &Running,
    task: &Task,
    tried: Option<(&str, String)>,
) -> Result<(), Failure> {
    if screen.json {
        return screen.json(&TaskJson::from(task));
    }
    let mut text = heading(task);
    row(&mut text, "id", &task.id.to_string());
    row(&mut text, "flow", &format!("{} (version {})", task.flow, task.version));
    if let Some(parent) = task.parent_id {
        row(&mut text, "parent", &parent.to_string());
    }
    row(&mut text, "queue", &format!("{} (priority {})", task.queue, task.priority));
    row(&mut text, "revision", &task.revision.to_string());
    let times = Times::now(screen.utc);
    let moments = [
        ("created", Some(task.created_at)),
        ("updated", Some(task.updated_at)),
        ("wakes", task.wake_at),
        ("times out", task.timeout_at.filter(|_| !task.status.has_ended())),
        ("ended", task.ended_at),
        ("kept until", task.delete_at.filter(|_| task.status.has_ended())),
    ];
    for (name, moment) in moments {
        if let Some(moment) = moment {
            row(&mut text, name, &times.both(moment));
        }
    }
    if let Some(by) = &task.held_up_by {
        row(&mut text, "held up by", &format!("{by}"));
    }
    if let Some((name, value)) = tried {
        row(&mut text, name, &value);
    }
    text += &now::lines(running, task, times).await?;
    result_rows(&mut text, task);
    screen.result(&text)
}

/// The style of a status.
const fn style_of(status: Status) -> Style {
    match status {
        Status::Completed => GOOD,
        Status::Failed | Status::Cancelled => BAD,
        _ => STRONG,
    }
}

fn heading(task: &Task) -> String {
    let (style, status) = (style_of(task.status), task.status.name());
    format!(
        "{style}{status}{style:#}{:pad$}{STRONG}{}{STRONG:#}\n",
        "",
        task.state,
        pad = NAME_WIDTH.saturating_sub(status.len())
    )
}

/// Output, error and attributes.
fn result_rows(text: &mut String, task: &Task) {
    let task = task.printed();
    if !task.output.is_unit() {
        row(text, "output", &shown(&task.output));
    }
    if let Some(error) = &task.error {
        row(text, "error", &format!("{} ({})", error.message, error.kind));
        if let Some(at) = &error.at {
            row(text, "at", &format!("{}:{}:{}", at.file, at.line, at.column));
        }
        if !error.data.is_unit() {
            row(text, "data", &shown(&error.data));
        }
    }
    // Values are aligned after the longest name.
    let longest = task.attributes.iter().map(|(name, ..)| name.chars().count()).max();
    let Some(longest) = longest else { return };
    let width = (longest + 1).max(NAME_WIDTH - 2);
    let _ = writeln!(text, "attributes");
    for (name, value, _) in task.attributes.iter() {
        let _ = writeln!(text, "  {:width$}{}", name.as_str(), plain(&shown(value)));
    }
}

fn row(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:NAME_WIDTH$}{}", plain(value));
}

/// A value on one line. Text is printed as it is, unless it has line breaks, is empty, or has blanks at its ends;
/// everything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) if text.is_empty() || text.contains('\n') || text.trim() != text.as_str() => {
            value.to_json_text()
        }
        value => value.to_text(),
    }
}

/// A table of texts.
pub(super) fn table_of<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new(header);
    for row in rows {
        table.row(row.map(Cell::from).into(), String::new());
    }
    table.lines(None)
}
