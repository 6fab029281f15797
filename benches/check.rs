//! How long checking takes beside reading the same YAML and doing nothing with it: 200 flows of 30 states.
//! `cargo bench --bench check`

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program that measures and prints")]

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opsflow::{Library, Source, Surroundings};

const FLOWS: usize = 200;
const STATES: usize = 30;
const ROUNDS: usize = 5;

fn main() {
    let texts: Vec<String> = (0..FLOWS).map(flow).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let bare = best(|| texts.iter().map(|text| granit_parser::Parser::new_from_str(text).count()).sum());
    let checked = best(|| {
        let sources = texts.iter().enumerate().map(|(n, text)| Arc::new(Source::new(format!("{n}.yml"), text)));
        let library = Library::of_sources(sources, &Surroundings::default());
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

/// A flow with an action, a decision and a wait in turn.
fn flow(number: usize) -> String {
    let mut text = format!(
        "flow: flow_{number}\nattributes:\n  total: {{ type: integer, default: 0 }}\n  lines: {{ type: list, default: [] }}\n  \
         customer: {{ type: map, default: {{}} }}\nstarts_with: state_0\n\nstates:\n"
    );
    for state in 0..STATES {
        let next = if state + 1 == STATES { "done".to_owned() } else { format!("state_{}", state + 1) };
        let written = match state % 3 {
            0 => write!(
                text,
                "  state_{state}:\n    action: |\n      let line = total * 2 + {state};\n      lines += line;\n      \
                 if line > 100 {{\n        total += 1;\n      }}\n    go_to: {next}\n"
            ),
            1 => write!(
                text,
                "  state_{state}:\n    decision:\n      - if: total > 100 && customer.vip == true\n        label: \
                 important\n        go_to: {next}\n      - if: lines.len() > {state}\n        go_to: done\n      - go_to: {next}\n"
            ),
            _ => write!(
                text,
                "  state_{state}:\n    wait_until:\n      - if: total >= {state}\n        go_to: {next}\n      - after: \
                 3d\n        go_to: done\n    timeout: 30d\n"
            ),
        };
        written.expect("writing to a string");
    }
    text.push_str("  done: result\n");
    text
}
