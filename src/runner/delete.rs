//! Deleting an ended task together with its ended sub-tasks.

use crate::error::Error;
use crate::task::{Task, TaskId};

use super::Runner;
use super::asked::Asked;
use super::beside::beside;

impl Runner {
    /// Deletes an ended task, its history and its ended sub-tasks at every level. Sub-tasks that have not ended stay,
    /// with everything below them. A sub-task is refused while its parent has not ended. `Conflict` if somebody holds
    /// one of the tasks; what was deleted before that stays deleted.
    pub(crate) async fn delete(&self, id: TaskId, asked: &Asked) -> Result<(), Error> {
        let task = self.storage.task(id).await?.ok_or(Error::NotFound(id))?;
        asked.check(&task)?;
        if !task.status.has_ended() {
            let message = format!(
                "the task is {} in `{}`; only one that has ended can be deleted",
                task.status.name(),
                task.state
            );
            return Err(Error::Refused { kind: "invalid_state".into(), message });
        }
        if let Some(parent) = self.parent_that_goes_on(&task).await? {
            let message = format!("the task is a sub-task of {parent}, which has not ended and may still read it");
            return Err(Error::Refused { kind: "invalid_state".into(), message });
        }
        // The lowest level goes first: if this is interrupted, the remaining tasks still have their parents.
        for level in self.ended_below(&task).await?.into_iter().rev() {
            beside(level, |id| self.storage.delete(id, self.host.now())).await?;
        }
        if self.storage.delete(id, self.host.now()).await? { Ok(()) } else { Err(Error::NotFound(id)) }
    }

    /// The task's parent, if it has not ended: it may still read its ended sub-tasks.
    async fn parent_that_goes_on(&self, task: &Task) -> Result<Option<TaskId>, Error> {
        let Some(parent) = task.parent_id else { return Ok(None) };
        let parent = self.storage.task(parent).await?;
        Ok(parent.filter(|parent| !parent.status.has_ended()).map(|parent| parent.id))
    }

    /// The ended sub-tasks of a task, level by level.
    async fn ended_below(&self, task: &Task) -> Result<Vec<Vec<TaskId>>, Error> {
        let mut levels = Vec::new();
        let mut parents = vec![(task.id, task.progress.started)];
        while !parents.is_empty() {
            let (mut level, mut below) = (Vec::new(), Vec::new());
            for (parent, _) in parents.into_iter().filter(|(_, started)| *started > 0) {
                for sub_task in self.sub_tasks_of(parent).await? {
                    if sub_task.status.has_ended() {
                        level.push(sub_task.id);
                        below.push((sub_task.id, sub_task.progress.started));
                    }
                }
            }
            parents = below;
            levels.push(level);
        }
        Ok(levels)
    }
}
