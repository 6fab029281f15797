use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use super::suite::{self, CrashPoint, Faulty};
use super::{Filter, Memory, Storage, StorageError, open};

#[tokio::test]
async fn memory_keeps_every_promise() {
    let outcome = suite::run(async || Ok(Arc::new(Memory::new()) as _)).await;
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::sync::atomic::AtomicUsize::new(0);
    let outcome = suite::run(async || {
        let n = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let options = super::Sqlite::options().durability(super::Durability::Normal);
        Ok(Arc::new(options.open(folder.path().join(format!("{n}.db"))).await?) as _)
    })
    .await;
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

#[tokio::test]
async fn the_suite_finds_a_storage_that_stops() {
    let make = async || Ok(Arc::new(Faulty::new(Memory::new(), 2, CrashPoint::After)) as _);
    let broken = suite::run(make).await.unwrap_err();
    assert!(broken.iter().count() > 20, "{broken}");
    assert!(broken.to_string().contains("a checkpoint is whole or absent: faulty storage: it has stopped"), "{broken}");
}

#[tokio::test]
async fn a_faulty_storage_stops_at_its_nth_write_and_stays_so() {
    for (stop, kept) in [(CrashPoint::Before, 2), (CrashPoint::After, 3)] {
        let memory = Arc::new(Memory::new());
        let faulty = Faulty::new(Arc::clone(&memory), 3, stop);
        let mut checkpoint = suite::next(&suite::task(), "two", 1);
        for outcome in [true, true, false, false] {
            checkpoint.task.id = uuid::Uuid::new_v4();
            checkpoint.task.revision = 1;
            assert_eq!(faulty.commit(checkpoint.clone()).await.is_ok(), outcome);
        }
        assert!(faulty.has_stopped() && faulty.tasks(&Filter::default()).await.is_err());
        assert_eq!((faulty.writes(), memory.count(&Filter::default()).await.unwrap()), (3, kept));
    }
}

#[tokio::test]
async fn storages_are_opened_by_url() {
    open("memory:").await.unwrap();
    let unknown = open("postgres://ann:hunter2@db/x").await.err().unwrap();
    assert!(matches!(&unknown, StorageError::Unknown { scheme, .. } if scheme == "postgres"));
    assert!(unknown.to_string().contains("`memory:`") && !unknown.to_string().contains("hunter2"));
    assert!(matches!(open("tasks.db").await.err().unwrap(), StorageError::Unknown { .. }));
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_file_is_opened_by_url() {
    let folder = tempfile::tempdir().unwrap();
    for (slashes, name) in [("", "a.db"), ("//", "b.db")] {
        let path = folder.path().join("new/folder").join(name);
        open(&format!("sqlite:{slashes}{}", path.display())).await.unwrap();
        assert!(path.is_file());
    }
    for (url, says) in [
        ("sqlite:", "path of the file is missing"),
        ("sqlite:?durability=full", "path of the file is missing"),
        ("sqlite::memory:", "`memory:`"),
    ] {
        let why = open(url).await.err().unwrap().to_string();
        assert!(why.contains(says), "{why}");
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn options_stand_behind_the_path_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = |rest: &str| format!("sqlite:{}/{rest}", folder.path().display());
    for (rest, name) in [
        ("a.db?durability=full", "a.db"),
        ("b.db?durability=normal", "b.db"),
        ("really%3F.db", "really?.db"),
        ("100%.db", "100%.db"),
        ("100%%3f%20.db?durability=full", "100%?%20.db"),
        ("%253F.db", "%3F.db"),
    ] {
        drop(open(&url(rest)).await.unwrap());
        assert!(folder.path().join(name).is_file(), "{rest}");
    }
    for given in ["", "durability", "durability=fast", "durability=normal&x=1", "Durability=normal", "really.db"] {
        let why = open(&url(&format!("never.db?{given}"))).await.err().unwrap();
        assert!(matches!(why, StorageError::Option { scheme: "sqlite", .. }), "{why}");
        let says = format!("`{given}` is not an option of `sqlite:`; write `?durability=full` or `?durability=normal`");
        assert!(why.to_string().starts_with(&says) && why.to_string().contains("`%3F`"), "{why}");
    }
    assert!(!folder.path().join("never.db").exists());
    let why = open("memory:?durability=full").await.err().unwrap();
    assert!(matches!(why, StorageError::Option { scheme: "memory", .. }), "{why}");
}

#[test]
fn memory_tells_nobody_who_sleeps_of_what_is_due_later() {
    let memory = Memory::new();
    let mut subscription = memory.subscribe();
    let mut context = Context::from_waker(Waker::noop());
    let store = |wake_at| {
        let mut checkpoint = suite::next(&suite::task(), "on", 1);
        (checkpoint.task.revision, checkpoint.task.status) = (1, crate::task::Status::Waiting);
        checkpoint.task.wake_at = Some(suite::moment(wake_at));
        let mut stores = pin!(memory.commit(checkpoint));
        assert!(stores.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    };
    let mut sleeps = pin!(subscription.due_before(Some(suite::moment(10))));
    assert!(sleeps.as_mut().poll(&mut context).is_pending());
    store(10);
    assert!(sleeps.as_mut().poll(&mut context).is_pending());
    store(9);
    assert!(sleeps.as_mut().poll(&mut context).is_ready());
}
