//! The check: a document against every rule of the language, reporting all findings.

use std::sync::{Arc, OnceLock};

use crate::definition::Document;
use crate::diagnostic::{Finding, Span, Spanned};
use crate::duration::Duration;
use crate::expression::{Expressions, Flows, Vocabulary};
use crate::name::{ByName, Name};
use crate::task::{AttributeSet, Definition, Digest};

use super::findings::Findings;
use super::{CheckContext, Flow, Signature, State, StateId, attributes};

/// The default of `delay`.
const DELAY: Duration = Duration::from_secs(60);
/// The default of `timeout`.
const TIMEOUT: Duration = Duration::from_secs(24 * 3600);
/// The default of `delete_after`.
const DELETE_AFTER: Duration = Duration::from_secs(90 * 24 * 3600);
/// The default of `version`.
const VERSION: u32 = 1;
/// The default of `queue`.
const QUEUE: &str = "default";
/// The default of `recoveries`.
const DEFAULT_RECOVERIES: u32 = 5;

/// Checks a document against all rules of the language. Returns the flow if there are no errors. `known` are the flows
/// that it may start.
pub(crate) fn check(document: &Document, known: &[Signature], context: &CheckContext) -> (Option<Flow>, Vec<Finding>) {
    Checker::new(document, Some(known), context).run()
}

/// The state of one check.
pub(super) struct Checker<'a> {
    pub(super) document: &'a Document,
    /// The flows it may start; none when a pinned definition is checked again, which does not need them.
    pub(super) known: Option<&'a [Signature]>,
    pub(super) context: &'a CheckContext,
    pub(super) expressions: Expressions,
    pub(super) attributes: Arc<AttributeSet>,
    pub(super) index: Vec<usize>,
    pub(super) state_ids: ByName<StateId>,
    /// The flows started by a literal name, with the place of each mention.
    pub(super) starts: Vec<Spanned<Name>>,
    /// Whether some state name is unknown, or some state could not be read.
    pub(super) dangling: bool,
    pub(super) findings: Findings,
}

impl<'a> Checker<'a> {
    pub(super) fn new(document: &'a Document, known: Option<&'a [Signature]>, context: &'a CheckContext) -> Self {
        let mut findings = Findings::new(&document.source);
        let attributes = attributes::attributes(&document.attributes, &mut findings);
        let index = attributes::index(&document.index, &attributes, &mut findings);
        let vocabulary = Vocabulary {
            attributes: attributes.iter().map(|a| (a.name.clone(), a.rules.shape())).collect(),
            functions: Arc::clone(&context.functions),
            uses: document.uses.iter().map(|name| name.value.clone()).collect(),
            flows: Arc::new(flows(document, known.unwrap_or_default())),
            limits: context.limits.clone(),
        };
        let text = document.functions.as_ref().map(|functions| functions.text.as_ref());
        let (expressions, wrong) = Expressions::new(vocabulary, text);
        let mut state_ids = ByName::default();
        for (id, state) in document.states.iter().enumerate() {
            state_ids.entry(state.name.value.clone()).or_insert(id);
        }
        let mut checker = Self {
            document,
            known,
            context,
            expressions,
            attributes: Arc::new(AttributeSet::new(attributes)),
            index,
            state_ids,
            starts: Vec::new(),
            dangling: document.unread,
            findings,
        };
        if let Some(functions) = &document.functions {
            if wrong.is_empty() {
                let expressions = checker.expressions.clone();
                checker.warn(functions, expressions.warnings());
            }
            checker.report(functions, wrong);
        }
        checker
    }

    /// Checks the rest, and builds the flow if there are no errors.
    pub(super) fn run(mut self) -> (Option<Flow>, Vec<Finding>) {
        self.check_uses();
        self.check_settings();
        let start = self.first_state();
        let states = self.states();
        let interactions = self.interactions();
        let on_timeout = self.on_timeout();
        let schedule = self.schedule();
        let migrations = self.migrations();
        let tests = self.own_tests();
        self.check_reach(start);
        self.check_timers();
        self.check_error_reads(start, states.as_deref());
        let flow = (|| {
            let flow = self.assemble(start?, states?)?;
            Some(Flow {
                interactions: interactions?,
                on_timeout: on_timeout?,
                schedule,
                migrations: migrations?,
                tests,
                ..flow
            })
        })();
        let flow = flow.filter(|_| !self.findings.have_errors());
        (flow, self.findings.finish())
    }

