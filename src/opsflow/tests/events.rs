//! Events: read by pages, followed, and deleted when they are old.

use std::time::Duration;

use crate::error::Error;
use crate::opsflow::{EventFilter, TaskEvent};
use crate::storage::StorageError;

use super::{Bench, Outside, on_each};

const FAMILY: &str = r#"
flow: parent
states:
  start: { start: child, go_to: waits }
  waits: { wait_until: [{ if: active_sub_tasks.len() == 0, go_to: done }] }
  done: result
---
flow: child
states:
  start: { action: let x = 1, go_to: done }
  done: result
"#;

/// Type, flow, number and state of each.
fn told(events: &[TaskEvent]) -> Vec<String> {
    let line = |event: &TaskEvent| {
        let seq = event.entry.as_ref().map_or(0, |entry| entry.seq);
        format!("{} {} {seq} {}", event.kind.name(), event.task.flow, event.task.state)
    };
    events.iter().map(line).collect()
}

#[tokio::test]
async fn each_start_and_each_move_is_an_event() {
    on_each(FAMILY, async |bench| {
        let start = bench.ops.events_end().await.unwrap();
        let parent = bench.call("parent", crate::attributes! {}).await;
        let all = bench.ops.events(Some(&start), &EventFilter::default(), 100).await.unwrap();
        let of = |flow: &str| {
            let those: Vec<TaskEvent> = all.events.iter().filter(|event| event.task.flow == *flow).cloned().collect();
            told(&those)
        };
        assert_eq!(of("child"), ["started child 0 start", "ended child 1 done"]);
        assert_eq!(of("parent"), ["started parent 0 start", "moved parent 1 waits", "ended parent 2 done"]);
        let child = all.events.iter().find(|event| event.task.flow == "child").unwrap();
        assert_eq!(child.task.parent_id, Some(parent.id));
        let mut pages = Vec::new();
        let (mut after, wanted) = (start, EventFilter { task: Some(parent.id), ..EventFilter::default() });
        loop {
            let page = bench.ops.events(Some(&after), &wanted, 2).await.unwrap();
            pages.extend(page.events);
            if page.next == after {
                break;
            }
            after = page.next;
        }
        assert_eq!(told(&pages), of("parent"));
    })
    .await;
}

#[tokio::test]
async fn a_follower_hears_of_what_another_process_does() {
    on_each(FAMILY, async |bench| {
        let (here, there) = (bench.clone(), bench.elsewhere());
        let wanted = EventFilter { flow: Some("child".into()), ..EventFilter::default() };
        let mut follower = here.ops.follow_events(None, wanted);
        let follows = async {
            let mut heard = Vec::new();
            while heard.len() < 4 {
                heard.extend(told(&follower.next(10).await.unwrap().events));
            }
            heard
        };
        let does = async {
            for _ in 0..2 {
                there.call("child", crate::attributes! {}).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let both = async { tokio::join!(follows, does).0 };
        let heard = tokio::time::timeout(Duration::from_secs(20), both).await.unwrap();
        let one = ["started child 0 start", "ended child 1 done"];
        assert_eq!(heard, [one, one].concat());
    })
    .await;
}

#[tokio::test]
async fn old_events_are_deleted_with_what_is_due() {
    on_each(FAMILY, async |bench| {
        let builder = crate::Opsflow::builder().feed_keep(Duration::from_secs(60));
        let (storage, clock) = (bench.storage.clone(), bench.clock.clone());
        let bench = Bench::put_together_with(builder, storage, FAMILY, clock, Outside::default());
        let start = bench.ops.events_end().await.unwrap();
        bench.call("child", crate::attributes! {}).await;
        bench.turn("50s");
        bench.call("child", crate::attributes! {}).await;
        bench.due().await;
        let all = async || bench.ops.events(None, &EventFilter::default(), 100).await.map(|page| page.events);
        assert_eq!(all().await.unwrap().len(), 4);
        bench.turn("20s");
        bench.due().await;
        assert_eq!(all().await.unwrap().len(), 2);
        let gone = bench.ops.events(Some(&start), &EventFilter::default(), 100).await;
        assert!(matches!(gone, Err(Error::Storage(StorageError::Gone(cursor))) if cursor == start));
        bench.turn("1h");
        bench.due().await;
        assert_eq!(told(&all().await.unwrap()), ["ended child 1 done"], "the last stays");
    })
    .await;
}
