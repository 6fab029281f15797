//! The only thread that writes. It takes everything queued into one transaction, and acknowledges after its commit.
//!
//! A refused job is rolled back to its savepoint, so it does not spoil the others. A single job does not wait for more.
//! When the last sender is gone, queued jobs are finished and the file is closed.
//!
//! On request it also checks whether another process has written: only its own connection can tell that apart from the
//! writes of this process.

use std::path::PathBuf;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::storage::{EngineErrorKind, Notifier};

use super::fault::{Answer, Fault};
use super::{Durability, schema};

/// Jobs in one transaction.
const MAX_GROUP: usize = 512;
/// Jobs that may be queued; further callers wait for room.
const MAX_QUEUE: usize = 4096;

/// How often the thread checks for another job before it sleeps. A caller that was just answered often has the next job
/// ready, and waking a thread costs as much as storing a row.
const LOOKS: usize = 50;

/// Whether a job's result must survive a crash of the machine, if the storage promises that at all. Claims need not:
/// their holders die with the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flush {
    Yes,
    No,
}

/// The earliest moment at which something stored may be due, in milliseconds; none if nothing ever is.
#[derive(Clone, Copy, Default)]
pub(super) struct Earliest(Option<i64>);

impl Earliest {
    /// Adds that something is due at `moment`, if ever.
    pub(super) fn or_at(&mut self, moment: Option<i64>) {
        self.0 = self.0.into_iter().chain(moment).min();
    }
}

/// A request to the writing thread.
pub(super) enum Order {
    /// Store something.
    Store(Box<dyn Job>),
    /// Check whether another process has written, and report when that is done.
    Look(oneshot::Sender<()>),
}

/// Work for a transaction, and a caller that waits for it.
pub(super) trait Job: Send {
    fn flush(&self) -> Flush;
    /// When the stored tasks may be due.
    fn due(&self) -> Earliest;
    /// Performs it; false if it was refused and must be rolled back.
    fn perform(&mut self, connection: &Connection) -> bool;
    /// Reports the result, now that the transaction is stored or lost.
    fn answer(self: Box<Self>, lost: Option<&Fault>);
}

struct Work<F, T> {
    flush: Flush,
    due: Earliest,
    work: Option<F>,
    outcome: Option<Answer<T>>,
    waiting: oneshot::Sender<Answer<T>>,
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce(&Connection, &mut Earliest) -> Answer<T> + Send,
    T: Send,
{
    fn flush(&self) -> Flush {
        self.flush
    }

    fn due(&self) -> Earliest {
        if matches!(self.outcome, Some(Ok(_))) { self.due } else { Earliest::default() }
    }

    fn perform(&mut self, connection: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(connection, &mut self.due));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, lost: Option<&Fault>) {
        let refused = matches!(self.outcome, Some(Err(_)));
        let outcome = match lost {
            Some(lost) if !refused => Err(lost.clone()),
            _ => self.outcome.unwrap_or_else(|| Err(gone())),
        };
        // If the caller has stopped waiting, nobody needs the answer.
        drop(self.waiting.send(outcome));
    }
}

fn gone() -> Fault {
    Fault::Engine(EngineErrorKind::Unreachable, "its writer has ended".to_owned())
}

/// A handle to the writing thread.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Opens the file on a new thread, which then writes.
    pub(super) async fn start(path: PathBuf, durability: Durability, notifier: Notifier) -> Answer<Self> {
        let (queue, orders) = mpsc::channel(MAX_QUEUE);
        let (opened, opening) = oneshot::channel();
        let thread = std::thread::Builder::new().name("opsflow-sqlite".to_owned()).spawn(move || {
            let connection = schema::open(&path);
            match connection {
                Ok(connection) => {
                    let seen = version(&connection).ok();
                    drop(opened.send(Ok(())));
                    Turn { connection, durability, flushes: None, notifier, seen }.take_turns(orders);
                }
                Err(fault) => drop(opened.send(Err(fault))),
            }
        });
        let thread =
            thread.map_err(|why| Fault::Engine(EngineErrorKind::Busy, format!("no thread to write it: {why}")))?;
        opening.await.unwrap_or_else(|_| Err(gone()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// A handle for orders that does not keep the thread alive.
    pub(super) fn orders(&self) -> mpsc::WeakSender<Order> {
        // The queue exists until the writer is dropped.
        self.queue.as_ref().map_or_else(|| mpsc::channel(1).0.downgrade(), mpsc::Sender::downgrade)
    }

    /// Does `work` in a transaction, and returns its result once that is stored. Listeners are then told of due tasks,
    /// as `work` reports them.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        flush: Flush,
        work: impl FnOnce(&Connection, &mut Earliest) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        answered(self.enqueue(flush, work).await?).await
    }

    /// Hands `work` to the thread. The result is awaited by [`answered`].
    pub(super) async fn enqueue<T: Send + 'static>(
        &self,
        flush: Flush,
        work: impl FnOnce(&Connection, &mut Earliest) -> Answer<T> + Send + 'static,
    ) -> Answer<oneshot::Receiver<Answer<T>>> {
        let (waiting, outcome) = oneshot::channel();
        let job = Box::new(Work { flush, due: Earliest::default(), work: Some(work), outcome: None, waiting });
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send(Order::Store(job)).await.map_err(|_| gone())?;
        Ok(outcome)
    }
}

