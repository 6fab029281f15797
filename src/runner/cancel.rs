//! Cancelling: at once, whoever holds the task and whatever is under way, with all that it has started.

use crate::error::Error;
use crate::interpreter::{Advanced, LogLine, Trigger};
use crate::storage::{Filter, StorageError};
use crate::task::{Cause, Checkpoint, Journal, Status, StepSummary, Task, TaskId, Transition};

use super::beside::beside;
use super::run::{Manner, Run};
use super::{Runner, is_of_one_task, refused};

/// How often a cancel looks at a task again that was changed meanwhile, before it gives up.
const MAX_RACES: usize = 1_000;
/// Sub-tasks that are read at once.
const PAGE: usize = 500;

impl Runner {
    /// Cancels a task and its sub-tasks, all the way down; the task's parent is woken. A task that was cancelled before
    /// is refused, unless some of its sub-tasks were left over: these are cancelled then.
    pub(crate) async fn cancel(&self, id: TaskId) -> Result<Task, Error> {
        let (task, mut any) = match self.cancel_one(id).await {
            Ok(task) => (task, true),
            Err(refusal @ Error::Refused { .. }) => {
                let task = self.stored(id).await?;
                if task.status != Status::Cancelled || task.progress.started == 0 {
                    return Err(refusal);
                }
                (task, false)
            }
            Err(error) => return Err(error),
        };
        let mut parents = vec![(task.id, task.progress.started)];
        while let Some((parent, started)) = parents.pop() {
            if started == 0 {
                continue;
            }
            let sub_tasks = self.sub_tasks_of(parent).await?;
            for (below, is_new) in beside(sub_tasks, |task| self.cancel_below(task)).await?.into_iter().flatten() {
                any |= is_new;
                parents.push(below);
            }
        }
        if any { Ok(task) } else { Err(ended(&task)) }
    }

    /// Cancels a sub-task of a cancelled task. Gives it and how many it has started, if these are to be cancelled too, and
    /// whether it was cancelled only now.
    async fn cancel_below(&self, sub_task: Task) -> Result<Option<((TaskId, u64), bool)>, Error> {
        if sub_task.status.has_ended() {
            // What it has started outlives it, unless it was cancelled itself, and something was left over.
            let was_cancelled = sub_task.status == Status::Cancelled;
            return Ok(was_cancelled.then_some(((sub_task.id, sub_task.progress.started), false)));
        }
        match self.cancel_one(sub_task.id).await {
            Ok(task) => Ok(Some(((task.id, task.progress.started), true))),
            // It has ended, or was deleted, a moment ago.
            Err(Error::Refused { .. } | Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The sub-tasks of a task, as they are stored.
    pub(super) async fn sub_tasks_of(&self, parent: TaskId) -> Result<Vec<Task>, Error> {
        let mut all: Vec<Task> = Vec::new();
        loop {
            let after = all.last().map(|task| task.id);
            let filter = Filter { parent_id: Some(parent), after, limit: Some(PAGE), ..Filter::default() };
            let page = match self.storage.tasks(&filter).await {
                // The last one was deleted meanwhile.
                Err(StorageError::NotFound(_)) => {
                    all.clear();
                    continue;
                }
                page => page?,
            };
            let is_last = page.len() < PAGE;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// Cancels one task: takes it from whoever holds it.
    async fn cancel_one(&self, id: TaskId) -> Result<Task, Error> {
        for _ in 0..MAX_RACES {
            let task = self.storage.task(id).await?.ok_or(Error::NotFound(id))?;
            let journal = self.storage.journal(id).await?;
            let cancelled = match self.unheld(task.clone(), journal.clone(), Manner::Stays).await {
                Ok(run) => self.cancel_run(run).await?,
                Err(error) if is_of_one_task(&error) => self.cancel_blindly(task, &journal).await?,
                Err(error) => return Err(error),
            };
            if let Some(task) = cancelled {
                return Ok(task);
            }
        }
        Err(Error::Conflict(id))
    }

    /// None if somebody changed the task meanwhile.
    async fn cancel_run(&self, mut run: Run) -> Result<Option<Task>, Error> {
        let Some(task) = run.task.take() else { return Ok(None) };
        let Advanced { checkpoint, logs, .. } =
            self.burst(&mut run, task, Trigger::Cancel, false).await?.map_err(refused)?;
        let stored = checkpoint.task.clone();
        Ok(self.seize(Checkpoint { seizes: true, ..checkpoint }, logs).await?.then_some(*stored))
    }

    /// Cancels a task whose definition this program cannot use: to end it, nothing of it has to run.
    async fn cancel_blindly(&self, mut task: Task, journal: &Journal) -> Result<Option<Task>, Error> {
        if task.status.has_ended() {
            return Err(ended(&task));
        }
        let now = self.host.now();
        let kept_for = task.delete_at.map(|at| at.signed_duration_since(task.updated_at));
        let began = task.progress.began_at.take();
        task.progress.seq = task.progress.seq.saturating_add(1);
        task.progress.retry_at = None;
        task.revision = task.revision.saturating_add(1);
        task.status = Status::Cancelled;
        (task.updated_at, task.ended_at, task.wake_at) = (now, Some(now), None);
        task.delete_at = kept_for.and_then(|kept_for| now.checked_add_signed(kept_for));
        let entry = Transition {
            seq: task.progress.seq,
            at: now,
            from: task.state.clone(),
            to: task.state.clone(),
            cause: Cause::Cancel,
            by: None,
            changes: Default::default(),
            error: None,
            steps: journal.steps.iter().filter(|_| began.is_some()).map(StepSummary::from).collect(),
            ms: 0,
            omitted: false,
        };
        let checkpoint = Checkpoint {
            transitions: vec![entry],
            wakes: task.parent_id,
            ends_journal: began.is_some(),
            seizes: true,
            ..Checkpoint::of(Box::new(task.clone()))
        };
        Ok(self.seize(checkpoint, Vec::new()).await?.then_some(task))
    }
}

impl Runner {
    /// Stores a checkpoint that seizes its task, and tells whoever of this process held it. False if somebody changed the
    /// task meanwhile.
    async fn seize(&self, checkpoint: Checkpoint, logs: Vec<LogLine>) -> Result<bool, Error> {
        let id = checkpoint.task.id;
        let is_stored = self.put(checkpoint, logs, Vec::new()).await?;
        if is_stored {
            self.seats.seize(id);
        }
        Ok(is_stored)
    }
}

/// A task that has ended, where one was asked for that has not.
fn ended(task: &Task) -> Error {
    let message =
        format!("the task is {} in `{}`; only one that has not ended can be cancelled", task.status.name(), task.state);
    Error::Refused { kind: "invalid_state".into(), message }
}
