//! Claims, and what is due: looked up lane by lane, so that what sleeps costs nothing.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::Claimed;
use crate::task::{Claim, Journal, StepRecord, TaskId};

use super::fault::{Answer, Fault};
use super::rows::{self, COLUMNS, from_json, json, number};

/// Finds the next lane, a queue and a priority, after another.
pub(super) const NEXT_LANE: &str = "SELECT queue, priority FROM tasks WHERE due_at IS NOT NULL \
     AND (queue, priority) > (?1, ?2) ORDER BY queue, priority LIMIT 1";
/// Finds what is due in a lane, the longest due first.
pub(super) const DUE_IN_LANE: &str = "SELECT due_at, key FROM tasks \
     WHERE queue = ?1 AND priority = ?2 AND due_at <= ?3 ORDER BY due_at, key LIMIT ?4";
/// Finds when something is due in a lane.
pub(super) const NEXT_IN_LANE: &str = "SELECT min(due_at) FROM tasks WHERE due_at IS NOT NULL \
     AND queue = ?1 AND priority = ?2";

/// Claims a task that nobody holds.
pub(super) fn claim(db: &Connection, id: TaskId, now: Timestamp, until: Timestamp) -> Answer<Claimed> {
    let mine = "id = ?3 AND (claim IS NULL OR claim_until <= ?4)";
    let which = [Cell::Text(id.to_string()), Cell::Integer(now.timestamp_millis())];
    if let Some(claimed) = take(db, mine, &which, until)? {
        return Ok(claimed);
    }
    let sql = "SELECT 1 FROM tasks WHERE id = ?";
    let there = db.prepare_cached(sql)?.exists([id.to_string()])?;
    Err(if there { Fault::Conflict(id) } else { Fault::NotFound(id) })
}

/// Claims up to `limit` due tasks.
pub(super) fn claim_due(
    db: &Connection,
    now: Timestamp,
    queues: &[Name],
    limit: usize,
    until: Timestamp,
) -> Answer<Vec<Claimed>> {
    let mut claimed = Vec::new();
    for key in due(db, now, queues, limit)? {
        match take(db, "key = ?3", &[Cell::Integer(key)], until) {
            Ok(task) => claimed.extend(task),
            // A damaged task stays claimed, so that it does not keep the others from being handed out.
            Err(Fault::Corrupt(reason)) => tracing::error!(reason, "a due task cannot be read; it is passed over"),
            Err(other) => return Err(other),
        }
    }
    Ok(claimed)
}

/// The keys of due tasks: higher priority first, then the longest due.
fn due(db: &Connection, now: Timestamp, queues: &[Name], limit: usize) -> Answer<Vec<i64>> {
    let mut lanes = lanes(db, queues)?;
    lanes.sort_by_key(|(_, priority)| std::cmp::Reverse(*priority));
    let mut due: Vec<i64> = Vec::new();
    for same in lanes.chunk_by(|(_, one), (_, other)| one == other) {
        let left = limit.saturating_sub(due.len());
        if left == 0 {
            break;
        }
        let mut ready: Vec<(i64, i64)> = Vec::new();
        for (queue, priority) in same {
            let mut statement = db.prepare_cached(DUE_IN_LANE)?;
            let which = params![queue, priority, now.timestamp_millis(), number(left as u64)];
            for row in statement.query_map(which, |row| Ok((row.get(0)?, row.get(1)?)))? {
                ready.push(row?);
            }
        }
        ready.sort_unstable();
        due.extend(ready.into_iter().take(left).map(|(_, key)| key));
    }
    Ok(due)
}

/// When something in `queues` is due next.
pub(super) fn next_due(db: &Connection, queues: &[Name]) -> Answer<Option<i64>> {
    let mut next: Option<i64> = None;
    for (queue, priority) in lanes(db, queues)? {
        let due: Option<i64> =
            db.prepare_cached(NEXT_IN_LANE)?.query_row(params![queue, priority], |row| row.get(0))?;
        next = next.into_iter().chain(due).min();
    }
    Ok(next)
}

/// The lanes in which something is due, now or later: as many look-ups as there are lanes, however many tasks.
fn lanes(db: &Connection, queues: &[Name]) -> Answer<Vec<(String, i64)>> {
    let mut statement = db.prepare_cached(NEXT_LANE)?;
    let mut lanes = Vec::new();
    let mut last = (String::new(), i64::MIN);
    while let Some(lane) =
        statement.query_row(params![last.0, last.1], |row| Ok((row.get(0)?, row.get(1)?))).optional()?
    {
        last = lane;
        if queues.is_empty() || queues.iter().any(|queue| *queue == *last.0) {
            lanes.push(last.clone());
        }
    }
    Ok(lanes)
}

/// Claims the one task that `which` means, if there is one; its parameters begin at `?3`.
fn take(db: &Connection, which: &str, parameters: &[Cell], until: Timestamp) -> Answer<Option<Claimed>> {
    let token = Uuid::new_v4();
    let sql = format!("UPDATE tasks SET claim = ?1, claim_until = ?2 WHERE {which} RETURNING key, wakes, {COLUMNS}");
    let mut cells = vec![Cell::Text(token.to_string()), Cell::Integer(until.timestamp_millis())];
    cells.extend_from_slice(parameters);
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(cells))?;
    let Some(row) = found.next()? else { return Ok(None) };
    let (key, wakes): (i64, i64) = (row.get(0)?, row.get(1)?);
    let task = rows::task(row, 2)?;
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
pub(super) fn extend(db: &Connection, claim: Claim, until: Timestamp) -> Answer<Claim> {
    let sql = "UPDATE tasks SET claim_until = ?3 WHERE id = ?1 AND claim = ?2";
    let which = params![claim.task_id.to_string(), claim.token.to_string(), until.timestamp_millis()];
    match db.prepare_cached(sql)?.execute(which)? {
        0 => Err(Fault::Conflict(claim.task_id)),
        _ => Ok(Claim { until, ..claim }),
    }
}

/// Gives a claim back, if it still holds.
pub(super) fn release(db: &Connection, claim: &Claim) -> Answer<()> {
    let sql = "UPDATE tasks SET claim = NULL, claim_until = NULL WHERE id = ?1 AND claim = ?2";
    db.prepare_cached(sql)?.execute([claim.task_id.to_string(), claim.token.to_string()])?;
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
