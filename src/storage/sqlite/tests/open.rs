use std::path::Path;

use rusqlite::{Connection, params};

use super::{first, next, opened, task};
use crate::clock::from_millis;
use crate::runner::Scheduled;
use crate::storage::sqlite::schema::KNOWN;
use crate::storage::suite::moment;
use crate::storage::{CallInFlight, Held, Sqlite, Storage, StorageError, Wanted};
use crate::task::{Claim, Status, Task};

/// What opening `path` says.
async fn refusal(path: &Path) -> StorageError {
    Sqlite::open(path).await.err().unwrap()
}

#[tokio::test]
async fn what_is_no_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::copy("Cargo.toml", &file).unwrap();
    for (path, says) in [
        (folder.path().to_owned(), "it is a folder"),
        (file.join("tasks.db"), "its folder cannot be made"),
        #[cfg(target_os = "linux")]
        ("/proc/opsflow/tasks.db".into(), "its folder cannot be made"),
        #[cfg(target_os = "linux")]
        ("/proc/tasks.db".into(), "its folder must exist and be writable"),
    ] {
        let why = refusal(&path).await;
        assert!(matches!(&why, StorageError::Engine { reason, .. } if reason.contains(says)), "{why}");
        assert!(why.to_string().starts_with(&path.display().to_string()), "{why}");
    }
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    std::fs::copy("Cargo.toml", &file).unwrap();
    let size = file.metadata().unwrap().len();
    let why = refusal(&file).await;
    assert!(matches!(&why, StorageError::Corrupt { reason, .. } if reason.contains("no SQLite database")), "{why}");
    assert_eq!(file.metadata().unwrap().len(), size);
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.db");
    for version in [0, 1, 7] {
        let other = Connection::open(&file).unwrap();
        let sql = format!("CREATE TABLE IF NOT EXISTS tasks (x); PRAGMA user_version = {version}");
        other.execute_batch(&sql).unwrap();
        let why = refusal(&file).await;
        assert!(why.to_string().contains("another program"), "{why}");
        let tables: i64 = other.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1);
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    drop(opened(&file).await);
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let why = refusal(&file).await;
    assert!(matches!(why, StorageError::Newer { found: 99, known: KNOWN, .. }), "{why}");
}

