//! Full, locked, damaged, closed.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration as Lease;

use rusqlite::Connection;

use super::{first, next, opened, task};
use crate::storage::sqlite::writer::Flush;
use crate::storage::suite::moment;
use crate::storage::{Filter, Sqlite, Storage, StorageError, Wanted};
use crate::task::Checkpoint;
use crate::value::Value;

async fn execute(storage: &Sqlite, sql: &'static str) {
    storage.write(Flush::No, move |db| Ok(db.execute_batch(sql)?)).await.unwrap();
}

/// Queues a write without waiting for it.
fn queue<T>(write: impl Future<Output = T>) {
    let waits = pin!(write).poll(&mut Context::from_waker(Waker::noop()));
    assert!(waits.is_pending());
}

/// A checkpoint that takes some room.
fn large() -> Checkpoint {
    let mut checkpoint = first(&task());
    checkpoint.task.output = Value::text("x".repeat(200_000));
    checkpoint
}

#[tokio::test]
async fn a_full_disk_loses_only_what_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let storage = opened(&folder.path().join("tasks.db")).await;
    let small = first(&task());
    storage.commit(small.clone()).await.unwrap();
    execute(&storage, "PRAGMA max_page_count = 60").await;
    let refused = large();
    let why = storage.commit(refused.clone()).await.unwrap_err();
    assert!(matches!(&why, StorageError::Engine { reason, .. } if reason.contains("disk is full")), "{why}");
    assert_eq!(storage.task(refused.task.id).await.unwrap(), None);
    storage.commit(next(&small.task, "two", 1)).await.unwrap();
    execute(&storage, "PRAGMA max_page_count = 100000").await;
    storage.commit(refused).await.unwrap();
    assert_eq!(storage.count(&Filter::default()).await.unwrap(), 2);
}

#[tokio::test]
async fn on_a_full_disk_nobody_of_a_group_is_told_a_lie() {
    let folder = tempfile::tempdir().unwrap();
    let storage = opened(&folder.path().join("tasks.db")).await;
    execute(&storage, "PRAGMA max_page_count = 60").await;
    let group = [first(&task()), large(), first(&task())];
    let [one, two, three] = &group;
    let stalled = stall(&storage);
    let (one, two, three) = {
        let outcomes = async {
            tokio::join!(storage.commit(one.clone()), storage.commit(two.clone()), storage.commit(three.clone()))
        };
        let mut outcomes = pin!(outcomes);
        assert!(outcomes.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(stalled);
        outcomes.await
    };
    assert!(two.is_err());
    for (checkpoint, outcome) in group.iter().zip([one, two, three]) {
        let stored = storage.task(checkpoint.task.id).await.unwrap().is_some();
        assert_eq!(stored, outcome.is_ok(), "{outcome:?}");
    }
}

/// Lets every COMMIT that stores a task fail, as on a disk that is full only then: what may stay until then breaks a rule
/// that is looked at last.
const FAIL_AT_COMMIT: &str = "PRAGMA foreign_keys = ON;
    CREATE TABLE rule (of INTEGER REFERENCES definitions (digest) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER breaks AFTER INSERT ON tasks BEGIN INSERT INTO rule VALUES ('nothing'); END;";

#[tokio::test]
async fn a_commit_that_fails_at_its_end_acknowledges_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let storage = opened(&folder.path().join("tasks.db")).await;
    let (known, active) = (first(&task()), first(&task()));
    storage.commit(known.clone()).await.unwrap();
    storage.commit(active.clone()).await.unwrap();
    unlogged(&storage, FAIL_AT_COMMIT).await;
    let mut subscription = storage.subscribe();
    let fresh = [first(&task()), first(&task())];
    let (lease, now) = (Lease::from_secs(9), moment(1));
    let note = serde_json::json!("r");
    // Flushed and not, one that would be refused anyhow, and one by itself.
    let stalled = stall(&storage);
    let all = async {
        tokio::join!(
            storage.commit(fresh[0].clone()),
            storage.claim(active.task.id, now, lease),
            storage.commit(next(&known.task, "two", 1)),
            storage.commit(known.clone()),
            storage.set_note("f", None, Some(&note)),
        )
    };
    let mut all = pin!(all);
    assert!(all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(stalled);
    let (one, claim, two, refused, set) = all.await;
    let lost = |why: &StorageError| matches!(why, StorageError::Engine { .. });
    assert!(lost(&one.unwrap_err()) && lost(&claim.unwrap_err()) && lost(&two.unwrap_err()) && lost(&set.unwrap_err()));
    assert!(matches!(refused, Err(StorageError::Conflict(_))), "{refused:?}");
    assert!(lost(&storage.commit(fresh[1].clone()).await.unwrap_err()));
    let sleeps = pin!(subscription.due_before(None)).poll(&mut Context::from_waker(Waker::noop()));
    assert!(sleeps.is_pending(), "nothing was stored");
    // All is as it was, and the next is stored.
    unlogged(&storage, "DROP TRIGGER breaks").await;
    assert_eq!(storage.count(&Filter::default()).await.unwrap(), 2);
    assert_eq!(storage.task(known.task.id).await.unwrap().unwrap().revision, 1);
    assert_eq!(storage.note("f").await.unwrap(), None);
    storage.claim(active.task.id, now, lease).await.unwrap();
    storage.commit(fresh[0].clone()).await.unwrap();
}

#[tokio::test]
async fn a_group_is_flushed_if_one_of_it_is_and_none_waits_for_company() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(folder.path().join("tasks.db")).await.unwrap();
    let look = |db: &Connection| Ok(db.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))?);
    let flushes = |flush| storage.write(flush, look);
    let (full, normal) = (2, 1);
    // By themselves: nothing else is queued, and each is answered.
    assert_eq!([flushes(Flush::No).await.unwrap(), flushes(Flush::Yes).await.unwrap()], [normal, full]);
    for (first, second) in [(Flush::No, Flush::Yes), (Flush::Yes, Flush::No)] {
        let stalled = stall(&storage);
        let both = async { tokio::join!(flushes(first), flushes(second)) };
        let mut both = pin!(both);
        assert!(both.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(stalled);
        let (one, two) = both.await;
        assert_eq!([one.unwrap(), two.unwrap()], [full, full]);
    }
    let normal_at_best = opened(&folder.path().join("normal.db")).await;
    assert_eq!(normal_at_best.write(Flush::Yes, look).await.unwrap(), normal);
}

