//! Unquoted expressions and texts that work here, but are refused or read otherwise by other readers of YAML: each gets
//! a warning, and the formatter quotes it.

use std::sync::Arc;

use crate::diagnostic::{Finding, Source, Span};

use super::extent::Line;
use super::limits::MAX_KEPT_FINDINGS;
use super::patches::text_of;

/// The longest quoted text that a help line shows, in characters.
const MAX_SHOWN: usize = 60;
/// How much deeper than its key a text in a block scalar is indented.
const STEP: usize = 2;

/// An expression that YAML would refuse, cut, or read as something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unquoted {
    /// Its place.
    pub(super) span: Span,
    /// The column of its key in bytes, from 0.
    pub(super) column: usize,
    /// Whether it is inside `{ … }`.
    pub(super) in_flow: bool,
}

/// Whether some readers of YAML refuse a text without quotes inside `[ … ]` or `{ … }`, or take its `?` or `:` for the
/// sign of a key or value.
pub(super) fn is_doubtful(text: &str) -> bool {
    text.starts_with(['?', ':']) || text.contains(":?")
}

/// A warning for each of `unquoted`.
pub(super) fn findings(source: &Arc<Source>, unquoted: &[Unquoted]) -> impl Iterator<Item = Finding> {
    unquoted.iter().take(MAX_KEPT_FINDINGS).map(move |one| {
        let text = text_of(source.slice(one.span));
        if let Some(meant) = filled(&text) {
            let help = format!("an interpolated text is in backticks, and these in quotes: write `{meant}`");
            return Finding::warning(source, one.span, "not YAML: quote it").with_help(help);
        }
        if let Some(inner) = within_quotes_of_its_own(&text) {
            let help = format!("the quotes around a script are YAML's, so it uses others itself: write `'{inner}'`");
            return Finding::warning(source, one.span, "not YAML: quote it").with_help(help);
        }
        let help = match on_one_line(&text).filter(|quoted| quoted.chars().count() <= MAX_SHOWN) {
            Some(quoted) => format!("write `{quoted}`; `opsflow fmt` writes the quotes"),
            None if one.in_flow || !text.contains('\n') => {
                "put the whole of it in quotes; `opsflow fmt` writes them".to_owned()
            }
            None => "put it in a block scalar: `|` and the text on the next line; `opsflow fmt` does it".to_owned(),
        };
        Finding::warning(source, one.span, "not YAML: quote it").with_help(help)
    })
}

/// A warning for each of the lines within brackets or quotes that are indented too little.
pub(super) fn shallow(source: &Arc<Source>, lines: &[Span]) -> impl Iterator<Item = Finding> {
    lines.iter().take(MAX_KEPT_FINDINGS).map(|line| {
        let help = "lines in brackets or quotes are indented deeper than the key before them; `opsflow fmt` does it";
        Finding::warning(source, *line, "not YAML: indent this line").with_help(help)
    })
}

/// `rejected by ${name}`, where backticks are missing too: how it is written.
fn filled(text: &str) -> Option<String> {
    let is_prose = text.starts_with(char::is_alphabetic) && !text.contains(['"', '`', '(', '=', ';', '\n']);
    (is_prose && text.contains("${") && text.contains(' ')).then(|| match text.contains('\'') {
        true => format!("\"`{text}`\""),
        false => format!("'`{text}`'"),
    })
}

/// `text` with each of `unquoted` in quotes, or in a block scalar if it has several lines.
pub(super) fn quoted(text: &str, unquoted: &[Unquoted]) -> String {
    let mut new = String::with_capacity(text.len());
    let mut at = 0;
    for one in unquoted {
        let Span { start, end } = one.span;
        new.push_str(text.get(at..start).unwrap_or_default());
        let meant = text_of(text.get(start..end).unwrap_or_default());
        at = end;
        match on_one_line(&meant) {
            Some(quoted) => new.push_str(&quoted),
            None if one.in_flow => new.push_str(&escaped(&meant)),
            None => {
                // A comment after the last line would become part of the text.
                let line_end = Line::at(text, end).end;
                let comment = text.get(end..line_end).unwrap_or_default();
                new.push_str("|-");
                new.push_str(comment);
                at = line_end;
                push_block(&mut new, &meant, (one.column + STEP).max(beyond_what_follows(text, line_end)));
            }
        }
    }
    new.push_str(text.get(at..).unwrap_or_default());
    new
}

/// A text without line breaks, in the quotes that change it least.
fn on_one_line(text: &str) -> Option<String> {
    if text.contains('\n') {
        return None;
    }
    let is_single = !text.contains('\'') || text.contains(['"', '\\']);
    Some(if is_single { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") })
}

/// `"log("x")"`, `'s == 'a''`: a script in quotes that it uses itself. The script, with double quotes inside.
fn within_quotes_of_its_own(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    // In `"a" + "b"` a blank or an operator follows the second quote.
    let (_, behind) = inner.split_once(quote)?;
    let is_nested = behind.starts_with(|first: char| first.is_alphanumeric() || first == '_');
    let has_both = quote == '\'' && inner.contains('"');
    (is_nested && !has_both).then(|| inner.replace('\'', if quote == '"' { "''" } else { "\"" }))
}

/// A text of several lines in double quotes, on one.
fn escaped(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

/// An indentation deeper than that of the comments and blanks below `line_end`, which would become part of the text
/// otherwise.
fn beyond_what_follows(text: &str, line_end: usize) -> usize {
    let below = text.get(line_end..).unwrap_or_default().lines().skip(1);
    let between = below.take_while(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let indents = between.map(|line| line.len() - line.trim_start().len());
    indents.max().map_or(0, |indent| indent + 1)
}

fn push_block(new: &mut String, text: &str, indent: usize) {
    for line in text.split('\n') {
        new.push('\n');
        if !line.is_empty() {
            new.extend(std::iter::repeat_n(' ', indent));
            new.push_str(line);
        }
    }
}
