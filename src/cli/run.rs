//! `opsflow run`: runs a task here and now.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::opsflow::{Either, Event, WorkerConfig, first};
use crate::task::{HeldUp, Secrets, Status, Task};

use super::actor;
use super::exit::{Exit, Failure};
use super::given::Given;
use super::interrupt::unless_interrupted;
use super::meant::value_without_set;
use super::moves::Moves;
use super::print;
use super::screen::plain;
use super::session::{Running, Session};
use super::waits::{named_sleep, sleep};
use crate::quoted::quoted;

/// How long `--wait` still waits for other running tasks after its own task has ended.
const WAIT_GRACE: Duration = Duration::from_secs(1);

/// The options of `run`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Moves are shown on stderr as they happen; the outcome is printed on stdout. The exit code is 0 for a task that completed \
or sleeps, 1 for one that failed. Ctrl-C stops it (130): what was stored stays, and a worker continues it.

Examples:
  opsflow run plan_a_party.yml --set date=2026-11-21 --set 'guests=[\"Ann\",\"Bob\"]'
  echo '{ \"date\": \"2026-11-21\" }' | opsflow run plan_a_party.yml --input - --json")]
pub(super) struct Args {
    /// A file, or the name of a flow
    #[arg(value_name = "FILE|FLOW")]
    what: String,
    /// The flow of the file, if not its first
    #[arg(value_name = "FLOW")]
    flow: Option<String>,
    #[command(flatten)]
    given: Given,
    /// Stay until the task ends, and run what comes due meanwhile
    #[arg(long)]
    wait: bool,
}

pub(super) async fn command(session: &Session, args: Args) -> Result<Exit, Failure> {
    if let Some(failure) = args.flow.as_deref().and_then(value_without_set) {
        return Err(failure);
    }
    let chosen = session.choose_one(&args.what, args.flow.as_deref())?;
    let given =
        args.given.read(&chosen.flow.attributes, &format!("flow `{}`", chosen.flow.name), Secrets::default())?;
    let moves = Moves::new(session.screen(), &session.worker_for(&chosen.flow, &chosen.library));
    let moves = if args.wait { moves.with_progress() } else { moves };
    let storage = session.storage().await?;
    // The waiting caller learns at once that this process lacks a grant for the task.
    let (tell, mut held_up) = mpsc::channel(1);
    let observer = {
        let see = moves.observer();
        move |event: &Event| {
            if let Event::HeldUp { task, by } = event
                && task.parent_id.is_none()
            {
                let _ = tell.try_send(by.clone());
            }
            see(event);
        }
    };
    let builder = session.builder(chosen.library, storage, observer)?;
    let builder = if args.wait { builder.leaves_sub_tasks() } else { builder };
    let running = Running { ops: builder.build().await? };
    let name = chosen.flow.name.clone();
    let work = async {
        let task = running.ops.call_as(&name, given, &actor::ask()).await?;
        if args.wait { wait(&moves, &running, task, &mut held_up).await } else { Ok(task) }
    };
    let task = unless_interrupted(&moves, work).await??;
    finish(session, &running, &task, task.held_up_by.is_none()).await
}

/// Waits until the task has ended, or is held up by a grant that is missing here. Meanwhile it runs what comes due of
/// this task and the tasks that it has started, and nothing else.
async fn wait(
    moves: &Moves,
    running: &Running,
    task: Task,
    held_up: &mut mpsc::Receiver<HeldUp>,
) -> Result<Task, Failure> {
    let (stop, stopped) = oneshot::channel::<()>();
    let work = WorkerConfig { grace: WAIT_GRACE, below: Some(task.id), ..WorkerConfig::default() };
    let working = running.ops.work(work, async { drop(stopped.await) });
    let waiting = async {
        let task = wait_for_end(moves, running, task, held_up).await;
        // If the worker has ended already, it need not be told.
        let _ = stop.send(());
        task
    };
    let (worked, task) = tokio::join!(working, waiting);
    worked?;
    task
}

/// Waits until the task has ended or is held up. Whenever the task falls asleep, says what it waits for.
async fn wait_for_end(
    moves: &Moves,
    running: &Running,
    mut task: Task,
    held_up: &mut mpsc::Receiver<HeldUp>,
) -> Result<Task, Failure> {
    let mut told = None;
    while !task.status.has_ended() && task.held_up_by.is_none() {
        let stands = Some((task.progress.seq, task.wake_at));
        if task.status == Status::Waiting && told != stands {
            let flow = running.ops.flow_of(&task).await.ok();
            moves.aside(&format!("{}\n", named_sleep(&task, flow.as_deref())));
            told = stands;
        }
        let changed = async {
            match first(running.ops.changed(&task), held_up.recv()).await {
                Either::Left(changed) => changed,
                // What is stored may not say so, if the worker looks at the task once more just now.
                Either::Right(by) => {
                    let now = running.ops.task(task.id).await?;
                    let by = by.filter(|_| !now.status.has_ended()).map(Box::new);
                    Ok(Task { held_up_by: now.held_up_by.clone().or(by), ..now })
                }
            }
        };
        task = moves.progress().while_waiting(&running.ops, &task, changed).await??;
    }
    Ok(task)
}

/// Prints the result for a task, says what to do next, and returns the exit code. A task that is held up by a grant
/// that is missing here stays due for others. The request counts as done if it `is_stored`, and as refused otherwise.
pub(super) async fn finish(
    session: &Session,
    running: &Running,
    task: &Task,
    is_stored: bool,
) -> Result<Exit, Failure> {
    let screen = session.screen();
    if let Some(error) = print::error(screen, running, task).await {
        screen.note(&error);
    }
    print::outcome(screen, task)?;
    if let Some(by) = &task.held_up_by {
        if screen.json && !is_stored {
            return Err(not_allowed(session, task, by));
        }
        let note = held_up(session, task, by);
        // What was asked was done, and this is a note; otherwise it says why it was not.
        if is_stored {
            screen.aside(&note)
        } else {
            screen.note(&note)
        }
        return Ok(if is_stored { Exit::Done } else { Exit::Refused });
    }
    if !task.status.has_ended() {
        let next = if session.is_in_memory() {
            "nothing is kept in `memory:`, and the task ends here".to_owned()
        } else {
            format!("`{}` does what comes due", session.worker_for_task(running, task).await)
        };
        let flow = running.ops.flow_of(task).await.ok();
        screen.aside(&format!("{}; {next}\n", sleep(task, flow.as_deref())));
    }
    Ok(print::exit_of(task))
}

/// The same as a refusal, for programs.
fn not_allowed(session: &Session, task: &Task, by: &HeldUp) -> Failure {
    let message = format!("task {} is held up in `{}` of flow `{}`: {by}", task.id, task.state, task.flow);
    Failure::refused(message).of_kind("conflict").with_help(continues(session, by)).about(task.clone())
}

/// Which grant a task waits for, and how to continue it.
fn held_up(session: &Session, task: &Task, by: &HeldUp) -> String {
    let (state, flow, next) = (plain(&task.state), plain(&task.flow), continues(session, by));
    format!("task {} is held up in `{state}` of flow `{flow}`: {}; {next}\n", task.id, plain(&by.to_string()))
}

/// How to continue a task that is held up.
fn continues(session: &Session, by: &HeldUp) -> String {
    if session.is_in_memory() {
        "nothing is kept in `memory:`, and the task ends here".to_owned()
    } else {
        format!("it is due, and `{} --allow {}` continues it", session.worker(), quoted(&by.grant))
    }
}
