//! `opsflow dev`: on each save, checks and tests what changed, and loads it into its worker.

pub(super) mod fit;
pub(super) mod follow;
pub(super) mod json;
mod others;
mod own;
pub(super) mod paint;
pub(super) mod recent;
pub(super) mod render;
pub(super) mod show;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::clock::Timestamp;
use crate::error::Error;
use crate::library::Library;
use crate::opsflow::{Either, Event, WorkerConfig, WorkerReport, first};
use crate::task::Task;
use crate::testing::TestOptions;
use crate::workbench::{Changes, FolderWatcher, Workbench, in_depth};

use super::check::HERE;
use super::exit::{Exit, Failure};
use super::interrupt::Signals;
use super::log;
use super::moves::{self, Moves};
use super::session::Session;
use follow::Follow;
use others::{Shown, Tell};
use recent::Recent;
use show::Desk;

/// After this time, a stopping worker says what it waits for.
const HURRY: Duration = Duration::from_millis(300);

/// The note about a worker in memory.
const IN_MEMORY: &str =
    "`memory:` keeps nothing: no other process can give this worker a task; only schedules start some";

/// The options of `dev`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
At each save what changed is checked and tested, with the flows that start it, and taken up by the worker within: a task that \
`opsflow start` hands over in another terminal runs by the newest flows. Tasks in flight keep the definition they began \
with. A broken file keeps its last good flows, and shows what is wrong.

In a terminal it shows flows, findings and tests as they are now. Elsewhere it adds a block at each save, with --json an \
object a line: `{ at, milliseconds, files, added, changed, removed, kept, flows, findings, passed, failed, tests }`; `tests` are \
those that were run this time. Moves of tasks go to stderr then.

The worker is one as `opsflow worker` starts, allowed what `--allow` or `opsflow.yml` allows, but its storage is its own: \
`.opsflow/dev.db`, whatever `opsflow.yml` says. With `--storage` it takes another, and asks before it fires schedules or makes calls there. It ends \
with 0 when it is stopped (Ctrl-C); a second signal ends it at once (130 or 143).

Examples:
  opsflow dev
  opsflow dev examples --no-worker
  opsflow dev --json | jq .findings")]
pub(super) struct Args {
    /// The folder of the flows, searched in depth if it is named, or a file [default: that of `--flows`, else `workflows`, else this one]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Only check and test: run no tasks
    #[arg(long)]
    no_worker: bool,
    /// With `--storage`: fire schedules and make calls for its tasks without being asked
    #[arg(long)]
    yes: bool,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let begun = Instant::now();
    let signals = signals()?;
    let folder = folder(session, args)?;
    let is_own = !session.settings.storage_is_typed || session.is_in_memory();
    let session = &own::session(session);
    let changes = Changes::default();
    let is_named = args.folder.is_some() || session.settings.flows.is_some();
    let folders = if is_named { in_depth(std::slice::from_ref(&folder))? } else { vec![folder.clone()] };
    let bench = Workbench::new(vec![session.flow_set(&folders)], TestOptions::default());
    // Changes from now on are reported; earlier ones are seen at the first look.
    let named = if is_named { vec![folder.clone()] } else { Vec::new() };
    let watcher = FolderWatcher::of(named, folders, &bench.watched(), &changes)?;
    let recent = Recent::default();
    let with_worker = !args.no_worker && own::agreed(session, bench.library(), is_own || args.yes)?;
    let mut desk = Desk::new(session, &folder, with_worker, recent.clone());
    let worker = match bench.library().filter(|_| with_worker) {
        Some(library) => Some(Worker::start(session, library, desk.is_painted().then_some(&recent)).await?),
        None => None,
    };
    let mut follow = Follow { changes, signals, recent, watcher };
    let ended = follow.run(bench, begun, &mut desk).await;
    match worker {
        Some(worker) if ended.is_ok() => worker.stop(session, &mut follow.signals).await,
        _ => ended.map(|_| Exit::Done),
    }
}

/// The signals, caught from now on.
pub(super) fn signals() -> Result<Signals, Failure> {
    Signals::new().map_err(|why| Failure::storage(format!("signals cannot be caught: {why}")))
}

