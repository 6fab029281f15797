//! Test results and rounds as data.

use serde_json::{Value, json};

use crate::clock;
use crate::diagnostic::{Finding, Position, has_errors};
use crate::testing::{
    Coverage, CoverageCount, CoveredExpression, ExpressionCoverage, FlowCoverage, TestFailure, TestResult,
};

use super::bench::{Round, Workbench};

/// Whether all passed; the tests, the findings and, if requested, the coverage.
pub fn test_report_json(tests: &[&TestResult], findings: &[Finding], covered: Option<&Coverage>) -> Value {
    json!({
        "passed": tests.iter().all(|test| test.passed()) && !has_errors(findings),
        "tests": list(tests),
        "findings": findings,
        "coverage": covered.map(coverage_json),
    })
}

/// The results of a round, and everything that is wrong now. Only the tests that ran in it.
pub fn round_json(bench: &Workbench, round: &Round, findings: &[Finding], covered: Option<&Coverage>) -> Value {
    let tests = bench.tests();
    let failed = tests.iter().filter(|test| !test.passed()).count();
    json!({
        "at": clock::format(round.at),
        "milliseconds": round.milliseconds(),
        "files": round.files,
        "added": round.added,
        "changed": round.changed,
        "removed": round.removed,
        "kept": round.kept,
        "flows": bench.rows().len(),
        "findings": findings,
        "passed": tests.len() - failed,
        "failed": failed,
        "tests": list(&bench.tests_of(round)),
        "coverage": covered.map(coverage_json),
    })
}

/// The results of tests.
fn list(tests: &[&TestResult]) -> Vec<Value> {
    tests.iter().map(|test| self::test(test)).collect()
}

fn test(test: &TestResult) -> Value {
    let path = test.path.iter().map(|passage| {
        json!({
            "at": clock::format(passage.at),
            "from": passage.from,
            "to": passage.to,
            "cause": passage.cause,
            "by": passage.by,
        })
    });
    json!({
        "flow": test.flow,
        "name": test.name,
        "file": test.file,
        "line": test.line,
        "passed": test.passed(),
        "failures": test.failures.iter().map(failure).collect::<Vec<_>>(),
        "path": path.collect::<Vec<_>>(),
        "state": test.stands.as_ref().map(|(state, _)| state),
        "status": test.stands.as_ref().map(|(_, status)| status),
        "ended": clock::format(test.ended),
    })
}

fn failure(failure: &TestFailure) -> Value {
    let Position { line, column } = failure.position();
    json!({
        "file": failure.source.name(),
        "line": line,
        "column": column,
        "message": failure.message,
        "expected": failure.expected,
        "got": failure.got,
        "help": failure.help,
    })
}

/// The coverage of tests.
pub fn coverage_json(coverage: &Coverage) -> Value {
    json!({
        "states": share(coverage.states()),
        "branches": share(coverage.branches()),
        "expressions": share(coverage.expressions()),
        "flows": coverage.flows.iter().map(flow).collect::<Vec<_>>(),
    })
}

fn share(share: CoverageCount) -> Value {
    json!({ "reached": share.reached, "all": share.all, "percent": share.percent() })
}

fn flow(flow: &FlowCoverage) -> Value {
    let states = flow.states.iter().map(
        |state| json!({ "name": state.name, "line": state.at.line, "column": state.at.column, "count": state.count }),
    );
    let branches = flow.branches.iter().map(|branch| {
        json!({
            "state": branch.state,
            "name": branch.name,
            "to": branch.to,
            "line": branch.at.line,
            "column": branch.at.column,
            "count": branch.count,
        })
    });
    json!({
        "flow": flow.flow,
        "file": flow.source.name(),
        "states": { "share": share(flow.states()), "all": states.collect::<Vec<_>>() },
        "branches": { "share": share(flow.branches()), "all": branches.collect::<Vec<_>>() },
        "expressions": {
            "share": share(flow.expressions()),
            "all": flow.expressions.iter().map(expression).collect::<Vec<_>>(),
        },
    })
}

/// For a condition, how often it was true and false; for any other expression, how often it was evaluated.
fn expression(expression: &CoveredExpression) -> Value {
    let (count, seen_true, seen_false) = match expression.seen {
        ExpressionCoverage::Condition { seen_true, seen_false } => {
            (seen_true + seen_false, Some(seen_true), Some(seen_false))
        }
        ExpressionCoverage::Done(count) => (count, None, None),
    };
    json!({
        "state": expression.state,
        "text": expression.text,
        "line": expression.at.line,
        "column": expression.at.column,
        "count": count,
        "true": seen_true,
        "false": seen_false,
    })
}
