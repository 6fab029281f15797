//! One layout for flow files: indentation, blanks and blank lines. Nothing but white space changes, save that expressions
//! that are no YAML are put in quotes. What the file says stays the same; both are looked at before a new text is given
//! back.
//!
//! The reader says where scalars stand (`tree`); all else is read here, from the text. Blocks are laid out line by line
//! (`block`), lists and maps in brackets within them (`flow`), texts of several lines are moved as they are (`text`).
//! What is written goes to a page (`page`), which keeps blank lines to one and lines comments up.

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

/// What some editors put at the beginning of a file.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The text of `source` in the one layout of flow files. Comments, the order of keys, quotes, line breaks and single blank
/// lines are the author's and stay; indentation, blanks and further blank lines change. Expressions that are no YAML are put
/// in quotes. Line ends and a byte order mark stay. A text that is laid out already
/// comes back as it is, and so does one that cannot be laid out without a change of what it says.
///
/// # Errors
///
/// What is wrong with its YAML. Whether it is a flow, and a good one, is for [`Library`](crate::Library) to say.
pub fn format(source: &Arc<Source>) -> Result<String, Vec<Finding>> {
    Ok(laid_out(source)?.unwrap_or_else(|| source.text().to_owned()))
}

/// The same; nothing where the layout was given up.
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

/// Puts what is no YAML in quotes, and lays out what comes of it. Where that cannot be laid out, the quotes stay.
fn quoted(source: &Arc<Source>, trees: &Trees, meant: &Trees) -> Option<String> {
    let quoted = Arc::new(Source::new(source.name(), unquoted::quoted(source.text(), &trees.unquoted)));
    let again = tree::read(&quoted);
    let is_kept = again.unquoted.is_empty() && says_the_same(meant, &again);
    is_kept.then(|| settled(&quoted, &again, meant).unwrap_or_else(|| quoted.text().to_owned()))
}

/// `text` without a mark at its beginning, its lines ended by a line feed alone.
fn plain(text: &str) -> String {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).replace("\r\n", "\n")
}

/// `new` with the mark at the beginning of `old`, and its lines ended as the first of `old`.
fn ended_as(old: &str, new: &str) -> String {
    let mark = if old.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { "" };
    let is_crlf = old.find('\n').is_some_and(|at| old.get(..at).is_some_and(|line| line.ends_with('\r')));
    if is_crlf { format!("{mark}{}", new.replace('\n', "\r\n")) } else { format!("{mark}{new}") }
}

/// Lays `source` out, if that says the same as `meant`, loses no character that can be seen, and is left as it is when
/// laid out again.
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

/// Whether two readings gave the same documents, places aside.
fn says_the_same(meant: &Trees, other: &Trees) -> bool {
    let mut documents = meant.documents.iter().zip(&other.documents);
    meant.documents.len() == other.documents.len()
        && meant.findings.len() == other.findings.len()
        && documents.all(|(one, other)| {
            one.stand_ins.len() == other.stand_ins.len() && is_same(&one.root, &other.root, &meant.unquoted)
        })
}

fn is_same(one: &Node, other: &Node, unquoted: &[Unquoted]) -> bool {
    let tag = |node: &Node| node.tag.map(|tag| (tag.is_text, tag.is_core));
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
