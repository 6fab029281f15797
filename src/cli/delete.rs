//! `opsflow delete`: deletes an ended task with its sub-tasks and its history, or many.

use crate::error::Error;
use crate::task::Status;
use crate::wire::Verb;

use super::exit::{Exit, Failure};
use super::many::Which;
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

const VERB: Verb = Verb {
    name: "delete",
    done: "deleted",
    fit: &[Status::Completed, Status::Failed, Status::Cancelled],
    finishes: true,
};

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    if let Some(id) = args.which.one()? {
        let (running, id) = session.open_to_look(id).await?;
        let deleted = running.told(id, running.ops.delete(id).await).await;
        deleted.map_err(|failure| {
            let goes_on = failure.task.as_ref().is_some_and(|task| !task.status.has_ended());
            let help = goes_on.then(|| format!("cancel it first: `opsflow cancel {id}`"));
            Failure { help: failure.help.clone().or(help), ..failure }
        })?;
        session.screen().aside(&format!("deleted {id}\n"));
        return Ok(Exit::Done);
    }
    let opened = session.open_to_do_many().await?;
    let ops = &opened.0.ops;
    let act = async |id| match ops.delete(id).await {
        // It was deleted with its parent a moment ago.
        Err(Error::NotFound(_)) => Ok(()),
        outcome => outcome,
    };
    args.which.all_silently(session, &opened, &VERB, act).await
}
