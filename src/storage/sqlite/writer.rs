//! The one thread that writes: it takes all that is queued into one transaction and acknowledges after its commit.
//!
//! A job that is refused is rolled back to its savepoint, so it does not spoil the others. A lone job does not wait
//! for company. When the last sender is gone, what is queued is finished and the file closed.

use std::path::PathBuf;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::clock::Timestamp;
use crate::storage::Bell;

use super::fault::{Answer, Fault};
use super::{Durability, schema};

/// Jobs in one transaction.
const MAX_GROUP: usize = 512;
/// Jobs that wait; whoever comes then waits to be queued.
const MAX_QUEUE: usize = 4096;

/// How often the thread looks for another job before it sleeps: whoever was just answered often has the next one
/// ready, and waking a thread costs as much as storing a row.
const LOOKS: usize = 50;

/// Whether a job's result must outlive the machine, if the storage promises that at all. Claims need not: their
/// holders end with the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flush {
    Yes,
    No,
}

/// Something to do in a transaction, and somebody who waits for it.
trait Job: Send {
    fn flush(&self) -> Flush;
    /// When what it has stored may be due, if ever.
    fn due(&self) -> Option<Timestamp>;
    /// Does it; false if it was refused and is to be rolled back.
    fn perform(&mut self, connection: &Connection) -> bool;
    /// Tells what came of it, now that the transaction is stored, or lost.
    fn answer(self: Box<Self>, lost: Option<&Fault>);
}

struct Work<F, T> {
    flush: Flush,
    due: Option<Timestamp>,
    work: Option<F>,
    outcome: Option<Answer<T>>,
    waiting: oneshot::Sender<Answer<T>>,
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce(&Connection) -> Answer<T> + Send,
    T: Send,
{
    fn flush(&self) -> Flush {
        self.flush
    }

    fn due(&self) -> Option<Timestamp> {
        self.due.filter(|_| matches!(self.outcome, Some(Ok(_))))
    }

    fn perform(&mut self, connection: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(connection));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, lost: Option<&Fault>) {
        let refused = matches!(self.outcome, Some(Err(_)));
        let outcome = match lost {
            Some(lost) if !refused => Err(lost.clone()),
            _ => self.outcome.unwrap_or_else(|| Err(gone())),
        };
        // Whoever has stopped waiting needs no answer.
        drop(self.waiting.send(outcome));
    }
}

fn gone() -> Fault {
    Fault::Engine("its writer has ended".to_owned())
}

/// The way to the writing thread.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Opens the file on a thread of its own, and leaves the thread to write.
    pub(super) async fn start(path: PathBuf, durability: Durability, bell: Bell) -> Answer<Self> {
        let (queue, jobs) = mpsc::channel(MAX_QUEUE);
        let (opened, opening) = oneshot::channel();
        let thread = std::thread::Builder::new().name("opsflow-sqlite".to_owned()).spawn(move || {
            let connection = schema::open(&path);
            match connection {
                Ok(connection) => {
                    drop(opened.send(Ok(())));
                    Turn { connection, durability, flushes: None, bell }.take_turns(jobs);
                }
                Err(fault) => drop(opened.send(Err(fault))),
            }
        });
        let thread = thread.map_err(|why| Fault::Engine(format!("no thread to write it: {why}")))?;
        opening.await.unwrap_or_else(|_| Err(gone()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Does `work` in a transaction, and gives what it gave once that is stored; who listens is told then of when it is due.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        flush: Flush,
        due: Option<Timestamp>,
        work: impl FnOnce(&Connection) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let (waiting, outcome) = oneshot::channel();
        let job = Box::new(Work { flush, due, work: Some(work), outcome: None, waiting });
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send(job).await.map_err(|_| gone())?;
        outcome.await.unwrap_or_else(|_| Err(gone()))
    }
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
    /// How `synchronous` is set.
    flushes: Option<bool>,
    /// Rung after each transaction, for the earliest of what is due.
    bell: Bell,
}

impl Turn {
    fn take_turns(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut group = Vec::new();
        while let Some(first) = next(&mut jobs) {
            group.push(first);
            while group.len() < MAX_GROUP
                && let Ok(next) = jobs.try_recv()
            {
                group.push(next);
            }
            let lost = self.perform(&mut group).err();
            if let Some(due) = group.iter().filter_map(|job| job.due()).min().filter(|_| lost.is_none()) {
                self.bell.ring(due);
            }
            for job in group.drain(..) {
                job.answer(lost.as_ref());
            }
        }
    }

    /// Performs a group in one transaction. An error means that nothing of it was stored.
    fn perform(&mut self, group: &mut [Box<dyn Job>]) -> Answer<()> {
        self.set_flush(group.iter().any(|job| job.flush() == Flush::Yes))?;
        self.run("BEGIN IMMEDIATE")?;
        let done = self.perform_each(group).and_then(|any| self.run(if any { "COMMIT" } else { "ROLLBACK" }));
        if done.is_err() && !self.connection.is_autocommit() {
            self.run("ROLLBACK")?;
        }
        done
    }

    /// Performs each job within the transaction; false if all were refused.
    fn perform_each(&self, group: &mut [Box<dyn Job>]) -> Answer<bool> {
        if let [only] = group {
            let done = only.perform(&self.connection);
            // A full disk and its like end the whole transaction; then the job has said so itself.
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

/// Waits for a job; none when there will be no more.
fn next(jobs: &mut mpsc::Receiver<Box<dyn Job>>) -> Option<Box<dyn Job>> {
    for _ in 0..LOOKS {
        match jobs.try_recv() {
            Ok(job) => return Some(job),
            Err(mpsc::error::TryRecvError::Empty) => std::thread::yield_now(),
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
        }
    }
    jobs.blocking_recv()
}

/// SQLite has rolled the transaction back by itself.
fn ended() -> Fault {
    Fault::Engine("the transaction could not be stored: the disk is full or failed; nothing was stored".to_owned())
}