/// The result of work that was handed to the thread.
pub(super) async fn answered<T>(outcome: oneshot::Receiver<Answer<T>>) -> Answer<T> {
    outcome.await.unwrap_or_else(|_| Err(gone()))
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // The thread ends without a panic, or its connection is closed by the panic.
            drop(thread.join());
        }
    }
}

/// The writing thread.
struct Turn {
    connection: Connection,
    durability: Durability,
    /// The current setting of `synchronous`.
    flushes: Option<bool>,
    /// Rung after each transaction, for the earliest due task.
    notifier: Notifier,
    /// The result of [`version`] at the last look, if it could be read.
    seen: Option<i64>,
}

impl Turn {
    fn take_turns(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut group = Vec::new();
        let mut looks = Vec::new();
        while let Some(first) = next(&mut orders) {
            let mut order = Some(first);
            while let Some(given) = order {
                match given {
                    Order::Store(job) => group.push(job),
                    Order::Look(looked) => looks.push(looked),
                }
                order = if group.len() < MAX_GROUP { orders.try_recv().ok() } else { None };
            }
            if !group.is_empty() {
                self.store(&mut group);
            }
            if !looks.is_empty() {
                self.look();
                // The asker may be gone.
                looks.drain(..).for_each(|looked| looked.send(()).unwrap_or_default());
            }
        }
    }

    /// Stores a group, notifies subscribers, and then answers: when a caller gets its answer, sleepers have been told.
    fn store(&mut self, group: &mut Vec<Box<dyn Job>>) {
        let lost = self.perform(group).err();
        let mut due = Earliest::default();
        group.iter().filter(|_| lost.is_none()).for_each(|job| due.or_at(job.due().0));
        if let Some(due) = due.0 {
            self.notifier.notify_millis(due);
        }
        for job in group.drain(..) {
            job.answer(lost.as_ref());
        }
    }

    /// Notifies subscribers if another process has written since the last look.
    fn look(&mut self) {
        match version(&self.connection) {
            Ok(now) if self.seen == Some(now) => {}
            Ok(now) => {
                self.seen = Some(now);
                self.notifier.notify_all_subscribers();
            }
            Err(fault) => {
                if self.seen.take().is_some() {
                    tracing::warn!(?fault, "what other processes store is not noticed at once");
                }
            }
        }
    }

    /// Performs a group in one transaction. On an error, nothing of it was stored.
    fn perform(&mut self, group: &mut [Box<dyn Job>]) -> Answer<()> {
        if !self.connection.is_autocommit() {
            // The previous transaction could not be rolled back then.
            self.run("ROLLBACK")?;
        }
        self.set_flush(group.iter().any(|job| job.flush() == Flush::Yes))?;
        self.run("BEGIN IMMEDIATE")?;
        let done = self.perform_each(group).and_then(|any| self.run(if any { "COMMIT" } else { "ROLLBACK" }));
        if done.is_err() && !self.connection.is_autocommit() {
            self.run("ROLLBACK")?;
        }
        done
    }

    /// Performs each job in the transaction; false if all were refused.
    fn perform_each(&self, group: &mut [Box<dyn Job>]) -> Answer<bool> {
        if let [only] = group {
            let done = only.perform(&self.connection);
            // A full disk, for example, ends the whole transaction; the job has reported that itself.
            return if done || !self.connection.is_autocommit() { Ok(done) } else { Err(ended()) };
        }
        let mut any = false;
        for job in group {
            self.run("SAVEPOINT job")?;
            if job.perform(&self.connection) {
                any = true;
            } else if self.connection.is_autocommit() {
                return Err(ended());
            } else {
                self.run("ROLLBACK TO job")?;
            }
            self.run("RELEASE job")?;
        }
        Ok(any)
    }

    fn set_flush(&mut self, durable: bool) -> Answer<()> {
        let flush = durable && self.durability == Durability::Full;
        if self.flushes != Some(flush) {
            self.connection.pragma_update(None, "synchronous", if flush { "FULL" } else { "NORMAL" })?;
            self.flushes = Some(flush);
        }
        Ok(())
    }

    fn run(&self, sql: &str) -> Answer<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

/// A number that changes when another connection has written. Readers of this process do not count.
fn version(connection: &Connection) -> Answer<i64> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}

/// Waits for an order; none when there will be no more.
fn next(orders: &mut mpsc::Receiver<Order>) -> Option<Order> {
    for _ in 0..LOOKS {
        match orders.try_recv() {
            Ok(order) => return Some(order),
            Err(mpsc::error::TryRecvError::Empty) => std::thread::yield_now(),
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
        }
    }
    orders.blocking_recv()
}

/// SQLite has rolled the transaction back by itself.
fn ended() -> Fault {
    Fault::Engine(
        EngineErrorKind::Full,
        "the transaction could not be stored: the disk is full or failed; nothing was stored".to_owned(),
    )
}
