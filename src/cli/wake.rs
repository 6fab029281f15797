//! `opsflow wake`: looks at a sleeping task now, or at many.

use crate::opsflow::What;
use crate::task::Status;
use crate::wire::Verb;

use super::actor;
use super::exit::{Exit, Failure};
use super::interrupt::unless_interrupted;
use super::many::Which;
use super::print;
use super::run::finish;
use super::session::Session;

/// The options of `wake`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
The conditions of its wait are checked now; if none holds, it keeps sleeping. A task that sleeps between two tries has its \
next try now.

Examples:
  opsflow wake 0198c2
  opsflow wake --all --flow checkout --state paid? --rate 50 --yes")]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
}

const VERB: Verb = Verb { name: "wake", done: "woken", fit: &[Status::Waiting], finishes: false };

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    if let Some(id) = args.which.one()? {
        let (running, id, moves) = session.open_to_move(id).await?;
        let before = running.ops.task(id).await?.revision;
        let outcome = unless_interrupted(&moves, running.asks(id, What::Wake, &actor::ask())).await?;
        let task = running.told(id, outcome).await?;
        return finish(session, &running, &task, task.revision != before).await;
    }
    let opened = session.open_to_do_many().await?;
    let (running, ask) = (&opened.0, actor::ask());
    args.which.all(session, &opened, &VERB, print::exit_of, async |id| running.asks(id, What::Wake, &ask).await).await
}
