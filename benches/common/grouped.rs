//! SQLite with one thread that writes, and nothing else: what clients send is stored together and answered once it is.

use std::path::Path;
use std::thread::JoinHandle;

use opsflow::Sqlite;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

/// Row updates in one transaction.
const MAX_GROUP: usize = 512;
/// How often the thread looks for another job before it sleeps, as opsflow's does.
const LOOKS: usize = 50;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// The way to the writing thread.
pub(crate) struct Grouped {
    queue: Option<mpsc::Sender<(Job, oneshot::Sender<()>)>>,
    thread: Option<JoinHandle<()>>,
}

impl Grouped {
    /// A new file, made by opsflow, and a thread that stores up to `group` jobs in one transaction.
    pub(crate) async fn open(path: &Path, group: usize) -> Self {
        drop(Sqlite::open(path).await.unwrap());
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection.set_prepared_statement_cache_capacity(64);
        let (queue, mut jobs) = mpsc::channel::<(Job, oneshot::Sender<()>)>(4096);
        let thread = std::thread::spawn(move || {
            let mut waiting = Vec::new();
            while let Some(first) = next(&mut jobs) {
                connection.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
                let mut job = Some(first);
                while let Some((work, answer)) = job.take() {
                    work(&connection);
                    waiting.push(answer);
                    job = if waiting.len() < group.min(MAX_GROUP) { jobs.try_recv().ok() } else { None };
                }
                connection.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
                for answer in waiting.drain(..) {
                    let _ = oneshot::Sender::send(answer, ());
                }
            }
        });
        Self { queue: Some(queue), thread: Some(thread) }
    }

    /// Does `work` in a transaction; returns once it is stored.
    pub(crate) async fn write(&self, work: impl FnOnce(&Connection) + Send + 'static) {
        let (answer, answered) = oneshot::channel();
        self.queue.as_ref().unwrap().send((Box::new(work), answer)).await.ok().unwrap();
        answered.await.unwrap();
    }
}

fn next<T>(jobs: &mut mpsc::Receiver<T>) -> Option<T> {
    for _ in 0..LOOKS {
        match jobs.try_recv() {
            Ok(job) => return Some(job),
            Err(mpsc::error::TryRecvError::Empty) => std::thread::yield_now(),
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
        }
    }
    jobs.blocking_recv()
}

impl Drop for Grouped {
    fn drop(&mut self) {
        self.queue = None;
        self.thread.take().unwrap().join().unwrap();
    }
}
