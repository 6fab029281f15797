//! Lines within brackets or quotes that are not indented deeper than what they belong to: not every reader of YAML takes them.

use crate::diagnostic::Span;

use super::super::node::Content;
use super::build::Frame;
use super::line_start;

/// The first line of the list, map or text in brackets or quotes at `span` that is too far left for an entry of `parent`.
pub(super) fn shallow(text: &str, parent: Option<&Frame>, span: Span) -> Option<Span> {
    let parent = parent.filter(|parent| !parent.in_flow)?;
    let column = |at: usize| at - line_start(text, at);
    let key = parent.key.as_ref().filter(|_| matches!(parent.content, Content::Map(_)));
    let least = key.map_or(usize::MAX, |key| column(key.span.start)).min(column(parent.span.start));
    let mut at = span.start;
    for line in text.get(span.start..span.end)?.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        let is_nothing = content.trim().is_empty() || content.starts_with('#');
        if start > span.start && !is_nothing && indent <= least {
            return Some(Span::new(start + indent, start + indent + content.trim_end().len()));
        }
    }
    None
}
