//! Which tasks are meant: the filters of a list, and of everything that acts on many tasks.

use std::collections::HashSet;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::diagnostic::Source;
use crate::library::Library;
use crate::name::Name;
use crate::opsflow::Opsflow;
use crate::storage::{Filter, Period};
use crate::task::{Status, Task, TaskId};

use super::bulk::Verb;
use super::condition::{Condition, Skipped, attributes_in};
use super::error::RequestError;
use super::ids;
use super::unknown::{Asked, UnknownName, unknown};

/// Tasks read per page.
const PAGE: usize = 500;

/// Tasks that one request may act on.
pub(super) const MAX_TASKS: usize = 1_000_000;

/// Which tasks are meant. Absent fields match all.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Of this flow.
    pub flow: Option<Name>,
    /// In this status.
    pub status: Option<Status>,
    /// In this state.
    pub state: Option<Name>,
    /// In this queue.
    pub queue: Option<Name>,
    /// Started by this task: its id, or the beginning of it.
    pub parent: Option<String>,
    /// Found by this record: its type and id.
    pub reference: Option<(Name, Name)>,
    /// The attribute that names the record.
    pub attribute: Option<Name>,
    /// Created at this moment or later.
    pub since: Option<Timestamp>,
    /// Created before this moment.
    pub until: Option<Timestamp>,
    /// For which this holds: an expression over the attributes. Messages call it, and the filters that they point to,
    /// by the name of the source.
    pub condition: Option<Arc<Source>>,
}

/// Tasks that were found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Found {
    /// Newest first.
    pub tasks: Vec<Task>,
    /// The total number, if it is known.
    pub total: Option<u64>,
    /// Whether there may be more.
    pub is_cut: bool,
    /// Tasks that were left out, since the condition fails for them.
    pub skipped: Option<Skipped>,
}

/// Tasks that were selected, to act on them.
#[derive(Debug)]
#[non_exhaustive]
pub struct Selection {
    /// Their ids.
    pub ids: Vec<TaskId>,
    /// Tasks that were left out, since the condition fails for them.
    pub skipped: Option<Skipped>,
}

impl Query {
    /// Whether it excludes any task.
    pub const fn is_given(&self) -> bool {
        self.flow.is_some()
            || self.status.is_some()
            || self.state.is_some()
            || self.queue.is_some()
            || self.parent.is_some()
            || self.reference.is_some()
            || self.attribute.is_some()
            || self.since.is_some()
            || self.until.is_some()
            || self.condition.is_some()
    }

    /// What the storage can tell apart.
    async fn filter(&self, ops: &Opsflow) -> Result<Filter, RequestError> {
        let parent_id = match &self.parent {
            Some(parent) => Some(ids::resolve(ops, parent).await?),
            None => None,
        };
        let reference = self.reference.clone();
        Ok(Filter {
            statuses: self.status.into_iter().collect(),
            flow: self.flow.clone(),
            state: self.state.clone(),
            queue: self.queue.clone(),
            parent_id,
            reference: reference.map(|(kind, id)| (kind, id, self.attribute.clone())),
            created: Period { since: self.since, until: self.until },
            ..Filter::default()
        })
    }

    /// The tasks that are meant, newest first, at most `limit`.
    pub async fn find(&self, ops: &Opsflow, limit: usize) -> Result<Found, RequestError> {
        let filter = self.filter(ops).await?;
        // Sub-tasks of one parent come in the order of their start: the newest are last.
        let is_of_parent = self.parent.is_some();
        let most = if is_of_parent { MAX_TASKS } else { limit };
        let mut pages = ops.list(filter.clone());
        let mut tasks: Vec<Task> = Vec::new();
        let mut condition = self.condition(ops);
        let chooses = condition.is_some();
        while tasks.len() < most {
            let wanted = if chooses { PAGE } else { PAGE.min(most - tasks.len()) };
            let Some(page) = pages.next_of(wanted).await? else { break };
            match &mut condition {
                Some(condition) => tasks.extend(condition.hold(page).await?),
                None => tasks.extend(page),
            }
        }
        let skipped = condition.map(Condition::finish).transpose()?.flatten();
        let is_cut = tasks.len() >= limit;
        let total = match (is_of_parent, chooses) {
            (true, _) => Some(tasks.len() as u64),
            (false, false) if is_cut => Some(ops.count(&filter).await?),
            _ => None,
        };
        if is_of_parent {
            tasks.reverse();
        }
        tasks.truncate(limit);
        Ok(Found { tasks, total, is_cut, skipped })
    }

    /// The tasks that are meant, whose status `verb` accepts, and that it `wants`. They are read page by page, so that
    /// only the ids are kept.
    pub async fn select(
        &self,
        ops: &Opsflow,
        verb: &Verb,
        mut wants: impl FnMut(&Task) -> bool,
    ) -> Result<Selection, RequestError> {
        let filter = self.filter(ops).await?;
        let mut condition = self.condition(ops);
        let (mut ids, mut seen) = (Vec::new(), HashSet::new());
        for status in self.statuses(verb)? {
            let mut pages = ops.list(Filter { statuses: vec![status], ..filter.clone() });
            while let Some(mut page) = pages.next_of(PAGE).await? {
                if let Some(condition) = &mut condition {
                    page = condition.hold(page).await?;
                }
                // A task whose status changes meanwhile may occur twice.
                ids.extend(page.iter().filter(|task| wants(task)).map(|task| task.id).filter(|id| seen.insert(*id)));
                if ids.len() > MAX_TASKS {
                    return Err(RequestError::TooManyTasks);
                }
            }
        }
        let skipped = condition.map(Condition::finish).transpose()?.flatten();
        Ok(Selection { ids, skipped })
    }

    /// The names in it that no flow of `library` and no stored task has: to be asked if no task was found.
    pub async fn unknown_names(&self, ops: &Opsflow, library: &Library) -> Result<Vec<UnknownName>, RequestError> {
        let flow = self.flow.as_deref().map(Asked::Flow);
        let queue = self.queue.as_deref().map(Asked::Queue);
        let state = self.state.as_deref().map(Asked::State);
        let attributes = self.condition.as_ref().map(|source| attributes_in(source)).unwrap_or_default();
        let attributes = attributes.iter().map(|name| Asked::Attribute(name));
        unknown(ops, library, [flow, queue, state].into_iter().flatten().chain(attributes)).await
    }

    fn condition<'o>(&self, ops: &'o Opsflow) -> Option<Condition<'o>> {
        self.condition.as_ref().map(|source| Condition::new(Arc::clone(source), ops))
    }

    /// The selected statuses among those that `verb` accepts.
    fn statuses(&self, verb: &Verb) -> Result<Vec<Status>, RequestError> {
        match self.status {
            Some(status) if !verb.fit.contains(&status) => {
                Err(RequestError::Unfit { verb: verb.name, status, fit: verb.fit })
            }
            Some(status) => Ok(vec![status]),
            None => Ok(verb.fit.to_vec()),
        }
    }
}
