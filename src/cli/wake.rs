//! `opsflow wake`: looks at a sleeping task now.

use super::exit::{Exit, Failure};
use super::interrupt::unless_interrupted;
use super::run::finish;
use super::session::Session;

/// The options of `wake`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
The conditions of its wait are looked at now, in place of at the next time; if none holds, it sleeps on.

Example:
  opsflow wake 0198c2")]
pub(super) struct Args {
    /// The task's id, or the first four or more digits of it
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (running, id, moves) = session.open_to_move(&args.id).await?;
    let task = unless_interrupted(&moves, running.ops.wake(id)).await??;
    finish(session, &running, &task).await
}
