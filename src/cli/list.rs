//! `opsflow list`: tasks, newest first.

use super::exit::{Exit, Failure};
use super::filters::Filters;
use super::print;
use super::session::Session;

/// The options of `list`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
In `--where`, the attributes of tasks stand by their names, and `task` for the task itself. A task whose flow has no such \
attribute has no value there; a task for which the expression fails is left out, and counted on stderr.

Examples:
  opsflow list --status waiting --flow plan_a_party
  opsflow list --where 'guests.len() > 10' --json
  opsflow list --ref order/17 --as main_order")]
pub(super) struct Args {
    #[command(flatten)]
    filters: Filters,
    /// At most this many
    #[arg(long, value_name = "N", default_value = "100", value_parser = limit, allow_negative_numbers = true)]
    limit: usize,
}

fn limit(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "a whole number was expected, like 20".to_owned())
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let running = session.open_storage().await?;
    let tasks = args.filters.find(&running, session.screen(), args.limit).await?;
    print::tasks(session.screen(), &tasks)?;
    if tasks.is_empty() && args.limit > 0 && args.filters.are_given() {
        let library = session.library(None).unwrap_or_default();
        args.filters.tell_unknown(session.screen(), &running, &library).await?;
    }
    if tasks.len() == args.limit && !session.screen().json {
        session.screen().aside(&format!("at most {} are shown; `--limit N` shows more\n", args.limit));
    }
    Ok(Exit::Done)
}
