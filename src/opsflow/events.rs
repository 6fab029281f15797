//! Events: everything that happens to tasks, in an order that lasts, read from the feed of the storage.

use std::collections::HashMap;

use crate::error::Error;
use crate::name::Name;
use crate::storage::{Cursor, FeedEntry, FeedPage, Subscription};
use crate::task::{Status, Task, TaskId, Transition};

use super::Opsflow;

/// What kind of event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventType {
    /// A task was started.
    Started,
    /// A task has a new history entry.
    Moved,
    /// The same, and with it the task has ended.
    Ended,
}

impl EventType {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Moved => "moved",
            Self::Ended => "ended",
        }
    }
}

/// Something that happened to a task.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct TaskEvent {
    /// What kind.
    pub kind: EventType,
    /// The place after it: to go on from there.
    pub cursor: Cursor,
    /// The task, as it was after it.
    pub task: EventTask,
    /// The history entry; none for a start. Secrets are masked in it.
    pub entry: Option<Transition>,
}

/// The task of an event, as it was after it.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct EventTask {
    /// Its id.
    pub id: TaskId,
    /// The name of its flow.
    pub flow: Name,
    /// The version of its flow, as it is now.
    pub version: u32,
    /// Its status.
    pub status: Status,
    /// Its state.
    pub state: Name,
    /// Its revision.
    pub revision: u64,
    /// The task that started it.
    pub parent_id: Option<TaskId>,
}

/// Which events are wanted. Absent fields match all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventFilter {
    /// Of tasks of this flow.
    pub flow: Option<Name>,
    /// Of this task.
    pub task: Option<TaskId>,
}

/// A page of events.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct EventPage {
    /// Its events, in order. There may be fewer than were asked for, even none.
    pub events: Vec<TaskEvent>,
    /// Where the next page begins. If this is where this page began, there is nothing more for now.
    pub next: Cursor,
}

/// Follows events as they happen: see [`Opsflow::follow_events`].
pub struct EventFollower<'o> {
    ops: &'o Opsflow,
    after: Option<Cursor>,
    wanted: EventFilter,
    subscription: Subscription,
}

impl EventFollower<'_> {
    /// The next page, of up to `limit` events, as soon as there is one.
    pub async fn next(&mut self, limit: usize) -> Result<EventPage, Error> {
        loop {
            let page = self.ops.runner().feed_after(self.after.as_ref(), limit, &mut self.subscription).await?;
            self.after = Some(page.next.clone());
            let page = self.ops.events_of(page, &self.wanted).await?;
            if !page.events.is_empty() {
                return Ok(page);
            }
        }
    }
}

impl std::fmt::Debug for EventFollower<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventFollower")
            .field("after", &self.after)
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}

impl Opsflow {
    /// A page of events: what happened after `after` (or after the oldest that is kept), at most `limit` of them. Every
    /// start and every history entry comes at least once, those of each task in order; who must not count twice goes by
    /// the task's id and the entry's `seq`. Events of deleted tasks are left out.
    ///
    /// They are kept for [`feed_keep`](super::Builder::feed_keep). [`StorageError::Gone`](crate::storage::StorageError::Gone) if
    /// `after` is older or of another storage: then read the lists again, and go on from
    /// [`events_end`](Self::events_end), read before them.
    pub async fn events(&self, after: Option<&Cursor>, wanted: &EventFilter, limit: usize) -> Result<EventPage, Error> {
        let page = self.runner().storage().feed(after, limit).await?;
        self.events_of(page, wanted).await
    }

    /// The place after the newest event.
    pub async fn events_end(&self) -> Result<Cursor, Error> {
        Ok(self.runner().storage().feed_end().await?)
    }

    /// Follows events from a place on, or from the oldest that is kept. Needs a tokio runtime.
    pub fn follow_events(&self, after: Option<Cursor>, wanted: EventFilter) -> EventFollower<'_> {
        EventFollower { ops: self, after, wanted, subscription: self.runner().storage().subscribe() }
    }

    /// What the entries of a page tell.
    async fn events_of(&self, page: FeedPage, wanted: &EventFilter) -> Result<EventPage, Error> {
        let FeedPage { mut entries, next } = page;
        entries.retain(|entry| wanted.task.is_none_or(|id| id == entry.task_id));
        let mut spans: HashMap<TaskId, (u64, u64)> = HashMap::new();
        for entry in &entries {
            let span = spans.entry(entry.task_id).or_insert((u64::MAX, 0));
            // The state in which a task starts is that from which its first entry leads.
            let seq = entry.seq.max(1);
            *span = (span.0.min(seq), span.1.max(seq));
        }
        let mut known: HashMap<TaskId, (Task, Vec<Transition>)> = HashMap::new();
        let storage = self.runner().storage();
        for (id, (first, last)) in spans {
            let Some(task) = storage.task(id).await? else { continue };
            if wanted.flow.as_ref().is_some_and(|flow| *flow != task.flow) {
                continue;
            }
            let count = usize::try_from(last.saturating_sub(first)).unwrap_or(usize::MAX).saturating_add(1);
            let history = storage.history(id, first.saturating_sub(1), count).await?;
            known.insert(id, (task, history));
        }
        let event = |entry: FeedEntry| {
            let (task, history) = known.get(&entry.task_id)?;
            event(entry, task, history)
        };
        Ok(EventPage { events: entries.into_iter().filter_map(event).collect(), next })
    }
}

/// The event that an entry of the feed tells of; none if the task has been deleted meanwhile.
fn event(told: FeedEntry, task: &Task, history: &[Transition]) -> Option<TaskEvent> {
    let FeedEntry { cursor, task_id, seq, revision, status } = told;
    let found = |seq: u64| history.iter().find(|entry| entry.seq == seq);
    let (kind, state, entry) = if seq == 0 {
        (EventType::Started, found(1).map_or(&task.state, |entry| &entry.from), None)
    } else {
        let entry = found(seq)?;
        let kind = if status.has_ended() { EventType::Ended } else { EventType::Moved };
        (kind, &entry.to, Some(entry.clone()))
    };
    let task = EventTask {
        id: task_id,
        flow: task.flow.clone(),
        version: task.version,
        status,
        state: state.clone(),
        revision,
        parent_id: task.parent_id,
    };
    Some(TaskEvent { kind, cursor, task, entry })
}
