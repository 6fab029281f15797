//! `opsflow start`: hands a task to the background.

use crate::name::Name;
use crate::opsflow::Ask;
use crate::task::Secrets;

use super::actor;
use super::exit::{Exit, Failure};
use super::filters::some_name;
use super::given::Given;
use super::moves::Moves;
use super::print;
use super::session::Session;

/// The options of `start`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
The task is stored, and a worker runs it. The worker needs the same `--allow` as `opsflow run` would.

Examples:
  opsflow start plan_a_party.yml --set date=2026-11-21 && opsflow worker --once
  opsflow start process_order --input order.json --key order-17")]
pub(super) struct Args {
    /// A file (its first flow), or the name of a flow
    #[arg(value_name = "FILE|FLOW")]
    what: String,
    #[command(flatten)]
    given: Given,
    /// Start it once for each key: a repeat finds the task that there is
    #[arg(long, value_name = "KEY", value_parser = some_name)]
    key: Option<String>,
}

pub(super) async fn command(session: &Session, args: Args) -> Result<Exit, Failure> {
    if session.is_in_memory() {
        return Err(Failure::usage("a task started in `memory:` is gone before a worker can take it")
            .with_help("name a file with `--storage sqlite:PATH`, or run it here and now with `opsflow run`"));
    }
    let chosen = session.choose(&args.what)?;
    let given =
        args.given.read(&chosen.flow.attributes, &format!("flow `{}`", chosen.flow.name), Secrets::default())?;
    let worker = session.worker_for(&chosen.flow, &chosen.library);
    let moves = Moves::new(session.screen(), &worker);
    let running = session.open(chosen.library, session.storage().await?, moves.observer()).await?;
    let ask = Ask { key: args.key.map(Name::from), ..actor::ask() };
    let task = running.ops.later_as(&chosen.flow.name, given, &ask).await?;
    print::outcome(session.screen(), &task)?;
    if !task.has_ended() {
        session.screen().aside(&format!("waits for a worker: `{worker}`\n"));
    }
    Ok(Exit::Done)
}
