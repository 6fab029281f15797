//! Sub-tasks: a few, many, nested, failing, waited for; and where their flows want them to run.

use crate::storage::Filter;
use crate::task::Status;
use crate::value::Value;
use crate::{Map, attributes};

use super::super::status;
use super::{Executor, background, soon, storages, with_each};

const PARENTS: &str = r#"
flow: sum
attributes: { numbers: { type: list, default: [] } }
starts_with: parts
states:
  parts: { start: part, for_each: numbers, with: { number: item }, go_to: all? }
  all?:
    wait_until:
      - if: active_sub_tasks.len() == 0
        go_to: done
  done: { result: '[completed_sub_tasks.map(|t| t.output), failed_sub_tasks.len()]' }
---
flow: part
attributes: { number: integer }
starts_with: work
states:
  work: { action: 'busy("part")', go_to: good? }
  good?: { decision: number >= 0, if_true: done, if_false: bad }
  done: { result: number * 2 }
  bad: { failure: '"negative"' }
---
flow: tower
attributes: { height: { type: integer, default: 0 } }
starts_with: top?
states:
  top?: { decision: height == 0, if_true: done, if_false: below }
  below: { start: tower, with: { height: height - 1 }, go_to: built? }
  built?:
    wait_until:
      - if: active_sub_tasks.len() == 0
        go_to: done
  done: { result: 'if sub_tasks.len() == 0 { 1 } else { 1 + sub_tasks[0].output }' }
---
flow: patient
starts_with: ask
states:
  ask: { start: question, go_to: answered? }
  answered?:
    wait_until:
      - if: completed_sub_tasks.len() == 1
        go_to: done
  done: result
---
flow: question
starts_with: open
attributes: { answer: string }
states:
  open:
    wait_until:
      - if: answer != ()
        go_to: done
  done: result
interactions:
  answer!: { action: 'answer = "yes"' }
"#;

#[tokio::test]
async fn a_parent_that_waits_is_woken_by_its_sub_tasks() {
    with_each(PARENTS, async |bench| {
        let task = bench.ops.call("sum", attributes! { numbers: [1, 2, 3] }).await.unwrap();
        let task = bench.ended(task.id).await;
        let expected = Value::from([Value::from([2, 4, 6]), Value::Integer(0)]);
        assert_eq!((status(&task), &task.output), ((Status::Completed, "done"), &expected));
    })
    .await;
}

#[tokio::test]
async fn sub_tasks_that_fail_are_counted() {
    with_each(PARENTS, async |bench| {
        let task = bench.later("sum", attributes! { numbers: [1, -1, 3, -7] }).await;
        let task = bench.ended(task).await;
        assert_eq!(task.output, Value::from([Value::from([2, 6]), Value::Integer(2)]));
        let filter = Filter { statuses: vec![Status::Failed], ..Filter::default() };
        assert_eq!(bench.storage.count(&filter).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_hundred_sub_tasks_are_all_done() {
    with_each(PARENTS, async |bench| {
        let numbers: Vec<i64> = (0..100).collect();
        let task = bench.later("sum", attributes! { numbers: numbers.clone() }).await;
        let task = bench.ended(task).await;
        let doubled: Vec<i64> = numbers.iter().map(|number| number * 2).collect();
        assert_eq!(task.output, Value::from([Value::from(doubled), Value::Integer(0)]));
        assert_eq!(bench.outside.notes().len(), 100);
        let looks = bench.ops.history(task.id).await.unwrap();
        assert_eq!(looks.len(), 2, "fruitless looks leave no entry");
    })
    .await;
}

#[tokio::test]
async fn sub_tasks_have_sub_tasks() {
    with_each(PARENTS, async |bench| {
        let task = bench.ops.call("tower", attributes! { height: 8 }).await.unwrap();
        let task = bench.ended(task.id).await;
        assert_eq!((status(&task), &task.output), ((Status::Completed, "done"), &Value::Integer(9)));
    })
    .await;
}

#[tokio::test]
async fn a_parent_is_woken_by_whoever_ends_its_sub_task() {
    with_each(PARENTS, async |bench| {
        let task = bench.later("patient", Map::new()).await;
        bench.begin();
        let question = soon(async {
            loop {
                if let Some(task) = bench.sub_tasks(task).await.first().filter(|task| task.status == Status::Waiting) {
                    return task.id;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
        bench.ops.interact(question, "answer!", Map::new(), None).await.unwrap();
        assert_eq!(status(&bench.ended(task).await), (Status::Completed, "done"));
    })
    .await;
}

const PLACES: &str = r#"
flow: mixed
starts_with: one
states:
  one: { start: near, go_to: two }
  two: { start: far, go_to: three }
  three: { action: 'note("parent")', go_to: done }
  done: result
---
flow: near
runs_on: inline
starts_with: work
states:
  work: { action: 'note("near")', go_to: done }
  done: result
---
flow: far
runs_on: background
starts_with: work
states:
  work: { action: 'gate("far")', go_to: done }
  done: result
"#;

#[tokio::test]
async fn a_flow_says_where_its_tasks_run_as_sub_tasks() {
    for executor in [Executor::Inline, background(4)] {
        for (storage, _folder) in storages().await {
            let bench = super::Bench::over(storage, PLACES, executor.clone()).await;
            let task = bench.ops.call("mixed", Map::new()).await.unwrap();
            assert_eq!(status(&task), (Status::Completed, "done"));
            let [near, far] = &bench.sub_tasks(task.id).await[..] else { panic!("there are two") };
            assert_eq!(far.status, Status::Active);
            if matches!(bench.executor, Executor::Inline) {
                assert_eq!(bench.outside.notes(), ["near", "parent"]);
            }
            // Where there are workers, one of them may have been faster with it.
            assert_eq!(bench.ended(near.id).await.status, Status::Completed);
            bench.outside.open();
            assert_eq!(bench.ended(far.id).await.status, Status::Completed);
        }
    }
}
