//! Commits: everything is checked first, and only then changed.

use std::sync::Arc;

use crate::storage::{StorageError, entries_follow, gap};
use crate::task::{
    Checkpoint, Claim, Definition, IndexEntry, InteractionReceipt, Status, StepRecord, Task, TaskId, exact,
};

use super::feed::Told;
use super::history::Burst;
use super::kept::{Kept, Key, Leased, Row};

/// A checkpoint, prepared before the lock is taken, so that memory is allocated and freed outside of it.
pub(super) struct Write {
    /// The task's next row, and the claim that will hold it.
    row: Row,
    /// The new history entries.
    burst: Burst,
    sub_tasks: Vec<Row>,
    rest: Checked,
}

/// What is checked first and then stored.
struct Checked {
    /// The number of the first history entry, and whether the others follow it.
    first_entry: Option<u64>,
    entries_follow: Result<(), StorageError>,
    index: Option<Vec<IndexEntry>>,
    applied: Option<InteractionReceipt>,
    definitions: Vec<Arc<Definition>>,
    notify_parent: Option<TaskId>,
    acked_wakes: u64,
    not_before: Option<i64>,
    ends_journal: bool,
    claim: Option<Claim>,
    steals_claim: bool,
}

impl Write {
    /// Prepares a checkpoint.
    pub(super) fn of(checkpoint: Checkpoint) -> Self {
        let Checkpoint { mut task, transitions, sub_tasks, index, applied, definitions, .. } = checkpoint;
        let Checkpoint { notify_parent, acked_wakes, not_before, ends_journal, claim, releases, steals_claim, .. } =
            checkpoint;
        let not_before = not_before.map(|at| at.timestamp_millis());
        park(&mut task);
        let first_entry = transitions.first().map(|entry| entry.seq);
        let entries_follow =
            entries_follow(task.id, &transitions, first_entry.map_or(0, |first| first.saturating_sub(1)));
        let held = claim.as_ref().filter(|_| !releases).map(Leased::of);
        Self {
            row: Row { claim: held, ..Row::new(task) },
            burst: Burst::of(transitions),
            sub_tasks: sub_tasks.into_iter().map(sub_task).collect(),
            rest: Checked {
                first_entry,
                entries_follow,
                index,
                applied,
                definitions,
                notify_parent,
                acked_wakes,
                not_before,
                ends_journal,
                claim,
                steals_claim,
            },
        }
    }
}

fn sub_task(mut task: Task) -> Row {
    park(&mut task);
    Row::new(Box::new(task))
}

/// Frees memory that a sleeping task does not need.
fn park(task: &mut Task) {
    if task.status == Status::Waiting {
        task.attributes.shrink_to_fit();
        exact(&mut task.progress.visits);
    }
}

impl Kept {
    /// Stores a checkpoint entirely or not at all. Returns what is to be dropped.
    pub(super) fn commit(&mut self, write: Write) -> Result<Option<Row>, StorageError> {
        let Write { row, burst, sub_tasks, mut rest } = write;
        let known = self.check(&row, &mut rest)?;
        for definition in &rest.definitions {
            if !self.definitions.contains_key(&definition.digest) {
                self.definitions.insert(definition.digest.clone(), Arc::clone(definition));
            }
        }
        let (now, told) = (row.task.updated_at, Told::of(&row.task, rest.first_entry, burst.count()));
        let is_new = known.is_none();
        let (key, spent) = match known {
            // `check` has found no task with this id.
            None => (self.insert(row).unwrap_or_default(), None),
            Some(key) => (key, Some(self.follow(key, row, &rest))),
        };
        self.feed.tell(key, is_new, &told);
        if let Some(row) = self.row_mut(key) {
            row.history.add(burst);
        }
        if let (Some(applied), Some(row)) = (rest.applied, self.row_mut(key)) {
            row.more().applied.insert(applied.key.clone(), applied);
        }
        if let Some(entries) = rest.index {
            self.index(key, entries);
        }
        for row in sub_tasks {
            let told = Told::of(&row.task, None, 0);
            if let Some(key) = self.insert(row) {
                self.feed.tell(key, true, &told);
            }
        }
        if let Some(parent) = rest.notify_parent {
            self.wake(parent, now.timestamp_millis());
        }
        Ok(spent)
    }

