//! `--all`: a command on many tasks, one after another, once the count has been shown and a person has agreed.
//!
//! It may be broken off and called again at any time: each task is done with or not, and one that is in another status by
//! the time its turn comes is passed over.

use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use crate::error::Error;
use crate::storage::StorageError;
use crate::task::{Status, Task, TaskId};

use super::bar::Bar;
use super::exit::{Exit, Failure};
use super::filters::Filters;
use super::json::TaskJson;
use super::moves::Moves;
use super::print;
use super::screen::{Screen, json_text};
use super::session::{Running, Session};
use super::stop::Stop;

/// Tasks that are listed at the end, where people read. JSON has all.
const MAX_LISTED: usize = 100;
/// The most that `--rate` may say.
const MAX_RATE: i64 = 1_000_000;
/// By how much a task may come early because the one before came late: timers are no finer.
const SLACK: Duration = Duration::from_millis(10);

/// Which task, or which of all.
#[derive(Args, Debug, Clone)]
pub(super) struct Which {
    /// The task's id, or the first four or more digits of it
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub(super) id: Option<String>,
    /// All tasks for which the filters hold
    #[arg(long)]
    pub(super) all: bool,
    /// With `--all`: do it without asking
    #[arg(long, requires = "all")]
    yes: bool,
    /// With `--all`: at most so many tasks a second
    #[arg(long, value_name = "N", requires = "all", value_parser = rate())]
    rate: Option<u32>,
    #[command(flatten)]
    pub(super) filters: Filters,
}

/// Reads a rate.
pub(super) fn rate() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=MAX_RATE)
}

/// A command, as it does what it does to many tasks.
pub(super) struct Verb {
    /// As in `cancel 3 tasks`.
    pub(super) name: &'static str,
    /// As in `cancelled 3`.
    pub(super) done: &'static str,
    /// The statuses in which it takes tasks.
    pub(super) fit: &'static [Status],
    /// Whether tasks are printed when they are done with.
    pub(super) prints: bool,
    /// Whether the one under way is finished when Ctrl-C is pressed. Else it is dropped, and stays as it is stored.
    pub(super) finishes: bool,
}

/// What came of one task: what that means for the exit code, and the task, if it is to be printed.
pub(super) type Done = (Exit, Option<Task>);

impl Which {
    /// The one id, unless all are meant.
    pub(super) fn one(&self) -> Result<Option<&str>, Failure> {
        let help = "leave them out, or write `--all` in place of the id";
        if !self.all && self.filters.are_given() {
            return Err(Failure::usage("filters choose among many tasks, but one is named").with_help(help));
        }
        if !self.all && self.rate.is_some() {
            return Err(Failure::usage("`--rate` is for many tasks, but one is named").with_help(help));
        }
        Ok(self.id.as_deref())
    }

    /// Does `act` to all tasks that are meant, once a person has agreed; prints what came of them.
    pub(super) async fn all(
        &self,
        session: &Session,
        (running, moves, bar): &(Running, Moves, Bar),
        verb: &Verb,
        act: impl AsyncFnMut(TaskId) -> Result<Done, Error>,
    ) -> Result<Exit, Failure> {
        let screen = session.screen();
        let ids = self.filters.gather(running, screen, verb, |_| true).await?;
        if !agreed(screen, verb, ids.len(), self.yes)? {
            return Ok(Exit::Done);
        }
        let mut results = Results { screen, count: 0, kept: Vec::new() };
        let work = Work { running, screen, bar, worker: moves.worker(), verb, rate: self.rate };
        let tally = work.each(ids, &mut results, act).await?;
        if verb.prints {
            results.finish()?;
        }
        tally.finish(screen, verb)
    }
}

/// Whether a person agrees that `count` tasks are worked at.
pub(super) fn agreed(screen: Screen, verb: &Verb, count: usize, yes: bool) -> Result<bool, Failure> {
    let name = verb.name;
    let tasks = if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") };
    if count == 0 {
        screen.note(&format!("nothing to {name}: {tasks}\n"));
        return Ok(true);
    }
    if yes {
        screen.note(&format!("{name} {tasks}\n"));
        return Ok(true);
    }
    screen.ask(&format!("{name} {tasks}?")).ok_or_else(|| {
        Failure::usage(format!("this would {name} {tasks}; nothing was done"))
            .with_help("add `--yes` to do it without being asked")
    })
}

/// All that is needed to work at many tasks.
pub(super) struct Work<'a> {
    pub(super) running: &'a Running,
    pub(super) screen: Screen,
    pub(super) bar: &'a Bar,
    /// The call of a worker that goes on with what is left.
    pub(super) worker: &'a str,
    pub(super) verb: &'a Verb,
    /// Tasks a second.
    pub(super) rate: Option<u32>,
}

/// How many were worked at, and what came of it.
#[derive(Debug)]
pub(super) struct Tally {
    total: usize,
    done: usize,
    passed_over: usize,
    failed: usize,
    worst: Exit,
    /// Why it ended before its end.
    stopped: Option<Failure>,
}

