//! Test results as JUnit XML, which most CI systems read.

use std::fmt::Write as _;

use crate::diagnostic::{Finding, Position};
use crate::testing::{TestFailure, TestResult};
use crate::xml;

/// The whole document: a suite for each flow, and one for broken definitions.
pub(super) fn document(tests: &[&TestResult], findings: &[Finding]) -> String {
    let mut suites = String::new();
    let mut rest = tests;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|test| test.flow == first.flow).count();
        let (own, later) = rest.split_at(length);
        suite(&mut suites, &first.flow, own);
        rest = later;
    }
    let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
    if !errors.is_empty() {
        let number = errors.len();
        let _ = writeln!(
            suites,
            "  <testsuite name=\"definitions\" tests=\"{number}\" failures=\"0\" errors=\"{number}\" time=\"0.000\">"
        );
        for finding in &errors {
            let name = quoted(&finding.to_string());
            let _ = writeln!(suites, "    <testcase classname=\"definitions\" name=\"{name}\" time=\"0.000\">");
            let help = finding.help.as_deref().map(quoted).unwrap_or_default();
            let _ = writeln!(suites, "      <error message=\"{}\">{help}</error>", quoted(&finding.message));
            suites.push_str("    </testcase>\n");
        }
        suites.push_str("  </testsuite>\n");
    }
    let failed = tests.iter().filter(|test| !test.passed()).count();
    let (all, errors) = (tests.len() + errors.len(), errors.len());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"opsflow\" tests=\"{all}\" failures=\"{failed}\" \
         errors=\"{errors}\" time=\"{}\">\n{suites}</testsuites>\n",
        seconds(tests)
    )
}

fn suite(text: &mut String, flow: &str, own: &[&TestResult]) {
    let (all, failed) = (own.len(), own.iter().filter(|test| !test.passed()).count());
    let time = seconds(own);
    let name = quoted(flow);
    let _ = writeln!(
        text,
        "  <testsuite name=\"{name}\" tests=\"{all}\" failures=\"{failed}\" errors=\"0\" time=\"{time}\">"
    );
    for test in own {
        let time = seconds(&[test]);
        let (called, file) = (quoted(&test.name), quoted(&test.file));
        let _ = write!(
            text,
            "    <testcase classname=\"{name}\" name=\"{called}\" file=\"{file}\" line=\"{}\" time=\"{time}\"",
            test.line
        );
        if test.passed() {
            text.push_str("/>\n");
            continue;
        }
        text.push_str(">\n");
        let way: String = test.way().iter().map(|(at, what)| format!("\n{at}  {what}")).collect();
        for failure in &test.failures {
            let message = quoted(&in_short(failure));
            let told = quoted(&format!("{}{way}", told(failure)));
            let _ = writeln!(text, "      <failure message=\"{message}\">{told}</failure>");
        }
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n");
}

/// A failure on one line, if it fits.
fn in_short(failure: &TestFailure) -> String {
    let sides = failure.one_line().map(|(expected, got)| format!(": expected {expected}, got {got}"));
    format!("{}{}", failure.message, sides.unwrap_or_default())
}

/// A failure as plain text.
fn told(failure: &TestFailure) -> String {
    let Position { line, column } = failure.position();
    let mut text = format!("{}:{line}:{column}: {}", failure.source.name(), failure.message);
    for line in failure.compared() {
        let _ = write!(text, "\n{line}");
    }
    if let Some(help) = &failure.help {
        let _ = write!(text, "\n{help}");
    }
    text
}

fn seconds(tests: &[&TestResult]) -> String {
    format!("{:.3}", tests.iter().map(|test| test.took.as_secs_f64()).sum::<f64>())
}

/// `text` for an attribute or an element, with line breaks escaped.
fn quoted(text: &str) -> String {
    xml::escaped(text).replace('\n', "&#10;")
}
