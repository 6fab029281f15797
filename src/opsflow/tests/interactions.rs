//! Interactions: keys, refusals, races, and turns that are waited for.

use std::sync::Arc;

use crate::error::Error;
use crate::storage::Memory;
use crate::task::Status;
use crate::value::Value;
use crate::{Map, attributes};

use super::{Bench, now, on_each, refusal, status};

pub(super) const NUDGE: &str = r#"
flow: nudge
attributes: { name: string, times: { type: integer, default: 0 } }
starts_with: name_provided?
states:
  name_provided?:
    wait_until:
      - if: name != ()
        go_to: welcome
      - after: 3d
        go_to: remind
    timeout: 30d
  remind:
    action: note("remind")
    go_to: name_provided?
  welcome:
    action: note(`welcome ${name}`)
    go_to: done
  done: result
interactions:
  register!:
    params: { name: { type: string, required: true } }
    when: [name_provided?]
    action: name = params.name
  count!:
    action: times += 1
"#;

#[tokio::test]
async fn an_interaction_moves_a_sleeping_task_on() {
    on_each(NUDGE, async |bench| {
        let task = bench.call("nudge", Map::new()).await;
        assert_eq!(status(&task), (Status::Waiting, "name_provided?"));
        bench.turn("3d");
        assert_eq!(bench.due().await.advanced, 1);
        assert_eq!(bench.outside.calls(), ["remind"]);
        let done = bench.ops.interact(task.id, "register!", attributes! { name: "Ann" }, None).await.unwrap();
        assert_eq!(status(&done), (Status::Completed, "done"));
        assert_eq!(bench.outside.calls(), ["remind", "welcome Ann"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    on_each(NUDGE, async |bench| {
        let task = bench.call("nudge", Map::new()).await;
        let unknown = bench.ops.interact(task.id, "registr!", Map::new(), None).await.unwrap_err();
        assert!(matches!(&unknown, Error::Unknown { what: "interaction", nearest: Some(n), .. } if *n == "register!"));
        let empty = bench.ops.interact(task.id, "register!", Map::new(), None).await.unwrap_err();
        assert!(empty.to_string().starts_with("interaction `register!`: `name` "), "{empty}");
        assert_eq!(bench.task(task.id).await, task);
        let done = bench.ops.interact(task.id, "register!", attributes! { name: "Ann" }, None).await.unwrap();
        let (kind, message) = refusal(bench.ops.interact(task.id, "count!", Map::new(), None).await);
        assert_eq!(kind, "invalid_state");
        assert!(message.contains("`done`"), "{message}");
        assert_eq!(bench.task(task.id).await, done);
        let nobody = uuid::Uuid::new_v4();
        assert!(matches!(bench.ops.interact(nobody, "count!", Map::new(), None).await, Err(Error::NotFound(_))));
    })
    .await;
}

#[tokio::test]
async fn a_key_counts_once() {
    on_each(NUDGE, async |bench| {
        let id = bench.call("nudge", Map::new()).await.id;
        let count = async |key| bench.ops.interact(id, "count!", Map::new(), Some(key)).await;
        let once = count("one").await.unwrap();
        assert_eq!(once.attributes.by_name("times"), Some(&Value::Integer(1)));
        assert_eq!(count("one").await.unwrap(), once);
        assert_eq!(count("two").await.unwrap().attributes.by_name("times"), Some(&Value::Integer(2)));
        let register =
            async |name: &str, key| bench.ops.interact(id, "register!", attributes! { name: name }, Some(key)).await;
        let (kind, message) = refusal(register("Ann", "one").await);
        assert_eq!((kind.as_str(), message.contains("another interaction")), ("conflict", true), "{message}");
        let done = register("Ann", "three").await.unwrap();
        // It answers as before, though the task has ended by now.
        assert_eq!(register("Ann", "three").await.unwrap(), done);
        let (kind, message) = refusal(register("Bob", "three").await);
        assert_eq!((kind.as_str(), message.contains("other parameters")), ("conflict", true), "{message}");
    })
    .await;
}

#[tokio::test]
async fn of_two_racing_interactions_both_are_judged_when_it_is_their_turn() {
    on_each(NUDGE, async |bench| {
        let id = bench.call("nudge", Map::new()).await.id;
        let register = async |name: &str| bench.ops.interact(id, "register!", attributes! { name: name }, None).await;
        let (ann, bob) = tokio::join!(register("Ann"), register("Bob"));
        let (won, lost) = if ann.is_ok() { (ann, bob) } else { (bob, ann) };
        assert_eq!(status(&won.unwrap()), (Status::Completed, "done"));
        assert_eq!(refusal(lost).0, "invalid_state");
        assert_eq!(bench.outside.calls().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn no_interaction_of_many_is_lost_whichever_process_it_comes_from() {
    on_each(NUDGE, async |bench| {
        let id = bench.call("nudge", Map::new()).await.id;
        let mut all = tokio::task::JoinSet::new();
        let other = bench.elsewhere();
        for number in 0..20 {
            let ops = if number % 2 == 0 { bench.ops.clone() } else { other.ops.clone() };
            all.spawn(async move { ops.interact(id, "count!", Map::new(), Some(&format!("{}", number / 2))).await });
        }
        for outcome in all.join_all().await {
            outcome.unwrap();
        }
        assert_eq!(bench.task(id).await.attributes.by_name("times"), Some(&Value::Integer(10)));
    })
    .await;
}

const BUSY: &str = r#"
flow: busy
attributes: { times: { type: integer, default: 0 }, seen: integer }
starts_with: one
states:
  one: { action: 'note("one"); hang("one")', go_to: two }
  two: { action: 'note("two")', go_to: three }
  three: { action: seen = times, go_to: done }
  done: result
interactions:
  count!: { action: times += 1 }
  early!: { when: [two], action: times += 10 }
"#;

#[tokio::test(start_paused = true)]
async fn an_interaction_gives_up_on_a_task_that_is_held_too_long() {
    let bench = Bench::over(Arc::new(Memory::new()), BUSY);
    let (id, call) = bench.call_until_it_hangs("busy").await;
    let began = tokio::time::Instant::now();
    for ops in [&bench.ops, &bench.elsewhere().ops] {
        let outcome = ops.interact(id, "count!", Map::new(), None).await;
        assert!(matches!(outcome, Err(Error::Conflict(held)) if held == id), "{outcome:?}");
    }
    assert!(began.elapsed().as_secs() >= 20, "{:?}", began.elapsed());
    assert_eq!(bench.task(id).await.attributes.by_name("times"), Some(&Value::Integer(0)));
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
}

const SLOW: &str = r#"
flow: slow
attributes: { times: { type: integer, default: 0 }, seen: integer }
starts_with: one
states:
  one: { action: 'nap("one")', go_to: two }
  two: { action: 'nap("two")', go_to: three }
  three: { action: seen = times, go_to: done }
  done: result
interactions:
  early!: { when: [two], action: times += 1 }
"#;

#[tokio::test(start_paused = true)]
async fn an_interaction_is_let_in_between_two_bodies() {
    let machine =
        crate::host::Machine::new().effect("nap", |_: String| tokio::time::sleep(std::time::Duration::from_secs(2)));
    let context = crate::flow::CheckContext { functions: crate::host::Host::functions(&machine), ..Default::default() };
    let library = crate::Library::of_sources([Arc::new(crate::Source::new("slow.yml", SLOW))], &context);
    let ops = now(super::Opsflow::builder().library(library).host(machine).build()).unwrap();
    let calling = tokio::spawn({
        let ops = ops.clone();
        async move { ops.call("slow", Map::new()).await }
    });
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let id = ops.find(&crate::Filter::default()).await.unwrap()[0].id;
    let done = ops.interact(id, "early!", Map::new(), None).await.unwrap();
    assert_eq!(status(&done), (Status::Completed, "done"));
    assert_eq!(done.attributes.by_name("seen"), Some(&Value::Integer(1)));
    assert_eq!(calling.await.unwrap().unwrap(), done);
    assert_eq!(ops.runner().at_work(), 0);
}

#[tokio::test]
async fn an_abandoned_body_is_ended_before_an_interaction_is_applied() {
    on_each(BUSY, async |bench| {
        let (id, call) = bench.call_until_it_hangs("busy").await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        let mended = bench.with_flows(BUSY);
        // One that is refused leaves it as it is.
        assert_eq!(refusal(mended.ops.interact(id, "early!", Map::new(), None).await).0, "invalid_state");
        let acting = tokio::spawn({
            let ops = mended.ops.clone();
            async move { ops.interact(id, "count!", Map::new(), None).await }
        });
        // The body is driven on: the first step is known, the second hangs again.
        mended.outside.hangs().await;
        assert_eq!(mended.outside.calls(), ["one", "one", "one"]);
        acting.abort();
        assert!(acting.await.unwrap_err().is_cancelled());
        assert_eq!(bench.task(id).await.state, "one");
    })
    .await;
}
