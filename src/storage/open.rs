//! Opening a storage by its URL, and sharing storages.

#[cfg(any(feature = "cli", feature = "sqlite"))]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration as Lease;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::task::{
    Checkpoint, Claim, Definition, Digest, HeldUp, InteractionReceipt, Journal, StepRecord, Task, TaskId, Transition,
};

use super::{
    CallInFlight, Claimed, Cursor, FeedPage, Filter, Held, Memory, Storage, StorageError, Subscription, TaskCount,
    Wanted,
};

/// The URLs that this program knows, for messages.
const KNOWN: &str = if cfg!(feature = "sqlite") { "`memory:` and `sqlite:PATH`" } else { "`memory:`" };

/// Opens the storage at `url`: `memory:`, or `sqlite:` and the path of a file, optionally followed by
/// `?durability=full` (the default) or `?durability=normal`. In the path, write a `?` as `%3F`, and a `%` before `3F`
/// or `25` as `%25`.
pub async fn open(url: &str) -> Result<Arc<dyn Storage>, StorageError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        "memory" => memory_options(options_of(rest).1).map(|()| Arc::new(Memory::new()) as Arc<dyn Storage>),
        #[cfg(feature = "sqlite")]
        "sqlite" => {
            let (path, options) = options_of(rest);
            Ok(Arc::new(sqlite_options(options)?.open(path_of(path)).await?))
        }
        _ => Err(unknown(scheme)),
    }
}

/// Whether [`open`] knows the storage that `url` names, and its options.
#[cfg(feature = "cli")]
pub(crate) fn check(url: &str) -> Result<(), StorageError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        "memory" => memory_options(options_of(rest).1),
        #[cfg(feature = "sqlite")]
        "sqlite" => sqlite_options(options_of(rest).1).map(drop),
        _ => Err(unknown(scheme)),
    }
}

fn unknown(scheme: &str) -> StorageError {
    StorageError::Unknown { scheme: scheme.to_owned(), known: KNOWN.to_owned() }
}

fn memory_options(given: Option<&str>) -> Result<(), StorageError> {
    let known = "there are none: write `memory:`";
    given.map_or(Ok(()), |given| Err(StorageError::Option { scheme: "memory", given: given.to_owned(), known }))
}

/// The file of the storage at `url`, if it has one; none as well if [`open`] refuses the URL's options.
#[cfg(feature = "cli")]
pub(crate) fn file_of(url: &str) -> Option<PathBuf> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    let (path, options) = options_of(Some(rest).filter(|_| scheme == "sqlite")?);
    #[cfg(feature = "sqlite")]
    sqlite_options(options).ok()?;
    let _ = options;
    Some(path_of(path))
}

/// The parts before and after a `?`.
fn options_of(rest: &str) -> (&str, Option<&str>) {
    rest.split_once('?').map_or((rest, None), |(before, behind)| (before, Some(behind)))
}

/// A path without its URL escapes.
#[cfg(any(feature = "cli", feature = "sqlite"))]
fn path_of(text: &str) -> PathBuf {
    let text = text.strip_prefix("//").unwrap_or(text);
    let mut path = String::with_capacity(text.len());
    let mut parts = text.split('%');
    path.extend(parts.next());
    for part in parts {
        let escaped = [("3F", '?'), ("3f", '?'), ("25", '%')];
        let found = escaped.iter().find_map(|(digits, meant)| Some((meant, part.strip_prefix(digits)?)));
        let (sign, rest) = found.unwrap_or((&'%', part));
        path.push(*sign);
        path.push_str(rest);
    }
    path.into()
}

#[cfg(feature = "sqlite")]
fn sqlite_options(given: Option<&str>) -> Result<super::SqliteOptions, StorageError> {
    use super::Durability;
    let durability = match given {
        None | Some("durability=full") => Durability::Full,
        Some("durability=normal") => Durability::Normal,
        Some(given) => {
            let known = "write `?durability=full` or `?durability=normal`; a `?` in a file's name is written `%3F`";
            return Err(StorageError::Option { scheme: "sqlite", given: given.to_owned(), known });
        }
    };
    Ok(super::Sqlite::options().durability(durability))
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
        wanted: &Wanted<'_>,
        limit: usize,
        lease: Lease,
    ) -> Result<Vec<Claimed>, StorageError> {
        (**self).claim_due(now, wanted, limit, lease).await
    }

    async fn extend(&self, claim: &Claim, now: Timestamp, lease: Lease) -> Result<Claim, StorageError> {
        (**self).extend(claim, now, lease).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StorageError> {
        (**self).release(claim).await
    }

    async fn lost(&self, claims: &[Claim]) -> Result<Vec<Claim>, StorageError> {
        (**self).lost(claims).await
    }

    async fn hold_up(&self, claim: &Claim, by: &HeldUp) -> Result<(), StorageError> {
        (**self).hold_up(claim, by).await
    }

    async fn next_due(&self, wanted: &Wanted<'_>) -> Result<Option<Timestamp>, StorageError> {
        (**self).next_due(wanted).await
    }

    async fn append_step(&self, claim: &Claim, step: StepRecord) -> Result<(), StorageError> {
        (**self).append_step(claim, step).await
    }

    async fn journal(&self, id: TaskId) -> Result<Journal, StorageError> {
        (**self).journal(id).await
    }

    async fn note_call(&self, claim: &Claim, call: &CallInFlight) -> Result<(), StorageError> {
        (**self).note_call(claim, call).await
    }

    async fn held(&self, id: TaskId) -> Result<Option<Held>, StorageError> {
        (**self).held(id).await
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

    async fn counts(&self) -> Result<Vec<TaskCount>, StorageError> {
        (**self).counts().await
    }

    async fn history(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, StorageError> {
        (**self).history(id, after, limit).await
    }

    async fn applied(&self, id: TaskId, key: &str) -> Result<Option<InteractionReceipt>, StorageError> {
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

    async fn note(&self, name: &str) -> Result<Option<Json>, StorageError> {
        (**self).note(name).await
    }

    async fn notes(&self, prefix: &str) -> Result<Vec<(Name, Json)>, StorageError> {
        (**self).notes(prefix).await
    }

    async fn set_note(&self, name: &str, before: Option<&Json>, after: Option<&Json>) -> Result<bool, StorageError> {
        (**self).set_note(name, before, after).await
    }

    async fn feed(&self, after: Option<&Cursor>, limit: usize) -> Result<FeedPage, StorageError> {
        (**self).feed(after, limit).await
    }

    async fn feed_end(&self) -> Result<Cursor, StorageError> {
        (**self).feed_end().await
    }

    async fn trim_feed(&self, before: Timestamp, limit: usize) -> Result<usize, StorageError> {
        (**self).trim_feed(before, limit).await
    }

    fn subscribe(&self) -> Subscription {
        (**self).subscribe()
    }
}
