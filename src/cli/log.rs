//! The log of a worker: one event per line, on stderr, as text or as JSON.

use std::io;

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

use crate::clock;
use crate::opsflow::Event;
use crate::task::{EntryError, NextTry, Status, Task, TaskId, Transition};
use crate::value::Map;

use super::dev::recent::Recent;
use super::exit::Failure;
use super::screen::{Screen, plain};

/// How a line of the log looks.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}

/// The least level that is logged.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Errors: something could not be done
    Error,
    /// Warnings: tasks that fail, a storage that does not answer
    Warn,
    /// Moves, too
    Info,
    /// Details for finding a cause
    Debug,
    /// Everything
    Trace,
}

impl From<Level> for LevelFilter {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
            Level::Trace => Self::TRACE,
        }
    }
}

/// Starts logging.
pub(super) fn begin(screen: Screen, format: Format, level: Level) -> Result<(), Failure> {
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_target(false);
    let layer = match format {
        Format::Text => {
            let color = match screen.color {
                ColorChoice::Auto => AutoStream::choice(&io::stderr()),
                chosen => chosen,
            };
            layer.with_ansi(color != ColorChoice::Never).boxed()
        }
        Format::Json => layer.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
    };
    install(layer, level)
}

/// Starts logging warnings and errors into `lines`, to be shown among other output.
pub(super) fn begin_in(lines: &Recent) -> Result<(), Failure> {
    let lines = lines.clone();
    let layer = tracing_subscriber::fmt::layer().with_writer(move || lines.clone()).with_target(false);
    install(layer.without_time().with_level(false).with_ansi(false).boxed(), Level::Warn)
}

fn install(layer: Box<dyn Layer<Registry> + Send + Sync>, level: Level) -> Result<(), Failure> {
    let level = LevelFilter::from(level);
    // Only warnings and errors of the libraries below.
    let targets = Targets::new().with_target("opsflow", level).with_default(level.min(LevelFilter::WARN));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(targets));
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|why| Failure::storage(format!("the log cannot be begun: {why}")))
}

/// Called for every event.
pub(super) fn observer(format: Format) -> impl Fn(&Event) + Send + Sync + 'static {
    move |event| match event {
        Event::Moved { task, transition, next_try } => match (&transition.error, next_try) {
            (Some(error), Some(next)) => tried(format, task, transition, error, *next),
            (Some(error), None) if task.status != Status::Failed || transition.seq != task.progress.seq => {
                caught(format, task, transition, error);
            }
            _ => moved(format, task, transition),
        },
        // A worker logs this itself.
        Event::HeldUp { .. } => {}
        Event::Log { task_id, level, text, fields } => log(format, *task_id, level, text, fields),
    }
}

/// A text of a flow or of a script. JSON escapes what could look like another line.
fn safe(format: Format, text: &str) -> String {
    match format {
        Format::Text => plain(text).replace('\n', "\\n"),
        Format::Json => text.to_owned(),
    }
}

fn moved(format: Format, task: &Task, entry: &Transition) {
    let (id, flow, cause) = (task.id, &task.flow, entry.cause.name());
    let (from, to, ms) = (&entry.from, &entry.to, entry.ms);
    let by = entry.by.as_ref().map(|by| tracing::field::display(safe(format, by)));
    let printed = (task.status == Status::Failed && entry.seq == task.progress.seq).then(|| task.printed());
    let Some(error) = printed.as_ref().and_then(|task| task.error.as_ref()) else {
        tracing::info!(task = %id, %flow, %from, %to, cause, by, ms, "moved");
        return;
    };
    let at = error.at.as_ref().map(|at| tracing::field::display(format!("{}:{}:{}", at.file, at.line, at.column)));
    let (kind, error) = (safe(format, &error.kind), safe(format, &error.message));
    tracing::warn!(task = %id, %flow, state = %to, cause, %kind, error, at, "task failed");
}

fn caught(format: Format, task: &Task, entry: &Transition, error: &EntryError) {
    let (id, flow, cause) = (task.id, &task.flow, entry.cause.name());
    let (from, to, attempt, ms) = (&entry.from, &entry.to, error.attempt, entry.ms);
    let at = error.at.as_ref().map(|at| tracing::field::display(format!("{}:{}:{}", at.file, at.line, at.column)));
    let (kind, error) = (safe(format, &error.kind), safe(format, &error.message));
    tracing::warn!(task = %id, %flow, %from, %to, cause, attempt, %kind, error, at, ms, "an error was caught");
}

fn tried(format: Format, task: &Task, entry: &Transition, error: &EntryError, next: NextTry) {
    let (id, flow, state, ms) = (task.id, &task.flow, &entry.to, entry.ms);
    let (attempt, attempts, again_at) = (error.attempt, next.attempts, clock::format(next.at));
    let (kind, error) = (safe(format, &error.kind), safe(format, &error.message));
    tracing::warn!(task = %id, %flow, %state, attempt, attempts, %kind, error, again_at, ms, "a try failed; another one follows");
}

fn log(format: Format, task: TaskId, level: &str, text: &str, fields: &Map) {
    let text = safe(format, text);
    let fields = (!fields.is_empty()).then(|| serde_json::to_string(fields).unwrap_or_default());
    let fields = fields.map(|fields| safe(format, &fields));
    match level {
        "error" => tracing::error!(%task, fields, "{text}"),
        "warn" | "warning" => tracing::warn!(%task, fields, "{text}"),
        "debug" => tracing::debug!(%task, fields, "{text}"),
        "trace" => tracing::trace!(%task, fields, "{text}"),
        _ => tracing::info!(%task, fields, "{text}"),
    }
}
