//! Due tasks, looked up queue by queue, so that sleeping tasks cost nothing, nor do those that wait for a grant which the
//! caller lacks.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::round_robin::{QueueKey, Ready, RoundRobin};
use crate::storage::{MAX_LEASES_AHEAD, MAX_NOT_BEFORE, Wanted};
use crate::task::{HeldUp, TaskId};

use super::fault::Answer;
use super::rows::number;

/// Finds the next queue (a queue and a priority) after another of the same queue. A single comparison of both columns
/// would scan all of that queue.
pub(super) const NEXT_PRIORITY: &str = "SELECT queue, priority FROM tasks WHERE due_at IS NOT NULL \
     AND held_up_by IS NULL AND queue = ?1 AND priority > ?2 ORDER BY priority LIMIT 1";
/// Finds the first queue of the queue after another.
pub(super) const NEXT_QUEUE: &str = "SELECT queue, priority FROM tasks WHERE due_at IS NOT NULL \
     AND held_up_by IS NULL AND queue > ?1 ORDER BY queue, priority LIMIT 1";
/// Finds the next missing grant by which tasks are held up.
pub(super) const NEXT_HELD_UP: &str = "SELECT held_up_by FROM tasks WHERE due_at IS NOT NULL \
     AND held_up_by > ?1 ORDER BY held_up_by LIMIT 1";
/// Finds the next queue with tasks held up by `?1`.
pub(super) const NEXT_HELD_UP_PRIORITY: &str = "SELECT queue, priority FROM tasks WHERE due_at IS NOT NULL \
     AND held_up_by = ?1 AND queue = ?2 AND priority > ?3 ORDER BY priority LIMIT 1";
/// The same for the next queue.
pub(super) const NEXT_HELD_UP_QUEUE: &str = "SELECT queue, priority FROM tasks WHERE due_at IS NOT NULL \
     AND held_up_by = ?1 AND queue > ?2 ORDER BY queue, priority LIMIT 1";
/// Finds the due tasks of a queue, the longest due first.
pub(super) const DUE_IN_LANE: &str = "SELECT due_at, key FROM tasks \
     WHERE held_up_by IS NULL AND queue = ?1 AND priority = ?2 AND due_at <= ?3 ORDER BY due_at, key LIMIT ?4";
/// The same for tasks held up by `?5`.
pub(super) const HELD_UP_IN_LANE: &str = "SELECT due_at, key FROM tasks \
     WHERE held_up_by = ?5 AND queue = ?1 AND priority = ?2 AND due_at <= ?3 ORDER BY due_at, key LIMIT ?4";
/// Finds the due tasks of a queue, held up or not, that are the task `?5` or were started below it.
const DUE_BELOW: &str = "SELECT due_at, key FROM tasks \
     WHERE key IN (WITH RECURSIVE below (key, id) AS (SELECT key, id FROM tasks WHERE id = ?5 \
        UNION SELECT child.key, child.id FROM below JOIN tasks AS child ON child.parent_id = below.id) \
        SELECT key FROM below) \
     AND queue = ?1 AND priority = ?2 AND due_at <= ?3 \
     AND (held_up_by IS NULL OR held_up_by NOT IN (SELECT value FROM json_each(?6))) ORDER BY due_at, key LIMIT ?4";
/// Finds when the next task of a queue is due.
pub(super) const NEXT_IN_LANE: &str = "SELECT min(due_at) FROM tasks WHERE due_at IS NOT NULL \
     AND held_up_by IS NULL AND queue = ?1 AND priority = ?2";
/// The same for tasks held up by `?3`.
const NEXT_HELD_UP_IN_LANE: &str = "SELECT min(due_at) FROM tasks WHERE due_at IS NOT NULL \
     AND held_up_by = ?3 AND queue = ?1 AND priority = ?2";
