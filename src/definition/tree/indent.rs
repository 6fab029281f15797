//! Lines within brackets or quotes that are not indented deeper than what they belong to: not every reader of YAML takes them.

use crate::diagnostic::Span;

use super::super::node::Content;
use super::build::Frame;
use super::line_start;

/// The first line of the list, map or text in brackets or quotes at `span` that is too far left for an entry of what is
/// `open`.
pub(super) fn shallow(text: &str, open: &[Frame], span: Span) -> Option<Span> {
    let (parent, around) = open.split_last()?;
    if parent.in_flow {
        return None;
    }
    let column = |at: usize| at - line_start(text, at);
    let key_column = |frame: &Frame| match (&frame.content, &frame.key) {
        (Content::Map(_), Some(key)) => Some(column(key.span.start)),
        _ => None,
    };
    // A list may stand in the column of its key. Its span then begins behind the first `-`.
    let is_in_column = matches!(parent.content, Content::List(_)) && !text.get(parent.span.start..)?.starts_with('-');
    let least = match around.last().filter(|_| is_in_column).and_then(key_column) {
        Some(least) => least,
        None => key_column(parent).unwrap_or(usize::MAX).min(column(parent.span.start)),
    };
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
