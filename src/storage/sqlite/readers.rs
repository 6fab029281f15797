//! Read connections, opened when they are needed, and kept.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::storage::EngineErrorKind;

use super::fault::{Answer, Fault};
use super::schema;

/// Concurrent reads.
const MAX_READERS: usize = 4;

/// Connections that read.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Arc<Self> {
        Arc::new(Self { path, idle: Mutex::default(), permits: Semaphore::new(MAX_READERS) })
    }

    /// Reads on a thread that may block; on this thread, if there is no tokio runtime.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let _turn = self
            .permits
            .acquire()
            .await
            .map_err(|_| Fault::Engine(EngineErrorKind::Unreachable, "it is closed".to_owned()))?;
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return self.look(work) };
        let readers = Arc::clone(self);
        let read = runtime.spawn_blocking(move || readers.look(work)).await;
        read.unwrap_or_else(|why| {
            Err(Fault::Engine(EngineErrorKind::Unreachable, format!("it was not read to the end: {why}")))
        })
    }

    fn look<T>(&self, work: impl FnOnce(&Connection) -> Answer<T>) -> Answer<T> {
        let idle = self.idle().pop();
        let connection = idle.map_or_else(|| schema::reader(&self.path), Ok)?;
        let answer = work(&connection);
        if !self.permits.is_closed() {
            self.idle().push(connection);
        }
        answer
    }

    /// Closes idle connections now, and busy ones when they finish.
    pub(super) fn close(&self) {
        self.permits.close();
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
