//! The notifier of a storage: wakes subscribers that sleep when a task is due earlier than they expect.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::clock::Timestamp;

/// Nobody listens: no moment is early enough to report.
const NOBODY: i64 = i64::MIN;
/// Report every moment.
const ALL: i64 = i64::MAX;

/// A storage notifies it when it has stored something that is due, now or later. If nobody sleeps past that moment,
/// that costs only the read of a number. Cheap to clone.
#[derive(Clone, Default)]
pub struct Notifier(Arc<Inner>);

struct Inner {
    /// The latest moment until which any subscriber sleeps.
    latest: AtomicI64,
    subscribers: Mutex<Subscribers>,
}

#[derive(Default)]
struct Subscribers {
    last: u64,
    by_id: BTreeMap<u64, Subscriber>,
}

struct Subscriber {
    /// The subscriber wants to know of anything due before this moment.
    before: i64,
    told: Arc<Notify>,
}

impl Default for Inner {
    fn default() -> Self {
        Self { latest: AtomicI64::new(NOBODY), subscribers: Mutex::default() }
    }
}

impl Inner {
    fn subscribers(&self) -> MutexGuard<'_, Subscribers> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Subscribers)) {
        let mut subscribers = self.subscribers();
        change(&mut subscribers);
        let latest = subscribers.by_id.values().map(|subscriber| subscriber.before).max();
        self.latest.store(latest.unwrap_or(NOBODY), Ordering::SeqCst);
    }
}

impl Notifier {
    /// A notifier without subscribers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells listeners that something is due at `moment`. Call it when that can be found in the storage.
    pub fn notify(&self, moment: Timestamp) {
        self.notify_millis(moment.timestamp_millis());
    }

    /// Tells all listeners to look again, because nobody knows when the stored tasks are due.
    pub fn notify_all_subscribers(&self) {
        self.notify_millis(i64::MIN);
    }

    /// Whether there is a subscriber.
    pub fn has_subscribers(&self) -> bool {
        self.0.latest.load(Ordering::SeqCst) != NOBODY
    }

    pub(super) fn notify_millis(&self, moment: i64) {
        if moment >= self.0.latest.load(Ordering::SeqCst) {
            return;
        }
        for subscriber in self.0.subscribers().by_id.values().filter(|subscriber| moment < subscriber.before) {
            subscriber.told.notify_one();
        }
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> Subscription {
        let told = Arc::new(Notify::new());
        let mut id = 0;
        self.0.change(|subscribers| {
            subscribers.last = subscribers.last.saturating_add(1);
            id = subscribers.last;
            subscribers.by_id.insert(id, Subscriber { before: ALL, told: Arc::clone(&told) });
        });
        Subscription { inner: Arc::clone(&self.0), id, told }
    }
}

/// A subscription to a [`Notifier`].
pub struct Subscription {
    inner: Arc<Inner>,
    id: u64,
    told: Arc<Notify>,
}

impl Subscription {
    /// Waits until something was stored that is due before `moment` (or at any time, if that is none). Nothing is
    /// missed that was stored since the subscription was made, or since the last call. It may return without a reason: look
    /// again.
    ///
    /// Dropping the future before it returns, as in a `select!`, loses nothing: the next call reports it.
    pub async fn due_before(&mut self, moment: Option<Timestamp>) {
        let sleep = Sleep(self);
        sleep.until(moment.map_or(ALL, |moment| moment.timestamp_millis()));
        self.told.notified().await;
    }
}

/// The period in which a subscriber sleeps. While awake it wants to know of everything, since it does not know yet how
/// long it will sleep next.
struct Sleep<'a>(&'a Subscription);

impl Sleep<'_> {
    fn until(&self, before: i64) {
        self.0.inner.change(|subscribers| {
            if let Some(subscriber) = subscribers.by_id.get_mut(&self.0.id) {
                subscriber.before = before;
            }
        });
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.until(ALL);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.inner.change(|subscribers| drop(subscribers.by_id.remove(&self.id)));
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;
    use crate::clock::from_millis;

    fn is_told(subscription: &mut Subscription, before: Option<i64>) -> bool {
        let heard = pin!(subscription.due_before(before.map(from_millis)));
        heard.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn subscribers_hear_what_is_due_earlier() {
        let notifier = Notifier::new();
        assert!(!notifier.has_subscribers());
        notifier.notify(from_millis(1));
        let mut subscription = notifier.subscribe();
        assert!(notifier.has_subscribers());
        assert!(!is_told(&mut subscription, None), "what was notified before it was there is none of its business");
        notifier.notify(from_millis(5));
        assert!(is_told(&mut subscription, Some(3)), "notified before it said until when it sleeps");
        assert!(!is_told(&mut subscription, Some(3)), "told once");
        drop(subscription);
        assert!(!notifier.has_subscribers());
    }

    #[test]
    fn subscribers_sleep_through_what_is_due_later() {
        let notifier = Notifier::new();
        let mut subscription = notifier.subscribe();
        let mut context = Context::from_waker(Waker::noop());
        let mut heard = pin!(subscription.due_before(Some(from_millis(10))));
        assert!(heard.as_mut().poll(&mut context).is_pending());
        notifier.notify(from_millis(10));
        assert!(heard.as_mut().poll(&mut context).is_pending());
        notifier.notify(from_millis(9));
        assert!(heard.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn a_dropped_sleep_misses_nothing() {
        let notifier = Notifier::new();
        let mut subscription = notifier.subscribe();
        assert!(!is_told(&mut subscription, Some(10)), "dropped while it sleeps");
        notifier.notify(from_millis(20));
        assert!(is_told(&mut subscription, None), "notified while it was awake");
    }

    #[test]
    fn each_subscriber_hears_what_concerns_it() {
        let notifier = Notifier::new();
        let (mut early, mut late) = (notifier.subscribe(), notifier.subscribe());
        let mut context = Context::from_waker(Waker::noop());
        {
            let mut early = pin!(early.due_before(Some(from_millis(10))));
            let mut late = pin!(late.due_before(None));
            assert!(early.as_mut().poll(&mut context).is_pending() && late.as_mut().poll(&mut context).is_pending());
            notifier.notify(from_millis(15));
            assert!(early.as_mut().poll(&mut context).is_pending() && late.as_mut().poll(&mut context).is_ready());
            notifier.notify_all_subscribers();
            assert!(early.as_mut().poll(&mut context).is_ready());
        }
        drop(early);
        notifier.notify(from_millis(1));
        assert!(is_told(&mut late, None), "the other is there still");
    }
}
