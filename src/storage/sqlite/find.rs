//! Reading tasks and what belongs to them.

use std::fmt::Write as _;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Params, params, params_from_iter};

use crate::name::Name;
use crate::storage::{Filter, TaskCount};
use crate::task::{Definition, Digest, InteractionReceipt, Task, TaskId, Transition};

use super::fault::{Answer, Fault};
use super::rows::{self, COLUMNS, ENTRY_COLUMNS, number};

/// A task.
pub(super) fn task(db: &Connection, id: TaskId) -> Answer<Option<Task>> {
    let sql = format!("SELECT {COLUMNS} FROM tasks WHERE id = ?");
    Ok(read(db, &sql, [id.to_string()], None)?.pop())
}

fn read(db: &Connection, sql: &str, parameters: impl Params, max_bytes: Option<usize>) -> Answer<Vec<Task>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut found = statement.query(parameters)?;
    let (mut tasks, mut bytes) = (Vec::new(), 0_usize);
    while let Some(row) = found.next()? {
        tasks.push(rows::task(row, 0)?);
        bytes = bytes.saturating_add(rows::bytes(row)?);
        if max_bytes.is_some_and(|most| bytes > most) {
            break;
        }
    }
    Ok(tasks)
}

/// A condition and its parameters.
#[derive(Default)]
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) cells: Vec<Cell>,
}

impl Condition {
    /// The condition for `filter`, ignoring `after` and `limit`.
    fn of(filter: &Filter) -> Self {
        let mut condition = Self::default();
        let mut equal = |column: &str, text: Option<&str>| {
            if let Some(text) = text {
                // Writing to a string cannot fail.
                let _ = write!(condition.sql, " AND {column} = ?");
                condition.cells.push(Cell::Text(text.to_owned()));
            }
        };
        equal("status", filter.status.map(|status| status.name()));
        equal("flow", filter.flow.as_deref());
        equal("state", filter.state.as_deref());
        equal("queue", filter.queue.as_deref());
        equal("parent_id", filter.parent_id.map(|id| id.to_string()).as_deref());
        if let Some((kind, id, attribute)) = &filter.reference {
            condition.sql.push_str(" AND key IN (SELECT task FROM records WHERE kind = ? AND id = ?");
            let more = if attribute.is_some() { " AND attribute = ?)" } else { ")" };
            condition.sql.push_str(more);
            let names = [Some(kind), Some(id), attribute.as_ref()];
            condition.cells.extend(names.into_iter().flatten().map(|name| Cell::Text(name.to_string())));
        }
        condition
    }

    /// Adds the page after the task at `place`: position, order and limit.
    fn page(mut self, by_start: bool, place: Option<(i64, i64)>, limit: usize) -> Self {
        if let Some((created_at, key)) = place {
            self.sql.push_str(if by_start { " AND key > ?" } else { " AND (created_at, key) < (?, ?)" });
            self.cells.extend((!by_start).then_some(Cell::Integer(created_at)));
            self.cells.push(Cell::Integer(key));
        }
        let order = if by_start { "key" } else { "created_at DESC, key DESC" };
        // Writing to a string cannot fail.
        let _ = write!(self.sql, " ORDER BY {order} LIMIT ?");
        self.cells.push(Cell::Integer(number(limit as u64)));
        self
    }
}

/// The query for the tasks that match `filter`, after the task at `place`.
pub(super) fn listing(filter: &Filter, place: Option<(i64, i64)>) -> Condition {
    let limit = filter.limit.unwrap_or(usize::MAX);
    let Condition { sql, cells } = Condition::of(filter).page(filter.parent_id.is_some(), place, limit);
    Condition { sql: format!("SELECT {COLUMNS} FROM tasks WHERE true{sql}"), cells }
}

/// The tasks that match `filter`, in the order of the list.
pub(super) fn tasks(db: &Connection, filter: &Filter) -> Answer<Vec<Task>> {
    let place = match filter.after {
        None => None,
        Some(id) => {
            let sql = "SELECT created_at, key FROM tasks WHERE id = ?";
            let place =
                db.prepare_cached(sql)?.query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            Some(place.ok_or(Fault::NotFound(id))?)
        }
    };
    let query = listing(filter, place);
    read(db, &query.sql, params_from_iter(query.cells), filter.max_bytes)
}

/// How many tasks match `filter`.
pub(super) fn count(db: &Connection, filter: &Filter) -> Answer<u64> {
    let Condition { sql, cells } = Condition::of(filter);
    let sql = format!("SELECT count(*) FROM tasks WHERE true{sql}");
    let count: i64 = db.prepare_cached(&sql)?.query_row(params_from_iter(cells), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Counts the active, waiting and failed tasks of each flow, status and state.
pub(super) const COUNTS: &str = "SELECT flow, status, state, count(*) FROM tasks \
     WHERE status IN ('active', 'waiting', 'failed') GROUP BY status, flow, state";

/// How many tasks of each flow are in each status and state, of those that are counted.
pub(super) fn counts(db: &Connection) -> Answer<Vec<TaskCount>> {
    let mut statement = db.prepare_cached(COUNTS)?;
    let mut found = statement.query([])?;
    let mut counts = Vec::new();
    while let Some(row) = found.next()? {
        counts.push(rows::count(row)?);
    }
    counts.sort_unstable();
    Ok(counts)
}

/// Entries of a task's history.
pub(super) fn history(db: &Connection, id: TaskId, after: u64, limit: usize) -> Answer<Vec<Transition>> {
    let sql = format!(
        "SELECT {ENTRY_COLUMNS} FROM history WHERE task = (SELECT key FROM tasks WHERE id = ?) AND seq > ? \
         ORDER BY seq LIMIT ?"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(params![id.to_string(), number(after), number(limit as u64)])?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        entries.push(rows::entry(row)?);
    }
    Ok(entries)
}

/// The interaction applied under `key`.
pub(super) fn applied(db: &Connection, id: TaskId, key: Name) -> Answer<Option<InteractionReceipt>> {
    let sql = "SELECT interaction, params FROM applied WHERE task = (SELECT key FROM tasks WHERE id = ?) AND key = ?";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let found = db.prepare_cached(sql)?.query_row([&id.to_string(), key.as_str()], read).optional()?;
    Ok(found.map(|(interaction, params)| InteractionReceipt {
        key,
        interaction: interaction.into(),
        params: Digest::from_text(&params),
    }))
}

/// A kept definition.
pub(super) fn definition(db: &Connection, digest: Digest) -> Answer<Option<Definition>> {
    let sql = "SELECT flow, version, file, first_line, text FROM definitions WHERE digest = ?";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Definition {
            digest: digest.clone(),
            flow: row.get::<_, String>(0)?.into(),
            version: row.get(1)?,
            file: row.get(2)?,
            first_line: usize::try_from(row.get::<_, i64>(3)?).unwrap_or_default(),
            text: row.get::<_, String>(4)?.into(),
        })
    };
    Ok(db.prepare_cached(sql)?.query_row([digest.to_string()], read).optional()?)
}
