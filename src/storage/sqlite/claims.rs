//! Claims: taking, renewing, giving back.

use std::time::Duration as Lease;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::clock::Timestamp;
use crate::storage::{Claimed, MAX_LEASES_AHEAD};
use crate::task::{Claim, HeldUp, Journal, StepRecord, TaskId};

use super::fault::{Answer, Fault};
use super::rows::{self, COLUMNS, from_json, json};
use super::writer::Earliest;

/// Claims a task that nobody holds.
pub(super) fn claim(db: &Connection, id: TaskId, now: Timestamp, lease: Lease, due: &mut Earliest) -> Answer<Claimed> {
    let mine = "id = ?4 AND (claim IS NULL OR claim_until <= ?5 OR claim_until - ?6 * claim_lease > ?5)";
    let which =
        [Cell::Text(id.to_string()), Cell::Integer(now.timestamp_millis()), Cell::Integer(MAX_LEASES_AHEAD.into())];
    if let Some(claimed) = take(db, mine, &which, &Claim::new(id, now, lease), due)? {
        return Ok(claimed);
    }
    let sql = "SELECT 1 FROM tasks WHERE id = ?";
    let there = db.prepare_cached(sql)?.exists([id.to_string()])?;
    Err(if there { Fault::Conflict(id) } else { Fault::NotFound(id) })
}

/// Claims the tasks with these keys.
pub(super) fn take_each(
    db: &Connection,
    keys: &[i64],
    now: Timestamp,
    lease: Lease,
    due: &mut Earliest,
) -> Answer<Vec<Claimed>> {
    let mut claimed = Vec::with_capacity(keys.len());
    for key in keys {
        let claim = Claim::new(TaskId::nil(), now, lease);
        match take(db, "key = ?4", &[Cell::Integer(*key)], &claim, due) {
            Ok(task) => claimed.extend(task),
            // A damaged task stays claimed, so that it does not keep the others from being handed out.
            Err(Fault::Corrupt(reason)) => tracing::error!(reason, "a due task cannot be read; it is skipped"),
            Err(other) => return Err(other),
        }
    }
    Ok(claimed)
}

/// Claims the task that `which` selects, if there is one; its parameters begin at `?4`. Stores `claim`, whatever task
/// that names.
fn take(
    db: &Connection,
    which: &str,
    parameters: &[Cell],
    claim: &Claim,
    due: &mut Earliest,
) -> Answer<Option<Claimed>> {
    let sql = format!(
        "UPDATE tasks SET claim = ?1, claim_until = ?2, claim_lease = ?3, abandoned = claim IS NOT NULL, \
         held_up_by = NULL WHERE {which} RETURNING key, wakes, due_at, abandoned, {COLUMNS}"
    );
    let mut cells = vec![
        Cell::Text(claim.token.to_string()),
        Cell::Integer(claim.until.timestamp_millis()),
        Cell::Integer(millis(claim.lease)),
    ];
    cells.extend_from_slice(parameters);
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(cells))?;
    let Some(row) = found.next()? else { return Ok(None) };
    let (key, wakes): (i64, i64) = (row.get(0)?, row.get(1)?);
    due.or_at(row.get(2)?);
    let abandoned = row.get(3)?;
    let task = rows::task(row, 4)?;
    let claim = Claim { task_id: task.id, ..claim.clone() };
    let wakes = u64::try_from(wakes).unwrap_or_default();
    Ok(Some(Claimed { claim, task, wakes, journal: journal(db, key)?, abandoned }))
}

/// A lease as it is stored.
pub(super) fn millis(lease: Lease) -> i64 {
    i64::try_from(lease.as_millis()).unwrap_or(i64::MAX)
}

/// When the claim on a task ends, if one is stored.
pub(super) fn claimed_until(db: &Connection, id: TaskId) -> Answer<Option<Timestamp>> {
    let sql = "SELECT claim_until FROM tasks WHERE id = ? AND claim IS NOT NULL";
    let until: Option<Option<i64>> =
        db.prepare_cached(sql)?.query_row([id.to_string()], |row| row.get(0)).optional()?;
    Ok(until.flatten().and_then(Timestamp::from_timestamp_millis))
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

/// Renews a claim.
pub(super) fn extend(db: &Connection, claim: Claim, due: &mut Earliest) -> Answer<Claim> {
    let sql = "UPDATE tasks SET claim_until = ?3, claim_lease = ?4 WHERE id = ?1 AND claim = ?2 RETURNING due_at";
    let which = params![
        claim.task_id.to_string(),
        claim.token.to_string(),
        claim.until.timestamp_millis(),
        millis(claim.lease)
    ];
    let found = db.prepare_cached(sql)?.query_row(which, |row| row.get(0)).optional()?;
    due.or_at(found.ok_or(Fault::Conflict(claim.task_id))?);
    Ok(claim)
}

/// Which of these claims no longer hold.
pub(super) fn lost(db: &Connection, claims: Vec<Claim>) -> Answer<Vec<Claim>> {
    let mut holds = db.prepare_cached("SELECT 1 FROM tasks WHERE id = ?1 AND claim = ?2")?;
    let mut lost = Vec::new();
    for claim in claims {
        if !holds.exists([claim.task_id.to_string(), claim.token.to_string()])? {
            lost.push(claim);
        }
    }
    Ok(lost)
}

/// Gives a claim back if it still holds, and stores the missing grant, if any.
pub(super) fn release(db: &Connection, claim: &Claim, by: Option<&HeldUp>, due: &mut Earliest) -> Answer<()> {
    let sql = "UPDATE tasks SET claim = NULL, claim_until = NULL, claim_lease = NULL, held_up_by = ?3 \
               WHERE id = ?1 AND claim = ?2 RETURNING due_at";
    let which = params![claim.task_id.to_string(), claim.token.to_string(), by.map(HeldUp::to_text)];
    let found: Option<Option<i64>> = db.prepare_cached(sql)?.query_row(which, |row| row.get(0)).optional()?;
    due.or_at(found.flatten());
    Ok(())
}

/// Appends the next step of the body in progress.
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
