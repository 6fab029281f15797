//! The result of reading YAML: scalars, lists and maps, each with its place.

use std::sync::Arc;

use crate::diagnostic::Span;

use super::scalar::ScalarStyle;

/// A node of a YAML document. An alias is the node it stands for, shared.
#[derive(Debug)]
pub(super) struct Node {
    /// Its place: including quotes and brackets, excluding the header of a block scalar.
    pub(super) span: Span,
    /// Its tag, if that is relevant to YAML only.
    pub(super) tag: Option<Tag>,
    /// What it is.
    pub(super) content: Content,
    /// Its size, including what aliases within it stand for.
    pub(super) size: Size,
}

/// A tag in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    /// Its place.
    pub(super) span: Span,
    /// What it says; none if it is not one of YAML's core schema.
    pub(super) kind: Option<Tagged>,
}

/// What a tag of YAML's core schema says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tagged {
    /// `!!str`
    Text,
    /// `!!int`
    Whole,
    /// `!!float`
    Float,
    /// `!!bool`
    Boolean,
    /// `!!null`
    Nothing,
    /// `!!seq`
    List,
    /// `!!map`
    Map,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Content {
    /// A scalar: its text after YAML's folding and escapes.
    Scalar(Arc<str>, ScalarStyle),
    /// A list.
    List(Vec<Arc<Node>>),
    /// A map, in order, repeated keys included.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: Arc<Node>,
    /// The value; null if nothing was written.
    pub(super) value: Arc<Node>,
}

/// The size of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// Nodes, itself included.
    pub(super) nodes: usize,
    /// Bytes of text.
    pub(super) bytes: usize,
    /// How deeply lists and maps are nested in it, itself included.
    pub(super) depth: usize,
}

impl Size {
    pub(super) fn add(&mut self, other: Self) {
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    /// Adds a child of size `inner`.
    pub(super) fn contain(&mut self, inner: Self) {
        self.add(inner);
        self.depth = self.depth.max(inner.depth + 1);
    }
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&Arc<str>> {
        if let Content::Scalar(text, _) = &self.content { Some(text) } else { None }
    }

    /// Whether nothing was written, or null.
    pub(super) fn is_null(&self) -> bool {
        match &self.content {
            Content::Scalar(text, ScalarStyle::Plain) if !self.is_tagged_text() && !self.is_tagged_foreign() => {
                matches!(&**text, "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// Whether nothing at all was written.
    pub(super) fn is_absent(&self) -> bool {
        self.span.start >= self.span.end && self.is_null()
    }

    /// Whether `!!str` makes it text, whatever it looks like.
    pub(super) fn is_tagged_text(&self) -> bool {
        self.tag.is_some_and(|tag| tag.kind == Some(Tagged::Text))
    }

    /// Whether it has a tag that is not one of YAML's own.
    fn is_tagged_foreign(&self) -> bool {
        self.tag.is_some_and(|tag| tag.kind.is_none())
    }

    /// What messages call it.
    pub(super) fn describe(&self) -> &'static str {
        match &self.content {
            Content::Scalar(..) if self.is_null() => "nothing",
            Content::Scalar(..) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}
