//! Findings: what is wrong in a file, where, and what to do. They are data; printing is elsewhere.

use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A range of bytes in a source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The range from `start` to before `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A value with the place where it was written.
#[derive(Clone, PartialEq, Debug)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A line and a column, both counted from 1, the column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A file's name and text. If the text is part of a file, `first_line` says where it begins.
#[derive(PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    first_line: usize,
    line_starts: Vec<usize>,
}

/// Only its name: otherwise, debug output of an error would print whole files.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?})", self.name)
    }
}

impl Source {
    /// The source `text`, called `name` in findings.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::part(name, text, 1)
    }

    /// A part of a file that begins at its line `first_line`, counted from 1.
    pub fn part(name: impl Into<String>, text: impl Into<String>, first_line: usize) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, first_line, line_starts }
    }

    /// The name that findings show: usually a path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of the file at which the text begins.
    pub const fn first_line(&self) -> usize {
        self.first_line
    }

    /// The text of `span`, empty where it lies outside.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The line of a byte, counted from 1: like [`position`](Self::position), but cheaper.
    pub fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= byte).saturating_sub(1) + self.first_line
    }

    /// Line and column of a byte. A byte past the end counts as the end, a byte within a character as that character.
    pub fn position(&self, byte: usize) -> Position {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let index = self.line_starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.line_starts.get(index).copied().unwrap_or_default();
        let before = self.text.get(start..byte).unwrap_or_default();
        let column = before.trim_start_matches('\u{feff}').chars().count() + 1;
        Position { line: index + self.first_line, column }
    }

    /// The byte of a line and column: the opposite of [`position`](Self::position). A column past the end of its line
    /// counts as that end; a line past the last is empty.
    pub fn byte(&self, at: Position) -> usize {
        let line = at.line.saturating_sub(self.first_line);
        let start = self.line_starts.get(line).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        // A byte order mark has no column.
        let marks = usize::from(text.starts_with('\u{feff}'));
        let column = at.column.saturating_sub(1) + marks;
        start + text.char_indices().nth(column).map_or(text.len(), |(byte, _)| byte)
    }
}

/// The severity of a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The flow cannot run.
    Error,
    /// The flow runs, but something looks wrong.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// Something that is wrong, with its place and what to do.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The text it is about.
    pub source: Arc<Source>,
    /// The exact place.
    pub span: Span,
    /// What is wrong and what was expected, in one line.
    pub message: String,
    /// What to do, in one line; often the nearest valid name.
    pub help: Option<String>,
}

impl Finding {
    /// An error.
    pub fn error(source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, source: Arc::clone(source), span, message: message.into(), help: None }
    }

    /// A warning.
    pub fn warning(source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(source, span, message) }
    }

    /// The same finding with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether it stops the flow from running.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Where it begins.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position();
        write!(f, "{}:{line}:{column}: {}", self.source.name(), self.message)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (start, end) = (self.position(), self.source.position(self.span.end));
        let mut finding = serializer.serialize_struct("Finding", 8)?;
        finding.serialize_field("severity", &self.severity)?;
        finding.serialize_field("file", self.source.name())?;
        finding.serialize_field("line", &start.line)?;
        finding.serialize_field("column", &start.column)?;
        finding.serialize_field("end_line", &end.line)?;
        finding.serialize_field("end_column", &end.column)?;
        finding.serialize_field("message", &self.message)?;
        finding.serialize_field("help", &self.help)?;
        finding.end()
    }
}

/// Whether any of `findings` stops a flow from running.
pub(crate) fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::is_error)
}

#[cfg(test)]
mod tests {
    use super::{Position, Source};

    #[test]
    fn a_place_leads_back_to_its_byte() {
        let source = Source::part("f", "\u{feff}äb\nc\u{1f600}d\n", 5);
        for (line, column, byte) in [(5, 1, 3), (5, 2, 5), (6, 1, 7), (6, 3, 12), (6, 99, 13), (7, 1, 14), (99, 1, 14)]
        {
            assert_eq!(source.byte(Position { line, column }), byte, "{line}:{column}");
        }
        for byte in [3, 5, 7, 8, 12] {
            assert_eq!(source.byte(source.position(byte)), byte);
        }
    }
}
