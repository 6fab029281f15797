//! Test results for people: one line per test, then the failures, with place, difference and the moves of the task.

use std::fmt::Write as _;

use crate::diagnostic::Finding;
use crate::name::Name;
use crate::testing::{DiffLine, TestFailure, TestResult};

use super::super::findings;
use super::super::screen::{BAD, FAINT, GOOD, STRONG, plain};

/// Every test in a line under its flow, unless it is quiet; then all failures. Excerpts are no wider than `columns`.
pub(super) fn tests(tests: &[&TestResult], quiet: bool, columns: Option<usize>) -> String {
    let mut text = if quiet { String::new() } else { list(tests) };
    for test in tests.iter().filter(|test| !test.passed()) {
        if !text.is_empty() {
            text.push('\n');
        }
        text += &failed(test, columns);
    }
    text
}

/// One line per test under its flow.
pub(in crate::cli) fn list(tests: &[&TestResult]) -> String {
    let mut text = String::new();
    let mut flow: Option<(&Name, &str)> = None;
    for test in tests {
        let own = (&test.flow, test.file.as_str());
        if flow != Some(own) {
            let _ = writeln!(text, "{STRONG}{}{STRONG:#}  {FAINT}{}{FAINT:#}", test.flow, plain(&test.file));
            flow = Some(own);
        }
        let name = one_line(&test.name);
        let _ = match test.passed() {
            true => writeln!(text, "  {GOOD}✓{GOOD:#} {name}"),
            false => writeln!(text, "  {BAD}✗{BAD:#} {name}"),
        };
    }
    text
}

/// The name of a test on one line.
fn one_line(name: &str) -> String {
    plain(&name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A failed test; its excerpts at most `columns` wide.
pub(in crate::cli) fn failed(test: &TestResult, columns: Option<usize>) -> String {
    let mut text = format!("{BAD}✗ {}: {}{BAD:#}\n", test.flow, one_line(&test.name));
    for failure in &test.failures {
        one(&mut text, failure, columns);
    }
    path(&mut text, test);
    text
}

fn one(text: &mut String, failure: &TestFailure, columns: Option<usize>) {
    let finding = Finding::error(&failure.source, failure.span, failure.message.clone());
    text.push_str(&findings::within(&finding, columns));
    difference(text, failure);
    if let Some(help) = &failure.help {
        let _ = writeln!(text, "{STRONG}help{STRONG:#}: {}", plain(help));
    }
}

/// Side by side, if each is one line; else the differing lines, in order.
fn difference(text: &mut String, failure: &TestFailure) {
    if let Some((expected, got)) = failure.one_line() {
        let _ = writeln!(text, "  expected  {GOOD}{}{GOOD:#}", plain(expected));
        let _ = writeln!(text, "  got       {BAD}{}{BAD:#}", plain(got));
        return;
    }
    if failure.expected.is_none() || failure.got.is_none() {
        return;
    }
    let _ = writeln!(text, "  {GOOD}- expected{GOOD:#}");
    let _ = writeln!(text, "  {BAD}+ got{BAD:#}");
    for line in failure.difference() {
        let (mark, words) = line.parts();
        let style = match line {
            DiffLine::Expected(_) => GOOD,
            DiffLine::Got(_) => BAD,
            DiffLine::Alike(_) | DiffLine::More(_) => FAINT,
            DiffLine::Both(_) => anstyle::Style::new(),
        };
        let _ = writeln!(text, "  {style}{mark} {}{style:#}", plain(&words));
    }
}

/// The moves of the task, with their times.
fn path(text: &mut String, test: &TestResult) {
    let way = test.way();
    if !way.is_empty() {
        let _ = writeln!(text, "the task went");
    }
    for (at, what) in way {
        let _ = writeln!(text, "  {FAINT}{at}{FAINT:#}  {what}");
    }
}

/// How many passed, on one line.
pub(super) fn summary(tests: &[&TestResult], filter: Option<&str>) -> String {
    if let (0, Some(filter)) = (tests.len(), filter) {
        return format!("no test has `{}` in its name", plain(filter));
    }
    let failed = tests.iter().filter(|test| !test.passed()).count();
    let passed = tests.len() - failed;
    format!("{}: {passed} passed, {failed} failed", super::super::check::count(tests.len(), "test"))
}
