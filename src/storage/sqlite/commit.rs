//! Commits, within the writer's transaction: an error rolls everything back.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::clock::Timestamp;
use crate::name::Name;
use crate::storage::entries_follow;
use crate::task::{Checkpoint, Claim, Definition, IndexEntry, InteractionReceipt, Status, Task, TaskId, Transition};
use crate::value::Stored;

use super::claims::millis;
use super::fault::{Answer, Fault};
use super::feed;
use super::rows::{cells, columns, json, number};
use super::writer::Earliest;

/// Whether the writer may write: under the claim `?22`, without a claim at the moment `?16`, or by seizing the task
/// (`?28`).
macro_rules! may_write {
    () => {
        "CASE WHEN ?22 IS NULL THEN ?28 OR claim IS NULL OR claim_until <= ?16 OR claim_until - 2 * claim_lease > ?16 \
         ELSE claim = ?22 END"
    };
}
/// Inserts a task: its columns, then `seq`, its claim, its missing grant, and its holder. Its key is the next one that was
/// never given.
const INSERT: &str = concat!(
    "INSERT INTO tasks (",
    columns!(),
    ", seq, claim, claim_until, claim_lease, held_up_by, holder, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
     ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, \
     (SELECT last_key + 1 FROM store WHERE last_key >= coalesce((SELECT max(key) FROM tasks), 0))) \
     ON CONFLICT (id) DO NOTHING"
);
/// Changes a task: its columns, then the writer's claim, whether it keeps it, the wakes seen, the number of new history
/// entries, the revision and the last history entry that must be stored, whether it seizes the task, until when it
/// rests, and its missing grant.
const UPDATE: &str = concat!(
    "UPDATE tasks SET flow = ?2, version = ?3, digest = ?4, status = ?5, state = ?6, attributes = ?7, secrets = ?8, \
     output = ?9, error = ?10, queue = ?12, priority = ?13, revision = ?14, updated_at = ?16, wake_at = ?17, \
     timeout_at = ?18, delete_at = ?19, ended_at = ?20, progress = ?21, \
     claim = CASE WHEN ?23 THEN claim END, claim_until = CASE WHEN ?23 THEN claim_until END, \
     claim_lease = CASE WHEN ?23 THEN claim_lease END, held_up_by = ?30, call = NULL, \
     wakes = max(0, wakes - ?24), seq = seq + ?25, rests_until = ?29, \
     woken_at = max(min(woken_at, ?16), coalesce(?29, min(woken_at, ?16))) \
     WHERE id = ?1 AND revision = ?26 AND seq = coalesce(?27, seq) AND ",
    may_write!(),
    " RETURNING key, due_at"
);
/// Finds the last history entry of a task.
const LAST_ENTRY: &str = concat!("SELECT seq FROM tasks WHERE id = ?1 AND revision = ?2 AND ", may_write!());

/// When a new task may be claimed as due, if ever: the same as the column `due_at` gives for a stored one.
fn due_at(task: &Task, claim_until: Option<i64>) -> Option<i64> {
    let due = match task.status {
        Status::Active => Some(task.updated_at),
        Status::Waiting => task.wake_at,
        Status::Completed | Status::Failed | Status::Cancelled => None,
    };
    due.map(|due| due.timestamp_millis().max(claim_until.unwrap_or(i64::MIN)))
}

