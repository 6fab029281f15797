//! Many clients on one SQLite file with full durability, beside clients whose rows go through one bare writing thread:
//! new tasks, and parked tasks that interactions wake. `cargo bench --bench clients`; `-- FOLDER` measures another disk.

#![allow(clippy::print_stdout, clippy::expect_used, clippy::unwrap_used, reason = "a program that measures and prints")]

#[path = "common/grouped.rs"]
mod grouped;
#[path = "common/order.rs"]
mod order;
#[path = "common/rows.rs"]
mod rows;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opsflow::flow::CheckContext;
use opsflow::task::Checkpoint;
use opsflow::{Library, Map, Opsflow, Source, Sqlite, TaskId};

use rusqlite::Connection;

use grouped::Grouped;
use rows::{STATES, done};

const CLIENTS: usize = 32;
const TASKS: usize = 6_400;
const PARKED: usize = 10_000;
const ROUNDS: usize = 3;

/// A task that is parked until somebody goes on with it.
const PARK: &str = "
flow: parked
attributes: { name: string }
states:
  start: { wait_until: [{ if: name != (), go_to: done }] }
  done: { result: name }
interactions:
  register!: { params: { name: string }, action: name = params.name }
";

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = folder.map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        submit(folder.path(), CLIENTS).await;
        submit(folder.path(), 1).await;
        alone(folder.path()).await;
        interact(folder.path()).await;
    });
}

/// The time that `clients` take, each with its share of `work`.
async fn together<T: Send + 'static, F: Future<Output = ()> + Send + 'static>(
    clients: usize,
    work: Vec<T>,
    perform: impl Fn(T) -> F + Clone + Send + 'static,
) -> Duration {
    // Dealt out in turn, as work comes in.
    let mut shares: Vec<Vec<T>> = (0..clients).map(|_| Vec::new()).collect();
    for (number, item) in work.into_iter().enumerate() {
        shares.get_mut(number % clients).unwrap().push(item);
    }
    let began = Instant::now();
    let tasks: Vec<_> = shares
        .into_iter()
        .map(|share| {
            let perform = perform.clone();
            tokio::spawn(async move {
                for item in share {
                    perform(item).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    began.elapsed()
}

async fn ours(folder: &Path, name: &str) -> Sqlite {
    Sqlite::open(folder.join(name)).await.unwrap()
}

fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Stores a task with some of its history, in the transaction of others.
fn store(db: &Connection, checkpoint: &Checkpoint, entries: Range<usize>) {
    let some = checkpoint.transitions.get(entries.clone()).unwrap();
    rows::write(db, &checkpoint.task, some, entries.start == 0);
}

/// The order flow, beside five row updates a task.
async fn submit(folder: &Path, clients: usize) {
    let tasks = TASKS / CLIENTS * clients.max(4);
    let ops = order::open(3, ours(folder, &format!("submit_{clients}.db")).await).await;
    let floor = Arc::new(Grouped::open(&folder.join(format!("submit_floor_{clients}.db")), usize::MAX).await);
    let (mut best, mut bare) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let work: Vec<Map> = (0..tasks).map(order::given).collect();
        let ops = ops.clone();
        let run = move |given| {
            let ops = ops.clone();
            async move { order::run(&ops, vec![given]).await }
        };
        best = best.min(together(clients, work, run).await);
        let floor = Arc::clone(&floor);
        let write = move |checkpoint| {
            let floor = Arc::clone(&floor);
            let checkpoint = Arc::new(checkpoint);
            async move {
                for state in 0..STATES {
                    let checkpoint = Arc::clone(&checkpoint);
                    floor.write(move |db| store(db, &checkpoint, state..state + 1)).await;
                }
            }
        };
        bare = bare.min(together(clients, (0..tasks).map(|_| done()).collect(), write).await);
    }
    println!("{tasks} order tasks on SQLite, synchronous = FULL, {clients} clients, best of {ROUNDS}:");
    println!("  five row updates a task, one writer, grouped:  {:8.0} tasks/s", rate(tasks, bare));
    let ratio = bare.div_duration_f64(best);
    println!("  opsflow:                                       {:8.0} tasks/s  {ratio:.2} x floor", rate(tasks, best));
}

/// One client whose commits are grouped if there are others, beside one whose commits never are.
async fn alone(folder: &Path) {
    let grouped = Grouped::open(&folder.join("alone.db"), usize::MAX).await;
    let single = Grouped::open(&folder.join("single.db"), 1).await;
    let (mut ours, mut bare) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS * 2 {
        for (writer, best) in [(&grouped, &mut ours), (&single, &mut bare)] {
            let checkpoints: Vec<_> = (0..400).map(|_| done()).collect();
            let began = Instant::now();
            for checkpoint in checkpoints {
                writer.write(move |db| store(db, &checkpoint, 0..STATES)).await;
            }
            *best = began.elapsed().min(*best);
        }
    }
    println!("400 commits of one client, best of {}:", ROUNDS * 2);
    println!("  never grouped:  {:8.0} commits/s", rate(400, bare));
    println!("  grouped:        {:8.0} commits/s  {:.2} x", rate(400, ours), bare.div_duration_f64(ours));
}

/// Parked tasks that interactions end, beside the same rows.
async fn interact(folder: &Path) {
    let library = Library::of_sources([Arc::new(Source::new("park.yml", PARK))], &CheckContext::default());
    assert!(library.findings().is_empty(), "{:?}", library.findings());
    let storage = ours(folder, "interact.db").await;
    let ops = Opsflow::builder().library(library).storage(storage).build().await.unwrap();
    let floor = Arc::new(Grouped::open(&folder.join("interact_floor.db"), usize::MAX).await);
    let (mut best, mut bare) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let mut parked: Vec<TaskId> = Vec::new();
        for _ in 0..PARKED / CLIENTS {
            let calls: Vec<_> = (0..CLIENTS)
                .map(|_| {
                    let ops = ops.clone();
                    tokio::spawn(async move { ops.call("parked", Map::new()).await.unwrap().id })
                })
                .collect();
            for call in calls {
                parked.push(call.await.unwrap());
            }
        }
        let count = parked.len();
        let wake = {
            let ops = ops.clone();
            move |id| {
                let ops = ops.clone();
                async move {
                    let given = Map::from([("name".into(), "Ann".into())]);
                    let task = ops.interact(id, "register!", given, None).await.unwrap();
                    assert!(task.is_completed());
                }
            }
        };
        best = best.min(together(CLIENTS, parked, wake).await);
        // A parked task has one row; two history entries come with the end.
        let checkpoints: Vec<_> = (0..count)
            .map(|_| {
                let mut checkpoint = done();
                checkpoint.transitions.truncate(3);
                Arc::new(checkpoint)
            })
            .collect();
        let write = |entries: Range<usize>| {
            let floor = Arc::clone(&floor);
            move |checkpoint: Arc<Checkpoint>| {
                let (floor, entries) = (Arc::clone(&floor), entries.clone());
                async move { floor.write(move |db| store(db, &checkpoint, entries)).await }
            }
        };
        together(CLIENTS, checkpoints.clone(), write(0..1)).await;
        bare = bare.min(together(CLIENTS, checkpoints, write(1..3)).await);
    }
    let count = PARKED / CLIENTS * CLIENTS;
    println!("{count} parked tasks ended by interactions of {CLIENTS} clients, best of {ROUNDS}:");
    println!("  the same rows, one writer, grouped:  {:8.0} tasks/s", rate(count, bare));
    let ratio = bare.div_duration_f64(best);
    println!("  opsflow:                             {:8.0} tasks/s  {ratio:.2} x floor", rate(count, best));
}
