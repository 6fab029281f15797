//! Checks of commits.

use std::sync::Arc;

use chrono::{FixedOffset, NaiveDate, TimeZone};

use crate::duration::Duration;
use crate::name::Name;
use crate::storage::{Filter, Storage, StorageError};
use crate::task::{At, Digest, EntryError, Pins, StepSummary, Task, TaskError};
use crate::value::Value;

use super::sample::{
    LEASE, applied, asleep, attributes, bare, customer, definition, moment, next, plain, stored, task, together,
};
use super::{CheckResult, EmptyStorage, ensure, ensure_eq, good, promises, refused};

promises! {
    "a task is read as it was stored" => a_task_is_read_as_it_was_stored,
    "floats are read back exactly" => floats_are_exact,
    "history is read as it was stored" => history_is_read_as_it_was_stored,
    "a task is stored only at the revision after the one stored" => revisions_are_checked,
    "of many racing writers one wins" => one_writer_wins,
    "a checkpoint is whole or absent" => a_checkpoint_is_whole_or_absent,
    "history has no gaps and no repeats" => history_has_no_gaps,
    "an interaction's key is applied once" => a_key_is_applied_once,
    "of several checkpoints each is whole or absent, in order" => batches_are_kept_apart,
    "sub-tasks are inserted once" => sub_tasks_are_inserted_once,
    "a definition is kept as it was first stored" => a_definition_is_kept,
}

/// A task with every field filled.
fn full() -> Task {
    let mut task = task();
    let noon = FixedOffset::east_opt(7200).map(|zone| zone.timestamp_nanos(1_795_000_000_123_000_000));
    task.attributes = attributes(&[
        ("zeta", Value::text("a 'quoted' \"text\"\n\u{0}🍕")),
        ("alpha", Value::Integer(i64::MIN)),
        ("date", NaiveDate::from_ymd_opt(2026, 11, 21).map_or(Value::Unit, Value::Date)),
        ("at", noon.map_or(Value::Unit, Value::DateTime)),
        ("price", Value::Decimal("12.340".parse().unwrap_or_default())),
        ("pause", Value::Duration(Duration::from_secs(90))),
        ("none", Value::Unit),
        ("secret_pin", Value::text("1234")),
        ("lines", Value::list(vec![Value::Unit, Value::Boolean(true), Value::map([("x", Value::Float(0.5))])])),
    ]);
    task.output = Value::map([("total", Value::Integer(3))]);
    task.error = Some(Box::new(TaskError {
        kind: "http".into(),
        message: "`pay` answered 500".into(),
        state: "pay".into(),
        attempt: 3,
        at: Some(At { file: "order.yml".into(), line: 12, column: 9 }),
        data: Value::map([("status", Value::Integer(500))]),
    }));
    task.parent_id = Some(uuid::Uuid::new_v4());
    task.priority = -7;
    task.wake_at = Some(moment(-1));
    task.timeout_at = Some(moment(86_400));
    task.delete_at = Some(moment(1_000_000));
    task.ended_at = Some(moment(5));
    task.progress.arrived_at = Some(moment(1));
    task.progress.attempt = 2;
    task.progress.began_at = Some(moment(2));
    task.progress.retry_at = Some(moment(3));
    task.progress.clock_at = Some(moment(1));
    task.progress.visits = vec![("pay".into(), 2), ("ask?".into(), 1)];
    task.progress.error = task.error.clone();
    task.progress.depth = 4;
    task.progress.started = 9;
    task.progress.pins = Pins::from([(Name::new("other"), Digest::of("other"))]);
    task
}

async fn a_task_is_read_as_it_was_stored(fresh: EmptyStorage) -> CheckResult {
    let full = full();
    let emptied = Task { id: full.id, parent_id: full.parent_id, revision: 2, ..task() };
    for written in [full, emptied] {
        good(fresh.commit(bare(written.clone())).await)?;
        let read = good(fresh.task(written.id).await)?.ok_or("the task is not there")?;
        ensure_eq!(plain(&read), plain(&written), "the task");
        let secrets = |task: &Task| task.attributes.iter().filter(|(_, _, secret)| *secret).count();
        ensure_eq!(secrets(&read), secrets(&written), "how many of its values are secret");
        let listed = good(fresh.tasks(&Filter::default()).await)?;
        ensure_eq!(listed.iter().map(plain).collect::<Vec<_>>(), vec![plain(&written)], "the list");
    }
    ensure_eq!(good(fresh.task(uuid::Uuid::new_v4()).await)?, None, "a task nobody stored");
    Ok(())
}

