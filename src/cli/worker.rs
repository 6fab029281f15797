//! `opsflow worker --once`: does all that is due and ends.

use crate::name::Name;

use super::exit::{Exit, Failure};
use super::interrupt::unless_interrupted;
use super::session::Session;

/// The options of `worker`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Moves are shown on stderr, with the reason of a task that fails. The exit code is 0 when all that was due was done, \
whatever came of the tasks: `opsflow list --status failed` shows those that failed. What a dead process was at is due \
once its claim has ended by itself, within 30 s.

A worker may do only what `--allow` or `opsflow.yml` allows it, as `run` may: a call that is not allowed fails.

Examples:
  opsflow worker --once --allow http=api.example.com
  opsflow worker --once --queue slow --json")]
pub(super) struct Args {
    /// Only tasks of this queue; may be repeated [default: all queues]
    #[arg(long = "queue", value_name = "QUEUE")]
    queues: Vec<String>,
    /// Do all that is due, then end
    #[arg(long)]
    once: bool,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    if !args.once {
        return Err(Failure::usage("a worker that stays is not part of this version")
            .with_help("`opsflow worker --once` does all that is due and ends; call it again and again"));
    }
    let screen = session.screen();
    let (running, moves) = session.open_to_work().await?;
    let queues: Vec<Name> = args.queues.iter().map(Name::new).collect();
    let due = unless_interrupted(&moves, running.ops.run_due(&queues)).await??;
    for left in &due.left {
        screen.note(&format!("left as it is, task {}: {}\n", left.task_id, left.reason));
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
