//! Coverage for people: a table of the flows, and everything that is not covered.

use std::fmt::Write as _;

use crate::diagnostic::Position;
use crate::name::Name;
use crate::testing::{Coverage, CoverageCount, ExpressionCoverage, FlowCoverage};

use super::super::findings::short;
use super::super::screen::{BAD, STRONG, plain};

/// The name of the line for all flows together.
const ALL: &str = "all";
/// How many uncovered things are listed.
const MAX_MISSED: usize = 200;

/// The table, and below it what is not covered.
pub(super) fn table(coverage: &Coverage) -> String {
    let names = coverage.flows.iter().map(|flow| flow.flow.chars().count());
    let width = names.chain([ALL.len(), "COVERED".len()]).max().unwrap_or_default();
    let mut text = format!(
        "\n{STRONG}{:width$}  {:>16}  {:>16}  {:>16}{STRONG:#}\n",
        "COVERED", "STATES", "BRANCHES", "EXPRESSIONS"
    );
    let mut row = |name: &str, shares: [CoverageCount; 3]| {
        let _ = write!(text, "{name:width$}");
        for share in shares {
            let part = format!("{}/{}", share.reached, share.all);
            let cell = format!("{part:>10} {:>3} %", share.percent());
            let _ = match share.percent() {
                100 => write!(text, "  {cell}"),
                _ => write!(text, "  {BAD}{cell}{BAD:#}"),
            };
        }
        text.push('\n');
    };
    for flow in &coverage.flows {
        row(&flow.flow, [flow.states(), flow.branches(), flow.expressions()]);
    }
    if coverage.flows.len() > 1 {
        row(ALL, [coverage.states(), coverage.branches(), coverage.expressions()]);
    }
    let missed: Vec<String> = coverage.flows.iter().flat_map(missed).collect();
    if !missed.is_empty() {
        let _ = writeln!(text, "\n{STRONG}not reached{STRONG:#}");
        text.extend(missed.iter().take(MAX_MISSED).map(|line| format!("{line}\n")));
    }
    if missed.len() > MAX_MISSED {
        let _ = writeln!(text, "… and {} more (MAX_MISSED)", missed.len() - MAX_MISSED);
    }
    text
}

/// What is not covered of a flow, in order of place.
fn missed(flow: &FlowCoverage) -> Vec<String> {
    let mut missed: Vec<(Position, String)> = Vec::new();
    let states = flow.states.iter().filter(|state| state.count == 0);
    missed.extend(states.map(|state| (state.at, format!("state `{}`", state.name))));
    for branch in flow.branches.iter().filter(|branch| branch.count == 0) {
        let of = branch.state.as_ref().map(|state| format!("`{state}`, ")).unwrap_or_default();
        let to = branch.to.as_ref().map(|to| format!(" → `{to}`")).unwrap_or_default();
        missed.push((
            branch.at,
            format!("branch of {of}{}{to}", short(&branch.name))
                .replacen("branch of interaction", "interaction", 1)
                .replacen("branch of the flow's", "the flow's", 1),
        ));
    }
    // The parts of an uncovered state need not be listed.
    let reached = |name: &Name| flow.states.iter().any(|state| state.name == *name && state.count > 0);
    for expression in flow.expressions.iter().filter(|expression| expression.state.as_ref().is_none_or(reached)) {
        let (what, never) = match expression.seen {
            ExpressionCoverage::Condition { seen_true: 0, seen_false: 0 } => ("condition", "looked at"),
            ExpressionCoverage::Condition { seen_true: 0, .. } => ("condition", "true"),
            ExpressionCoverage::Condition { seen_false: 0, .. } => ("condition", "false"),
            ExpressionCoverage::Done(0) => ("expression", "evaluated"),
            _ => continue,
        };
        missed.push((expression.at, format!("{what} `{}` was never {never}", short(&expression.text))));
    }
    missed.sort_by_key(|(at, _)| (at.line, at.column));
    let file = plain(flow.source.name());
    missed.into_iter().map(|(at, what)| format!("  {file}:{}:{}: {}", at.line, at.column, plain(&what))).collect()
}

/// Reports coverage below `min` percent; empty if there is none.
pub(super) fn wanting(coverage: &Coverage, min: usize) -> String {
    let shares =
        [("states", coverage.states()), ("branches", coverage.branches()), ("expressions", coverage.expressions())];
    let below = shares.into_iter().filter(|(_, share)| share.percent() < min);
    below
        .map(|(what, share)| {
            format!("{BAD}error{BAD:#}: {} % of the {what} are covered; `--min` wants {min} %\n", share.percent())
        })
        .collect()
}
