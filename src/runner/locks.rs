//! Locks on tasks within this process. Between processes, the claim keeps others away. Within one process, callers
//! queue for a task's lock, first come, first served, and can ask the holder to let them in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedMutexGuard};

use crate::task::TaskId;

use super::loss::Watched;

/// The locks of the tasks that are held or waited for in this process.
#[derive(Default)]
pub(super) struct TaskLocks {
    by_id: Mutex<HashMap<TaskId, Arc<TaskLock>>>,
    /// The claims under which a step runs.
    watched: Arc<Watched>,
}

#[derive(Default)]
struct TaskLock {
    /// First come, first served.
    mutex: Arc<tokio::sync::Mutex<()>>,
    /// How many callers wait to act on the task, rather than to continue it.
    urgent: AtomicUsize,
    /// The holder of the task's claim.
    holder: Mutex<Option<Arc<Lost>>>,
}

/// Interest in a task: kept while somebody holds the task or waits for it.
pub(super) struct Ticket {
    locks: Arc<TaskLocks>,
    id: TaskId,
    task_lock: Arc<TaskLock>,
}

/// The right of this process's one caller to claim a task. It does not hold the mutex if the claim came first.
pub(super) struct TaskGuard {
    /// Dropped before the ticket.
    _guard: Option<OwnedMutexGuard<()>>,
    ticket: Ticket,
}

/// Whether a claim was lost to somebody else.
#[derive(Default)]
pub(super) struct Lost {
    is_lost: AtomicBool,
    told: Notify,
}

impl TaskLocks {
    /// A ticket for a task.
    pub(super) fn ticket(self: &Arc<Self>, id: TaskId) -> Ticket {
        let task_lock = Arc::clone(self.lock().entry(id).or_default());
        Ticket { locks: Arc::clone(self), id, task_lock }
    }

    /// Notifies the holder of the task's claim that it is lost.
    pub(super) fn seize(&self, id: TaskId) {
        let holder = self.lock().get(&id).and_then(|task_lock| lock(&task_lock.holder).take());
        if let Some(lost) = holder {
            lost.tell();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Arc<TaskLock>>> {
        lock(&self.by_id)
    }

    /// How many tasks are held or waited for.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Whether somebody waits to act on a task.
    #[cfg(test)]
    pub(super) fn is_wanted(&self, id: TaskId) -> bool {
        self.lock().get(&id).is_some_and(|task_lock| task_lock.urgent.load(Ordering::SeqCst) > 0)
    }

    /// Forgets all tickets.
    #[cfg(test)]
    pub(super) fn clear(&self) {
        self.lock().clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ticket {
    /// Waits until the task is free for this caller.
    pub(super) async fn acquire(self) -> TaskGuard {
        let guard = Arc::clone(&self.task_lock.mutex).lock_owned().await;
        TaskGuard { _guard: Some(guard), ticket: self }
    }

    /// The guard of a caller that has the claim already and cannot wait.
    pub(super) fn acquire_now(self) -> TaskGuard {
        let guard = Arc::clone(&self.task_lock.mutex).try_lock_owned().ok();
        TaskGuard { _guard: guard, ticket: self }
    }

    /// Asks the holder to let others in, for as long as the result is kept.
    pub(super) fn ask(&self) -> Urgent {
        self.task_lock.urgent.fetch_add(1, Ordering::SeqCst);
        Urgent(self.locks.ticket(self.id))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut locks = self.locks.lock();
        // Only this ticket and the map refer to it: new tickets are made under the lock that is held here.
        if Arc::strong_count(&self.task_lock) <= 2 {
            locks.remove(&self.id);
        }
    }
}

impl TaskGuard {
    /// The claims of this process under which a step runs.
    pub(super) fn watched(&self) -> &Arc<Watched> {
        &self.ticket.locks.watched
    }

    /// Records the holder of the task's claim.
    pub(super) fn hold(&self, lost: &Arc<Lost>) {
        *lock(&self.ticket.task_lock.holder) = Some(Arc::clone(lost));
    }

    /// Records that nobody in this process holds the claim any more.
    pub(super) fn let_go(&self, lost: &Arc<Lost>) {
        lock(&self.ticket.task_lock.holder).take_if(|holder| Arc::ptr_eq(holder, lost));
    }

    /// Whether somebody waits to act on the task.
    pub(super) fn is_wanted(&self) -> bool {
        self.ticket.task_lock.urgent.load(Ordering::SeqCst) > 0
    }
}

/// A request to be let in.
pub(super) struct Urgent(Ticket);

impl Drop for Urgent {
    fn drop(&mut self) {
        self.0.task_lock.urgent.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Lost {
    /// Notes that the claim is lost.
    pub(super) fn tell(&self) {
        self.is_lost.store(true, Ordering::SeqCst);
        self.told.notify_waiters();
    }

    /// Whether it is.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::SeqCst)
    }

    /// Waits until it is.
    pub(super) async fn lost(&self) {
        let told = self.told.notified();
        if !self.is_lost() {
            told.await;
        }
    }
}
