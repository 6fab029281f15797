//! `opsflow cancel`: cancels a task and its sub-tasks, or many.

use crate::task::{Status, Task};

use super::exit::{Exit, Failure};
use super::json;
use super::many::{Which, tally};
use super::print;
use super::session::Session;

/// The options of `cancel`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  opsflow cancel --all --flow plan_a_party --status waiting --yes")]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let screen = session.screen();
    if let Some(id) = args.which.one()? {
        let (running, id) = session.open_to_look(id).await?;
        let task = running.ops.cancel(id).await?;
        print::outcome(screen, &task)?;
        return Ok(Exit::Done);
    }
    let (running, _) = session.open_to_move_many().await?;
    let fit = [Status::Active, Status::Waiting];
    let Some(tasks) = args.which.agreed(&running, screen, "cancel", &fit).await? else {
        return Ok(Exit::Done);
    };
    let (mut worst, mut cancelled): (Exit, Vec<Task>) = (Exit::Done, Vec::new());
    for task in tasks {
        // A sub-task may have been cancelled with its parent a moment ago.
        let now = running.ops.task(task.id).await;
        let done = match now {
            Ok(now) if now.status == Status::Cancelled => Ok(now),
            _ => running.ops.cancel(task.id).await,
        };
        tally(
            screen,
            &mut worst,
            done.map(|task| {
                cancelled.push(task);
                Exit::Done
            })
            .map_err(Failure::from),
        );
    }
    if screen.json {
        screen.json(&json::tasks(&cancelled))?
    } else {
        print::tasks(screen, &cancelled)?
    }
    Ok(worst)
}
