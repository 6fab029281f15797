//! `opsflow cancel`: cancels a task and its sub-tasks, or many.

use crate::task::Status;

use super::exit::{Exit, Failure};
use super::many::{Verb, Which};
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

const VERB: Verb =
    Verb { name: "cancel", done: "cancelled", fit: &[Status::Active, Status::Waiting], prints: true, finishes: true };

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    if let Some(id) = args.which.one()? {
        let (running, id) = session.open_to_look(id).await?;
        let task = running.ops.cancel(id).await?;
        print::outcome(session.screen(), &task)?;
        return Ok(Exit::Done);
    }
    let opened = session.open_to_do_many().await?;
    let ops = &opened.0.ops;
    let act = async |id| {
        let now = ops.task(id).await?;
        // A sub-task may have been cancelled with its parent a moment ago.
        let task = if now.status == Status::Cancelled { now } else { ops.cancel(id).await? };
        Ok((Exit::Done, Some(task)))
    };
    args.which.all(session, &opened, &VERB, act).await
}
