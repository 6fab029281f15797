//! Storing the result of an advance, and reporting it.

use std::sync::Arc;

use crate::error::Error;
use crate::interpreter::{Advanced, LogLine, NextAction};
use crate::storage::StorageError;
use crate::task::{Checkpoint, Claim, NextTry, Task, TaskId};

use super::Runner;
use super::event::News;
use super::lease_guard::LeaseGuard;
use super::run::{Run, RunMode};

impl Runner {
    /// Stores a checkpoint and returns what to do next. None if somebody else has the task; nothing was stored then. A
    /// resting task is released, unless the caller continues it.
    pub(super) async fn store(
        &self,
        run: &mut Run,
        advanced: Advanced,
        goes_on: bool,
    ) -> Result<Option<NextAction>, Error> {
        let Advanced { mut checkpoint, is_changed, logs, tries, secrets, next } = advanced;
        run.secrets = secrets;
        let rests = match next {
            NextAction::Ended | NextAction::Sleeps => !goes_on,
            // Without the grant it is released, whatever else is to be done to it.
            NextAction::HeldUp => true,
            NextAction::Yields => !goes_on && run.mode.takes_turns(),
            NextAction::GoesOn | NextAction::Perform { .. } => false,
        };
        if !is_changed {
            let by = checkpoint.task.held_up_by.clone();
            run.task = Some(checkpoint.task);
            match by {
                Some(by) => run.hold_up(&by).await?,
                None if rests => run.release().await,
                None => {}
            }
            return Ok(Some(next));
        }
        // A new task is claimed by the commit that first stores it, unless it rests at once and needs no claim.
        let is_new = run.guard.is_none() && checkpoint.task.revision == 1;
        let begun = if is_new && !rests { Some(self.new_claim(run).await) } else { None };
        let claim = begun.as_ref().or(run.guard.as_ref()).map(|guard| guard.claim().clone());
        checkpoint.releases = rests && claim.is_some();
        checkpoint.claim = claim;
        if !self.write(run, checkpoint, logs, tries).await? {
            return Ok(None);
        }
        if begun.is_some() {
            run.guard = begun;
        }
        if rests && let Some(guard) = run.guard.take() {
            guard.over();
        }
        Ok(Some(next))
    }

    /// Writes a checkpoint and updates the run to what is stored. False if somebody changed the task in the meantime;
    /// the run is void then.
    pub(super) async fn write(
        &self,
        run: &mut Run,
        checkpoint: Box<Checkpoint>,
        logs: Vec<LogLine>,
        tries: Vec<NextTry>,
    ) -> Result<bool, Error> {
        let task = checkpoint.task.clone();
        let (acked_wakes, ends_journal, woken) =
            (checkpoint.acked_wakes, checkpoint.ends_journal, checkpoint.notify_parent);
        let started = self.to_run_here(run, &checkpoint.sub_tasks);
        if !self.put(checkpoint, logs, tries).await? {
            self.lose(run).await;
            return Ok(false);
        }
        run.task = Some(task);
        run.wakes = run.wakes.saturating_sub(acked_wakes);
        run.woken = woken;
        run.started.extend(started);
        if ends_journal {
            Arc::make_mut(&mut run.journal).steps.clear();
            run.journal_bytes = None;
        }
        Ok(true)
    }

    /// The new sub-tasks that run in the same place as their parent: as their flow says (`runs_on`), else by the
    /// parent's mode. The others are left due.
    fn to_run_here(&self, run: &Run, sub_tasks: &[Task]) -> Vec<TaskId> {
        let usual = match run.mode {
            RunMode::Foreground => !self.has_background,
            RunMode::Drain => true,
            RunMode::Worker => false,
        };
        let runs_here = |task: &&Task| {
            let flow = run.flows.flow(&task.flow);
            flow.and_then(|flow| flow.runs_on.as_ref().map(|ticket| ticket == "inline")).unwrap_or(usual)
        };
        sub_tasks.iter().filter(runs_here).map(|task| task.id).collect()
    }

    /// Commits a checkpoint and reports it. False if somebody changed the task in the meantime.
    pub(super) async fn put(
        &self,
        checkpoint: Box<Checkpoint>,
        logs: Vec<LogLine>,
        tries: Vec<NextTry>,
    ) -> Result<bool, Error> {
        let news = self.observer.as_ref().map(|observer| {
            let transitions = checkpoint.transitions.clone();
            (observer, News { task: Arc::new(Task::clone(&checkpoint.task)), transitions, logs, tries })
        });
        let id = checkpoint.task.id;
        match self.storage.commit(*checkpoint).await {
            Ok(()) => self.followers.tell(id),
            Err(StorageError::Conflict(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        if let Some((observer, news)) = news {
            news.tell(observer);
        }
        Ok(true)
    }

    /// The claim a new task is stored with.
    async fn new_claim(&self, run: &Run) -> LeaseGuard {
        let task_guard = self.locks.ticket(run.id).acquire().await;
        let claim = Claim::new(run.id, self.host.now(), self.lease);
        LeaseGuard::new(claim, Arc::clone(&self.storage), task_guard)
    }
}
