//! `opsflow retry`: takes up a failed or cancelled task where it ended, or many.

use crate::error::Error;
use crate::library::Entry;
use crate::name::Name;
use crate::opsflow::What;
use crate::task::{Status, Task, TaskId};
use crate::wire::Verb;

use super::actor;
use super::exit::{Exit, Failure};
use super::interrupt::unless_interrupted;
use super::many::Which;
use super::migrate::is_at;
use super::print;
use super::run::finish;
use super::session::{Running, Session};

/// The options of `retry`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
A task continues with the definition that it is pinned to or, with `--to`, with the newest one: it is migrated first, as \
`opsflow migrate` does for tasks in flight.

Examples:
  opsflow retry 0198c2 --from charge_card
  opsflow retry 0198c2 --from charge_card --to 3
  opsflow retry --all --status failed --flow checkout --yes")]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Continue in this state, instead of the one where it ended
    #[arg(long, value_name = "STATE")]
    from: Option<String>,
    /// Migrate it first to this version, the one in the library; `--from` then names a state of it
    #[arg(long, value_name = "V")]
    to: Option<u32>,
}

const VERB: Verb = Verb { name: "retry", done: "retried", fit: &[Status::Failed, Status::Cancelled], finishes: false };

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    if let Some(id) = args.which.one()? {
        let (running, id, moves) = session.open_to_move(id).await?;
        tell_changed(session, &running, args, id).await?;
        let outcome = unless_interrupted(&moves, retry(&running, args, id)).await?;
        let task = running.told(id, outcome).await.map_err(|failure| with_flows(failure, args))?;
        return finish(session, &running, &task, true).await;
    }
    let opened = session.open_to_do_many().await?;
    let running = &opened.0;
    args.which.all(session, &opened, &VERB, print::exit_of, async |id| retry(running, args, id).await).await
}

async fn retry(running: &Running, args: &Args, id: TaskId) -> Result<Task, Error> {
    let (ops, from) = (&running.ops, args.from.as_deref().map(Name::from));
    let ask = actor::ask();
    let Some(version) = args.to else {
        return running.asks(id, What::Retry { from, on_newest: false }, &ask).await;
    };
    let task = ops.task(id).await?;
    is_at(&*ops.newest(&task.flow)?, version)?;
    running.asks(id, What::Retry { from, on_newest: true }, &ask).await
}

/// With `--to` the flow must be in the library, and a task can be of any flow.
fn with_flows(failure: Failure, args: &Args) -> Failure {
    let is_elsewhere = args.to.is_some() && failure.kind == "unknown_flow" && failure.help.is_none();
    if is_elsewhere {
        return failure.with_help("name the folder of its new version with `--flows`; without `--to` the task continues with the definition that it has");
    }
    failure
}

/// Reports that the flow of a task has changed since it started, and what `--to` would do about it.
async fn tell_changed(session: &Session, running: &Running, args: &Args, id: TaskId) -> Result<(), Failure> {
    let task = running.ops.task(id).await?;
    if args.to.is_some() || !task.status.has_ended() {
        return Ok(());
    }
    let Some(Entry::Good(newest)) = running.ops.library().get(&task.flow) else { return Ok(()) };
    if newest.definition.digest != task.digest {
        let (flow, version, own) = (&task.flow, newest.version, task.version);
        let to = if version == own {
            "a new `version` of it with a `migrate` can take it over, by `--to`".to_owned()
        } else if newest.migrations.iter().any(|migration| migration.from.contains(&own)) {
            format!("`--to {version}` moves it to the newest first")
        } else if version > own {
            format!("`--to` cannot move it, since `migrate` of version {version} has no entry for version {own}")
        } else {
            format!("version {version} in the library is older")
        };
        let news =
            format!("flow `{flow}` has changed since the task began: it keeps the definition it started with; {to}\n");
        session.screen().aside(&news);
    }
    Ok(())
}
