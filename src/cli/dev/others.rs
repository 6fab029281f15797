//! What other processes do with the tasks of `dev`'s storage: starts, interactions and cancels from another terminal
//! are shown like the worker's own work.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::opsflow::{Event, Opsflow};
use crate::storage::{Filter, Subscription};
use crate::task::{Task, TaskId};

/// The shortest time between two looks at the storage.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// The longest. If the storage reports nothing, changes are seen this late.
const MAX_BETWEEN_LOOKS: Duration = Duration::from_secs(10);
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
pub(super) async fn follow(ops: Opsflow, shown: Shown, tell: impl Tell) {
    let mut subscription = ops.subscribe();
    let mut is_first = true;
    loop {
        let began = Instant::now();
        // The worker reports a storage that is away for a moment.
        let looked = look(&ops, &shown, &tell, is_first).await.is_ok();
        is_first = is_first && !looked;
        until_next(&mut subscription, began, looked).await;
    }
}

/// Waits until it is time for another look: something was stored, or the one that `began` has failed.
async fn until_next(subscription: &mut Subscription, began: Instant, looked: bool) {
    if looked {
        // If nothing is heard, it looks anyway.
        let _ = tokio::time::timeout(MAX_BETWEEN_LOOKS, subscription.due_before(None)).await;
    }
    tokio::time::sleep_until(began + BETWEEN_LOOKS).await;
}

/// One look at the newest tasks. What happened before the first look is not reported.
async fn look(ops: &Opsflow, shown: &Shown, tell: &impl Tell, is_first: bool) -> Result<(), Error> {
    let tasks = ops.find(&Filter { limit: Some(MAX_FOLLOWED), ..Filter::default() }).await?;
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
        let entries = ops.history_after(task.id, last, MAX_ENTRIES).await?;
        let task = Arc::new(task);
        for transition in entries {
            tell.moved(&Event::Moved { task: Arc::clone(&task), transition, next_try: None });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::storage::Notifier;

    /// Counts looks of which the first `failing` fail.
    async fn counting(mut subscription: Subscription, looks: &Cell<usize>, failing: usize) {
        loop {
            let began = Instant::now();
            looks.set(looks.get() + 1);
            until_next(&mut subscription, began, looks.get() > failing).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_looks_when_something_is_stored_and_seldom_when_nothing_is() {
        let (notifier, looks) = (Notifier::new(), Cell::new(0));
        let ringing = async {
            tokio::time::sleep(Duration::from_secs(9)).await;
            assert_eq!(looks.get(), 1, "nothing was stored");
            notifier.notify_all_subscribers();
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert_eq!(looks.get(), 2, "seen at once");
            for _ in 0..100 {
                notifier.notify_all_subscribers();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!(looks.get(), 4, "not at each of a hundred writes in a second");
            tokio::time::sleep(Duration::from_secs(21)).await;
            assert_eq!(looks.get(), 7, "the last write, and every ten seconds");
        };
        tokio::select! {
            () = counting(notifier.subscribe(), &looks, 0) => {}
            () = ringing => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_fails_is_repeated_soon() {
        let looks = Cell::new(0);
        let _ = tokio::time::timeout(Duration::from_secs(5), counting(Notifier::new().subscribe(), &looks, 3)).await;
        assert_eq!(looks.get(), 4);
    }
}
