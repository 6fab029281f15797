//! Nodes → documents: reads every key, and reports everything that is wrong without stopping.

use std::sync::Arc;

use crate::diagnostic::{Finding, Source, Span};
use crate::name::nearest;

use super::document::Document;
use super::limits::{MAX_KEPT_FINDINGS, MAX_NAMES_IN_HELP};
use super::test_document::TestsDoc;
use super::tree::Tree;

mod fields;
mod flow;
mod interaction;
mod kinds;
mod mocks;
mod names;
mod rules;
mod scalars;
mod state;
mod test;

/// Reads one YAML document.
pub(super) struct Reader<'r> {
    source: &'r Arc<Source>,
    tree: &'r Tree,
    /// Where a flow without a name is reported.
    nameless: Span,
    /// Whether missing things are worth reporting: the YAML was read to its end, and it is known what the author meant
    /// to write.
    lacks_matter: bool,
    /// Whether branches of a state could not be read, so that it is unknown where it leads.
    unread: bool,
    findings: Vec<Finding>,
}

/// Reads `tree`, the first of its file or not: returns the document, if it is a flow at all, and the findings.
pub(super) fn read(source: &Arc<Source>, tree: &Tree, is_first: bool) -> (Option<Document>, Vec<Finding>) {
    let mut reader = Reader::new(source, tree, is_first);
    let document = reader.flow();
    (document, reader.findings)
}

/// Reads `tree` of a test file.
pub(super) fn read_tests(source: &Arc<Source>, tree: &Tree, is_first: bool) -> (Option<TestsDoc>, Vec<Finding>) {
    let mut reader = Reader::new(source, tree, is_first);
    let document = reader.tests_file();
    (document, reader.findings)
}

impl<'r> Reader<'r> {
    fn new(source: &'r Arc<Source>, tree: &'r Tree, is_first: bool) -> Self {
        let nameless = if is_first { Span::default() } else { Span::new(tree.root.span.start, tree.root.span.start) };
        Self { source, tree, nameless, lacks_matter: tree.is_whole, unread: false, findings: Vec::new() }
    }
}

impl Reader<'_> {
    /// Whether more has been found than will be reported, so that messages need no further look-ups.
    fn is_full(&self) -> bool {
        self.findings.len() >= MAX_KEPT_FINDINGS
    }

    fn report(&mut self, finding: Finding) {
        if !self.is_full() {
            self.findings.push(finding);
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.report(Finding::error(self.source, span, message));
    }

    fn error_with_help(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Finding::error(self.source, span, message).with_help(help));
    }

    /// Reports that something is missing, if that matters.
    fn missing(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        if self.lacks_matter {
            self.error_with_help(span, message, help);
        }
    }

    /// Reports that something else was expected at a place, unless the YAML breaks off there.
    fn misshapen(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        if self.tree.is_whole {
            self.error_with_help(span, message, help);
        }
    }

    /// Help that names the most similar of `known`, or all of them.
    fn help_among<'k>(given: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
        match nearest(given, known.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("expected {}", Self::list(known)),
        }
    }

    /// Names in backticks, with commas.
    fn list<'k>(names: impl Iterator<Item = &'k str> + Clone) -> String {
        let shown: Vec<String> = names.clone().take(MAX_NAMES_IN_HELP).map(|name| format!("`{name}`")).collect();
        let more = if names.count() > MAX_NAMES_IN_HELP { ", …" } else { "" };
        match shown.split_last() {
            Some((last, before)) if !before.is_empty() && more.is_empty() => {
                format!("{} or {last}", before.join(", "))
            }
            _ => format!("{}{more}", shown.join(", ")),
        }
    }

    fn line_of(&self, span: Span) -> usize {
        self.source.line(span.start)
    }
}
