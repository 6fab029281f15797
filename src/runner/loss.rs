//! Lost claims. A cancel takes the task from its holder, in any process. While steps run, their claims are checked, so
//! that a call of a cancelled task ends within a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use uuid::Uuid;

use crate::storage::{Storage, StorageError};
use crate::task::{Claim, Status, TaskId};

use super::Runner;
use super::locks::Lost;
use super::run::{Run, RunMode};
use super::wait;

/// How often the claims are checked.
const BETWEEN_LOOKS: Duration = Duration::from_millis(400);

/// The claims of this process under which a step runs.
#[derive(Default)]
pub(super) struct Watched(Mutex<HashMap<Uuid, (Claim, Arc<Lost>)>>);

impl Watched {
    /// Watches a claim until [`let_go`](Self::let_go).
    pub(super) fn watch(self: &Arc<Self>, storage: &Arc<dyn Storage>, claim: &Claim, lost: &Arc<Lost>) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut claims = self.lock();
        let is_first = claims.is_empty();
        claims.insert(claim.token, (claim.clone(), Arc::clone(lost)));
        if is_first {
            // The loop ends when there is nothing to watch, or with the runtime; then the next claim starts a new one.
            runtime.spawn(look(Arc::clone(self), Arc::clone(storage)));
        }
    }

    /// Stops watching a claim.
    pub(super) fn let_go(&self, claim: &Claim) {
        self.lock().remove(&claim.token);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, (Claim, Arc<Lost>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks the watched claims until there are none left.
async fn look(watched: Arc<Watched>, storage: Arc<dyn Storage>) {
    let _emptied = Emptied(Arc::clone(&watched));
    while wait::pause(BETWEEN_LOOKS).await {
        let claims: Vec<Claim> = watched.lock().values().map(|(claim, _)| claim.clone()).collect();
        if claims.is_empty() {
            return;
        }
        // A storage error is reported by the next operation that needs the storage.
        let Ok(lost) = storage.lost(&claims).await else { continue };
        for claim in lost {
            let known = watched.lock().remove(&claim.token);
            if let Some((_, lost)) = known {
                tell_holder(&*storage, claim.task_id, &lost).await;
            }
        }
    }
}

/// Clears the map when the loop ends, so that the next claim starts a new loop.
struct Emptied(Arc<Watched>);

impl Drop for Emptied {
    fn drop(&mut self) {
        self.0.lock().clear();
    }
}

/// Notifies the holder of a claim that it is lost, and logs why.
pub(super) async fn tell_holder(storage: &dyn Storage, id: TaskId, lost: &Lost) {
    if !lost.is_lost() {
        log(storage, id).await;
        lost.tell();
    }
}

/// Logs why a claim was lost.
async fn log(storage: &dyn Storage, id: TaskId) {
    let task: Result<_, StorageError> = storage.task(id).await;
    match task.ok().flatten().map(|task| task.status) {
        Some(Status::Cancelled) => tracing::info!(task = %id, "the task was cancelled: its running step is dropped"),
        Some(_) => tracing::warn!(task = %id, "a claim was lost: somebody else has taken the task"),
        None => tracing::info!(task = %id, "the task is gone: its running step is dropped"),
    }
}

impl Runner {
    /// Handles that somebody else has the task of `run` now: the state in memory is void.
    pub(super) async fn lose(&self, run: &mut Run) {
        if run.mode == RunMode::Worker && !run.is_lost() && run.guard.is_some() {
            log(&*self.storage, run.id).await;
        }
        run.forget();
    }
}
