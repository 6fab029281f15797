//! Results for people: one task, tables of tasks and of history.

use std::fmt::Write as _;
use std::sync::Arc;

use anstyle::Style;
use comfy_table::{Table, presets};

use crate::clock;
use crate::diagnostic::{Finding, Position, Source, Span};
use crate::task::{Cause, FailedTry, Status, Task, Transition};
use crate::value::Value;

use super::exit::{Exit, Failure, byte_of};
use super::findings;
use super::json::{self, TaskJson, TransitionJson};
use super::screen::{BAD, GOOD, STRONG, Screen, plain};
use super::session::Running;

/// Columns that names take before their values.
const NAME_WIDTH: usize = 12;

/// Prints what came of a task that was run, woken or the like: as JSON, or the short form.
pub(super) fn outcome(screen: Screen, task: &Task) -> Result<(), Failure> {
    if screen.json {
        return screen.json(&TaskJson::from(task));
    }
    let mut text = heading(task);
    row(&mut text, "id", &task.id.to_string());
    result_rows(&mut text, task);
    screen.result(&text)
}

/// Why a task failed, at its place in the flow. None if it did not.
pub(super) async fn error(running: &Running, task: &Task) -> Option<String> {
    let printed = task.printed();
    let error = printed.error.as_ref()?;
    let Some(at) = &error.at else {
        return Some(format!("{BAD}{}{BAD:#}: {}\n", plain(&error.kind), plain(&error.message)));
    };
    let at_place = Position { line: at.line, column: at.column };
    // The text it was pinned with shows the place, however the file looks by now.
    let flow = running.ops.flow_of(task).await.ok();
    let source = match flow.filter(|flow| *flow.source.name() == *at.file) {
        Some(flow) => Arc::clone(&flow.source),
        None => Arc::new(Source::part(&*at.file, "", at.line)),
    };
    let start = byte_of(&source, at_place);
    let finding = Finding::error(&source, Span::new(start, start), format!("{} ({})", error.message, error.kind));
    if source.text().is_empty() {
        let place = format!("{STRONG}{}:{}:{}:{STRONG:#}", plain(&at.file), at.line, at.column);
        return Some(format!("{place} {BAD}{}{BAD:#}\n", plain(&finding.message)));
    }
    Some(findings::one(&finding))
}

/// What the exit code says of a task that was run.
pub(super) const fn exit_of(task: &Task) -> Exit {
    match task.status {
        Status::Failed | Status::Cancelled => Exit::Failed,
        _ => Exit::Done,
    }
}

/// Prints all of a task.
pub(super) fn task(screen: Screen, task: &Task) -> Result<(), Failure> {
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
            row(&mut text, name, &clock::format(moment));
        }
    }
    if let Some(tried) = &task.printed().progress.tried {
        let FailedTry { attempt, attempts, kind, message, again_at, .. } = &**tried;
        let again = clock::format(*again_at);
        row(&mut text, "tried", &format!("{attempt} of {attempts} failed: {message} ({kind}), again at {again}"));
    }
    result_rows(&mut text, task);
    screen.result(&text)
}

/// How a status looks.
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
    // Values stand below each other, however long the longest name is.
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

/// A value in one line: text as it is unless it has line breaks or could not be seen whole, being empty or having
/// blanks at its ends; everything else as JSON has it.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) if text.is_empty() || text.contains('\n') || text.trim() != text.as_str() => {
            value.to_json().to_string()
        }
        value => value.to_text(),
    }
}

/// Prints tasks: an array, or a table.
pub(super) fn tasks(screen: Screen, tasks: &[Task]) -> Result<(), Failure> {
    if screen.json {
        return screen.json(&json::tasks(tasks));
    }
    if tasks.is_empty() {
        screen.aside("no tasks\n");
        return Ok(());
    }
    let mut table = table(&["ID", "FLOW", "STATUS", "STATE", "UPDATED"]);
    for task in tasks {
        let updated = clock::format(task.updated_at);
        table.add_row([
            task.id.to_string(),
            task.flow.to_string(),
            task.status.name().to_owned(),
            task.state.to_string(),
            updated,
        ]);
    }
    screen.result(&with_styles(&lines(&table), tasks))
}

/// A table of tasks with each status in its style.
fn with_styles(table: &str, tasks: &[Task]) -> String {
    let column = table.find("STATUS").unwrap_or_default();
    let styled = |(row, line): (usize, &str)| {
        let status = row.checked_sub(1).and_then(|row| tasks.get(row)).map(|task| task.status)?;
        let (before, rest) = line.split_at_checked(column)?;
        let after = rest.strip_prefix(status.name())?;
        let style = style_of(status);
        Some(format!("{before}{style}{}{style:#}{after}\n", status.name()))
    };
    table.lines().enumerate().map(|(row, line)| styled((row, line)).unwrap_or_else(|| format!("{line}\n"))).collect()
}

/// Prints history: an array, or a table.
pub(super) fn history(screen: Screen, entries: &[Transition]) -> Result<(), Failure> {
    if screen.json {
        return screen.json(&entries.iter().map(TransitionJson::from).collect::<Vec<_>>());
    }
    if entries.is_empty() {
        screen.aside("nothing has happened yet\n");
        return Ok(());
    }
    let mut table = table(&["SEQ", "AT", "FROM", "TO", "CAUSE", "BY", "MS", "CHANGES"]);
    for entry in entries {
        table.add_row([
            entry.seq.to_string(),
            clock::format(entry.at),
            entry.from.to_string(),
            entry.to.to_string(),
            cause(entry.cause).to_owned(),
            entry.by.as_ref().map(|by| plain(by)).unwrap_or_default(),
            entry.ms.to_string(),
            changes(entry),
        ]);
    }
    screen.result(&lines(&table))
}

/// Characters of a value in a table.
const MAX_CELL: usize = 40;

/// What changed, and the steps taken, in one line.
fn changes(entry: &Transition) -> String {
    let changed = entry.changes.iter().map(|(name, (old, new))| match (old, new) {
        (Value::Unit, new) => format!("{name} = {}", cell(new)),
        (old, new) => format!("{name}: {} → {}", cell(old), cell(new)),
    });
    let steps = entry.steps.iter().map(|step| format!("{} {} ({} ms)", step.call, plain(&step.outcome), step.ms));
    changed.chain(steps).collect::<Vec<_>>().join("; ")
}

fn cell(value: &Value) -> String {
    let text = plain(&value.to_json().to_string());
    match text.char_indices().nth(MAX_CELL) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A cause as JSON names it.
pub(super) const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Start => "start",
        Cause::Action => "action",
        Cause::Decision => "decision",
        Cause::Wait => "wait",
        Cause::Timer => "timer",
        Cause::Interaction => "interaction",
        Cause::Retry => "retry",
        Cause::Error => "error",
        Cause::Timeout => "timeout",
        Cause::Wake => "wake",
        Cause::Migrate => "migrate",
        Cause::Cancel => "cancel",
        Cause::Resume => "resume",
    }
}

/// A table of texts, as it is printed.
pub(super) fn table_of<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = table(&header);
    table.add_rows(rows);
    lines(&table)
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().copied());
    table
}

/// A table's lines without padding at their ends.
fn lines(table: &Table) -> String {
    table.to_string().lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line).trim_end())).collect()
}
