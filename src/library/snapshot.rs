//! A snapshot of the library: all flows at one moment. It never changes, except that flows are checked when first
//! needed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::definition::Document;
use crate::diagnostic::{Finding, Source, Span, has_errors};
use crate::flow::{CheckContext, Flow, Signature, check};
use crate::name::Name;

use super::Entry;
use super::read::{FileRead, TextRead, same};

/// All flows, by name and by file.
#[derive(Default)]
pub(super) struct Snapshot {
    pub(super) files: Vec<SnapshotFile>,
    pub(super) flows: BTreeMap<Name, FlowSlot>,
    pub(super) signatures: Arc<Vec<Signature>>,
    pub(super) context: CheckContext,
    /// The names of flows with a schedule; computed when first needed.
    pub(super) scheduled: OnceLock<Arc<[Name]>>,
}

/// A file that was read.
#[derive(Clone)]
pub(super) struct SnapshotFile {
    /// Its path, if it has one.
    pub(super) path: Option<PathBuf>,
    /// The index of the path that led to it.
    pub(super) root: usize,
    /// Its content; shared for as long as the text is the same.
    pub(super) text: Arc<TextRead>,
    pub(super) source: Arc<Source>,
    /// Findings from reading it.
    pub(super) findings: Arc<Vec<Finding>>,
    /// Its flows, in order.
    pub(super) names: Vec<Name>,
    /// Whether it has an error outside of its flows.
    pub(super) broken: bool,
}

/// A flow in the library.
pub(super) struct FlowSlot {
    pub(super) document: Arc<Authored>,
    /// The result of its check together with the flows it starts.
    pub(super) entry: OnceLock<Entry>,
}

/// A flow as it was read, and the result of its own check.
pub(super) struct Authored {
    pub(super) document: Arc<Document>,
    /// Findings from reading its file.
    pub(super) reading: Arc<Vec<Finding>>,
    /// Whether reading found errors in it.
    pub(super) misread: bool,
    /// The finding at the second flow of this name, if there is one: it is not known which of them is meant.
    pub(super) twice: Option<Finding>,
    pub(super) checked: OnceLock<Checked>,
}

/// The result of a check: the flow, if there are no errors, and the findings.
pub(super) type Checked = (Option<Arc<Flow>>, Vec<Finding>);

impl Authored {
    /// The same, unchecked.
    fn unchecked(&self) -> Self {
        let Self { document, reading, misread, twice, checked: _ } = self;
        let (document, reading) = (Arc::clone(document), Arc::clone(reading));
        Self { document, reading, misread: *misread, twice: twice.clone(), checked: OnceLock::new() }
    }

    /// Whether it was read without errors.
    const fn is_sure(&self) -> bool {
        !self.misread && self.twice.is_none()
    }

    /// The same, with this result of its check.
    pub(super) fn checked_as(&self, checked: Checked) -> Self {
        Self { checked: OnceLock::from(checked), ..self.unchecked() }
    }
}

impl Snapshot {
    /// Builds it from what was read. A repeated name is a finding at its second place.
    pub(super) fn new(read: Vec<FileRead>, context: &CheckContext) -> Self {
        let mut snapshot = Self { context: context.clone(), ..Self::default() };
        let mut first: HashMap<Name, String> = HashMap::new();
        for file in read {
            snapshot.add(file, &mut first);
        }
        snapshot.signatures = signatures(&snapshot.flows);
        snapshot
    }

    /// The same flows, to be checked with other functions and limits.
    pub(super) fn under(&self, context: &CheckContext) -> Self {
        let again = |place: &FlowSlot| {
            let document = Arc::new(place.document.unchecked());
            FlowSlot { document, entry: OnceLock::new() }
        };
        Self {
            files: self.files.clone(),
            flows: self.flows.iter().map(|(name, place)| (name.clone(), again(place))).collect(),
            signatures: Arc::clone(&self.signatures),
            context: context.clone(),
            scheduled: OnceLock::new(),
        }
    }

    fn add(&mut self, file: FileRead, first: &mut HashMap<Name, String>) {
        let FileRead { path, root, text } = file;
        let source = Arc::clone(&text.source);
        let mut findings = Arc::clone(&text.findings);
        let spans: Vec<Span> = text.documents.iter().map(|d| d.span).collect();
        let broken = findings.iter().any(|f| f.is_error() && !spans.iter().any(|span| holds(*span, f)));
        let mut own = Vec::new();
        let mut twice: HashMap<Name, Finding> = HashMap::new();
        for document in &text.documents {
            let Some(name) = document.flow.clone() else { continue };
            let misread = broken || findings.iter().any(|f| f.is_error() && holds(document.span, f));
            let place = Finding::error(&source, name.span, "");
            if let Some(there) = first.get(&name.value) {
                let message = format!("a flow called `{}` is already at {there}", name.value);
                let finding = Finding { message, ..place }.with_help("give one of them another name");
                twice.entry(name.value).or_insert_with(|| finding.clone());
                Arc::make_mut(&mut findings).push(finding);
                continue;
            }
            let at = place.position();
            first.insert(name.value.clone(), format!("{}:{}:{}", source.name(), at.line, at.column));
            own.push((name.value, Arc::clone(document), misread));
        }
        let names = own.iter().map(|(name, ..)| name.clone()).collect();
        for (name, document, misread) in own {
            let reading = Arc::clone(&findings);
            let checked = OnceLock::new();
            let document = Arc::new(Authored { document, reading, misread, twice: None, checked });
            self.flows.insert(name, FlowSlot { document, entry: OnceLock::new() });
        }
        for (name, finding) in twice {
            if let Some(place) = self.flows.get_mut(&name) {
                let twice = place.document.twice.clone().or(Some(finding));
                place.document = Arc::new(Authored { twice, ..place.document.unchecked() });
            }
        }
        self.files.push(SnapshotFile { path, root, text, source, findings, names, broken });
    }

