//! A script's text by line and column, for findings that look at the surroundings.

use crate::diagnostic::Position;

/// A text whose lines can be looked up.
pub(in crate::expression) struct Text<'t> {
    lines: Vec<&'t str>,
}

impl<'t> Text<'t> {
    /// A view of `text`.
    pub(in crate::expression) fn new(text: &'t str) -> Self {
        Self { lines: text.split('\n').collect() }
    }

    /// The rest of the line from `at` on.
    pub(in crate::expression) fn rest(&self, at: Position) -> &'t str {
        let line = self.line(at);
        let start = line.char_indices().nth(at.column.saturating_sub(1)).map_or(line.len(), |(byte, _)| byte);
        line.get(start..).unwrap_or_default()
    }

    /// The part of the line before `at`.
    pub(in crate::expression) fn before(&self, at: Position) -> &'t str {
        let line = self.line(at);
        line.get(..line.len().saturating_sub(self.rest(at).len())).unwrap_or_default()
    }

    fn line(&self, at: Position) -> &'t str {
        at.line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or_default()
    }

    /// Whether the text is nothing but `word`.
    pub(in crate::expression) fn is(&self, word: &str) -> bool {
        let mut filled = self.lines.iter().filter(|line| !line.trim().is_empty());
        filled.next().is_some_and(|line| line.trim() == word) && filled.next().is_none()
    }

    /// The name that begins at `at`, or an empty text.
    pub(in crate::expression) fn word(&self, at: Position) -> &'t str {
        let rest = self.rest(at);
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// The end of the name that begins at `at`; if there is none, the place after one character.
    pub(in crate::expression) fn end_of_word(&self, at: Position) -> Position {
        Position { column: at.column + self.word(at).chars().count().max(1), ..at }
    }

    /// The name directly before `at`, ignoring blanks.
    pub(super) fn word_before(&self, at: Position) -> &'t str {
        let before = self.before(at).trim_end();
        let start = before
            .rfind(|c: char| !is_word(c))
            .map_or(0, |byte| byte + before.get(byte..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        before.get(start..).unwrap_or_default()
    }

    /// The receiver of a method at `at`, as written: `now()` of `now().add`.
    pub(in crate::expression) fn value_before(&self, at: Position) -> &'t str {
        let Some(before) = self.before(at).strip_suffix('.') else { return "" };
        let (mut open, mut start) = (0_usize, before.len());
        for (byte, c) in before.char_indices().rev() {
            match c {
                ')' | ']' => open += 1,
                '(' | '[' if open == 0 => break,
                '(' | '[' => open -= 1,
                c if open == 0 && !is_word(c) && c != '.' => break,
                _ => {}
            }
            start = byte;
        }
        before.get(start..).unwrap_or_default()
    }

    /// The arguments of the call whose name begins at `at`, as they are written on its line; empty if they go on below.
    pub(in crate::expression) fn arguments_at(&self, at: Position) -> &'t str {
        let rest = self.rest(at);
        let behind = rest.get(self.word(at).len()..).unwrap_or_default().trim_start();
        let Some(inside) = behind.strip_prefix('(') else { return "" };
        let mut open = 0_usize;
        for (byte, c) in inside.char_indices() {
            match c {
                ')' | ']' | '}' if open == 0 => return inside.get(..byte).unwrap_or_default().trim(),
                ')' | ']' | '}' => open -= 1,
                '(' | '[' | '{' => open += 1,
                _ => {}
            }
        }
        ""
    }

    /// The place of the name of the function `name` in its definition, after `fn`.
    pub(in crate::expression) fn definition(&self, name: &str) -> Option<Position> {
        self.lines.iter().enumerate().find_map(|(index, line)| {
            let (byte, _) = line.match_indices(name).find(|(byte, _)| {
                let before = line.get(..*byte).unwrap_or_default().trim_end();
                let after = line.get(byte + name.len()..).unwrap_or_default();
                before.ends_with("fn") && !after.starts_with(is_word)
            })?;
            Some(Position { line: index + 1, column: line.get(..byte)?.chars().count() + 1 })
        })
    }

    /// The last character that is not blank.
    pub(super) fn last(&self) -> Position {
        let filled = |(index, line): (usize, &&str)| {
            let columns = line.trim_end().chars().count();
            (columns > 0).then_some(Position { line: index + 1, column: columns })
        };
        self.lines.iter().enumerate().rev().find_map(filled).unwrap_or(Position { line: 1, column: 1 })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
