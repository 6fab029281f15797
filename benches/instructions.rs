//! How many instructions a task takes beside its scripts bare in Rhai, counted by valgrind: a figure that neither another
//! program on the machine nor its speed changes. `cargo bench --bench instructions`

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program that measures and prints")]

#[path = "common/bare.rs"]
mod bare;
#[path = "common/order.rs"]
mod order;

use std::process::{Command, Stdio};

use opsflow::{Map, Memory};

use bare::Bare;
use order::{given, open, run};

/// Tasks of a run.
const TASKS: usize = 2_000;
/// Runs whose median counts: where the machine is so busy that a task takes long, it goes on in a thread of its own.
const RUNS: usize = 3;
const SIZES: [usize; 3] = [3, 20, 200];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    match arguments.as_slice() {
        [what, size] => work(what, size.parse().expect("a size")),
        _ => measure(),
    }
}

/// Runs tasks, to be counted from outside.
fn work(what: &str, size: usize) {
    if what == "bare" {
        let bare = Bare::new();
        return counted_from_outside(|| (0..TASKS).for_each(|n| bare.run(n)));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let ops = runtime.block_on(open(size, Memory::new()));
    let given: Vec<Map> = (0..TASKS).map(given).collect();
    counted_from_outside(|| runtime.block_on(run(&ops, given)));
}

/// Valgrind counts what happens in this function, which it knows by its name.
#[inline(never)]
fn counted_from_outside(work: impl FnOnce()) {
    work();
    std::hint::black_box(());
}

fn measure() {
    let Some(bare) = per_task("bare", 3) else {
        return println!("valgrind is not installed: nothing was counted");
    };
    println!("instructions a task of five transitions, memory:");
    println!("  scripts bare in Rhai:        {bare:6}");
    for size in SIZES {
        let ours = per_task("ours", size).expect("it was there before");
        println!("  opsflow, {size:3} attributes:     {ours:6}  {:.2} x bare", bare as f64 / ours as f64);
    }
}

/// None without valgrind.
fn per_task(what: &str, size: usize) -> Option<u64> {
    let mut counts: Vec<u64> = (0..RUNS).filter_map(|_| counted(what, size)).collect();
    counts.sort_unstable();
    Some(counts.get(counts.len() / 2)? / TASKS as u64)
}

/// The instructions of this program's tasks.
fn counted(what: &str, size: usize) -> Option<u64> {
    let program = std::env::current_exe().expect("it runs");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*counted_from_outside*"]);
    let output = valgrind.arg(program).args([what, &size.to_string()]).stdout(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    // `==1== Collected : 123456`
    let count = text.lines().find_map(|line| line.split_once("Collected :"))?.1.trim().parse();
    Some(count.expect("a number"))
}
