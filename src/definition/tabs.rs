//! Tabs where YAML, or some of its readers, wants blanks. YAML indents keys and items by blanks alone, but the reader below
//! passes over a tab behind a blank. Between values YAML allows tabs, and some readers do not.

use std::sync::Arc;

use crate::diagnostic::{Finding, Source, Span};

use super::node::{Content, Node};
use super::scalar::ScalarStyle;
use super::syntax::TABS;
use super::tree::{Tree, line_start};

/// An error for each tab that indents a key, and a warning for each other tab outside of texts and comments.
pub(super) fn findings(source: &Arc<Source>, tree: &Tree) -> Vec<Finding> {
    let text = source.text();
    if !text.contains('\t') {
        return Vec::new();
    }
    let (mut findings, mut scalars) = (Vec::new(), Vec::new());
    let mut open: Vec<&Node> = vec![&tree.root];
    while let Some(node) = open.pop() {
        let is_block = !text.get(node.span.start..).is_some_and(|text| text.starts_with(['{', '[']));
        match &node.content {
            Content::Scalar(_, style) => scalars.push((node.span, *style)),
            Content::List(items) => open.extend(items.iter().map(|item| &**item)),
            Content::Map(entries) => {
                for entry in entries {
                    findings.extend(is_block.then(|| before(source, &entry.key)).flatten());
                    open.push(&entry.key);
                    open.push(&entry.value);
                }
            }
        }
    }
    scalars.sort_by_key(|(span, _)| span.start);
    let errors = findings.len();
    let mut at = (tree.root.span.start, ScalarStyle::Plain);
    for (span, style) in scalars {
        between(source, at, span.start, &mut findings);
        at = (span.end.max(at.0), style);
    }
    let line = text.get(at.0..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| at.0 + length);
    between(source, at, line, &mut findings);
    let (errors, warnings) = findings.split_at(errors);
    let is_new = |warning: &&Finding| !errors.iter().any(|error| error.span == warning.span);
    errors.iter().chain(warnings.iter().filter(is_new)).cloned().collect()
}

/// The first carriage return that ends a line by itself: some readers of YAML take it for text.
pub(super) fn lone_return(source: &Arc<Source>) -> Option<Finding> {
    let text = source.text();
    let at = text.match_indices('\r').map(|(at, _)| at).find(|at| text.as_bytes().get(at + 1) != Some(&b'\n'))?;
    let message = "a carriage return without a line feed: not every reader of YAML takes it for the end of a line";
    let help = "save the file with the line ends of Unix or Windows";
    Some(Finding::error(source, Span::new(at, at + 1), message).with_help(help))
}

/// The tab that indents a key, if one does.
fn before(source: &Arc<Source>, key: &Node) -> Option<Finding> {
    let start = line_start(source.text(), key.span.start);
    let indent = source.text().get(start..key.span.start)?;
    let tab = indent.find('\t').filter(|_| indent.chars().all(|c| matches!(c, ' ' | '\t' | '-')))?;
    let span = Span::new(start + tab, start + tab + 1);
    Some(Finding::error(source, span, "this is a tab, and YAML needs spaces here").with_help(TABS))
}

/// Reports the first tab of each line between two scalars. `from` is the end of the one before, and its style.
fn between(source: &Arc<Source>, from: (usize, ScalarStyle), to: usize, findings: &mut Vec<Finding>) {
    let (mut at, style) = from;
    let Some(gap) = source.text().get(at..to) else { return };
    // Empty lines behind a text in a block belong to it.
    let mut is_text = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    for line in gap.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = without_comment(line, start == line_start(source.text(), start));
        is_text &= line.trim().is_empty();
        if let Some(tab) = code.find('\t').filter(|_| !is_text) {
            let span = Span::new(start + tab, start + tab + 1);
            let help = "some readers of YAML refuse a tab here; `opsflow fmt` writes blanks";
            findings
                .push(Finding::warning(source, span, "not YAML: write a blank in place of this tab").with_help(help));
        }
    }
}

/// A line without its comment. `is_whole` says whether it is given from its beginning.
fn without_comment(line: &str, is_whole: bool) -> &str {
    let begins = |at: usize| match at.checked_sub(1) {
        Some(before) => matches!(line.as_bytes().get(before), Some(b' ' | b'\t')),
        None => is_whole,
    };
    let comment = line.match_indices('#').map(|(at, _)| at).find(|at| begins(*at));
    comment.and_then(|at| line.get(..at)).unwrap_or(line)
}
