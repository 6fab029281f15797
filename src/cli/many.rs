//! `--all`: a command on many tasks, after showing the count and asking for agreement.

use clap::Args;

use crate::error::Error;
use crate::task::{Task, TaskId};
use crate::wire::{TaskJson, Verb};

use super::bar::Bar;
use super::exit::{Exit, Failure};
use super::filters::Filters;
use super::moves::Moves;
use super::print;
use super::screen::{Screen, json_text};
use super::session::{Running, Session};
use super::work::Work;

/// Tasks that are listed at the end for people. JSON has all.
const MAX_LISTED: usize = 100;
/// The most that `--rate` may say.
const MAX_RATE: i64 = 1_000_000;

/// Which task, or which of all.
#[derive(Args, Debug, Clone)]
pub(super) struct Which {
    /// The task's id, or the first four or more digits of it
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub(super) id: Option<String>,
    /// All tasks that match the filters
    #[arg(long)]
    pub(super) all: bool,
    /// With `--all`: do it without asking
    #[arg(long, requires = "all")]
    yes: bool,
    /// With `--all`: at most this many tasks per second
    #[arg(long, value_name = "N", requires = "all", value_parser = rate())]
    rate: Option<u32>,
    #[command(flatten)]
    pub(super) filters: Filters,
}

/// The parser of a rate.
pub(super) fn rate() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=MAX_RATE)
}

impl Which {
    /// The one id, unless `--all` is given.
    pub(super) fn one(&self) -> Result<Option<&str>, Failure> {
        let help = "leave them out, or write `--all` instead of the id";
        if !self.all && self.filters.are_given() {
            return Err(Failure::usage("filters choose among many tasks, but one is named").with_help(help));
        }
        if !self.all && self.rate.is_some() {
            return Err(Failure::usage("`--rate` is for many tasks, but one is named").with_help(help));
        }
        Ok(self.id.as_deref())
    }

    /// Does `act` to all selected tasks, after the user has agreed. Prints the resulting tasks; `exit` says what their
    /// status means for the exit code.
    pub(super) async fn all(
        &self,
        session: &Session,
        (running, moves, bar): &(Running, Moves, Bar),
        verb: &Verb,
        exit: impl Fn(&Task) -> Exit,
        act: impl AsyncFn(TaskId) -> Result<Task, Error>,
    ) -> Result<Exit, Failure> {
        let screen = session.screen();
        let Some(ids) = self.agreed(running, screen, verb).await? else { return Ok(Exit::Done) };
        let mut results = Results { screen, count: 0, kept: Vec::new() };
        let work = Work { running, screen, bar, worker: moves.worker(), verb, rate: self.rate };
        let done = |task| {
            let exit = exit(&task);
            results.add(task).map(|()| exit)
        };
        let tally = work.each(ids, act, done).await?;
        results.finish()?;
        tally.finish(screen, verb)
    }

    /// Does `act` to all selected tasks, after the user has agreed; prints no tasks.
    pub(super) async fn all_silently(
        &self,
        session: &Session,
        (running, moves, bar): &(Running, Moves, Bar),
        verb: &Verb,
        act: impl AsyncFn(TaskId) -> Result<(), Error>,
    ) -> Result<Exit, Failure> {
        let screen = session.screen();
        let Some(ids) = self.agreed(running, screen, verb).await? else { return Ok(Exit::Done) };
        let work = Work { running, screen, bar, worker: moves.worker(), verb, rate: self.rate };
        work.each(ids, act, |()| Ok(Exit::Done)).await?.finish(screen, verb)
    }

    /// The selected tasks, if the user agrees.
    async fn agreed(&self, running: &Running, screen: Screen, verb: &Verb) -> Result<Option<Vec<TaskId>>, Failure> {
        let ids = self.filters.gather(running, screen, verb, |_| true).await?;
        let are_agreed = agreed(screen, verb, ids.len(), self.yes)?;
        if ids.is_empty() {
            self.filters.tell_unknown(screen, running, running.ops.library()).await?;
        }
        Ok(are_agreed.then_some(ids))
    }
}

/// Whether the user agrees that `count` tasks are processed.
pub(super) fn agreed(screen: Screen, verb: &Verb, count: usize, yes: bool) -> Result<bool, Failure> {
    let name = verb.name;
    let tasks = if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") };
    if count == 0 {
        screen.aside(&format!("nothing to {name}: {tasks}\n"));
        return Ok(true);
    }
    if yes {
        screen.aside(&format!("{name} {tasks}\n"));
        return Ok(true);
    }
    let answer = screen.ask(&format!("{name} {tasks}?"));
    if answer == Some(false) {
        screen.aside("nothing was done\n");
    }
    answer.ok_or_else(|| {
        Failure::usage(format!("this would {name} {tasks}; nothing was done"))
            .with_help("add `--yes` to do it without being asked")
    })
}

/// Prints results: as JSON all at once; for people some of them, at the end.
struct Results {
    screen: Screen,
    count: usize,
    kept: Vec<Task>,
}

impl Results {
    fn add(&mut self, task: Task) -> Result<(), Failure> {
        if self.screen.json {
            let text = json_text(&TaskJson::from(&task))?;
            let before = if self.count == 0 { "[\n" } else { ",\n" };
            let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
            self.screen.result(&format!("{before}{}", lines.join("\n")))?;
        } else if self.count < MAX_LISTED {
            self.kept.push(task);
        }
        self.count += 1;
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        if self.screen.json {
            return self.screen.result(if self.count == 0 { "[]\n" } else { "\n]\n" });
        }
        if !self.kept.is_empty() {
            print::tasks(self.screen, &self.kept)?;
        }
        if self.count > MAX_LISTED {
            self.screen.aside(&format!("the first {MAX_LISTED} are shown\n"));
        }
        Ok(())
    }
}
