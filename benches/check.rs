//! How long checking takes beside reading the same YAML and doing nothing with it: 200 flows of 30 states.
//! `cargo bench --bench check`

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program that measures and prints")]

#[path = "common/flows.rs"]
mod flows;

use std::sync::Arc;
use std::time::{Duration, Instant};

use opsflow::flow::CheckContext;
use opsflow::{Library, Source};

use flows::{STATES, flow};

const FLOWS: usize = 200;
const ROUNDS: usize = 5;

fn main() {
    let texts: Vec<String> = (0..FLOWS).map(flow).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let bare = best(|| texts.iter().map(|text| granit_parser::Parser::new_from_str(text).count()).sum());
    let checked = best(|| {
        let sources = texts.iter().enumerate().map(|(n, text)| Arc::new(Source::new(format!("{n}.yml"), text)));
        let library = Library::of_sources(sources, &CheckContext::default());
        let findings = library.findings();
        assert!(findings.is_empty(), "{}", findings.first().expect("one"));
        library.names().len()
    });
    println!("{FLOWS} flows of {STATES} states, {bytes} bytes, best of {ROUNDS}:");
    println!("  YAML parsed, nothing else: {:8.1} ms", bare.as_secs_f64() * 1000.0);
    println!("  read and checked:          {:8.1} ms", checked.as_secs_f64() * 1000.0);
}

/// The shortest of several runs.
fn best(mut run: impl FnMut() -> usize) -> Duration {
    let timed = |_| {
        let began = Instant::now();
        std::hint::black_box(run());
        began.elapsed()
    };
    (0..ROUNDS).map(timed).min().expect("at least one round")
}
