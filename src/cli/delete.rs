//! `opsflow delete`: deletes an ended task with its sub-tasks and its history, or many.

use crate::error::Error;
use crate::task::Status;

use super::exit::{Exit, Failure};
use super::many::{Which, tally};
use super::session::Session;

/// The options of `delete`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  opsflow delete --all --status completed --flow plan_a_party --yes")]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let screen = session.screen();
    if let Some(id) = args.which.one()? {
        let (running, id) = session.open_to_look(id).await?;
        running.ops.delete(id).await?;
        screen.aside(&format!("deleted {id}\n"));
        return Ok(Exit::Done);
    }
    let (running, _) = session.open_to_move_many().await?;
    let fit = [Status::Completed, Status::Failed, Status::Cancelled];
    let Some(tasks) = args.which.agreed(&running, screen, "delete", &fit).await? else {
        return Ok(Exit::Done);
    };
    let (mut worst, mut deleted) = (Exit::Done, 0_usize);
    for task in tasks {
        let done = match running.ops.delete(task.id).await {
            // It has gone with its parent a moment ago.
            Err(Error::NotFound(_)) => Ok(Exit::Done),
            other => other.map(|()| Exit::Done).map_err(Failure::from),
        };
        deleted += usize::from(done.is_ok());
        tally(screen, &mut worst, done);
    }
    screen.aside(&format!("deleted {deleted}\n"));
    Ok(worst)
}
