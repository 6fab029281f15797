//! The content of a [`Memory`](super::Memory): a row for each task, and ordered sets as indexes.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::round_robin::{QueueKey, RoundRobin};
use crate::storage::{COUNTED, CallInFlight, IdPrefix, MAX_LEASES_AHEAD, MAX_NOT_BEFORE, Notifier, StorageError};
use crate::task::{
    Claim, Definition, Digest, HeldUp, IndexEntry, InteractionReceipt, Journal, Status, StepRecord, Task, TaskId,
};

use super::by_time::ByTime;
use super::feed::Feed;
use super::history::History;
use super::rows::Rows;

/// [`MAX_NOT_BEFORE`] in milliseconds.
const MAX_NOT_BEFORE_MILLIS: i64 = MAX_NOT_BEFORE.as_secs() as i64 * 1_000;

/// A row's number. It grows with each stored task, so it orders those of the same millisecond.
pub(super) type Key = u64;

/// A task and what is stored with it.
pub(super) struct Row {
    pub(super) task: Box<Task>,
    pub(super) history: History,
    pub(super) claim: Option<Box<Leased>>,
    /// What most tasks do not need.
    pub(super) more: Option<Box<More>>,
}

/// A claim on a task.
pub(super) struct Leased {
    pub(super) token: Uuid,
    /// When it ends, in milliseconds.
    pub(super) until: i64,
    /// The claim cannot have been given before this moment: if the clock shows less, it was set back.
    not_before: i64,
}

impl Leased {
    pub(super) fn of(claim: &Claim) -> Box<Self> {
        let until = claim.until.timestamp_millis();
        let ahead = claim.lease.saturating_mul(MAX_LEASES_AHEAD).as_millis();
        let not_before = until.saturating_sub(i64::try_from(ahead).unwrap_or(i64::MAX));
        Box::new(Self { token: claim.token, until, not_before })
    }
}

/// The due tasks of a queue, by time.
#[derive(Default)]
pub(super) struct Queue {
    /// Tasks that are not held up, by due time.
    pub(super) free: BTreeSet<(i64, Key)>,
    /// Tasks that are held up, by missing grant.
    pub(super) held_up: BTreeMap<HeldUp, BTreeSet<(i64, Key)>>,
}

/// With its index entries, a parked task takes less than 1 KB in addition to its own data.
const _: () = assert!(size_of::<Row>() + size_of::<Task>() <= 544);

/// What most tasks do not need.
#[derive(Default)]
pub(super) struct More {
    pub(super) steps: Vec<StepRecord>,
    pub(super) once: BTreeMap<Name, StepRecord>,
    /// Whether the task is kept past its retention period because its parent has not ended.
    held_back: bool,
    pub(super) applied: BTreeMap<Name, InteractionReceipt>,
    pub(super) index: BTreeSet<IndexEntry>,
    pub(super) wakes: Wakes,
    /// The call that its holder waits for, if that takes long.
    pub(super) call: Option<Box<CallInFlight>>,
}

/// Wakes by sub-tasks that were not seen yet.
#[derive(Default)]
pub(super) struct Wakes {
    pub(super) count: u64,
    /// When they make the task due: when the first of them came, or when its rest is over.
    pub(super) since: i64,
    /// Until when they have to wait, if at all.
    pub(super) not_before: Option<i64>,
}

/// The whole content.
#[derive(Default)]
pub(super) struct Kept {
    last: Key,
    keys: HashMap<TaskId, Key, BuildHasherDefault<Spread>>,
    rows: Rows,
    /// Those that are counted: active, waiting or failed.
    pub(super) counted: HashSet<Key, BuildHasherDefault<Spread>>,
    /// By time of creation.
    pub(super) by_age: ByTime,
    pub(super) by_parent: BTreeSet<(TaskId, Key)>,
    pub(super) by_record: BTreeSet<(IndexEntry, Key)>,
    /// Tasks that are or will be due, by due time. Empty queues are removed.
    pub(super) queues: BTreeMap<QueueKey, Queue>,
    /// Tasks with something that cannot have been stored before a moment, by that moment. If the clock shows less, it
    /// was set back.
    ahead: BTreeSet<(i64, Key)>,
    /// Ended tasks, by the end of their retention period.
    pub(super) by_deletion: ByTime,
    /// Ended tasks that are kept longer because of their parent, by that parent.
    held_back: BTreeSet<(TaskId, Key)>,
    pub(super) round_robin: RoundRobin,
    pub(super) definitions: BTreeMap<Digest, Arc<Definition>>,
    /// How many tasks are pinned to each definition.
    pub(super) pinned: BTreeMap<Digest, usize>,
    pub(super) notes: BTreeMap<Name, Json>,
    pub(super) feed: Feed,
    /// Rung under the lock, when a task gets its due time.
    pub(super) notifier: Notifier,
}

