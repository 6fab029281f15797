//! Sub-tasks: run inline, nested, waited for, woken by.

use crate::storage::Filter;
use crate::task::{Status, TaskId};
use crate::value::Value;
use crate::{Map, attributes};

use super::{Bench, on_each, refusal, status};

const PUBLISH: &str = r#"
flow: publish_all
attributes: { articles: { type: list, default: [] }, results: list }
starts_with: publish
states:
  publish:
    start: publish
    for_each: articles
    with: { article: item, position: index }
    go_to: all_published?
  all_published?:
    wait_until:
      - if: active_sub_tasks.len() == 0
        go_to: done
  done: { result: 'completed_sub_tasks.map(|t| t.output)' }
---
flow: publish
attributes: { article: string, position: integer, approved: { type: boolean, default: true } }
starts_with: print
states:
  print:
    action: note(article)
    go_to: approved?
  approved?:
    wait_until:
      - if: article != "slow" || !approved
        go_to: done
  done: { result: position }
interactions:
  approve!: { action: approved = false }
"#;

#[tokio::test]
async fn sub_tasks_run_in_order_before_their_parent_goes_on() {
    on_each(PUBLISH, async |bench| {
        let task = bench.call("publish_all", attributes! { articles: ["a", "b", "c"] }).await;
        assert_eq!(status(&task), (Status::Completed, "done"));
        assert_eq!(task.output, Value::from([0, 1, 2]));
        assert_eq!(bench.outside.calls(), ["a", "b", "c"]);
        // The wakes of sub-tasks that ran here cost the parent no fruitless looks.
        assert_eq!(task.revision, 2);
        assert_eq!(bench.due().await.advanced, 0);
    })
    .await;
}

#[tokio::test]
async fn a_parent_that_sleeps_is_looked_at_when_an_interaction_ends_its_sub_task() {
    on_each(PUBLISH, async |bench| {
        let task = bench.call("publish_all", attributes! { articles: ["a", "slow"] }).await;
        assert_eq!(status(&task), (Status::Waiting, "all_published?"));
        let slow = children(&bench, task.id).await[1];
        let done = bench.ops.interact(slow, "approve!", Map::new(), None).await.unwrap();
        assert_eq!(status(&done), (Status::Completed, "done"));
        assert_eq!(status(&bench.task(task.id).await), (Status::Completed, "done"));
    })
    .await;
}

#[tokio::test]
async fn a_parent_is_looked_at_when_its_sub_task_is_cancelled() {
    on_each(PUBLISH, async |bench| {
        let task = bench.call("publish_all", attributes! { articles: ["a", "slow"] }).await;
        let slow = children(&bench, task.id).await[1];
        assert_eq!(bench.ops.cancel(slow).await.unwrap().status, Status::Cancelled);
        let task = bench.task(task.id).await;
        assert_eq!((task.status, task.output), (Status::Completed, Value::from([0])));
    })
    .await;
}

async fn children(bench: &Bench, parent: TaskId) -> Vec<TaskId> {
    let filter = Filter { parent_id: Some(parent), ..Filter::default() };
    bench.ops.find(&filter).await.unwrap().iter().map(|task| task.id).collect()
}

const DEEP: &str = r#"
flow: deep
attributes: { left: integer }
starts_with: more?
states:
  more?: { decision: left > 0, if_true: down, if_false: bottom }
  down: { start: deep, with: { left: left - 1 }, go_to: wait }
  wait:
    wait_until:
      - if: sub_tasks.all(|t| t.completed || t.failed)
        go_to: up
  up: { action: 'note(`up ${left}`)', go_to: done }
  bottom: { action: 'note("bottom")', go_to: done }
  done: result
"#;

#[tokio::test]
async fn sub_tasks_of_sub_tasks_run_depth_first() {
    on_each(DEEP, async |bench| {
        let task = bench.call("deep", attributes! { left: 5 }).await;
        assert_eq!(status(&task), (Status::Completed, "done"));
        assert_eq!(bench.outside.calls(), ["bottom", "up 1", "up 2", "up 3", "up 4", "up 5"]);
    })
    .await;
}

#[tokio::test]
async fn nesting_is_bounded_and_needs_no_deep_stack() {
    on_each(DEEP, async |bench| {
        let task = bench.call("deep", attributes! { left: 100 }).await;
        assert_eq!(status(&task), (Status::Completed, "done"));
        let failed = Filter { statuses: vec![Status::Failed], ..Filter::default() };
        let failed = bench.ops.find(&failed).await.unwrap();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].error.as_ref().unwrap().kind, "limit");
    })
    .await;
}

const TREE: &str = r#"
flow: tree
attributes: { left: { type: integer, default: 2 } }
starts_with: more?
states:
  more?: { decision: left > 0, if_true: branch, if_false: leaf }
  branch: { start: tree, for_each: "[1, 2]", with: { left: left - 1 }, go_to: wait }
  wait: { wait_until: [{ if: "active_sub_tasks.len() == 0", go_to: done }] }
  leaf: { wait_until: [{ if: "left > 100", go_to: done }] }
  done: result
"#;

