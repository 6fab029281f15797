//! YAML text → documents, with the place of every key and scalar.
//!
//! A file is processed in three stages. `tree` reads YAML into nodes with places (`node`, `syntax`), within the bounds
//! of `limits`. It looks for expressions that YAML would misread (`trap`, `extent`, `predict`) and reads the file again
//! without them (`patches`). `read` turns nodes into documents, using the table of `keys`, and reports everything that
//! is wrong. `schema` generates the JSON Schema from the same table. `scalar` maps positions in a script to positions
//! in the file. `format` is the formatter.
//!
//! Not done here, on purpose: whether names exist, whether scripts compile, whether rules fit their type. That is for
//! the checker, which knows the whole flow.

mod comments;
mod document;
mod extent;
mod format;
mod keys;
mod limits;
mod node;
mod parts;
mod patches;
mod plain;
mod predict;
mod read;
mod scalar;
mod schema;
mod syntax;
mod tabs;
mod test_document;
mod trap;
mod tree;
mod unquoted;
mod usual;
mod usual_types;

use std::sync::Arc;

use crate::diagnostic::{Finding, Severity, Source, Span};

use limits::MAX_FINDINGS;

pub(crate) use document::{
    ActionDoc, AttributeDoc, BranchDoc, DecisionDoc, Document, InteractionDoc, MigrateDoc, PlainValue, RetryDoc,
    RulesDoc, StartDoc, StateDoc, StateKindDoc, WaitDoc,
};
pub use format::format;
pub(crate) use scalar::{Scalar, ScalarStyle};
pub use schema::{schema, tests_schema};
pub(crate) use test_document::{
    AnswerDoc, AnswerKindDoc, ExpectDoc, MigratedDoc, MockDoc, PlainValues, ScheduledDoc, StepDoc, StepKindDoc,
    TestDoc, TestsDoc,
};

#[cfg(test)]
mod tests;

/// The result of reading a file: the documents that could be read, and all findings. A document with errors is included
/// if enough of it is known for the checker to say more. One whose YAML breaks off is not, because it is unknown what
/// it lacks.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The flows, in order.
    pub(crate) documents: Vec<Document>,
    /// All findings, ordered by place; their number is bounded.
    pub(crate) findings: Vec<Finding>,
}

/// Reads all flows of a file. Everything that is wrong is in the findings. No input makes it panic, and its cost is
/// proportional to a bounded size.
pub(crate) fn parse(source: &Arc<Source>) -> Parsed {
    let mut trees = tree::read(source);
    let mut parsed = Parsed { documents: Vec::new(), findings: std::mem::take(&mut trees.findings) };
    parsed.findings.extend(doubtful(source, &trees));
    for (index, tree) in trees.documents.iter().enumerate() {
        let (document, findings) = read::read(source, tree, index == 0);
        parsed.documents.extend(document.filter(|_| tree.is_whole));
        parsed.findings.extend(findings);
        parsed.findings.extend(tabs::findings(source, tree));
    }
    if trees.documents.is_empty() && parsed.findings.is_empty() {
        let finding = Finding::error(source, Span::default(), "the file holds no flow");
        parsed.findings.push(finding.with_help("a flow begins with `flow: its_name`"));
    }
    in_order(source, &mut parsed.findings);
    parsed
}

/// Reads a test file, as [`parse`] reads a flow file.
pub(crate) fn parse_tests(source: &Arc<Source>) -> (Vec<TestsDoc>, Vec<Finding>) {
    let mut trees = tree::read(source);
    let (mut documents, mut all) = (Vec::new(), std::mem::take(&mut trees.findings));
    all.extend(doubtful(source, &trees));
    for (index, tree) in trees.documents.iter().enumerate() {
        let (document, findings) = read::read_tests(source, tree, index == 0);
        documents.extend(document.filter(|_| tree.is_whole));
        all.extend(findings);
        all.extend(tabs::findings(source, tree));
    }
    if trees.documents.is_empty() && all.is_empty() {
        let finding = Finding::error(source, Span::default(), "the file holds no tests");
        all.push(finding.with_help("it begins with `flow: its_name`, and `tests:` follow"));
    }
    in_order(source, &mut all);
    (documents, all)
}

/// What works here, and is refused or read otherwise by other readers of YAML.
fn doubtful(source: &Arc<Source>, trees: &tree::Trees) -> Vec<Finding> {
    let unquoted = unquoted::findings(source, &trees.unquoted);
    unquoted.chain(unquoted::shallow(source, &trees.shallow)).chain(tabs::lone_return(source)).collect()
}

/// Sorts findings by place, removes duplicates, and keeps a bounded number of them.
fn in_order(source: &Arc<Source>, findings: &mut Vec<Finding>) {
    for finding in findings.iter_mut() {
        one_line(&mut finding.message);
        finding.help.iter_mut().for_each(one_line);
    }
    findings.sort_by(|a, b| (a.span.start, &a.message).cmp(&(b.span.start, &b.message)));
    findings.dedup_by(|a, b| a.span == b.span && a.message == b.message);
    if findings.len() > MAX_FINDINGS {
        let more = findings.len() - MAX_FINDINGS;
        let span = findings.get(MAX_FINDINGS).map_or_else(Span::default, |finding| finding.span);
        let hides_errors = findings.iter().skip(MAX_FINDINGS).any(Finding::is_error);
        findings.truncate(MAX_FINDINGS);
        let message = format!("and {more} more; only the first {MAX_FINDINGS} findings are shown (MAX_FINDINGS)");
        // Warnings never stop a run, however many there are.
        let severity = if hides_errors { Severity::Error } else { Severity::Warning };
        findings.push(Finding { severity, ..Finding::error(source, span, message) });
    }
}

/// Makes a message that quotes the file a single printable line.
fn one_line(message: &mut String) {
    let is_unfit = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if message.contains(is_unfit) {
        *message = message.replace(is_unfit, " ");
    }
}

/// The start of a text, for messages.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST && line.len() == text.trim_end().len() {
        return line.to_owned();
    }
    line.chars().take(MOST).chain(std::iter::once('…')).collect()
}
