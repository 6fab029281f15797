//! Events of the YAML parser → nodes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use granit_parser::{ErrorKind, ScalarStyle as Style, StructureStyle};

use crate::diagnostic::{Finding, Source, Span};

use super::super::limits::{MAX_DEPTH, MAX_NODES, MAX_TEXT_BYTES};
use super::super::node::{Content, Entry, Node, Size, Tag};
use super::super::patches::Patches;
use super::super::scalar::ScalarStyle;
use super::super::syntax;
use super::super::trap::{Patch, Place, Role, SCRIPTS};
use super::{Stop, line_start, span_of, too_deep, too_much};

/// A tag and the place of its node.
type Tagged<'t> = (Option<&'t granit_parser::Tag>, &'t granit_parser::Span);

/// Builds the nodes of one document after the other.
pub(super) struct Builder<'a> {
    source: &'a Arc<Source>,
    patches: &'a Patches,
    open: Vec<Frame>,
    root: Option<Arc<Node>>,
    anchors: HashMap<usize, Arc<Node>>,
    stand_ins: BTreeMap<usize, &'static str>,
    total: Size,
    last_key: Option<LastKey>,
    /// How many bytes may still be looked at for traps.
    pub(super) budget: usize,
    /// Traps that were found in this reading.
    pub(super) news: Vec<Patch>,
    /// What is wrong with the nodes themselves.
    pub(super) findings: Vec<Finding>,
}

/// A list or map that is not yet closed.
struct Frame {
    span: Span,
    tag: Option<Tag>,
    anchor: usize,
    in_flow: bool,
    content: Content,
    key: Option<Arc<Node>>,
    size: Size,
}

/// The key read last, whose value may be what an error is about.
#[derive(Clone, Copy)]
struct LastKey {
    span: Span,
    in_flow: bool,
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
            budget,
            news: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The document read so far, with what is still open closed.
    pub(super) fn finish(&mut self) -> (Option<Arc<Node>>, BTreeMap<usize, &'static str>) {
        while let Some(end) = self.open.last().map(|frame| frame.span.end) {
            self.close(Span::new(end, end));
        }
        self.anchors.clear();
        self.last_key = None;
        (self.root.take(), std::mem::take(&mut self.stand_ins))
    }

    pub(super) fn scalar(&mut self, text: &str, style: Style, anchor: usize, tagged: Tagged<'_>) -> Result<(), Stop> {
        let span = span_of(tagged.1);
        let tag = tag_of(tagged);
        let (content, span, tag) = match self.patches.at(span.start) {
            Some(patch) => {
                let text = self.source.slice(patch.span);
                (Content::Scalar(text.into(), ScalarStyle::Plain), patch.span, None)
            }
            None => {
                let is_nothing = span.start == span.end && text == "~";
                let text = if is_nothing { "" } else { text };
                let span = trimmed(self.source, span, style);
                (Content::Scalar(text.into(), style_of(style)), span, tag)
            }
        };
        let bytes = if let Content::Scalar(text, _) = &content { text.len() } else { 0 };
        let node = Arc::new(Node { span, tag, content, size: Size { nodes: 1, bytes, depth: 0 } });
        self.count(Size { nodes: 1, bytes, depth: 0 }, span)?;
        self.add(node, anchor)
    }

    pub(super) fn alias(&mut self, id: usize, span: Span) -> Result<(), Stop> {
        let Some(node) = self.anchors.get(&id).map(Arc::clone) else {
            let finding = Finding::error(self.source, span, "an alias may not stand within what it stands for");
            self.findings.push(finding);
            return self.add(nothing(span), 0);
        };
        if self.open.len() + node.size.depth > MAX_DEPTH {
            return Err(Stop::Bound(too_deep(self.source, span)));
        }
        self.count(node.size, span)?;
        self.add(node, 0)
    }

    pub(super) fn unknown_alias(&mut self, name: &str, span: Span) -> Result<(), Stop> {
        let message = format!("`*{name}` is a YAML alias, and nothing is called `&{name}` above");
        let help = "if it is meant as text, quote it";
        self.findings.push(Finding::error(self.source, span, message).with_help(help));
        self.add(nothing(span), 0)
    }

    pub(super) fn open_list(&mut self, style: StructureStyle, anchor: usize, tagged: Tagged<'_>) -> Result<(), Stop> {
        self.open_frame(Content::List(Vec::new()), style, anchor, tagged)
    }

    pub(super) fn open_map(&mut self, style: StructureStyle, anchor: usize, tagged: Tagged<'_>) -> Result<(), Stop> {
        self.open_frame(Content::Map(Vec::new()), style, anchor, tagged)
    }