/// Repairs what was stored while the clock was ahead of `?1`; `?2` is [`MAX_LEASES_AHEAD`], `?3` is [`MAX_NOT_BEFORE`].
pub(super) const SET_RIGHT: &str = "UPDATE tasks SET \
     claim = CASE WHEN claim_until - ?2 * claim_lease > ?1 THEN NULL ELSE claim END, \
     claim_until = CASE WHEN claim_until - ?2 * claim_lease > ?1 THEN NULL ELSE claim_until END, \
     claim_lease = CASE WHEN claim_until - ?2 * claim_lease > ?1 THEN NULL ELSE claim_lease END, \
     updated_at = CASE WHEN status = 'active' THEN min(updated_at, ?1) ELSE updated_at END, \
     woken_at = CASE WHEN woken_at - ?3 > ?1 THEN ?1 ELSE woken_at END \
     WHERE not_before > ?1";
/// How many missing grants one look considers. Tasks held up by others wait for the next look.
const MAX_HELD_UP_BY: usize = 1_000;

/// The queues with due tasks, each with the missing grants of tasks held up there.
type Parts = BTreeMap<QueueKey, Vec<Option<String>>>;

/// Repairs what was stored while the clock was ahead of `now`.
pub(super) fn set_right(db: &Connection, now: Timestamp) -> Answer<()> {
    let rest = i64::try_from(MAX_NOT_BEFORE.as_millis()).unwrap_or(i64::MAX);
    db.prepare_cached(SET_RIGHT)?.execute(params![now.timestamp_millis(), MAX_LEASES_AHEAD, rest])?;
    Ok(())
}

/// The wanted tasks, in a form that the writer's thread can own.
pub(super) struct Which {
    queues: Vec<Name>,
    lacks: Vec<HeldUp>,
    below: Option<TaskId>,
}

impl From<&Wanted<'_>> for Which {
    fn from(wanted: &Wanted<'_>) -> Self {
        Self { queues: wanted.queues.to_vec(), lacks: wanted.lacks.to_vec(), below: wanted.below }
    }
}

/// The keys of up to `limit` due tasks: higher priority first; queues of the same priority take turns; within a queue,
/// the longest due first.
pub(super) fn due(
    db: &Connection,
    round_robin: &mut RoundRobin,
    now: Timestamp,
    which: &Which,
    limit: usize,
) -> Answer<Vec<i64>> {
    let keys = keys(db, which)?;
    round_robin.line_up(keys.keys());
    let meant: Vec<QueueKey> = keys.keys().filter(|key| which.is_of(key)).cloned().collect();
    round_robin.pick(&meant, limit, |key, most| {
        let mut ready: Vec<(i64, i64)> = Vec::new();
        if which.below.is_some() {
            ready = which.below(db, key, now, most)?;
        } else {
            for part in keys.get(key).into_iter().flatten() {
                ready.extend(part_of(db, key, part.as_deref(), now, most)?);
            }
            ready.sort_unstable();
            ready.truncate(most);
        }
        Ok::<Ready<i64>, super::fault::Fault>(ready.into())
    })
}

fn part_of(db: &Connection, key: &QueueKey, by: Option<&str>, now: Timestamp, most: usize) -> Answer<Vec<(i64, i64)>> {
    let priority = key.priority();
    let (queue, now, most) = (key.queue().as_str(), now.timestamp_millis(), number(most as u64));
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(match by {
        None => {
            let mut statement = db.prepare_cached(DUE_IN_LANE)?;
            let found = statement.query_map(params![queue, priority, now, most], read)?;
            found.collect::<Result<_, _>>()?
        }
        Some(by) => {
            let mut statement = db.prepare_cached(HELD_UP_IN_LANE)?;
            let found = statement.query_map(params![queue, priority, now, most, by], read)?;
            found.collect::<Result<_, _>>()?
        }
    })
}

impl Which {
    fn is_of(&self, key: &QueueKey) -> bool {
        self.queues.is_empty() || self.queues.contains(key.queue())
    }

    fn lacks(&self, by: &str) -> bool {
        self.lacks.contains(&HeldUp::from_text(by))
    }

