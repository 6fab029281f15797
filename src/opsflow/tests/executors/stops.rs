//! Stopping, dropping, and going on elsewhere.

use std::time::Duration;

use crate::opsflow::Opsflow;
use crate::runner::{WorkerConfig, WorkerReport};
use crate::task::Status;
use crate::{Error, Map};

use super::super::status;
use super::{Bench, Executor, background, soon, storages, with_each};

const STEPS: &str = r#"
flow: steps
starts_with: body
states:
  body:
    action: |
      note("first");
      gate("second");
      note("third");
    go_to: next
  next: { action: 'note("next")', go_to: done }
  done: result
---
flow: short
delete_after: 1ms
starts_with: work
states:
  work: { action: 'note("short")', go_to: done }
  done: result
"#;

#[tokio::test]
async fn what_was_under_way_is_gone_on_with_elsewhere_at_once() {
    with_each(STEPS, async |bench| {
        let first = bench.elsewhere().await;
        if matches!(first.executor, Executor::Background(_)) {
            bench.ops.shutdown().await;
        }
        let id = first.later("steps", Map::new()).await;
        let run = tokio::spawn({
            let ops = first.ops.clone();
            let inline = matches!(first.executor, Executor::Inline);
            async move {
                if inline {
                    drop(ops.run_due(&[]).await)
                }
            }
        });
        first.outside.hangs().await;
        run.abort();
        drop((run.await, first));
        // The claim is given back, and not waited for.
        let next = bench.beside(background(2)).await;
        next.outside.open();
        let task = next.ended(id).await;
        assert_eq!(status(&task), (Status::Completed, "done"));
        assert_eq!(next.outside.notes(), ["first", "second", "third", "next"]);
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_stops_between_two_steps() {
    for (storage, _folder) in storages().await {
        let bench = Bench::over(storage, STEPS, Executor::Inline).await;
        let id = bench.later("steps", Map::new()).await;
        let work = bench.ops.work(WorkerConfig::default(), async {
            bench.outside.hangs().await;
            bench.outside.open();
        });
        assert_eq!(soon(work).await.unwrap(), WorkerReport { given_back: 1, ..WorkerReport::default() });
        assert_eq!(bench.outside.notes(), ["first", "second"]);
        // The rest is due for others.
        let next = bench.beside(background(2)).await;
        assert_eq!(next.ended(id).await.status, Status::Completed);
        assert_eq!(next.outside.notes(), ["first", "second", "third", "next"]);
        assert_eq!(next.ops.shutdown().await.unwrap().advanced, 1);
        assert_eq!(next.ops.shutdown().await, None);
        // Nothing is taken any more.
        let late = next.later("steps", Map::new()).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(next.ops.task(late).await.unwrap().status, Status::Waiting);
    }
}

#[tokio::test]
async fn what_takes_longer_than_the_grace_period_is_dropped_and_given_back() {
    for (storage, _folder) in storages().await {
        let bench = Bench::over(storage, STEPS, Executor::Inline).await;
        let id = bench.later("steps", Map::new()).await;
        let work = WorkerConfig { grace: Duration::from_millis(20), ..WorkerConfig::default() };
        let worked = soon(bench.ops.work(work, bench.outside.hangs())).await.unwrap();
        assert_eq!(worked, WorkerReport { given_back: 1, ..WorkerReport::default() });
        assert_eq!(bench.ops.runner().at_work(), 0);
        let next = bench.beside(background(1)).await;
        next.outside.open();
        assert_eq!(next.ended(id).await.status, Status::Completed);
        assert_eq!(next.outside.notes(), ["first", "second", "third", "next"]);
    }
}

#[tokio::test]
async fn a_worker_says_what_it_did() {
    for (storage, _folder) in storages().await {
        let bench = Bench::over(storage, STEPS, Executor::Inline).await;
        bench.ops.call("short", Map::new()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        let id = bench.later("short", Map::new()).await;
        let worked = bench.ops.work(WorkerConfig::default(), async {
            soon(bench.ops.ended(id)).await.unwrap();
            while bench.storage.count(&crate::Filter::default()).await.unwrap() > 1 {
                tokio::task::yield_now().await;
            }
        });
        let worked = soon(worked).await.unwrap();
        assert_eq!(worked, WorkerReport { advanced: 1, deleted: 1, ..WorkerReport::default() });
    }
}

#[test]
fn without_a_runtime_there_is_no_background() {
    let refused = super::super::now(Opsflow::builder().background(WorkerConfig::default()).build());
    assert!(
        matches!(&refused, Err(Error::Refused { message, .. }) if message.contains("tokio runtime")),
        "{refused:?}"
    );
    let ops = super::super::now(Opsflow::builder().build()).unwrap();
    let refused = super::super::now(ops.work(WorkerConfig::default(), async {}));
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    assert_eq!(super::super::now(ops.shutdown()), None);
}
