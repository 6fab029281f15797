//! Errors of the YAML parser, in this program's words.

use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::ErrorKind;

use crate::diagnostic::{Finding, Source, Span};
use crate::name::is_attribute_name;

use super::extent::Line;
use super::tree::line_start;
use super::usual_types;

pub(super) const TABS: &str = "indent with spaces";

/// The finding for an error at `at`.
pub(super) fn finding(source: &Arc<Source>, kind: &ErrorKind, at: usize) -> Finding {
    let at = place(source.text(), kind, at);
    let length = source.text().get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let (message, help) = told(source.text(), kind, at);
    Finding::error(source, Span::new(at, at + length), message).with_help(help)
}

/// What an error means, and what to do: what its line shows that its author wanted, if that is clear.
pub(super) fn told(text: &str, kind: &ErrorKind, at: usize) -> (String, Cow<'static, str>) {
    let (message, help) = describe(text, kind, at);
    (message, meant_by(text, kind, at).map_or(Cow::Borrowed(help), Cow::Owned))
}

/// What to write for a line that shows what its author wanted.
fn meant_by(text: &str, kind: &ErrorKind, at: usize) -> Option<String> {
    let line = text.get(line_start(text, at)..Line::at(text, at).end)?.trim();
    if *kind == ErrorKind::MappingValueNotAllowed {
        return map_in_line(line);
    }
    // `{ type: string[] }`
    let (_, written) = line.split_once("type: ")?;
    let written = written.get(..=written.find(']')?)?;
    let is_list = written.contains('[') && !written.contains([',', '{', '}']);
    usual_types::cure(written).filter(|_| is_list)
}

/// `interact: approve!: { by: Ann }`: a map in the line of its key is in brackets.
fn map_in_line(line: &str) -> Option<String> {
    let (key, rest) = line.trim_start_matches("- ").split_once(": ")?;
    let (name, value) = rest.split_once(": ")?;
    let is_name = |text: &str| is_attribute_name(text.trim_end_matches(['!', '?']));
    let is_map = value.starts_with('{') && value.ends_with('}');
    (is_name(key) && is_name(name) && is_map).then(|| format!("write `{key}: {{ {name}: {value} }}`"))
}

/// The exact place of an error that the parser reports at `at`.
pub(super) fn place(text: &str, kind: &ErrorKind, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    if describe(text, kind, at).1 == TABS && before.ends_with('\t') {
        return at - 1;
    }
    if *kind != ErrorKind::UnknownQuotedScalarEscape {
        return at;
    }
    let mut chars = text.get(at..).unwrap_or_default().char_indices();
    while let Some((offset, c)) = chars.next() {
        let escape = if c == '\\' { chars.next() } else { None };
        if escape.is_some_and(|(_, escape)| !"0abt\tnvfre \"/\\N_LPxuU\r\n".contains(escape)) {
            return at + offset;
        }
    }
    at
}

/// What an error means, and what to do.
pub(super) fn describe(text: &str, kind: &ErrorKind, at: usize) -> (String, &'static str) {
    const INDENT: &str =
        "check the indentation of this line: keys of one map have the same indentation, values a deeper one";
    const QUOTE: &str = "put the text in quotes, or write it in a block scalar: `|` and the text on the next line";
    const BRACKETS: &str = "close the bracket above, or, if this belongs to a text, put the text in quotes";
    match kind {
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement if is_first_colon(text, at) => {
            ("there cannot be a key here: the text above continues".to_owned(), INDENT)
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => (
            "a second `: ` on this line is not valid YAML".to_owned(),
            "if it belongs to a text, put the text in quotes; if it ends a key, check the indentation",
        ),
        ErrorKind::UnclosedQuotedScalar => ("the quote that opens here is not closed".to_owned(), "close the quote"),
        ErrorKind::UnclosedFlowCollection { open } => {
            (format!("the `{open}` that opens here is not closed"), "close the bracket")
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{close}` was found where the bracket that closes `{open}` was expected"), "close the bracket")
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            ("this bracket closes nothing".to_owned(), "if it belongs to a text, put the text in quotes")
        }
        ErrorKind::ExpectedFlowMappingSeparator => ("`,` or `}` was expected here".to_owned(), BRACKETS),
        ErrorKind::ExpectedFlowSequenceSeparator => ("`,` or `]` was expected here".to_owned(), BRACKETS),
        ErrorKind::UnexpectedCharacter { character } => (begins_wrongly(*character), QUOTE),
        ErrorKind::BlockSequenceEntryNotAllowed => ("a list cannot begin here".to_owned(), INDENT),
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("nothing may follow the closing quote".to_owned(), "put the whole text in quotes of the other kind")
        }
        ErrorKind::UnknownQuotedScalarEscape => (
            "unknown escape in a text in double quotes".to_owned(),
            "write `\\\\` for a backslash, or use single quotes",
        ),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => ("this is a tab, and YAML needs spaces here".to_owned(), TABS),
        ErrorKind::ExpectedBlockMappingKey => ("a key was expected at this indentation".to_owned(), INDENT),
        ErrorKind::ExpectedBlockSequenceEntry => ("`- ` was expected at this indentation".to_owned(), INDENT),
        ErrorKind::SimpleKeyExpected => ("`:` was expected after this key".to_owned(), INDENT),
        ErrorKind::InvalidIndentation | ErrorKind::InvalidFlowScalarIndent => {
            ("this line is indented wrongly".to_owned(), INDENT)
        }
        ErrorKind::CommentInterceptedScalar => ("` #` begins a comment inside a text".to_owned(), QUOTE),
        other => (format!("no YAML: {other}"), "look the YAML over, from here upwards"),
    }
}

/// Whether there is no `: ` on the line before `at`.
fn is_first_colon(text: &str, at: usize) -> bool {
    text.get(line_start(text, at)..at).is_some_and(|before| !before.contains(": "))
}

/// The message for an unquoted text that begins with a YAML indicator.
pub(super) fn begins_wrongly(first: char) -> String {
    let first = if first == '`' { "a backtick".to_owned() } else { format!("`{}`", first.escape_debug()) };
    format!("{first} cannot begin a text without quotes in YAML")
}

/// Whether an error can concern just the value in which it was found, so that reading can continue after it.
pub(super) const fn is_about_a_value(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::UnexpectedCharacter { .. }
            | ErrorKind::UnclosedQuotedScalar
            | ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::InvalidTrailingSingleQuotedScalar
            | ErrorKind::InvalidTrailingDoubleQuotedScalar
            | ErrorKind::UnknownQuotedScalarEscape
            | ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::InvalidBlockScalarHeader
            | ErrorKind::InvalidTagTerminator
            | ErrorKind::InvalidTagEscape
            | ErrorKind::UndeclaredTagHandle
            | ErrorKind::MissingAnchorOrAliasName
    )
}

/// Whether an error concerns the start of a value and is reported there.
pub(super) const fn is_about_its_beginning(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnclosedQuotedScalar | ErrorKind::UnclosedFlowCollection { .. })
}

/// Where the value that begins at `start` ends on its line.
pub(super) fn value_end(text: &str, start: usize, in_flow: bool) -> usize {
    let line = text.get(start..Line::at(text, start).end).unwrap_or_default();
    let line = if in_flow { line.split([',', '}', ']']).next().unwrap_or_default() } else { line };
    start + line.trim_end().len()
}
