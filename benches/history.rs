//! What the history of a growing attribute takes: 1,000 rounds of 90 bytes, beside bare SQLite that keeps a row with the 90
//! bytes for each round. `cargo bench --bench history`

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench that fails may stop")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opsflow::flow::CheckContext;
use opsflow::storage::Durability;
use opsflow::{Library, Map, Opsflow, Source, Sqlite};
use rusqlite::Connection;

const ROUNDS: usize = 1_000;
/// Bytes by which the attribute grows in a round.
const GROWS: usize = 90;
/// What its history may take, beside the data.
const MOST: usize = 3;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let bare = bare(&folder.path().join("bare.db"));
        let still = run(&folder.path().join("still.db"), "round += 0").await.1;
        for (what, grow) in [("text", "text += line"), ("list", "lines.push(line)")] {
            let file = folder.path().join(format!("{what}.db"));
            let (bytes, took) = run(&file, grow).await;
            let data = ROUNDS * GROWS;
            println!(
                "a {what} that grows by {GROWS} bytes, {ROUNDS} rounds: {bytes} bytes of history, {:.2} x the data; bare rows \
                 take {bare}, {:.2} x",
                bytes as f64 / data as f64,
                bytes as f64 / bare as f64
            );
            println!("  {:.0} us a round; {:.0} us where nothing grows", each(took), each(still));
            assert!(bytes <= MOST * data, "{bytes} bytes of history for {data} bytes of data");
        }
    });
}

fn each(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6 / ROUNDS as f64
}

/// Bytes on the pages of a table that keeps each round's data with its number and its time.
fn bare(file: &Path) -> usize {
    let db = Connection::open(file).unwrap();
    db.execute_batch("CREATE TABLE history (task INTEGER, seq INTEGER, at INTEGER, data TEXT, PRIMARY KEY (task, seq)) WITHOUT ROWID")
        .unwrap();
    for round in 0..ROUNDS {
        let row = (1, round as i64, 1_700_000_000_000_i64, line(round));
        db.execute("INSERT INTO history VALUES (?, ?, ?, ?)", row).unwrap();
    }
    pages(&db)
}

fn line(round: usize) -> String {
    format!("{round:x<GROWS$}")
}

/// Runs a task that does `grow` in each round: the bytes on the pages of its history, and how long it took.
async fn run(file: &Path, grow: &str) -> (usize, Duration) {
    let flow = format!(
        "flow: grows
attributes:
  round: {{ type: integer, default: 0 }}
  text: {{ type: string, default: '' }}
  lines: {{ type: list, default: [] }}
states:
  start:
    action: |
      round += 1;
      let line = `${{round}}`;
      line.pad({GROWS}, 'x');
      {grow};
    go_to: again?
  again?: {{ decision: round < {ROUNDS}, if_true: start, if_false: done }}
  done: result
"
    );
    let library = Library::of_sources([Arc::new(Source::new("grows.yml", flow))], &CheckContext::default());
    assert!(library.findings().is_empty(), "{:?}", library.findings());
    // The work is compared, not the disk.
    let storage = Sqlite::options().durability(Durability::Normal).open(file).await.unwrap();
    let ops = Opsflow::builder().library(library).storage(storage).build().await.unwrap();
    let began = Instant::now();
    let mut task = ops.call("grows", Map::new()).await.unwrap();
    while !task.has_ended() {
        ops.run_due(&[]).await.unwrap();
        task = ops.task(task.id).await.unwrap();
    }
    let took = began.elapsed();
    assert!(task.is_completed(), "{:?}", task.error);
    drop(ops);
    (pages(&Connection::open(file).unwrap()), took)
}

/// Bytes on the pages of the table `history`.
fn pages(db: &Connection) -> usize {
    let sql = "SELECT sum(pgsize) FROM dbstat WHERE name = 'history'";
    db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap()
}
