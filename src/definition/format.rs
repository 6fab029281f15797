//! The formatter: one layout for indentation, blanks and blank lines. It changes white space only, except that it
//! quotes expressions that are not valid YAML. The content stays the same; both texts are compared before the new one
//! is returned.
//!
//! The reader says where scalars are (`tree`); everything else is read from the text. Blocks are laid out line by line
//! (`block`), bracketed lists and maps within them (`flow`), and texts of several lines are moved as a whole (`text`).
//! The output goes to a page (`page`), which limits blank lines to one in a row and aligns comments.

use std::sync::Arc;

use crate::diagnostic::{Finding, Source, has_errors};

use super::in_order;
use super::node::{Content, Node};
use super::tree::{self, Trees};
use super::unquoted::{self, Unquoted};

mod block;
mod flow;
mod page;
mod text;

use block::Layout;

/// The mark that some editors write at the beginning of a file.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Formats the text of `source`. Comments, the order of keys, quotes, line breaks and single blank lines stay;
/// indentation, blanks and repeated blank lines change. Expressions that are not valid YAML are quoted. Line ends and a
/// byte order mark stay. A formatted text is returned unchanged, and so is one that cannot be formatted without
/// changing its content.
///
/// # Errors
///
/// What is wrong with its YAML. Whether it is a valid flow is for [`Library`](crate::Library) to say.
pub fn format(source: &Arc<Source>) -> Result<String, Vec<Finding>> {
    Ok(laid_out(source)?.unwrap_or_else(|| source.text().to_owned()))
}

/// The same; none if the text could not be laid out.
pub(super) fn laid_out(source: &Arc<Source>) -> Result<Option<String>, Vec<Finding>> {
    let trees = tree::read(source);
    if has_errors(&trees.findings) {
        let mut findings = trees.findings;
        in_order(source, &mut findings);
        return Err(findings);
    }
    let text = plain(source.text());
    if text == source.text() && trees.unquoted.is_empty() {
        return Ok(settled(source, &trees, &trees));
    }
    let plain = Arc::new(Source::new(source.name(), text));
    let read = tree::read(&plain);
    let new = if read.unquoted.is_empty() { settled(&plain, &read, &trees) } else { quoted(&plain, &read, &trees) };
    Ok(new.map(|new| ended_as(source.text(), &new)))
}

/// Quotes what is not valid YAML and lays out the result. If that cannot be laid out, the quotes stay.
fn quoted(source: &Arc<Source>, trees: &Trees, meant: &Trees) -> Option<String> {
    let quoted = Arc::new(Source::new(source.name(), unquoted::quoted(source.text(), &trees.unquoted)));
    let again = tree::read(&quoted);
    let is_kept = again.unquoted.is_empty() && says_the_same(meant, &again);
    is_kept.then(|| settled(&quoted, &again, meant).unwrap_or_else(|| quoted.text().to_owned()))
}

/// `text` without a byte order mark, and with `\n` as line end.
fn plain(text: &str) -> String {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).replace("\r\n", "\n")
}

/// `new` with the byte order mark of `old`, and the line ends of its first line.
fn ended_as(old: &str, new: &str) -> String {
    let mark = if old.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { "" };
    let is_crlf = old.find('\n').is_some_and(|at| old.get(..at).is_some_and(|line| line.ends_with('\r')));
    if is_crlf { format!("{mark}{}", new.replace('\n', "\r\n")) } else { format!("{mark}{new}") }
}

/// Lays `source` out, if the result says the same as `meant`, loses no visible character, and is left unchanged by a
/// second layout.
fn settled(source: &Arc<Source>, trees: &Trees, meant: &Trees) -> Option<String> {
    let text = Layout::new(source.text(), trees).run()?;
    let formatted = Arc::new(Source::new(source.name(), text));
    let again = tree::read(&formatted);
    let is_kept = says_the_same(meant, &again) && visible(source.text()).eq(visible(formatted.text()));
    let is_settled = is_kept && Layout::new(formatted.text(), &again).run().as_deref() == Some(formatted.text());
    is_settled.then(|| formatted.text().to_owned())
}

fn visible(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n'))
}

/// Whether two readings gave the same documents, apart from places.
fn says_the_same(meant: &Trees, other: &Trees) -> bool {
    let mut documents = meant.documents.iter().zip(&other.documents);
    meant.documents.len() == other.documents.len()
        && meant.findings.len() == other.findings.len()
        && documents.all(|(one, other)| {
            one.stand_ins.len() == other.stand_ins.len() && is_same(&one.root, &other.root, &meant.unquoted)
        })
}

fn is_same(one: &Node, other: &Node, unquoted: &[Unquoted]) -> bool {
    let tag = |node: &Node| node.tag.map(|tag| tag.kind);
    let content = match (&one.content, &other.content) {
        (Content::Scalar(text, style), Content::Scalar(other_text, other_style)) => {
            let gets_quotes = || unquoted.binary_search_by_key(&one.span.start, |one| one.span.start).is_ok();
            text == other_text && (style == other_style || gets_quotes())
        }
        (Content::List(one), Content::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other, unquoted))
        }
        (Content::Map(one), Content::Map(other)) => {
            let mut entries = one.iter().zip(other);
            let is_same = |one, other| is_same(one, other, unquoted);
            one.len() == other.len() && entries.all(|(a, b)| is_same(&a.key, &b.key) && is_same(&a.value, &b.value))
        }
        _ => false,
    };
    content && tag(one) == tag(other)
}
