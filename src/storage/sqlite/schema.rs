//! Opening a file: connections, and the numbered migrations.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::storage::EngineErrorKind;

use super::fault::{Answer, Fault};

/// How long a writer waits for another process to end its transaction.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause before another attempt where SQLite does not wait by itself.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// Prepared statements kept by each connection; more than there are.
const STATEMENTS: usize = 64;
/// The write-ahead log is truncated to this many bytes after it was copied into the file.
const MAX_IDLE_LOG: i64 = 16 << 20;
/// Marks the file as one of ours: "opsf".
const APPLICATION_ID: i64 = 0x6f70_7366;

/// The migrations, in order: the n-th brings schema n-1 to n.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];
/// The newest schema this program knows.
pub(super) const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Opens the file at `path`, creating it if missing, and migrates its schema.
pub(super) fn open(path: &Path) -> Answer<Connection> {
    make_room(path)?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
    if connection.is_readonly("main")? {
        return Err(Fault::Engine(EngineErrorKind::ReadOnly, "it is read-only".to_owned()));
    }
    let found = version(&connection.transaction()?)?;
    use_log(&connection)?;
    if found < KNOWN {
        migrate(&mut connection)?;
    }
    connection.pragma_update(None, "journal_size_limit", MAX_IDLE_LOG)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// A read-only connection to a file that [`open`] has opened.
pub(super) fn reader(path: &Path) -> Answer<Connection> {
    let connection = connect(path, OpenFlags::empty())?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn connect(path: &Path, more: OpenFlags) -> Answer<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Makes sure that SQLite can create the file, and that the path can be a file.
fn make_room(path: &Path) -> Answer<()> {
    if path.as_os_str().is_empty() {
        return Err(Fault::Engine(
            EngineErrorKind::Denied,
            "the path of the file is missing: write `sqlite:PATH`".to_owned(),
        ));
    }
    if path.as_os_str() == ":memory:" {
        return Err(Fault::Engine(
            EngineErrorKind::Denied,
            "this is not a file; tasks are kept in memory by `memory:`".to_owned(),
        ));
    }
    if path.is_dir() {
        return Err(Fault::Engine(EngineErrorKind::Denied, "it is a folder, not a file".to_owned()));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        Some(folder) => std::fs::create_dir_all(folder)
            .map_err(|why| Fault::Engine(EngineErrorKind::Denied, format!("its folder cannot be made: {why}"))),
        None => Ok(()),
    }
}

/// The schema version of the file, 0 if it has none yet. A database of another program is refused. Everything is read
/// in one transaction, since another process may be migrating.
fn version(transaction: &Transaction<'_>) -> Answer<u32> {
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (found, id) = (number("user_version")?, number("application_id")?);
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id != APPLICATION_ID && (tables > 0 || found != 0) {
        return Err(Fault::Engine(EngineErrorKind::Denied, "it is the database of another program".to_owned()));
    }
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    if found > KNOWN { Err(Fault::Newer { found, known: KNOWN }) } else { Ok(found) }
}

/// Switches the file to a write-ahead log. The mode stays with the file.
fn use_log(connection: &Connection) -> Answer<()> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if pages == 0 {
        // An empty file has nothing to roll back to: without a journal on disk this takes one flush instead of four.
        connection.pragma_update_and_check(None, "journal_mode", "MEMORY", |_| Ok(()))?;
    }
    let mut waited = Duration::ZERO;
    loop {
        let set = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match set.map_err(Fault::from) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(Fault::Engine(
                    EngineErrorKind::Denied,
                    format!("no write-ahead log is possible here, only `{mode}`"),
                ));
            }
            // Other processes are opening it, too. SQLite does not wait for this lock by itself.
            Err(Fault::Locked) if waited < BUSY_TIMEOUT => pause(),
            Err(other) => return Err(other),
        }
        waited += BUSY_PAUSE;
    }
}

#[expect(clippy::disallowed_methods, reason = "on the writer's own thread, before it takes any work")]
fn pause() {
    std::thread::sleep(BUSY_PAUSE);
}

/// Migrates the schema in one transaction. Of several openers, one does it; the others find it done.
fn migrate(connection: &mut Connection) -> Answer<()> {
    // The schema is flushed together with the first commit: both are in the same log, in this order.
    connection.pragma_update(None, "synchronous", "OFF")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", KNOWN)?;
    transaction.commit()?;
    // Closing copies the log into the file; that is flushed again.
    Ok(connection.pragma_update(None, "synchronous", "FULL")?)
}