#[tokio::test]
async fn a_cancelled_task_takes_all_below_with_it_and_is_deleted_with_them() {
    on_each(TREE, async |bench| {
        let root = bench.call("tree", Map::new()).await;
        assert_eq!(root.status, Status::Waiting);
        let all = bench.ops.find(&Filter::default()).await.unwrap();
        assert_eq!(all.len(), 7);
        let refused = bench.ops.delete(root.id).await.unwrap_err();
        assert!(refused.to_string().contains("waiting") && refused.to_string().contains("`wait`"), "{refused}");
        bench.ops.cancel(root.id).await.unwrap();
        for task in bench.ops.find(&Filter::default()).await.unwrap() {
            assert_eq!(task.status, Status::Cancelled, "{task:?}");
        }
        assert_eq!(super::refusal(bench.ops.cancel(root.id).await).0, "invalid_state");
        bench.ops.delete(root.id).await.unwrap();
        assert_eq!(bench.ops.find(&Filter::default()).await.unwrap(), []);
        assert!(bench.ops.task(root.id).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_cancel_that_was_broken_off_is_gone_on_with() {
    on_each(TREE, async |bench| {
        let root = bench.call("tree", Map::new()).await.id;
        bench.ops.cancel(root).await.unwrap();
        let child = children(&bench, root).await[0];
        let grandchild = children(&bench, child).await[1];
        bench.ops.retry(grandchild, None).await.unwrap();
        assert_eq!(bench.task(grandchild).await.status, Status::Waiting);
        bench.ops.cancel(root).await.unwrap();
        assert_eq!(bench.task(grandchild).await.status, Status::Cancelled);
    })
    .await;
}

#[tokio::test]
async fn a_due_parent_is_looked_at_once_however_many_sub_tasks_have_ended() {
    on_each(PUBLISH, async |bench| {
        let slow = ["slow"; 3];
        let task = bench.call("publish_all", attributes! { articles: slow }).await;
        assert_eq!(task.status, Status::Waiting);
        let revision = task.revision;
        let other = bench.elsewhere();
        for id in children(&bench, task.id).await {
            // As if other processes had ended them, each too busy to look at the parent.
            let claimed =
                bench.storage.claim(task.id, super::moment(0), std::time::Duration::from_secs(30)).await.unwrap();
            other.ops.interact(id, "approve!", Map::new(), None).await.unwrap();
            bench.storage.release(&claimed.claim).await.unwrap();
        }
        assert_eq!(bench.task(task.id).await.revision, revision);
        assert_eq!(bench.due().await.advanced, 1);
        let task = bench.task(task.id).await;
        assert_eq!((task.status, task.revision), (Status::Completed, revision + 1));
    })
    .await;
}

/// A clock by which every look takes a millisecond.
struct Ticking(std::sync::atomic::AtomicI64);

impl crate::clock::Clock for Ticking {
    fn now(&self) -> crate::Timestamp {
        crate::clock::from_millis(self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
    }
}

#[tokio::test]
async fn a_parent_rests_as_long_as_it_looked_at_its_sub_tasks() {
    let flows = PUBLISH.replace("note(article)", "article");
    let source =
        std::sync::Arc::new(crate::Source::new("flows.yml", flows.replace("action: article", "action: log(article)")));
    let library = crate::Library::of_sources([source], &crate::flow::CheckContext::default());
    let storage = std::sync::Arc::new(crate::Memory::new());
    let ops = crate::Opsflow::builder()
        .library(library)
        .storage(std::sync::Arc::clone(&storage))
        .clock(Ticking(1_000_000.into()))
        .build()
        .await
        .unwrap();
    let task = ops.call("publish_all", attributes! { articles: ["a", "slow"] }).await.unwrap();
    let filter = Filter { parent_id: Some(task.id), statuses: vec![Status::Waiting], ..Filter::default() };
    let mut slow = ops.find(&filter).await.unwrap().remove(0);
    // It ends while nobody here looks at its parent.
    slow.revision += 1;
    slow.status = Status::Completed;
    slow.updated_at = task.updated_at;
    use crate::Storage as _;
    storage
        .commit(crate::task::Checkpoint { notify_parent: Some(task.id), ..crate::task::Checkpoint::of(Box::new(slow)) })
        .await
        .unwrap();
    let due = storage.next_due(&crate::storage::Wanted::all()).await.unwrap().unwrap();
    assert!(due > task.updated_at, "it rests");
    assert!(due < task.updated_at + std::time::Duration::from_millis(100), "not for long");
    while ops.task(task.id).await.unwrap().status == Status::Waiting {
        ops.run_due(&[]).await.unwrap();
    }
    assert_eq!(status(&ops.task(task.id).await.unwrap()), (Status::Completed, "done"));
}

#[tokio::test]
async fn an_ended_sub_task_is_kept_for_its_parent() {
    on_each(PUBLISH, async |bench| {
        let task = bench.call("publish_all", attributes! { articles: ["a", "slow"] }).await;
        let [done, slow] = children(&bench, task.id).await[..] else { panic!("two were started") };
        let (kind, message) = refusal(bench.ops.delete(done).await.map(|()| task.clone()));
        assert_eq!((kind.as_str(), message.contains("has not ended")), ("invalid_state", true), "{message}");
        bench.ops.interact(slow, "approve!", Map::new(), None).await.unwrap();
        assert_eq!(bench.task(task.id).await.output, Value::from([0, 1]));
        bench.ops.delete(done).await.unwrap();
    })
    .await;
}
