//! Two openings of one file, as two processes have them.

use std::collections::BTreeSet;
use std::path::Path;
use std::pin::pin;
use std::sync::{Mutex, mpsc};
use std::task::{Context, Waker};
use std::time::Duration as Lease;

use super::{first, next, opened, task};
use crate::storage::suite::{self, moment};
use crate::storage::{CallInFlight, Held, Storage, StorageError, Wanted};
use crate::task::{Claim, Status, Task};

const TASKS: usize = 40;

/// Runs `work` on two threads, each with an opening of `file` of its own.
fn twice(file: &Path, work: impl AsyncFn(&dyn Storage) + Sync) {
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async { work(&opened(file).await).await });
            });
        }
    });
}

#[test]
fn each_due_task_is_claimed_and_advanced_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let tasks: Vec<_> = (0..TASKS).map(|_| task()).collect();
    let claimed = Mutex::new(Vec::new());
    twice(&file, async |storage| {
        for task in &tasks {
            // Both insert each task: one of them finds it there.
            match storage.commit(first(task)).await {
                Ok(()) | Err(StorageError::Conflict(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        loop {
            let mine = storage.claim_due(moment(1), &Wanted::all(), 3, Lease::from_secs(60)).await.unwrap();
            if mine.is_empty() {
                break;
            }
            for one in mine {
                let mut done = next(&one.task, "done", 2);
                done.task.status = crate::task::Status::Completed;
                (done.claim, done.releases) = (Some(one.claim), true);
                storage.commit(done).await.unwrap();
                claimed.lock().unwrap().push(one.task.id);
            }
        }
    });
    let claimed = claimed.into_inner().unwrap();
    assert_eq!(claimed.len(), TASKS);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), tasks.iter().map(|task| task.id).collect());
}

#[test]
fn who_sleeps_hears_what_another_opening_stores() {
    const ROUNDS: usize = 5;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    // One listens and lets the other know; the other stores and waits for it.
    let (listens, is_awaited) = mpsc::channel();
    let (hears, has_subscribers) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let storage = opened(&file).await;
                // A subscriber that left earlier does not silence the others.
                drop(storage.subscribe());
                let mut subscription = storage.subscribe();
                for round in 0..ROUNDS {
                    assert_eq!(storage.next_due(&Wanted::all()).await.unwrap(), None);
                    listens.send(()).unwrap();
                    while storage.next_due(&Wanted::all()).await.unwrap().is_none() {
                        assert!(suite::hears(&mut subscription, Some(1_000)).await, "it was missed in round {round}");
                    }
                    let due = storage.claim_due(moment(500), &Wanted::all(), 9, Lease::from_secs(9)).await.unwrap();
                    storage.delete(due[0].task.id, moment(509)).await.unwrap();
                    hears.send(()).unwrap();
                }
            });
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let storage = opened(&file).await;
            for _ in 0..ROUNDS {
                is_awaited.recv().unwrap();
                let sleeper = Task { status: Status::Waiting, wake_at: Some(moment(500)), ..task() };
                storage.commit(first(&sleeper)).await.unwrap();
                has_subscribers.recv().unwrap();
            }
        });
    });
}

#[tokio::test]
async fn who_sleeps_is_not_told_of_what_this_opening_stores_for_later() {
    let folder = tempfile::tempdir().unwrap();
    let storage = opened(&folder.path().join("tasks.db")).await;
    let mut subscription = storage.subscribe();
    let mut context = Context::from_waker(Waker::noop());
    let mut sleeps = pin!(subscription.due_before(Some(moment(10))));
    let mut is_asleep = || sleeps.as_mut().poll(&mut context).is_pending();
    assert!(is_asleep());
    let parent = Task { status: Status::Waiting, wake_at: Some(moment(500)), ..task() };
    storage.commit(first(&parent)).await.unwrap();
    let mut rests = next(&parent, "on", 1);
    rests.not_before = Some(moment(60));
    storage.commit(rests).await.unwrap();
    let child = Task { status: Status::Waiting, parent_id: Some(parent.id), ..task() };
    storage.commit(first(&child)).await.unwrap();
    let mut ends = next(&child, "done", 2);
    (ends.task.status, ends.notify_parent) = (Status::Completed, Some(parent.id));
    storage.commit(ends).await.unwrap();
    let claimed = storage.claim(child.id, moment(3), Lease::from_secs(60)).await.unwrap();
    storage.release(&claimed.claim).await.unwrap();
    // Several looks at what others have stored.
    for _ in 0..3 {
        storage.watcher.looked().await;
    }
    assert_eq!(storage.next_due(&Wanted::all()).await.unwrap(), Some(moment(60)));
    assert!(is_asleep(), "nothing is due before");
    storage.commit(first(&Task { updated_at: moment(9), ..task() })).await.unwrap();
    assert!(!is_asleep(), "something is");
}

