//! How many tests of flows run in a second: those of the shipped flows, on one thread and on all.
//! `cargo bench --bench tests`

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program that measures and prints")]

use std::num::NonZero;
use std::path::Path;
use std::time::{Duration, Instant};

use opsflow::flow::CheckContext;
use opsflow::host::{Host as _, Machine};
use opsflow::test::TestOptions;
use opsflow::{Library, Opsflow};

/// Runs of all tests in one measurement.
const RUNS: usize = 20;
const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let flows = concat!(env!("CARGO_MANIFEST_DIR"), "/workflows");
    let ops = runtime.block_on(Opsflow::builder().flows(flows).expect("the shipped flows").build()).expect("all of it");
    let report = ops.test(&TestOptions::default());
    assert!(report.passed() && report.tests.len() > 40, "{report}");
    let waited: i64 = report.tests.iter().map(|test| waited(test).num_days()).sum();
    let one = best(&ops, NonZero::new(1));
    let all = best(&ops, None);
    let checked = best_check(Path::new(flows));
    let count = report.tests.len() * RUNS;
    let rate = |took: Duration| count as f64 / took.as_secs_f64();
    println!(
        "{} tests of the shipped flows, which wait for {waited} days in all, best of {ROUNDS}:",
        report.tests.len()
    );
    println!("  on one thread:      {:9.0} tests a second", rate(one));
    println!("  on all processors:  {:9.0} tests a second", rate(all));
    println!(
        "  all of them beside reading and checking their flows: {:.2} x",
        one.as_secs_f64() / RUNS as f64 / checked.as_secs_f64()
    );
    println!("  a day of waiting:   {:9.1} µs", one.as_secs_f64() * 1e6 / (RUNS as f64 * waited as f64));
}

/// How much time has passed in a test.
fn waited(test: &opsflow::test::TestResult) -> chrono::TimeDelta {
    test.path.first().map_or(chrono::TimeDelta::zero(), |first| test.ended - first.at)
}

/// How long it takes to read and check the flows, which comes before any test.
fn best_check(flows: &Path) -> Duration {
    let context = CheckContext { functions: Machine::new().functions(), ..CheckContext::default() };
    let timed = |_| {
        let began = Instant::now();
        let (library, findings) = Library::load(&[flows], &context);
        assert!(findings.is_empty() && !library.names().is_empty(), "{findings:?}");
        began.elapsed()
    };
    (0..RUNS).map(timed).min().expect("at least one round")
}

/// The shortest of several measurements.
fn best(ops: &Opsflow, threads: Option<NonZero<usize>>) -> Duration {
    let options = TestOptions { threads, ..TestOptions::default() };
    let timed = |_| {
        let began = Instant::now();
        for _ in 0..RUNS {
            assert!(std::hint::black_box(ops.test(&options)).passed());
        }
        began.elapsed()
    };
    (0..ROUNDS).map(timed).min().expect("at least one round")
}
