//! Moving a task to the newest definition of its flow.

use crate::error::Error;
use crate::interpreter::{Trigger, check_migration};
use crate::task::{Journal, Task, TaskId, Transition};

use super::run::{Manner, Run};
use super::{Runner, refused};

/// How often a task is moved again that somebody else changed meanwhile.
const MAX_RACES: usize = 100;

impl Runner {
    /// Moves a task in flight to the newest definition of its flow, and leaves it due. Gives the task with the history entry
    /// that tells of it; none if it was at that definition already.
    pub(crate) async fn migrate(&self, id: TaskId) -> Result<(Task, Option<Transition>), Error> {
        for _ in 0..MAX_RACES {
            let task = self.stored(id).await?;
            let flow = self.flow_named(&task.flow)?;
            if task.digest == flow.definition.digest {
                return Ok((task, None));
            }
            // What does not move anyhow is taken from nobody: a body that is under way may be so for long.
            check_migration(&flow, &task).map_err(refused)?;
            let mut run = self.take_for_newest(id).await?;
            let is_of_another = run.is_of_another();
            let Some(task) = run.task.take() else { continue };
            if !is_of_another {
                run.release().await;
                return Ok((*task, None));
            }
            let advanced = match self.burst(&mut run, task, Trigger::Migrate, false).await? {
                Ok(advanced) => advanced,
                Err(refusal) => {
                    run.release().await;
                    return Err(refused(refusal));
                }
            };
            let entry = advanced.checkpoint.transitions.first().cloned();
            if self.store(&mut run, advanced, false).await?.is_some()
                && let Some(task) = run.task.take()
            {
                return Ok((*task, entry));
            }
        }
        Err(Error::Conflict(id))
    }

    /// The history entry that [`migrate`](Self::migrate) would write. Nothing is stored.
    pub(crate) async fn try_migration(&self, id: TaskId) -> Result<Option<Transition>, Error> {
        let task = self.stored(id).await?;
        let flow = self.flow_named(&task.flow)?;
        if task.digest == flow.definition.digest {
            return Ok(None);
        }
        check_migration(&flow, &task).map_err(refused)?;
        let flows = self.flows_for(&task, &flow).await?;
        let mut run = Run::new(Box::new(task.clone()), flow, flows, Journal::default(), Manner::Stays);
        let advanced = self.burst(&mut run, Box::new(task), Trigger::Migrate, false).await?;
        Ok(advanced.map_err(refused)?.checkpoint.transitions.into_iter().next())
    }

    /// Takes a task to run it by the newest definition of its flow. If it is of another one, it has to move to that first:
    /// its attributes are still those of its own, or plain data, if its own cannot be used any more.
    pub(crate) async fn take_for_newest(&self, id: TaskId) -> Result<Run, Error> {
        let (hold, mut claimed) = self.take_claimed(id).await?;
        self.give_types(&mut claimed.task).await?;
        let flow = self.flow_named(&claimed.task.flow)?;
        let flows = self.flows_for(&claimed.task, &flow).await?;
        let run = Run::new(Box::new(claimed.task), flow, flows, claimed.journal, Manner::Stays);
        Ok(Run { wakes: claimed.wakes, hold: Some(hold), ..run })
    }
}
