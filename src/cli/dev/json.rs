//! A round as data: one object per line.

use serde_json::{Value, json};

use crate::clock;
use crate::testing::Coverage;

use super::super::exit::Failure;
use super::super::screen::Screen;
use super::super::test::json;
use super::state::{Round, State};
use crate::diagnostic::Finding;

/// The results of a round, and everything that is wrong now. Only the tests that ran in it.
pub(in crate::cli) fn of(state: &State, round: &Round, findings: &[Finding], covered: Option<&Coverage>) -> Value {
    let tests = state.tests();
    let failed = tests.iter().filter(|test| !test.passed()).count();
    json!({
        "at": clock::format(round.at),
        "milliseconds": round.milliseconds(),
        "files": round.files,
        "added": round.added,
        "changed": round.changed,
        "removed": round.removed,
        "kept": round.kept,
        "flows": state.rows().len(),
        "findings": findings,
        "passed": tests.len() - failed,
        "failed": failed,
        "tests": json::list(&state.tests_of(round)),
        "coverage": covered.map(json::coverage),
    })
}

/// Writes an object as a line.
pub(in crate::cli) fn line(screen: Screen, value: &Value) -> Result<(), Failure> {
    screen.result(&format!("{value}\n"))
}
