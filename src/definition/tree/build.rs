//! Events of the YAML parser → nodes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{ScalarStyle as Style, StructureStyle};

use crate::diagnostic::{Finding, Source, Span};

use super::super::limits::{MAX_DEPTH, MAX_KEPT_FINDINGS, MAX_NODES, MAX_TEXT_BYTES};
use super::super::node::{Content, Entry, Node, Size, Tag, Tagged as As};
use super::super::patches::{self, Patches};
use super::super::scalar::ScalarStyle;
use super::super::shortened;
use super::super::trap::{Patch, Role};
use super::super::unquoted::{self, Unquoted};
use super::{Abort, indent, span_of, too_deep, too_much};

/// A tag and the place of its node.
type Tagged<'t> = (Option<&'t granit_parser::Tag>, &'t granit_parser::Span);

/// Builds the nodes of one document after the other.
pub(super) struct Builder<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) patches: &'a Patches,
    pub(super) open: Vec<Frame>,
    root: Option<Arc<Node>>,
    anchors: HashMap<usize, Arc<Node>>,
    pub(super) stand_ins: BTreeMap<usize, &'static str>,
    total: Size,
    /// The last key read, and whether it is inside `{ … }`: an error may concern its value.
    pub(super) last_key: Option<(Span, bool)>,
    /// How far the parser has reported what it read.
    pub(super) read_to: usize,
    /// How many bytes may still be examined for traps.
    pub(super) budget: usize,
    /// Traps that were found in this reading.
    pub(super) news: Vec<Patch>,
    /// The starts of patches that are at the right places.
    pub(super) confirmed: HashSet<usize>,
    /// What is wrong with the nodes themselves.
    pub(super) findings: Vec<Finding>,
    /// Texts that other readers of YAML refuse or read otherwise, ordered by place.
    pub(super) unquoted: Vec<Unquoted>,
    /// Lines within brackets that are not indented deeper than what they belong to.
    pub(super) shallow: Vec<Span>,
}

