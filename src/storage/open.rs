//! A storage by its URL, and storages that are shared.

use std::sync::Arc;
use std::time::Duration as Lease;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::task::{
    Applied, Checkpoint, Claim, Definition, Digest, Journal, Scheduled, StepRecord, Task, TaskId, Transition,
};

use super::{Claimed, Filter, Listener, Memory, Storage, StorageError};

/// The URLs this program knows, as messages show them.
const KNOWN: &str = if cfg!(feature = "sqlite") { "`memory:` and `sqlite:PATH`" } else { "`memory:`" };

/// Opens the storage at `url`: `memory:`, or `sqlite:` and the path of a file.
pub async fn open(url: &str) -> Result<Arc<dyn Storage>, StorageError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        "memory" => Ok(Arc::new(Memory::new())),
        #[cfg(feature = "sqlite")]
        "sqlite" => Ok(Arc::new(super::Sqlite::open(rest.strip_prefix("//").unwrap_or(rest)).await?)),
        _ => {
            let _ = rest;
            Err(StorageError::Unknown { scheme: scheme.to_owned(), known: KNOWN.to_owned() })
        }
    }
}

#[async_trait]
impl<S: Storage + ?Sized> Storage for Arc<S> {
    async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        (**self).commit(checkpoint).await
    }

    async fn claim(&self, id: TaskId, now: Timestamp, lease: Lease) -> Result<Claimed, StorageError> {
        (**self).claim(id, now, lease).await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        queues: &[Name],
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        (**self).claim_due(now, queues, limit, lease).await
    }

    async fn extend(&self, claim: &Claim, until: Timestamp) -> Result<Claim, StorageError> {
        (**self).extend(claim, until).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        (**self).release(claim).await
    }

    async fn next_due(&self, queues: &[Name]) -> Result<Option<Timestamp>, StorageError> {
        (**self).next_due(queues).await
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        (**self).append_step(claim, step).await
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        (**self).journal(id).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, StorageError> {
        (**self).task(id).await
    }

    async fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        (**self).tasks(filter).await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StorageError> {
        (**self).count(filter).await
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        (**self).history(id, after, limit).await
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<Applied>, StorageError> {
        (**self).applied(id, key).await
    }

    async fn delete(&self, id: TaskId, now: Timestamp) -> Result<bool, StorageError> {
        (**self).delete(id, now).await
    }

    async fn delete_old(&self, now: Timestamp, limit: usize) -> Result<usize, StorageError> {
        (**self).delete_old(now, limit).await
    }

    async fn definition(&self, digest: &Digest) -> Result<Option<Definition>, StorageError> {
        (**self).definition(digest).await
    }

    async fn scheduled(&self, flow: &str) -> Result<Option<Scheduled>, StorageError> {
        (**self).scheduled(flow).await
    }

    async fn set_scheduled(&self, before: Option<&Scheduled>, now: &Scheduled) -> Result<bool, StorageError> {
        (**self).set_scheduled(before, now).await
    }

    fn listen(&self) -> Listener {
        (**self).listen()
    }
}