impl Work<'_> {
    /// Does `act` to one after another. What fails is told, and the worst exit code kept; a storage that fails ends it.
    pub(super) async fn each(
        self,
        ids: Vec<TaskId>,
        results: &mut Results,
        mut act: impl AsyncFnMut(TaskId) -> Result<Done, Error>,
    ) -> Result<Tally, Failure> {
        let mut tally =
            Tally { total: ids.len(), done: 0, passed_over: 0, failed: 0, worst: Exit::Done, stopped: None };
        let (mut stop, mut pace) = (Stop::new(), self.rate.map(Pace::new));
        self.bar.show(self.screen, ids.len());
        for id in ids {
            let is_time = match &mut pace {
                Some(pace) => stop.during(false, pace.wait()).await.is_some(),
                None => true,
            };
            if !is_time || stop.is_pressed() {
                tally.stopped = Some(self.interrupted(&tally, false));
                break;
            }
            match stop.during(self.verb.finishes, act(id)).await {
                Some(Ok((exit, task))) => {
                    // What was refused is told by whoever counts it.
                    tally.done += usize::from(exit != Exit::Refused);
                    tally.worst = tally.worst.max(exit);
                    if let Some(task) = task {
                        results.add(task)?;
                    }
                }
                Some(Err(error)) => self.failed(&mut tally, id, error).await?,
                None => tally.stopped = Some(self.interrupted(&tally, !self.verb.finishes)),
            }
            if tally.stopped.is_some() {
                break;
            }
            self.bar.advance();
        }
        self.bar.clear();
        Ok(tally)
    }

    /// Sees to a task for which something went wrong.
    async fn failed(&self, tally: &mut Tally, id: TaskId, error: Error) -> Result<(), Failure> {
        if self.is_elsewhere(id, &error).await? {
            tally.passed_over += 1;
            return Ok(());
        }
        let is_of_storage = matches!(error, Error::Storage(StorageError::Engine { .. }));
        let mut failure = Failure::from(error);
        tally.worst = tally.worst.max(failure.exit);
        tally.failed += 1;
        if is_of_storage {
            tally.stopped = Some(failure);
            return Ok(());
        }
        let named = id.to_string();
        failure.message =
            failure.message.map(|text| if text.contains(&named) { text } else { format!("task {named}: {text}") });
        self.bar.above(|| self.screen.failure(&failure));
        Ok(())
    }

    /// Whether the task is gone, or in no status any more in which this could be done to it.
    async fn is_elsewhere(&self, id: TaskId, error: &Error) -> Result<bool, Failure> {
        match error {
            Error::NotFound(_) => Ok(true),
            Error::Refused { .. } | Error::Conflict(_) => {
                let task = self.running.storage.task(id).await?;
                Ok(task.is_none_or(|task| !self.verb.fit.contains(&task.status)))
            }
            _ => Ok(false),
        }
    }

    fn interrupted(&self, tally: &Tally, is_dropped: bool) -> Failure {
        let (verb, done, total) = (self.verb.done, tally.done, tally.total);
        let dropped = if is_dropped {
            format!("; the one under way stays as it is stored, and `{}` goes on with it", self.worker)
        } else {
            String::new()
        };
        Failure::interrupted(
            Exit::Interrupted,
            format!("{verb} {done} of {total}{dropped}; the same call again goes on with the rest"),
        )
    }
}

impl Tally {
    /// How many were passed over.
    pub(super) const fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// Says how many were done, and gives the exit code.
    pub(super) fn finish(self, screen: Screen, verb: &Verb) -> Result<Exit, Failure> {
        if self.total > 0 && self.stopped.as_ref().is_none_or(|failure| failure.exit != Exit::Interrupted) {
            let mut text = format!("{} {}", verb.done, self.done);
            if self.passed_over > 0 {
                text += &format!(", passed over {}", self.passed_over);
            }
            if self.failed > 0 {
                text += &format!(", failed {}", self.failed);
            }
            screen.aside(&format!("{text}\n"));
        }
        self.end()
    }

    /// The exit code.
    pub(super) fn end(self) -> Result<Exit, Failure> {
        self.stopped.map_or(Ok(self.worst), Err)
    }
}

/// At most so many tasks a second.
struct Pace {
    period: Duration,
    next: Instant,
}

impl Pace {
    fn new(rate: u32) -> Self {
        Self { period: Duration::from_secs(1) / rate.max(1), next: Instant::now() }
    }

    /// Waits until it is time for the next.
    async fn wait(&mut self) {
        tokio::time::sleep_until(self.next).await;
        // What was missed is not made up for.
        let earliest = Instant::now().checked_sub(SLACK).unwrap_or(self.next);
        self.next = self.next.max(earliest) + self.period;
    }
}

/// Tasks as they are printed when they are done with: JSON at once, however many there are; for people some, at the end.
pub(super) struct Results {
    pub(super) screen: Screen,
    pub(super) count: usize,
    pub(super) kept: Vec<Task>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_kept_and_nothing_made_up_for() {
        let began = Instant::now();
        let mut pace = Pace::new(10);
        for _ in 0..11 {
            pace.wait().await;
        }
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(990) && took < Duration::from_millis(1_050), "{took:?}");
        tokio::time::sleep(Duration::from_secs(5)).await;
        let began = Instant::now();
        for _ in 0..11 {
            pace.wait().await;
        }
        assert!(began.elapsed() >= Duration::from_millis(970), "{:?}", began.elapsed());
    }
}
