//! `opsflow migrate`: moves tasks in flight to the newest version of their flow.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::flow::Flow;
use crate::name::Name;
use crate::opsflow::Opsflow;
use crate::task::{Invalid, Status, TaskId, Transition};
use crate::wire::Verb;

use super::actor;
use super::bar::Bar;
use super::exit::{Exit, Failure};
use super::filters::Narrow;
use super::many::{agreed, rate};
use super::moves::Moves;
use super::print;
use super::screen::{Screen, plain};
use super::session::Session;
use super::work::Work;

/// Ids that are listed of tasks that cannot be migrated. JSON has all.
const MAX_NAMED: usize = 5;

/// The options of `migrate`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Tasks of earlier versions that have not ended become tasks of the version in the library, by the entry of its `migrate` \
that names their version. Each is migrated as a whole or stays as it is. It does not run them: a worker continues them. \
You can interrupt and repeat it.

The exit code is 3 if some cannot be migrated, with `--dry-run` too. For an ended task, see `opsflow help retry`, `--to`.

Examples:
  opsflow migrate checkout --dry-run
  opsflow migrate checkout --to 3 --state paid? --rate 100 --yes")]
pub(super) struct Args {
    /// The name of a flow, or a file (its first flow)
    #[arg(value_name = "FLOW")]
    flow: String,
    /// The version to move to; it must be the one in the library
    #[arg(long, value_name = "V")]
    to: Option<u32>,
    /// Only report how many tasks can be migrated, and which cannot, and why
    #[arg(long)]
    dry_run: bool,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    /// At most this many tasks per second
    #[arg(long, value_name = "N", value_parser = rate())]
    rate: Option<u32>,
    #[command(flatten)]
    narrow: Narrow,
}

const MOVE: Verb = Verb { name: "migrate", done: "moved", fit: &[Status::Active, Status::Waiting], finishes: true };
const LOOK: Verb = Verb { done: "looked at", finishes: false, ..MOVE };

/// Whether the library has `version` of a flow.
pub(super) fn is_at(flow: &Flow, version: u32) -> Result<(), Error> {
    if flow.version == version {
        return Ok(());
    }
    let (name, own) = (&flow.name, flow.version);
    let reason = format!("the library has version {own}, not {version}");
    let help = format!("leave `--to` out, write `--to {own}`, or name another folder with `--flows`");
    let invalid = Invalid { help: Some(help), ..Invalid::new(reason) };
    Err(Error::Input { subject: format!("flow `{name}`"), invalid: invalid.into() })
}

pub(super) async fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let chosen = session.choose(&args.flow)?;
    let flow = chosen.flow;
    if let Some(version) = args.to {
        is_at(&flow, version)?;
    }
    let (screen, worker, bar) = (session.screen(), session.worker_for(&flow, &chosen.library), Bar::default());
    let observer = bar.over(Moves::of_many(screen, &worker).observer());
    let running = session.open(chosen.library, session.storage_there_is().await?, observer).await?;
    let verb = if args.dry_run { &LOOK } else { &MOVE };
    let mut others = 0_usize;
    let earlier = |task: &crate::task::Task| {
        let is_earlier = task.version < flow.version;
        others += usize::from(!is_earlier && task.digest != flow.definition.digest);
        is_earlier
    };
    let filters = args.narrow.of(&flow.name);
    let ids = filters.gather(&running, screen, verb, earlier).await?;
    if others > 0 {
        let (stay, version) = (if others == 1 { "stays" } else { "stay" }, flow.version);
        let news = format!(
            "{others} {stay}: of another definition than the library's, but of no version before {version}; to move them, \
             raise `version` in the file, and add an entry to its `migrate`\n"
        );
        screen.aside(&news);
    }
    if !args.dry_run && !agreed(screen, verb, ids.len(), args.yes)? {
        return Ok(Exit::Done);
    }
    let total = ids.len();
    if total == 0 {
        filters.tell_unknown(screen, &running, running.ops.library()).await?;
    }
    let mut report = Report::default();
    let (ops, ask) = (&running.ops, actor::ask());
    let act = async |id| {
        let entry = if args.dry_run { ops.try_migration(id).await } else { ops.migration(id, &ask).await };
        Came::of(ops, id, entry).await
    };
    let work = Work { running: &running, screen, bar: &bar, worker: &worker, verb, rate: args.rate };
    let tally = work.each(ids, act, |came| Ok(report.take(came))).await?;
    report.passed_over += tally.passed_over();
    report.does_not.values_mut().for_each(|ids| ids.sort_unstable());
    report.print(screen, &flow, args.dry_run)?;
    let (moved, name, version) = (report.moved(), &flow.name, flow.version);
    let is_unchanged = args.dry_run || moved == 0;
    let rest = if is_unchanged { "nothing was changed".to_owned() } else { format!("`{worker}` continues them") };
    let does = if args.dry_run { "map" } else { "moved" };
    if total > 0 || args.dry_run {
        screen.aside(&format!("{moved} of {total} tasks of `{name}` {does} to version {version}; {rest}\n"));
    }
    tally.end()
}

