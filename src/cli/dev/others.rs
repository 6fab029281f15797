//! What other processes do with the tasks of `dev`'s storage: starts, interactions and cancels from another terminal
//! are shown like the worker's own work.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::opsflow::Event;
use crate::storage::{Filter, Storage, StorageError};
use crate::task::{Task, TaskId};

/// The pause between two looks at the storage.
const EVERY: Duration = Duration::from_millis(500);
/// How many of the newest tasks it looks at.
const MAX_FOLLOWED: usize = 200;
/// The most entries of one task that are shown at a time.
const MAX_ENTRIES: usize = 100;
/// The most tasks whose shown entries are remembered.
const MAX_REMEMBERED: usize = 10 * MAX_FOLLOWED;

/// Which history entry of each task was shown last. Cheap to clone; clones share it.
#[derive(Clone, Default)]
pub(super) struct Shown(Arc<Mutex<HashMap<TaskId, u64>>>);

impl Shown {
    /// Whether an entry was not shown until now. It counts as shown from now on.
    fn is_new(&self, id: TaskId, seq: u64) -> bool {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = shown.entry(id).or_default();
        let is_new = seq > *last;
        *last = seq.max(*last);
        is_new
    }

    fn last(&self, id: TaskId) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }

    /// Forgets tasks that it no longer looks at, once there are many.
    fn forget_others(&self, followed: &HashSet<TaskId>) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.len() > MAX_REMEMBERED {
            shown.retain(|id, _| followed.contains(id));
        }
    }

    /// An observer that reports each move once, whether this process made it or found it in the storage.
    pub(super) fn once(
        &self,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> impl Fn(&Event) + Send + Sync + 'static {
        let shown = self.clone();
        move |event| {
            let is_known =
                matches!(event, Event::Moved { task, transition, .. } if !shown.is_new(task.id, transition.seq));
            if !is_known {
                observer(event);
            }
        }
    }
}

/// What is reported about tasks.
pub(super) trait Tell: Send + Sync {
    /// A move, unless it was shown.
    fn moved(&self, event: &Event);
    /// A task that is new, and has not moved yet.
    fn started(&self, task: &Task);
}

/// Reports what any process stores from now on, as long as it is polled.
pub(super) async fn follow(storage: Arc<dyn Storage>, shown: Shown, tell: impl Tell) {
    let mut looks = tokio::time::interval(EVERY);
    let mut is_first = true;
    loop {
        looks.tick().await;
        // The worker reports a storage that is away for a moment.
        if look(storage.as_ref(), &shown, &tell, is_first).await.is_ok() {
            is_first = false;
        }
    }
}

/// One look at the newest tasks. What happened before the first look is not reported.
async fn look(storage: &dyn Storage, shown: &Shown, tell: &impl Tell, is_first: bool) -> Result<(), StorageError> {
    let tasks = storage.tasks(&Filter { limit: Some(MAX_FOLLOWED), ..Filter::default() }).await?;
    shown.forget_others(&tasks.iter().map(|task| task.id).collect());
    for task in tasks.into_iter().rev() {
        let last = shown.last(task.id);
        if is_first && last.is_none() {
            shown.is_new(task.id, task.progress.seq);
            continue;
        }
        if last.is_none() && task.progress.seq == 0 {
            shown.is_new(task.id, 0);
            tell.started(&task);
            continue;
        }
        let last = last.unwrap_or_default();
        if task.progress.seq <= last {
            continue;
        }
        let entries = storage.history(task.id, last, MAX_ENTRIES).await?;
        let task = Arc::new(task);
        for transition in entries {
            tell.moved(&Event::Moved { task: Arc::clone(&task), transition, next_try: None });
        }
    }
    Ok(())
}
