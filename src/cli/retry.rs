//! `opsflow retry`: takes up a failed or cancelled task where it ended, or many.

use crate::task::{Status, Task};

use super::exit::{Exit, Failure};
use super::interrupt::unless_interrupted;
use super::many::{Which, tally};
use super::print;
use super::run::finish;
use super::session::Session;

/// The options of `retry`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  opsflow retry 0198c2 --from charge_card
  opsflow retry --all --status failed --flow checkout --yes")]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Go on from this state, in place of the one where it ended
    #[arg(long, value_name = "STATE")]
    from: Option<String>,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let screen = session.screen();
    let from = args.from.as_deref();
    if let Some(id) = args.which.one()? {
        let (running, id, moves) = session.open_to_move(id).await?;
        let task = unless_interrupted(&moves, running.ops.retry(id, from)).await??;
        return finish(session, &running, &task).await;
    }
    let (running, moves) = session.open_to_move_many().await?;
    let fit = [Status::Failed, Status::Cancelled];
    let Some(tasks) = args.which.agreed(&running, screen, "retry", &fit).await? else {
        return Ok(Exit::Done);
    };
    let (mut worst, mut taken_up): (Exit, Vec<Task>) = (Exit::Done, Vec::new());
    for task in tasks {
        let done = unless_interrupted(&moves, running.ops.retry(task.id, from)).await?;
        let done = done.map_err(Failure::from).map(|task| {
            let exit = print::exit_of(&task);
            taken_up.push(task);
            exit
        });
        tally(screen, &mut worst, done);
    }
    print::tasks(screen, &taken_up)?;
    Ok(worst)
}
