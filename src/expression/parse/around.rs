//! The place of a parse error and the text around it, which tells what was meant.

use crate::diagnostic::Position;

use super::super::ScriptFinding;
use super::text::Text;
use super::watch::Seen;

/// The place of a parse error, and what stands around it.
pub(super) struct Around<'t> {
    pub(super) text: &'t Text<'t>,
    /// Where the parser stopped.
    pub(super) found: Position,
    pub(super) seen: &'t Seen,
    /// The line up to there, without the blanks at its end.
    pub(super) before: &'t str,
    /// The line from there on.
    pub(super) rest: &'t str,
}

impl<'t> Around<'t> {
    pub(super) fn new(text: &'t Text<'t>, found: Position, seen: &'t Seen) -> Self {
        Self { text, found, seen, before: text.before(found).trim_end(), rest: text.rest(found) }
    }

    /// The word that begins here.
    pub(super) fn word(&self) -> &str {
        self.text.word(self.found)
    }

    /// The word that ends before here.
    pub(super) fn word_before(&self) -> &str {
        self.text.word_before(self.found)
    }

    /// Whether `bracket` is the innermost one that is open.
    pub(super) fn opened_by(&self, bracket: &str) -> bool {
        self.seen.open.last().is_some_and(|(open, _)| *open == bracket)
    }

    /// The place in this line behind `before`, a part of it.
    pub(super) fn behind(&self, before: &str) -> Position {
        Position { column: before.chars().count() + 1, ..self.found }
    }

    /// A finding about the next `width` characters.
    pub(super) fn here(&self, width: usize, message: impl Into<String>, help: impl Into<String>) -> ScriptFinding {
        let end = Position { column: self.found.column + width, ..self.found };
        ScriptFinding::new(self.found, Some(end), message, Some(help))
    }
}
