//! A process that runs the order flow on a new SQLite file and ends, beside one that compiles and evaluates its scripts
//! bare; and the most memory each had. `cargo bench --bench process`

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program that measures and prints"
)]

#[path = "common/order.rs"]
mod order;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rhai::{Dynamic, Engine, Scope};

const ROUNDS: usize = 60;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("bare") {
        return bare();
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("order.yml"), order::flow(4)).unwrap();
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let _ = std::fs::remove_dir_all(folder.path().join(".opsflow"));
        ours.push(measured(opsflow(folder.path())));
        floor.push(measured(itself()));
    }
    println!("from process start to its end, median of {ROUNDS}:");
    let (bare, with) = (median(floor), median(ours));
    println!("  scripts compiled and evaluated bare:  {:6.2} ms  {:6} KB at most", millis(bare.0), bare.1);
    println!(
        "  `opsflow run` on a new SQLite file:   {:6.2} ms  {:6} KB at most  {:.2} x bare",
        millis(with.0),
        with.1,
        with.0.div_duration_f64(bare.0)
    );
}

fn opsflow(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opsflow"));
    command.current_dir(folder).args(["run", "order.yml", "--set", "quantity=20", "--set", "price=7", "--quiet"]);
    command
}

fn itself() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("bare");
    command
}

/// How long a process takes, and its most memory in KB (read while it runs, where the system tells).
fn measured(mut command: Command) -> (Duration, u64) {
    let began = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let took = began.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    let mut child = command.spawn().unwrap();
    let path = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(peak(&path).unwrap_or_default());
    }
    (took, most)
}

fn peak(path: &str) -> Option<u64> {
    let status = std::fs::read_to_string(path).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn median(mut all: Vec<(Duration, u64)>) -> (Duration, u64) {
    let most = all.iter().map(|(_, memory)| *memory).max().unwrap_or_default();
    all.sort_unstable();
    (all.get(all.len() / 2).expect("there are rounds").0, most)
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

/// The process that stands for the floor.
fn bare() {
    let engine = Engine::new();
    let mut scope = Scope::new();
    scope.push("quantity", 20_i64);
    scope.push("price", 7_i64);
    scope.push("total", ());
    scope.push("text", ());
    for script in order::SCRIPTS {
        let script = engine.compile(script).expect("it compiles");
        let _: Dynamic = engine.eval_ast_with_scope(&mut scope, &script).expect("it runs");
    }
}
