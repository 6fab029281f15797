//! `opsflow interact`: does something to a task that its flow allows.

use crate::name::{Name, nearest};
use crate::opsflow::{Ask, What};
use crate::task::Secrets;
use crate::wire::is_like_id;

use super::actor;
use super::exit::{Exit, Failure, did_you_mean};
use super::given::Given;
use super::interrupt::unless_interrupted;
use super::run::finish;
use super::session::Session;
use super::waits::allowed;
use crate::quoted::quoted;

/// The options of `interact`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  opsflow interact 0198c2 register! --set name=Ann --key order-17")]
pub(super) struct Args {
    /// The task's id, or the first four or more digits of it
    #[arg(value_name = "ID")]
    id: String,
    /// The interaction; without it, those that are possible now are named
    #[arg(value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    given: Given,
    /// A key of your own: the same interaction again with it does nothing and answers with the task; another one, or
    /// other parameters, are refused (3)
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

pub(super) async fn command(session: &Session, args: Args) -> Result<Exit, Failure> {
    let Some(name) = args.name else { return Err(nameless(session, &args.id).await?) };
    if !is_like_id(&args.id) && is_like_id(&name) {
        let message = format!("`{}` is not the id of a task", args.id);
        let help = format!("the id comes first: `opsflow interact {} {}`", quoted(&name), quoted(&args.id));
        return Err(Failure::usage(message).with_help(help));
    }
    let (running, id, moves) = session.open_to_move(&args.id).await?;
    let task = running.ops.task(id).await?;
    let flow = running.ops.flow_of(&task).await?;
    let secrets = Secrets::of(&task.attributes);
    let Some(interaction) = flow.interactions.iter().find(|interaction| interaction.name == *name) else {
        let known = flow.interactions.iter().map(|interaction| interaction.name.as_str());
        let near = nearest(&name, known.clone()).map(Name::from);
        let names: Vec<String> = known.map(|name| format!("`{name}`")).collect();
        let help = did_you_mean(near.as_ref()).unwrap_or_else(|| match names.as_slice() {
            [] => "it has no interactions".to_owned(),
            names => format!("it has {}", names.join(", ")),
        });
        let message = format!("flow `{}` has no interaction `{}`", flow.name, secrets.text(name));
        return Err(Failure::refused(message).of_kind("unknown_interaction").with_help(help).about(task));
    };
    let params = args.given.read(&interaction.params, &format!("interaction `{}`", interaction.name), secrets)?;
    let what = What::Interact { name: name.as_str().into(), params };
    let ask = Ask { key: args.key.as_deref().map(Name::from), ..actor::ask() };
    let work = running.asks(id, what, &ask);
    let outcome = unless_interrupted(&moves, work).await?;
    let task = running.told(id, outcome).await?;
    finish(session, &running, &task, true).await
}

/// Names the interactions that are possible now, for a command without a name.
async fn nameless(session: &Session, id: &str) -> Result<Failure, Failure> {
    let (running, id) = session.open_to_look(id).await?;
    let task = running.ops.task(id).await?;
    let flow = running.ops.flow_of(&task).await?;
    let names: Vec<String> = allowed(&flow, &task).iter().map(|one| format!("`{}`", one.name)).collect();
    let help = match names.as_slice() {
        [] => format!("none is possible now: the task is {} in `{}`", task.status.name(), task.state),
        names => format!("possible now: {}", names.join(", ")),
    };
    Ok(Failure::usage("the name of the interaction is missing").with_help(help))
}
