//! Test results as data.

use serde_json::{Value, json};

use crate::clock;
use crate::diagnostic::{Finding, Position, has_errors};
use crate::testing::{
    Coverage, CoverageCount, CoveredExpression, ExpressionCoverage, FlowCoverage, TestFailure, TestResult,
};

/// Whether all passed; the tests, the findings and, if requested, the coverage.
pub(super) fn of(tests: &[&TestResult], findings: &[Finding], covered: Option<&Coverage>) -> Value {
    json!({
        "passed": tests.iter().all(|test| test.passed()) && !has_errors(findings),
        "tests": list(tests),
        "findings": findings,
        "coverage": covered.map(coverage),
    })
}

/// The results of tests.
pub(in crate::cli) fn list(tests: &[&TestResult]) -> Vec<Value> {
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

pub(in crate::cli) fn coverage(coverage: &Coverage) -> Value {
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