/// Hashes ids and numbers. Ids are random and keys are sequential, so little is needed.
#[derive(Default)]
pub(super) struct Spread(u64);

/// 2⁶⁴ over the golden ratio: as odd as can be.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(size_of::<u64>()) {
            let number = part.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
            self.write_u64(number);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(ODD);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        // The table uses the lowest and the highest bits.
        self.0 ^ self.0 >> 32
    }
}

/// The positions of a row in the sets that change with it.
#[derive(PartialEq)]
struct Places {
    due: Option<(QueueKey, Option<HeldUp>, i64)>,
    ahead: Option<i64>,
    deletion: Option<i64>,
}

impl Row {
    pub(super) fn new(task: Box<Task>) -> Self {
        Self { task, history: History::default(), claim: None, more: None }
    }

    /// Whether it is one of those that are counted.
    fn is_counted(&self) -> bool {
        COUNTED.contains(&self.task.status)
    }

    /// Whether somebody's lease on it is in force at `now`.
    pub(super) fn is_held(&self, now: Timestamp) -> bool {
        let now = now.timestamp_millis();
        self.claim.as_ref().is_some_and(|held| held.until > now && held.not_before <= now)
    }

    /// The steps of the body in progress, and the kept results.
    pub(super) fn journal(&self) -> Journal {
        self.more.as_ref().map_or_else(Journal::default, |more| Journal {
            steps: more.steps.clone(),
            once: more.once.values().cloned().collect(),
        })
    }

    /// Whether it is kept past its retention period because its parent has not ended.
    fn is_held_back(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.held_back)
    }

    pub(super) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// Drops the note of the call in flight.
    pub(super) fn end_call(&mut self) {
        if let Some(more) = &mut self.more {
            more.call = None;
        }
    }

    /// How often sub-tasks have woken it since it last looked.
    pub(super) fn wakes(&self) -> u64 {
        self.more.as_ref().map_or(0, |more| more.wakes.count)
    }

    fn woken_at(&self) -> Option<i64> {
        self.more.as_ref().map(|more| &more.wakes).filter(|wakes| wakes.count > 0).map(|wakes| wakes.since)
    }

    /// When it may be claimed as due, if ever.
    fn due_at(&self) -> Option<i64> {
        let wake_at = self.task.wake_at.map(|at| at.timestamp_millis());
        let due = match self.task.status {
            Status::Active => Some(self.task.updated_at.timestamp_millis()),
            Status::Waiting => wake_at.into_iter().chain(self.woken_at()).min(),
            Status::Completed | Status::Failed | Status::Cancelled => None,
        };
        let free = self.claim.as_ref().map_or(i64::MIN, |held| held.until);
        due.map(|due| due.max(free))
    }

    /// The moment before which its row cannot have been stored; none if any is possible.
    fn not_before(&self) -> Option<i64> {
        let stored = (self.task.status == Status::Active).then(|| self.task.updated_at.timestamp_millis());
        let woken = self.woken_at().map(|at| at.saturating_sub(MAX_NOT_BEFORE_MILLIS));
        let held = self.claim.as_ref().map(|held| held.not_before);
        stored.into_iter().chain(woken).chain(held).max()
    }

    /// Repairs what was stored while the clock was ahead of `now`.
    fn set_right(&mut self, now: Timestamp) {
        let millis = now.timestamp_millis();
        self.claim.take_if(|held| held.not_before > millis);
        if self.task.status == Status::Active {
            self.task.updated_at = self.task.updated_at.min(now);
        }
        if let Some(more) =
            self.more.as_mut().filter(|more| more.wakes.since.saturating_sub(MAX_NOT_BEFORE_MILLIS) > millis)
        {
            more.wakes.since = millis;
        }
    }

    fn places(&self) -> Places {
        let queue_key = || QueueKey::new(self.task.priority, self.task.queue.clone());
        let ended = self.task.status.has_ended();
        Places {
            due: self.due_at().map(|at| (queue_key(), self.task.held_up_by.as_deref().cloned(), at)),
            ahead: self.not_before(),
            deletion: self.task.delete_at.filter(|_| ended && !self.is_held_back()).map(|at| at.timestamp_millis()),
        }
    }

    fn digests(&self) -> impl Iterator<Item = &Digest> {
        std::iter::once(&self.task.digest).chain(self.task.progress.pins.values())
    }
}

