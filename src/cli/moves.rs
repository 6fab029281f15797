//! Prints moves as they happen, one line each, on stderr.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use crate::duration::Duration;
use crate::opsflow::Event;
use crate::task::{Cause, EntryError, HeldUp, NextTry, Status, Task, TaskId, Transition};
use crate::value::Map;

use super::progress::Progress;
use super::screen::{BAD, CARE, FAINT, GOOD, Screen, plain};

/// Prints moves, and remembers the first task that moved.
#[derive(Clone)]
pub(super) struct Moves {
    screen: Screen,
    root: Arc<OnceLock<TaskId>>,
    /// Whether many tasks are run, so that all are named.
    many: bool,
    /// The command of a worker that continues what is run.
    worker: Arc<str>,
    /// The progress bar below them, if there is one.
    progress: Progress,
}

impl Moves {
    /// Moves of one task (the first to move), and of its sub-tasks, which are named.
    pub(super) fn new(screen: Screen, worker: &str) -> Self {
        Self { screen, root: Arc::default(), many: false, worker: worker.into(), progress: Progress::none() }
    }

    /// Moves of many tasks, each named.
    pub(super) fn of_many(screen: Screen, worker: &str) -> Self {
        Self { screen, root: Arc::default(), many: true, worker: worker.into(), progress: Progress::none() }
    }

    /// Moves of the task `id`, and of its sub-tasks, which are named.
    pub(super) fn of(screen: Screen, id: TaskId, worker: &str) -> Self {
        Self {
            screen,
            root: Arc::new(OnceLock::from(id)),
            many: false,
            worker: worker.into(),
            progress: Progress::none(),
        }
    }

    /// The same with a progress bar below, if one can be shown.
    pub(super) fn with_progress(self) -> Self {
        Self { progress: Progress::on(self.screen), ..self }
    }

    /// The bar below them.
    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Prints something between them.
    pub(super) fn aside(&self, text: &str) {
        self.progress.above(|| self.screen.aside(text));
    }

    /// The task that is run.
    pub(super) fn root(&self) -> Option<TaskId> {
        self.root.get().copied()
    }

    /// The command of a worker that continues what is run.
    pub(super) fn worker(&self) -> &str {
        &self.worker
    }

    /// The event observer that prints.
    pub(super) fn observer(&self) -> impl Fn(&Event) + Send + Sync + 'static + use<> {
        let moves = self.clone();
        move |event| moves.see(event)
    }

    fn see(&self, event: &Event) {
        match event {
            Event::Moved { task, transition, next_try } => {
                let is_other = self.many || *self.root.get_or_init(|| task.id) != task.id;
                self.aside(&line(task, transition, *next_try, is_other));
            }
            Event::HeldUp { task, by } => {
                let is_other = self.many || *self.root.get_or_init(|| task.id) != task.id;
                // The main task of a command is reported at the end.
                if is_other {
                    self.aside(&held_up_line(task, by, true));
                }
            }
            Event::Log { level, text, fields, .. } => {
                let (is_grave, line) = log_line(level, text, fields);
                if is_grave || !self.screen.quiet {
                    self.progress.above(|| self.screen.note(&line));
                }
            }
        }
    }
}

/// A log line of a script, and whether it is at least a warning.
pub(super) fn log_line(level: &str, text: &str, fields: &Map) -> (bool, String) {
    let (style, is_grave) = match level {
        "error" => (BAD, true),
        "warn" | "warning" => (CARE, true),
        _ => (FAINT, false),
    };
    let fields = if fields.is_empty() {
        String::new()
    } else {
        format!(" {}", serde_json::to_string(fields).unwrap_or_default())
    };
    (is_grave, format!("  {style}{}{style:#}: {}\n", plain(level), plain(&format!("{text}{fields}"))))
}

/// A move, or the failed try that it records.
pub(super) fn line(task: &Task, entry: &Transition, next_try: Option<NextTry>, is_other: bool) -> String {
    match next_try {
        // The entry that another process stored for a failed try does not say when the next try comes.
        None if entry.cause == Cause::Retry && entry.from == entry.to && entry.error.is_some() => {
            failed_try_line(task, entry, is_other)
        }
        None => move_line(task, entry, is_other),
        Some(next) => try_line(task, entry, next, is_other),
    }
}

