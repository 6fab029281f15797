//! Findings: what the check reports, compared with what the lines expect.

use std::sync::Arc;

use opsflow::flow::CheckContext;
use opsflow::{Finding, Library, Source};

use super::case::{Case, Expected};

/// Checks a case; returns what differs.
pub(super) fn check(case: &Case) -> Result<(), String> {
    let source = Arc::new(Source::new(format!("{}.yml", case.chapter), &case.text));
    let library = Library::of_sources([source], &context());
    let found = library.findings();
    let missing = case.expected.iter().filter(|e| !found.iter().any(|f| agree(e, f)));
    let missing = missing.map(|e| format!("  not found: {}:{}: {}: {}", e.line, e.column, e.severity, e.message));
    let surplus = found.iter().filter(|f| !case.expected.iter().any(|e| agree(e, f)));
    let surplus = surplus.map(|f| format!("  not expected: {}", shown(f)));
    let mut wrong: Vec<String> = missing.chain(surplus).collect();
    if wrong.is_empty() && found.len() != case.expected.len() {
        wrong.push(format!("  {} findings, {} expected", found.len(), case.expected.len()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{}\n", case.name(), wrong.join("\n"))) }
}

/// What flows of the tests are checked against: the capabilities of the program.
pub(super) fn context() -> CheckContext {
    CheckContext { functions: super::mocks::functions(), ..CheckContext::default() }
}

fn agree(expected: &Expected, found: &Finding) -> bool {
    let (start, end) = (found.position(), found.source.position(found.span.end));
    let helps = match (&expected.help, &found.help) {
        (Some(part), Some(help)) => help.contains(part.as_str()),
        (expected, _) => expected.is_none(),
    };
    (start.line, start.column) == (expected.line, expected.column)
        && (expected.width == 1 || (end.line, end.column) == (start.line, start.column + expected.width))
        && found.severity.to_string() == expected.severity
        && found.message.contains(&expected.message)
        && helps
}

fn shown(finding: &Finding) -> String {
    let (start, end) = (finding.position(), finding.source.position(finding.span.end));
    let help = finding.help.as_ref().map(|help| format!(" | {help}")).unwrap_or_default();
    let width = if start.line == end.line { end.column.saturating_sub(start.column) } else { 0 };
    format!("{}:{}: ({width} wide) {}: {}{help}", start.line, start.column, finding.severity, finding.message)
}