impl Queue {
    fn add(&mut self, by: Option<HeldUp>, at: i64, key: Key) {
        match by {
            Some(by) => self.held_up.entry(by).or_default().insert((at, key)),
            None => self.free.insert((at, key)),
        };
    }

    /// Removes one entry. Returns whether it was the last.
    fn remove(&mut self, by: Option<HeldUp>, at: i64, key: Key) -> bool {
        match by {
            Some(by) => {
                if let Some(tasks) = self.held_up.get_mut(&by) {
                    tasks.remove(&(at, key));
                    if tasks.is_empty() {
                        self.held_up.remove(&by);
                    }
                }
            }
            None => {
                self.free.remove(&(at, key));
            }
        }
        self.free.is_empty() && self.held_up.is_empty()
    }
}

impl Kept {
    /// Repairs what was stored while the clock was ahead of `now`.
    pub(super) fn set_right(&mut self, now: Timestamp) {
        let first = (now.timestamp_millis().saturating_add(1), 0);
        let ahead: Vec<Key> = self.ahead.range(first..).map(|(_, key)| *key).collect();
        for key in ahead {
            self.change(key, |row| row.set_right(now));
        }
    }

    pub(super) fn key(&self, id: TaskId) -> Option<Key> {
        self.keys.get(&id).copied()
    }

    /// Tasks whose ids begin with `prefix`.
    pub(super) fn beginning_with(&self, prefix: &IdPrefix) -> impl Iterator<Item = Key> {
        self.keys.iter().filter(|(id, _)| prefix.holds(**id)).map(|(_, key)| *key)
    }

    pub(super) fn row(&self, key: Key) -> Option<&Row> {
        self.rows.get(key)
    }

    pub(super) fn row_mut(&mut self, key: Key) -> Option<&mut Row> {
        self.rows.get_mut(key)
    }

    pub(super) fn by_id(&self, id: TaskId) -> Option<&Row> {
        self.row(self.key(id)?)
    }

    /// The row that `claim` holds, or `Conflict`.
    pub(super) fn holding(&self, claim: &Claim) -> Result<Key, StorageError> {
        self.key(claim.task_id)
            .filter(|key| {
                self.row(*key).and_then(|row| row.claim.as_ref()).is_some_and(|held| held.token == claim.token)
            })
            .ok_or(StorageError::Conflict(claim.task_id))
    }

    /// Adds a new task, unless one with its id exists.
    pub(super) fn insert(&mut self, row: Row) -> Option<Key> {
        let Entry::Vacant(free) = self.keys.entry(row.task.id) else { return None };
        self.last += 1;
        let key = *free.insert(self.last);
        self.by_age.insert(row.task.created_at.timestamp_millis(), key);
        if let Some(parent) = row.task.parent_id {
            self.by_parent.insert((parent, key));
        }
        self.pin(&row, true);
        self.place(key, row.places(), true);
        if row.is_counted() {
            self.counted.insert(key);
        }
        self.rows.insert(key, row);
        Some(key)
    }

