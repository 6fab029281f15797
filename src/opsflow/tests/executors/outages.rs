//! A storage that is away for a while, and tasks that cannot continue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration as Lease;

use crate::Map;
use crate::opsflow::Opsflow;
use crate::runner::WorkerConfig;
use crate::storage::suite::{Around, Write};
use crate::storage::{EngineErrorKind, Memory, Storage, StorageError};
use crate::task::Status;

use super::{Bench, Executor, background, soon, storages};

/// A storage that is away now and then. Requests in between fail and are counted.
#[derive(Default)]
struct Flaky {
    inner: Arc<Memory>,
    is_away: AtomicBool,
    refused: AtomicUsize,
}

impl Flaky {
    fn here(&self) -> Result<(), StorageError> {
        if !self.is_away.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.refused.fetch_add(1, Ordering::SeqCst);
        Err(StorageError::engine(EngineErrorKind::Unreachable, "flaky storage", "it is away"))
    }
}

impl Around for Flaky {
    fn inner(&self) -> &dyn Storage {
        &*self.inner
    }

    fn before_read(&self) -> Result<(), StorageError> {
        self.here()
    }

    fn before(&self, _: &Write) -> Result<(), StorageError> {
        self.here()
    }
}

const CALLS: &str = r#"
flow: calls
starts_with: call
states:
  call: { action: 'gate("call")', go_to: done }
  done: result
---
flow: plain
starts_with: work
states:
  work: { action: let x = 1, go_to: done }
  done: result
"#;

#[tokio::test]
async fn a_worker_outlives_an_outage_of_its_storage() {
    let flaky = Arc::new(Flaky::default());
    let bench = Bench::over(Arc::clone(&flaky) as _, CALLS, background(2)).await;
    let under_way = bench.later("calls", Map::new()).await;
    bench.outside.hangs().await;
    flaky.is_away.store(true, Ordering::SeqCst);
    // The call that was under way cannot be stored: its task is as it was before it.
    bench.outside.open();
    while flaky.refused.load(Ordering::SeqCst) < 3 {
        tokio::time::sleep(Lease::from_millis(5)).await;
    }
    assert!(bench.ops.later("plain", Map::new()).await.is_err());
    // Others reach it still, and the worker hears of what they store.
    let others = Bench::over(Arc::clone(&flaky.inner) as _, CALLS, Executor::Inline).await;
    let plain = others.later("plain", Map::new()).await;
    let refused = flaky.refused.load(Ordering::SeqCst);
    tokio::time::sleep(Lease::from_millis(300)).await;
    let asked = flaky.refused.load(Ordering::SeqCst) - refused;
    assert!((1..20).contains(&asked), "it is asked {asked} times in 0.3 s while it is away");
    assert_eq!(others.ops.task(plain).await.unwrap().status, Status::Waiting);
    flaky.is_away.store(false, Ordering::SeqCst);
    assert_eq!(soon(others.ops.ended(plain)).await.unwrap().status, Status::Completed);
    // A claim that could not be given back ends with its lease, unless somebody ends the task.
    let cancelled = bench.ops.cancel(under_way).await.unwrap();
    assert_eq!(cancelled.status, Status::Cancelled);
}

#[tokio::test]
async fn a_task_that_cannot_be_gone_on_with_is_put_aside() {
    for (storage, _folder) in storages().await {
        let bench = Bench::over(storage, CALLS, Executor::Inline).await;
        let calls = bench.later("calls", Map::new()).await;
        // A program without the effect `gate`, that is at nothing else all the time.
        let other = Opsflow::builder().storage(Arc::clone(&bench.storage)).build().await.unwrap();
        let plain = bench.later("plain", Map::new()).await;
        let worked = other.work(WorkerConfig::default(), async {
            assert_eq!(soon(other.ended(plain)).await.unwrap().status, Status::Completed);
            tokio::time::sleep(Lease::from_millis(100)).await;
        });
        let worked = soon(worked).await.unwrap();
        assert_eq!((worked.advanced, worked.skipped.len()), (1, 1));
        assert_eq!(worked.skipped[0].task_id, calls);
        assert!(worked.skipped[0].reason.contains("gate"), "{}", worked.skipped[0].reason);
        // A process that can continue it does so, as soon as the other has stopped.
        bench.outside.open();
        assert_eq!(bench.ended(calls).await.status, Status::Completed);
    }
}
