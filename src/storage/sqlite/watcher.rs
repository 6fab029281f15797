//! Hears of what other processes write: SQLite does not tell, but one look at a number in shared memory does.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use crate::storage::{Bell, Listener};

use super::fault::Answer;
use super::schema;

/// How long what another process has stored may go unheard.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A thread that looks whether somebody wrote, as long as anybody listens.
pub(super) struct Watcher {
    path: PathBuf,
    bell: Bell,
    state: Arc<Mutex<State>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default, PartialEq)]
enum State {
    /// No thread looks.
    #[default]
    Idle,
    Looking,
    /// The file is being closed.
    Closed,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watcher {
    pub(super) fn new(path: PathBuf, bell: Bell) -> Self {
        Self { path, bell, state: Arc::default(), thread: Mutex::default() }
    }

    /// Listens to what this process and others write.
    pub(super) fn listen(&self) -> Listener {
        let listener = self.bell.listen();
        let mut state = lock(&self.state);
        if *state == State::Idle {
            let (path, bell, shared) = (self.path.clone(), self.bell.clone(), Arc::clone(&self.state));
            let work = move || {
                if let Err(fault) = look(&path, &bell, &shared) {
                    tracing::warn!(?fault, "what other processes store is not heard of at once");
                    *lock(&shared) = State::Idle;
                }
            };
            match std::thread::Builder::new().name("opsflow-watcher".to_owned()).spawn(work) {
                Ok(thread) => {
                    *state = State::Looking;
                    *lock(&self.thread) = Some(thread);
                }
                Err(error) => tracing::warn!(%error, "what other processes store is not heard of at once"),
            }
        }
        listener
    }

    /// Ends the thread, and closes its connection.
    pub(super) fn close(&self) {
        *lock(&self.state) = State::Closed;
        if let Some(thread) = lock(&self.thread).take() {
            thread.thread().unpark();
            // It ends without a panic, or its connection is closed by the panic.
            drop(thread.join());
        }
    }
}

/// Looks until nobody listens any more.
fn look(path: &std::path::Path, bell: &Bell, state: &Mutex<State>) -> Answer<()> {
    let connection = schema::reader(path)?;
    let mut seen = version(&connection)?;
    // Whoever asked when something is due before the first look may have missed what came in between.
    bell.ring_all();
    loop {
        std::thread::park_timeout(LOOK_EVERY);
        {
            let mut state = lock(state);
            // A listener is there before it asks for a thread, so none is left without one.
            if *state == State::Closed || !bell.is_heard() {
                *state = if *state == State::Closed { State::Closed } else { State::Idle };
                return Ok(());
            }
        }
        let now = version(&connection)?;
        if now != seen {
            seen = now;
            bell.ring_all();
        }
    }
}

/// A number that changes whenever another connection has written.
fn version(connection: &Connection) -> Answer<i64> {
    Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
}
