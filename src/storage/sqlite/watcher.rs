//! Notices writes of other processes. SQLite does not announce them, but one read of a number in shared memory shows
//! them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::storage::{Notifier, Subscription};

use super::writer::Order;

/// How long a write of another process may go unnoticed.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A thread that makes the writer check for other processes' writes, while anybody listens.
pub(super) struct Watcher {
    notifier: Notifier,
    writer: mpsc::WeakSender<Order>,
    state: Arc<Mutex<State>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    /// No thread is running.
    #[default]
    Idle,
    Looking,
    /// The file is being closed.
    Closed,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watcher {
    pub(super) fn new(notifier: Notifier, writer: mpsc::WeakSender<Order>) -> Self {
        Self { notifier, writer, state: Arc::default(), thread: Mutex::default() }
    }

    /// Listens to writes of this process and of others. The first look finds what came before it, because the writer
    /// remembers what it saw last.
    pub(super) fn subscribe(&self) -> Subscription {
        let subscription = self.notifier.subscribe();
        let mut state = lock(&self.state);
        if *state == State::Idle {
            let (writer, notifier, shared) = (self.writer.clone(), self.notifier.clone(), Arc::clone(&self.state));
            let thread = std::thread::Builder::new().name("opsflow-watcher".to_owned());
            match thread.spawn(move || watch(&writer, &notifier, &shared)) {
                Ok(thread) => {
                    *state = State::Looking;
                    // The previous thread has ended, or is about to.
                    *lock(&self.thread) = Some(thread);
                }
                Err(error) => tracing::warn!(%error, "what other processes store is not noticed at once"),
            }
        }
        subscription
    }

    /// Waits for a look that begins after this call.
    #[cfg(test)]
    pub(super) async fn looked(&self) {
        let (looked, looks) = oneshot::channel();
        let orders = self.writer.upgrade();
        if let Some(orders) = orders {
            drop(orders.send(Order::Look(looked)).await);
            drop(looks.await);
        }
    }

    /// Ends the thread.
    pub(super) fn close(&self) {
        *lock(&self.state) = State::Closed;
        if let Some(thread) = lock(&self.thread).take() {
            thread.thread().unpark();
            // The thread ends without a panic.
            drop(thread.join());
        }
    }
}

/// Makes the writer look repeatedly, until nobody listens any more.
fn watch(writer: &mpsc::WeakSender<Order>, notifier: &Notifier, state: &Mutex<State>) {
    loop {
        std::thread::park_timeout(LOOK_EVERY);
        {
            let mut state = lock(state);
            // A subscriber exists before it asks for a thread, so none is left without one.
            if *state == State::Closed {
                return;
            }
            if !notifier.has_subscribers() {
                *state = State::Idle;
                return;
            }
        }
        let Some(orders) = writer.upgrade() else { return };
        let (looked, looks) = oneshot::channel();
        if orders.blocking_send(Order::Look(looked)).is_err() {
            return;
        }
        drop(orders);
        // One look at a time, however busy the writer is.
        drop(looks.blocking_recv());
    }
}
