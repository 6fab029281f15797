//! `opsflow cancel`: cancels a task and its sub-tasks, or many.

use crate::error::Error;
use crate::opsflow::What;
use crate::task::Status;
use crate::wire::Verb;

use super::actor;
use super::exit::{Exit, Failure};
use super::many::Which;
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

const VERB: Verb = Verb { name: "cancel", done: "cancelled", fit: &[Status::Active, Status::Waiting], finishes: true };

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    if let Some(id) = args.which.one()? {
        let (running, id) = session.open_to_look(id).await?;
        let task = running.told(id, running.asks(id, What::Cancel, &actor::ask()).await).await?;
        print::outcome(session.screen(), &task)?;
        return Ok(Exit::Done);
    }
    let opened = session.open_to_do_many().await?;
    let (running, ask) = (&opened.0, actor::ask());
    let act = async |id| match running.asks(id, What::Cancel, &ask).await {
        // It was cancelled with its parent a moment ago.
        Err(error @ Error::Refused { .. }) => {
            let now = running.ops.task(id).await?;
            if now.status == Status::Cancelled { Ok(now) } else { Err(error) }
        }
        outcome => outcome,
    };
    args.which.all(session, &opened, &VERB, |_| Exit::Done, act).await
}