    fn assemble(&mut self, start: StateId, states: Vec<State>) -> Option<Flow> {
        let document = self.document;
        let (starts, start_spans) = self.literal_starts();
        Some(Flow {
            name: document.flow.as_ref()?.value.clone(),
            version: document.version.as_ref().map_or(VERSION, |v| v.value),
            description: document.description.as_ref().map(|d| d.value.clone()),
            definition: Arc::new(definition(document)?),
            source: Arc::clone(&document.source),
            attributes: Arc::clone(&self.attributes),
            index: std::mem::take(&mut self.index),
            start,
            states,
            state_ids: std::mem::take(&mut self.state_ids),
            interactions: Vec::new(),
            delay: document.delay.as_ref().map_or(DELAY, |d| d.value),
            timeout: self.timeout(),
            delete_after: document.delete_after.as_ref().map_or(DELETE_AFTER, |d| d.value),
            on_timeout: None,
            queue: document.queue.as_ref().map_or_else(|| Name::new(QUEUE), |q| q.value.clone()),
            recoveries: document.recoveries.as_ref().map_or(DEFAULT_RECOVERIES, |r| r.value),
            priority: document.priority.as_ref().map_or(0, |p| p.value),
            runs_on: document.runs_on.as_ref().map(|r| r.value.clone()),
            uses: document.uses.iter().map(|name| name.value.clone()).collect(),
            expressions: self.expressions.clone(),
            functions: document.functions.clone(),
            starts,
            start_spans,
            schedule: None,
            migrations: Vec::new(),
            tests: Vec::new(),
            reads_sub_tasks: OnceLock::new(),
        })
    }

    /// How long a task of the flow may live.
    pub(super) fn timeout(&self) -> Duration {
        self.document.timeout.as_ref().map_or(TIMEOUT, |t| t.value)
    }

    /// The flows it starts, each once, with the place of the first mention.
    fn literal_starts(&mut self) -> (Vec<Name>, Vec<Span>) {
        let mut seen = std::mem::take(&mut self.starts);
        seen.sort_by_key(|name| name.span.start);
        let mut starts: Vec<Name> = Vec::new();
        let mut spans = Vec::new();
        for name in seen {
            if !starts.contains(&name.value) {
                starts.push(name.value);
                spans.push(name.span);
            }
        }
        (starts, spans)
    }
}

/// The attributes of the flows that the document may start. Most start none.
fn flows(document: &Document, known: &[Signature]) -> Flows {
    let text = document.source.slice(document.span);
    let own = Signature::of(document);
    let started = own.iter().chain(known).filter(|flow| text.contains(flow.name.as_str()));
    let attributes = |flow: &Signature| flow.attributes.iter().map(|a| (a.name.clone(), a.shape.clone())).collect();
    started.map(|flow| (flow.name.clone(), attributes(flow))).collect()
}

/// The definition that tasks pin: the lines of the file that hold the document.
fn definition(document: &Document) -> Option<Definition> {
    let source = &document.source;
    let (start, text) = pinned(document)?;
    Some(Definition {
        digest: Digest::of(text),
        flow: document.flow.as_ref()?.value.clone(),
        version: document.version.as_ref().map_or(VERSION, |v| v.value),
        file: source.name().to_owned(),
        first_line: source.position(start).line,
        text: text.into(),
    })
}

/// Whether both documents give the same definition, by digest.
pub(crate) fn is_same_definition(document: &Document, other: &Document) -> bool {
    let text = |document| pinned(document).map(|(_, text)| text);
    text(document) == text(other)
}

/// The lines of a document, and their first byte.
fn pinned(document: &Document) -> Option<(usize, &str)> {
    let text = document.source.text();
    // Whole lines, so that columns are the same when it is read again.
    let start = text.get(..document.span.start)?.rfind('\n').map_or(0, |at| at + 1);
    Some((start, text.get(start..document.span.end)?))
}
