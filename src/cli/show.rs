//! `opsflow show`: one task.

use super::exit::{Exit, Failure};
use super::print;
use super::session::Session;

/// The options of `show`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
A text that is empty or has blanks at its ends is shown in quotes; a secret is never shown.

Examples:
  opsflow show 0198c2
  opsflow show 0198c2 --json")]
pub(super) struct Args {
    /// The task's id, or the first four or more digits of it
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (running, id) = session.open_to_look(&args.id).await?;
    let task = running.ops.task(id).await?;
    let tried = print::tried(session.screen(), &running, &task).await?;
    print::task(session.screen(), &running, &task, tried).await?;
    Ok(Exit::Done)
}
