//! The feed: a row for each started task and each history entry, numbered as they are stored.

use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::storage::{Cursor, FeedEntry, FeedPage};
use crate::task::{Checkpoint, Status, Task};

use super::fault::{Answer, Fault};
use super::rows::number;

/// Reads a page of the feed. A row whose task is gone has no id.
pub(super) const FEED: &str = "SELECT position, id, feed.seq, feed.revision, feed.status FROM feed \
     LEFT JOIN tasks ON key = task WHERE position > ?1 ORDER BY position LIMIT ?2";
/// Deletes the oldest rows, up to the last of `?2` that was stored before `?1`.
pub(super) const TRIM: &str = "DELETE FROM feed WHERE position <= (SELECT max(position) FROM \
     (SELECT position, at FROM feed ORDER BY position LIMIT ?2) WHERE at < ?1) \
     AND position < (SELECT max(position) FROM feed)";
/// Adds a row.
const TELL: &str = "INSERT INTO feed (task, seq, revision, status, at) VALUES (?, ?, ?, ?, ?)";
/// The numbers of the oldest and the newest row.
const ENDS: &str = "SELECT id, coalesce((SELECT min(position) FROM feed), 1), coalesce((SELECT max(position) FROM feed), 0) FROM store";

/// Adds what a checkpoint has stored of the task of `key`.
pub(super) fn tell(db: &Connection, key: i64, checkpoint: &Checkpoint) -> Answer<()> {
    let task = &checkpoint.task;
    let seqs =
        (task.revision == 1).then_some(0).into_iter().chain(checkpoint.transitions.iter().map(|entry| entry.seq));
    let mut seqs = seqs.peekable();
    while let Some(seq) = seqs.next() {
        let status = if seqs.peek().is_none() { task.status } else { Status::Active };
        add(db, key, seq, status, task)?;
    }
    Ok(())
}

/// Adds the start of a sub-task.
pub(super) fn tell_start(db: &Connection, key: i64, task: &Task) -> Answer<()> {
    add(db, key, 0, task.status, task)
}

fn add(db: &Connection, key: i64, seq: u64, status: Status, task: &Task) -> Answer<()> {
    let row = params![key, number(seq), number(task.revision), code(status), task.updated_at.timestamp()];
    db.prepare_cached(TELL)?.execute(row)?;
    Ok(())
}

/// A status as the feed stores it.
const fn code(status: Status) -> i64 {
    match status {
        Status::Active => 0,
        Status::Waiting => 1,
        Status::Completed => 2,
        Status::Failed => 3,
        Status::Cancelled => 4,
    }
}

fn status(stored: i64) -> Answer<Status> {
    let known = Status::ALL.into_iter().find(|status| code(*status) == stored);
    known.ok_or_else(|| Fault::Corrupt(format!("the feed has a status {stored}")))
}

/// The store's id, the number before the oldest row, and that of the newest.
fn ends(db: &Connection) -> Answer<(Uuid, u64, u64)> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
    let (id, first, last) = db.prepare_cached(ENDS)?.query_row([], read)?;
    let id = Uuid::parse_str(&id).map_err(|why| Fault::Corrupt(format!("the id of the store: {why}")))?;
    Ok((id, count(first.saturating_sub(1))?, count(last)?))
}

fn count(stored: i64) -> Answer<u64> {
    u64::try_from(stored).map_err(|why| Fault::Corrupt(format!("the feed has a number {stored}: {why}")))
}

/// The place after the newest row.
pub(super) fn end(db: &Connection) -> Answer<Cursor> {
    let (store, _, last) = ends(db)?;
    Ok(Cursor::numbered(store, last))
}

/// A page of the feed.
pub(super) fn feed(db: &Connection, after: Option<Cursor>, limit: usize) -> Answer<FeedPage> {
    // Both reads are of one moment, so that nothing is deleted between them.
    let db = db.unchecked_transaction()?;
    let (store, before, last) = ends(&db)?;
    let mut position = match after {
        None => before,
        Some(cursor) => match cursor.number_in(store).filter(|at| (before..=last).contains(at)) {
            Some(position) => position,
            None => return Err(Fault::Gone(cursor)),
        },
    };
    let mut entries = Vec::new();
    let mut statement = db.prepare_cached(FEED)?;
    let mut found = statement.query(params![number(position), number(limit as u64)])?;
    while let Some(row) = found.next()? {
        position = count(row.get(0)?)?;
        let Some(id) = row.get::<_, Option<String>>(1)? else { continue };
        let task_id = id.parse().map_err(|why| Fault::Corrupt(format!("the id of a task: {why}")))?;
        let (seq, revision, status) = (count(row.get(2)?)?, count(row.get(3)?)?, status(row.get(4)?)?);
        entries.push(FeedEntry { cursor: Cursor::numbered(store, position), task_id, seq, revision, status });
    }
    Ok(FeedPage { entries, next: Cursor::numbered(store, position) })
}

/// Deletes old rows.
pub(super) fn trim(db: &Connection, before: Timestamp, limit: usize) -> Answer<usize> {
    Ok(db.prepare_cached(TRIM)?.execute(params![before.timestamp(), number(limit as u64)])?)
}
