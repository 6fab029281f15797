//! Requests that say who asks, what they have seen, and that they do not wait.

use crate::error::Error;
use crate::opsflow::{Ask, What};
use crate::task::{Status, Task};

use super::{Bench, on_each};

const ORDER: &str = r#"
flow: order
version: 2
timeout: 36500d
attributes: { total: { type: integer, default: 1 }, said: string }
interactions:
  pay!: { params: { said: string }, when: [paid?], action: said = params.said, go_to: ships }
  remark!: { params: { said: string }, action: said = params.said }
states:
  paid?: { wait_until: [{ after: 36000d, go_to: done }] }
  ships: { action: total = total + 1, go_to: calls }
  calls: { action: total = note("ship"), go_to: done }
  done: { result: total }
starts_with: paid?
"#;

fn by(actor: &str) -> Ask {
    Ask { actor: Some(actor.into()), ..Ask::default() }
}

fn pay(note: &str) -> What {
    What::Interact { name: "pay!".into(), params: crate::attributes! { said: note } }
}

fn remark(note: &str) -> What {
    What::Interact { name: "remark!".into(), params: crate::attributes! { said: note } }
}

async fn asks(bench: &Bench, task: &Task, what: What, ask: &Ask) -> Task {
    bench.ops.ask(task.id, what, ask).await.unwrap().unwrap()
}

/// Cause and actor of each history entry.
async fn signed(bench: &Bench, task: &Task) -> Vec<String> {
    let entries = bench.ops.history(task.id).await.unwrap();
    let line = |entry: &crate::Transition| {
        let actor = entry.actor.as_ref().map_or("-", |actor| actor.as_str());
        format!("{:?} {actor}", entry.cause).to_lowercase()
    };
    entries.iter().map(line).collect()
}

fn kind<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome.unwrap_err() {
        Error::Refused { kind, .. } => kind.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn history_names_who_asked() {
    on_each(ORDER, async |bench| {
        let given = crate::attributes! { total: 5 };
        let ask =
            Ask { trace: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()), ..by("token:ci") };
        let task = bench.ops.call_as("order", given, &ask).await.unwrap();
        let stored = bench.storage.task(task.id).await.unwrap().unwrap();
        assert_eq!(stored.progress.started_by().map(|name| name.as_str()), Some("token:ci"));
        assert_eq!(stored.progress.trace(), ask.trace.as_ref());
        asks(&bench, &task, remark("a"), &by("user:ann")).await;
        asks(&bench, &task, remark("b"), &Ask::default()).await;
        asks(&bench, &task, What::Cancel, &by("user:bob")).await;
        asks(&bench, &task, What::Retry { from: Some("paid?".into()), on_newest: false }, &by("cli:eve@db1")).await;
        let expected = ["interaction user:ann", "interaction -", "cancel user:bob", "resume cli:eve@db1"];
        assert_eq!(signed(&bench, &task).await, expected);
        let gone = async || {
            bench.ops.cancel(task.id).await.unwrap();
            bench.ops.ask(task.id, What::Delete, &by("user:ann")).await
        };
        assert_eq!(gone().await.unwrap(), None);
        assert!(matches!(bench.ops.task(task.id).await, Err(Error::NotFound(_))));
    })
    .await;
}

#[tokio::test]
async fn a_request_for_another_revision_is_refused() {
    on_each(ORDER, async |bench| {
        let task = bench.ops.call("order", crate::attributes! {}).await.unwrap();
        let now = asks(&bench, &task, remark("a"), &Ask { revision: Some(task.revision), ..Ask::default() }).await;
        let old = Ask { revision: Some(task.revision), ..Ask::default() };
        for what in [remark("b"), pay("b"), What::Wake, What::Cancel, What::Migrate, What::Delete] {
            assert_eq!(kind(bench.ops.ask(task.id, what, &old).await), "changed");
        }
        assert_eq!(bench.ops.task(task.id).await.unwrap().revision, now.revision);
        // Nobody holds it still.
        let here = Ask { revision: Some(now.revision), ..Ask::default() };
        let ended = asks(&bench, &task, What::Cancel, &here).await;
        let retry = || What::Retry { from: Some("paid?".into()), on_newest: false };
        assert_eq!(kind(bench.ops.ask(task.id, retry(), &here).await), "changed");
        let again = Ask { revision: Some(ended.revision), ..Ask::default() };
        assert_eq!(asks(&bench, &task, retry(), &again).await.status, Status::Waiting);
    })
    .await;
}