async fn floats_are_exact(fresh: EmptyStorage) -> CheckResult {
    let floats = [0.1 + 0.2, 1.0, 5e-324, f64::MAX, 1.234_567_890_123_456_7e-300, 9_007_199_254_740_993.0, -0.1];
    let mut bits: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut values: Vec<Value> = floats.into_iter().map(Value::Float).collect();
    while values.len() < 500 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let float = f64::from_bits(bits);
        if float.is_finite() {
            values.push(Value::Float(float));
        }
    }
    let written = stored(&*fresh, |task| task.attributes = attributes(&[("floats", Value::list(values))])).await?;
    let read = good(fresh.task(written.id).await)?.ok_or("the task is not there")?;
    let both = [&read, &written].map(|task| match task.attributes.by_name("floats") {
        Some(Value::List(items)) => items.to_vec(),
        _ => Vec::new(),
    });
    let [read, written] = both;
    ensure_eq!(read.len(), written.len(), "how many floats");
    let differ = read.iter().zip(&written).find(|(read, written)| read != written);
    ensure!(differ.is_none(), "one of them: {differ:?}");
    Ok(())
}

async fn history_is_read_as_it_was_stored(fresh: EmptyStorage) -> CheckResult {
    let first = stored(&*fresh, |_| ()).await?;
    let mut one = next(&first, "pay", 1);
    if let Some(entry) = one.transitions.first_mut() {
        entry.steps = vec![StepSummary { call: "http::post".into(), outcome: "ok".into(), ms: 31 }];
        entry.changes.insert("name".into(), (Value::text("[secret]"), Value::list(vec![Value::Integer(1)])));
        // Large enough for a patch: its values keep their types, as all others do.
        let prices = |last| Value::list((1..=100).chain([last]).map(|n| Value::Decimal(n.into())).collect());
        entry.changes.insert("prices".into(), (prices(7), prices(8)));
    }
    let mut two = next(&one.task, "ask?", 2);
    if let Some(entry) = two.transitions.first_mut() {
        entry.by = None;
        entry.changes.clear();
        entry.error = Some(Box::new(EntryError {
            kind: "http".into(),
            message: "no answer".into(),
            attempt: 2,
            at: Some(At { file: "pay.yml".into(), line: 7, column: 9 }),
        }));
        entry.omitted = true;
    }
    good(fresh.commit(one.clone()).await)?;
    good(fresh.commit(two.clone()).await)?;
    let all: Vec<_> = one.transitions.into_iter().chain(two.transitions).collect();
    ensure_eq!(good(fresh.history(first.id, 0, 10).await)?, all, "all of it");
    ensure_eq!(
        good(fresh.history(first.id, 1, 10).await)?.as_slice(),
        all.get(1..).unwrap_or_default(),
        "after the first"
    );
    ensure_eq!(good(fresh.history(first.id, 0, 1).await)?.as_slice(), all.get(..1).unwrap_or_default(), "one entry");
    ensure_eq!(good(fresh.history(uuid::Uuid::new_v4(), 0, 10).await)?, Vec::new(), "of a task nobody stored");
    Ok(())
}

async fn revisions_are_checked(fresh: EmptyStorage) -> CheckResult {
    let first = stored(&*fresh, |_| ()).await?;
    ensure!(refused(&fresh.commit(bare(first.clone())).await), "a task was inserted twice");
    let second = next(&first, "two", 1);
    good(fresh.commit(second.clone()).await)?;
    ensure!(refused(&fresh.commit(second.clone()).await), "a revision was stored twice");
    ensure!(refused(&fresh.commit(bare(first)).await), "a task at revision 2 was inserted again");
    let mut skips = next(&second.task, "four", 2);
    skips.task.revision = 4;
    ensure!(refused(&fresh.commit(skips).await), "a revision was skipped");
    let unborn = next(&task(), "two", 1);
    ensure!(refused(&fresh.commit(unborn.clone()).await), "a task nobody stored was changed");
    ensure_eq!(good(fresh.task(unborn.task.id).await)?, None, "a task nobody stored");
    let zero = Task { revision: 0, ..task() };
    ensure!(refused(&fresh.commit(bare(zero)).await), "a task was stored at revision 0");
    ensure_eq!(good(fresh.history(second.task.id, 0, 10).await)?.len(), 1, "history entries");
    Ok(())
}

