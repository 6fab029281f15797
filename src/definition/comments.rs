//! Finds comments that swallow code: where YAML removes line ends, everything after `//` is lost.

use crate::diagnostic::{Source, Span};

use super::extent::Line;
use super::scalar::{Scalar, ScalarStyle};

/// The first comment of a script that swallows lines below it, from its `//` to the end of its line in the file.
pub(super) fn swallowing(source: &Source, scalar: &Scalar) -> Option<Span> {
    if scalar.style == ScalarStyle::Literal || !scalar.text.contains("//") {
        return None;
    }
    let places = scalar.visible_places(source);
    let mut visible = 0;
    let mut comments = line_comments(&scalar.text).into_iter().peekable();
    let mut begun = None;
    let mut end = 0;
    for (at, c) in scalar.text.char_indices() {
        if comments.next_if_eq(&at).is_some() {
            begun = Some(*places.get(visible)?);
        }
        if c == '\n'
            && let Some(start) = begun.take()
            && is_below(source, start, end)
        {
            return Some(Span::new(start, Line::at(source.text(), start).end));
        }
        if !c.is_whitespace() {
            end = *places.get(visible)?;
            visible += 1;
        }
    }
    let start = begun.filter(|start| is_below(source, *start, end))?;
    Some(Span::new(start, Line::at(source.text(), start).end))
}

/// Whether the byte `end` is on a later line than `start`.
fn is_below(source: &Source, start: usize, end: usize) -> bool {
    source.line(end) > source.line(start)
}

/// The start of each comment of a script that reaches to the end of a line, in bytes.
fn line_comments(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    // The closing brackets that are expected; a backtick for the text of a template.
    let mut open: Vec<char> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        match (open.last(), c, next) {
            (Some('`'), '`', _) => {
                open.pop();
            }
            (Some('`'), '$', Some('{')) => {
                chars.next();
                open.push('}');
            }
            (Some('`'), ..) => {}
            (_, '`' | '{', _) => open.push(if c == '{' { '}' } else { c }),
            (_, '}', _) => {
                open.pop();
            }
            (_, '"', _) => {
                while chars.next().is_some_and(|(_, c)| c != '"' && (c != '\\' || chars.next().is_some())) {}
            }
            (_, '\'', _) => skip_character(text, at, &mut chars),
            (_, '/', Some('*')) => {
                let length = text.get(at + 2..).and_then(|rest| rest.find("*/")).unwrap_or(text.len());
                while chars.next_if(|(here, _)| *here < at + length + 4).is_some() {}
            }
            (_, '/', Some('/')) => {
                found.push(at);
                while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            _ => {}
        }
    }
    found
}

/// Skips the character literal in single quotes that begins at `at`, if it is one.
fn skip_character(text: &str, at: usize, chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) {
    /// `'\U0001F600'`
    const LONGEST: usize = 12;
    let rest = text.get(at + 1..).unwrap_or_default();
    let mut inside = rest.char_indices().take(LONGEST);
    let close = match inside.next() {
        Some((_, '\\')) => {
            inside.next();
            inside.find(|(_, c)| *c == '\'')
        }
        Some((_, '\'')) | None => None,
        Some(_) => inside.next().filter(|(_, c)| *c == '\''),
    };
    if let Some((length, _)) = close {
        while chars.next_if(|(here, _)| *here <= at + 1 + length).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::line_comments;

    #[test]
    fn comments_are_told_from_what_only_looks_like_them() {
        for (text, found) in [
            ("a // b", vec![2]),
            ("\"a // b\" // c // d\n// e", vec![9, 19]),
            ("\"a \\\" // b\"", vec![]),
            ("`a // ${b // c\n} // d` // e", vec![10, 23]),
            ("'/' // '\\'' // a", vec![4]),
            ("'\\'' // a", vec![5]),
            ("/* // */ a / b // c", vec![15]),
            ("#{ a: `}` } // c", vec![12]),
        ] {
            assert_eq!(line_comments(text), found, "{text}");
        }
    }
}
