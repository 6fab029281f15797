//! Moving tasks to a newer definition: completely or not at all, by one of several callers, from any pinned definition.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock as _;
use crate::diagnostic::Source;
use crate::error::Error;
use crate::flow::CheckContext;
use crate::host::Machine;
use crate::library::Library;
use crate::storage::suite::{CrashPoint, Faulty};
use crate::storage::{Memory, Storage};
use crate::task::{Cause, Status};
use crate::value::Value;
use crate::{Map, attributes};

use super::super::Opsflow;
use super::{Bench, on_each, refusal, status};

const OLD: &str = r#"
flow: order
attributes: { qty: { type: integer, default: 2 }, pin: { type: string, secret: true } }
starts_with: waits
states:
  waits: { wait_until: [{ after: 1h, go_to: calls }] }
  calls: { action: hang("a"), go_to: done }
  done: result
"#;

const NEW: &str = r#"
flow: order
version: 2
attributes: { qty: integer, total: integer, pin: { type: string, secret: true } }
starts_with: sleeps
states:
  sleeps: { wait_until: [{ after: 2h, go_to: done }] }
  done: { result: total }
migrate:
  - from: 1
    states: { waits: sleeps, calls: sleeps }
    action: total = qty * 10
"#;

#[tokio::test]
async fn a_process_may_die_at_any_write_of_a_move() {
    for stop in [CrashPoint::Before, CrashPoint::After] {
        let mut at = 1;
        loop {
            let memory: Arc<dyn Storage> = Arc::new(Memory::new());
            let first = Bench::over(Arc::clone(&memory), OLD);
            let before = first.call("order", Map::new()).await;
            let faulty = Arc::new(Faulty::new(Arc::clone(&memory), at, stop));
            let outcome = Bench::over(faulty.clone(), NEW).ops.migrate(before.id).await;
            let later = first.with_flows(NEW);
            later.turn("31s");
            let stored = later.task(before.id).await;
            if stored.version == 1 {
                assert!(matches!(outcome, Err(Error::Storage(_))), "{stop:?} {at}: {outcome:?}");
                assert_eq!((stored, later.path(before.id).await), (before.clone(), Vec::new()), "{stop:?} {at}");
            }
            let moved = later.ops.migrate(before.id).await.unwrap();
            assert_eq!((moved.version, moved.state.as_str(), moved.revision), (2, "sleeps", 2), "{stop:?} {at}");
            assert_eq!(moved.attributes.by_name("total"), Some(&Value::Integer(20)));
            assert_eq!(later.path(before.id).await, ["sleeps"]);
            if !faulty.has_stopped() {
                break;
            }
            at += 1;
        }
        assert!(at > 1, "nothing was written");
    }
}

#[tokio::test]
async fn of_two_who_move_a_task_one_does() {
    on_each(OLD, async |bench| {
        let id = bench.call("order", Map::new()).await.id;
        let (here, there) = (bench.with_flows(NEW), bench.with_flows(NEW));
        let (one, other, third) = tokio::join!(here.ops.migrate(id), there.ops.migrate(id), here.ops.migrate(id));
        for task in [one.unwrap(), other.unwrap(), third.unwrap()] {
            assert_eq!((task.version, task.revision), (2, 2));
        }
        assert_eq!(bench.path(id).await, ["sleeps"]);
        // It is left to a worker.
        bench.turn("1m");
        assert_eq!(here.due().await.advanced, 1);
        bench.turn("2h");
        here.due().await;
        assert_eq!(here.task(id).await.output, Value::Integer(20));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_somebody_is_at_is_waited_for() {
    let bench = Bench::over(Arc::new(Memory::new()), OLD);
    let id = bench.call("order", Map::new()).await.id;
    let newer = bench.with_flows(NEW);
    let claimed = bench.storage.claim(id, bench.clock.now(), Duration::from_secs(3600)).await.unwrap();
    let held = newer.ops.migrate(id).await;
    assert!(matches!(held, Err(Error::Conflict(_))), "{held:?}");
    let moving = tokio::spawn({
        let ops = newer.ops.clone();
        async move { ops.migrate(id).await }
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    bench.storage.release(&claimed.claim).await.unwrap();
    assert_eq!(moving.await.unwrap().unwrap().version, 2);
    let again = bench.storage.claim(id, bench.clock.now(), Duration::from_secs(1)).await;
    assert!(again.is_ok(), "it was not let go of");
}

#[tokio::test]
async fn a_body_that_is_under_way_is_left_alone() {
    on_each(OLD, async |bench| {
        let id = bench.call("order", Map::new()).await.id;
        bench.turn("1h");
        let ops = bench.ops.clone();
        let running = tokio::spawn(async move { ops.run_due(&[]).await });
        bench.outside.hangs().await;
        let newer = bench.with_flows(NEW);
        let (kind, message) = refusal(newer.ops.migrate(id).await);
        assert_eq!(kind, "conflict");
        assert!(message.contains("in `calls` of version 1: its body is in progress"), "{message}");
        // A cancelled task may be retried with the new version.
        bench.ops.cancel(id).await.unwrap();
        running.await.unwrap().unwrap();
        let task = newer.ops.retry_on_newest(id, None).await.unwrap();
        assert_eq!((status(&task), task.version), ((Status::Waiting, "sleeps"), 2));
        let causes: Vec<Cause> = newer.ops.history(id).await.unwrap().iter().map(|entry| entry.cause).collect();
        assert_eq!(causes, [Cause::Timer, Cause::Cancel, Cause::Migrate, Cause::Resume]);
    })
    .await;
}

/// The program knows no effects any more, so the definition that the task is pinned to cannot be used.
#[tokio::test]
async fn a_task_leaves_a_definition_that_cannot_be_used_any_more() {
    on_each(OLD, async |bench| {
        let task = bench.call("order", attributes! { pin: "tiger-9", qty: 3 }).await;
        let machine = Machine::new().clock(Arc::clone(&bench.clock));
        let library = Library::of_sources([Arc::new(Source::new("new.yml", NEW))], &CheckContext::default());
        let ops = Opsflow::builder().library(library).storage(Arc::clone(&bench.storage)).host(machine).build();
        let ops = ops.await.unwrap();
        assert!(matches!(ops.flow_of(&task).await, Err(Error::Definition(_))));
        let moved = ops.migrate(task.id).await.unwrap();
        assert_eq!(moved.attributes.by_name("total"), Some(&Value::Integer(30)));
        assert_eq!(moved.attributes.by_name("pin"), Some(&Value::text("tiger-9")));
        let entry = &ops.history(task.id).await.unwrap()[0];
        assert_eq!(entry.changes.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["total"]);
    })
    .await;
}

#[tokio::test]
async fn what_the_library_lacks_is_told() {
    on_each(OLD, async |bench| {
        let id = bench.call("order", Map::new()).await.id;
        let other = bench.with_flows("flow: other\nstates: { start: result }\n");
        assert!(matches!(other.ops.migrate(id).await, Err(Error::UnknownFlow { .. })));
        assert!(matches!(other.ops.retry_on_newest(id, None).await, Err(Error::UnknownFlow { .. })));
        let unknown = bench.with_flows(NEW).ops.retry_on_newest(id, Some("slepes")).await;
        assert!(matches!(unknown, Err(Error::Unknown { .. })), "{unknown:?}");
        assert!(bench.ops.try_migration(id).await.unwrap().is_none());
        assert_eq!(bench.ops.migrate(id).await.unwrap().revision, 1);
    })
    .await;
}
