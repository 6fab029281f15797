//! The order flow on SQLite with full durability, one client, beside five bare commits of the same rows.
//! `cargo bench --bench durable`; `--bench durable -- FOLDER` measures another disk.

#![allow(clippy::print_stdout, clippy::expect_used, clippy::unwrap_used, reason = "a program that measures and prints")]

#[path = "common/order.rs"]
mod order;
#[path = "common/rows.rs"]
mod rows;

use std::time::{Duration, Instant};

use opsflow::{Map, Sqlite};

use order::{given, open, run};
use rows::{Bare, STATES, done};

const TASKS: usize = 400;
const ROUNDS: usize = 7;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = folder.map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let ops = open(3, Sqlite::open(folder.path().join("ours.db")).await.unwrap()).await;
        let mut bare = Bare::open(&folder.path().join("bare.db")).await;
        let (mut ours, mut five) = (Duration::MAX, Duration::MAX);
        // Alternating, so that neither has the quieter disk.
        for _ in 0..ROUNDS {
            let work: Vec<Map> = (0..TASKS).map(given).collect();
            let began = Instant::now();
            run(&ops, work).await;
            ours = ours.min(began.elapsed());
            let checkpoints: Vec<_> = (0..TASKS).map(|_| done()).collect();
            let began = Instant::now();
            checkpoints.iter().for_each(|checkpoint| bare.store(checkpoint, STATES));
            five = five.min(began.elapsed());
        }
        let rate = |took: Duration| TASKS as f64 / took.as_secs_f64();
        println!("{TASKS} order tasks on SQLite, synchronous = FULL, one client, best of {ROUNDS}:");
        println!("  five bare commits a task:  {:8.0} tasks/s", rate(five));
        println!("  opsflow:                   {:8.0} tasks/s  {:.2} x bare", rate(ours), five.div_duration_f64(ours));
    });
}