    fn open_frame(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        tagged: Tagged<'_>,
    ) -> Result<(), Stop> {
        let span = span_of(tagged.1);
        if self.open.len() >= MAX_DEPTH {
            return Err(Stop::Bound(too_deep(self.source, span)));
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
        let node = Arc::new(Node { span, tag: frame.tag, content: frame.content, size: frame.size });
        // Nothing that was added is refused here: all of it has been counted.
        let _ = self.add(node, frame.anchor);
    }

    fn count(&mut self, size: Size, span: Span) -> Result<(), Stop> {
        self.total.add(size);
        if self.total.nodes > MAX_NODES || self.total.bytes > MAX_TEXT_BYTES {
            return Err(Stop::Bound(too_much(self.source, span)));
        }
        Ok(())
    }

    fn add(&mut self, node: Arc<Node>, anchor: usize) -> Result<(), Stop> {
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
                self.last_key = Some(LastKey { span, in_flow });
                return self.look_for_traps(span, in_flow);
            }
            (Content::Scalar(..), _) => {}
        }
        Ok(())
    }

    /// Looks at the value of the key just read, if it is a script.
    fn look_for_traps(&mut self, key: Span, in_flow: bool) -> Result<(), Stop> {
        let Some(role) = self.role() else { return Ok(()) };
        let place = Place {
            text: self.source.text(),
            key_end: key.end,
            column: key.start - line_start(self.source.text(), key.start),
            in_flow,
            list_allowed: self.key_is("decision"),
        };
        let Some(start) = place.value_start() else { return Ok(()) };
        if let Some(patch) = self.patches.at(start.at) {
            if patch.trouble.is_some() {
                self.stand_ins.insert(patch.span.start, role.stand_in());
            }
            return Ok(());
        }
        let is_seen = self.news.last().is_some_and(|patch| patch.span.end > key.start);
        if self.budget == 0 || is_seen {
            return Ok(());
        }
        let (patch, looked_at) = place.examine();
        self.budget = self.budget.saturating_sub(looked_at);
        let Some(patch) = patch else { return Ok(()) };
        let misleads = patch.misleads;
        self.news.push(patch);
        if misleads { Err(Stop::Again) } else { Ok(()) }
    }

    fn key_is(&self, name: &str) -> bool {
        let key = self.open.last().and_then(|frame| frame.key.as_ref());
        key.and_then(|key| key.text()).is_some_and(|text| &**text == name)
    }

    /// What the script is for whose key was just read; none if it is no script's.
    fn role(&self) -> Option<Role> {
        let fits = |(frame, part): (&Frame, &&str)| match &frame.content {
            Content::List(_) => *part == "[]",
            _ if *part == "*" => true,
            _ => frame.key.as_ref().and_then(|key| key.text()).is_some_and(|text| &**text == *part),
        };
        let found = SCRIPTS
            .iter()
            .find(|(path, _)| path.len() == self.open.len() && self.open.iter().zip(path.iter()).rev().all(fits));
        found.map(|(_, role)| *role)
    }

    /// Whether an error at `at` is about the value of the key read last, on the key's own line: then that value is
    /// reported and the rest of the file read without it.
    pub(super) fn blames_value(&mut self, kind: &ErrorKind, at: usize) -> bool {
        let Some(LastKey { span, in_flow }) = self.last_key else { return false };
        let text = self.source.text();
        let place = Place { text, key_end: span.end, column: 0, in_flow, list_allowed: false };
        let Some(start) = place.value_start().filter(|start| !start.below && start.at <= at) else { return false };
        if self.budget == 0 || self.patches.at(start.at).is_some() || !syntax::is_about_a_value(kind) {
            return false;
        }
        let end = syntax::value_end(text, start.at, in_flow);
        if at > end || end <= start.at {
            return false;
        }
        let (message, help) = syntax::describe(kind);
        self.news.push(Patch::blamed(Span::new(start.at, end), at, message, help));
        true
    }
}

fn nothing(span: Span) -> Arc<Node> {
    let content = Content::Scalar("".into(), ScalarStyle::Plain);
    let span = Span::new(span.start, span.start);
    Arc::new(Node { span, tag: None, content, size: Size { nodes: 1, bytes: 0, depth: 0 } })
}

fn tag_of((tag, place): Tagged<'_>) -> Option<Tag> {
    let tag = tag?;
    let span = place.tag_span().map_or_else(|| span_of(place), |span| span_of(&span));
    Some(Tag { span, is_text: tag.is_yaml_core_schema_tag("str"), is_core: tag.is_yaml_core_schema() })
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

/// The place of a scalar without the blank lines and the indentation that the parser counts to a block scalar.
fn trimmed(source: &Source, span: Span, style: Style) -> Span {
    match style {
        Style::Literal | Style::Folded => Span::new(span.start, span.start + source.slice(span).trim_end().len()),
        _ => span,
    }
}
