//! Events of the YAML parser → nodes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{ErrorKind, ScalarStyle as Style, StructureStyle};

use crate::diagnostic::{Finding, Source, Span};

use super::super::extent::{self, Line, flow_keys};
use super::super::limits::{MAX_DEPTH, MAX_NODES, MAX_SCRIPT_BYTES, MAX_TEXT_BYTES};
use super::super::node::{Content, Entry, Node, Size, Tag};
use super::super::patches::Patches;
use super::super::predict;
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
    /// The key read last, and whether it stands inside `{ … }`: its value may be what an error is about.
    last_key: Option<(Span, bool)>,
    /// Up to where the parser has told of what it read.
    pub(super) read_to: usize,
    /// How many bytes may still be looked at for traps.
    pub(super) budget: usize,
    /// Traps that were found in this reading.
    pub(super) news: Vec<Patch>,
    /// Where the patches begin that stand where they should.
    pub(super) confirmed: HashSet<usize>,
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
        let stand_in = self.role().map_or("", Role::stand_in);
        self.stand_ins.insert(span.start, stand_in);
        let content = Content::Scalar("".into(), ScalarStyle::Plain);
        self.add(Arc::new(Node { span, tag: None, content, size: Size { nodes: 1, bytes: 0, depth: 0 } }), 0)
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
                self.last_key = Some((span, in_flow));
                return self.look_for_traps(span, in_flow);
            }
            (Content::Scalar(..), _) => {}
        }
        Ok(())
    }

    /// Looks at the value of the key just read, if it is a script.
    fn look_for_traps(&mut self, key: Span, in_flow: bool) -> Result<(), Stop> {
        let role = self.role();
        let place = self.place(key, in_flow, self.key_is("decision"));
        let patched = || self.patches.at(place.text_start()?);
        if !self.patches.is_empty()
            && let Some(patch) = patched().filter(|patch| role.is_some() || !patch.is_script)
        {
            self.confirmed.insert(patch.span.start);
            if patch.trouble.as_ref().is_some_and(|trouble| !trouble.is_warning) {
                self.stand_ins.insert(patch.span.start, role.map_or("", Role::stand_in));
            }
            return Ok(());
        }
        if role.is_some() && self.examine(place) {
            self.predict();
            return Err(Stop::Again);
        }
        Ok(())
    }

    fn place(&self, key: Span, in_flow: bool, list_allowed: bool) -> Place<'a> {
        let text = self.source.text();
        let column = if in_flow { 0 } else { key.start - line_start(text, key.start) };
        Place { text, key_end: key.end, column, in_flow, list_allowed }
    }

    /// Looks for a trap in a value; whether one was found that may have misled the reading of what follows.
    fn examine(&mut self, place: Place<'_>) -> bool {
        let is_seen = self.news.last().is_some_and(|patch| patch.span.end > place.key_end);
        if self.budget == 0 || is_seen {
            return false;
        }
        let (patch, looked_at) = place.examine();
        self.budget = self.budget.saturating_sub(looked_at);
        let Some(patch) = patch.filter(|patch| self.patches.allows(patch.span.start)) else { return false };
        let misleads = patch.misleads;
        self.news.push(patch);
        misleads
    }

    /// Looks ahead for more traps of the kind just found.
    pub(super) fn predict(&mut self) {
        let text = self.source.text();
        let Some(end) = self.news.last().map(|patch| patch.span.end) else { return };
        let Some(next) = Line::at(text, end).next else { return };
        self.budget = self.budget.saturating_sub(text.len() - next);
        for place in predict::places(text, next) {
            self.examine(place);
        }
    }

    /// Looks for traps in what the parser refused at `at` before it said anything about the keys there: it looks ahead
    /// over the whole of a `{ … }` that might yet turn out to be a key.
    pub(super) fn looks_ahead(&mut self, at: usize) -> bool {
        let text = self.source.text();
        let from = self.read_to;
        let end = Line::at(text, at.max(from)).end.min(from + MAX_SCRIPT_BYTES);
        let Some(unread) = text.get(from..end) else { return false };
        self.budget = self.budget.saturating_sub(unread.len());
        if self.budget == 0 || !unread.contains('{') {
            return false;
        }
        for key in flow_keys(unread) {
            let name = unread.get(key.start..key.end).unwrap_or_default();
            if !self.is_script_within(name) {
                continue;
            }
            let key = Span::new(from + key.start, from + key.end);
            let place = self.place(key, true, name == "decision");
            if self.examine(place) {
                return true;
            }
        }
        false
    }

    /// Whether `name` is the key of a script somewhere within what is open.
    fn is_script_within(&self, name: &str) -> bool {
        SCRIPTS.iter().any(|(path, _)| {
            path.len() > self.open.len() && path.last() == Some(&name) && self.open.iter().zip(path.iter()).all(fits)
        })
    }

    fn key_is(&self, name: &str) -> bool {
        let key = self.open.last().and_then(|frame| frame.key.as_ref());
        key.and_then(|key| key.text()).is_some_and(|text| &**text == name)
    }

    /// What the script is for whose key was just read; none if it is no script's.
    fn role(&self) -> Option<Role> {
        let found = SCRIPTS
            .iter()
            .find(|(path, _)| path.len() == self.open.len() && self.open.iter().zip(path.iter()).rev().all(fits));
        found.map(|(_, role)| *role)
    }

    /// The bracket that was left open, if an error at `at` stands on a line that is no deeper than the bracket's own.
    pub(super) fn unclosed(&self, at: usize) -> Option<(char, usize)> {
        let text = self.source.text();
        let start = self.open.iter().find(|frame| frame.in_flow)?.span.start;
        let indent = |at: usize| {
            let line = text.get(line_start(text, at)..).unwrap_or_default();
            line.bytes().take_while(|b| *b == b' ').count()
        };
        let is_outside = line_start(text, at) > start && indent(at) <= indent(start);
        let open = text.get(start..)?.chars().next()?;
        is_outside.then_some((open, start))
    }

    /// Whether an error at `at` is about a value on one line: then that value is reported and the rest of the file read
    /// without it.
    pub(super) fn blames_value(&mut self, kind: &ErrorKind, at: usize) -> bool {
        if self.budget == 0 || !syntax::is_about_a_value(kind) {
            return false;
        }
        let text = self.source.text();
        let open = self.open.iter().filter_map(|frame| Some((frame.key.as_ref()?.span, frame.in_flow)));
        let keys: Vec<(Span, bool)> = self.last_key.into_iter().chain(open).collect();
        for (key, in_flow) in keys {
            let place = self.place(key, in_flow, false);
            let Some(start) = place.value_start().filter(|start| !start.below && start.at <= at) else { continue };
            let begins_here = start.at == at || !syntax::is_about_its_beginning(kind);
            let end = syntax::value_end(text, start.at, in_flow);
            let is_one_line = in_flow || !extent::continues_below(text, end, place.column);
            let is_new = self.patches.allows(start.at);
            if begins_here && is_one_line && at <= end && end > start.at && is_new {
                let (message, help) = syntax::describe(text, kind, at);
                let at = syntax::place(text, kind, at);
                self.news.push(Patch::blamed(Span::new(start.at, end), at, message, help));
                return true;
            }
        }
        false
    }
}

/// Whether what is open is what a part of a path says.
fn fits((frame, part): (&Frame, &&str)) -> bool {
    match &frame.content {
        Content::List(_) => *part == "[]",
        _ if *part == "*" => true,
        _ => frame.key.as_ref().and_then(|key| key.text()).is_some_and(|text| &**text == *part),
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
