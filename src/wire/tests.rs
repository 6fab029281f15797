use std::sync::Arc;

use super::{
    Asked, Bulk, BulkEnd, BulkOutcome, NeverStops, Query, RequestError, TaskJson, TransitionJson, Verb, resolve,
    unknown,
};
use crate::clock::{Clock, SystemClock, VirtualClock, from_millis};
use crate::diagnostic::Source;
use crate::duration::Duration;
use crate::flow::CheckContext;
use crate::library::Library;
use crate::name::Name;
use crate::opsflow::Opsflow;
use crate::task::{Attributes, Cause, Digest, Progress, Status, Task, TaskError, TaskId, Transition};
use crate::value::{Map, Value};

/// A failed task with a secret.
pub(crate) fn task() -> Task {
    let values: Map = [("name", Value::text("Ann")), ("pin", Value::text("1234"))].map(|(n, v)| (n.into(), v)).into();
    Task {
        id: TaskId::from_u128(0x0198_c2aa_0000_7000_8000_0000_0000_0001),
        flow: "hello".into(),
        version: 2,
        digest: Digest::of("x"),
        status: Status::Failed,
        state: "greet".into(),
        attributes: Attributes::from_stored(values, &[Name::from("pin")]),
        output: Value::Unit,
        error: Some(Box::new(TaskError {
            kind: "script".into(),
            message: "in `greet`: no luck".into(),
            state: "greet".into(),
            attempt: 1,
            at: None,
            data: Value::Unit,
        })),
        parent_id: None,
        queue: "default".into(),
        priority: 0,
        revision: 4,
        created_at: from_millis(1_763_888_400_000),
        updated_at: from_millis(1_763_888_400_005),
        wake_at: None,
        timeout_at: Some(from_millis(1_763_888_400_000)),
        delete_at: None,
        ended_at: None,
        held_up_by: None,
        progress: Progress { seq: 7, ..Progress::default() },
    }
}

/// A history entry of it.
pub(crate) fn entry(seq: u64, from: &str, to: &str, cause: Cause) -> Transition {
    Transition {
        seq,
        at: from_millis(1_763_888_400_000),
        from: from.into(),
        to: to.into(),
        cause,
        by: Some("ann".into()),
        actor: None,
        changes: [(Name::from("name"), (Value::Unit, Value::text("Ann")))].into(),
        error: None,
        steps: Vec::new(),
        ms: 12,
        omitted: false,
    }
}

#[test]
fn a_task_has_the_shape_of_the_language() {
    let text = serde_json::to_string(&TaskJson::from(&task())).unwrap();
    let expected = concat!(
        r#"{"id":"0198c2aa-0000-7000-8000-000000000001","flow":"hello","version":2,"status":"failed","state":"greet","#,
        r#""attributes":{"name":"Ann","pin":"[secret]"},"output":null,"#,
        r#""error":{"kind":"script","message":"in `greet`: no luck","state":"greet","attempt":1,"at":null,"data":null},"#,
        r#""parent_id":null,"queue":"default","priority":0,"revision":4,"#,
        r#""created_at":"2025-11-23T09:00:00.000Z","updated_at":"2025-11-23T09:00:00.005Z","#,
        r#""wake_at":null,"timeout_at":"2025-11-23T09:00:00.000Z","delete_at":null,"ended_at":null}"#,
    );
    assert_eq!(text, expected);
}

#[test]
fn an_entry_has_the_shape_of_the_language() {
    let text = serde_json::to_string(&TransitionJson::from(&entry(3, "a", "b", Cause::Action))).unwrap();
    let expected = concat!(
        r#"{"seq":3,"at":"2025-11-23T09:00:00.000Z","from":"a","to":"b","cause":"action","by":"ann","#,
        r#""actor":null,"changes":{"name":[null,"Ann"]},"error":null,"steps":[],"ms":12}"#,
    );
    assert_eq!(text, expected);
}

const FLOW: &str = r#"flow: order
attributes:
  total: { type: integer, required: true }
starts_with: sleeping
states:
  sleeping:
    wait_until: [{ if: total > 1000, go_to: done }]
  done: { result: total }
"#;

/// Tasks that sleep, with the totals 0, 10, 20, ….
async fn sleeping(count: i64) -> (Opsflow, Vec<TaskId>) {
    let library = Library::of_sources([Arc::new(Source::new("order.yml", FLOW))], &CheckContext::default());
    let clock = Arc::new(VirtualClock::new(SystemClock.now()));
    let ops = Opsflow::builder().library(library).clock(Arc::clone(&clock)).build().await.unwrap();
    let mut ids = Vec::new();
    for n in 0..count {
        // Those of one moment are in no order of their start.
        clock.advance(Duration::from_millis(1));
        ids.push(ops.call("order", crate::attributes! { total: 10 * n }).await.unwrap().id);
    }
    (ops, ids)
}

fn condition(text: &str) -> Option<Arc<Source>> {
    Some(Arc::new(Source::new("where", text)))
}

