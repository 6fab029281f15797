//! Claims: taking, renewing, giving back.

use std::time::Duration as Lease;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::clock::{Timestamp, from_millis};
use crate::name::Name;
use crate::storage::{CallInFlight, Claimed, Held, MAX_LEASES_AHEAD};
use crate::task::{Claim, HeldUp, Journal, StepRecord, TaskId};

use super::fault::{Answer, Fault};
use super::rows::{self, COLUMNS, from_json, json};
use super::writer::Earliest;

/// Claims a task that nobody holds, for a lease from now on.
pub(super) fn claim(
    db: &Connection,
    id: TaskId,
    (now, lease): (Timestamp, Lease),
    holder: &Name,
    due: &mut Earliest,
) -> Answer<Claimed> {
    let mine = "id = ?5 AND (claim IS NULL OR claim_until <= ?6 OR claim_until - ?7 * claim_lease > ?6)";
    let which =
        [Cell::Text(id.to_string()), Cell::Integer(now.timestamp_millis()), Cell::Integer(MAX_LEASES_AHEAD.into())];
    if let Some(claimed) = take(db, mine, &which, (&Claim::new(id, now, lease), holder), due)? {
        return Ok(claimed);
    }
    let sql = "SELECT 1 FROM tasks WHERE id = ?";
    let there = db.prepare_cached(sql)?.exists([id.to_string()])?;
    Err(if there { Fault::Conflict(id) } else { Fault::NotFound(id) })
}

/// Claims the tasks with these keys, for a lease from now on.
pub(super) fn take_each(
    db: &Connection,
    keys: &[i64],
    (now, lease): (Timestamp, Lease),
    holder: &Name,
    due: &mut Earliest,
) -> Answer<Vec<Claimed>> {
    let mut claimed = Vec::with_capacity(keys.len());
    for key in keys {
        let claim = Claim::new(TaskId::nil(), now, lease);
        match take(db, "key = ?5", &[Cell::Integer(*key)], (&claim, holder), due) {
            Ok(task) => claimed.extend(task),
            // A damaged task stays claimed, so that it does not keep the others from being handed out.
            Err(Fault::Corrupt(reason)) => tracing::error!(reason, "a due task cannot be read; it is skipped"),
            Err(other) => return Err(other),
        }
    }
    Ok(claimed)
}

/// Claims the task that `which` selects, if there is one; its parameters begin at `?5`. Stores `claim`, whatever task
/// that names, and who holds it.
fn take(
    db: &Connection,
    which: &str,
    parameters: &[Cell],
    (claim, holder): (&Claim, &Name),
    due: &mut Earliest,
) -> Answer<Option<Claimed>> {
    let sql = format!(
        "UPDATE tasks SET claim = ?1, claim_until = ?2, claim_lease = ?3, abandoned = claim IS NOT NULL, \
         held_up_by = NULL, holder = ?4, call = NULL WHERE {which} RETURNING key, wakes, due_at, abandoned, {COLUMNS}"
    );
    let mut cells = vec![
        Cell::Text(claim.token.to_string()),
        Cell::Integer(claim.until.timestamp_millis()),
        Cell::Integer(millis(claim.lease)),
        Cell::Text(holder.to_string()),
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

/// The claim that is stored on a task.
pub(super) fn held(db: &Connection, id: TaskId) -> Answer<Option<Held>> {
    let sql = "SELECT holder, claim_until, call, call_since FROM tasks WHERE id = ? AND claim IS NOT NULL";
    let read = |row: &Row<'_>| {
        let (holder, until): (Option<String>, i64) = (row.get(0)?, row.get(1)?);
        let (function, since): (Option<String>, Option<i64>) = (row.get(2)?, row.get(3)?);
        let call = function.zip(since);
        let call = call.map(|(function, since)| CallInFlight { function: function.into(), since: from_millis(since) });
        Ok(Held { holder: holder.map(Name::from), until: from_millis(until), call })
    };
    Ok(db.prepare_cached(sql)?.query_row([id.to_string()], read).optional()?)
}

/// Notes the call that the holder of a claim waits for, if it still holds.
pub(super) fn note_call(db: &Connection, claim: &Claim, call: &CallInFlight) -> Answer<()> {
    let sql = "UPDATE tasks SET call = ?3, call_since = ?4 WHERE id = ?1 AND claim = ?2";
    let since = call.since.timestamp_millis();
    let which = params![claim.task_id.to_string(), claim.token.to_string(), call.function.as_str(), since];
    db.prepare_cached(sql)?.execute(which)?;
    Ok(())
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
    let sql = "SELECT key, (SELECT count(*) FROM steps WHERE task = key), call IS NOT NULL FROM tasks \
               WHERE id = ?1 AND claim = ?2";
    let which = [claim.task_id.to_string(), claim.token.to_string()];
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: Option<(i64, i64, bool)> = db.prepare_cached(sql)?.query_row(which, read).optional()?;
    let (key, next, is_noted) = found.ok_or_else(conflict)?;
    if i64::from(step.ordinal) != next {
        return Err(conflict());
    }
    if is_noted {
        db.prepare_cached("UPDATE tasks SET call = NULL WHERE key = ?")?.execute([key])?;
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