/// Writes a file as the program did that knew schema 1, with a task that sleeps, its history, and an old sub-task.
fn write_schema_1(file: &Path, sleeper: &Task) {
    let old = Connection::open(file).unwrap();
    old.execute_batch(include_str!("../schema_1.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x6f70_7366_i64).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let digest = sleeper.digest.to_string();
    let wake_at = sleeper.wake_at.map(|at| at.timestamp_millis());
    let (id, at) = (sleeper.id.to_string(), sleeper.created_at.timestamp_millis());
    let progress = r#"{"seq":1,"arrived_at":null,"attempt":0,"began_at":null,"visits":[],"error":null,"depth":0,"started":0,"pins":{}}"#;
    let sql = "INSERT INTO tasks (id, flow, version, digest, status, state, queue, priority, revision, seq, parent_id, \
               created_at, updated_at, wake_at, delete_at, attributes, progress, wakes, woken_at) \
               VALUES (?1, 'sample', 1, ?2, ?3, 'start', 'default', 0, 1, 1, ?4, ?5, ?5, ?6, ?7, '{}', ?8, ?9, ?10)";
    let mut insert = old.prepare(sql).unwrap();
    insert
        .execute(params![id, digest, "waiting", None::<String>, at, wake_at, None::<i64>, progress, 1, at + 7_000])
        .unwrap();
    let child = uuid::Uuid::new_v4().to_string();
    insert.execute(params![child, digest, "completed", id, at, None::<i64>, at, progress, 0, None::<i64>]).unwrap();
    let sql = "INSERT INTO history (task, seq, at, from_state, to_state, cause, ms) VALUES (1, 1, ?, 'start', 'start', 'wake', 5)";
    old.execute(sql, [at]).unwrap();
}

#[tokio::test]
async fn a_file_of_an_older_schema_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let mut sleeper = task();
    (sleeper.status, sleeper.wake_at, sleeper.progress.seq) = (Status::Waiting, Some(moment(500)), 1);
    write_schema_1(&file, &sleeper);
    let storage = opened(&file).await;
    assert_eq!(storage.task(sleeper.id).await.unwrap().as_ref(), Some(&sleeper));
    assert_eq!(storage.history(sleeper.id, 0, 9).await.unwrap().len(), 1);
    assert_eq!(storage.next_due(&Wanted::all()).await.unwrap(), Some(moment(7)));
    assert_eq!(storage.delete_old(moment(1), 9).await.unwrap(), 0);
    // New features work on an old file.
    let claimed = storage
        .claim_due(moment(8), &Wanted::all(), 9, std::time::Duration::from_secs(9))
        .await
        .unwrap()
        .pop()
        .unwrap();
    let mut rests = next(&claimed.task, "on", 8);
    (rests.claim, rests.releases, rests.not_before) = (Some(claimed.claim), true, Some(moment(60)));
    storage.commit(rests.clone()).await.unwrap();
    assert_eq!(storage.next_due(&Wanted::all()).await.unwrap(), Some(moment(60)));
    let mut done = next(&rests.task, "done", 9);
    done.task.status = Status::Completed;
    storage.commit(done).await.unwrap();
    assert_eq!(storage.delete_old(moment(10), 9).await.unwrap(), 1);
    assert_eq!(storage.note("sample").await.unwrap(), None);
    drop(storage);
    let version = Connection::open(&file).unwrap().pragma_query_value(None, "user_version", |row| row.get(0));
    assert_eq!(version, Ok(KNOWN));
    opened(&file).await.task(sleeper.id).await.unwrap().unwrap();
}

#[tokio::test]
async fn history_of_the_schema_before_is_read_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let old = Connection::open(&file).unwrap();
    old.execute_batch(include_str!("../schema_1.sql")).unwrap();
    old.execute_batch(include_str!("../schema_2.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x6f70_7366_i64).unwrap();
    old.pragma_update(None, "user_version", 2).unwrap();
    let id = uuid::Uuid::new_v4();
    // As the program of schema 2 wrote them, with the failed try that stood with the task.
    let progress = r#"{"seq":2,"arrived_at":"2026-11-23T09:00:00Z","attempt":2,"began_at":null,"retry_at":"2026-11-23T10:00:00Z",
        "tried":{"seq":2,"attempt":1,"attempts":3,"kind":"busy","message":"not yet","again_at":"2026-11-23T10:00:00Z"},
        "clock_at":null,"idle":0,"visits":[["start",1]],"error":null,"depth":0,"started":0,"pins":{}}"#;
    let sql = "INSERT INTO tasks (id, flow, version, digest, status, state, queue, priority, revision, seq, \
               created_at, updated_at, attributes, progress) \
               VALUES (?1, 'sample', 1, ?2, 'waiting', 'start', 'default', 0, 2, 2, 1000, 2000, '{\"total\":7}', ?3)";
    old.execute(sql, params![id.to_string(), "0".repeat(64), progress]).unwrap();
    let sql = "INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, steps, ms) \
               VALUES (1, ?1, 2000, 'start', 'start', ?2, ?3, ?4, ?5, 5)";
    let changes = r#"{"total":[null,7]}"#;
    old.execute(sql, params![1, "interaction", "add!", changes, None::<String>]).unwrap();
    let steps = r#"[{"call":"http::get","outcome":"http","ms":31}]"#;
    old.execute(sql, params![2, "retry", None::<String>, None::<String>, steps]).unwrap();
    drop(old);
    let storage = opened(&file).await;
    let task = storage.task(id).await.unwrap().unwrap();
    assert_eq!((task.progress.attempt, task.progress.retry_at.is_some()), (2, true));
    let history = storage.history(id, 0, 9).await.unwrap();
    assert_eq!(history[0].by.as_deref(), Some("add!"));
    assert_eq!(serde_json::to_string(&history[0].changes).unwrap(), changes);
    assert_eq!(serde_json::to_string(&history[1].steps).unwrap(), steps);
    assert!(history.iter().all(|entry| entry.error.is_none() && !entry.omitted));
    let goes_on = next(&task, "on", 8);
    storage.commit(goes_on.clone()).await.unwrap();
    assert_eq!(storage.history(id, 2, 9).await.unwrap(), goes_on.transitions);
}

/// A file as the program wrote it that knew schema 4.
fn write_schema_4(file: &Path) {
    let old = Connection::open(file).unwrap();
    old.execute_batch(include_str!("../../../../tests/cli/older/schema_4.sql")).unwrap();
    let version: u32 = old.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 4);
}

