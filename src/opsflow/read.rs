//! Reading tasks: page by page, counted, by a part of their id, and what is going on in one.

use crate::error::Error;
use crate::storage::{Filter, Held, Place, StorageError, Subscription, TaskCount};
use crate::task::{StepRecord, Task, TaskId, Transition};

use super::Opsflow;

/// The tasks of a page, unless the caller says otherwise.
const PAGE: usize = 500;

/// History entries read per page.
const HISTORY_PAGE: usize = 1_000;

/// The tasks that match a filter, read page by page: see [`Opsflow::list`].
#[derive(Debug)]
pub struct TaskPages<'o> {
    ops: &'o Opsflow,
    filter: Filter,
    /// How many are still wanted; none if all are.
    left: Option<usize>,
    /// The places of the page before.
    before: Vec<Place>,
    is_over: bool,
}

impl TaskPages<'_> {
    /// The next page; none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<Task>>, Error> {
        self.next_of(PAGE).await
    }

    /// The next page, with up to `wanted` tasks; none after the last. Tasks that are deleted meanwhile do not end it.
    pub async fn next_of(&mut self, wanted: usize) -> Result<Option<Vec<Task>>, Error> {
        let wanted = self.left.map_or(wanted, |left| left.min(wanted));
        if self.is_over || wanted == 0 {
            return Ok(None);
        }
        self.filter.limit = Some(wanted);
        let page = loop {
            if let Some(last) = self.before.last() {
                self.filter.after = Some(*last);
            }
            match self.ops.find(&self.filter).await {
                // The last sub-task of the page was deleted meanwhile; the one before it gives the same place.
                Err(Error::Storage(StorageError::NotFound(_))) if self.before.len() > 1 => drop(self.before.pop()),
                page => break page?,
            }
        };
        self.is_over = page.len() < wanted;
        self.left = self.left.map(|left| left.saturating_sub(page.len()));
        self.before = page.iter().map(Place::of).collect();
        Ok(Some(page))
    }
}

/// A task's history, read page by page: see [`Opsflow::history_pages`].
#[derive(Debug)]
pub struct HistoryPages<'o> {
    ops: &'o Opsflow,
    id: TaskId,
    /// The number of the last entry that was read.
    after: u64,
    is_over: bool,
}

impl HistoryPages<'_> {
    /// The next page, earliest entries first; none after the last. `NotFound` if there is no such task.
    pub async fn next(&mut self) -> Result<Option<Vec<Transition>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let page = self.ops.history_after(self.id, self.after, HISTORY_PAGE).await?;
        self.is_over = page.len() < HISTORY_PAGE;
        match page.last() {
            Some(last) => self.after = last.seq,
            None if self.after == 0 && self.ops.runner().storage().task(self.id).await?.is_none() => {
                return Err(Error::NotFound(self.id));
            }
            None => return Ok(None),
        }
        Ok(Some(page))
    }
}

/// What is going on in a task: see [`Opsflow::in_progress`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InProgress {
    /// The steps that the body in progress has taken.
    pub steps: Vec<StepRecord>,
    /// The claim that is stored on the task, even if it is over; none as well if the storage cannot say.
    pub held: Option<Held>,
}

impl Opsflow {
    /// The tasks that match a filter, newest first, page by page, so that no more are in memory than a page has. At
    /// most `filter.limit` of them, if that is given.
    pub fn list(&self, filter: Filter) -> TaskPages<'_> {
        let left = filter.limit;
        TaskPages { ops: self, filter, left, before: Vec::new(), is_over: false }
    }

    /// How many tasks match a filter, ignoring its `after` and `limit`.
    pub async fn count(&self, filter: &Filter) -> Result<u64, Error> {
        Ok(self.runner().storage().count(filter).await?)
    }

    /// How many tasks are active, waiting or failed, by flow, status and state. The cost depends on how many those are.
    pub async fn counts(&self) -> Result<Vec<TaskCount>, Error> {
        Ok(self.runner().storage().counts().await?)
    }

    /// Everything that happened to a task.
    pub async fn history(&self, id: TaskId) -> Result<Vec<Transition>, Error> {
        let (mut pages, mut entries) = (self.history_pages(id), Vec::new());
        while let Some(page) = pages.next().await? {
            entries.extend(page);
        }
        Ok(entries)
    }

    /// Everything that happened to a task, page by page, so that no more is in memory than a page has.
    pub const fn history_pages(&self, id: TaskId) -> HistoryPages<'_> {
        HistoryPages { ops: self, id, after: 0, is_over: false }
    }

    /// A page of a task's history: the entries after number `after` (0 for all), at most `limit`.
    pub async fn history_after(&self, id: TaskId, after: u64, limit: usize) -> Result<Vec<Transition>, Error> {
        Ok(self.runner().storage().history(id, after, limit).await?)
    }

    /// The steps of a task's body in progress, and who holds the task.
    pub async fn in_progress(&self, id: TaskId) -> Result<InProgress, Error> {
        let storage = self.runner().storage();
        let steps = storage.journal(id).await?.steps;
        Ok(InProgress { steps, held: storage.held(id).await? })
    }

    /// Listens for tasks that are stored, by this process or another.
    pub fn subscribe(&self) -> Subscription {
        self.runner().storage().subscribe()
    }
}
