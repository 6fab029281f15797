//! Migrating a task to the newest definition of its flow.

use crate::error::Error;
use crate::interpreter::{Advanced, Trigger, check_migration};
use crate::task::{Journal, Task, TaskId, Transition};

use super::asked::Asked;
use super::run::{Run, RunMode};
use super::{Runner, refused};

/// How often a migration is retried when somebody else changed the task.
const MAX_RACES: usize = 100;

/// A migrated task and the history entry for it; no entry if it was at the newest definition already.
pub(crate) type Moved = (Task, Option<Transition>);

impl Runner {
    /// Migrates a task in flight to the newest definition of its flow, and leaves it due.
    pub(crate) async fn migrate(&self, id: TaskId, asked: &Asked) -> Result<Moved, Error> {
        let task = self.stored(id).await?;
        asked.check(&task)?;
        let Some(mut advanced) = self.moved(&task).await? else { return Ok((task, None)) };
        asked.sign(&mut advanced);
        let entry = advanced.checkpoint.transitions.first().cloned();
        // If nobody holds it, one write is enough.
        if let Some(task) = self.put_unheld(advanced).await? {
            return Ok((*task, entry));
        }
        for _ in 0..MAX_RACES {
            if let Some(moved) = self.take_and_move(id, asked).await? {
                return Ok(moved);
            }
        }
        Err(Error::Conflict(id))
    }

    /// The history entry that [`migrate`](Self::migrate) would write. Stores nothing.
    pub(crate) async fn try_migration(&self, id: TaskId) -> Result<Option<Transition>, Error> {
        let advanced = self.moved(&self.stored(id).await?).await?;
        Ok(advanced.and_then(|advanced| advanced.checkpoint.transitions.into_iter().next()))
    }

    /// A stored task, migrated to the newest definition of its flow; none if it is there already.
    async fn moved(&self, task: &Task) -> Result<Option<Advanced>, Error> {
        let flow = self.flow_named(&task.flow)?;
        if task.digest == flow.definition.digest {
            return Ok(None);
        }
        check_migration(&flow, task).map_err(refused)?;
        let flows = self.flows_for(task, &flow).await?;
        // Only a body in progress reads the journal, and such a task is not migrated.
        let mut run = Run::new(Box::new(task.clone()), flow, flows, Journal::default(), RunMode::Foreground);
        let advanced = self.burst(&mut run, Box::new(task.clone()), Trigger::Migrate, false).await?;
        advanced.map(Some).map_err(refused)
    }

    /// Migrates a task when its holder lets go of it. None if somebody else was first.
    async fn take_and_move(&self, id: TaskId, asked: &Asked) -> Result<Option<Moved>, Error> {
        let task = self.stored(id).await?;
        // A task that cannot be migrated is not waited for: its body may run for long.
        let flow = self.flow_named(&task.flow)?;
        if task.digest != flow.definition.digest {
            check_migration(&flow, &task).map_err(refused)?;
        }
        let mut run = self.take_for_newest(id).await?;
        asked.ready(&mut run).await?;
        let is_of_another = run.is_of_another();
        let Some(task) = run.task.take() else { return Ok(None) };
        if !is_of_another {
            run.release().await;
            return Ok(Some((*task, None)));
        }
        let mut advanced = match self.burst(&mut run, task, Trigger::Migrate, false).await? {
            Ok(advanced) => advanced,
            Err(refusal) => {
                run.release().await;
                return Err(refused(refusal));
            }
        };
        asked.sign(&mut advanced);
        let entry = advanced.checkpoint.transitions.first().cloned();
        self.store(&mut run, advanced, false).await?;
        Ok(run.task.take().map(|task| (*task, entry)))
    }

    /// Takes a task in order to run it by the newest definition of its flow. If it is pinned to another one, it must be
    /// migrated first: its attributes are still those of the old definition, or plain data if that cannot be used any
    /// more.
    pub(crate) async fn take_for_newest(&self, id: TaskId) -> Result<Run, Error> {
        let (guard, mut claimed) = self.take_claimed(id).await?;
        self.give_types(&mut claimed.task).await?;
        let flow = self.flow_named(&claimed.task.flow)?;
        let flows = self.flows_for(&claimed.task, &flow).await?;
        let run = Run::new(Box::new(claimed.task), flow, flows, claimed.journal, RunMode::Foreground);
        Ok(Run { wakes: claimed.wakes, guard: Some(guard), ..run })
    }
}
