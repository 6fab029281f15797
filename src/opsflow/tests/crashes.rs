//! Crashes: what was stored stays, and the task continues from it. `tests/crash` lets a process die at every write.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::Clock as _;
use crate::error::Error;
use crate::storage::suite::{CrashPoint, Faulty};
use crate::storage::{Filter, Memory};
use crate::task::Status;
use crate::{Map, attributes};

use super::{Bench, on_each, status};

const BODY: &str = r#"
flow: body
attributes: { sum: integer }
starts_with: sums
states:
  sums:
    action: |
      sum = note("a") + note("b");
      hang("c");
    go_to: done
  done: result
"#;

const MENDED: &str = r#"
flow: other
states: { start: result }
"#;

#[tokio::test]
async fn a_call_that_is_dropped_is_gone_on_with_at_once() {
    on_each(BODY, async |bench| {
        let (id, call) = bench.call_until_it_hangs("body").await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        // The flow has gone from the library: the task runs by the definition it is pinned to.
        let later = bench.with_flows(MENDED);
        let resuming = tokio::spawn({
            let ops = later.ops.clone();
            async move { ops.run_due(&[]).await }
        });
        later.outside.hangs().await;
        assert_eq!(later.outside.calls(), ["a", "b", "c", "c"]);
        later.ops.cancel(id).await.unwrap();
        assert_eq!(resuming.await.unwrap().unwrap().advanced, 1);
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_process_was_at_is_taken_up_when_its_lease_is_over() {
    on_each(BODY, async |bench| dies_and_is_taken_up(&bench, "29s", "1s").await).await;
}

#[tokio::test]
async fn a_lease_is_as_long_as_was_said_but_not_shorter_than_a_second() {
    on_each(BODY, async |bench| {
        dies_and_is_taken_up(&bench.with_lease(Duration::from_millis(2500)), "2499ms", "1ms").await;
    })
    .await;
    on_each(BODY, async |bench| dies_and_is_taken_up(&bench.with_lease(Duration::ZERO), "999ms", "1ms").await).await;
}

/// Lets a process die within a step. `before` the end of its lease nobody takes its task; `at` the end somebody does.
async fn dies_and_is_taken_up(bench: &Bench, before: &str, at: &str) {
    let id = {
        let ops = bench.ops.clone();
        let mut call = Box::pin(async move { ops.call("body", Map::new()).await });
        tokio::select! {
            outcome = &mut call => panic!("{outcome:?}"),
            () = bench.outside.hangs() => {}
        }
        // Nothing of it continues, and no claim is given back.
        std::mem::forget(call);
        bench.newest("body").await
    };
    let later = bench.elsewhere();
    later.turn(before);
    assert_eq!(later.due().await.advanced, 0);
    later.turn(at);
    let resuming = tokio::spawn({
        let ops = later.ops.clone();
        async move { ops.run_due(&[]).await }
    });
    later.outside.hangs().await;
    assert_eq!(later.outside.calls(), ["a", "b", "c", "c"]);
    assert_eq!(later.ops.cancel(id).await.unwrap().status, Status::Cancelled);
    resuming.await.unwrap().unwrap();
    // The dead one's place is never left.
    bench.ops.runner().forget_all();
}

const LONG: &str = r#"
flow: long
attributes: { notes: { type: list, default: [] } }
starts_with: first
states:
  first:
    action: |
      notes += note("a");
      notes += note("b");
    go_to: parts
  parts:
    start: part
    for_each: "[1, 2]"
    with: { number: item }
    go_to: all?
  all?:
    wait_until:
      - if: active_sub_tasks.len() == 0
        go_to: last
  last:
    action: note("z")
    go_to: done
  done: { result: "completed_sub_tasks.len()" }
---
flow: part
attributes: { number: integer }
starts_with: work
states:
  work: { action: 'note(`part ${number}`)', go_to: done }
  done: result
"#;

#[tokio::test]
async fn a_call_may_be_dropped_wherever_it_waits() {
    on_each(LONG, async |bench| {
        for polls in 1..60 {
            let mut call = Box::pin(bench.ops.call("long", Map::new()));
            let mut context = Context::from_waker(Waker::noop());
            let mut done = false;
            for _ in 0..polls {
                done = matches!(call.as_mut().poll(&mut context), Poll::Ready(_));
                if done {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_micros(200)).await;
            }
            drop(call);
            if done {
                break;
            }
        }
        bench.turn("31s");
        bench.due().await;
        for task in bench.ops.find(&Filter::default()).await.unwrap() {
            assert_eq!(task.status, Status::Completed, "{task:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_storage_that_fails_in_the_middle_leaves_the_task_as_it_is_stored() {
    let memory = Arc::new(Memory::new());
    let bench = Bench::over(memory.clone(), super::interactions::NUDGE);
    let id = bench.call("nudge", Map::new()).await.id;
    let before = bench.task(id).await;
    for at in 1..=2 {
        let faulty = Arc::new(Faulty::new(Arc::clone(&memory), at, CrashPoint::Before));
        let broken = Bench::over(faulty, super::interactions::NUDGE);
        let outcome = broken.ops.interact(id, "register!", attributes! { name: "Ann" }, Some("key")).await;
        assert!(matches!(outcome, Err(Error::Storage(_))), "{outcome:?}");
        assert_eq!(bench.task(id).await, before);
        bench.turn("31s");
    }
    let done = bench.ops.interact(id, "register!", attributes! { name: "Ann" }, Some("key")).await.unwrap();
    assert_eq!(status(&done), (Status::Completed, "done"));
}

const PURE: &str = r#"
flow: pure
recoveries: 2
attributes: { n: integer }
starts_with: first
states:
  first: { decision: true, if_true: kills, if_false: kills }
  kills:
    action: n = 1
    go_to: done
    on_error:
      - { if: error.kind == "crash", go_to: crashed }
  done: result
  crashed: { result: error.message }
---
flow: choice
recoveries: 0
attributes: { n: { type: integer, default: 1 } }
states:
  start: { decision: n == 1, if_true: done, if_false: done }
  done: result
---
flow: wait
recoveries: 1
states:
  start: { wait_until: [{ if: 'now() > datetime("2100-01-01T00:00:00Z")', go_to: done }] }
  done: result
---
flow: steps
recoveries: 1
states:
  start: { action: 'for name in ["a", "b", "c", "d", "e", "f"] { note(name); }', go_to: done }
  done: result
"#;

/// Lets a process die before its n-th write, while it does what is due.
async fn dies_at(memory: &Arc<Memory>, bench: &Bench, write: u64) {
    let faulty = Arc::new(Faulty::new(Arc::clone(memory), write, CrashPoint::Before));
    let clock = Arc::clone(&bench.clock);
    let dying = Bench::put_together(Arc::clone(&faulty) as _, PURE, clock, bench.outside.clone());
    let _ = dying.ops.run_due(&[]).await;
    assert!(faulty.has_stopped(), "it made fewer than {write} writes");
    bench.turn("31s");
}

#[tokio::test]
async fn a_body_that_ends_its_process_before_it_calls_anything_ends_some_time() {
    let memory = Arc::new(Memory::new());
    let bench = Bench::over(memory.clone(), PURE);
    let id = bench.ops.later("pure", Map::new()).await.unwrap().id;
    // The claim, and what would store all states at once.
    dies_at(&memory, &bench, 2).await;
    assert_eq!((bench.task(id).await.state.as_str(), bench.task(id).await.progress.recoveries), ("first", 0));
    // The claim, the count, the first state; then the process dies in the second.
    dies_at(&memory, &bench, 4).await;
    assert_eq!((bench.task(id).await.state.as_str(), bench.task(id).await.progress.recoveries), ("kills", 0));
    for times in 1..=2 {
        dies_at(&memory, &bench, 3).await;
        assert_eq!((bench.task(id).await.state.as_str(), bench.task(id).await.progress.recoveries), ("kills", times));
    }
    bench.due().await;
    let task = bench.task(id).await;
    assert_eq!(status(&task), (Status::Completed, "crashed"));
    assert!(task.output.to_text().contains("died 3 times while it ran this body"), "{:?}", task.output);
    assert_eq!(bench.path(id).await, ["kills", "crashed"]);
}

#[tokio::test]
async fn a_body_that_gets_further_each_time_is_not_at_fault() {
    let memory = Arc::new(Memory::new());
    let bench = Bench::over(memory.clone(), PURE);
    let id = bench.ops.later("steps", Map::new()).await.unwrap().id;
    // The claim, the outcome of one call; later the claim, the count, the outcome of one more.
    for write in [3, 4, 4, 4] {
        dies_at(&memory, &bench, write).await;
    }
    assert_eq!(bench.task(id).await.progress.recoveries, 1);
    bench.due().await;
    assert_eq!(status(&bench.task(id).await), (Status::Completed, "done"));
}

#[tokio::test]
async fn an_expression_that_ends_its_process_ends_some_time() {
    let memory = Arc::new(Memory::new());
    let bench = Bench::over(memory.clone(), PURE);
    let id = bench.ops.later("choice", Map::new()).await.unwrap().id;
    dies_at(&memory, &bench, 2).await;
    bench.due().await;
    let task = bench.task(id).await;
    assert_eq!(status(&task), (Status::Failed, "start"));
    assert_eq!(task.error.as_ref().unwrap().kind, "crash", "{task:?}");
}

#[tokio::test]
async fn a_wait_that_was_looked_at_has_survived() {
    on_each(PURE, async |bench| {
        let id = bench.ops.later("wait", Map::new()).await.unwrap().id;
        for _ in 0..3 {
            // A process takes it, and dies.
            let claimed = bench.storage.claim(id, bench.clock.now(), Duration::from_secs(30)).await.unwrap();
            assert_eq!(claimed.task.progress.recoveries, 0);
            bench.turn("2m");
            bench.due().await;
            let task = bench.task(id).await;
            assert_eq!((status(&task), task.progress.recoveries), ((Status::Waiting, "start"), 0), "{task:?}");
        }
    })
    .await;
}
