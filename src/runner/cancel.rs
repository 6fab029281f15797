//! Cancelling: at once, whoever holds the task and whatever is under way, with all that it has started.

use crate::error::Error;
use crate::interpreter::Trigger;
use crate::storage::{Filter, StorageError};
use crate::task::{Status, Task, TaskId};

use super::run::Manner;
use super::{Runner, refused};

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
            for sub_task in self.sub_tasks_of(parent).await? {
                if sub_task.status.has_ended() {
                    // What it has started outlives it, unless it was cancelled itself, and something was left over.
                    if sub_task.status == Status::Cancelled {
                        parents.push((sub_task.id, sub_task.progress.started));
                    }
                    continue;
                }
                match self.cancel_one(sub_task.id).await {
                    Ok(task) => {
                        any = true;
                        parents.push((task.id, task.progress.started));
                    }
                    // It has ended, or was deleted, a moment ago.
                    Err(Error::Refused { .. } | Error::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if any { Ok(task) } else { Err(ended(&task)) }
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
            let mut run = self.unheld(task, journal, Manner::Stays).await?;
            let Some(task) = run.task.take() else { continue };
            let advanced = self.burst(&mut run, task, Trigger::Cancel, false).await?.map_err(refused)?;
            if self.seize(&mut run, advanced).await?
                && let Some(task) = run.task
            {
                return Ok(task);
            }
        }
        Err(Error::Conflict(id))
    }
}

/// A task that has ended, where one was asked for that has not.
fn ended(task: &Task) -> Error {
    let message =
        format!("the task is {} in `{}`; only one that has not ended can be cancelled", task.status.name(), task.state);
    Error::Refused { kind: "invalid_state".into(), message }
}
