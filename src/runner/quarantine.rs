//! The quarantine: tasks that are wrong themselves, or whose definition is, in this program. Retrying one at
//! once would take the turn of other tasks.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration as Pause;

use crate::error::Error;
use crate::task::{Claim, TaskId};

use super::Runner;
use super::backoff::Backoff;
use super::due::SkippedTask;
use super::lease_guard::LeaseGuard;

/// The first pause of a task in quarantine.
const FIRST_PAUSE: Pause = Pause::from_secs(1);
/// The longest pause.
const MAX_PAUSE: Pause = Pause::from_secs(60);
/// How many tasks in quarantine are remembered. Above this number all are forgotten: each is logged again, and
/// its pauses begin anew.
const MAX_QUARANTINED: usize = 10_000;

/// The tasks that a worker has put in quarantine.
#[derive(Default)]
pub(super) struct Quarantine(Mutex<HashMap<TaskId, Quarantined>>);

struct Quarantined {
    pauses: Backoff,
    /// Keeps other workers from the task until it expires.
    claim: Option<Claim>,
}

impl Quarantine {
    /// Puts a task in quarantine, under the claim in `guard` if there is one. Returns the reason the first time only.
    pub(super) async fn put(
        &self,
        runner: &Runner,
        task_id: TaskId,
        guard: Option<LeaseGuard>,
        error: &Error,
    ) -> Option<SkippedTask> {
        let (pause, is_first) = self.next(task_id);
        let reason = error.to_string();
        if is_first {
            tracing::error!(task = %task_id, error = %reason, "the task is left as it is, and tried again later");
        } else {
            tracing::debug!(task = %task_id, error = %reason, ?pause, "the task is left as it is again");
        }
        let now = runner.host.now();
        let claim = match guard {
            Some(guard) => guard.leave_for(now, pause).await,
            None => runner.storage.claim(task_id, now, pause).await.map(|claimed| claimed.claim),
        };
        match claim {
            Ok(claim) => self.keep(task_id, claim),
            // Another process has claimed it, it is gone, or the storage is down. There is nothing to wait for here.
            Err(error) => tracing::debug!(task = %task_id, %error, "the task was not put in quarantine"),
        }
        is_first.then_some(SkippedTask { task_id, reason, held_up_by: None })
    }

    /// Forgets a task that was continued.
    pub(super) fn forget(&self, id: TaskId) {
        self.lock().remove(&id);
    }

    /// Releases the claims on all tasks in quarantine, so that other workers can take them.
    pub(super) async fn release_all(&self, runner: &Runner) {
        let all = std::mem::take(&mut *self.lock());
        for claim in all.into_values().filter_map(|put| put.claim) {
            if let Err(error) = runner.storage.release(&claim).await {
                tracing::debug!(task = %claim.task_id, %error, "a claim was not given back; it expires by itself");
            }
        }
    }

    /// How long a task is in quarantine now, and whether this is the first time.
    fn next(&self, id: TaskId) -> (Pause, bool) {
        let mut all = self.lock();
        if let Some(put) = all.get_mut(&id) {
            return (put.pauses.next(), false);
        }
        if all.len() >= MAX_QUARANTINED {
            all.clear();
        }
        let mut pauses = Backoff::new(FIRST_PAUSE, MAX_PAUSE);
        let first = pauses.next();
        all.insert(id, Quarantined { pauses, claim: None });
        (first, true)
    }

    fn keep(&self, id: TaskId, claim: Claim) {
        if let Some(put) = self.lock().get_mut(&id) {
            put.claim = Some(claim);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Quarantined>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_the_task_is_gone_on_with() {
        let (quarantine, id) = (Quarantine::default(), TaskId::new_v4());
        assert_eq!(quarantine.next(id), (FIRST_PAUSE, true));
        assert_eq!(quarantine.next(id), (FIRST_PAUSE * 2, false));
        for _ in 0..10 {
            quarantine.next(id);
        }
        assert_eq!(quarantine.next(id), (MAX_PAUSE, false));
        quarantine.forget(id);
        assert_eq!(quarantine.next(id), (FIRST_PAUSE, true));
    }
}