    /// Replaces a row by `next`, and returns what is to be dropped.
    fn follow(&mut self, key: Key, mut next: Row, rest: &Checked) -> Row {
        let (id, now, ends) = (next.task.id, next.task.updated_at.timestamp_millis(), next.task.has_ended());
        self.replace(key, &mut next.task);
        if ends && !next.task.has_ended() {
            self.let_go(id);
        }
        self.change(key, |row| {
            // A writer keeps its claim as it was last renewed.
            row.claim = next.claim.take().map(|claim| row.claim.take().unwrap_or(claim));
            row.end_call();
            if row.more.is_some() || rest.not_before.is_some() {
                let wakes = &mut row.more().wakes;
                wakes.count = wakes.count.saturating_sub(rest.acked_wakes);
                wakes.not_before = rest.not_before;
                wakes.since = wakes.since.min(now).max(rest.not_before.unwrap_or(i64::MIN));
            }
            if let Some(more) = row.more.as_mut().filter(|_| rest.ends_journal) {
                more.steps = Vec::new();
            }
        });
        next
    }

    /// The key of the row to replace; none for a new task.
    fn check(&self, next: &Row, rest: &mut Checked) -> Result<Option<Key>, StorageError> {
        let task = &next.task;
        let conflict = || StorageError::Conflict(task.id);
        if rest.claim.as_ref().is_some_and(|claim| claim.task_id != task.id || rest.steals_claim) {
            return Err(conflict());
        }
        let key = self.key(task.id);
        let row = key.and_then(|key| self.row(key));
        if row.map_or(0, |row| row.task.revision).checked_add(1) != Some(task.revision) {
            return Err(conflict());
        }
        let mut seq = 0;
        if let Some(row) = row {
            let free = match &rest.claim {
                Some(claim) => row.claim.as_ref().is_some_and(|held| held.token == claim.token),
                None => rest.steals_claim || !row.is_held(task.updated_at),
            };
            let key = rest.applied.as_ref().map(|applied| &applied.key);
            let applied = key.is_some_and(|key| row.more.as_ref().is_some_and(|more| more.applied.contains_key(key)));
            if !free || applied {
                return Err(conflict());
            }
            seq = row.history.len();
        }
        if let Some(first) = rest.first_entry.filter(|first| *first != seq.saturating_add(1)) {
            return Err(gap(task.id, first, seq.saturating_add(1)));
        }
        std::mem::replace(&mut rest.entries_follow, Ok(()))?;
        Ok(key)
    }

    fn index(&mut self, key: Key, entries: Vec<IndexEntry>) {
        let before = self.change(key, |row| match (entries.is_empty(), row.more.is_some()) {
            (true, false) => Default::default(),
            _ => std::mem::replace(&mut row.more().index, entries.iter().cloned().collect()),
        });
        for entry in before.unwrap_or_default() {
            self.by_record.remove(&(entry, key));
        }
        self.by_record.extend(entries.into_iter().map(|entry| (entry, key)));
    }

    fn wake(&mut self, parent: TaskId, now: i64) {
        if let Some(key) = self.key(parent) {
            self.change(key, |row| {
                let wakes = &mut row.more().wakes;
                if wakes.count == 0 {
                    wakes.since = now.max(wakes.not_before.unwrap_or(i64::MIN));
                }
                wakes.count = wakes.count.saturating_add(1);
            });
        }
    }

    /// Appends the next step of the body in progress.
    pub(super) fn append_step(&mut self, key: Key, step: StepRecord) -> Result<(), StorageError> {
        let Some(row) = self.row(key) else { return Ok(()) };
        let next = row.more.as_ref().map_or(0, |more| more.steps.len());
        if usize::try_from(step.ordinal) != Ok(next) {
            return Err(StorageError::Conflict(row.task.id));
        }
        self.change(key, |row| {
            let more = row.more();
            if let Some(once) = step.once.clone().filter(|_| step.outcome.is_ok()) {
                more.once.entry(once).or_insert_with(|| step.clone());
            }
            more.steps.push(step);
            more.call = None;
        });
        Ok(())
    }
}
