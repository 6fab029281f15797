//! What running a task costs beside evaluating its scripts bare in Rhai: an order flow of five transitions, in memory.
//! `cargo bench --bench interpret`

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program that measures and prints")]

#[path = "common/order.rs"]
mod order;

use std::time::{Duration, Instant};

use opsflow::{Limits, Map, Memory};
use rhai::{AST, Dynamic, Engine, Scope};

use order::{SCRIPTS, given, open, run};

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

/// One thread against two, each with tasks of its own, over one façade.
fn threads() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let ops = runtime.block_on(open(3, Memory::new()));
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for (threads, best) in [1, 2].into_iter().zip(&mut best) {
            let work: Vec<Vec<Map>> = (0..threads).map(|_| (0..TASKS).map(given).collect()).collect();
            let took = timed(|| {
                std::thread::scope(|scope| {
                    for given in work {
                        let ops = ops.clone();
                        scope.spawn(move || {
                            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                            runtime.block_on(run(&ops, given));
                        });
                    }
                });
            });
            *best = took.min(*best);
        }
    }
    let [one, two] = best;
    let ratio = 2.0 * one.as_secs_f64() / two.as_secs_f64();
    println!("  two threads against one:     {ratio:.2}  ({:.0} tasks/s)", rate(2 * TASKS, two));
}

fn rate(tasks: usize, took: Duration) -> f64 {
    tasks as f64 / took.as_secs_f64()
}

fn timed(run: impl FnOnce()) -> Duration {
    let began = Instant::now();
    run();
    began.elapsed()
}

/// The same scripts, bare: compiled once, run within the same limits over a scope of their variables.
struct Bare {
    engine: Engine,
    scripts: Vec<AST>,
}

impl Bare {
    fn new() -> Self {
        let limits = Limits::default();
        let mut engine = Engine::new();
        engine.set_max_operations(limits.max_operations);
        engine.set_max_call_levels(limits.max_call_depth);
        engine.set_max_string_size(limits.max_string_bytes);
        engine.set_max_array_size(limits.max_list_items);
        engine.set_max_map_size(limits.max_map_entries);
        engine.set_max_strings_interned(0);
        let scripts = SCRIPTS.iter().map(|text| engine.compile(text).expect("it compiles")).collect();
        Self { engine, scripts }
    }

    fn run(&self, number: usize) {
        let mut scope = Scope::new();
        scope.push("quantity", (number % 40) as i64);
        scope.push("price", 7_i64);
        scope.push("total", ());
        scope.push("text", ());
        let run = |scope: &mut Scope, at: usize| {
            let script = self.scripts.get(at).expect("it is there");
            self.engine.eval_ast_with_scope::<Dynamic>(scope, script).expect("it runs")
        };
        drop(run(&mut scope, 0));
        if run(&mut scope, 1).as_bool().expect("a condition") {
            drop(run(&mut scope, 2));
        }
        drop(run(&mut scope, 3));
        drop(std::hint::black_box(run(&mut scope, 4)));
    }
}
