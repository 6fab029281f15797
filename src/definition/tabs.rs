//! Tabs that indent: YAML indents keys and items by spaces alone, but the reader below passes over a tab behind a space.

use std::sync::Arc;

use crate::diagnostic::{Finding, Source, Span};

use super::node::{Content, Node};
use super::syntax::TABS;
use super::tree::{Tree, line_start};

/// Keys and items of their own lines that a tab stands before.
pub(super) fn findings(source: &Arc<Source>, tree: &Tree) -> Vec<Finding> {
    let text = source.text();
    if !text.contains('\t') {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut open: Vec<&Node> = vec![&tree.root];
    while let Some(node) = open.pop() {
        let is_block = !text.get(node.span.start..).is_some_and(|text| text.starts_with(['{', '[']));
        match &node.content {
            Content::Scalar(..) => {}
            Content::List(items) => open.extend(items.iter().map(|item| &**item)),
            Content::Map(entries) => {
                for entry in entries {
                    findings.extend(is_block.then(|| before(source, &entry.key)).flatten());
                    open.push(&entry.value);
                }
            }
        }
    }
    findings
}

/// The tab that indents a key, if one does.
fn before(source: &Arc<Source>, key: &Node) -> Option<Finding> {
    let start = line_start(source.text(), key.span.start);
    let indent = source.text().get(start..key.span.start)?;
    let tab = indent.find('\t').filter(|_| indent.chars().all(|c| matches!(c, ' ' | '\t' | '-')))?;
    let span = Span::new(start + tab, start + tab + 1);
    Some(Finding::error(source, span, "this is a tab, and YAML needs spaces here").with_help(TABS))
}
