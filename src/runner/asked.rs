//! What comes with a request: who asks, and for which task.

use crate::error::Error;
use crate::interpreter::Advanced;
use crate::name::Name;
use crate::task::Task;

use super::run::{Run, RunMode};

/// What comes with a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Who asks, as history names them.
    pub(crate) actor: Option<Name>,
    /// The revision at which the task must still be.
    pub(crate) revision: Option<u64>,
    /// Whether to stop once the request is applied and stored. What follows is left due.
    pub(crate) leave: bool,
}

impl Asked {
    /// Refuses a task that has changed since the caller has seen it.
    pub(crate) fn check(&self, task: &Task) -> Result<(), Error> {
        match self.revision.filter(|revision| *revision != task.revision) {
            None => Ok(()),
            Some(revision) => {
                let now = task.revision;
                let message = format!(
                    "the task is at revision {now}, not {revision}: somebody has changed it; nothing was changed"
                );
                Err(Error::Refused { kind: "changed".into(), message })
            }
        }
    }

    /// Notes the actor in what was asked for.
    pub(crate) fn sign(&self, advanced: &mut Advanced) {
        if let Some(actor) = &self.actor {
            advanced.checkpoint.transitions.iter_mut().for_each(|entry| entry.sign(actor));
        }
    }

    /// Readies a run for the request; releases and refuses it if the task has changed.
    pub(crate) async fn ready(&self, run: &mut Run) -> Result<(), Error> {
        if let Some(Err(changed)) = run.task.as_ref().map(|task| self.check(task)) {
            run.leave().await?;
            return Err(changed);
        }
        run.asked = self.clone();
        if self.leave {
            // Sub-tasks and a parent are left due as well.
            run.mode = RunMode::Worker;
        }
        Ok(())
    }
}