    /// Changes a row and its index positions. Id, parent and time of creation never change.
    pub(super) fn change<T>(&mut self, key: Key, change: impl FnOnce(&mut Row) -> T) -> Option<T> {
        let row = self.rows.get_mut(key)?;
        let before = row.places();
        let answer = change(row);
        let places = row.places();
        if before != places {
            self.place(key, before, false);
            self.place(key, places, true);
        }
        Some(answer)
    }

    /// Replaces the task of a row, and gives the old one back in `task`.
    pub(super) fn replace(&mut self, key: Key, task: &mut Box<Task>) {
        if let Some(row) = self.rows.get(key)
            && row.is_counted() != COUNTED.contains(&task.status)
        {
            if row.is_counted() {
                self.counted.remove(&key);
            } else {
                self.counted.insert(key);
            }
        }
        let same =
            self.row(key).is_some_and(|r| r.task.digest == task.digest && r.task.progress.pins == task.progress.pins);
        let Some(mut row) = (if same { None } else { self.rows.remove(key) }) else {
            self.change(key, |row| std::mem::swap(&mut row.task, task));
            return;
        };
        self.pin(&row, false);
        let before = row.places();
        std::mem::swap(&mut row.task, task);
        self.pin(&row, true);
        self.place(key, before, false);
        self.place(key, row.places(), true);
        self.rows.insert(key, row);
    }

    /// Removes a task with everything that belongs to it; false if there is none.
    pub(super) fn remove(&mut self, id: TaskId) -> bool {
        let Some((key, row)) = self.keys.remove(&id).and_then(|key| Some((key, self.rows.remove(key)?))) else {
            return false;
        };
        self.by_age.remove(row.task.created_at.timestamp_millis(), key);
        if let Some(parent) = row.task.parent_id {
            self.by_parent.remove(&(parent, key));
        }
        self.counted.remove(&key);
        self.pin(&row, false);
        self.place(key, row.places(), false);
        if let Some(parent) = row.task.parent_id.filter(|_| row.is_held_back()) {
            self.held_back.remove(&(parent, key));
        }
        self.let_go(id);
        for entry in row.more.into_iter().flat_map(|more| more.index) {
            self.by_record.remove(&(entry, key));
        }
        true
    }

    /// Keeps an ended task past its retention period until its parent ends.
    pub(super) fn hold_back(&mut self, key: Key) {
        let parent = self.change(key, |row| {
            row.more().held_back = true;
            row.task.parent_id
        });
        self.held_back.extend(parent.flatten().map(|parent| (parent, key)));
    }

    /// Stops keeping the sub-tasks of `parent` past their retention period.
    pub(super) fn let_go(&mut self, parent: TaskId) {
        let those = (parent, 0)..=(parent, Key::MAX);
        while let Some((_, key)) = self.held_back.range(those.clone()).next().copied() {
            self.held_back.remove(&(parent, key));
            self.change(key, |row| row.more().held_back = false);
        }
    }

    fn place(&mut self, key: Key, places: Places, stands: bool) {
        if let Some((queue_key, by, at)) = places.due {
            if stands {
                self.queues.entry(queue_key).or_default().add(by, at, key);
                self.notifier.notify_millis(at);
            } else if self.queues.get_mut(&queue_key).is_some_and(|queue| queue.remove(by, at, key)) {
                self.queues.remove(&queue_key);
            }
        }
        if let Some(at) = places.ahead {
            if stands {
                self.ahead.insert((at, key));
            } else {
                self.ahead.remove(&(at, key));
            }
        }
        if let Some(at) = places.deletion {
            if stands {
                self.by_deletion.insert(at, key);
            } else {
                self.by_deletion.remove(at, key);
            }
        }
    }

    fn pin(&mut self, row: &Row, pins: bool) {
        for digest in row.digests() {
            match self.pinned.get_mut(digest) {
                Some(count) if pins => *count += 1,
                Some(count) if *count > 1 => *count -= 1,
                Some(_) => {
                    self.pinned.remove(digest);
                }
                None if pins => {
                    self.pinned.insert(digest.clone(), 1);
                }
                None => {}
            }
        }
    }
}
