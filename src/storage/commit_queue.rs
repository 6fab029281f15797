//! Commits that are asked for at the same time, gathered into batches. For adapters whose engine is reached over a network.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::task::Checkpoint;

use super::{EngineErrorKind, StorageError};

/// Checkpoints that one batch holds at most.
pub const MAX_BATCH: usize = 100;

type Results = Vec<Result<(), StorageError>>;
type Storing = Pin<Box<dyn Future<Output = Results> + Send>>;

/// Gathers commits into batches: while one batch is under way, the next is gathered. A lone commit is stored at once.
///
/// An adapter keeps one of these and calls [`commit`](Self::commit) for `Storage::commit`. What a caller no longer waits for
/// is stored all the same, as if the answer had been lost.
///
/// ```
/// # use opsflow::storage::CommitQueue;
/// # use opsflow::{Memory, Storage};
/// # use std::sync::Arc;
/// let engine = Arc::new(Memory::new());
/// let queue = CommitQueue::new(move |checkpoints| {
///     let engine = Arc::clone(&engine);
///     async move { engine.commit_many(checkpoints).await }
/// });
/// ```
pub struct CommitQueue(Arc<Inner>);

struct Inner {
    store: Box<dyn Fn(Vec<Checkpoint>) -> Storing + Send + Sync>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    commits: VecDeque<(Checkpoint, oneshot::Sender<Result<(), StorageError>>)>,
    /// Whether batches are being stored.
    is_busy: bool,
}

impl CommitQueue {
    /// A queue whose batches are stored by `store`, in order, one at a time. It returns a result for each checkpoint.
    pub fn new<F: Future<Output = Vec<Result<(), StorageError>>> + Send + 'static>(
        store: impl Fn(Vec<Checkpoint>) -> F + Send + Sync + 'static,
    ) -> Self {
        let store = Box::new(move |checkpoints| Box::pin(store(checkpoints)) as Storing);
        Self(Arc::new(Inner { store, waiting: Mutex::default() }))
    }

    /// Stores a checkpoint with the next batch. Needs a tokio runtime.
    pub async fn commit(&self, checkpoint: Checkpoint) -> Result<(), StorageError> {
        let (answer, answered) = oneshot::channel();
        let begins = {
            let mut waiting = self.0.waiting();
            waiting.commits.push_back((checkpoint, answer));
            !std::mem::replace(&mut waiting.is_busy, true)
        };
        if begins {
            // A task of its own: a caller that is dropped must not take the others' commits with it.
            tokio::spawn(Batches(Arc::clone(&self.0)).store());
        }
        answered.await.unwrap_or_else(|_| {
            let reason = "the batch broke off; whether it was stored is not known";
            Err(StorageError::engine(EngineErrorKind::Unreachable, "the commit queue", reason))
        })
    }
}

impl fmt::Debug for CommitQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitQueue").field("waiting", &self.0.waiting().commits.len()).finish()
    }
}

impl Inner {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stores batches until none are left.
struct Batches(Arc<Inner>);

impl Batches {
    async fn store(self) {
        loop {
            let (checkpoints, answers): (Vec<_>, Vec<_>) = {
                let mut waiting = self.0.waiting();
                let count = waiting.commits.len().min(MAX_BATCH);
                if count == 0 {
                    waiting.is_busy = false;
                    return;
                }
                waiting.commits.drain(..count).unzip()
            };
            let results = (self.0.store)(checkpoints).await;
            // A caller that has gone needs no answer; one without a result learns that its answer is lost.
            answers.into_iter().zip(results).for_each(|(answer, result)| drop(answer.send(result)));
        }
    }
}

impl Drop for Batches {
    /// After a panic of the adapter, or at the end of the runtime: those who wait learn of it, and later commits begin anew.
    fn drop(&mut self) {
        let mut waiting = self.0.waiting();
        if std::mem::take(&mut waiting.is_busy) {
            waiting.commits.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;
    use crate::storage::suite::{next, task};
    use crate::storage::{Memory, Storage};
    use crate::task::Task;

    /// The sizes of batches.
    type Sizes = Arc<Mutex<Vec<usize>>>;

    /// A queue over memory that waits at a gate before each batch, and the sizes of its batches.
    fn gated() -> (Arc<CommitQueue>, Arc<Memory>, Arc<Semaphore>, Sizes) {
        let (engine, gate) = (Arc::new(Memory::new()), Arc::new(Semaphore::new(0)));
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let (inner, before, seen) = (Arc::clone(&engine), Arc::clone(&gate), Arc::clone(&sizes));
        let queue = CommitQueue::new(move |checkpoints: Vec<Checkpoint>| {
            let (inner, before) = (Arc::clone(&inner), Arc::clone(&before));
            seen.lock().unwrap().push(checkpoints.len());
            async move {
                before.acquire().await.unwrap().forget();
                inner.commit_many(checkpoints).await
            }
        });
        (Arc::new(queue), engine, gate, sizes)
    }

    fn new() -> (Task, Checkpoint) {
        let task = task();
        (task.clone(), Checkpoint::of(Box::new(task)))
    }

    #[tokio::test]
    async fn commits_at_the_same_time_are_one_batch() {
        let (queue, engine, gate, sizes) = gated();
        let (first, one) = new();
        let mut callers = Vec::new();
        for checkpoint in std::iter::once(one).chain((0..MAX_BATCH + 1).map(|_| new().1)) {
            let queue = Arc::clone(&queue);
            callers.push(tokio::spawn(async move { queue.commit(checkpoint).await }));
            tokio::task::yield_now().await;
        }
        // One that comes too late for its revision is refused alone.
        let stale = Arc::clone(&queue);
        let again = tokio::spawn(async move { stale.commit(next(&Task { revision: 7, ..first }, "b", 1)).await });
        tokio::task::yield_now().await;
        gate.add_permits(9);
        for caller in callers {
            caller.await.unwrap().unwrap();
        }
        assert!(matches!(again.await.unwrap(), Err(StorageError::Conflict(_))));
        assert_eq!(*sizes.lock().unwrap(), [1, MAX_BATCH, 2]);
        assert_eq!(engine.count(&crate::storage::Filter::default()).await.unwrap(), MAX_BATCH as u64 + 2);
    }

    #[tokio::test]
    async fn a_caller_that_leaves_takes_nothing_with_it() {
        let (queue, engine, gate, _) = gated();
        let ((left, one), (stayed, other)) = (new(), new());
        let leaving = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.commit(one).await }
        });
        tokio::task::yield_now().await;
        leaving.abort();
        gate.add_permits(2);
        queue.commit(other).await.unwrap();
        for task in [left, stayed] {
            assert!(engine.task(task.id).await.unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn a_batch_that_breaks_off_is_told_and_the_next_begins_anew() {
        let queue = CommitQueue::new(|checkpoints: Vec<Checkpoint>| async move {
            assert!(checkpoints.iter().all(|checkpoint| checkpoint.task.priority == 0), "an adapter's mistake");
            checkpoints.iter().map(|_| Ok(())).collect()
        });
        let wrong = Checkpoint::of(Box::new(Task { priority: 1, ..task() }));
        let error = queue.commit(wrong).await.unwrap_err();
        assert_eq!(error.engine_kind(), Some(EngineErrorKind::Unreachable));
        queue.commit(new().1).await.unwrap();
    }
}
