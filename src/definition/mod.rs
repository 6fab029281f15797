//! YAML text → documents, with the place of every key and scalar.
//!
//! A file goes through three hands. `tree` reads YAML into nodes with places (`node`, `syntax`), within the bounds of
//! `limits`. It watches for expressions that YAML would misread (`trap`, `extent`, `predict`) and reads again past them
//! (`patches`). `read` makes documents of nodes by the table of `keys`, of which `schema` makes the JSON Schema, and
//! reports everything that is wrong. `scalar` finds the way back from a script's characters to the file's. `format` lays
//! a file out anew by what `tree` says of it.
//!
//! Absent on purpose: whether names lead somewhere, whether scripts compile, whether rules fit their type. That is for
//! the checker, which knows the whole flow.

mod comments;
mod document;
mod extent;
mod format;
pub(crate) mod fuzz;
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
mod test_document;
mod trap;
mod tree;
mod unquoted;
mod usual;

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
    AnswerDoc, AnswerKindDoc, ExpectDoc, MockDoc, PlainValues, StepDoc, StepKindDoc, TestDoc, TestsDoc,
};

#[cfg(test)]
mod tests;

/// What reading a file gave: the documents that could be made out, and everything that is wrong with any of them. A
/// document with errors stands here too where enough of it is known for the checker to say more; one whose YAML breaks
/// off does not, since nobody can say what it lacks.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The flows, in order.
    pub(crate) documents: Vec<Document>,
    /// All findings, in order of their place; a bounded number of them.
    pub(crate) findings: Vec<Finding>,
}

/// Reads all flows of a file. Whatever is wrong with it is among the findings; no input makes it panic, or costs more
/// than in proportion to a bounded size.
pub(crate) fn parse(source: &Arc<Source>) -> Parsed {
    let mut trees = tree::read(source);
    let mut parsed = Parsed { documents: Vec::new(), findings: std::mem::take(&mut trees.findings) };
    parsed.findings.extend(unquoted::findings(source, &trees.unquoted));
    for (index, tree) in trees.documents.iter().enumerate() {
        let (document, findings) = read::read(source, tree, index == 0);
        parsed.documents.extend(document.filter(|_| tree.is_whole));
        parsed.findings.extend(findings);
    }
    if trees.documents.is_empty() && parsed.findings.is_empty() {
        let finding = Finding::error(source, Span::default(), "the file holds no flow");
        parsed.findings.push(finding.with_help("a flow begins with `flow: its_name`"));
    }
    in_order(source, &mut parsed.findings);
    parsed
}

/// Reads a file of tests, as [`parse`] reads one of flows.
pub(crate) fn parse_tests(source: &Arc<Source>) -> (Vec<TestsDoc>, Vec<Finding>) {
    let mut trees = tree::read(source);
    let (mut documents, mut all) = (Vec::new(), std::mem::take(&mut trees.findings));
    all.extend(unquoted::findings(source, &trees.unquoted));
    for (index, tree) in trees.documents.iter().enumerate() {
        let (document, findings) = read::read_tests(source, tree, index == 0);
        documents.extend(document.filter(|_| tree.is_whole));
        all.extend(findings);
    }
    if trees.documents.is_empty() && all.is_empty() {
        let finding = Finding::error(source, Span::default(), "the file holds no tests");
        all.push(finding.with_help("it begins with `flow: its_name`, and `tests:` follow"));
    }
    in_order(source, &mut all);
    (documents, all)
}

/// Sorts findings by their place, drops repeats, and keeps a bounded number of them.
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
        // Warnings never stop a run, however many they are.
        let severity = if hides_errors { Severity::Error } else { Severity::Warning };
        findings.push(Finding { severity, ..Finding::error(source, span, message) });
    }
}

/// Makes one line of printable text of a message that quotes the file.
fn one_line(message: &mut String) {
    let is_unfit = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if message.contains(is_unfit) {
        *message = message.replace(is_unfit, " ");
    }
}

/// The beginning of a text, for messages.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST && line.len() == text.trim_end().len() {
        return line.to_owned();
    }
    line.chars().take(MOST).chain(std::iter::once('…')).collect()
}
