//! `opsflow events`: everything that happens to tasks, a line of JSON each.

use crate::name::Name;
use crate::opsflow::{EventFilter, EventPage};
use crate::storage::Cursor;
use crate::wire::EventJson;

use super::exit::{Exit, Failure};
use super::filters::some_name;
use super::session::Session;

/// Events read per page.
const PAGE: usize = 200;
/// What stands for the place after the newest event.
const END: &str = "end";

/// The options of `events`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Each line is an object `{ type, cursor, task, entry }`; `type` is `started`, `moved` or `ended`. An event may come twice: \
whoever must not count twice goes by `task.id` and `entry.seq`.

Events are kept for 7 days. `--after` goes on where you stopped, with the `cursor` of the last line that you have handled.

Examples:
  opsflow events --flow process_order
  opsflow events --after end --follow")]
pub(super) struct Args {
    /// Only what came after this cursor of an event; `end` for what comes from now on [default: all that are kept]
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// Only of tasks of this flow
    #[arg(long, value_name = "FLOW", value_parser = some_name)]
    flow: Option<String>,
    /// Only of this task: its id, or the first four or more digits of it
    #[arg(long, value_name = "ID")]
    task: Option<String>,
    /// Go on with what happens until told to stop
    #[arg(long)]
    follow: bool,
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let (running, task) = match &args.task {
        Some(id) => {
            let (running, id) = session.open_to_look(id).await?;
            (running, Some(id))
        }
        None => (session.open_storage().await?, None),
    };
    let wanted = EventFilter { flow: args.flow.as_ref().map(Name::new), task };
    let mut after = match args.after.as_deref() {
        Some(END) => Some(running.ops.events_end().await?),
        given => given.map(Cursor::new),
    };
    loop {
        let page = running.ops.events(after.as_ref(), &wanted, PAGE).await?;
        let is_end = after.as_ref() == Some(&page.next);
        if !print(session, &page)? || is_end && !args.follow {
            return Ok(Exit::Done);
        }
        after = Some(page.next);
        if is_end {
            break;
        }
    }
    let mut follower = running.ops.follow_events(after, wanted);
    while print(session, &follower.next(PAGE).await?)? {}
    Ok(Exit::Done)
}

/// Prints events; false if nobody reads them any more.
fn print(session: &Session, page: &EventPage) -> Result<bool, Failure> {
    for event in &page.events {
        let line = serde_json::to_string(&EventJson::from(event));
        let line = line.map_err(|why| Failure::storage(format!("an event cannot be written as JSON: {why}")))?;
        if !session.screen().line(&line)? {
            return Ok(false);
        }
    }
    Ok(true)
}
