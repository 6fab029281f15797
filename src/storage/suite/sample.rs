//! Tasks and checkpoints that the checks store.

use std::sync::Arc;
use std::time::Duration as Lease;

use uuid::Uuid;

use crate::clock::{Timestamp, from_millis};
use crate::name::Name;
use crate::storage::Storage;
use crate::task::{
    Attribute, AttributeSet, Attributes, Cause, Checkpoint, Claim, Definition, Digest, IndexEntry, InteractionReceipt,
    Progress, Rules, Status, StepRecord, Task, TaskId, Transition,
};
use crate::value::Value;

/// How long claims of the checks last: ten seconds.
pub(super) const LEASE: Lease = Lease::from_secs(10);

/// A moment `seconds` after the checks begin.
pub fn moment(seconds: i64) -> Timestamp {
    from_millis(1_795_000_000_000_i64.saturating_add(seconds.saturating_mul(1000)))
}

/// A new task of the queue `default`, created at [`moment`]`(0)`: active, so due at once.
pub fn task() -> Task {
    Task {
        id: Uuid::new_v4(),
        flow: "sample".into(),
        version: 1,
        digest: definition("sample").digest.clone(),
        status: Status::Active,
        state: "start".into(),
        attributes: Attributes::default(),
        output: Value::Unit,
        error: None,
        parent_id: None,
        queue: "default".into(),
        priority: 0,
        revision: 1,
        created_at: moment(0),
        updated_at: moment(0),
        wake_at: None,
        timeout_at: None,
        delete_at: None,
        ended_at: None,
        held_up_by: None,
        progress: Progress::default(),
    }
}

/// A minimal definition of a flow.
pub(super) fn definition(flow: &str) -> Arc<Definition> {
    let text: Arc<str> = format!("flow: {flow}\nstates: {{ start: result }}\n").into();
    let file = format!("{flow}.yml");
    Arc::new(Definition { digest: Digest::of(&*text), flow: flow.into(), version: 3, file, first_line: 7, text })
}

/// A checkpoint that stores `task` as it is, and nothing else.
pub(super) fn bare(task: Task) -> Checkpoint {
    Checkpoint::of(Box::new(task))
}

/// A checkpoint that moves `task` to the state `state` at `seconds`, with the history entry of that move.
pub fn next(task: &Task, state: &str, seconds: i64) -> Checkpoint {
    let mut after = task.clone();
    after.revision += 1;
    after.state = state.into();
    after.updated_at = moment(seconds);
    after.progress.seq += 1;
    let entry = entry(after.progress.seq, &task.state, state, seconds);
    Checkpoint { transitions: vec![entry], ..bare(after) }
}

/// The same, with the task asleep until `wake_at`, if it has a timer.
pub(super) fn asleep(task: &Task, seconds: i64, wake_at: Option<i64>) -> Checkpoint {
    let mut checkpoint = next(task, "waiting_room", seconds);
    checkpoint.task.status = Status::Waiting;
    checkpoint.task.wake_at = wake_at.map(moment);
    checkpoint
}

/// The same, with the task ended and kept until `delete_at`.
pub(super) fn ended(task: &Task, seconds: i64, delete_at: i64) -> Checkpoint {
    let mut checkpoint = next(task, "done", seconds);
    checkpoint.task.status = Status::Completed;
    checkpoint.task.ended_at = Some(moment(seconds));
    checkpoint.task.delete_at = Some(moment(delete_at));
    checkpoint
}

/// The same, under `claim`.
pub(super) fn under(claim: &Claim, releases: bool, checkpoint: Checkpoint) -> Checkpoint {
    Checkpoint { claim: Some(claim.clone()), releases, ..checkpoint }
}

/// Stores `task` with `change` made to it.
pub(super) async fn stored(storage: &dyn Storage, change: impl FnOnce(&mut Task)) -> Result<Task, String> {
    let mut task = task();
    change(&mut task);
    super::good(storage.commit(bare(task.clone())).await)?;
    Ok(task)
}

/// A history entry.
pub(super) fn entry(seq: u64, from: &str, to: &str, seconds: i64) -> Transition {
    Transition {
        seq,
        at: moment(seconds),
        from: from.into(),
        to: to.into(),
        cause: Cause::Action,
        by: Some("ann".into()),
        actor: seq.is_multiple_of(2).then(|| Box::new("token:ci".into())),
        changes: [(Name::new("total"), (Value::Unit, Value::Integer(3)))].into(),
        error: None,
        steps: Vec::new(),
        ms: 5,
        omitted: false,
    }
}

/// A performed step that went well.
pub(super) fn step(ordinal: u32, once: Option<&str>) -> StepRecord {
    StepRecord {
        ordinal,
        function: "http::post".into(),
        digest: Digest::of(format!("call {ordinal}")),
        outcome: Ok(Value::map([("status", Value::Integer(200 + i64::from(ordinal)))])),
        once: once.map(Name::new),
        at: moment(i64::from(ordinal)),
        ms: 12,
    }
}

/// An interaction under a key.
pub(super) fn applied(key: &str) -> InteractionReceipt {
    InteractionReceipt { key: key.into(), interaction: "register!".into(), params: Digest::of(key) }
}

/// An index entry under a customer.
pub(super) fn customer(id: &str, attribute: &str) -> IndexEntry {
    IndexEntry { kind: "customer".into(), id: id.into(), attribute: attribute.into() }
}

/// Attributes of any type, by name; those whose name begins with `secret` are secret.
pub(super) fn attributes(values: &[(&str, Value)]) -> Attributes {
    let declared = values.iter().map(|(name, _)| Attribute {
        name: (*name).into(),
        rules: Rules { secret: name.starts_with("secret"), ..Rules::default() },
        default: None,
    });
    let mut attributes = Attributes::new(Arc::new(AttributeSet::new(declared.collect())));
    for (slot, (_, value)) in values.iter().enumerate() {
        attributes.set(slot, value.clone());
    }
    attributes
}

/// A task as any storage returns it: attributes ordered by name, everything else unchanged.
pub(super) fn plain(task: &Task) -> Task {
    let values = task.attributes.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
    let secret: Vec<Name> = task.attributes.iter().filter(|(_, _, s)| *s).map(|(name, _, _)| name.clone()).collect();
    Task { attributes: Attributes::from_stored(values, &secret), output: task.output.clone(), ..task.clone() }
}

/// The ids of `tasks`, in order.
pub(super) fn ids(tasks: &[Task]) -> Vec<TaskId> {
    tasks.iter().map(|task| task.id).collect()
}

/// Polls all of `futures` concurrently, and returns their results in order.
pub(super) async fn together<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut given: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut open = false;
        for (future, given) in futures.iter_mut().zip(&mut given).filter(|(_, given)| given.is_none()) {
            match std::pin::Pin::new(future).poll(context) {
                std::task::Poll::Ready(output) => *given = Some(output),
                std::task::Poll::Pending => open = true,
            }
        }
        if open { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    given.into_iter().flatten().collect()
}
