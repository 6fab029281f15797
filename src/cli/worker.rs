//! `opsflow worker`: runs due tasks as they come due; with `--once`, those due now.

use std::time::Duration as Span;

use tokio::sync::oneshot;

use crate::duration::Duration;
use crate::library::Library;
use crate::name::Name;
use crate::opsflow::{DEFAULT_CONCURRENCY, DEFAULT_GRACE, Either, WorkerConfig, first};
use crate::wire::{Asked, unknown};

use super::config;
use super::exit::{Exit, Failure};
use super::filters::{some_name, tell_unknown};
use super::interrupt::{Signals, unless_interrupted};
use super::log::{self, Format, Level};
use super::moves::Moves;
use super::screen::plain;
use super::session::{Running, Session};

/// The most tasks that a worker may have under way.
const MAX_CONCURRENCY: u16 = 10_000;

/// The options of `worker`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
A worker wakes tasks when their time comes, runs tasks that were started, woken or abandoned, and deletes old ones. Any \
number of workers may share a storage. It runs until Ctrl-C or SIGTERM: then it takes no more tasks, finishes running calls \
or gives their tasks back, and exits with 0. A second signal ends it at once (130 or 143).

It logs to stderr: moves, failures with their reason, and what scripts log. With `--once` it shows moves as `run` does, \
unless `--log` is given. The exit code is 0 even if tasks failed: `opsflow list --status failed` shows them. The task of a \
dead process is due when its claim expires, within 30 s unless `--lease` or `lease` in `opsflow.yml` says otherwise.

A worker may do only what `--allow` or `opsflow.yml` allows, like `run`. A task whose next call is not allowed stays due for \
a worker that may make it; this one logs it once and skips it. With `--denied fail` the call fails.

Examples:
  opsflow worker --concurrency 32 --allow http=api.example.com
  opsflow worker --queue slow --log json
  opsflow worker --watch
  opsflow worker --once --json")]
pub(super) struct Args {
    /// Only tasks of this queue; may be repeated [default: all queues]
    #[arg(long = "queue", value_name = "QUEUE", value_parser = some_name)]
    queues: Vec<String>,
    /// Tasks that run at a time [default: 16]
    #[arg(long, value_name = "N", conflicts_with = "once", value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_CONCURRENCY)))]
    concurrency: Option<u16>,
    /// Read flows again when their files change: new tasks use the new definitions, tasks in flight keep theirs
    #[arg(long, conflicts_with = "once")]
    watch: bool,
    /// Do everything that is due now, then exit
    #[arg(long)]
    once: bool,
    /// How long a claim on a task holds unless it is renewed; after that, others take up the tasks of a dead
    /// worker [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = config::lease)]
    lease: Option<Span>,
    /// What happens to a task whose next call this worker may not make: it stays due for a worker that may, or fails
    /// with kind `denied` [default: wait]
    #[arg(long, value_name = "WHAT")]
    denied: Option<Denied>,
    /// How long to wait for running calls when told to stop [default: 10s]
    #[arg(long, value_name = "DURATION", conflicts_with = "once")]
    grace: Option<Duration>,
    /// The format of the log [default: text]
    #[arg(long, value_name = "FORMAT")]
    log: Option<Format>,
    /// The lowest level that is logged [default: info, with `--quiet` warn]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<Level>,
}

/// What happens to a task whose next call is not allowed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// It stays due for a worker that may make the call
    Wait,
    /// The call fails with kind `denied`
    Fail,
}

impl Args {
    fn queues(&self) -> Vec<Name> {
        self.queues.iter().map(Name::new).collect()
    }

    /// Starts logging, and returns the format.
    fn begin_log(&self, session: &Session) -> Result<Format, Failure> {
        let screen = session.screen();
        let (format, usual) = (self.log.unwrap_or(Format::Text), if screen.quiet { Level::Warn } else { Level::Info });
        log::begin(screen, format, self.log_level.unwrap_or(usual))?;
        Ok(format)
    }

    fn work(&self) -> WorkerConfig {
        WorkerConfig {
            queues: self.queues(),
            concurrency: self.concurrency.map_or(DEFAULT_CONCURRENCY, usize::from),
            below: None,
            grace: self.grace.and_then(Duration::to_std).unwrap_or(DEFAULT_GRACE),
        }
    }
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let session = &session.with_lease(args.lease).with_denied(args.denied == Some(Denied::Fail));
    if args.once { once(session, args).await } else { stay(session, args).await }
}

/// Runs due tasks as they come due, until a signal.
async fn stay(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let signals = Signals::new();
    let mut signals = signals.map_err(|why| Failure::storage(format!("signals cannot be caught: {why}")))?;
    let library = if args.watch { library_to_watch(session)? } else { session.library(None)? };
    let storage = session.storage().await?;
    let format = args.begin_log(session)?;
    let builder = session.builder(library, storage, log::observer(format))?;
    let running = Running { ops: builder.watch(args.watch).build().await? };
    let queues = args.queues.iter().map(|name| Asked::Queue(name));
    // A storage that fails now is waited for below.
    for name in unknown(&running.ops, running.ops.library(), queues).await.unwrap_or_default() {
        tracing::warn!("{}", plain(&name.to_string()));
    }
    if session.is_in_memory() {
        tracing::warn!("`memory:` keeps nothing: no other process can give this worker a task");
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let work = running.ops.work(args.work(), async { drop(stopped.await) });
    let told_twice = async {
        signals.next().await;
        // If the worker has ended already, it need not be told.
        let _ = stop.send(());
        signals.next().await
    };
    match first(work, told_twice).await {
        Either::Left(worked) => worked.map(|_| Exit::Done).map_err(Failure::from),
        Either::Right(exit) => {
            tracing::warn!("told to stop again: running tasks are given back");
            Ok(exit)
        }
    }
}

/// The flows, of a folder that may be created later.
fn library_to_watch(session: &Session) -> Result<Library, Failure> {
    let library = session.library(None)?;
    let is_missing = library.paths().is_empty();
    Ok(if is_missing {
        Library::open(&[session.settings.default_flows.as_path()], &session.context()).0
    } else {
        library
    })
}

/// Runs everything that is due now.
async fn once(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let screen = session.screen();
    let (running, moves) = if args.log.is_some() || args.log_level.is_some() {
        let library = session.library(None)?;
        let storage = session.storage_to_work(&library).await?;
        let format = args.begin_log(session)?;
        let moves = Moves::of_many(screen, &session.worker());
        (session.open(library, storage, log::observer(format)).await?, moves)
    } else {
        session.open_to_work().await?
    };
    let due = unless_interrupted(&moves, running.ops.run_due(&args.queues())).await??;
    // Those held up were told of when that was found.
    for skipped in due.skipped.iter().filter(|skipped| skipped.held_up_by.is_none()) {
        screen.note(&format!("left as it is, task {}: {}\n", skipped.task_id, skipped.reason));
    }
    if due.advanced == 0 {
        let library = running.ops.library();
        let queues = args.queues.iter().map(|name| Asked::Queue(name));
        tell_unknown(screen, &unknown(&running.ops, library, queues).await?);
    }
    if screen.json {
        screen.json(
            &serde_json::json!({ "scheduled": due.scheduled, "advanced": due.advanced, "deleted": due.deleted }),
        )?;
    } else {
        screen.aside(&format!("scheduled {}, advanced {}, deleted {}\n", due.scheduled, due.advanced, due.deleted));
    }
    Ok(Exit::Done)
}
