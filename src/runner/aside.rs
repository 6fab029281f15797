//! Tasks that are put aside: something is wrong with them, or with their definition in this program, and to try again at
//! once would keep others from their turn.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration as Pause;

use crate::error::Error;
use crate::task::{Claim, TaskId};

use super::Runner;
use super::due::Left;
use super::hold::Hold;

/// How long a task is put aside for first; each time twice as long as the time before.
const FIRST_PAUSE: Pause = Pause::from_secs(1);
/// The longest that a task is put aside for.
const MAX_PAUSE: Pause = Pause::from_secs(60);
/// Tasks of which it is known how often they were put aside. Above this number all are forgotten: each is told of again,
/// and its pauses begin anew.
const MAX_ASIDE: usize = 10_000;

/// The tasks that a worker has put aside.
#[derive(Default)]
pub(super) struct Aside(Mutex<HashMap<TaskId, Put>>);

struct Put {
    pause: Pause,
    /// What keeps others from it meanwhile. It ends by itself.
    claim: Option<Claim>,
}

impl Aside {
    /// Puts a task aside, with the claim on it if it is held still. Gives why, the first time.
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
            // Somebody else has it by now, it is gone, or the storage is: then that is what is waited for.
            Err(error) => tracing::debug!(task = %task_id, %error, "the task was not put aside"),
        }
        is_first.then_some(Left { task_id, reason })
    }

    /// Forgets a task that was gone on with.
    pub(super) fn forget(&self, id: TaskId) {
        self.lock().remove(&id);
    }

    /// Lets go of all that is aside, for whoever else is there.
    pub(super) async fn release_all(&self, runner: &Runner) {
        let all = std::mem::take(&mut *self.lock());
        for claim in all.into_values().filter_map(|put| put.claim) {
            if let Err(error) = runner.storage.release(&claim).await {
                tracing::debug!(task = %claim.task_id, %error, "a claim was not given back; it ends by itself");
            }
        }
    }

    /// How long a task is put aside for now, and whether it is the first time.
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
