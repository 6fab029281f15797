//! Access to tasks within this process. Between processes, the claim keeps others away. Within one process, callers
//! wait in line for a task, are notified when it is free, and can ask the holder to let them in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedMutexGuard};

use crate::task::TaskId;

use super::loss::Watched;

/// The tasks that are held or waited for in this process.
#[derive(Default)]
pub(super) struct Seats {
    by_id: Mutex<HashMap<TaskId, Arc<Seat>>>,
    /// The claims under which a step runs.
    watched: Arc<Watched>,
}

#[derive(Default)]
struct Seat {
    /// First come, first served.
    line: Arc<tokio::sync::Mutex<()>>,
    /// How many callers wait to act on the task, rather than to continue it.
    urgent: AtomicUsize,
    /// The holder of the task's claim.
    holder: Mutex<Option<Arc<Lost>>>,
}

/// A place at a task, kept while somebody holds the task or waits for it.
pub(super) struct Place {
    seats: Arc<Seats>,
    id: TaskId,
    seat: Arc<Seat>,
}

/// The turn to claim a task. It has no place in line if the claim came first.
pub(super) struct Turn {
    /// Dropped before the place.
    _line: Option<OwnedMutexGuard<()>>,
    place: Place,
}

/// Whether a claim was lost to somebody else.
#[derive(Default)]
pub(super) struct Lost {
    is_lost: AtomicBool,
    told: Notify,
}

impl Seats {
    /// Takes a place at a task.
    pub(super) fn sit(self: &Arc<Self>, id: TaskId) -> Place {
        let seat = Arc::clone(self.lock().entry(id).or_default());
        Place { seats: Arc::clone(self), id, seat }
    }

    /// Notifies the holder of the task's claim that it is lost.
    pub(super) fn seize(&self, id: TaskId) {
        let holder = self.lock().get(&id).and_then(|seat| lock(&seat.holder).take());
        if let Some(lost) = holder {
            lost.tell();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Arc<Seat>>> {
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
        self.lock().get(&id).is_some_and(|seat| seat.urgent.load(Ordering::SeqCst) > 0)
    }

    /// Forgets all places.
    #[cfg(test)]
    pub(super) fn clear(&self) {
        self.lock().clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Place {
    /// Waits in line.
    pub(super) async fn turn(self) -> Turn {
        let line = Arc::clone(&self.seat.line).lock_owned().await;
        Turn { _line: Some(line), place: self }
    }

    /// The turn of a caller that has the claim already and cannot wait.
    pub(super) fn turn_now(self) -> Turn {
        let line = Arc::clone(&self.seat.line).try_lock_owned().ok();
        Turn { _line: line, place: self }
    }

    /// Asks the holder to let others in, for as long as the result is kept.
    pub(super) fn ask(&self) -> Urgent {
        self.seat.urgent.fetch_add(1, Ordering::SeqCst);
        Urgent(self.seats.sit(self.id))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut seats = self.seats.lock();
        // Only this place and the map refer to it: new places are made under the lock that is held here.
        if Arc::strong_count(&self.seat) <= 2 {
            seats.remove(&self.id);
        }
    }
}

impl Turn {
    /// The claims of this process under which a step runs.
    pub(super) fn watched(&self) -> &Arc<Watched> {
        &self.place.seats.watched
    }

    /// Records the holder of the task's claim.
    pub(super) fn hold(&self, lost: &Arc<Lost>) {
        *lock(&self.place.seat.holder) = Some(Arc::clone(lost));
    }

    /// Records that nobody in this process holds the claim any more.
    pub(super) fn let_go(&self, lost: &Arc<Lost>) {
        lock(&self.place.seat.holder).take_if(|holder| Arc::ptr_eq(holder, lost));
    }

    /// Whether somebody waits to act on the task.
    pub(super) fn is_wanted(&self) -> bool {
        self.place.seat.urgent.load(Ordering::SeqCst) > 0
    }
}

/// A request to be let in.
pub(super) struct Urgent(Place);

impl Drop for Urgent {
    fn drop(&mut self) {
        self.0.seat.urgent.fetch_sub(1, Ordering::SeqCst);
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
