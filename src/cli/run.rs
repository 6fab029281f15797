//! `opsflow run`: runs a task here and now.

use std::path::PathBuf;
use std::time::Duration;

use crate::task::Task;

use super::exit::{Exit, Failure};
use super::given::Given;
use super::interrupt::unless_interrupted;
use super::moves::Moves;
use super::print;
use super::session::{Running, Session};

/// How long `--wait` sleeps at most before it looks whether somebody else has done something to the task.
const MAX_NAP: Duration = Duration::from_millis(500);

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
    let chosen = session.choose_in_file(&args.file, args.flow.as_deref())?;
    let given = args.given.read(&chosen.flow.attributes)?;
    let moves = Moves::new(session.screen());
    let running = session.open(chosen.library, session.storage().await?, moves.observer()).await?;
    let name = chosen.flow.name.clone();
    let work = async {
        let task = running.ops.call(&name, given).await?;
        if args.wait { wait(&running, task).await } else { Ok(task) }
    };
    let task = unless_interrupted(&moves, work).await??;
    finish(session, &running, &task).await
}

/// Does what is due until the task has ended.
async fn wait(running: &Running, mut task: Task) -> Result<Task, Failure> {
    while !task.status.has_ended() {
        let done = running.ops.run_due(&[]).await?;
        task = running.ops.task(task.id).await?;
        if done.advanced == 0 && !task.status.has_ended() {
            tokio::time::sleep(MAX_NAP).await;
        }
    }
    Ok(task)
}

/// Prints what came of a task, says what to do next, and gives the exit code.
pub(super) async fn finish(session: &Session, running: &Running, task: &Task) -> Result<Exit, Failure> {
    let screen = session.screen();
    if let Some(error) = print::error(running, task).await {
        screen.note(&error);
    }
    print::outcome(screen, task)?;
    if !task.status.has_ended() {
        let until = task.wake_at.map(|at| format!(" until {}", crate::clock::format(at))).unwrap_or_default();
        screen.aside(&format!("sleeps in `{}`{until}; `opsflow worker --once` does what is due\n", task.state));
    }
    Ok(print::exit_of(task))
}
