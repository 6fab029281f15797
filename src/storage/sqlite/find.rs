//! Reading tasks and what belongs to them.

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OptionalExtension, Params, params, params_from_iter};

use crate::name::Name;
use crate::storage::{Filter, Place, TaskCount};
use crate::task::{Definition, Digest, InteractionReceipt, InvalidDigest, Task, TaskId, Transition};

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
                condition.and(&format!("{column} = ?"), [Cell::Text(text.to_owned())]);
            }
        };
        equal("flow", filter.flow.as_deref());
        equal("state", filter.state.as_deref());
        equal("queue", filter.queue.as_deref());
        equal("parent_id", filter.parent_id.map(|id| id.to_string()).as_deref());
        equal("error ->> '$.kind'", filter.error_kind.as_deref());
        if let [status] = filter.statuses.as_slice() {
            condition.and("status = ?", [Cell::Text(status.name().to_owned())]);
        } else if !filter.statuses.is_empty() {
            let marks = vec!["?"; filter.statuses.len()].join(", ");
            let names = filter.statuses.iter().map(|status| Cell::Text(status.name().to_owned()));
            condition.and(&format!("status IN ({marks})"), names);
        }
        for (column, period) in [("created_at", filter.created), ("updated_at", filter.updated)] {
            for (sign, moment) in [(">=", period.since), ("<", period.until)] {
                let moment = moment.map(|at| Cell::Integer(at.timestamp_millis()));
                moment.into_iter().for_each(|at| condition.and(&format!("{column} {sign} ?"), [at]));
            }
        }
        if let Some(prefix) = filter.id {
            let ends = [prefix.first(), prefix.last()].map(|id| Cell::Text(id.to_string()));
            condition.and("key IN (SELECT key FROM tasks WHERE id BETWEEN ? AND ?)", ends);
        }
        if let Some((kind, id, attribute)) = &filter.reference {
            let more = if attribute.is_some() { " AND attribute = ?" } else { "" };
            let names = [Some(kind), Some(id), attribute.as_ref()];
            let cells = names.into_iter().flatten().map(|name| Cell::Text(name.to_string()));
            condition.and(&format!("key IN (SELECT task FROM records WHERE kind = ? AND id = ?{more})"), cells);
        }
        condition
    }

    fn and(&mut self, sql: &str, cells: impl IntoIterator<Item = Cell>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.cells.extend(cells);
    }

    /// Adds the page that `filter` asks for, of sub-tasks those after key `first`: position, order and limit.
    fn page(mut self, filter: &Filter, first: Option<i64>) -> Self {
        if let Some(key) = first {
            self.and("key > ?", [Cell::Integer(key)]);
        } else if let Some(place) = filter.after {
            let place = [Cell::Integer(place.created_at.timestamp_millis()), Cell::Text(place.id.to_string())];
            self.and("(created_at, id) < (?, ?)", place);
        }
        let order = if filter.parent_id.is_some() { "key" } else { "created_at DESC, id DESC" };
        self.sql.push_str(&format!(" ORDER BY {order} LIMIT ?"));
        self.cells.push(Cell::Integer(number(filter.limit.unwrap_or(usize::MAX) as u64)));
        self
    }
}

/// The query for the tasks that match `filter`, of sub-tasks those after key `first`.
pub(super) fn listing(filter: &Filter, first: Option<i64>) -> Condition {
    let Condition { sql, cells } = Condition::of(filter).page(filter, first);
    Condition { sql: format!("SELECT {COLUMNS} FROM tasks WHERE true{sql}"), cells }
}

/// The tasks that match `filter`, in the order of the list.
pub(super) fn tasks(db: &Connection, filter: &Filter) -> Answer<Vec<Task>> {
    let first = match filter.after.filter(|_| filter.parent_id.is_some()) {
        None => None,
        Some(Place { id, .. }) => {
            let sql = "SELECT key FROM tasks WHERE id = ?";
            let key = db.prepare_cached(sql)?.query_row([id.to_string()], |row| row.get(0)).optional()?;
            Some(key.ok_or(Fault::NotFound(id))?)
        }
    };
    let query = listing(filter, first);
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
    let receipt = |(interaction, params): (String, String)| {
        let params = params.parse().map_err(|why: InvalidDigest| Fault::Corrupt(format!("task {id}: {why}")))?;
        Ok(InteractionReceipt { key, interaction: interaction.into(), params })
    };
    found.map(receipt).transpose()
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