async fn one_writer_wins(fresh: EmptyStorage) -> CheckResult {
    let first = stored(&*fresh, |_| ()).await?;
    let racers: Vec<_> = (0..16).map(|n| fresh.commit(next(&first, &format!("state_{n}"), 1))).collect();
    let mut won = 0;
    for outcome in together(racers).await {
        match outcome {
            Ok(()) => won += 1,
            Err(StorageError::Conflict(_)) => {}
            Err(other) => return Err(other.to_string()),
        }
    }
    ensure_eq!(won, 1, "winners");
    ensure_eq!(good(fresh.history(first.id, 0, 100).await)?.len(), 1, "history entries");
    Ok(())
}

async fn a_checkpoint_is_whole_or_absent(fresh: EmptyStorage) -> CheckResult {
    let parent = asleep(&stored(&*fresh, |_| ()).await?, 1, None);
    good(fresh.commit(parent.clone()).await)?;
    let first = stored(&*fresh, |task| task.parent_id = Some(parent.task.id)).await?;
    let mut once = next(&first, "two", 1);
    once.applied = Some(applied("key"));
    good(fresh.commit(once.clone()).await)?;
    let child = Task { parent_id: Some(first.id), ..task() };
    for spoilt in [0, 1] {
        let mut checkpoint = next(&once.task, "three", 2);
        checkpoint.sub_tasks = vec![child.clone()];
        checkpoint.index = Some(vec![customer("7", "customer")]);
        checkpoint.definitions = vec![definition("never")];
        checkpoint.notify_parent = Some(parent.task.id);
        checkpoint.applied = Some(applied(if spoilt == 0 { "key" } else { "other" }));
        if let Some(entry) = checkpoint.transitions.first_mut().filter(|_| spoilt == 1) {
            entry.seq = 9;
        }
        ensure!(fresh.commit(checkpoint).await.is_err(), "a spoilt checkpoint was stored");
        ensure_eq!(good(fresh.task(first.id).await)?.map(|t| t.state), Some("two".into()), "the state");
        ensure_eq!(good(fresh.task(child.id).await)?, None, "its sub-task");
        ensure_eq!(good(fresh.history(first.id, 0, 9).await)?.len(), 1, "history entries");
        ensure_eq!(good(fresh.applied(first.id, "other").await)?, None, "the key");
        ensure_eq!(good(fresh.definition(&definition("never").digest).await)?, None, "its definition");
        let reference = Some(("customer".into(), "7".into(), None));
        ensure_eq!(good(fresh.count(&Filter { reference, ..Filter::default() }).await)?, 0, "tasks found");
        ensure_eq!(good(fresh.claim(parent.task.id, moment(2), LEASE).await)?.wakes, 0, "wakes of the parent");
        good(fresh.release(&good(fresh.claim(parent.task.id, moment(99), LEASE).await)?.claim).await)?;
    }
    Ok(())
}

async fn history_has_no_gaps(fresh: EmptyStorage) -> CheckResult {
    let first = stored(&*fresh, |_| ()).await?;
    let good_one = next(&first, "two", 1);
    for wrong in [0, 2, 7] {
        let mut checkpoint = good_one.clone();
        checkpoint.transitions.iter_mut().for_each(|entry| entry.seq = wrong);
        let outcome = fresh.commit(checkpoint).await;
        let corrupt = matches!(outcome, Err(StorageError::Corrupt { .. }));
        ensure!(corrupt, "entry {wrong} in place of entry 1 gave {outcome:?}");
    }
    good(fresh.commit(good_one.clone()).await)?;
    let mut repeat = next(&good_one.task, "three", 2);
    repeat.transitions.iter_mut().for_each(|entry| entry.seq = 1);
    ensure!(fresh.commit(repeat).await.is_err(), "entry 1 was stored twice");
    let mut burst = next(&good_one.task, "three", 2);
    burst.transitions = (2..=50).map(|seq| super::sample::entry(seq, "a", "b", 2)).collect();
    good(fresh.commit(burst).await)?;
    let seqs: Vec<_> = good(fresh.history(first.id, 0, 100).await)?.iter().map(|entry| entry.seq).collect();
    ensure_eq!(seqs, (1..=50).collect::<Vec<u64>>(), "the entries");
    Ok(())
}

