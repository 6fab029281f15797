//! Claims, and what is due: looked up lane by lane, so that what sleeps costs nothing.

use std::cmp::Reverse;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::Claimed;
use crate::storage::turns::{Lane, Ready, Turns};
use crate::task::{Claim, Journal, StepRecord, TaskId};

use super::fault::{Answer, Fault};
use super::rows::{self, COLUMNS, from_json, json, number};
use super::writer::Earliest;

/// Finds the next lane, a queue and a priority, after another of the same queue. One comparison of both at once would go
/// through all of that lane.
pub(super) const NEXT_PRIORITY: &str = "SELECT queue, priority FROM tasks WHERE due_at IS NOT NULL \
     AND queue = ?1 AND priority > ?2 ORDER BY priority LIMIT 1";
/// Finds the first lane of the queue after another.
pub(super) const NEXT_QUEUE: &str = "SELECT queue, priority FROM tasks WHERE due_at IS NOT NULL \
     AND queue > ?1 ORDER BY queue, priority LIMIT 1";
/// Finds what is due in a lane, the longest due first.
pub(super) const DUE_IN_LANE: &str = "SELECT due_at, key FROM tasks \
     WHERE queue = ?1 AND priority = ?2 AND due_at <= ?3 ORDER BY due_at, key LIMIT ?4";
/// Finds when something is due in a lane.
pub(super) const NEXT_IN_LANE: &str = "SELECT min(due_at) FROM tasks WHERE due_at IS NOT NULL \
     AND queue = ?1 AND priority = ?2";

/// Claims a task that nobody holds.
pub(super) fn claim(
    db: &Connection,
    id: TaskId,
    now: Timestamp,
    until: Timestamp,
    due: &mut Earliest,
) -> Answer<Claimed> {
    let mine = "id = ?3 AND (claim IS NULL OR claim_until <= ?4)";
    let which = [Cell::Text(id.to_string()), Cell::Integer(now.timestamp_millis())];
    if let Some(claimed) = take(db, mine, &which, until, due)? {
        return Ok(claimed);
    }
    let sql = "SELECT 1 FROM tasks WHERE id = ?";
    let there = db.prepare_cached(sql)?.exists([id.to_string()])?;
    Err(if there { Fault::Conflict(id) } else { Fault::NotFound(id) })
}

/// Claims the tasks with these keys.
pub(super) fn take_each(db: &Connection, keys: &[i64], until: Timestamp, due: &mut Earliest) -> Answer<Vec<Claimed>> {
    let mut claimed = Vec::with_capacity(keys.len());
    for key in keys {
        match take(db, "key = ?3", &[Cell::Integer(*key)], until, due) {
            Ok(task) => claimed.extend(task),
            // A damaged task stays claimed, so that it does not keep the others from being handed out.
            Err(Fault::Corrupt(reason)) => tracing::error!(reason, "a due task cannot be read; it is passed over"),
            Err(other) => return Err(other),
        }
    }
    Ok(claimed)
}

/// The keys of up to `limit` due tasks: higher priority first, queues of one priority in turn, each with its longest due
/// first.
pub(super) fn due(
    db: &Connection,
    turns: &mut Turns,
    now: Timestamp,
    queues: &[Name],
    limit: usize,
) -> Answer<Vec<i64>> {
    let mut lanes = lanes(db)?;
    turns.line_up(lanes.iter());
    lanes.retain(|lane| is_of(lane, queues));
    turns.deal(&lanes, limit, |(Reverse(priority), queue), wanted| {
        let mut statement = db.prepare_cached(DUE_IN_LANE)?;
        let which = params![queue.as_str(), priority, now.timestamp_millis(), number(wanted as u64)];
        let found = statement.query_map(which, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.collect::<Result<Ready<i64>, _>>()?)
    })
}

/// When something in `queues` is due next.
pub(super) fn next_due(db: &Connection, queues: &[Name]) -> Answer<Option<i64>> {
    let mut next: Option<i64> = None;
    for lane in lanes(db)?.iter().filter(|lane| is_of(lane, queues)) {
        let (Reverse(priority), queue) = lane;
        let which = params![queue.as_str(), priority];
        let due: Option<i64> = db.prepare_cached(NEXT_IN_LANE)?.query_row(which, |row| row.get(0))?;
        next = next.into_iter().chain(due).min();
    }
    Ok(next)
}

fn is_of((_, queue): &Lane, queues: &[Name]) -> bool {
    queues.is_empty() || queues.contains(queue)
}

/// The lanes in which something is due, now or later, in order: as many look-ups as there are lanes, however many tasks.
fn lanes(db: &Connection) -> Answer<Vec<Lane>> {
    let (mut next_priority, mut next_queue) = (db.prepare_cached(NEXT_PRIORITY)?, db.prepare_cached(NEXT_QUEUE)?);
    let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i32>(1)?));
    let mut lanes = Vec::new();
    // Before every priority of the queue that comes before every other.
    let mut last = (String::new(), i64::MIN);
    loop {
        let mut found = next_priority.query_row(params![last.0, last.1], read).optional()?;
        if found.is_none() {
            found = next_queue.query_row([&last.0], read).optional()?;
        }
        let Some((queue, priority)) = found else { break };
        lanes.push((Reverse(priority), Name::new(&queue)));
        last = (queue, priority.into());
    }
    lanes.sort_unstable();
    Ok(lanes)
}