    /// The names of all flows, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.flows.keys()
    }

    /// The names of flows with a schedule, in order.
    pub(super) fn scheduled(&self) -> Arc<[Name]> {
        let names = || self.flows.iter().filter(|(_, place)| place.document.document.schedule.is_some());
        Arc::clone(self.scheduled.get_or_init(|| names().map(|(name, _)| name.clone()).collect()))
    }

    /// A flow, if it was checked before.
    pub(super) fn known(&self, name: &str) -> Option<Entry> {
        self.flows.get(name)?.entry.get().cloned()
    }

    /// A flow, checked now if it was not before.
    pub(super) fn get(&self, name: &str) -> Option<Entry> {
        let place = self.flows.get(name)?;
        Some(place.entry.get_or_init(|| self.entry(&place.document)).clone())
    }

    fn entry(&self, authored: &Authored) -> Entry {
        let (flow, checked) = self.checked(authored);
        let starts = flow.as_ref().map(|flow| self.broken_starts(flow)).unwrap_or_default();
        match flow {
            Some(flow) if starts.is_empty() && authored.is_sure() => Entry::Good(Arc::clone(flow)),
            _ => {
                let mut all: Vec<Finding> = authored.reading.iter().chain(checked).cloned().chain(starts).collect();
                let is_there = |twice: &Finding| all.iter().any(|f| f.span == twice.span && f.message == twice.message);
                let twice = authored.twice.clone().filter(|twice| !is_there(twice));
                all.sort_by_key(|f| f.span.start);
                all.extend(twice);
                Entry::Broken(Arc::new(all))
            }
        }
    }

    /// The result of a flow's own check.
    pub(super) fn checked<'a>(&self, authored: &'a Authored) -> &'a Checked {
        authored.checked.get_or_init(|| self.check(&authored.document))
    }

    /// Checks a flow among the flows of this snapshot.
    pub(super) fn check(&self, document: &Document) -> Checked {
        let (flow, findings) = check(document, &self.signatures, &self.context);
        (flow.map(Arc::new), findings)
    }

    /// Whether a flow itself has no errors.
    pub(super) fn is_sound(&self, authored: &Authored) -> bool {
        authored.is_sure() && self.checked(authored).0.is_some()
    }

    /// A finding for each flow that `flow` starts and that cannot run, or starts one that cannot.
    fn broken_starts(&self, flow: &Flow) -> Vec<Finding> {
        let starts = flow.starts.iter().zip(&flow.start_spans);
        let broken = starts.filter_map(|(name, span)| {
            let (broken, why) = self.first_broken(name)?;
            let which = if broken == *name { "is broken" } else { "starts one that is broken" };
            let message = format!("flow `{name}`, which is started here, {which}: {why}");
            Some(Finding::error(&flow.source, *span, message).with_help(format!("correct `{broken}` first")))
        });
        broken.collect()
    }

    /// The first flow that is broken among `name` and those it starts, with its first error.
    fn first_broken(&self, name: &Name) -> Option<(Name, Finding)> {
        let mut seen = HashSet::new();
        let mut next = vec![name.clone()];
        while let Some(name) = next.pop() {
            let Some(place) = self.flows.get(&name).filter(|_| seen.insert(name.clone())) else { continue };
            if !self.is_sound(&place.document) {
                let findings = place.document.reading.iter().chain(&self.checked(&place.document).1);
                let own = findings.filter(|f| f.is_error()).min_by_key(|f| f.span.start);
                let own = own.or(place.document.twice.as_ref()).cloned();
                return own.map(|why| (name, why));
            }
            next.extend(self.checked(&place.document).0.iter().flat_map(|flow| flow.starts.iter().rev().cloned()));
        }
        None
    }

    /// All findings, file by file, ordered by position.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        for file in &self.files {
            let mut own: Vec<Finding> = file.findings.to_vec();
            for place in file.names.iter().filter_map(|name| self.flows.get(name)) {
                let (flow, checked) = self.checked(&place.document);
                own.extend(checked.iter().cloned());
                own.extend(flow.iter().flat_map(|flow| self.broken_starts(flow)));
            }
            own.sort_by_key(|f| f.span.start);
            all.append(&mut own);
        }
        all
    }

    fn file(&self, path: &Path) -> Option<&SnapshotFile> {
        let wanted = same(path);
        self.files.iter().find(|file| file.path.as_deref().is_some_and(|own| own == path || same(own) == wanted))
    }

    /// The first flow of a file, or what is wrong with the file.
    pub(super) fn first_of(&self, path: &Path) -> Result<Name, Vec<Finding>> {
        let file = self.file(path);
        match file.and_then(|file| file.names.first()) {
            Some(name) => Ok(name.clone()),
            None => Err(match file {
                Some(file) if has_errors(&file.findings) => file.findings.to_vec(),
                _ => super::read::findings_of(path),
            }),
        }
    }

    /// The flows of a file, in order.
    pub(super) fn names_of(&self, path: &Path) -> Vec<Name> {
        self.file(path).map(|file| file.names.clone()).unwrap_or_default()
    }
}

/// What flows know about each other.
pub(super) fn signatures(flows: &BTreeMap<Name, FlowSlot>) -> Arc<Vec<Signature>> {
    let documents = flows.values().map(|place| &place.document.document);
    Arc::new(documents.filter_map(|document| Signature::of(document)).collect())
}

fn holds(span: Span, finding: &Finding) -> bool {
    span.start <= finding.span.start && finding.span.start <= span.end
}
