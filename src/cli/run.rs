//! `opsflow run`: runs a task here and now.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::opsflow::Work;
use crate::task::{Status, Task};

use super::exit::{Exit, Failure};
use super::given::Given;
use super::interrupt::unless_interrupted;
use super::meant::value_without_set;
use super::moves::Moves;
use super::print;
use super::session::{Running, Session};

/// How long `--wait`, once its task has ended, goes on with others that it has under way.
const WAIT_GRACE: Duration = Duration::from_secs(1);

/// The options of `run`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Moves are shown on stderr as they happen; the outcome is printed on stdout. The exit code is 0 for a task that completed \
or sleeps, 1 for one that failed. Ctrl-C stops (130): what was stored stays, and a worker goes on with it.

Examples:
  opsflow run plan_a_party.yml --set date=2026-11-21 --set 'guests=[\"Ann\",\"Bob\"]'
  echo '{ \"date\": \"2026-11-21\" }' | opsflow run plan_a_party.yml --input - --json")]
pub(super) struct Args {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The flow, if not the file's first
    #[arg(value_name = "FLOW")]
    flow: Option<String>,
    #[command(flatten)]
    given: Given,
    /// Stay until the task ends, doing all that comes due meanwhile
    #[arg(long)]
    wait: bool,
}

pub(super) async fn command(session: &Session, args: Args) -> Result<Exit, Failure> {
    if let Some(failure) = args.flow.as_deref().and_then(value_without_set) {
        return Err(failure);
    }
    let chosen = session.choose_in_file(&args.file, args.flow.as_deref())?;
    let given = args.given.read(&chosen.flow.attributes, &format!("flow `{}`", chosen.flow.name))?;
    let moves = Moves::new(session.screen(), &session.worker_for(&chosen.flow, &chosen.library));
    let moves = if args.wait { moves.with_progress() } else { moves };
    let storage = session.storage().await?;
    let builder = session.builder(chosen.library, Arc::clone(&storage), moves.observer())?;
    let work = Work { grace: WAIT_GRACE, ..Work::default() };
    let builder = if args.wait { builder.background(work) } else { builder };
    let running = Running { ops: builder.build().await?, storage };
    let name = chosen.flow.name.clone();
    let work = async {
        let task = running.ops.call(&name, given).await?;
        if args.wait { wait(&moves, &running, task).await } else { Ok(task) }
    };
    let task = unless_interrupted(&moves, work).await??;
    finish(session, &running, &task).await
}

/// Waits until the task has ended, while the background does what comes due. Says whose sleep it is, whenever the task
/// falls asleep.
async fn wait(moves: &Moves, running: &Running, mut task: Task) -> Result<Task, Failure> {
    let mut told = None;
    while !task.status.has_ended() {
        let stands = Some((task.progress.seq, task.wake_at));
        if task.status == Status::Waiting && told != stands {
            moves.aside(&format!("task {} {}\n", task.id, sleep(&task)));
            told = stands;
        }
        let changed = running.ops.changed(&task);
        task = moves.progress().while_waiting(&*running.storage, &task, changed).await??;
    }
    running.ops.shutdown().await;
    Ok(task)
}

/// Where a task sleeps, and until when.
fn sleep(task: &Task) -> String {
    let until = task.wake_at.map(|at| format!(" until {}", crate::clock::format(at))).unwrap_or_default();
    format!("sleeps in `{}`{until}", task.state)
}

/// Prints what came of a task, says what to do next, and gives the exit code.
pub(super) async fn finish(session: &Session, running: &Running, task: &Task) -> Result<Exit, Failure> {
    let screen = session.screen();
    if let Some(error) = print::error(running, task).await {
        screen.note(&error);
    }
    print::outcome(screen, task)?;
    if !task.status.has_ended() {
        let next = if session.is_in_memory() {
            "nothing is kept in `memory:`, and the task ends here".to_owned()
        } else {
            format!("`{}` does what comes due", session.worker_for_task(running, task).await)
        };
        screen.aside(&format!("{}; {next}\n", sleep(task)));
    }
    Ok(print::exit_of(task))
}