/// Runs statements on the writer's connection outside of a transaction.
async fn unlogged(storage: &Sqlite, sql: &'static str) {
    storage.write(Flush::No, move |db| Ok(db.execute_batch(&format!("COMMIT; {sql}; BEGIN"))?)).await.unwrap();
}

/// Keeps the writer busy until the returned value is dropped. Everything queued meanwhile is one group.
fn stall(storage: &Sqlite) -> std::sync::mpsc::Sender<()> {
    let (begins, began) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    queue(storage.write(Flush::No, move |_| {
        begins.send(()).unwrap();
        let _ = wait.recv();
        Ok(())
    }));
    began.recv().unwrap();
    go_on
}

#[tokio::test]
async fn in_a_group_a_conflict_spoils_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let storage = opened(&folder.path().join("tasks.db")).await;
    let known = first(&task());
    storage.commit(known.clone()).await.unwrap();
    let fresh = [first(&task()), first(&task())];
    let [one, two] = fresh.clone();
    let stalled = stall(&storage);
    let all = async {
        tokio::join!(
            storage.commit(one),
            storage.commit(known.clone()),
            storage.commit(two),
            storage.commit(known.clone())
        )
    };
    let mut all = pin!(all);
    assert!(all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(stalled);
    let (one, again, two, and_again) = all.await;
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    for refused in [again, and_again] {
        assert!(matches!(refused, Err(StorageError::Conflict(id)) if id == known.task.id), "{refused:?}");
    }
    assert_eq!(storage.count(&Filter::default()).await.unwrap(), 3);
}

#[tokio::test]
async fn what_is_queued_when_it_is_dropped_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let storage = opened(&file).await;
    let stalled = stall(&storage);
    for _ in 0..50 {
        queue(storage.commit(first(&task())));
    }
    drop(stalled);
    drop(storage);
    assert_eq!(opened(&file).await.count(&Filter::default()).await.unwrap(), 50);
}

#[tokio::test]
async fn a_lock_that_lasts_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let storage = opened(&file).await;
    execute(&storage, "PRAGMA busy_timeout = 20").await;
    let other = Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let checkpoint = first(&task());
    let why = storage.commit(checkpoint.clone()).await.unwrap_err().to_string();
    assert!(why.contains("locked by another process"), "{why}");
    // Reading goes on.
    assert_eq!(storage.count(&Filter::default()).await.unwrap(), 0);
    other.execute_batch("ROLLBACK").unwrap();
    storage.commit(checkpoint).await.unwrap();
}

#[tokio::test]
async fn a_damaged_task_is_named_and_keeps_no_other_from_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let storage = opened(&folder.path().join("tasks.db")).await;
    let (damaged, whole) = (first(&task()), first(&task()));
    storage.commit(damaged.clone()).await.unwrap();
    execute(&storage, "UPDATE tasks SET attributes = '{\"a\":', priority = 9").await;
    storage.commit(whole.clone()).await.unwrap();
    let due = storage.claim_due(moment(1), &Wanted::all(), 2, Lease::from_secs(9)).await.unwrap();
    assert_eq!(due.iter().map(|claimed| claimed.task.id).collect::<Vec<_>>(), [whole.task.id]);
    let why = storage.task(damaged.task.id).await.unwrap_err();
    assert!(matches!(why, StorageError::Corrupt { .. }), "{why}");
    let why = why.to_string();
    assert!(why.contains("`attributes`") && why.contains(&damaged.task.id.to_string()), "{why}");
}
