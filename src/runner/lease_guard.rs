//! A claim in use: renewed while work takes long, and given back when it is dropped, for whatever reason.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration as Lease;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::clock::Timestamp;
use crate::host::Host;
use crate::storage::{Storage, StorageError};
use crate::task::{Claim, HeldUp};

use super::locks::{Lost, TaskGuard};
use super::loss::tell_holder;
use super::wait;

/// A claim and the turn it was taken in. Dropping it gives both back.
pub(super) struct LeaseGuard {
    claim: Claim,
    storage: Arc<dyn Storage>,
    lost: Arc<Lost>,
    heartbeat: Option<AbortHandle>,
    /// Whether a commit has ended the claim, or it was given back.
    is_over: bool,
    task_guard: TaskGuard,
}

impl LeaseGuard {
    /// Holds `claim`.
    pub(super) fn new(claim: Claim, storage: Arc<dyn Storage>, task_guard: TaskGuard) -> Self {
        let lost = Arc::default();
        task_guard.hold(&lost);
        Self { claim, storage, lost, heartbeat: None, is_over: false, task_guard }
    }

    /// The claim, to commit under.
    pub(super) const fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Whether somebody else has taken the task.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_lost()
    }

    /// Waits until somebody else takes the task.
    pub(super) async fn lost(&self) {
        self.lost.lost().await;
    }

    /// Whether somebody in this process waits to act on the task.
    pub(super) fn is_wanted(&self) -> bool {
        self.task_guard.is_wanted()
    }

    /// Renews the claim every third of the lease, from now until it is given back.
    pub(super) fn heartbeat(&mut self, host: &Arc<dyn Host>, lease: Lease) {
        if self.heartbeat.is_some() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let (storage, host, lost) = (Arc::clone(&self.storage), Arc::clone(host), Arc::clone(&self.lost));
        let beating = renew(self.claim.clone(), lease, storage, host, lost);
        self.task_guard.watched().watch(&self.storage, &self.claim, &self.lost);
        self.heartbeat = Some(runtime.spawn(beating).abort_handle());
    }

    /// Notes that a commit has ended the claim.
    pub(super) fn over(mut self) {
        self.is_over = true;
    }

    /// Gives the claim back. If the storage fails to, the claim expires with its lease.
    pub(super) async fn release(mut self) {
        let outcome = self.storage.release(&self.claim).await;
        self.is_over = true;
        if let Err(error) = outcome {
            tracing::warn!(task = %self.claim.task_id, %error, "a claim was not given back; it expires with its lease");
        }
    }
}

impl LeaseGuard {
    /// Gives the claim back and stores which grant is missing, so that another process can continue.
    pub(super) async fn hold_up(mut self, by: &HeldUp) -> Result<(), StorageError> {
        self.storage.hold_up(&self.claim, by).await?;
        self.is_over = true;
        Ok(())
    }

    /// Lets go of the task but keeps others away from it for `pause`, counted from `now`; then the claim expires.
    pub(super) async fn leave_for(mut self, now: Timestamp, pause: Lease) -> Result<Claim, StorageError> {
        let claim = self.storage.extend(&self.claim, now, pause).await?;
        self.is_over = true;
        Ok(claim)
    }
}

/// Renews a claim until it is lost.
async fn renew(claim: Claim, lease: Lease, storage: Arc<dyn Storage>, host: Arc<dyn Host>, lost: Arc<Lost>) {
    while wait::pause(lease / 3).await {
        match storage.extend(&claim, host.now(), lease).await {
            Err(StorageError::Conflict(_) | StorageError::NotFound(_)) => {
                return tell_holder(&*storage, claim.task_id, &lost).await;
            }
            Err(error) => tracing::warn!(task = %claim.task_id, %error, "a claim was not renewed"),
            Ok(_) => {}
        }
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.abort();
            self.task_guard.watched().let_go(&self.claim);
        }
        self.task_guard.let_go(&self.lost);
        if !self.is_over && !std::thread::panicking() {
            release(Arc::clone(&self.storage), self.claim.clone());
        }
    }
}

/// Gives a claim back where nobody can await it. The built-in storages complete this on the first poll. One that needs
/// longer continues in a spawned task, if there is a runtime.
fn release(storage: Arc<dyn Storage>, claim: Claim) {
    let mut releasing = Box::pin(async move { storage.release(&claim).await });
    let asked = pin!(releasing.as_mut()).poll(&mut Context::from_waker(Waker::noop()));
    if let (Poll::Pending, Ok(runtime)) = (asked, Handle::try_current()) {
        runtime.spawn(releasing);
    }
}
