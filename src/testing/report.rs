//! The results of tests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::diagnostic::{Finding, Position, Source, Span};
use crate::name::Name;
use crate::task::{Cause, Status, Transition};

use super::coverage::Coverage;
use super::difference::{self, DiffLine};

/// Moves of a task that are shown: the first and the last ones.
const MAX_MOVES: usize = 40;

/// The results of the tests of some flows. As text: the failures, and how many passed.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct TestReport {
    /// Every test that ran, in the order of the files.
    pub tests: Vec<TestResult>,
    /// The coverage of the flows.
    pub coverage: Coverage,
    /// Findings in flows and test files. Those with errors were not tested.
    pub findings: Vec<Finding>,
}

/// The result of a test.
#[derive(Debug)]
#[non_exhaustive]
pub struct TestResult {
    /// The flow.
    pub flow: Name,
    /// The test's name.
    pub name: String,
    /// The file that contains it.
    pub file: String,
    /// The line of its name, from 1.
    pub line: usize,
    /// Its failures; empty if it passed.
    pub failures: Vec<TestFailure>,
    /// What is to be said of it although it passed: mocks that nothing called.
    pub warnings: Vec<Finding>,
    /// The moves of the task.
    pub path: Vec<PathStep>,
    /// The state and status of the task at the end, if it was started.
    pub stands: Option<(Name, Status)>,
    /// The virtual time at the end.
    pub ended: Timestamp,
    /// How long it took to run.
    pub took: Duration,
}

/// Something that was not as expected.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TestFailure {
    /// The file of the test.
    pub source: Arc<Source>,
    /// The place of the expectation.
    pub span: Span,
    /// What differs, or why the test cannot go on.
    pub message: String,
    /// What was expected.
    pub expected: Option<String>,
    /// What was found.
    pub got: Option<String>,
    /// What to do, or further facts.
    pub help: Option<String>,
}

/// A move of a task, or something that happened to it without a move.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PathStep {
    /// When, in virtual time.
    pub at: Timestamp,
    /// The state it left.
    pub from: Name,
    /// The state it came to.
    pub to: Name,
    /// Why.
    pub cause: Cause,
    /// Which interaction.
    pub by: Option<Name>,
}

impl From<&Transition> for PathStep {
    fn from(entry: &Transition) -> Self {
        let Transition { at, from, to, cause, by, .. } = entry;
        Self { at: *at, from: from.clone(), to: to.clone(), cause: *cause, by: by.clone() }
    }
}

impl TestReport {
    /// Whether every test passed, and nothing is broken.
    pub fn passed(&self) -> bool {
        self.failed().next().is_none() && !crate::diagnostic::has_errors(&self.findings)
    }

    /// The tests that failed.
    pub fn failed(&self) -> impl Iterator<Item = &TestResult> {
        self.tests.iter().filter(|test| !test.passed())
    }
}

impl TestResult {
    /// Whether all was as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// Its moves and its end, each with its time. Of many moves the first and the last ones. Empty if it was not
    /// started.
    pub fn way(&self) -> Vec<(String, String)> {
        let Some((state, status)) = &self.stands else { return Vec::new() };
        let width = |part: fn(&PathStep) -> &Name| {
            self.path.iter().map(|passage| part(passage).chars().count()).max().unwrap_or_default()
        };
        let (from, to) = (width(|passage| &passage.from), width(|passage| &passage.to));
        let left_out = self.path.len().saturating_sub(MAX_MOVES);
        let (first, rest) = self.path.split_at(self.path.len().min(MAX_MOVES / 2));
        let line = |passage: &PathStep| (moment(passage.at), passage.told(from, to));
        let mut way: Vec<(String, String)> = first.iter().map(line).collect();
        if left_out > 0 {
            way.push(("…".to_owned(), format!("{left_out} more")));
        }
        way.extend(rest.iter().skip(left_out).map(line));
        way.push((moment(self.ended), format!("{} in `{state}`", status.name())));
        way
    }
}

impl PathStep {
    /// From where to where, and why; states are padded to `from` characters.
    fn told(&self, from: usize, to: usize) -> String {
        let Self { from: left, to: came, cause, by, .. } = self;
        let cause = serde_json::to_value(cause).ok();
        let cause = cause.as_ref().and_then(|cause| cause.as_str()).unwrap_or_default();
        let by = by.as_ref().map(|by| format!(" {by}")).unwrap_or_default();
        let arrow = if left == came { "·" } else { "→" };
        format!("{:from$} {arrow} {:to$}  {cause}{by}", left.as_str(), came.as_str())
    }
}

/// A time in a test, with milliseconds only if they are not zero.
fn moment(at: Timestamp) -> String {
    let form = if at.timestamp_subsec_millis() == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.3f" };
    at.format(form).to_string()
}

impl TestFailure {
    /// Where it stands in its file.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// The difference between what was expected and what was found, line by line.
    pub fn difference(&self) -> Vec<DiffLine<'_>> {
        match (&self.expected, &self.got) {
            (Some(expected), Some(got)) => difference::lines(expected, got),
            _ => Vec::new(),
        }
    }

    /// What was expected and what was found, if each is one line.
    pub fn one_line(&self) -> Option<(&str, &str)> {
        let (expected, got) = (self.expected.as_deref()?, self.got.as_deref()?);
        (!expected.contains('\n') && !got.contains('\n')).then_some((expected, got))
    }

    /// What was expected and what was found, in labelled lines; empty if nothing was compared.
    pub fn compared(&self) -> Vec<String> {
        if let Some((expected, got)) = self.one_line() {
            return vec![format!("expected  {expected}"), format!("got       {got}")];
        }
        let difference = self.difference();
        if difference.is_empty() {
            return Vec::new();
        }
        let lines = difference.into_iter().map(DiffLine::parts).map(|(mark, text)| format!("{mark} {text}"));
        ["- expected", "+ got"].into_iter().map(str::to_owned).chain(lines).collect()
    }
}

impl fmt::Display for TestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        for test in self.failed() {
            writeln!(f, "{}: {}", test.flow, test.name)?;
            for failure in &test.failures {
                let Position { line, column } = failure.position();
                writeln!(f, "  {}:{line}:{column}: {}", failure.source.name(), failure.message)?;
                for line in failure.compared() {
                    writeln!(f, "    {line}")?;
                }
                if let Some(help) = &failure.help {
                    writeln!(f, "    {help}")?;
                }
            }
            for (at, what) in test.way() {
                writeln!(f, "  {at}  {what}")?;
            }
        }
        let failed = self.failed().count();
        write!(f, "{} tests: {} passed, {failed} failed", self.tests.len(), self.tests.len() - failed)
    }
}
