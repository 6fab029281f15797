//! Many tasks at a time: order, bounds, queues, and those that block.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::runner::WorkerConfig;
use crate::task::Status;
use crate::{Map, attributes};

use super::{Bench, Executor, background, soon, storages, with_background, with_each};

const LANES: &str = r#"
flow: high
priority: 5
attributes: { n: integer }
starts_with: work
states:
  work: { action: 'note(`high ${n}`)', go_to: done }
  done: result
---
flow: low
priority: -5
attributes: { n: integer }
starts_with: work
states:
  work: { action: 'note(`low ${n}`)', go_to: done }
  done: result
---
flow: mail
queue: mail
attributes: { n: integer }
starts_with: work
states:
  work: { action: 'busy(`mail ${n}`)', go_to: done }
  done: result
---
flow: lorry
queue: lorry
attributes: { n: integer }
starts_with: work
states:
  work: { action: 'busy(`lorry ${n}`)', go_to: done }
  done: result
"#;

#[tokio::test]
async fn higher_priority_comes_first_then_the_longest_due() {
    for (storage, _folder) in storages().await {
        let before = Bench::over(storage, LANES, Executor::Inline).await;
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(before.later("low", attributes! { n: n }).await);
            ids.push(before.later("high", attributes! { n: n }).await);
        }
        let bench = before.beside(background(1)).await;
        bench.all_ended(ids).await;
        assert_eq!(bench.outside.notes(), ["high 0", "high 1", "high 2", "low 0", "low 1", "low 2"]);
    }
}

#[tokio::test]
async fn only_the_queues_of_a_worker_are_served() {
    for (storage, _folder) in storages().await {
        let work = WorkerConfig { queues: vec!["mail".into()], ..WorkerConfig::default() };
        let bench = Bench::over(storage, LANES, Executor::Background(work)).await;
        let lorry = bench.later("lorry", attributes! { n: 0 }).await;
        let mail = bench.later("mail", attributes! { n: 0 }).await;
        assert_eq!(bench.ended(mail).await.status, Status::Completed);
        bench.ops.shutdown().await;
        assert_eq!(bench.ops.task(lorry).await.unwrap().status, Status::Waiting);
    }
}

#[tokio::test]
async fn a_long_queue_keeps_no_other_from_its_turn() {
    for (storage, _folder) in storages().await {
        let before = Bench::over(storage, LANES, Executor::Inline).await;
        let mut ids = Vec::new();
        for n in 0..40 {
            ids.push(before.later("mail", attributes! { n: n }).await);
        }
        for n in 0..4 {
            ids.push(before.later("lorry", attributes! { n: n }).await);
        }
        let bench = before.beside(background(2)).await;
        bench.all_ended(ids).await;
        let notes = bench.outside.notes();
        let last = notes.iter().rposition(|note| note.starts_with("lorry")).unwrap();
        assert!(last < 20, "{notes:?}");
    }
}

const GATED: &str = r#"
flow: gated
queue: gated
starts_with: work
states:
  work: { action: 'gate("gated")', go_to: done }
  done: result
---
flow: also_gated
queue: also_gated
starts_with: work
states:
  work: { action: 'gate("also gated")', go_to: done }
  done: result
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_background_is_as_wide_as_it_is_told() {
    for concurrency in [1, 3] {
        with_background(GATED, concurrency, async |bench| {
            let mut ids = Vec::new();
            for n in 0..40 {
                ids.push(bench.later(if n % 2 == 0 { "gated" } else { "also_gated" }, Map::default()).await);
            }
            for _ in 0..concurrency {
                bench.outside.hangs().await;
            }
            let mut most = bench.ops.runner().at_work();
            assert_eq!(most, concurrency, "in hand, while nothing goes on");
            for _ in &ids {
                bench.outside.open();
            }
            let ended = bench.all_ended(ids);
            let mut ended = std::pin::pin!(ended);
            while tokio::time::timeout(Duration::from_millis(1), &mut ended).await.is_err() {
                most = most.max(bench.ops.runner().at_work());
            }
            // Tasks that do not run are in the storage, and nowhere else.
            assert_eq!(most, concurrency, "in hand at the most");
        })
        .await;
    }
}

const BLOCKS: &str = r#"
flow: blocks
attributes: { n: { type: integer, default: 1 } }
starts_with: block
states:
  block: { action: 'n = wait_here(n)', go_to: done }
  done: result
---
flow: quick
starts_with: work
states:
  work: { action: 'note("quick")', go_to: done }
  done: result
"#;

#[tokio::test]
async fn scripts_that_block_keep_nobody_from_their_turn() {
    // One thread for everything but scripts that block.
    with_background(BLOCKS, 8, async |bench| {
        // The first time nobody knows about them; the second time there are more than turns.
        for count in [4, 8] {
            bench.outside.let_go(false);
            let mut blocking = Vec::new();
            for _ in 0..count {
                blocking.push(bench.later("blocks", Map::new()).await);
            }
            soon(async {
                while bench.outside.blocked.load(Ordering::SeqCst) == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
            .await;
            // Long enough to be known for it.
            tokio::time::sleep(Duration::from_millis(150)).await;
            let mut quick = Vec::new();
            for _ in 0..20 {
                quick.push(bench.later("quick", Map::new()).await);
            }
            bench.all_ended(quick).await;
            assert!(bench.outside.blocked.load(Ordering::SeqCst) > 0, "the quick ones have waited");
            bench.outside.let_go(true);
            bench.all_ended(blocking).await;
        }
    })
    .await;
}

const TWICE: &str = r#"
flow: twice
starts_with: first
states:
  first: { action: 'block(10)', go_to: between }
  between: { action: 'busy("between")', go_to: second }
  second: { action: 'block(10)', go_to: done }
  done: result
"#;

#[tokio::test]
async fn slow_tasks_that_wait_for_turns_and_for_slots_do_not_wait_for_each_other() {
    for concurrency in [1, 3] {
        with_background(TWICE, concurrency, async |bench| {
            let mut ids = Vec::new();
            for _ in 0..20 {
                ids.push(bench.later("twice", Map::new()).await);
            }
            let tasks = bench.all_ended(ids).await;
            assert!(tasks.iter().all(|task| task.status == Status::Completed));
        })
        .await;
    }
}

const BAD: &str = r#"
flow: bad
attributes: { how: string }
starts_with: go
states:
  go:
    action: |
      if how == "script" { explode("a script"); }
      if how == "step" { burst("a step"); }
    go_to: done
  done: result
"#;

#[tokio::test]
async fn what_panics_ends_its_own_task_only() {
    with_each(BAD, async |bench| {
        for how in ["script", "step", "not at all"] {
            let id = bench.later("bad", attributes! { how: how }).await;
            let task = bench.ended(id).await;
            if how == "not at all" {
                assert_eq!(task.status, Status::Completed);
            } else {
                let error = task.error.unwrap();
                assert_eq!(error.kind, "script");
                assert!(error.message.contains(&format!("panicked: a {how}")), "{}", error.message);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_sleeps_hears_of_what_others_store() {
    with_background(LANES, 2, async |bench| {
        // Let it fall asleep: it has nothing to do, and would look again in half a minute.
        for _ in 0..3 {
            let id = bench.beside(Executor::Inline).await.later("low", attributes! { n: 1 }).await;
            assert_eq!(soon(bench.ops.ended(id)).await.unwrap().status, Status::Completed);
        }
    })
    .await;
}