/// A task that this process cannot continue because of a missing grant.
pub(super) fn held_up_line(task: &Task, by: &HeldUp, is_other: bool) -> String {
    let name = if is_other { name(task) } else { String::new() };
    format!("{CARE}!{CARE:#} {name}{}: held up: {}\n", task.state, plain(&by.to_string()))
}

fn move_line(task: &Task, entry: &Transition, is_other: bool) -> String {
    let ended_badly = task.status == Status::Failed && entry.seq == task.progress.seq;
    let is_bad = ended_badly || matches!(entry.cause, Cause::Error | Cause::Cancel);
    let mut line = if is_bad { format!("{BAD}✗{BAD:#} ") } else { format!("{GOOD}✓{GOOD:#} ") };
    if is_other {
        line += &name(task);
    }
    if entry.from == entry.to {
        let _ = write!(line, "{}", entry.to);
    } else {
        let _ = write!(line, "{} → {}", entry.from, entry.to);
    }
    let by = entry.by.as_ref().map(|by| format!(" {}", plain(by))).unwrap_or_default();
    let _ = write!(line, "  {FAINT}({}{by}, {} ms){FAINT:#}", entry.cause, entry.ms);
    // The failure of the command's main task is reported at the end, with its place.
    match &entry.error {
        Some(error) if is_other || !ended_badly => line += &format!("  {}", reason(error)),
        // The arrival in a `failure` state may have been stored earlier.
        None if is_other && ended_badly => {
            let printed = task.printed();
            let error = printed.error.as_ref().map(|error| reason_of(&error.message, &error.kind));
            line += &error.map(|error| format!("  {error}")).unwrap_or_default();
        }
        _ => {}
    }
    line.push('\n');
    line
}

/// An error in one line: its message and its kind.
pub(super) fn reason(error: &EntryError) -> String {
    reason_of(&error.message, &error.kind)
}

fn reason_of(message: &str, kind: &str) -> String {
    format!("{} ({})", plain(&message.replace(['\r', '\n'], " ")), plain(kind))
}

/// A failed try: why, and when the next try is due.
fn try_line(task: &Task, entry: &Transition, next: NextTry, is_other: bool) -> String {
    let name = if is_other { name(task) } else { String::new() };
    let attempt = entry.error.as_ref().map_or(1, |error| error.attempt);
    let why = entry.error.as_deref().map(reason).unwrap_or_default();
    let NextTry { attempts, at, .. } = next;
    let pause = Duration::from_millis((at - entry.at).num_milliseconds());
    let again = if pause > Duration::ZERO { format!("in {pause}") } else { "at once".to_owned() };
    let ms = entry.ms;
    format!(
        "{CARE}!{CARE:#} {name}{}: try {attempt} of {attempts} failed: {why}, again {again}  {FAINT}({ms} ms){FAINT:#}\n",
        entry.to
    )
}

/// A task that is new and has not moved yet.
pub(super) fn started_line(task: &Task) -> String {
    format!("{GOOD}+{GOOD:#} {}{}  {FAINT}(started){FAINT:#}\n", name(task), task.state)
}

/// A try that failed, and why.
fn failed_try_line(task: &Task, entry: &Transition, is_other: bool) -> String {
    let name = if is_other { name(task) } else { String::new() };
    let attempt = entry.error.as_ref().map_or(1, |error| error.attempt);
    let why = entry.error.as_deref().map(reason).unwrap_or_default();
    format!("{CARE}!{CARE:#} {name}{}: try {attempt} failed: {why}  {FAINT}({} ms){FAINT:#}\n", entry.to, entry.ms)
}

/// The name of a task among others.
fn name(task: &Task) -> String {
    let id = task.id.to_string();
    let short = id.get(..8).unwrap_or(&id);
    format!("{FAINT}{} {short}…{FAINT:#} ", task.flow)
}
