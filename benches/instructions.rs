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

/// Tasks of the two runs whose difference is counted: what comes before the first task cancels out.
const TASKS: [usize; 2] = [500, 2_500];
const SIZES: [usize; 3] = [3, 20, 200];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    match arguments.as_slice() {
        [what, size, tasks] => work(what, size.parse().expect("a size"), tasks.parse().expect("a number")),
        _ => measure(),
    }
}

/// Runs tasks, to be counted from outside.
fn work(what: &str, size: usize, tasks: usize) {
    if what == "bare" {
        let bare = Bare::new();
        return (0..tasks).for_each(|n| bare.run(n));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let ops = runtime.block_on(open(size, Memory::new()));
    let given: Vec<Map> = (0..tasks).map(given).collect();
    runtime.block_on(run(&ops, given));
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
    let [few, many] = TASKS.map(|tasks| counted(what, size, tasks));
    Some((many? - few?) / (TASKS[1] - TASKS[0]) as u64)
}

/// The instructions of this program with these arguments.
fn counted(what: &str, size: usize, tasks: usize) -> Option<u64> {
    let program = std::env::current_exe().expect("it runs");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    valgrind.args([what, &size.to_string(), &tasks.to_string()]).stdout(Stdio::null());
    let output = valgrind.output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    // `==1== Collected : 123456`
    let count = text.lines().find_map(|line| line.split_once("Collected :"))?.1.trim().parse();
    Some(count.expect("a number"))
}