async fn a_key_is_applied_once(fresh: EmptyStorage) -> CheckResult {
    let first = stored(&*fresh, |_| ()).await?;
    let mut one = next(&first, "two", 1);
    one.applied = Some(applied("k1"));
    good(fresh.commit(one.clone()).await)?;
    ensure_eq!(good(fresh.applied(first.id, "k1").await)?, Some(applied("k1")), "the interaction");
    ensure_eq!(good(fresh.applied(first.id, "k2").await)?, None, "an interaction nobody applied");
    let mut again = next(&one.task, "three", 2);
    again.applied = Some(applied("k1"));
    ensure!(refused(&fresh.commit(again.clone()).await), "a key was applied twice");
    again.applied = Some(applied("k2"));
    good(fresh.commit(again).await)?;
    let other = stored(&*fresh, |_| ()).await?;
    let mut elsewhere = next(&other, "two", 1);
    elsewhere.applied = Some(applied("k1"));
    good(fresh.commit(elsewhere).await)
}

async fn sub_tasks_are_inserted_once(fresh: EmptyStorage) -> CheckResult {
    let first = stored(&*fresh, |_| ()).await?;
    let child = Task { parent_id: Some(first.id), ..task() };
    let mut starts = next(&first, "two", 1);
    starts.sub_tasks = vec![child.clone(), child.clone()];
    good(fresh.commit(starts.clone()).await)?;
    let moved = next(&child, "moved", 2);
    good(fresh.commit(moved.clone()).await)?;
    let mut repeats = next(&starts.task, "three", 3);
    let sibling = Task { parent_id: Some(first.id), ..task() };
    repeats.sub_tasks = vec![child.clone(), sibling.clone()];
    good(fresh.commit(repeats).await)?;
    ensure_eq!(good(fresh.task(child.id).await)?, Some(*moved.task), "the sub-task that was there");
    ensure_eq!(good(fresh.task(sibling.id).await)?, Some(sibling), "the new sub-task");
    Ok(())
}

async fn a_definition_is_kept(fresh: EmptyStorage) -> CheckResult {
    let kept = definition("sample");
    let mut checkpoint = bare(task());
    checkpoint.definitions = vec![Arc::clone(&kept)];
    good(fresh.commit(checkpoint.clone()).await)?;
    let renamed = crate::task::Definition { file: "other.yml".into(), ..(*kept).clone() };
    checkpoint.definitions = vec![Arc::new(renamed)];
    checkpoint.task.id = uuid::Uuid::new_v4();
    good(fresh.commit(checkpoint).await)?;
    ensure_eq!(good(fresh.definition(&kept.digest).await)?.as_ref(), Some(&*kept), "the definition");
    ensure_eq!(good(fresh.definition(&Digest::of("nothing")).await)?, None, "a definition nobody stored");
    Ok(())
}

async fn batches_are_kept_apart(fresh: EmptyStorage) -> CheckResult {
    let (first, second) = (task(), task());
    let (stale, early) = (next(&Task { revision: 5, ..second.clone() }, "late", 9), next(&task(), "early", 9));
    let moved = next(&first, "b", 1);
    let again = next(&moved.task, "c", 2);
    let batch = vec![bare(first.clone()), bare(second.clone()), stale, moved, early, again, bare(second.clone())];
    let refusals: Vec<bool> = fresh.commit_many(batch).await.iter().map(refused).collect();
    ensure_eq!(refusals, vec![false, false, true, false, true, false, true], "which are refused");
    let read = good(fresh.task(first.id).await)?.ok_or("the first task is not there")?;
    ensure_eq!((read.revision, &*read.state), (3, "c"), "the first task");
    let read = good(fresh.task(second.id).await)?.ok_or("the second task is not there")?;
    ensure_eq!((read.revision, &read.state), (1, &second.state), "the second task");
    ensure_eq!(good(fresh.history(first.id, 0, 10).await)?.len(), 2, "entries of the first task");
    ensure_eq!(fresh.commit_many(Vec::new()).await.len(), 0, "results of none");
    Ok(())
}
