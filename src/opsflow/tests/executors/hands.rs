//! Doing something to a task while a worker is at it.

use crate::Map;
use crate::task::{Cause, Status};
use crate::value::Value;

use super::super::status;
use super::{background, with_each};

const BUSY: &str = r#"
flow: hangs
starts_with: call
states:
  call: { action: 'hang("call")', go_to: done }
  done: result
---
flow: quick
starts_with: work
states:
  work: { action: 'note("quick")', go_to: done }
  done: result
---
flow: counts
attributes: { times: { type: integer, default: 0 }, seen: integer }
starts_with: one
states:
  one: { action: 'gate("one")', go_to: two }
  two: { action: seen = times, go_to: done }
  done: { result: seen }
interactions:
  count!: { action: times += 1 }
"#;

#[tokio::test]
async fn a_cancel_frees_the_slot_at_once() {
    with_each(BUSY, async |bench| {
        let id = bench.later("hangs", Map::new()).await;
        bench.begin();
        bench.outside.hangs().await;
        let cancelled = bench.ops.cancel(id).await.unwrap();
        assert_eq!(status(&cancelled), (Status::Cancelled, "call"));
        let quick = bench.later("quick", Map::new()).await;
        assert_eq!(bench.ended(quick).await.status, Status::Completed);
        assert_eq!(bench.ops.task(id).await.unwrap(), cancelled);
    })
    .await;
}

#[tokio::test]
async fn an_interaction_waits_for_the_body_under_way_and_no_longer() {
    with_each(BUSY, async |bench| {
        let id = bench.later("counts", Map::new()).await;
        bench.begin();
        bench.outside.hangs().await;
        let ops = bench.ops.clone();
        let counting = tokio::spawn(async move { ops.interact(id, "count!", Map::new(), Some("key")).await });
        while !bench.ops.runner().is_wanted(id) {
            tokio::task::yield_now().await;
        }
        bench.outside.open();
        counting.await.unwrap().unwrap();
        let task = bench.ended(id).await;
        assert_eq!((status(&task), &task.output), ((Status::Completed, "done"), &Value::Integer(1)));
        let causes: Vec<_> = bench.ops.history(id).await.unwrap().into_iter().map(|entry| entry.cause).collect();
        assert_eq!(causes, [Cause::Action, Cause::Interaction, Cause::Action]);
    })
    .await;
}

#[tokio::test]
async fn an_interaction_comes_from_another_process() {
    with_each(BUSY, async |bench| {
        let id = bench.later("counts", Map::new()).await;
        bench.begin();
        bench.outside.hangs().await;
        let other = bench.beside(super::Executor::Inline).await;
        let counting = tokio::spawn(async move { other.ops.interact(id, "count!", Map::new(), None).await });
        bench.outside.open();
        // An interaction from elsewhere must wait for the end, and is then refused.
        let counted = counting.await.unwrap();
        let task = bench.ended(id).await;
        assert_eq!(task.status, Status::Completed);
        assert_eq!(task.output == Value::Integer(1), counted.is_ok());
    })
    .await;
}

#[tokio::test]
async fn what_is_done_in_a_background_is_followed() {
    for (storage, _folder) in super::storages().await {
        let bench = super::Bench::over(storage, BUSY, background(4)).await;
        let id = bench.later("counts", Map::new()).await;
        let mut task = bench.ops.task(id).await.unwrap();
        bench.outside.open();
        let mut states = Vec::new();
        while !task.status.has_ended() {
            task = super::soon(bench.ops.changed(&task)).await.unwrap();
            states.push(task.state.to_string());
        }
        assert_eq!(states.last().map(String::as_str), Some("done"), "{states:?}");
        assert_eq!(super::soon(bench.ops.ended(id)).await.unwrap(), task);
        let nobody = crate::TaskId::new_v4();
        assert!(matches!(bench.ops.ended(nobody).await, Err(crate::Error::NotFound(_))));
    }
}