/// Stores `checkpoint`, whose claim, if any, `holder` has.
pub(super) fn commit(db: &Connection, checkpoint: &Checkpoint, holder: &Name, due: &mut Earliest) -> Answer<()> {
    let task = &checkpoint.task;
    if checkpoint.claim.as_ref().is_some_and(|claim| claim.task_id != task.id || checkpoint.steals_claim) {
        return Err(Fault::Conflict(task.id));
    }
    for definition in &checkpoint.definitions {
        define(db, definition)?;
    }
    let key = if task.revision == 1 { begin(db, checkpoint, holder, due)? } else { go_on(db, checkpoint, due)? };
    for entry in &checkpoint.transitions {
        record(db, key, entry)?;
    }
    feed::tell(db, key, checkpoint)?;
    if let Some(entries) = &checkpoint.index {
        index(db, key, entries)?;
    }
    if let Some(applied) = &checkpoint.applied {
        apply(db, key, task.id, applied)?;
    }
    if checkpoint.ends_journal && task.revision > 1 {
        db.prepare_cached("DELETE FROM steps WHERE task = ?")?.execute([key])?;
    }
    for task in &checkpoint.sub_tasks {
        if let Some(key) = insert(db, task, 0, None)? {
            feed::tell_start(db, key, task)?;
            due.or_at(due_at(task, None));
        }
    }
    if let Some(parent) = checkpoint.notify_parent {
        due.or_at(wake(db, parent, task.updated_at)?);
    }
    Ok(())
}

/// Stores a new task and returns its key.
fn begin(db: &Connection, checkpoint: &Checkpoint, holder: &Name, due: &mut Earliest) -> Answer<i64> {
    let id = checkpoint.task.id;
    let entries = checkpoint.transitions.len();
    let claim = checkpoint.claim.as_ref().filter(|_| !checkpoint.releases);
    due.or_at(due_at(&checkpoint.task, claim.map(|claim| claim.until.timestamp_millis())));
    let key = insert(db, &checkpoint.task, entries, claim.map(|claim| (claim, holder)))?.ok_or(Fault::Conflict(id))?;
    entries_follow(id, &checkpoint.transitions, 0)?;
    Ok(key)
}

/// Inserts a task; returns none if one with its id exists.
fn insert(db: &Connection, task: &Task, entries: usize, claim: Option<(&Claim, &Name)>) -> Answer<Option<i64>> {
    let none = [Cell::Null, Cell::Null, Cell::Null, Cell::Null];
    let [token, until, lease, holder] = claim.map_or(none, |(claim, holder)| {
        let (until, lease) = (claim.until.timestamp_millis(), millis(claim.lease));
        [claim.token.to_string().into(), until.into(), lease.into(), holder.to_string().into()]
    });
    let mut cells = cells(task)?;
    cells.extend([Cell::Integer(number(entries as u64)), token, until, lease, held_up_by(task), holder]);
    let inserted = db.prepare_cached(INSERT)?.execute(params_from_iter(cells))?;
    Ok((inserted == 1).then(|| db.last_insert_rowid()))
}

fn held_up_by(task: &Task) -> Cell {
    task.held_up_by.as_ref().map_or(Cell::Null, |by| Cell::Text(by.to_text()))
}

/// Stores the next revision of a task and returns its key.
fn go_on(db: &Connection, checkpoint: &Checkpoint, due: &mut Earliest) -> Answer<i64> {
    let task = &checkpoint.task;
    let before = task.revision.checked_sub(1).ok_or(Fault::Conflict(task.id))?;
    let seq = checkpoint.transitions.first().map(|entry| entry.seq.saturating_sub(1));
    if let Some(seq) = seq {
        entries_follow(task.id, &checkpoint.transitions, seq)?;
    }
    let token = checkpoint.claim.as_ref().map(|claim| claim.token.to_string());
    let mut cells = cells(task)?;
    cells.extend([
        token.clone().map_or(Cell::Null, Cell::Text),
        Cell::Integer((token.is_some() && !checkpoint.releases).into()),
        Cell::Integer(number(checkpoint.acked_wakes)),
        Cell::Integer(number(checkpoint.transitions.len() as u64)),
        Cell::Integer(number(before)),
        seq.map_or(Cell::Null, |seq| Cell::Integer(number(seq))),
        Cell::Integer(checkpoint.steals_claim.into()),
        checkpoint.not_before.map_or(Cell::Null, |at| Cell::Integer(at.timestamp_millis())),
        held_up_by(task),
    ]);
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let Some((key, due_at)) = db.prepare_cached(UPDATE)?.query_row(params_from_iter(cells), read).optional()? else {
        return Err(why_not(db, checkpoint, before, token));
    };
    due.or_at(due_at);
    Ok(key)
}

