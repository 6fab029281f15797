//! What came of tests, as people read it: every test in a line, then what failed, with the place, the difference and the
//! way that the task went.

use std::fmt::Write as _;

use crate::diagnostic::Finding;
use crate::name::Name;
use crate::testing::{Line, TestFailure, TestReport, TestResult};

use super::super::findings;
use super::super::screen::{BAD, FAINT, GOOD, STRONG, plain};

/// Every test in a line under its flow, unless it is to be quiet; then all that failed.
pub(super) fn tests(report: &TestReport, quiet: bool) -> String {
    let mut text = String::new();
    if !quiet {
        let mut flow: Option<(&Name, &str)> = None;
        for test in &report.tests {
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
    }
    for test in report.failed() {
        if !text.is_empty() {
            text.push('\n');
        }
        failed(&mut text, test);
    }
    text
}

fn failed(text: &mut String, test: &TestResult) {
    let _ = writeln!(text, "{BAD}✗ {}: {}{BAD:#}", test.flow, one_line(&test.name));
    for failure in &test.failures {
        one(text, failure);
    }
    path(text, test);
}

/// A name of a test, however it was written.
fn one_line(name: &str) -> String {
    plain(&name.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn one(text: &mut String, failure: &TestFailure) {
    let finding = Finding::error(&failure.source, failure.span, failure.message.clone());
    text.push_str(&findings::one(&finding));
    difference(text, failure);
    if let Some(help) = &failure.help {
        let _ = writeln!(text, "{STRONG}help{STRONG:#}: {}", plain(help));
    }
}

/// One beside the other, if each is one line; else the lines that differ, in their order.
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
            Line::Expected(_) => GOOD,
            Line::Got(_) => BAD,
            Line::Alike(_) | Line::More(_) => FAINT,
            Line::Both(_) => anstyle::Style::new(),
        };
        let _ = writeln!(text, "  {style}{mark} {}{style:#}", plain(&words));
    }
}

/// The way that the task went, with its times.
fn path(text: &mut String, test: &TestResult) {
    let way = test.way();
    if !way.is_empty() {
        let _ = writeln!(text, "the task went");
    }
    for (at, what) in way {
        let _ = writeln!(text, "  {FAINT}{at}{FAINT:#}  {what}");
    }
}

/// How many passed, in one line.
pub(super) fn summary(report: &TestReport, filter: Option<&str>) -> String {
    if let (0, Some(filter)) = (report.tests.len(), filter) {
        return format!("no test has `{}` in its name", plain(filter));
    }
    let failed = report.failed().count();
    let passed = report.tests.len() - failed;
    format!("{}: {passed} passed, {failed} failed", super::super::check::count(report.tests.len(), "test"))
}
