//! Tasks that are put aside: something is wrong with the task or with its definition in this program. Retrying it at
//! once would take the turn of other tasks.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration as Pause;

use crate::error::Error;
use crate::task::{Claim, TaskId};

use super::Runner;
use super::due::Left;
use super::hold::Hold;

/// The first pause of a task that is put aside; each following pause is twice as long.
const FIRST_PAUSE: Pause = Pause::from_secs(1);
/// The longest pause.
const MAX_PAUSE: Pause = Pause::from_secs(60);
/// How many tasks that were put aside are remembered. Above this number all are forgotten: each is logged again, and
/// its pauses begin anew.
const MAX_ASIDE: usize = 10_000;

/// The tasks that a worker has put aside.
#[derive(Default)]
pub(super) struct Aside(Mutex<HashMap<TaskId, Put>>);

struct Put {
    pause: Pause,
    /// Keeps other workers from the task until it expires.
    claim: Option<Claim>,
}

impl Aside {
    /// Puts a task aside, under the claim in `hold` if there is one. Returns the reason the first time only.
    pub(super) async fn put(
        &self,
        runner: &Runner,
        task_id: TaskId,
        hold: Option<Hold>,
        error: &Error,
    ) -> Option<Left> {
        let (pause, is_first) = self.next(task_id);
        let reason = error.to_string();
        if is_first {
            tracing::error!(task = %task_id, error = %reason, "the task is left as it is, and tried again later");
        } else {
            tracing::debug!(task = %task_id, error = %reason, ?pause, "the task is left as it is again");
        }
        let now = runner.host.now();
        let claim = match hold {
            Some(hold) => hold.leave_for(now, pause).await,
            None => runner.storage.claim(task_id, now, pause).await.map(|claimed| claimed.claim),
        };
        match claim {
            Ok(claim) => self.keep(task_id, claim),
            // Another process has claimed it, it is gone, or the storage is down. There is nothing to wait for here.
            Err(error) => tracing::debug!(task = %task_id, %error, "the task was not put aside"),
        }
        is_first.then_some(Left { task_id, reason, held_up_by: None })
    }

    /// Forgets a task that was continued.
    pub(super) fn forget(&self, id: TaskId) {
        self.lock().remove(&id);
    }

    /// Releases the claims on all tasks that are put aside, so that other workers can take them.
    pub(super) async fn release_all(&self, runner: &Runner) {
        let all = std::mem::take(&mut *self.lock());
        for claim in all.into_values().filter_map(|put| put.claim) {
            if let Err(error) = runner.storage.release(&claim).await {
                tracing::debug!(task = %claim.task_id, %error, "a claim was not given back; it expires by itself");
            }
        }
    }

    /// How long a task is put aside now, and whether this is the first time.
    fn next(&self, id: TaskId) -> (Pause, bool) {
        let mut all = self.lock();
        if let Some(put) = all.get_mut(&id) {
            put.pause = put.pause.saturating_mul(2).min(MAX_PAUSE);
            return (put.pause, false);
        }
        if all.len() >= MAX_ASIDE {
            all.clear();
        }
        all.insert(id, Put { pause: FIRST_PAUSE, claim: None });
        (FIRST_PAUSE, true)
    }

    fn keep(&self, id: TaskId, claim: Claim) {
        if let Some(put) = self.lock().get_mut(&id) {
            put.claim = Some(claim);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Put>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_the_task_is_gone_on_with() {
        let (aside, id) = (Aside::default(), TaskId::new_v4());
        assert_eq!(aside.next(id), (FIRST_PAUSE, true));
        assert_eq!(aside.next(id), (FIRST_PAUSE * 2, false));
        for _ in 0..10 {
            aside.next(id);
        }
        assert_eq!(aside.next(id), (MAX_PAUSE, false));
        aside.forget(id);
        assert_eq!(aside.next(id), (FIRST_PAUSE, true));
    }
}
