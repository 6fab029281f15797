//! What is due: queues, broken definitions, retention.

use crate::Map;
use crate::runner::DueReport;
use crate::storage::Filter;
use crate::task::Status;

use super::{on_each, status};

const QUEUES: &str = r#"
flow: letters
queue: mail
delete_after: 7d
states: { start: result }
---
flow: parcels
queue: lorry
delete_after: 30d
states: { start: result }
"#;

#[tokio::test]
async fn only_the_queues_asked_for_are_served() {
    on_each(QUEUES, async |bench| {
        for _ in 0..40 {
            bench.ops.later("letters", Map::new()).await.unwrap();
        }
        let parcel = bench.ops.later("parcels", Map::new()).await.unwrap();
        assert_eq!(bench.ops.run_due(&["mail".into()]).await.unwrap().advanced, 40);
        assert_eq!(bench.task(parcel.id).await.status, Status::Waiting);
        assert_eq!(bench.due().await.advanced, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_old_is_deleted() {
    on_each(QUEUES, async |bench| {
        bench.call("letters", Map::new()).await;
        bench.call("parcels", Map::new()).await;
        bench.turn("7d");
        assert_eq!(bench.due().await, DueReport { deleted: 1, ..DueReport::default() });
        bench.turn("23d");
        assert_eq!(bench.due().await, DueReport { deleted: 1, ..DueReport::default() });
        assert_eq!(bench.ops.find(&Filter::default()).await.unwrap(), []);
    })
    .await;
}

const CALLS: &str = r#"
flow: calls
starts_with: call
states:
  call: { action: 'note("call")', go_to: done }
  done: result
"#;

#[tokio::test]
async fn a_task_that_cannot_be_gone_on_with_keeps_no_other_from_its_turn() {
    on_each(CALLS, async |bench| {
        for _ in 0..30 {
            bench.ops.later("calls", Map::new()).await.unwrap();
        }
        // A program that does not have the function `note` takes over.
        let other = super::super::Opsflow::builder().storage(std::sync::Arc::clone(&bench.storage));
        let other = other.clock(std::sync::Arc::clone(&bench.clock)).build().await.unwrap();
        let sound = bench.with_flows(QUEUES).ops.later("letters", Map::new()).await.unwrap();
        let due = other.run_due(&[]).await.unwrap();
        assert_eq!((due.advanced, due.skipped.len()), (1, 30));
        assert!(due.skipped[0].reason.contains("note"), "{}", due.skipped[0].reason);
        assert_eq!(other.task(sound.id).await.unwrap().status, Status::Completed);
        // A task that cannot continue can still be ended.
        let cancelled = other.cancel(due.skipped[0].task_id).await.unwrap();
        assert_eq!(cancelled.status, Status::Cancelled);
        assert_eq!(other.history(cancelled.id).await.unwrap().len(), 1);
        assert!(cancelled.delete_at > Some(super::moment(0)));
        assert!(other.cancel(cancelled.id).await.is_err());
        // They are unchanged, and a process that has the function continues them.
        assert_eq!(bench.due().await.advanced, 29);
    })
    .await;
}

const POLLS: &str = r#"
flow: polls
delay: 1ms
starts_with: wait
states:
  wait: { wait_until: [{ if: "now() > datetime('2030-01-01T00:00:00Z')", go_to: done }] }
  done: result
"#;

#[tokio::test]
async fn a_task_that_looks_all_the_time_is_looked_at_once() {
    on_each(&POLLS.replace('\'', "\\\""), async |bench| {
        let task = bench.call("polls", Map::new()).await;
        assert_eq!(status(&task), (Status::Waiting, "wait"));
        bench.turn("1s");
        assert_eq!(bench.due().await.advanced, 1);
    })
    .await;
}

const LONG: &str = r#"
flow: long
attributes: { count: { type: integer, default: 0 } }
timeout: 24h
starts_with: count
states:
  count: { action: count += 1, go_to: more? }
  more?: { decision: count < 2500, if_true: count, if_false: done }
  done: { result: count }
"#;

#[tokio::test]
async fn a_long_burst_is_stored_now_and_then_and_ends() {
    on_each(LONG, async |bench| {
        let task = bench.call("long", Map::new()).await;
        assert_eq!((task.status, task.revision), (Status::Completed, 5 + 1));
        let task = bench.ops.later("long", Map::new()).await.unwrap();
        assert_eq!(bench.due().await.advanced, 6);
        assert_eq!(bench.task(task.id).await.status, Status::Completed);
        assert_eq!(bench.ops.history(task.id).await.unwrap().len(), 5000);
    })
    .await;
}
