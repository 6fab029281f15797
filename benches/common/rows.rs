//! The rows of a task of five states, and SQLite without anything between storing them.

use std::path::Path;

use opsflow::storage::suite::{moment, next, task};
use opsflow::task::Checkpoint;
use opsflow::{Sqlite, Status, Task, Transition};
use rusqlite::{Connection, params};

/// States of a task, each with its history entry.
pub(crate) const STATES: usize = 5;

/// A task that went through five states, with its history.
pub(crate) fn done() -> Checkpoint {
    let mut checkpoint = next(&task(), "state_1", 1);
    checkpoint.task.revision = 1;
    for n in 2..=STATES {
        let more = next(&checkpoint.task, &format!("state_{n}"), 1);
        checkpoint.transitions.extend(more.transitions);
        *checkpoint.task = Task { revision: 1, ..*more.task };
    }
    checkpoint.task.status = Status::Completed;
    checkpoint.task.ended_at = Some(moment(1));
    checkpoint
}

#[allow(dead_code, reason = "not every bench stores by itself")]
/// SQLite without anything between, storing the same rows in the same tables.
pub(crate) struct Bare(Connection);

#[allow(dead_code, reason = "not every bench stores by itself")]
impl Bare {
    /// A new file, made by opsflow.
    pub(crate) async fn open(path: &Path) -> Self {
        drop(Sqlite::open(path).await.unwrap());
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        Self(connection)
    }

    /// Stores a task and its history: at once, or entry by entry with the task changed each time.
    pub(crate) fn store(&mut self, checkpoint: &Checkpoint, commits: usize) {
        let per_commit = checkpoint.transitions.len().div_ceil(commits);
        for (number, entries) in checkpoint.transitions.chunks(per_commit).enumerate() {
            let transaction = self.0.transaction().unwrap();
            write(&transaction, &checkpoint.task, entries, number == 0);
            transaction.commit().unwrap();
        }
    }
}

#[allow(dead_code, reason = "not every bench writes part by part")]
/// Writes a task and some of its history: inserts the task, or changes it.
pub(crate) fn write(connection: &Connection, task: &Task, entries: &[Transition], is_new: bool) {
    let key: i64 = if is_new {
        let sql = "INSERT INTO tasks (id, flow, version, digest, status, state, attributes, queue, priority, \
                   revision, seq, created_at, updated_at, ended_at, progress) \
                   VALUES (?, ?, ?, ?, ?, ?, '{}', ?, ?, ?, ?, ?, ?, ?, ?)";
        let progress = serde_json::to_string(&task.progress).unwrap();
        let mut insert = connection.prepare_cached(sql).unwrap();
        let inserted = insert.execute(params![
            task.id.to_string(),
            &*task.flow,
            task.version,
            task.digest.to_string(),
            task.status.name(),
            &*task.state,
            &*task.queue,
            task.priority,
            1,
            entries.len() as i64,
            task.created_at.timestamp_millis(),
            task.updated_at.timestamp_millis(),
            task.ended_at.map(|at| at.timestamp_millis()),
            progress
        ]);
        assert_eq!(inserted.unwrap(), 1);
        connection.last_insert_rowid()
    } else {
        let sql = "UPDATE tasks SET status = ?, state = ?, revision = revision + 1, seq = seq + 1, \
                   updated_at = ? WHERE id = ? RETURNING key";
        let mut update = connection.prepare_cached(sql).unwrap();
        let state = entries.first().map_or("", |entry| &*entry.to);
        let at = task.updated_at.timestamp_millis();
        update.query_row(params![task.status.name(), state, at, task.id.to_string()], |row| row.get(0)).unwrap()
    };
    entries.iter().for_each(|entry| record(connection, key, entry));
}

fn record(connection: &Connection, key: i64, entry: &Transition) {
    let sql = "INSERT INTO history (task, seq, at, from_state, to_state, cause, by, changes, ms) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let changes = serde_json::to_string(&entry.changes).unwrap();
    let cells = params![
        key,
        entry.seq as i64,
        entry.at.timestamp_millis(),
        &*entry.from,
        &*entry.to,
        "action",
        entry.by.as_deref(),
        changes,
        entry.ms as i64
    ];
    connection.prepare_cached(sql).unwrap().execute(cells).unwrap();
}
