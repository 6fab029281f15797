use std::sync::Arc;

use super::suite::{self, Faulty, Stop};
use super::{Memory, Storage, StorageError};

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
