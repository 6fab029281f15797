//! `opsflow history`: what happened to a task.

use super::exit::{Exit, Failure};
use super::print;
use super::session::Session;

/// The options of `history`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Each line is a move: from where to where, why, by what, how long it took, and which attributes it changed.

Examples:
  opsflow history 0198c2
  opsflow history 0198c2 --json")]
pub(super) struct Args {
    /// The task's id, or the first four or more digits of it
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (running, id) = session.open_to_look(&args.id).await?;
    let entries = running.ops.history(id).await?;
    print::history(session.screen(), &entries)?;
    Ok(Exit::Done)
}
