//! In the background: a worker of this process, from the moment it is started until it is stopped or dropped.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::Error;
use crate::runner::{Job, Runner, Work, Worked};

/// A worker in the background. To drop it ends it at once: what is under way is given back as it is stored.
pub(crate) struct Background(Mutex<Option<Running>>);

struct Running {
    stop: oneshot::Sender<()>,
    work: JoinHandle<Worked>,
}

impl Background {
    /// Starts a worker. Refused without a tokio runtime to run it on.
    pub(crate) fn start(runner: &Arc<Runner>, work: Work, job: Job) -> Result<Self, Error> {
        let Ok(runtime) = Handle::try_current() else {
            let message = "a background needs a tokio runtime to run on: call this within one".to_owned();
            return Err(Error::Refused { kind: "background".into(), message });
        };
        let (stop, stopped) = oneshot::channel();
        let runner = Arc::clone(runner);
        // Whoever could tell it to stop is there as long as it is, or it is aborted.
        let work = runtime.spawn(async move { runner.work(work, job, async { drop(stopped.await) }).await });
        Ok(Self(Mutex::new(Some(Running { stop, work }))))
    }

    /// Tells it to stop, and waits until it has. None if somebody else did so before, or it panicked.
    pub(crate) async fn stop(&self) -> Option<Worked> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Running { stop, work } = running?;
        // If it is not there any more, it needs not be told.
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