/// The results for all tasks, done or in a dry run.
#[derive(Default)]
struct Report {
    /// By version, state, and new state.
    maps: BTreeMap<(u32, Name, Name), usize>,
    /// By version, state and reason.
    does_not: BTreeMap<(u32, Name, String), Vec<TaskId>>,
    passed_over: usize,
}

/// The result for one task.
enum Came {
    /// The history entry of its migration.
    Moves(Transition),
    /// The version and state in which it cannot be migrated, and why.
    DoesNot(u32, Name, String, TaskId),
    /// It was migrated by somebody else, or has ended.
    PassedOver,
}

impl Came {
    async fn of(ops: &Opsflow, id: TaskId, entry: Result<Option<Transition>, Error>) -> Result<Self, Error> {
        let reason = match entry {
            Ok(Some(entry)) => return Ok(Self::Moves(entry)),
            Ok(None) => return Ok(Self::PassedOver),
            Err(Error::Refused { message, .. }) => message,
            Err(Error::Conflict(_)) => "somebody else holds it".to_owned(),
            Err(error) => return Err(error),
        };
        let task = ops.task(id).await?;
        let has_ended = task.status.has_ended();
        Ok(if has_ended { Self::PassedOver } else { Self::DoesNot(task.version, task.state, reason, id) })
    }
}

impl Report {
    /// Adds the result for one task.
    fn take(&mut self, came: Came) -> Exit {
        match came {
            Came::Moves(entry) => *self.maps.entry((before(&entry), entry.from, entry.to)).or_default() += 1,
            Came::PassedOver => self.passed_over += 1,
            Came::DoesNot(version, state, reason, id) => {
                self.does_not.entry((version, state, reason)).or_default().push(id);
                return Exit::Refused;
            }
        }
        Exit::Done
    }

    fn moved(&self) -> usize {
        self.maps.values().sum()
    }

    fn print(&self, screen: Screen, flow: &Flow, dry_run: bool) -> Result<(), Failure> {
        if screen.json {
            return screen.json(&self.json(flow, dry_run));
        }
        let mut text = String::new();
        if !self.maps.is_empty() {
            let rows = self.maps.iter().map(|((version, from, to), count)| {
                [version.to_string(), from.to_string(), to.to_string(), count.to_string()]
            });
            text += &print::table_of(["VERSION", "STATE", "BECOMES", "TASKS"], rows);
        }
        for ((_, _, reason), ids) in &self.does_not {
            let count = ids.len();
            let does = if count == 1 { "1 task does not map".to_owned() } else { format!("{count} tasks do not map") };
            let named: Vec<String> = ids.iter().take(MAX_NAMED).map(ToString::to_string).collect();
            let more = if count > MAX_NAMED { format!(", and {} more", count - MAX_NAMED) } else { String::new() };
            text += &format!("{does}: {}\n  {}{more}\n", plain(reason), named.join(", "));
        }
        if text.is_empty() { Ok(()) } else { screen.result(&text) }
    }

    fn json(&self, flow: &Flow, dry_run: bool) -> serde_json::Value {
        let maps = self.maps.iter().map(|((version, from, to), tasks)| {
            serde_json::json!({ "version": version, "state": from, "becomes": to, "tasks": tasks })
        });
        let does_not = self.does_not.iter().map(|((version, state, reason), ids)| {
            serde_json::json!({ "version": version, "state": state, "reason": reason, "tasks": ids.len(), "ids": ids })
        });
        serde_json::json!({
            "flow": flow.name, "to": flow.version, "dry_run": dry_run,
            "maps": maps.collect::<Vec<_>>(), "does_not_map": does_not.collect::<Vec<_>>(),
            "passed_over": self.passed_over,
        })
    }
}

/// The version that a task had before a history entry of a migration, which says `1 to 3`.
fn before(entry: &Transition) -> u32 {
    let by = entry.by.as_deref().unwrap_or_default();
    by.split(' ').next().and_then(|version| version.parse().ok()).unwrap_or_default()
}
