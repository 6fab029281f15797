//! Finding tasks: due ones, those of a filter, old ones.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::ops::Bound;

use serde_json::Value as Json;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::round_robin::{QueueKey, Ready};
use crate::storage::{Filter, Place, StorageError, TaskCount, Wanted};
use crate::task::{Definition, Digest, IndexEntry, Status, Task, TaskId};

use super::kept::{Kept, Key, Queue, Row};

impl Kept {
    /// Up to `limit` due tasks: higher priority first; queues of the same priority take turns; within a queue, the
    /// longest due first.
    pub(super) fn due(&mut self, now: i64, wanted: &Wanted<'_>, limit: usize) -> Vec<Key> {
        let mut round_robin = std::mem::take(&mut self.round_robin);
        round_robin.line_up(self.queues.keys());
        let meant: Vec<QueueKey> = self.queues_of(wanted).map(|(key, _)| key.clone()).collect();
        let ready = |key: &QueueKey, most: usize| -> Result<Ready<Key>, Infallible> {
            let mut due: Vec<(i64, Key)> = Vec::new();
            for tasks in self.queues.get(key).into_iter().flat_map(|queue| queue.parts(wanted)) {
                let those = tasks.range(..=(now, Key::MAX)).filter(|(_, key)| self.is_below(*key, wanted.below));
                due.extend(those.take(most));
            }
            due.sort_unstable();
            due.truncate(most);
            Ok(due.into())
        };
        let picked = round_robin.pick(&meant, limit, ready);
        self.round_robin = round_robin;
        match picked {
            Ok(due) => due,
            Err(never) => match never {},
        }
    }

    /// Whether the task is `root` or was started below it; true if there is no `root`.
    fn is_below(&self, key: Key, root: Option<TaskId>) -> bool {
        let Some(root) = root else { return true };
        let mut row = self.row(key);
        while let Some(task) = row.map(|row| &row.task) {
            if task.id == root {
                return true;
            }
            row = task.parent_id.and_then(|parent| self.by_id(parent));
        }
        false
    }

    /// When the first task is due.
    pub(super) fn next_due(&self, wanted: &Wanted<'_>) -> Option<i64> {
        let parts = self.queues_of(wanted).flat_map(|(_, queue)| queue.parts(wanted));
        let first = |tasks: &BTreeSet<(i64, Key)>| {
            tasks.iter().find(|(_, key)| self.is_below(*key, wanted.below)).map(|(at, _)| *at)
        };
        parts.filter_map(first).min()
    }

