//! How late timers are: ten thousand tasks on SQLite that a worker wakes within a minute. `cargo bench --bench timers`

#![allow(clippy::print_stdout, clippy::expect_used, clippy::unwrap_used, reason = "a program that measures and prints")]

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opsflow::clock::{Clock, SystemClock};
use opsflow::flow::CheckContext;
use opsflow::task::Cause;
use opsflow::{Event, Library, Map, Opsflow, Source, Sqlite, WorkerConfig};
use tokio::sync::Notify;

const TIMERS: usize = 10_000;
/// Seconds within which they are due, after the first second.
const SECONDS: usize = 58;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let late = runtime.block_on(async {
        let storage = Sqlite::open(folder.path().join("timers.db")).await.unwrap();
        run(storage).await
    });
    assert_eq!(late.len(), TIMERS);
    let at = |share: f64| late.get(((late.len() - 1) as f64 * share) as usize).copied().unwrap();
    println!("{TIMERS} timers due within a minute, on SQLite, synchronous = FULL, from due to stored:");
    println!("  median {} ms, 99th percentile {} ms, worst {} ms", at(0.5), at(0.99), at(1.0));
}

/// Milliseconds by which each timer was late, in order.
async fn run(storage: Sqlite) -> Vec<i64> {
    let mut flows = String::new();
    for seconds in 1..=SECONDS {
        let start = format!("start: {{ wait_until: [{{ after: {}s, go_to: done }}] }}", seconds + 1);
        writeln!(flows, "---\nflow: timer_{seconds}\nstates:\n  {start}\n  done: result").unwrap();
    }
    let library = Library::of_sources([Arc::new(Source::new("timers.yml", flows))], &CheckContext::default());
    assert!(library.findings().is_empty(), "{:?}", library.findings());
    let late: Arc<Mutex<Vec<i64>>> = Arc::default();
    let all = Arc::new(Notify::new());
    let (noted, done) = (Arc::clone(&late), Arc::clone(&all));
    let ops = Opsflow::builder()
        .library(library)
        .storage(storage)
        .on_event(move |event| {
            let Event::Moved { task, transition, .. } = event else { return };
            if transition.cause != Cause::Timer {
                return;
            }
            let seconds: i64 = task.flow.trim_start_matches("timer_").parse().unwrap();
            let due = task.created_at.timestamp_millis() + (seconds + 1) * 1_000;
            let mut late = noted.lock().unwrap();
            late.push(SystemClock.now().timestamp_millis() - due);
            if late.len() == TIMERS {
                done.notify_one();
            }
        })
        .build()
        .await
        .unwrap();
    let worker = tokio::spawn({
        let ops = ops.clone();
        async move { ops.work(WorkerConfig::default(), async move { all.notified().await }).await }
    });
    // Thirty-two at a time, over the first two seconds or so.
    for some in (0..TIMERS).collect::<Vec<_>>().chunks(32) {
        let calls: Vec<_> = some
            .iter()
            .map(|number| {
                let (ops, flow) = (ops.clone(), format!("timer_{}", number % SECONDS + 1));
                tokio::spawn(async move { ops.call(&flow, Map::new()).await.unwrap() })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.await.unwrap().unwrap();
    let mut late = late.lock().unwrap().clone();
    late.sort_unstable();
    late
}
