//! YAML text → trees of nodes, within all bounds, and with every trap in an expression avoided or reported.

use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Options, Parser, ScanError, StrInput};

use crate::diagnostic::{Finding, Source, Span};

use super::limits::{
    MAX_DEPTH, MAX_DOCUMENTS, MAX_FILE_BYTES, MAX_NODES, MAX_REREAD_BYTES, MAX_ROUNDS_WITHOUT_BUDGET, MAX_TEXT_BYTES,
};
use super::node::Node;
use super::patches::Patches;
use super::syntax;
use super::unquoted::Unquoted;

mod build;
mod indent;
mod watch;

use build::Builder;

/// The result of reading a file as YAML.
#[derive(Debug, Default)]
pub(super) struct Trees {
    /// Its documents that are not empty.
    pub(super) documents: Vec<Tree>,
    /// What is wrong with the YAML.
    pub(super) findings: Vec<Finding>,
    /// Unquoted expressions and texts that work here but not in other readers of YAML, ordered by place.
    pub(super) unquoted: Vec<Unquoted>,
    /// Lines within brackets that are indented too little for other readers of YAML.
    pub(super) shallow: Vec<Span>,
}

/// One YAML document.
#[derive(Debug)]
pub(super) struct Tree {
    /// Its place, from its first line to before the next document.
    pub(super) span: Span,
    /// Its content; empty if it breaks off before anything.
    pub(super) root: Arc<Node>,
    /// Whether it was read to its end.
    pub(super) is_whole: bool,
    /// The starts of stretches that were replaced, each with its replacement.
    pub(super) stand_ins: BTreeMap<usize, &'static str>,
}

/// Reads a file, repeatedly while there are traps to avoid.
pub(super) fn read(source: &Arc<Source>) -> Trees {
    let size = source.text().len();
    if size > MAX_FILE_BYTES {
        let message = format!("the file has {size} bytes; at most {MAX_FILE_BYTES} are read (MAX_FILE_BYTES)");
        let finding = Finding::error(source, Span::default(), message).with_help("split it into several files");
        return Trees { findings: vec![finding], ..Trees::default() };
    }
    let mut patches = Patches::default();
    let mut budget = MAX_REREAD_BYTES;
    let mut rounds_without = 0;
    loop {
        let text = patches.apply(source.text());
        budget = budget.saturating_sub(text.len());
        let Round { mut trees, builder, .. } = Round::new(source, &text, &patches, budget).run();
        let Builder { news, confirmed, read_to, unquoted, shallow, .. } = builder;
        budget = builder.budget;
        let took_back = patches.settle(&confirmed, read_to);
        rounds_without += usize::from(budget == 0);
        if (news.is_empty() && !took_back) || rounds_without > MAX_ROUNDS_WITHOUT_BUDGET {
            trees.findings.extend(patches.findings(source));
            trees.unquoted = patches.unquoted();
            trees.unquoted.extend(unquoted);
            trees.unquoted.sort_by_key(|one| one.span.start);
            trees.shallow = shallow;
            return trees;
        }
        patches.extend(news);
    }
}

/// One reading of the whole file.
struct Round<'a> {
    source: &'a Arc<Source>,
    parser: Parser<'a, StrInput<'a>>,
    builder: Builder<'a>,
    trees: Trees,
    /// Where the document that is being read began.
    begun: usize,
    documents: usize,
}

/// Why a reading stops.
enum Abort {
    /// A bound was exceeded.
    Bound(Finding),
    /// The text must be read again.
    Again,
}

impl<'a> Round<'a> {
    fn new(source: &'a Arc<Source>, text: &'a str, patches: &'a Patches, budget: usize) -> Self {
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        options.emit_anchor_events = true;
        options.set_emit_comments(false);
        options.flow_nesting_limit = MAX_DEPTH + 1;
        options.block_nesting_limit = MAX_DEPTH + 1;
        Self {
            source,
            parser: Parser::new_from_str_with_options(text, options),
            builder: Builder::new(source, patches, budget),
            trees: Trees::default(),
            begun: 0,
            documents: 0,
        }
    }

