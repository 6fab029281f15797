//! Following a task. The follower learns of commits by this process at once, and of commits by other processes as soon
//! as the storage reports them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::error::Error;
use crate::storage::Subscription;
use crate::task::{Task, TaskId};

use super::Runner;
use super::wait::{self, Either, first};

/// The shortest time between two reads of what other processes may have stored.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// The longest. If the storage reports nothing, changes are seen this late.
const MAX_BETWEEN_LOOKS: Duration = Duration::from_secs(10);

/// Which tasks are followed in this process.
#[derive(Default)]
pub(super) struct Followers {
    count: AtomicUsize,
    by_id: Mutex<HashMap<TaskId, Vec<Arc<Notify>>>>,
}

impl Followers {
    /// Notifies the followers of a task that it was stored. If nobody follows any task, this only reads a counter.
    pub(super) fn tell(&self, id: TaskId) {
        if self.count.load(Ordering::SeqCst) > 0 {
            self.lock().get(&id).into_iter().flatten().for_each(|told| told.notify_one());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Vec<Arc<Notify>>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A follower of a task.
pub(crate) struct Follow {
    id: TaskId,
    told: Arc<Notify>,
    followers: Arc<Followers>,
    subscription: Subscription,
}

impl Runner {
    /// Follows a task from now on.
    pub(crate) fn follower(&self, id: TaskId) -> Follow {
        let told = Arc::new(Notify::new());
        self.followers.lock().entry(id).or_default().push(Arc::clone(&told));
        self.followers.count.fetch_add(1, Ordering::SeqCst);
        Follow { id, told, followers: Arc::clone(&self.followers), subscription: self.storage.subscribe() }
    }
}

impl Follow {
    /// Waits until the task is stored at a revision other than `revision`, and returns it.
    pub(crate) async fn changed(&mut self, runner: &Runner, revision: u64) -> Result<Task, Error> {
        loop {
            let task = runner.storage().task(self.id).await?.ok_or(Error::NotFound(self.id))?;
            if task.revision != revision {
                return runner.stored(self.id).await;
            }
            let heard = first(self.subscription.due_before(None), long_pause());
            if let Either::Right(_) = first(self.told.notified(), heard).await {
                // The notification may be about any task, and there may be thousands a second.
                first(self.told.notified(), wait::pause(BETWEEN_LOOKS)).await;
            }
        }
    }
}

/// A long pause; endless where there are no timers.
async fn long_pause() {
    if !wait::pause(MAX_BETWEEN_LOOKS).await {
        std::future::pending::<()>().await;
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        let mut by_id = self.followers.lock();
        if let Some(told) = by_id.get_mut(&self.id) {
            told.retain(|told| !Arc::ptr_eq(told, &self.told));
            if told.is_empty() {
                by_id.remove(&self.id);
            }
        }
        self.followers.count.fetch_sub(1, Ordering::SeqCst);
    }
}
