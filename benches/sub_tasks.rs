//! A parent that waits for its sub-tasks: what one of ten thousand costs, beside one of a thousand.
//! `cargo bench --bench sub_tasks`

#![allow(clippy::print_stdout, clippy::expect_used, clippy::unwrap_used, reason = "a program that measures and prints")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use opsflow::clock::VirtualClock;
use opsflow::flow::CheckContext;
use opsflow::storage::Durability;
use opsflow::{Library, Map, Memory, Opsflow, Source, Sqlite, Storage, Value};

const FLOWS: &str = "
flow: parent
attributes: { count: integer, begun: { type: integer, default: 0 } }
states:
  start: { start: item, for_each: 'range(begun, begun + 1000, 1)', with: { number: item }, go_to: next }
  next: { action: begun += 1000, go_to: 'more?' }
  more?: { decision: begun < count, if_true: start, if_false: 'all?' }
  all?: { wait_until: [{ if: active_sub_tasks.is_empty(), go_to: done }] }
  done: { result: completed_sub_tasks.len() }
---
flow: item
attributes: { number: integer }
states:
  start: { wait_until: [{ after: 1s, go_to: done }] }
  done: { result: number }
";

const FEW: i64 = 1_000;
const MANY: i64 = 10_000;
const ROUNDS: usize = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        compare("in memory", async || Arc::new(Memory::new()) as Arc<dyn Storage>).await;
        let folder = tempfile::tempdir().unwrap();
        let file = std::cell::Cell::new(0);
        let sqlite = async || {
            file.set(file.get() + 1);
            // What is compared is the work, not the disk.
            let options = Sqlite::options().durability(Durability::Normal);
            let path = folder.path().join(format!("{}.db", file.get()));
            Arc::new(options.open(path).await.unwrap()) as Arc<dyn Storage>
        };
        compare("on SQLite", sqlite).await;
    });
}

async fn compare(place: &str, storage: impl AsyncFn() -> Arc<dyn Storage>) {
    let (mut few, mut many) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        few = few.min(run(storage().await, FEW).await);
        many = many.min(run(storage().await, MANY).await);
    }
    let each = |took: Duration, count: i64| took.as_secs_f64() * 1e6 / count as f64;
    let (one, other) = (each(few, FEW), each(many, MANY));
    println!("sub-tasks that sleep, and whose parent waits for all of them, {place}, best of {ROUNDS}:");
    println!("  one of {FEW}:   {one:8.1} us");
    println!("  one of {MANY}:  {other:8.1} us  {:.2} x", other / one);
}

/// How long it takes from the call of the parent to its end.
async fn run(storage: Arc<dyn Storage>, count: i64) -> Duration {
    let library = Library::of_sources([Arc::new(Source::new("flows.yml", FLOWS))], &CheckContext::default());
    assert!(library.findings().is_empty(), "{:?}", library.findings());
    let clock = Arc::new(VirtualClock::new(opsflow::storage::suite::moment(0)));
    let ops = Opsflow::builder().library(library).storage(storage).clock(Arc::clone(&clock)).build().await.unwrap();
    let began = Instant::now();
    let task = ops.call("parent", Map::from([("count".into(), Value::Integer(count))])).await.unwrap();
    clock.advance("1s".parse().unwrap());
    ops.run_due(&[]).await.unwrap();
    let took = began.elapsed();
    let task = ops.task(task.id).await.unwrap();
    assert_eq!((task.is_completed(), task.output), (true, Value::Integer(count)));
    took
}
