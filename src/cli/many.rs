//! `--all`: a command on many tasks, after the count has been shown and a person has agreed.

use clap::Args;

use crate::task::{Status, Task};

use super::exit::{Exit, Failure};
use super::filters::Filters;
use super::screen::Screen;
use super::session::Running;

/// Tasks that one command may touch.
const MAX_TASKS: usize = 100_000;

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
    #[command(flatten)]
    pub(super) filters: Filters,
}

impl Which {
    /// The one id, unless all are meant.
    pub(super) fn one(&self) -> Result<Option<&str>, Failure> {
        if !self.all && self.filters.are_given() {
            return Err(Failure::usage("filters choose among many tasks, but one is named")
                .with_help("leave the filters out, or write `--all` in place of the id"));
        }
        Ok(self.id.as_deref())
    }

    /// The tasks meant by `--all` that are in one of the statuses `fit`, once a person has agreed. None if not.
    pub(super) async fn agreed(
        &self,
        running: &Running,
        screen: Screen,
        verb: &str,
        fit: &[Status],
    ) -> Result<Option<Vec<Task>>, Failure> {
        let tasks = self.meant(running, screen, verb, fit).await?;
        let count = match tasks.len() {
            1 => "1 task".to_owned(),
            n => format!("{n} tasks"),
        };
        if tasks.is_empty() {
            screen.note(&format!("nothing to {verb}: 0 tasks\n"));
            return Ok(Some(tasks));
        }
        if self.yes {
            screen.note(&format!("{verb} {count}\n"));
            return Ok(Some(tasks));
        }
        match screen.ask(&format!("{verb} {count}?")) {
            Some(true) => Ok(Some(tasks)),
            Some(false) => Ok(None),
            None => Err(Failure::usage(format!("this would {verb} {count}; nothing was done"))
                .with_help("add `--yes` to do it without being asked")),
        }
    }

    async fn meant(&self, running: &Running, screen: Screen, verb: &str, fit: &[Status]) -> Result<Vec<Task>, Failure> {
        let statuses = match self.filters.status {
            Some(status) if !fit.contains(&status) => {
                let names: Vec<&str> = fit.iter().map(|status| status.name()).collect();
                let message = format!("nothing that is {} can be had by `{verb}`", status.name());
                return Err(
                    Failure::usage(message).with_help(format!("`{verb}` takes tasks that are {}", names.join(", ")))
                );
            }
            Some(status) => vec![status],
            None => fit.to_vec(),
        };
        let mut tasks = Vec::new();
        for status in statuses {
            let filters = self.filters.in_status(status);
            let left = MAX_TASKS + 1 - tasks.len();
            tasks.extend(filters.find(running, screen, left).await?);
            if tasks.len() > MAX_TASKS {
                let message = format!("more than {MAX_TASKS} tasks are meant (MAX_TASKS); nothing was done");
                return Err(Failure::usage(message).with_help("narrow them down with filters"));
            }
        }
        Ok(tasks)
    }
}

/// Goes on after one of many: a failure is told, and the worst exit code kept.
pub(super) fn tally(screen: Screen, worst: &mut Exit, done: Result<Exit, Failure>) {
    let exit = done.unwrap_or_else(|failure| {
        screen.failure(&failure);
        failure.exit
    });
    *worst = (*worst).max(exit);
}