/// A list or map that is not yet closed.
pub(super) struct Frame {
    pub(super) span: Span,
    tag: Option<Tag>,
    anchor: usize,
    pub(super) in_flow: bool,
    pub(super) content: Content,
    pub(super) key: Option<Arc<Node>>,
    size: Size,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a Arc<Source>, patches: &'a Patches, budget: usize) -> Self {
        Self {
            source,
            patches,
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            stand_ins: BTreeMap::new(),
            total: Size::default(),
            last_key: None,
            read_to: 0,
            budget,
            news: Vec::new(),
            confirmed: HashSet::new(),
            findings: Vec::new(),
            unquoted: Vec::new(),
            shallow: Vec::new(),
        }
    }

    /// The document read so far, with open lists and maps closed.
    pub(super) fn finish(&mut self) -> (Option<Arc<Node>>, BTreeMap<usize, &'static str>) {
        while let Some(end) = self.open.last().map(|frame| frame.span.end) {
            self.close(Span::new(end, end));
        }
        self.anchors.clear();
        self.last_key = None;
        (self.root.take(), std::mem::take(&mut self.stand_ins))
    }

    pub(super) fn scalar(&mut self, text: &str, style: Style, anchor: usize, tagged: Tagged<'_>) -> Result<(), Abort> {
        let span = span_of(tagged.1);
        let tag = tag_of(tagged);
        let (content, span, tag) = match self.patches.at(span.start) {
            Some(patch) => {
                let text = patches::text_of(self.source.slice(patch.span));
                (Content::Scalar(text.into(), ScalarStyle::Plain), patch.span, None)
            }
            None => {
                let is_nothing = span.start == span.end && text == "~";
                let text = if is_nothing { "" } else { text };
                let span = trimmed(self.source, span, style);
                if matches!(style, Style::SingleQuoted | Style::DoubleQuoted) {
                    self.shallow.extend(indent::shallow(self.source.text(), &self.open, span));
                }
                let in_flow = style == Style::Plain && self.open.last().is_some_and(|frame| frame.in_flow);
                if in_flow && unquoted::is_doubtful(self.source.slice(span)) {
                    self.unquoted.push(Unquoted { span, column: 0, in_flow });
                }
                (Content::Scalar(text.into(), style_of(style)), span, tag)
            }
        };
        let bytes = if let Content::Scalar(text, _) = &content { text.len() } else { 0 };
        let node = Arc::new(Node { span, tag, content, size: Size { nodes: 1, bytes, depth: 0 } });
        self.count(Size { nodes: 1, bytes, depth: 0 }, span)?;
        self.add(node, anchor)
    }

    pub(super) fn alias(&mut self, id: usize, span: Span) -> Result<(), Abort> {
        let Some(node) = self.anchors.get(&id).map(Arc::clone) else {
            let finding = Finding::error(self.source, span, "an alias may not be inside what it refers to");
            self.report(finding);
            return self.add(nothing(span), 0);
        };
        if self.open.len() + node.size.depth > MAX_DEPTH {
            return Err(Abort::Bound(too_deep(self.source, span)));
        }
        self.count(node.size, span)?;
        self.add(node, 0)
    }

    fn report(&mut self, finding: Finding) {
        if self.findings.len() < MAX_KEPT_FINDINGS {
            self.findings.push(finding);
        }
    }

    pub(super) fn unknown_alias(&mut self, name: &str, span: Span) -> Result<(), Abort> {
        let name = shortened(name);
        let message = format!("`*{name}` is a YAML alias, and nothing is called `&{name}` above");
        let help = "if it is meant as text, quote it";
        self.report(Finding::error(self.source, span, message).with_help(help));
        let stand_in = self.role().map_or("", Role::stand_in);
        self.stand_ins.insert(span.start, stand_in);
        let content = Content::Scalar("".into(), ScalarStyle::Plain);
        self.add(Arc::new(Node { span, tag: None, content, size: Size { nodes: 1, bytes: 0, depth: 0 } }), 0)
    }

    pub(super) fn open_list(&mut self, style: StructureStyle, anchor: usize, tagged: Tagged<'_>) -> Result<(), Abort> {
        self.open_frame(Content::List(Vec::new()), style, anchor, tagged)
    }

    pub(super) fn open_map(&mut self, style: StructureStyle, anchor: usize, tagged: Tagged<'_>) -> Result<(), Abort> {
        self.open_frame(Content::Map(Vec::new()), style, anchor, tagged)
    }

    fn open_frame(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        tagged: Tagged<'_>,
    ) -> Result<(), Abort> {
        let span = span_of(tagged.1);
        if self.open.len() >= MAX_DEPTH {
            return Err(Abort::Bound(too_deep(self.source, span)));
        }
        let size = Size { nodes: 1, bytes: 0, depth: 1 };
        self.count(size, span)?;
        let in_flow = style == StructureStyle::Flow;
        self.open.push(Frame { span, tag: tag_of(tagged), anchor, in_flow, content, key: None, size });
        Ok(())
    }

    pub(super) fn close(&mut self, end: Span) {
        let Some(mut frame) = self.open.pop() else { return };
        if let (Content::Map(entries), Some(key)) = (&mut frame.content, frame.key.take()) {
            let value = nothing(Span::new(key.span.end, key.span.end));
            entries.push(Entry { key, value });
        }
        let end = if frame.in_flow { end.end } else { frame.span.end };
        let span = Span::new(frame.span.start, end.max(frame.span.end));
        if frame.in_flow {
            self.shallow.extend(indent::shallow(self.source.text(), &self.open, span));
        }
        let node = Arc::new(Node { span, tag: frame.tag, content: frame.content, size: frame.size });
        // Nothing added here is refused: all of it has been counted.
        let _ = self.add(node, frame.anchor);
    }

    fn count(&mut self, size: Size, span: Span) -> Result<(), Abort> {
        self.total.add(size);
        if self.total.nodes > MAX_NODES || self.total.bytes > MAX_TEXT_BYTES {
            return Err(Abort::Bound(too_much(self.source, span)));
        }
        Ok(())
    }

    fn add(&mut self, node: Arc<Node>, anchor: usize) -> Result<(), Abort> {
        if anchor != 0 {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.size.contain(node.size);
        frame.span.end = frame.span.end.max(node.span.end);
        match (&mut frame.content, frame.key.take()) {
            (Content::List(items), _) => items.push(node),
            (Content::Map(entries), Some(key)) => entries.push(Entry { key, value: node }),
            (Content::Map(_), None) => {
                let (span, in_flow) = (node.span, frame.in_flow);
                frame.key = Some(node);
                self.last_key = Some((span, in_flow));
                return self.look_for_traps(span, in_flow);
            }
            (Content::Scalar(..), _) => {}
        }
        Ok(())
    }
}

fn nothing(span: Span) -> Arc<Node> {
    let content = Content::Scalar("".into(), ScalarStyle::Plain);
    let span = Span::new(span.start, span.start);
    Arc::new(Node { span, tag: None, content, size: Size { nodes: 1, bytes: 0, depth: 0 } })
}

/// The tags of YAML's core schema.
const TAGS: [(&str, As); 7] = [
    ("str", As::Text),
    ("int", As::Whole),
    ("float", As::Float),
    ("bool", As::Boolean),
    ("null", As::Nothing),
    ("seq", As::List),
    ("map", As::Map),
];

fn tag_of((tag, place): Tagged<'_>) -> Option<Tag> {
    let tag = tag?;
    let span = place.tag_span().map_or_else(|| span_of(place), |span| span_of(&span));
    let known = TAGS.into_iter().find(|(name, _)| tag.is_yaml_core_schema_tag(name));
    Some(Tag { span, kind: known.map(|(_, kind)| kind) })
}

const fn style_of(style: Style) -> ScalarStyle {
    match style {
        Style::Plain => ScalarStyle::Plain,
        Style::SingleQuoted => ScalarStyle::SingleQuoted,
        Style::DoubleQuoted => ScalarStyle::DoubleQuoted,
        Style::Literal => ScalarStyle::Literal,
        Style::Folded => ScalarStyle::Folded,
    }
}

/// The place of a scalar, without the blank lines and indentation that the parser counts as part of a block scalar.
fn trimmed(source: &Source, span: Span, style: Style) -> Span {
    match style {
        Style::Literal | Style::Folded => Span::new(span.start, span.start + source.slice(span).trim_end().len()),
        _ => span,
    }
}
