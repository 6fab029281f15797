//! The background: a worker inside this process, from its start until it is stopped or dropped.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::Error;
use crate::runner::{Job, Runner, WorkerConfig, WorkerReport};

/// A worker in the background. Dropping it ends it at once: running tasks are given back as they are stored.
pub(crate) struct Background(Mutex<Option<Running>>);

struct Running {
    stop: oneshot::Sender<()>,
    work: JoinHandle<WorkerReport>,
}

impl Background {
    /// Starts a worker. Refused without a tokio runtime.
    pub(crate) fn start(runner: &Arc<Runner>, work: WorkerConfig, job: Job) -> Result<Self, Error> {
        let Ok(runtime) = Handle::try_current() else {
            let message = "a background needs a tokio runtime to run on: call this within one".to_owned();
            return Err(Error::Refused { kind: "background".into(), message });
        };
        let (stop, stopped) = oneshot::channel();
        let runner = Arc::clone(runner);
        // The sender lives as long as this background; when it is dropped, the job is aborted.
        let work = runtime.spawn(async move { runner.work(work, job, async { drop(stopped.await) }).await });
        Ok(Self(Mutex::new(Some(Running { stop, work }))))
    }

    /// Tells it to stop and waits until it has. None if it was stopped before, or panicked.
    pub(crate) async fn stop(&self) -> Option<WorkerReport> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Running { stop, work } = running?;
        // If the worker has ended already, it need not be told.
        let _ = stop.send(());
        work.await.ok()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(running) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            running.work.abort();
        }
    }
}