#[tokio::test]
async fn schedules_of_schema_4_are_notes_now() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    write_schema_4(&file);
    let storage = opened(&file).await;
    let seen = Scheduled::of(&storage, "nightly").await.unwrap().unwrap();
    let task_id = "a6ee41e4-f7e3-5e91-9e4a-1ed60bef234b".parse().ok();
    let expected =
        Scheduled { rule: "* * * * * Europe/Rome".into(), seen_until: from_millis(1_795_972_020_000), task_id };
    assert_eq!(seen, expected);
    let now = Scheduled { seen_until: moment(9), ..seen.clone() };
    assert!(Scheduled::set(&storage, "nightly", Some(&seen), &now).await.unwrap());
    assert_eq!(Scheduled::of(&storage, "nightly").await.unwrap(), Some(now));
    let counts: Vec<String> =
        storage.counts().await.unwrap().iter().map(|c| format!("{} {}", c.state, c.tasks)).collect();
    assert_eq!(counts, ["start 1", "paid? 1", "start 1"]);
}

#[tokio::test]
async fn a_claim_of_the_schema_before_has_no_holder_and_still_holds() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let sleeper = Task { status: Status::Waiting, ..task() };
    write_schema_1(&file, &sleeper);
    let old = Connection::open(&file).unwrap();
    old.execute_batch(include_str!("../schema_2.sql")).unwrap();
    old.execute_batch(include_str!("../schema_3.sql")).unwrap();
    old.pragma_update(None, "user_version", 3).unwrap();
    let (token, until) = (uuid::Uuid::new_v4(), moment(10).timestamp_millis());
    let sql = "UPDATE tasks SET claim = ?1, claim_until = ?2, claim_lease = 10000 WHERE id = ?3";
    old.execute(sql, params![token.to_string(), until, sleeper.id.to_string()]).unwrap();
    drop(old);
    let storage = opened(&file).await;
    let held = storage.held(sleeper.id).await.unwrap();
    assert_eq!(held, Some(Held { holder: None, until: moment(10), call: None }));
    let lease = std::time::Duration::from_secs(10);
    let refused = storage.claim(sleeper.id, moment(1), lease).await;
    assert!(matches!(refused, Err(StorageError::Conflict(_))), "{refused:?}");
    let claim = Claim { task_id: sleeper.id, token, until: moment(10), lease };
    let call = CallInFlight { function: "http::post".into(), since: moment(2) };
    storage.note_call(&claim, &call).await.unwrap();
    assert_eq!(storage.held(sleeper.id).await.unwrap().unwrap().call, Some(call));
    storage.claim(sleeper.id, moment(11), lease).await.unwrap();
    let held = storage.held(sleeper.id).await.unwrap().unwrap();
    assert_eq!((held.holder, held.call), (Some(storage.holder.clone()), None));
}

#[tokio::test]
async fn a_closed_file_is_one_file_and_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let task = task();
    let storage = opened(&file).await;
    storage.commit(first(&task)).await.unwrap();
    assert_eq!(storage.task(task.id).await.unwrap().unwrap().id, task.id);
    drop(storage);
    let names: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["tasks.db"]);
    assert_eq!(opened(&file).await.task(task.id).await.unwrap(), Some(task));
}

#[test]
fn many_open_a_new_file_at_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks.db");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                    runtime.block_on(async { opened(&file).await.commit(first(&task())).await.unwrap() });
                });
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let count = runtime.block_on(async { opened(&file).await.count(&Default::default()).await.unwrap() });
        assert_eq!(count, 8);
    }
}