#[tokio::test]
async fn a_repeat_under_its_key_is_not_refused_for_its_revision() {
    on_each(ORDER, async |bench| {
        let task = bench.ops.call("order", crate::attributes! {}).await.unwrap();
        let ask = Ask { key: Some("k".into()), revision: Some(task.revision), ..Ask::default() };
        let once = asks(&bench, &task, remark("a"), &ask).await;
        assert_eq!(asks(&bench, &task, remark("a"), &ask).await.revision, once.revision);
        assert_eq!(kind(bench.ops.ask(task.id, remark("b"), &ask).await), "conflict");
        assert_eq!(kind(bench.ops.ask(task.id, What::Wake, &ask).await), "key");
    })
    .await;
}

#[tokio::test]
async fn what_follows_a_request_is_left_due() {
    on_each(ORDER, async |bench| {
        let task = bench.ops.call("order", crate::attributes! { total: 5 }).await.unwrap();
        let left = asks(&bench, &task, pay("a"), &Ask { leave: true, ..by("user:ann") }).await;
        assert_eq!((left.status, left.state.as_str()), (Status::Active, "calls"));
        assert_eq!(bench.outside.calls().len(), 0, "no call is made");
        assert_eq!(bench.storage.held(task.id).await.unwrap(), None);
        assert_eq!(bench.due().await.advanced, 1);
        assert_eq!(bench.ops.task(task.id).await.unwrap().status, Status::Completed);
        assert_eq!(signed(&bench, &task).await, ["interaction user:ann", "action -", "action -"]);
    })
    .await;
}

#[tokio::test]
async fn a_task_is_started_once_for_a_key() {
    on_each(ORDER, async |bench| {
        let ask = Ask { key: Some("order-17".into()), ..by("token:ci") };
        let given = || crate::attributes! { total: 5 };
        let task = bench.ops.later_as("order", given(), &ask).await.unwrap();
        bench.due().await;
        let again = bench.ops.later_as("order", given(), &ask).await.unwrap();
        assert_eq!((again.id, again.state.as_str()), (task.id, "paid?"));
        assert_eq!(bench.ops.call_as("order", given(), &ask).await.unwrap().id, task.id);
        assert_eq!(kind(bench.ops.later_as("order", crate::attributes! { total: 6 }, &ask).await), "conflict");
        let other = Ask { key: Some("order-18".into()), ..Ask::default() };
        assert_ne!(bench.ops.later_as("order", given(), &other).await.unwrap().id, task.id);
        assert_eq!(bench.ops.find(&Default::default()).await.unwrap().len(), 2);
        // An interaction under that key is another request.
        let interacts = bench.ops.ask(task.id, remark("a"), &ask).await.unwrap_err();
        assert_eq!(interacts.to_string(), "the key `order-17` was used before, to start the task");
        bench.ops.cancel(task.id).await.unwrap();
        bench.ops.delete(task.id).await.unwrap();
        assert_eq!(
            bench.ops.later_as("order", given(), &ask).await.unwrap().revision,
            1,
            "it is kept as long as the task"
        );
    })
    .await;
}

#[tokio::test]
async fn many_that_start_under_one_key_start_one_task() {
    on_each(ORDER, async |bench| {
        let others = [bench.elsewhere(), bench.elsewhere()];
        let ask = Ask { key: Some("k".into()), ..Ask::default() };
        let start = |bench: &Bench| {
            let (ops, ask) = (bench.ops.clone(), ask.clone());
            async move { ops.later_as("order", crate::attributes! {}, &ask).await.unwrap().id }
        };
        let (one, two, three) = tokio::join!(start(&bench), start(&others[0]), start(&others[1]));
        assert_eq!((one, two), (two, three));
        assert_eq!(bench.ops.find(&Default::default()).await.unwrap().len(), 1);
    })
    .await;
}
