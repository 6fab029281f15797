//! Two openings of one file, as two processes have them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration as Lease;

use super::{first, next, opened, task};
use crate::storage::suite::moment;
use crate::storage::{Storage, StorageError};

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
            let mine = storage.claim_due(moment(1), &[], 3, Lease::from_secs(60)).await.unwrap();
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
