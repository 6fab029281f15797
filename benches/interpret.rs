//! What running a task costs beside evaluating its scripts bare in Rhai: an order flow of five transitions, in memory.
//! `cargo bench --bench interpret`

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program that measures and prints")]

#[path = "common/bare.rs"]
mod bare;
#[path = "common/order.rs"]
mod order;

use std::time::{Duration, Instant};

use opsflow::{Map, Memory};

use bare::Bare;
use order::{given, open, run};

const TASKS: usize = 20_000;
const ROUNDS: usize = 7;
const SIZES: [usize; 3] = [3, 20, 200];

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let bare = Bare::new();
    let mut floor = Duration::MAX;
    let mut ours = [Duration::MAX; SIZES.len()];
    let flows: Vec<_> = SIZES.iter().map(|size| (*size, runtime.block_on(open(*size, Memory::new())))).collect();
    // Alternating, so that none has the quieter machine.
    for _ in 0..ROUNDS {
        floor = floor.min(timed(|| (0..TASKS).for_each(|n| bare.run(n))));
        for ((_, ops), best) in flows.iter().zip(&mut ours) {
            let given: Vec<Map> = (0..TASKS).map(given).collect();
            *best = (*best).min(timed(|| runtime.block_on(run(ops, given))));
        }
    }
    println!("{TASKS} tasks of five transitions, memory, one thread, best of {ROUNDS}:");
    println!("  scripts bare in Rhai:        {:8.0} tasks/s", rate(TASKS, floor));
    for (size, took) in SIZES.iter().zip(ours) {
        let ratio = floor.as_secs_f64() / took.as_secs_f64();
        println!("  opsflow, {size:3} attributes:     {:8.0} tasks/s  {ratio:.2} x bare", rate(TASKS, took));
    }
    let [few, .., many] = ours;
    println!("  200 attributes against 3:    {:.2}", few.as_secs_f64() / many.as_secs_f64());
    threads();
}

/// One thread against two, each with tasks of its own, over one façade; and the bare scripts, each thread with its own.
fn threads() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let ops = runtime.block_on(open(3, Memory::new()));
    let (mut best, mut bare) = ([Duration::MAX; 2], [Duration::MAX; 2]);
    for _ in 0..ROUNDS {
        for (threads, (best, bare)) in [1, 2].into_iter().zip(best.iter_mut().zip(&mut bare)) {
            let work: Vec<Vec<Map>> = (0..threads).map(|_| (0..TASKS).map(given).collect()).collect();
            *best = (*best).min(in_threads(work, |given| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                runtime.block_on(run(&ops, given));
            }));
            let work: Vec<Bare> = (0..threads).map(|_| Bare::new()).collect();
            *bare = (*bare).min(in_threads(work, |bare| (0..TASKS).for_each(|n| bare.run(n))));
        }
    }
    let [_, two] = best;
    let gain = |[one, two]: [Duration; 2]| 2.0 * one.as_secs_f64() / two.as_secs_f64();
    println!("  two threads against one:     {:.2}  ({:.0} tasks/s)", gain(best), rate(2 * TASKS, two));
    println!("  the same bare in Rhai:       {:.2}  ({:.2} of that gained)", gain(bare), gain(best) / gain(bare));
}

/// Does each part of `work` in a thread of its own.
fn in_threads<T: Send>(work: Vec<T>, each: impl Fn(T) + Sync) -> Duration {
    timed(|| {
        std::thread::scope(|scope| {
            for part in work {
                let each = &each;
                scope.spawn(move || each(part));
            }
        });
    })
}

fn rate(tasks: usize, took: Duration) -> f64 {
    tasks as f64 / took.as_secs_f64()
}

fn timed(run: impl FnOnce()) -> Duration {
    let began = Instant::now();
    run();
    began.elapsed()
}
