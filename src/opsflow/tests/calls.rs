//! Calls: tasks that run here and now.

use crate::error::Error;
use crate::storage::Filter;
use crate::task::Status;
use crate::value::Value;
use crate::{Map, attributes};

use super::{on_each, status};

const PARTY: &str = r#"
flow: plan_a_party
attributes:
  date: { type: date, required: true }
  guests: { type: list, default: [] }
  shopping: { type: list, default: [] }
  pin: { type: string, secret: true }
starts_with: what_day_is_it?
states:
  what_day_is_it?:
    decision:
      - if: date.weekday == 6
        go_to: buy_food
      - go_to: relax
  buy_food:
    action: |
      shopping += "pizza";
      shopping += `${guests.len()} beers`;
      log("shopping is done");
    go_to: party!
  party!: { result: shopping.len() }
  relax: result
"#;

#[tokio::test]
async fn a_task_runs_until_it_ends_and_is_stored_once() {
    on_each(PARTY, async |bench| {
        let task =
            bench.call("plan_a_party", attributes! { date: "2026-11-21", guests: ["Ann", "Bob"], pin: "1" }).await;
        assert_eq!(status(&task), (Status::Completed, "party!"));
        assert_eq!((task.revision, &task.output), (1, &Value::Integer(2)));
        assert_eq!(task.attributes.by_name("shopping"), Some(&Value::from(["pizza", "2 beers"])));
        let stored = bench.task(task.id).await;
        assert_eq!(stored.attributes.by_name("date").map(Value::type_name), Some("date"));
        assert_eq!(stored, task);
        assert!(!format!("{stored:?}").contains("\"1\""), "{stored:?}");
        assert_eq!(bench.path(task.id).await, ["buy_food", "party!", "party!"][..2]);
    })
    .await;
}

#[tokio::test]
async fn what_happens_is_told_in_order_after_it_was_stored() {
    on_each(PARTY, async |bench| {
        bench.call("plan_a_party", attributes! { date: "2026-11-21" }).await;
        let told = bench.told.lock().unwrap().clone();
        let expected =
            ["plan_a_party 1 what_day_is_it?→buy_food", "info: shopping is done", "plan_a_party 2 buy_food→party!"];
        assert_eq!(told.get(..3).unwrap(), expected, "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_given_is_checked() {
    on_each(PARTY, async |bench| {
        let missing = bench.ops.call("plan_a_party", Map::new()).await.unwrap_err();
        assert!(missing.to_string().starts_with("flow `plan_a_party`: `date` "), "{missing}");
        let misspelt = bench.ops.later("plan_a_party", attributes! { dat: "2026-11-21" }).await.unwrap_err();
        assert!(matches!(&misspelt, Error::Input { invalid, .. } if invalid.first.path == "dat"), "{misspelt}");
        let unknown = bench.ops.call("plan_a_part", Map::new()).await.unwrap_err();
        assert!(matches!(unknown, Error::UnknownFlow { nearest: Some(near), .. } if near == "plan_a_party"));
        assert_eq!(bench.ops.find(&Filter::default()).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_task_for_later_waits_in_its_first_state_until_it_is_taken() {
    on_each(PARTY, async |bench| {
        let task = bench.ops.later("plan_a_party", attributes! { date: "2026-11-22" }).await.unwrap();
        assert_eq!(status(&task), (Status::Waiting, "what_day_is_it?"));
        assert_eq!(bench.task(task.id).await, task);
        assert!(bench.ops.history(task.id).await.unwrap().is_empty());
        assert_eq!(bench.due().await.advanced, 1);
        assert_eq!(status(&bench.task(task.id).await), (Status::Completed, "relax"));
        assert_eq!(bench.due().await, Default::default());
    })
    .await;
}

const STEPS: &str = r#"
flow: steps
attributes: { first: integer, second: integer, once: integer }
starts_with: one
states:
  one:
    action: |
      first = note("a");
      second = note("b");
      once = note("c", #{ once: "key" });
    go_to: two
  two:
    action: once = note("c", #{ once: "key" })
    go_to: done
  done: { result: "[first, second, once]" }
"#;

#[tokio::test]
async fn steps_are_performed_once_and_their_outcomes_kept() {
    on_each(STEPS, async |bench| {
        let task = bench.call("steps", Map::new()).await;
        assert_eq!(task.output, Value::from([1, 2, 3]));
        assert_eq!(bench.outside.calls(), ["a", "b", "c"]);
        let history = bench.ops.history(task.id).await.unwrap();
        let steps: Vec<usize> = history.iter().map(|entry| entry.steps.len()).collect();
        assert_eq!(steps.first(), Some(&3), "{history:?}");
    })
    .await;
}

const SHAKY: &str = r#"
flow: shaky_flow
attributes: { said: string }
starts_with: ask
states:
  ask:
    action: said = shaky("ask")
    go_to: done
    retry: { attempts: 3, delay: 1m, backoff: 2.0, jitter: false }
    on_error:
      - if: error.kind == "http"
        go_to: gave_up
  done: result
  gave_up: { failure: "`gave up: ${error.data}`" }
"#;

#[tokio::test]
async fn tries_are_waited_for_in_virtual_time() {
    on_each(SHAKY, async |bench| {
        bench.outside.fail(2);
        let task = bench.call("shaky_flow", Map::new()).await;
        assert_eq!(status(&task), (Status::Waiting, "ask"));
        assert_eq!(bench.due().await.advanced, 0);
        bench.turn("1m");
        assert_eq!(bench.due().await.advanced, 1);
        bench.turn("1m 59s");
        assert_eq!(bench.due().await.advanced, 0);
        bench.turn("1s");
        assert_eq!(bench.due().await.advanced, 1);
        let task = bench.task(task.id).await;
        assert_eq!(status(&task), (Status::Completed, "done"));
        assert_eq!(task.attributes.by_name("said"), Some(&Value::from("fine")));
        assert_eq!(bench.outside.calls().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_failed_task_is_taken_up_again() {
    on_each(SHAKY, async |bench| {
        bench.outside.fail(3);
        let task = bench.call("shaky_flow", Map::new()).await;
        bench.turn("1m");
        bench.due().await;
        bench.turn("2m");
        bench.due().await;
        let failed = bench.task(task.id).await;
        assert_eq!(status(&failed), (Status::Failed, "gave_up"));
        assert!(failed.error.unwrap().message.ends_with("gave up: 500"));
        let unknown = bench.ops.retry(task.id, Some("aks")).await.unwrap_err();
        assert!(matches!(&unknown, Error::Unknown { what: "state", nearest: Some(near), .. } if *near == "ask"));
        let again = bench.ops.retry(task.id, Some("ask")).await.unwrap();
        assert_eq!(status(&again), (Status::Completed, "done"));
        let (kind, message) = super::refusal(bench.ops.retry(task.id, None).await);
        assert_eq!(kind, "invalid_state");
        assert!(message.contains("completed") && message.contains("`done`"), "{message}");
        let (kind, _) = super::refusal(bench.ops.wake(task.id).await);
        assert_eq!(kind, "invalid_state");
    })
    .await;
}