/// The folder to watch.
fn folder(session: &Session, args: &Args) -> Result<PathBuf, Failure> {
    match &args.folder {
        Some(folder) if folder.exists() => Ok(folder.clone()),
        Some(folder) => {
            let message = format!("there is no folder `{}`", folder.display());
            Err(Failure::usage(message).with_help("name the folder of the flows, or leave it out"))
        }
        None => Ok(session.folder_for(None)?.unwrap_or_else(|| PathBuf::from(HERE))),
    }
}

/// A time in the local time zone.
fn time_of_day(at: Timestamp) -> String {
    at.with_timezone(&chrono::Local).format("%H:%M:%S").to_string()
}

/// The name of a watched place.
pub(super) fn called(path: &Path) -> String {
    if path == Path::new(HERE) { "this folder".to_owned() } else { Library::name_of(path) }
}

/// What is reported about every event.
type Observer = Box<dyn Fn(&Event) + Send + Sync>;
/// What prints a line.
type Teller = Box<dyn Fn(&str) + Send + Sync>;

/// What is shown of tasks, everywhere.
struct Told {
    moved: Observer,
    line: Teller,
}

impl Tell for Arc<Told> {
    fn moved(&self, event: &Event) {
        (self.moved)(event);
    }

    fn started(&self, task: &Task) {
        (self.line)(&moves::started_line(task));
    }
}

/// A worker that runs while files are watched.
struct Worker {
    stop: oneshot::Sender<()>,
    work: JoinHandle<Result<WorkerReport, Error>>,
    /// Shows what other processes do with its tasks.
    others: JoinHandle<()>,
}

impl Worker {
    /// Starts a worker with the flows of `library`, including later ones. Moves are written to `recent` if given, else
    /// to stderr.
    async fn start(session: &Session, library: &Library, recent: Option<&Recent>) -> Result<Self, Failure> {
        let screen = session.screen();
        let (library, storage) = (library.clone(), session.storage().await?);
        let tell: (Observer, Teller) = match recent {
            Some(recent) => {
                log::begin_in(recent)?;
                let lines = recent.clone();
                (Box::new(recent.observer()), Box::new(move |line: &str| lines.push(line)))
            }
            None => {
                log::begin(screen, log::Format::Text, log::Level::Warn)?;
                if session.is_in_memory() {
                    screen.aside(&format!("{IN_MEMORY}\n"));
                }
                let moves = Moves::of_many(screen, &session.worker()).observer();
                (Box::new(moves), Box::new(move |line: &str| screen.aside(line)))
            }
        };
        let shown = Shown::default();
        let tell = Arc::new(Told { moved: Box::new(shown.once(tell.0)), line: tell.1 });
        let own = Arc::clone(&tell);
        let running = session.open(library, storage, move |event: &Event| (own.moved)(event)).await?;
        let others = tokio::spawn(others::follow(running.ops.clone(), shown, tell));
        let (stop, stopped) = oneshot::channel::<()>();
        let ops = running.ops;
        let work = tokio::spawn(async move { ops.work(WorkerConfig::default(), async { drop(stopped.await) }).await });
        Ok(Self { stop, work, others })
    }

    /// Lets running calls finish, or gives their tasks back, unless another signal comes.
    async fn stop(self, session: &Session, signals: &mut Signals) -> Result<Exit, Failure> {
        // If the worker has ended already, it need not be told.
        let _ = self.stop.send(());
        self.others.abort();
        let screen = session.screen();
        let told = async {
            tokio::time::sleep(HURRY).await;
            screen.aside("finishes what is under way; Ctrl-C again ends it at once\n");
            std::future::pending::<Infallible>().await
        };
        match first(first(self.work, told), signals.next()).await {
            Either::Left(Either::Left(Ok(worked))) => worked.map(|_| Exit::Done).map_err(Failure::from),
            Either::Left(Either::Left(Err(why))) => Err(Failure::storage(format!("the worker broke off: {why}"))),
            Either::Left(Either::Right(never)) => match never {},
            Either::Right(exit) => Ok(exit),
        }
    }
}
