//! Cancels take effect at once, whatever runs, and wherever.

use std::sync::Arc;

use crate::Map;
use crate::clock::Clock;
use crate::storage::{CallInFlight, Memory};
use crate::task::{Cause, Status};

use super::{Bench, on_each, status};

const HANGS: &str = r#"
flow: hangs
starts_with: call
states:
  call:
    action: note("before"); hang("call"); note("after")
    go_to: done
  done: result
---
flow: hangs_below
starts_with: down
states:
  down: { start: hangs, go_to: up }
  up: { wait_until: [{ if: 'active_sub_tasks.len() == 0', go_to: done }] }
  done: result
---
flow: ends_above
starts_with: down
states:
  down: { start: hangs, go_to: done }
  done: result
---
flow: limited
starts_with: call
states:
  call: { action: 'hang("call")', time_limit: 30s, go_to: done }
  done: result
"#;

#[tokio::test]
async fn a_call_in_flight_is_dropped_and_history_does_not_know_what_came_of_it() {
    on_each(HANGS, async |bench| {
        let (id, call) = bench.call_until_it_hangs("hangs").await;
        let cancelled = bench.ops.cancel(id).await.unwrap();
        assert_eq!(status(&cancelled), (Status::Cancelled, "call"));
        assert_eq!(call.await.unwrap().unwrap(), cancelled);
        let history = bench.ops.history(id).await.unwrap();
        let last = history.last().unwrap();
        let outcomes: Vec<&str> = last.steps.iter().map(|step| step.outcome.as_str()).collect();
        assert_eq!((last.cause, outcomes), (Cause::Cancel, vec!["ok", "unknown"]));
        assert_eq!(bench.outside.calls(), ["before", "call"]);
        assert_eq!(bench.told.lock().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn only_a_call_that_takes_long_is_noted_with_its_beginning() {
    on_each(HANGS, async |bench| {
        let began = std::time::Instant::now();
        let (id, call) = bench.call_until_it_hangs("hangs").await;
        let noted = loop {
            let held = bench.storage.held(id).await.unwrap().unwrap();
            match held.call {
                Some(call) => break call,
                None => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        };
        assert!(began.elapsed().as_millis() >= 1_000, "{:?}", began.elapsed());
        assert_eq!(noted, CallInFlight { function: "hang".into(), since: bench.clock.now() });
        bench.ops.cancel(id).await.unwrap();
        assert_eq!(bench.storage.held(id).await.unwrap(), None);
        call.await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_task_below_is_cancelled_with_the_one_that_started_it() {
    on_each(HANGS, async |bench| {
        let (below, call) = {
            let (_, call) = bench.call_until_it_hangs("hangs_below").await;
            (bench.newest("hangs").await, call)
        };
        let parent = bench.newest("hangs_below").await;
        let cancelled = bench.ops.cancel(parent).await.unwrap();
        assert_eq!(call.await.unwrap().unwrap(), cancelled);
        assert_eq!(bench.task(below).await.status, Status::Cancelled);
    })
    .await;
}

#[tokio::test]
async fn a_task_that_has_come_to_its_end_is_not_cancelled_any_more() {
    on_each(HANGS, async |bench| {
        let (_, call) = bench.call_until_it_hangs("ends_above").await;
        let parent = bench.newest("ends_above").await;
        let refused = bench.ops.cancel(parent).await.unwrap_err();
        assert!(matches!(&refused, crate::Error::Refused { kind, .. } if *kind == "invalid_state"), "{refused}");
        bench.ops.cancel(bench.newest("hangs").await).await.unwrap();
        assert_eq!(status(&call.await.unwrap().unwrap()), (Status::Completed, "done"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn another_process_notices_at_its_next_heartbeat() {
    let bench = Bench::over(Arc::new(Memory::new()), HANGS);
    let (id, call) = bench.call_until_it_hangs("hangs").await;
    let cancelled = bench.elsewhere().ops.cancel(id).await.unwrap();
    let began = tokio::time::Instant::now();
    assert_eq!(call.await.unwrap().unwrap(), cancelled);
    assert!(began.elapsed().as_secs() <= 10, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_outlasts_the_lease_keeps_its_claim() {
    let bench = Bench::over(Arc::new(Memory::new()), HANGS);
    let (id, call) = bench.call_until_it_hangs("hangs").await;
    // The machine lets an effect take a minute at most.
    for _ in 0..2 {
        bench.turn("20s");
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
        assert_eq!(bench.elsewhere().due().await.advanced, 0);
    }
    bench.ops.cancel(id).await.unwrap();
    call.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_step_is_dropped_when_its_try_is_out_of_time() {
    let bench = Bench::over(Arc::new(Memory::new()), HANGS);
    let clock = Arc::clone(&bench.clock);
    let turning = tokio::spawn(async move {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            clock.advance(crate::Duration::from_secs(1));
        }
    });
    let task = bench.call("limited", Map::new()).await;
    turning.abort();
    assert_eq!(status(&task), (Status::Failed, "call"));
    assert_eq!(task.error.unwrap().kind, "time_limit");
}
