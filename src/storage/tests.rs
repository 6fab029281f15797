use std::sync::Arc;

use super::suite::{self, Faulty, Stop};
use super::{Memory, Storage, StorageError};

#[tokio::test]
async fn memory_keeps_every_promise() {
    let outcome = suite::run(async || Ok(Arc::new(Memory::new()) as _)).await;
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}