    /// The due tasks of a queue below a task.
    fn below(&self, db: &Connection, key: &QueueKey, now: Timestamp, most: usize) -> Answer<Vec<(i64, i64)>> {
        let (priority, queue) = (key.priority(), key.queue());
        let lacks: Vec<String> = self.lacks.iter().map(HeldUp::to_text).collect();
        let root = self.below.map(|id| id.to_string());
        let mut statement = db.prepare_cached(DUE_BELOW)?;
        let which = params![
            queue.as_str(),
            priority,
            now.timestamp_millis(),
            number(most as u64),
            root,
            serde_json::to_string(&lacks)?
        ];
        let found = statement.query_map(which, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

/// When the next task is due.
pub(super) fn next_due(db: &Connection, which: &Which) -> Answer<Option<i64>> {
    let mut next: Option<i64> = None;
    for (key, parts) in keys(db, which)?.iter().filter(|(key, _)| which.is_of(key)) {
        let (priority, queue) = (key.priority(), key.queue());
        if which.below.is_some() {
            let first = which.below(db, key, Timestamp::MAX_UTC, 1)?;
            next = next.into_iter().chain(first.first().map(|(at, _)| *at)).min();
            continue;
        }
        for part in parts {
            let due: Option<i64> = match part {
                None => {
                    db.prepare_cached(NEXT_IN_LANE)?.query_row(params![queue.as_str(), priority], |row| row.get(0))?
                }
                Some(by) => db
                    .prepare_cached(NEXT_HELD_UP_IN_LANE)?
                    .query_row(params![queue.as_str(), priority, by], |row| row.get(0))?,
            };
            next = next.into_iter().chain(due).min();
        }
    }
    Ok(next)
}

/// The queues with tasks that are or will be due, in order, each with the parts to search. It takes one look-up per
/// queue, however many tasks there are.
fn keys(db: &Connection, which: &Which) -> Answer<Parts> {
    let mut parts = Parts::new();
    let (mut next_priority, mut next_queue) = (db.prepare_cached(NEXT_PRIORITY)?, db.prepare_cached(NEXT_QUEUE)?);
    // Sorts before every priority of the first queue.
    let mut last = (String::new(), i64::MIN);
    loop {
        let mut found = next_priority.query_row(params![last.0, last.1], key).optional()?;
        if found.is_none() {
            found = next_queue.query_row([&last.0], key).optional()?;
        }
        let Some((queue, priority)) = found else { break };
        parts.entry(QueueKey::new(priority, Name::new(&queue))).or_default().push(None);
        last = (queue, priority.into());
    }
    let mut by = String::new();
    for _ in 0..MAX_HELD_UP_BY {
        let found = db.prepare_cached(NEXT_HELD_UP)?.query_row([&by], |row| row.get(0)).optional()?;
        let Some(found) = found else { break };
        by = found;
        // These queues are in line too, whoever asks.
        let is_meant = !which.lacks(&by);
        for key in held_up_keys(db, &by)? {
            let parts = parts.entry(key).or_default();
            if is_meant {
                parts.push(Some(by.clone()));
            }
        }
    }
    Ok(parts)
}

/// The queues with tasks held up by `by`.
fn held_up_keys(db: &Connection, by: &str) -> Answer<Vec<QueueKey>> {
    let (mut next_priority, mut next_queue) =
        (db.prepare_cached(NEXT_HELD_UP_PRIORITY)?, db.prepare_cached(NEXT_HELD_UP_QUEUE)?);
    let (mut keys, mut last) = (Vec::new(), (String::new(), i64::MIN));
    loop {
        let mut found = next_priority.query_row(params![by, last.0, last.1], key).optional()?;
        if found.is_none() {
            found = next_queue.query_row([by, &last.0], key).optional()?;
        }
        let Some((queue, priority)) = found else { return Ok(keys) };
        keys.push(QueueKey::new(priority, Name::new(&queue)));
        last = (queue, priority.into());
    }
}

fn key(row: &Row<'_>) -> rusqlite::Result<(String, i32)> {
    Ok((row.get(0)?, row.get(1)?))
}