    fn run(mut self) -> Self {
        while let Some(next) = self.parser.next_event() {
            let goes_on = match next {
                Ok((event, place)) => self.event(event, &place),
                Err(error) => self.broken(&error),
            };
            match goes_on {
                Ok(true) => {}
                Ok(false) => break,
                Err(Abort::Again) => break,
                Err(Abort::Bound(finding)) => {
                    self.trees.documents.clear();
                    self.trees.findings.push(finding);
                    break;
                }
            }
        }
        self.trees.findings.append(&mut self.builder.findings);
        self
    }

    fn event(&mut self, event: Event<'a>, place: &granit_parser::Span) -> Result<bool, Abort> {
        let span = span_of(place);
        self.builder.read_to = self.builder.read_to.max(span.end);
        match event {
            Event::StreamStart | Event::Anchor(..) => {}
            Event::StreamEnd => return Ok(false),
            Event::DocumentStart(is_explicit, _) => {
                self.begun = if is_explicit { span.start } else { line_start(self.source.text(), span.start) };
                self.count_document(span)?;
            }
            Event::DocumentEnd => self.end_document(self.begun, span.start, true),
            Event::Alias(id) => self.builder.alias(id, span)?,
            Event::UnresolvedAlias(name) => self.builder.unknown_alias(&name, span)?,
            Event::Scalar(text, style, anchor, tag) => {
                self.builder.scalar(&text, style, anchor, (tag.as_deref(), place))?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.builder.open_list(style, anchor, (tag.as_deref(), place))?;
            }
            Event::MappingStart(style, anchor, tag) => self.builder.open_map(style, anchor, (tag.as_deref(), place))?,
            Event::SequenceEnd | Event::MappingEnd => self.builder.close(span),
            _ => {}
        }
        Ok(true)
    }

    fn count_document(&mut self, span: Span) -> Result<(), Abort> {
        self.documents += 1;
        if self.documents > MAX_DOCUMENTS {
            let message = format!("the file has more than {MAX_DOCUMENTS} YAML documents (MAX_DOCUMENTS)");
            return Err(Abort::Bound(Finding::error(self.source, span, message)));
        }
        Ok(())
    }

    fn end_document(&mut self, start: usize, end: usize, is_whole: bool) {
        let (root, stand_ins) = self.builder.finish();
        if let Some(root) = root.filter(|root| !root.is_null()) {
            let span = Span::new(start, end.max(root.span.end));
            self.trees.documents.push(Tree { span, root, is_whole, stand_ins });
        }
    }

    /// Recovers from a YAML error: by rereading without its cause, if that is known, else by continuing with the next
    /// document.
    fn broken(&mut self, error: &ScanError) -> Result<bool, Abort> {
        let at = error.marker().byte_offset().unwrap_or_default();
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            return Err(Abort::Bound(too_deep(self.source, Span::new(at, at))));
        }
        let found = !self.builder.news.is_empty() || self.builder.looks_ahead(at);
        let (kind, at) = match self.builder.unclosed(at) {
            Some((open, start)) => (ErrorKind::UnclosedFlowCollection { open }, start),
            None => (error.kind().clone(), at),
        };
        if found || self.builder.blames_value(&kind, at) {
            self.builder.predict();
            return Err(Abort::Again);
        }
        self.trees.findings.push(syntax::finding(self.source, &kind, at));
        self.end_document(self.begun, at, false);
        match self.parser.proceed_next_document() {
            Ok(goes_on) => Ok(goes_on),
            Err(_) => Ok(false),
        }
    }
}

fn too_deep(source: &Arc<Source>, span: Span) -> Finding {
    let message = format!("lists and maps are nested more than {MAX_DEPTH} deep (MAX_DEPTH)");
    Finding::error(source, span, message)
}

fn too_much(source: &Arc<Source>, span: Span) -> Finding {
    let message = format!(
        "the file holds more than {MAX_NODES} keys and values (MAX_NODES) or {MAX_TEXT_BYTES} bytes of text \
         (MAX_TEXT_BYTES), each alias counted as all it stands for"
    );
    Finding::error(source, span, message).with_help("split it into several files, or use fewer aliases")
}

fn span_of(place: &granit_parser::Span) -> Span {
    place.byte_range().map_or_else(Span::default, |range| Span::new(range.start, range.end.max(range.start)))
}

/// The start of the line of `at`.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}
