//! What came of tests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::diagnostic::{Finding, Position, Source, Span};
use crate::name::Name;
use crate::task::{Cause, Status, Transition};

use super::coverage::Coverage;
use super::difference::{self, Line};

/// What came of the tests of some flows. As text: what failed, and how many passed.
#[derive(Debug, Default)]
pub struct TestReport {
    /// Every test that ran, in the order in which they stand in their files.
    pub tests: Vec<TestResult>,
    /// What the tests reached of their flows.
    pub coverage: Coverage,
    /// What is wrong with flows and files of tests. Those with errors were not tested.
    pub findings: Vec<Finding>,
}

/// What came of a test.
#[derive(Debug)]
pub struct TestResult {
    /// The flow.
    pub flow: Name,
    /// The test's name.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// The line of its name, from 1.
    pub line: usize,
    /// What was not as expected; nothing, if it passed.
    pub failures: Vec<TestFailure>,
    /// The moves of the task.
    pub path: Vec<Passage>,
    /// Where the task stood at the end, if it was started at all.
    pub stands: Option<(Name, Status)>,
    /// The virtual time at the end.
    pub ended: Timestamp,
    /// How long it took to run.
    pub took: Duration,
}

/// Something that was not as expected.
#[derive(Clone, Debug)]
pub struct TestFailure {
    /// The file of the test.
    pub source: Arc<Source>,
    /// The place of what was expected.
    pub span: Span,
    /// What differs, or why the test cannot go on.
    pub message: String,
    /// What was expected.
    pub expected: Option<String>,
    /// What was there.
    pub got: Option<String>,
    /// What to do, or what else is known.
    pub help: Option<String>,
}

/// A move of a task, or something that happened to it where it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passage {
    /// When, by the clock of the test.
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

impl From<&Transition> for Passage {
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
}

impl TestFailure {
    /// Where it stands in its file.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// The difference between what was expected and what was there, line by line.
    pub fn difference(&self) -> Vec<Line<'_>> {
        match (&self.expected, &self.got) {
            (Some(expected), Some(got)) => difference::lines(expected, got),
            _ => Vec::new(),
        }
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
                for line in failure.difference() {
                    let (mark, text) = line.parts();
                    writeln!(f, "    {mark} {text}")?;
                }
                if let Some(help) = &failure.help {
                    writeln!(f, "    {help}")?;
                }
            }
        }
        let failed = self.failed().count();
        write!(f, "{} tests: {} passed, {failed} failed", self.tests.len(), self.tests.len() - failed)
    }
}
