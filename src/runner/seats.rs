//! Who is at a task within this process. Between processes it is the claim that keeps others away; within one, whoever
//! wants a task gets in line, is told when it is free, and can ask whoever holds it to let others in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedMutexGuard};

use crate::task::TaskId;

use super::loss::Watched;

/// The tasks that somebody of this process is at, or waits for.
#[derive(Default)]
pub(super) struct Seats {
    by_id: Mutex<HashMap<TaskId, Arc<Seat>>>,
    /// The claims under which something takes long.
    watched: Arc<Watched>,
}

#[derive(Default)]
struct Seat {
    /// First come, first served.
    line: Arc<tokio::sync::Mutex<()>>,
    /// How many wait who want to do something to the task, rather than to go on with it.
    urgent: AtomicUsize,
    /// Whoever holds the task's claim.
    holder: Mutex<Option<Arc<Lost>>>,
}

/// A place at a task: kept as long as somebody is at it or waits for it.
pub(super) struct Place {
    seats: Arc<Seats>,
    id: TaskId,
    seat: Arc<Seat>,
}

/// The turn to claim a task. Without the line, if the claim was there first.
pub(super) struct Turn {
    /// Given up before the place is.
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

    /// Tells whoever holds the task's claim that it is lost.
    pub(super) fn seize(&self, id: TaskId) {
        let holder = self.lock().get(&id).and_then(|seat| lock(&seat.holder).take());
        if let Some(lost) = holder {
            lost.tell();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Arc<Seat>>> {
        lock(&self.by_id)
    }

    /// At how many tasks somebody is.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Whether somebody waits for a task who wants to do something to it.
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

    /// The turn of whoever has the claim already, and cannot wait.
    pub(super) fn turn_now(self) -> Turn {
        let line = Arc::clone(&self.seat.line).try_lock_owned().ok();
        Turn { _line: line, place: self }
    }

    /// Asks whoever holds the task to let others in, as long as what comes back is kept.
    pub(super) fn ask(&self) -> Urgent {
        self.seat.urgent.fetch_add(1, Ordering::SeqCst);
        Urgent(self.seats.sit(self.id))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut seats = self.seats.lock();
        // Only this place and the map have it: others are made, and looked up, under the lock that is held here.
        if Arc::strong_count(&self.seat) <= 2 {
            seats.remove(&self.id);
        }
    }
}

impl Turn {
    /// The claims of this process under which something takes long.
    pub(super) fn watched(&self) -> &Arc<Watched> {
        &self.place.seats.watched
    }

    /// Says who holds the task's claim.
    pub(super) fn hold(&self, lost: &Arc<Lost>) {
        *lock(&self.place.seat.holder) = Some(Arc::clone(lost));
    }

    /// Says that nobody of this process holds the claim any more.
    pub(super) fn let_go(&self, lost: &Arc<Lost>) {
        lock(&self.place.seat.holder).take_if(|holder| Arc::ptr_eq(holder, lost));
    }

    /// Whether somebody waits who wants to do something to the task.
    pub(super) fn is_wanted(&self) -> bool {
        self.place.seat.urgent.load(Ordering::SeqCst) > 0
    }
}

/// A wish to be let in.
pub(super) struct Urgent(Place);

impl Drop for Urgent {
    fn drop(&mut self) {
        self.0.seat.urgent.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Lost {
    /// Says that the claim is lost.
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