    fn queues_of<'a>(&'a self, wanted: &'a Wanted<'_>) -> impl Iterator<Item = (&'a QueueKey, &'a Queue)> {
        self.queues.iter().filter(|(key, _)| wanted.queues.is_empty() || wanted.queues.contains(key.queue()))
    }

    /// The tasks that match `filter`, in the order of the list.
    pub(super) fn tasks(&self, filter: &Filter) -> Result<Vec<Task>, StorageError> {
        let limit = filter.limit.unwrap_or(usize::MAX);
        let first = match (filter.parent_id, filter.after) {
            (Some(_), Some(place)) => self.key(place.id).ok_or(StorageError::NotFound(place.id))?.saturating_add(1),
            _ => 0,
        };
        Ok(self.meant(filter, filter.after, first).take(limit).map(|row| Task::clone(&row.task)).collect())
    }

    /// How many tasks match `filter`, ignoring `after` and `limit`.
    pub(super) fn count(&self, filter: &Filter) -> u64 {
        self.meant(filter, None, 0).count() as u64
    }

    /// How many tasks of each flow are in each status and state, of those that are counted.
    pub(super) fn counts(&self) -> Vec<TaskCount> {
        let mut counts: HashMap<(&Name, Status, &Name), u64> = HashMap::new();
        for row in self.counted.iter().filter_map(|key| self.row(*key)) {
            *counts.entry((&row.task.flow, row.task.status, &row.task.state)).or_default() += 1;
        }
        let count = |((flow, status, state), tasks): (_, _)| {
            TaskCount::new(Name::clone(flow), status, Name::clone(state), tasks)
        };
        let mut counts: Vec<TaskCount> = counts.into_iter().map(count).collect();
        counts.sort_unstable();
        counts
    }

    /// Those that `filter` means, after a place, or, of one parent, from key `first` on.
    fn meant<'a>(&'a self, filter: &'a Filter, after: Option<Place>, first: Key) -> impl Iterator<Item = &'a Row> {
        let keys: Box<dyn Iterator<Item = Key> + 'a> = if let Some(parent) = filter.parent_id {
            Box::new(self.by_parent.range((parent, first)..=(parent, Key::MAX)).map(|(_, key)| *key))
        } else {
            let until = (after.map_or(i64::MAX, |place| place.created_at.timestamp_millis()), Key::MAX);
            let some: Option<BTreeSet<(i64, Key)>> = match (&filter.id, &filter.reference) {
                (Some(prefix), _) => Some(self.aged(self.beginning_with(prefix))),
                (None, Some((kind, id, _))) => Some(self.aged(self.found(kind, id))),
                (None, None) => None,
            };
            match some {
                Some(found) => Box::new(self.newest_first(found.into_iter().rev().filter(move |p| *p <= until))),
                None => {
                    let since = (filter.created.since.map_or(i64::MIN, |since| since.timestamp_millis()), 0);
                    Box::new(self.newest_first(self.by_age.latest_first(since, until)))
                }
            }
        };
        let is_after = move |row: &&Row| {
            let place = after.filter(|_| filter.parent_id.is_none());
            place.is_none_or(|place| (row.task.created_at, row.task.id) < (place.created_at, place.id))
        };
        keys.filter_map(|key| self.row(key)).filter(is_after).filter(|row| row.is_meant(filter))
    }

    /// Brings those of one moment into the order of their ids, the greatest first.
    fn newest_first(&self, places: impl Iterator<Item = (i64, Key)>) -> impl Iterator<Item = Key> {
        let mut places = places.peekable();
        let moments = std::iter::from_fn(move || {
            let (at, key) = places.next()?;
            let mut keys = vec![key];
            while let Some((_, key)) = places.next_if(|(next, _)| *next == at) {
                keys.push(key);
            }
            if keys.len() > 1 {
                keys.sort_by_key(|key| Reverse(self.row(*key).map(|row| row.task.id)));
            }
            Some(keys)
        });
        moments.flatten()
    }

    fn aged(&self, keys: impl Iterator<Item = Key>) -> BTreeSet<(i64, Key)> {
        keys.filter_map(|key| Some((self.age(key)?, key))).collect()
    }

    fn age(&self, key: Key) -> Option<i64> {
        self.row(key).map(|row| row.task.created_at.timestamp_millis())
    }

    /// Tasks found under a record, by any attribute.
    fn found<'a>(&'a self, kind: &'a Name, id: &'a Name) -> impl Iterator<Item = Key> + 'a {
        let first = IndexEntry { kind: kind.clone(), id: id.clone(), attribute: Name::default() };
        let entries = self.by_record.range((first, 0)..);
        entries.take_while(|(entry, _)| entry.kind == *kind && entry.id == *id).map(|(_, key)| *key)
    }

    /// The notes whose names begin with `prefix`.
    pub(super) fn notes(&self, prefix: &str) -> Vec<(Name, Json)> {
        let from = self.notes.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        let those = from.take_while(|(name, _)| name.starts_with(prefix));
        those.map(|(name, note)| (name.clone(), note.clone())).collect()
    }

    /// Changes a note, if it is as it was `before`.
    pub(super) fn set_note(&mut self, name: &str, before: Option<&Json>, after: Option<&Json>) -> bool {
        if self.notes.get(name) != before {
            return false;
        }
        match after {
            Some(after) => drop(self.notes.insert(Name::new(name), after.clone())),
            None => drop(self.notes.remove(name)),
        }
        true
    }

    /// Deletes tasks whose retention period is over, and definitions that no task is pinned to.
    pub(super) fn delete_old(&mut self, now: Timestamp, limit: usize) -> usize {
        let (mut ids, mut held): (Vec<TaskId>, Vec<Key>) = Default::default();
        for (_, key) in self.by_deletion.up_to((now.timestamp_millis(), Key::MAX)) {
            if ids.len() >= limit {
                break;
            }
            let Some(row) = self.row(key) else { continue };
            let parent = row.task.parent_id.and_then(|parent| self.by_id(parent));
            if parent.is_some_and(|parent| !parent.task.has_ended()) {
                held.push(key);
            } else if !row.is_held(now) {
                ids.push(row.task.id);
            }
        }
        held.into_iter().for_each(|key| self.hold_back(key));
        for id in &ids {
            self.remove(*id);
        }
        let pinned = &self.pinned;
        self.definitions.retain(|digest, _| pinned.contains_key(digest));
        ids.len()
    }

    pub(super) fn definition(&self, digest: &Digest) -> Option<Definition> {
        self.definitions.get(digest).map(|definition| Definition::clone(definition))
    }
}

impl Queue {
    /// The parts of the queues that the caller can continue, as far as it knows.
    fn parts<'a>(&'a self, wanted: &'a Wanted<'_>) -> impl Iterator<Item = &'a BTreeSet<(i64, Key)>> {
        let held_up = self.held_up.iter().filter(|(by, _)| !wanted.lacks.contains(by)).map(|(_, tasks)| tasks);
        std::iter::once(&self.free).chain(held_up)
    }
}

impl Row {
    fn is_meant(&self, filter: &Filter) -> bool {
        let task = &self.task;
        (filter.statuses.is_empty() || filter.statuses.contains(&task.status))
            && filter.id.is_none_or(|prefix| prefix.holds(task.id))
            && filter.created.holds(task.created_at)
            && filter.updated.holds(task.updated_at)
            && filter.error_kind.as_ref().is_none_or(|kind| task.error.as_ref().is_some_and(|e| e.kind == *kind))
            && filter.flow.as_ref().is_none_or(|flow| task.flow == *flow)
            && filter.state.as_ref().is_none_or(|state| task.state == *state)
            && filter.queue.as_ref().is_none_or(|queue| task.queue == *queue)
            && filter.parent_id.is_none_or(|parent| task.parent_id == Some(parent))
            && filter.reference.as_ref().is_none_or(|(kind, id, attribute)| {
                self.more.iter().flat_map(|more| &more.index).any(|entry| {
                    entry.kind == *kind
                        && entry.id == *id
                        && attribute.as_ref().is_none_or(|attribute| entry.attribute == *attribute)
                })
            })
    }
}
