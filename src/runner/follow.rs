//! Following a task: whoever does hears of what is stored of it, by this process at once, by another as soon as the
//! storage tells of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::error::Error;
use crate::storage::Listener;
use crate::task::{Task, TaskId};

use super::Runner;
use super::wait::{self, Either, first};

/// The shortest time between two looks at what other processes may have stored.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// The longest: should the storage not tell of it, this is how late it is seen.
const MAX_BETWEEN_LOOKS: Duration = Duration::from_secs(10);

/// Who of this process follows which task.
#[derive(Default)]
pub(super) struct Followers {
    count: AtomicUsize,
    by_id: Mutex<HashMap<TaskId, Vec<Arc<Notify>>>>,
}

impl Followers {
    /// Tells those who follow a task that it was stored. As long as nobody follows any, this costs a look at a number.
    pub(super) fn tell(&self, id: TaskId) {
        if self.count.load(Ordering::SeqCst) > 0 {
            self.lock().get(&id).into_iter().flatten().for_each(|told| told.notify_one());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Vec<Arc<Notify>>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who follows a task.
pub(crate) struct Follow {
    id: TaskId,
    told: Arc<Notify>,
    followers: Arc<Followers>,
    listener: Listener,
}

impl Runner {
    /// Follows a task from now on.
    pub(crate) fn follower(&self, id: TaskId) -> Follow {
        let told = Arc::new(Notify::new());
        self.followers.lock().entry(id).or_default().push(Arc::clone(&told));
        self.followers.count.fetch_add(1, Ordering::SeqCst);
        Follow { id, told, followers: Arc::clone(&self.followers), listener: self.storage.listen() }
    }
}

impl Follow {
    /// The task, as soon as it is stored at another revision than this one.
    pub(crate) async fn changed(&mut self, runner: &Runner, revision: u64) -> Result<Task, Error> {
        loop {
            let task = runner.storage().task(self.id).await?.ok_or(Error::NotFound(self.id))?;
            if task.revision != revision {
                return runner.stored(self.id).await;
            }
            let heard = first(self.listener.heard_before(None), long_pause());
            if let Either::Right(_) = first(self.told.notified(), heard).await {
                // What is heard may be of any task, and there may be thousands in a second.
                first(self.told.notified(), wait::pause(BETWEEN_LOOKS)).await;
            }
        }
    }
}

/// A long pause; for ever, where there are no timers.
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
