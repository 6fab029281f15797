//! Flows of some length, each of its own name.

#![allow(unreachable_pub, reason = "what benches share is not reached from outside")]

use std::fmt::Write;

/// States of a flow, beside the last.
pub const STATES: usize = 30;

/// A flow with an action, a decision and a wait in turn.
pub fn flow(number: usize) -> String {
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