#[test]
fn of_racing_writers_each_revision_has_one_winner() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let task = task();
    let won = Mutex::new(0);
    twice(&file, async |storage| {
        drop(storage.commit(first(&task)).await);
        for _ in 0..TASKS {
            let read = storage.task(task.id).await.unwrap().unwrap();
            match storage.commit(next(&read, "on", 1)).await {
                Ok(()) => *won.lock().unwrap() += 1,
                Err(StorageError::Conflict(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let storage = opened(&file).await;
        let (task, won) = (storage.task(task.id).await.unwrap().unwrap(), won.into_inner().unwrap());
        let history = storage.history(task.id, 0, usize::MAX).await.unwrap();
        assert_eq!((task.revision, history.len() as u64), (won + 1, won));
        assert!(won >= TASKS as u64, "{won}");
    });
}

#[tokio::test]
async fn each_process_sees_who_holds_a_task_and_what_it_calls() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let (mut one, mut two) = (opened(&file).await, opened(&file).await);
    assert!(one.holder.ends_with(&format!(":{}", std::process::id())), "{}", one.holder);
    (one.holder, two.holder) = ("db1:4711".into(), "db2:7".into());
    let task = task();
    let lease = Lease::from_secs(10);
    let claim = Claim::new(task.id, moment(0), lease);
    let mut begins = first(&task);
    begins.claim = Some(claim.clone());
    one.commit(begins).await.unwrap();
    let call = CallInFlight { function: "http::post".into(), since: moment(1) };
    one.note_call(&claim, &call).await.unwrap();
    let held = Held { holder: Some("db1:4711".into()), until: moment(10), call: Some(call) };
    assert_eq!(two.held(task.id).await.unwrap(), Some(held));
    two.claim(task.id, moment(20), lease).await.unwrap();
    let held = Held { holder: Some("db2:7".into()), until: moment(30), call: None };
    assert_eq!(one.held(task.id).await.unwrap(), Some(held.clone()));
    let claimed = one.claim_due(moment(40), &Wanted::all(), 1, lease).await.unwrap().pop().unwrap();
    let held = Held { holder: Some("db1:4711".into()), until: moment(50), ..held };
    assert_eq!(two.held(task.id).await.unwrap(), Some(held));
    one.release(&claimed.claim).await.unwrap();
    assert_eq!(two.held(task.id).await.unwrap(), None);
}

#[test]
fn a_reader_of_the_feed_misses_nothing_of_two_openings() {
    const COMMITS: i64 = 30;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let seen = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async {
                    let storage = opened(&file).await;
                    let mut at = task();
                    storage.commit(first(&at)).await.unwrap();
                    for seconds in 1..=COMMITS {
                        let moved = next(&at, "on", seconds);
                        at = Task::clone(&moved.task);
                        storage.commit(moved).await.unwrap();
                    }
                });
            });
        }
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let mut after = None;
                while seen.lock().unwrap().len() < 2 * (COMMITS as usize + 1) {
                    // Each page by an opening of its own: a cursor is of the file, not of who reads it.
                    let page = opened(&file).await.feed(after.as_ref(), 5).await.unwrap();
                    seen.lock().unwrap().extend(page.entries.iter().map(|entry| (entry.task_id, entry.seq)));
                    after = Some(page.next);
                }
            });
        });
    });
    let seen = seen.into_inner().unwrap();
    let ids: BTreeSet<_> = seen.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), 2);
    for id in ids {
        let of: Vec<u64> = seen.iter().filter(|(of, _)| *of == id).map(|(_, seq)| *seq).collect();
        assert_eq!(of, (0..=COMMITS as u64).collect::<Vec<_>>());
    }
}
