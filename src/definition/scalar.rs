//! A scalar that holds a script: its text after YAML's processing, and the place of every character in the file.

use std::sync::Arc;

use crate::diagnostic::{Position, Source, Span};

/// A script in a file.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    /// The text after YAML's folding and escapes: what Rhai reads.
    pub text: Arc<str>,
    /// The place of the content: including quotes, excluding the header of a block scalar.
    pub span: Span,
    /// How it is written.
    pub style: ScalarStyle,
}

/// How a scalar is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl Scalar {
    /// The start of each visible character of the text in the file.
    pub(super) fn visible_places(&self, source: &Source) -> Vec<usize> {
        let units = Units::new(source.slice(self.span), self.style);
        units.filter(|unit| unit.visible).map(|unit| self.span.start + unit.start).collect()
    }

    /// The place in the file of the character at a line and column of the text (both from 1, in characters). A blank
    /// counts as the next visible character of its line, or as the previous one; a position past the end as the last
    /// character.
    pub(crate) fn locate(&self, source: &Source, at: Position) -> Span {
        let wanted = visible_index(&self.text, at);
        let slice = source.slice(self.span);
        let mut last = None;
        for (index, (start, end)) in
            Units::new(slice, self.style).filter(|unit| unit.visible).map(|u| (u.start, u.end)).enumerate()
        {
            last = Some((start, end));
            if index == wanted {
                break;
            }
        }
        last.map_or(self.span, |(start, end)| Span::new(self.span.start + start, self.span.start + end))
    }
}

/// The index, from 0, of the visible character for `at`.
fn visible_index(text: &str, at: Position) -> usize {
    let mut before = 0;
    for (index, line) in text.split('\n').enumerate() {
        let visible = |part: &str| part.chars().filter(|c| !c.is_whitespace()).count();
        if index + 1 < at.line {
            before += visible(line);
            continue;
        }
        let split = line.char_indices().nth(at.column.saturating_sub(1)).map_or(line.len(), |(offset, _)| offset);
        let (head, tail) = line.split_at_checked(split).unwrap_or((line, ""));
        before += visible(head);
        let is_there = !tail.trim().is_empty();
        return if is_there { before } else { before.saturating_sub(1) };
    }
    usize::MAX
}

/// A character of the text as written in the source: an escape is one.
struct Unit {
    start: usize,
    end: usize,
    visible: bool,
}

struct Units<'a> {
    chars: std::iter::Peekable<std::str::CharIndices<'a>>,
    slice: &'a str,
    style: ScalarStyle,
}

impl<'a> Units<'a> {
    fn new(slice: &'a str, style: ScalarStyle) -> Self {
        let mut chars = slice.char_indices().peekable();
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            chars.next();
        }
        Self { chars, slice, style }
    }

    /// Skips `count` characters.
    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.chars.next();
        }
    }

    /// Consumes the escape whose backslash is at `start`.
    fn escape(&mut self, start: usize) -> Unit {
        let visible = match self.chars.next().map(|(_, c)| c) {
            Some('x') => self.code(2),
            Some('u') => self.code(4),
            Some('U') => self.code(8),
            Some('t' | 'n' | 'v' | 'f' | 'r' | 'N' | '_' | 'L' | 'P') | None => false,
            Some(c) => !c.is_whitespace(),
        };
        let end = self.chars.peek().map_or(self.slice.len(), |(at, _)| *at);
        Unit { start, end, visible }
    }

    /// Consumes a code of `digits` hexadecimal digits, including the second half of a surrogate pair. Returns whether
    /// its character is visible.
    fn code(&mut self, digits: usize) -> bool {
        let start = self.chars.peek().map_or(self.slice.len(), |(at, _)| *at);
        let code = self.slice.get(start..start + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        self.skip(digits);
        if code.is_some_and(|code| (0xD800..0xDC00).contains(&code)) {
            self.skip(6);
            return true;
        }
        code.and_then(char::from_u32).is_some_and(|c| !c.is_whitespace())
    }
}

impl Iterator for Units<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        let (start, c) = self.chars.next()?;
        let plain = Unit { start, end: start + c.len_utf8(), visible: !c.is_whitespace() };
        match (self.style, c) {
            (ScalarStyle::SingleQuoted, '\'') => {
                let (second, _) = self.chars.next_if(|(_, next)| *next == '\'')?;
                Some(Unit { end: second + 1, ..plain })
            }
            (ScalarStyle::DoubleQuoted, '"') => None,
            (ScalarStyle::DoubleQuoted, '\\') => Some(self.escape(start)),
            _ => Some(plain),
        }
    }
}
