//! One layout for flow files: indentation, blanks and blank lines. Nothing but white space changes, and what the file
//! says stays the same; both are looked at before a new text is given back.
//!
//! The reader says where scalars stand (`tree`); all else is read here, from the text. Blocks are laid out line by line
//! (`block`), lists and maps in brackets within them (`flow`), texts of several lines are moved as they are (`text`).
//! What is written goes to a page (`page`), which keeps blank lines to one and lines comments up.

use std::sync::Arc;

use crate::diagnostic::{Finding, Source, has_errors};

use super::in_order;
use super::node::{Content, Node};
use super::tree::{self, Trees};

mod block;
mod flow;
mod page;
mod text;

use block::Layout;

/// The text of `source` in the one layout of flow files. Comments, the order of keys, quotes, line breaks and single blank
/// lines are the author's and stay; indentation, blanks and further blank lines change. A text that is laid out already
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
    if text == source.text() {
        return Ok(settled(source, &trees, &trees));
    }
    let plain = Arc::new(Source::new(source.name(), text));
    Ok(settled(&plain, &tree::read(&plain), &trees))
}

/// `text` without a mark at its beginning, its lines ended by a line feed alone.
fn plain(text: &str) -> String {
    text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n")
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
fn says_the_same(one: &Trees, other: &Trees) -> bool {
    let mut documents = one.documents.iter().zip(&other.documents);
    one.documents.len() == other.documents.len()
        && one.findings.len() == other.findings.len()
        && documents.all(|(one, other)| one.stand_ins.len() == other.stand_ins.len() && is_same(&one.root, &other.root))
}

fn is_same(one: &Node, other: &Node) -> bool {
    let tag = |node: &Node| node.tag.map(|tag| (tag.is_text, tag.is_core));
    let content = match (&one.content, &other.content) {
        (Content::Scalar(one, style), Content::Scalar(other, other_style)) => one == other && style == other_style,
        (Content::List(one), Content::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Content::Map(one), Content::Map(other)) => {
            let mut entries = one.iter().zip(other);
            one.len() == other.len() && entries.all(|(a, b)| is_same(&a.key, &b.key) && is_same(&a.value, &b.value))
        }
        _ => false,
    };
    content && tag(one) == tag(other)
}