/// Claims the one task that `which` means, if there is one; its parameters begin at `?3`.
fn take(
    db: &Connection,
    which: &str,
    parameters: &[Cell],
    until: Timestamp,
    due: &mut Earliest,
) -> Answer<Option<Claimed>> {
    let token = Uuid::new_v4();
    let sql =
        format!("UPDATE tasks SET claim = ?1, claim_until = ?2 WHERE {which} RETURNING key, wakes, due_at, {COLUMNS}");
    let mut cells = vec![Cell::Text(token.to_string()), Cell::Integer(until.timestamp_millis())];
    cells.extend_from_slice(parameters);
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(cells))?;
    let Some(row) = found.next()? else { return Ok(None) };
    let (key, wakes): (i64, i64) = (row.get(0)?, row.get(1)?);
    due.or_at(row.get(2)?);
    let task = rows::task(row, 3)?;
    let claim = Claim { task_id: task.id, token, until };
    let wakes = u64::try_from(wakes).unwrap_or_default();
    Ok(Some(Claimed { claim, task, wakes, journal: journal(db, key)? }))
}

/// The journal of a task, whoever holds it.
pub(super) fn journal_of(db: &Connection, id: TaskId) -> Answer<Journal> {
    let sql = "SELECT key FROM tasks WHERE id = ?";
    let key = db.prepare_cached(sql)?.query_row([id.to_string()], |row| row.get(0)).optional()?;
    journal(db, key.ok_or(Fault::NotFound(id))?)
}

fn journal(db: &Connection, key: i64) -> Answer<Journal> {
    let read = |sql: &str| -> Answer<Vec<StepRecord>> {
        let mut statement = db.prepare_cached(sql)?;
        let mut found = statement.query([key])?;
        let mut steps = Vec::new();
        while let Some(row) = found.next()? {
            steps.push(step(row)?);
        }
        Ok(steps)
    };
    Ok(Journal {
        steps: read("SELECT record FROM steps WHERE task = ? ORDER BY ordinal")?,
        once: read("SELECT record FROM once WHERE task = ? ORDER BY key")?,
    })
}

fn step(row: &Row<'_>) -> Answer<StepRecord> {
    from_json(&row.get::<_, String>(0)?, "a step")
}

/// Holds a claim for longer.
pub(super) fn extend(db: &Connection, claim: Claim, until: Timestamp, due: &mut Earliest) -> Answer<Claim> {
    let sql = "UPDATE tasks SET claim_until = ?3 WHERE id = ?1 AND claim = ?2 RETURNING due_at";
    let which = params![claim.task_id.to_string(), claim.token.to_string(), until.timestamp_millis()];
    let found = db.prepare_cached(sql)?.query_row(which, |row| row.get(0)).optional()?;
    due.or_at(found.ok_or(Fault::Conflict(claim.task_id))?);
    Ok(Claim { until, ..claim })
}

/// Gives a claim back, if it still holds.
pub(super) fn release(db: &Connection, claim: &Claim, due: &mut Earliest) -> Answer<()> {
    let sql = "UPDATE tasks SET claim = NULL, claim_until = NULL WHERE id = ?1 AND claim = ?2 RETURNING due_at";
    let which = [claim.task_id.to_string(), claim.token.to_string()];
    let found: Option<Option<i64>> = db.prepare_cached(sql)?.query_row(which, |row| row.get(0)).optional()?;
    due.or_at(found.flatten());
    Ok(())
}

/// Appends the next step of the body under way.
pub(super) fn append_step(db: &Connection, claim: &Claim, step: &StepRecord) -> Answer<()> {
    let conflict = || Fault::Conflict(claim.task_id);
    let sql = "SELECT key, (SELECT count(*) FROM steps WHERE task = key) FROM tasks WHERE id = ?1 AND claim = ?2";
    let which = [claim.task_id.to_string(), claim.token.to_string()];
    let found: Option<(i64, i64)> =
        db.prepare_cached(sql)?.query_row(which, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (key, next) = found.ok_or_else(conflict)?;
    if i64::from(step.ordinal) != next {
        return Err(conflict());
    }
    let record = json(step)?;
    let sql = "INSERT INTO steps (task, ordinal, record) VALUES (?, ?, ?)";
    db.prepare_cached(sql)?.execute(params![key, step.ordinal, record])?;
    if let Some(once) = step.once.as_ref().filter(|_| step.outcome.is_ok()) {
        let sql = "INSERT INTO once (task, key, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        db.prepare_cached(sql)?.execute(params![key, once.as_str(), record])?;
    }
    Ok(())
}