/// Why a revision was not stored: a gap in the history, or somebody else was first.
fn why_not(db: &Connection, checkpoint: &Checkpoint, before: u64, token: Option<String>) -> Fault {
    let task = &checkpoint.task;
    let find = || -> Answer<Option<i64>> {
        let mut statement = db.prepare(LAST_ENTRY)?;
        statement.raw_bind_parameter(1, task.id.to_string())?;
        statement.raw_bind_parameter(2, number(before))?;
        statement.raw_bind_parameter(16, task.updated_at.timestamp_millis())?;
        statement.raw_bind_parameter(22, token)?;
        statement.raw_bind_parameter(28, checkpoint.steals_claim)?;
        let mut rows = statement.raw_query();
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    };
    match find() {
        Ok(Some(seq)) => match entries_follow(task.id, &checkpoint.transitions, u64::try_from(seq).unwrap_or_default())
        {
            Err(gap) => gap.into(),
            Ok(()) => Fault::Conflict(task.id),
        },
        Ok(None) => Fault::Conflict(task.id),
        Err(fault) => fault,
    }
}

fn define(db: &Connection, definition: &Definition) -> Answer<()> {
    let sql = "INSERT INTO definitions (digest, flow, version, file, first_line, text) VALUES (?, ?, ?, ?, ?, ?) \
               ON CONFLICT DO NOTHING";
    db.prepare_cached(sql)?.execute(params![
        definition.digest.to_string(),
        definition.flow.as_str(),
        definition.version,
        definition.file,
        number(definition.first_line as u64),
        &*definition.text,
    ])?;
    Ok(())
}

fn record(db: &Connection, key: i64, entry: &Transition) -> Answer<()> {
    let sql = "INSERT INTO history (task, seq, at, from_state, to_state, cause, by, actor, changes, error, steps, ms, omitted) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let changes = (!entry.changes.is_empty()).then(|| json(&Stored(&entry.changes))).transpose()?;
    let error = entry.error.as_ref().map(json).transpose()?;
    let steps = (!entry.steps.is_empty()).then(|| json(&entry.steps)).transpose()?;
    db.prepare_cached(sql)?.execute(params![
        key,
        number(entry.seq),
        entry.at.timestamp_millis(),
        entry.from.as_str(),
        entry.to.as_str(),
        entry.cause.name(),
        entry.by.as_ref().map(Name::as_str),
        entry.actor.as_ref().map(|actor| actor.as_str()),
        changes,
        error,
        steps,
        number(entry.ms),
        entry.omitted,
    ])?;
    Ok(())
}

fn index(db: &Connection, key: i64, entries: &[IndexEntry]) -> Answer<()> {
    db.prepare_cached("DELETE FROM records WHERE task = ?")?.execute([key])?;
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO records (task, kind, id, attribute) VALUES (?, ?, ?, ?)")?;
    for entry in entries {
        insert.execute(params![key, entry.kind.as_str(), entry.id.as_str(), entry.attribute.as_str()])?;
    }
    Ok(())
}

fn apply(db: &Connection, key: i64, id: TaskId, applied: &InteractionReceipt) -> Answer<()> {
    let sql = "INSERT INTO applied (task, key, interaction, params) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let inserted = db.prepare_cached(sql)?.execute(params![
        key,
        applied.key.as_str(),
        applied.interaction.as_str(),
        applied.params.to_string()
    ])?;
    if inserted == 1 { Ok(()) } else { Err(Fault::Conflict(id)) }
}

/// Wakes a task, if it exists. Returns when it may be claimed as due, if ever.
fn wake(db: &Connection, parent: TaskId, now: Timestamp) -> Answer<Option<i64>> {
    let sql = "UPDATE tasks SET wakes = wakes + 1, \
               woken_at = CASE WHEN wakes = 0 THEN max(?2, coalesce(rests_until, ?2)) ELSE woken_at END \
               WHERE id = ?1 RETURNING due_at";
    let which = params![parent.to_string(), now.timestamp_millis()];
    let due: Option<Option<i64>> = db.prepare_cached(sql)?.query_row(which, |row| row.get(0)).optional()?;
    Ok(due.flatten())
}

