//! What a history costs: what changed, not what it was changed in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::Sqlite;
use crate::name::Name;
use crate::storage::Durability;
use crate::task::Status;
use crate::value::{Map, Value};

use super::{Bench, status};

const ROUNDS: u64 = 1_000;
/// Bytes by which a value grows in a round, at least.
const GROWS: u64 = 90;
/// What its history may take, beside that.
const MOST: u64 = 3;

/// A flow that goes round, and does `grow` each time.
fn flow(grow: &str) -> String {
    format!(
        r#"
flow: grows
attributes:
  round: {{ type: integer, default: 0 }}
  text: {{ type: string, default: "" }}
  lines: {{ type: list, default: [] }}
  order: {{ type: map, default: {{ lines: [] }} }}
starts_with: adds
states:
  adds:
    action: |
      round += 1;
      let line = `${{round}} `;
      line.pad({GROWS}, 'x');
      {grow}
    go_to: again?
  again?: {{ decision: round < {ROUNDS}, if_true: adds, if_false: done }}
  done: result
"#
    )
}

/// Bytes of the cells of a file's history, and of the pages they lie on.
fn history_bytes(file: &Path) -> (u64, u64) {
    let db = rusqlite::Connection::open(file).unwrap();
    let columns: Vec<String> = {
        let mut names = db.prepare("SELECT name FROM pragma_table_info('history')").unwrap();
        names.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let sizes: Vec<String> = columns.iter().map(|name| format!("coalesce(octet_length({name}), 0)")).collect();
    let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
    let cells = db.query_row(&format!("SELECT sum({}) FROM history", sizes.join(" + ")), [], number).unwrap();
    let sql = "SELECT sum(pgsize) FROM dbstat WHERE name = 'history'";
    let pages = db.query_row(sql, [], number).unwrap();
    (cells, pages)
}

#[tokio::test]
async fn what_grows_costs_history_what_it_grows_by() {
    for grow in [
        "text += line;",
        "text = line + text;",
        "lines.push(line);",
        "lines.insert(0, line);",
        "order.lines.push(#{ n: round, text: line });",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks.db");
        let storage = Sqlite::options().durability(Durability::Normal).open(&file).await.unwrap();
        let bench = Bench::over(Arc::new(storage), &flow(grow));
        let mut task = bench.call("grows", Map::new()).await;
        while !task.has_ended() {
            bench.due().await;
            task = bench.task(task.id).await;
        }
        assert_eq!(status(&task), (Status::Completed, "done"));
        assert_eq!(task.attributes.by_name("round"), Some(&Value::Integer(ROUNDS as i64)));
        let mut replayed: BTreeMap<Name, Value> = task
            .attributes
            .set_of()
            .iter()
            .map(|one| (one.name.clone(), one.default.clone().unwrap_or_default()))
            .collect();
        for entry in bench.ops.history(task.id).await.unwrap() {
            for (name, change) in entry.changes {
                let value = replayed.get_mut(&name).unwrap();
                *value = change.apply(std::mem::take(value)).unwrap();
            }
        }
        let kept = replayed.keys().map(|name| (name.clone(), task.attributes.by_name(name).unwrap().clone()));
        assert_eq!(kept.collect::<BTreeMap<_, _>>(), replayed, "`{grow}`");
        let told = task.progress.history_bytes;
        drop(bench);
        let (cells, pages) = history_bytes(&file);
        let data = ["text", "lines", "order"].map(|name| task.attributes.by_name(name).unwrap().to_json_text().len());
        let data = data.into_iter().sum::<usize>() as u64;
        assert!(data / ROUNDS >= GROWS, "{data} bytes of data");
        assert!(pages <= MOST * data, "`{grow}`: {pages} bytes on pages for {data} bytes of data");
        assert!(told.abs_diff(cells) < cells / 2, "`{grow}`: {told} counted, {cells} stored");
    }
}
