//! Cancelling takes effect at once, whoever holds the task and whatever call is in flight, and includes all sub-tasks.

use crate::error::Error;
use crate::interpreter::{Advanced, LogLine, Trigger};
use crate::storage::{Filter, Place, StorageError};
use crate::task::{Cause, Checkpoint, Journal, Status, StepSummary, Task, TaskId, Transition};

use super::asked::Asked;
use super::beside::beside;
use super::run::{Run, RunMode};
use super::{Runner, is_of_one_task, refused};

/// How often a cancel retries when the task was changed by somebody else.
const MAX_RACES: usize = 1_000;
/// Sub-tasks read per page.
const PAGE: usize = 500;

impl Runner {
    /// Cancels a task and its sub-tasks at every level, and wakes its parent. A task that is cancelled already is
    /// refused, unless some of its sub-tasks are not: then these are cancelled.
    pub(crate) async fn cancel(&self, id: TaskId, asked: &Asked) -> Result<Task, Error> {
        let (task, mut any) = match self.cancel_one(id, asked).await {
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
            let of_any = &Asked { revision: None, ..asked.clone() };
            for (below, is_new) in
                beside(sub_tasks, |task| self.cancel_below(task, of_any)).await?.into_iter().flatten()
            {
                any |= is_new;
                parents.push(below);
            }
        }
        if any { Ok(task) } else { Err(ended(&task)) }
    }

    /// Cancels a sub-task of a cancelled task. Returns the task and how many sub-tasks it has started, if these must be
    /// cancelled too, and whether this call cancelled it.
    async fn cancel_below(&self, sub_task: Task, asked: &Asked) -> Result<Option<((TaskId, u64), bool)>, Error> {
        if sub_task.status.has_ended() {
            // The sub-tasks of an ended task live on. Only if the task was cancelled, some of them may have been
            // missed.
            let was_cancelled = sub_task.status == Status::Cancelled;
            return Ok(was_cancelled.then_some(((sub_task.id, sub_task.progress.started), false)));
        }
        match self.cancel_one(sub_task.id, asked).await {
            Ok(task) => Ok(Some(((task.id, task.progress.started), true))),
            // It has just ended or been deleted.
            Err(Error::Refused { .. } | Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The stored sub-tasks of a task.
    pub(super) async fn sub_tasks_of(&self, parent: TaskId) -> Result<Vec<Task>, Error> {
        let mut all: Vec<Task> = Vec::new();
        loop {
            let after = all.last().map(Place::of);
            let filter = Filter { parent_id: Some(parent), after, limit: Some(PAGE), ..Filter::default() };
            let page = match self.storage.tasks(&filter).await {
                // The last one read was deleted in the meantime.
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

    /// Cancels one task, taking it away from its holder.
    async fn cancel_one(&self, id: TaskId, asked: &Asked) -> Result<Task, Error> {
        for _ in 0..MAX_RACES {
            let task = self.storage.task(id).await?.ok_or(Error::NotFound(id))?;
            asked.check(&task)?;
            let journal = self.storage.journal(id).await?;
            let cancelled = match self.unheld(task.clone(), journal.clone(), RunMode::Foreground).await {
                Ok(run) => self.cancel_run(run, asked).await?,
                Err(error) if is_of_one_task(&error) => self.cancel_blindly(task, &journal, asked).await?,
                Err(error) => return Err(error),
            };
            if let Some(task) = cancelled {
                return Ok(task);
            }
        }
        Err(Error::Conflict(id))
    }

    /// Cancels a task. None if somebody changed the task in the meantime.
    async fn cancel_run(&self, mut run: Run, asked: &Asked) -> Result<Option<Task>, Error> {
        let Some(task) = run.task.take() else { return Ok(None) };
        let mut advanced = self.burst(&mut run, task, Trigger::Cancel, false).await?.map_err(refused)?;
        asked.sign(&mut advanced);
        let Advanced { mut checkpoint, logs, .. } = advanced;
        let stored = checkpoint.task.clone();
        checkpoint.steals_claim = true;
        Ok(self.seize(checkpoint, logs).await?.then_some(*stored))
    }

    /// Cancels a task whose definition this program cannot use. Ending it needs no script.
    async fn cancel_blindly(&self, mut task: Task, journal: &Journal, asked: &Asked) -> Result<Option<Task>, Error> {
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
            actor: asked.actor.clone().map(Box::new),
            changes: Default::default(),
            error: None,
            steps: journal.steps.iter().filter(|_| began.is_some()).map(StepSummary::from).collect(),
            ms: 0,
            omitted: false,
        };
        let checkpoint = Checkpoint {
            transitions: vec![entry],
            notify_parent: task.parent_id,
            ends_journal: began.is_some(),
            steals_claim: true,
            ..Checkpoint::of(Box::new(task.clone()))
        };
        Ok(self.seize(Box::new(checkpoint), Vec::new()).await?.then_some(task))
    }
}

impl Runner {
    /// Stores a checkpoint that takes the task from its holder, and notifies a holder in this process. False if
    /// somebody changed the task in the meantime.
    async fn seize(&self, checkpoint: Box<Checkpoint>, logs: Vec<LogLine>) -> Result<bool, Error> {
        let id = checkpoint.task.id;
        let is_stored = self.put(checkpoint, logs, Vec::new()).await?;
        if is_stored {
            self.locks.seize(id);
        }
        Ok(is_stored)
    }
}

/// The refusal for a task that has ended already.
fn ended(task: &Task) -> Error {
    let message =
        format!("the task is {} in `{}`; only one that has not ended can be cancelled", task.status.name(), task.state);
    Error::Refused { kind: "invalid_state".into(), message }
}
