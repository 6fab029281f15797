//! Bells: a storage uses one to wake sleepers when a task is due earlier than they expect.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::clock::Timestamp;

/// Nobody listens: no moment is early enough to report.
const NOBODY: i64 = i64::MIN;
/// Report every moment.
const ALL: i64 = i64::MAX;

/// A storage rings it when it has stored something that is due, now or later. If nobody sleeps past that moment,
/// ringing costs only the read of a number. Cheap to clone.
#[derive(Clone, Default)]
pub struct Bell(Arc<Inner>);

struct Inner {
    /// The latest moment until which any listener sleeps.
    latest: AtomicI64,
    ears: Mutex<Ears>,
}

#[derive(Default)]
struct Ears {
    last: u64,
    by_id: BTreeMap<u64, Ear>,
}

struct Ear {
    /// The listener wants to know of anything due before this moment.
    before: i64,
    told: Arc<Notify>,
}

impl Default for Inner {
    fn default() -> Self {
        Self { latest: AtomicI64::new(NOBODY), ears: Mutex::default() }
    }
}

impl Inner {
    fn ears(&self) -> MutexGuard<'_, Ears> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Ears)) {
        let mut ears = self.ears();
        change(&mut ears);
        let latest = ears.by_id.values().map(|ear| ear.before).max();
        self.latest.store(latest.unwrap_or(NOBODY), Ordering::SeqCst);
    }
}

impl Bell {
    /// A bell without listeners.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells listeners that something is due at `moment`. Call it when that can be found in the storage.
    pub fn ring(&self, moment: Timestamp) {
        self.ring_millis(moment.timestamp_millis());
    }

    /// Tells all listeners to look again, because nobody knows when the stored tasks are due.
    pub fn ring_all(&self) {
        self.ring_millis(i64::MIN);
    }

    /// Whether there is a listener.
    pub fn is_heard(&self) -> bool {
        self.0.latest.load(Ordering::SeqCst) != NOBODY
    }

    pub(super) fn ring_millis(&self, moment: i64) {
        if moment >= self.0.latest.load(Ordering::SeqCst) {
            return;
        }
        for ear in self.0.ears().by_id.values().filter(|ear| moment < ear.before) {
            ear.told.notify_one();
        }
    }

    /// Listens from now on.
    pub fn listen(&self) -> Listener {
        let told = Arc::new(Notify::new());
        let mut id = 0;
        self.0.change(|ears| {
            ears.last = ears.last.saturating_add(1);
            id = ears.last;
            ears.by_id.insert(id, Ear { before: ALL, told: Arc::clone(&told) });
        });
        Listener { inner: Arc::clone(&self.0), id, told }
    }
}

/// A listener of a [`Bell`].
pub struct Listener {
    inner: Arc<Inner>,
    id: u64,
    told: Arc<Notify>,
}

impl Listener {
    /// Waits until something was stored that is due before `moment` (or at any time, if that is none). Nothing is
    /// missed that was stored since the listener was made, or since the last call. It may return without a reason: look
    /// again.
    ///
    /// Dropping the future before it returns, as in a `select!`, loses nothing: the next call reports it.
    pub async fn heard_before(&mut self, moment: Option<Timestamp>) {
        let sleep = Sleep(self);
        sleep.until(moment.map_or(ALL, |moment| moment.timestamp_millis()));
        self.told.notified().await;
    }
}

/// The period in which a listener sleeps. While awake it wants to know of everything, since it does not know yet how
/// long it will sleep next.
struct Sleep<'a>(&'a Listener);

impl Sleep<'_> {
    fn until(&self, before: i64) {
        self.0.inner.change(|ears| {
            if let Some(ear) = ears.by_id.get_mut(&self.0.id) {
                ear.before = before;
            }
        });
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.until(ALL);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.inner.change(|ears| drop(ears.by_id.remove(&self.id)));
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;
    use crate::clock::from_millis;

    fn is_told(listener: &mut Listener, before: Option<i64>) -> bool {
        let heard = pin!(listener.heard_before(before.map(from_millis)));
        heard.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_listener_is_told_of_what_is_due_earlier_and_misses_nothing() {
        let bell = Bell::new();
        assert!(!bell.is_heard());
        bell.ring(from_millis(1));
        let mut listener = bell.listen();
        assert!(bell.is_heard());
        assert!(!is_told(&mut listener, None), "what was rung before it was there is none of its business");
        bell.ring(from_millis(5));
        assert!(is_told(&mut listener, Some(3)), "rung before it said until when it sleeps");
        assert!(!is_told(&mut listener, Some(3)), "told once");
        drop(listener);
        assert!(!bell.is_heard());
    }

    #[test]
    fn a_listener_sleeps_through_what_is_due_later() {
        let bell = Bell::new();
        let mut listener = bell.listen();
        let mut context = Context::from_waker(Waker::noop());
        let mut heard = pin!(listener.heard_before(Some(from_millis(10))));
        assert!(heard.as_mut().poll(&mut context).is_pending());
        bell.ring(from_millis(10));
        assert!(heard.as_mut().poll(&mut context).is_pending());
        bell.ring(from_millis(9));
        assert!(heard.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn a_sleep_that_is_broken_off_misses_nothing() {
        let bell = Bell::new();
        let mut listener = bell.listen();
        assert!(!is_told(&mut listener, Some(10)), "dropped while it sleeps");
        bell.ring(from_millis(20));
        assert!(is_told(&mut listener, None), "rung while it was awake");
    }

    #[test]
    fn each_listener_is_told_of_what_concerns_it() {
        let bell = Bell::new();
        let (mut early, mut late) = (bell.listen(), bell.listen());
        let mut context = Context::from_waker(Waker::noop());
        {
            let mut early = pin!(early.heard_before(Some(from_millis(10))));
            let mut late = pin!(late.heard_before(None));
            assert!(early.as_mut().poll(&mut context).is_pending() && late.as_mut().poll(&mut context).is_pending());
            bell.ring(from_millis(15));
            assert!(early.as_mut().poll(&mut context).is_pending() && late.as_mut().poll(&mut context).is_ready());
            bell.ring_all();
            assert!(early.as_mut().poll(&mut context).is_ready());
        }
        drop(early);
        bell.ring(from_millis(1));
        assert!(is_told(&mut late, None), "the other is there still");
    }
}
