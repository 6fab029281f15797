use std::path::Path;

use rusqlite::Connection;

use super::{first, opened, task};
use crate::storage::{Sqlite, Storage, StorageError};

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
    assert!(matches!(why, StorageError::Newer { found: 99, known: 1, .. }), "{why}");
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