#[tokio::test]
async fn a_query_finds_the_newest_first_over_pages() {
    let (ops, ids) = sleeping(1_010).await;
    let found = Query::default().find(&ops, 3).await.unwrap();
    let newest: Vec<TaskId> = ids.iter().rev().take(3).copied().collect();
    assert_eq!(found.tasks.iter().map(|task| task.id).collect::<Vec<_>>(), newest);
    assert_eq!((found.total, found.is_cut), (Some(1_010), true));
    let few = Query { condition: condition("total < 20"), ..Query::default() }.find(&ops, 10).await.unwrap();
    assert_eq!(few.tasks.iter().map(|task| task.id).collect::<Vec<_>>(), [ids[1], ids[0]]);
    let mut pages = ops.list(crate::storage::Filter { limit: Some(700), ..Default::default() });
    let mut lengths = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        lengths.push(page.len());
    }
    assert_eq!(lengths, [500, 200]);
}

#[tokio::test]
async fn a_condition_says_what_is_wrong_as_it_is_called() {
    let (ops, ids) = sleeping(3).await;
    let query = |text: &str| Query { condition: condition(text), ..Query::default() };
    let Err(RequestError::Condition(findings)) = query("totl > 1").find(&ops, 9).await else { panic!("no finding") };
    assert!(findings[0].to_string().starts_with("where:1:1: "), "{findings:?}");
    let Err(RequestError::Condition(findings)) = query("status == 1").find(&ops, 9).await else { panic!("no finding") };
    assert_eq!(findings[0].help.as_deref(), Some("that is not an attribute: use the filter `status`"));
    let found = query("100 / total > 5").find(&ops, 9).await.unwrap();
    assert_eq!(found.tasks.iter().map(|task| task.id).collect::<Vec<_>>(), [ids[1]]);
    assert!(found.skipped.unwrap().to_string().starts_with("1 of 3 tasks left out, since `where` fails for them: "));
}

#[tokio::test]
async fn a_short_id_means_one_task() {
    // Among so many random ids some begin with the same four digits, but for once in 10^13 runs.
    let (ops, ids) = sleeping(2_000).await;
    let whole = ids[1].simple().to_string();
    assert_eq!(resolve(&ops, &whole[..31]).await.unwrap(), ids[1]);
    assert!(matches!(resolve(&ops, "0a").await, Err(RequestError::ShortId(_))));
    assert!(matches!(resolve(&ops, "none").await, Err(RequestError::NotAnId(_))));
    assert!(matches!(resolve(&ops, &"f".repeat(31)).await, Err(RequestError::NoSuchId(_))));
    let mut starts: Vec<String> = ids.iter().map(|id| id.simple().to_string()[..4].to_owned()).collect();
    starts.sort();
    let twice = starts.windows(2).find(|pair| pair[0] == pair[1]).unwrap();
    let Err(RequestError::Ambiguous { ids: named, .. }) = resolve(&ops, &twice[0]).await else {
        panic!("it means one of several")
    };
    assert!(named.len() > 1 && named.iter().all(|id| id.to_string().starts_with(&twice[0])));
}

#[tokio::test]
async fn many_are_done_and_who_changed_meanwhile_is_passed_over() {
    const CANCEL: Verb = Verb { name: "cancel", done: "cancelled", fit: &[Status::Waiting], finishes: true };
    let (ops, ids) = sleeping(40).await;
    let selection = Query::default().select(&ops, &CANCEL, |_| true).await.unwrap();
    assert_eq!(selection.ids.len(), 40);
    ops.cancel(ids[0]).await.unwrap();
    let (mut done, mut passed_over) = (0, 0);
    let bulk = Bulk { ops: &ops, verb: &CANCEL, rate: None };
    let report = |_, outcome| {
        match outcome {
            BulkOutcome::Done(_) => done += 1,
            BulkOutcome::PassedOver => passed_over += 1,
            BulkOutcome::Failed(error) => return Err(error),
        }
        Ok(())
    };
    let end = bulk.each(selection.ids, &mut NeverStops, async |id| ops.cancel(id).await, report).await.unwrap();
    assert!(matches!(end, BulkEnd::Complete));
    assert_eq!((done, passed_over), (39, 1));
    let unfit = Query { status: Some(Status::Failed), ..Query::default() }.select(&ops, &CANCEL, |_| true).await;
    assert!(matches!(unfit, Err(RequestError::Unfit { .. })));
}

#[tokio::test]
async fn a_name_that_nothing_has_gets_the_nearest() {
    let (ops, _) = sleeping(1).await;
    let asked = [Asked::Flow("order"), Asked::Flow("odrer"), Asked::State("asleep"), Asked::Attribute("totl")];
    let unknown = unknown(&ops, ops.library(), asked).await.unwrap();
    let said: Vec<String> = unknown.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "there is no flow `odrer`, and no task of one; did you mean `order`?",
            "no flow has a state `asleep`, and no task is in one",
            "no flow and no task has an attribute `totl`; did you mean `total`?",
        ]
    );
}
