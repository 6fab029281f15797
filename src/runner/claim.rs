//! Taking a task: tasks wait in line within this process, and are claimed in the storage against other processes.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::interpreter::check_allowed;
use crate::storage::{Claimed, StorageError};
use crate::task::{Journal, Task, TaskId};

use super::lease_guard::LeaseGuard;
use super::locks::TaskGuard;
use super::run::{Run, RunMode, is_due, is_under_way};
use super::{PATIENCE, Runner, refused, wait};

/// The first pause before another attempt to claim a task that another process holds; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// The longest of these pauses.
const MAX_PAUSE: Duration = Duration::from_millis(250);
/// How long to wait for a parent that somebody else holds. It is long enough for a holder that has just checked for
/// wakes and is about to let go. Any other holder checks again before it lets go.
const PARENT_PATIENCE: Duration = Duration::from_millis(100);

impl Runner {
    /// Takes a task in order to act on it. `Conflict` if somebody else holds it longer than [`PATIENCE`].
    pub(crate) async fn take(&self, id: TaskId) -> Result<Run, Error> {
        let (guard, claimed) = self.take_claimed(id).await?;
        self.in_hand(guard, claimed, RunMode::Foreground).await.map_err(|(_, error)| error)
    }

    /// Whether an interaction is allowed in the task's state, if the body of that state was abandoned by its process.
    pub(crate) fn check_allowed(&self, run: &Run, interaction: usize) -> Result<(), Error> {
        let (flow, task) = (run.flow(), run.task.as_ref().filter(|task| is_under_way(task)));
        match task.zip(flow.interactions.get(interaction)) {
            Some((task, interaction)) => check_allowed(flow, task, interaction).map_err(refused),
            None => Ok(()),
        }
    }

    /// Takes a task as it is stored, in order to act on it.
    pub(super) async fn take_claimed(&self, id: TaskId) -> Result<(LeaseGuard, Claimed), Error> {
        let ticket = self.locks.ticket(id);
        let _urgent = ticket.ask();
        let task_guard = wait::within(PATIENCE, ticket.acquire()).await.ok_or(Error::Conflict(id))?;
        Ok(self.claim(task_guard, id, PATIENCE).await?)
    }

    /// Takes a sub-task that was just started, if it is due and nobody holds it.
    pub(crate) async fn take_started(&self, id: TaskId, mode: RunMode) -> Result<Option<Run>, Error> {
        self.take_due(id, Duration::ZERO, mode).await
    }

    /// Takes a parent that was just woken, if it is due. If somebody holds it, that holder will see that it was woken.
    pub(crate) async fn take_woken(&self, id: TaskId) -> Result<Option<Run>, Error> {
        self.take_due(id, PARENT_PATIENCE, RunMode::Foreground).await
    }

    async fn take_due(&self, id: TaskId, patience: Duration, mode: RunMode) -> Result<Option<Run>, Error> {
        let ticket = self.locks.ticket(id);
        let task_guard = if patience.is_zero() {
            ticket.acquire_now()
        } else {
            match wait::within(patience, ticket.acquire()).await {
                Some(task_guard) => task_guard,
                None => return Ok(None),
            }
        };
        let (guard, claimed) = match self.claim(task_guard, id, patience).await {
            Ok(held) => held,
            Err(StorageError::Conflict(_) | StorageError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !is_due(&claimed, self.host.now()) {
            guard.release().await;
            return Ok(None);
        }
        self.in_hand(guard, claimed, mode).await.map(Some).map_err(|(_, error)| error)
    }

    /// Takes a sleeping task again if it was woken while it was still held. False if there is nothing to do for it, or
    /// somebody else holds it.
    pub(crate) async fn look_again(&self, run: &mut Run) -> Result<bool, Error> {
        let Some(again) = self.take_due(run.id, Duration::ZERO, run.mode).await? else { return Ok(false) };
        *run = again;
        Ok(true)
    }

    /// Lets those go first who wait for the task, and takes it again after them. False if there is nothing left to do
    /// for it, or another process has it.
    pub(crate) async fn let_in(&self, run: &mut Run) -> Result<bool, Error> {
        run.release().await;
        let task_guard = self.locks.ticket(run.id).acquire().await;
        let (guard, claimed) = match self.claim(task_guard, run.id, PATIENCE).await {
            Ok(held) => held,
            Err(StorageError::Conflict(_) | StorageError::NotFound(_)) => {
                run.forget();
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        let is_due = is_due(&claimed, self.host.now());
        let again = self.in_hand(guard, claimed, run.mode).await.map_err(|(_, error)| error)?;
        let (started, stop) = (std::mem::take(&mut run.started), run.stop.take());
        *run = Run { started, stop, ..again };
        if !is_due {
            run.release().await;
        }
        Ok(is_due)
    }

    /// Claims a task. While another process holds it, tries again until `patience` is over.
    async fn claim(
        &self,
        task_guard: TaskGuard,
        id: TaskId,
        patience: Duration,
    ) -> Result<(LeaseGuard, Claimed), StorageError> {
        let (mut pause, mut waited) = (FIRST_PAUSE, Duration::ZERO);
        loop {
            match self.storage.claim(id, self.host.now(), self.lease).await {
                Ok(claimed) => {
                    return Ok((
                        LeaseGuard::new(claimed.claim.clone(), Arc::clone(&self.storage), task_guard),
                        claimed,
                    ));
                }
                Err(StorageError::Conflict(_)) if waited < patience && wait::pause(pause).await => {
                    waited = waited.saturating_add(pause);
                    pause = pause.saturating_mul(2).min(MAX_PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Prepares a claimed task to be run. On an error, returns the claim as well.
    pub(super) async fn in_hand(
        &self,
        guard: LeaseGuard,
        claimed: Claimed,
        mode: RunMode,
    ) -> Result<Run, (LeaseGuard, Error)> {
        let Claimed { claim: _, task, wakes, journal, abandoned } = claimed;
        let abandoned = abandoned && !task.status.has_ended();
        match self.unheld(task, journal, mode).await {
            Ok(run) => Ok(Run { wakes, guard: Some(guard), abandoned, ..run }),
            Err(error) => Err((guard, error)),
        }
    }

    /// Prepares a stored task to be run, without a claim.
    pub(super) async fn unheld(&self, mut task: Task, journal: Journal, mode: RunMode) -> Result<Run, Error> {
        let flow = self.flow_of(&task).await?;
        let flows = self.flows_for(&task, &flow).await?;
        let attributes = task.attributes.adopt(&flow.attributes);
        task.attributes = attributes.map_err(|invalid| {
            let place = format!("task {}", task.id);
            Error::Storage(StorageError::Corrupt { place, reason: invalid.to_string() })
        })?;
        Ok(Run::new(Box::new(task), flow, flows, journal, mode))
    }
}
