//! Requests with who asks, from what the caller has seen, and without waiting for what follows.

use crate::error::Error;
use crate::interpreter::Trigger;
use crate::name::Name;
use crate::runner::{Asked, Begun};
use crate::task::{Origin, Task, TaskId};
use crate::value::Map;

use super::{MAX_RACES, Opsflow, interact, state_of};

/// What is asked of a task.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum What {
    /// To apply an interaction: as [`interact`](Opsflow::interact).
    Interact {
        /// Its name.
        name: Name,
        /// Its parameters.
        params: Map,
    },
    /// To look at it now: as [`wake`](Opsflow::wake).
    Wake,
    /// To end: as [`cancel`](Opsflow::cancel).
    Cancel,
    /// To go on after its end: as [`retry`](Opsflow::retry) or [`retry_on_newest`](Opsflow::retry_on_newest).
    Retry {
        /// In this state, if not in the one where it ended.
        from: Option<Name>,
        /// Whether it is migrated to the newest definition first.
        on_newest: bool,
    },
    /// To move to the newest definition: as [`migrate`](Opsflow::migrate).
    Migrate,
    /// To be deleted: as [`delete`](Opsflow::delete).
    Delete,
}

/// Who asks, and how.
///
/// ```
/// # use opsflow::request::Ask;
/// let ask = Ask { actor: Some("token:ci".into()), revision: Some(3), ..Ask::default() };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Who asks, as history shows it: `token:ci`, `cli:ann@db1`. For a new task, who starts it.
    pub actor: Option<Name>,
    /// An idempotency key, for an interaction and for a new task: a repeat changes nothing, and gives the task; with other
    /// content it is refused. It is kept as long as the task.
    pub key: Option<Name>,
    /// The revision that the caller has seen: refused, with kind `changed`, unless the task is still there. A repeat of an
    /// interaction under its key is not refused.
    pub revision: Option<u64>,
    /// Whether to return as soon as the request is stored. What follows is left due, for a worker.
    pub leave: bool,
    /// The trace that a new task belongs to: a W3C `traceparent`. Its sub-tasks inherit it.
    pub trace: Option<Name>,
}

impl Ask {
    pub(super) fn asked(&self) -> Asked {
        Asked { actor: self.actor.clone(), revision: self.revision, leave: self.leave }
    }

    fn origin(&self) -> Origin {
        Origin { started_by: self.actor.clone(), trace: self.trace.clone() }
    }
}

impl Opsflow {
    /// Asks something of a task. Returns the task as it is then, and none after it was deleted.
    ///
    /// A key is for an interaction only: with anything else it is refused.
    pub async fn ask(&self, id: TaskId, what: What, ask: &Ask) -> Result<Option<Task>, Error> {
        if ask.key.is_some() && !matches!(what, What::Interact { .. }) {
            let message = "only an interaction and a new task take a key; nothing was changed".to_owned();
            return Err(Error::Refused { kind: "key".into(), message });
        }
        let asked = ask.asked();
        match what {
            What::Interact { name, params } => interact::interact(self, id, &name, &params, ask).await.map(Some),
            What::Wake => self.look(id, &asked).await.map(Some),
            What::Cancel => self.end(id, &asked).await.map(Some),
            What::Retry { from, on_newest } => self.take_up(id, from.as_deref(), on_newest, &asked).await.map(Some),
            What::Migrate => Ok(Some(self.runner().migrate(id, &asked).await?.0)),
            What::Delete => self.runner().delete(id, &asked).await.map(|()| None),
        }
    }

    /// Starts a task and runs it as [`call`](Self::call) does, with what `ask` says of who starts it. With `leave`, and
    /// with a key, it is left for a worker, as by [`later_as`](Self::later_as).
    pub async fn call_as(&self, flow: &str, given: Map, ask: &Ask) -> Result<Task, Error> {
        if ask.leave || ask.key.is_some() {
            return self.later_as(flow, given, ask).await;
        }
        let run = match self.runner().begin(flow, &given, ask.origin()).await? {
            Begun::Rests(task) => return Ok(*task),
            Begun::Goes(run) => *run,
        };
        let id = run.id;
        match self.execute(run, Trigger::Due).await? {
            Some(task) => Ok(task),
            None => self.runner().stored(id).await,
        }
    }

    /// Stores a task without running it, as [`later`](Self::later) does, with what `ask` says of who starts it. With a
    /// key, its id derives from flow and key: a repeat returns the task that there is, and is refused if other attributes
    /// are given.
    pub async fn later_as(&self, flow: &str, given: Map, ask: &Ask) -> Result<Task, Error> {
        match &ask.key {
            Some(key) => self.runner().leave_once(flow, &given, key, ask.origin()).await,
            None => self.runner().leave(flow, &given, ask.origin()).await,
        }
    }

    /// Looks at a sleeping task.
    pub(super) async fn look(&self, id: TaskId, asked: &Asked) -> Result<Task, Error> {
        for _ in 0..MAX_RACES {
            let mut run = self.runner().take(id).await?;
            asked.ready(&mut run).await?;
            if let Some(task) = self.execute(run, Trigger::Wake).await? {
                return Ok(task);
            }
        }
        Err(Error::Conflict(id))
    }

    /// Cancels a task, and runs the parent that this wakes, unless that is to be left.
    pub(super) async fn end(&self, id: TaskId, asked: &Asked) -> Result<Task, Error> {
        let task = self.runner().cancel(id, asked).await?;
        let parent = task.parent_id.filter(|_| !asked.leave && !self.runner().has_background());
        if let Some(parent) = parent {
            // The task is cancelled, whatever happens to its parent, which is due now.
            let outcome = match self.runner().take_woken(parent).await {
                Ok(Some(run)) => self.execute(run, Trigger::Due).await.map(drop),
                other => other.map(drop),
            };
            if let Err(error) = outcome {
                tracing::error!(task = %parent, %error, "the parent of a cancelled task was not looked at; it is due");
            }
        }
        Ok(task)
    }

    /// Takes an ended task up again.
    pub(super) async fn take_up(
        &self,
        id: TaskId,
        from: Option<&str>,
        on_newest: bool,
        asked: &Asked,
    ) -> Result<Task, Error> {
        for _ in 0..MAX_RACES {
            let mut run =
                if on_newest { self.runner().take_for_newest(id).await? } else { self.runner().take(id).await? };
            asked.ready(&mut run).await?;
            let migrates = on_newest && run.is_of_another();
            let from = match from.map(|name| state_of(run.flow(), name)).transpose() {
                Ok(from) => from,
                Err(error) => {
                    run.release().await;
                    return Err(error);
                }
            };
            if let Some(task) = self.execute(run, Trigger::Retry { from, migrates }).await? {
                return Ok(task);
            }
        }
        Err(Error::Conflict(id))
    }
}