/// Deletes a task; a trigger deletes what belongs to it.
pub(super) fn delete(db: &Connection, id: TaskId, now: Timestamp) -> Answer<bool> {
    let sql = "SELECT claim_until > ?2 AND claim_until - 2 * claim_lease <= ?2 FROM tasks WHERE id = ?1";
    let held: Option<Option<bool>> = db
        .prepare_cached(sql)?
        .query_row(params![id.to_string(), now.timestamp_millis()], |row| row.get(0))
        .optional()?;
    match held {
        None => Ok(false),
        Some(Some(true)) => Err(Fault::Conflict(id)),
        Some(_) => Ok(db.prepare_cached("DELETE FROM tasks WHERE id = ?")?.execute([id.to_string()])? == 1),
    }
}

/// Deletes ended tasks whose retention period is over, and definitions that no task is pinned to. Tasks whose parent
/// has not ended are set aside until it is gone, so that they are not looked at again and again.
pub(super) fn delete_old(db: &Connection, now: Timestamp, limit: usize) -> Answer<usize> {
    let now = now.timestamp_millis();
    let mut deleted = 0;
    while deleted < limit {
        let left = limit.saturating_sub(deleted);
        let batch = number(left.max(HELD_AT_ONCE) as u64);
        db.prepare_cached(FORGET_PARENTS)?.execute([])?;
        let let_go = db.prepare_cached(LET_GO)?.execute([batch])?;
        let held = db.prepare_cached(HOLD_BACK)?.execute(params![now, batch])?;
        let some = db.prepare_cached(DELETE_OLD)?.execute(params![now, number(left as u64)])?;
        deleted = deleted.saturating_add(some);
        if let_go == 0 && held == 0 && some < left {
            break;
        }
    }
    let sql = "DELETE FROM definitions WHERE NOT EXISTS (SELECT 1 FROM pins WHERE pins.digest = definitions.digest)";
    db.prepare_cached(sql)?.execute([])?;
    Ok(deleted)
}

/// At least this many old tasks are checked together for a parent that has not ended.
const HELD_AT_ONCE: usize = 1_000;

/// The first `?2` ended tasks whose retention period is over at `?1`, as `old`.
macro_rules! old {
    () => {
        "(SELECT key, parent_id FROM tasks
            WHERE delete_at <= ?1 AND status IN ('completed', 'failed', 'cancelled') AND held_back = 0
                AND (claim IS NULL OR claim_until <= ?1)
            ORDER BY delete_at LIMIT ?2) AS old"
    };
}
/// Whether the parent of `old` has not ended.
macro_rules! parent_goes_on {
    () => {
        "EXISTS (SELECT 1 FROM tasks AS parent
            WHERE parent.id = old.parent_id AND parent.status IN ('active', 'waiting'))"
    };
}

/// Forgets deleted parents for which nothing is kept any more, or that were retried.
pub(super) const FORGET_PARENTS: &str = "DELETE FROM gone_parents
    WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE parent_id = gone_parents.id AND held_back = 1)
        OR EXISTS (SELECT 1 FROM tasks AS parent
            WHERE parent.id = gone_parents.id AND parent.status IN ('active', 'waiting'))";
/// Releases `?1` tasks that were kept for a parent that is gone.
pub(super) const LET_GO: &str = "UPDATE tasks SET held_back = 0 WHERE key IN (
    SELECT child.key FROM gone_parents CROSS JOIN tasks AS child ON child.parent_id = gone_parents.id AND child.held_back = 1
    LIMIT ?1)";
/// Sets aside those of the first old tasks whose parent has not ended.
pub(super) const HOLD_BACK: &str =
    concat!("UPDATE tasks SET held_back = 1 WHERE key IN (SELECT key FROM ", old!(), " WHERE ", parent_goes_on!(), ")");
/// Deletes the others.
pub(super) const DELETE_OLD: &str =
    concat!("DELETE FROM tasks WHERE key IN (SELECT key FROM ", old!(), " WHERE NOT ", parent_goes_on!(), ")");
