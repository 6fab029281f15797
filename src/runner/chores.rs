//! Background jobs of a worker: deleting old tasks and firing schedules. Each has its own loop, so that no task waits
//! for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::name::Name;

use super::schedule::keep_firing;
use super::{Runner, wait};

/// How often a worker looks for tasks to delete.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Tasks that it deletes in one write.
const MAX_SWEPT_AT_ONCE: usize = 200;
/// How long it leaves the storage to others between two such writes.
const BETWEEN_SWEEPS: Duration = Duration::from_millis(50);

/// The background jobs, which run until this is dropped.
pub(super) struct Chores {
    deleted: Arc<AtomicU64>,
    _loops: JoinSet<()>,
}

impl Chores {
    /// No jobs.
    pub(super) fn none() -> Self {
        Self { deleted: Arc::default(), _loops: JoinSet::new() }
    }

    /// Starts the jobs.
    pub(super) fn start(runner: &Arc<Runner>, queues: &[Name]) -> Self {
        let (deleted, mut loops) = (Arc::default(), JoinSet::new());
        loops.spawn(sweep(Arc::clone(runner), Arc::clone(&deleted)));
        let (runner, queues) = (Arc::clone(runner), queues.to_vec());
        loops.spawn(async move { keep_firing(&runner, &queues).await });
        Self { deleted, _loops: loops }
    }

    /// Tasks deleted so far.
    pub(super) fn deleted(&self) -> u64 {
        self.deleted.load(Ordering::SeqCst)
    }
}

/// Deletes old tasks and events, in batches.
async fn sweep(runner: Arc<Runner>, deleted: Arc<AtomicU64>) {
    loop {
        let some = match runner.storage.delete_old(runner.host.now(), MAX_SWEPT_AT_ONCE).await {
            Ok(some) => some,
            Err(error) => {
                tracing::warn!(%error, "old tasks were not deleted; tried again later");
                0
            }
        };
        if some > 0 {
            tracing::info!(deleted = some, "old tasks deleted");
            deleted.fetch_add(u64::try_from(some).unwrap_or(u64::MAX), Ordering::SeqCst);
        }
        let is_trimmed = runner.trim_feed().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "old events were not deleted; tried again later");
            true
        });
        let is_all = some < MAX_SWEPT_AT_ONCE && is_trimmed;
        if !wait::pause(if is_all { SWEEP_EVERY } else { BETWEEN_SWEEPS }).await {
            return;
        }
    }
}
