//! Reloading the live flows from where they were read. Unchanged flows cost little more than reading their files: an
//! unchanged text keeps its documents, and a flow keeps its check unless flows have changed that it was checked with.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::Finding;
use crate::flow::{Signature, is_same_definition};
use crate::name::Name;

use super::read::{self, FileRead, TextRead};
use super::snapshot::{Checked, Snapshot, SnapshotFile};
use super::{Entry, Library, replace};

/// The result of a reload.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct Reload {
    /// New flows, including broken ones.
    pub added: Vec<Name>,
    /// Flows whose definition has changed, by its digest.
    pub changed: Vec<Name>,
    /// Flows that no longer exist.
    pub removed: Vec<Name>,
    /// Flows that are broken on disk, or whose file or folder is missing at the moment: their last good definitions
    /// stay live.
    pub kept: Vec<Name>,
    /// Everything that is wrong with the files on disk now, including warnings: first what cannot be read at all, then
    /// file by file, by position.
    pub findings: Vec<Finding>,
    /// Whether the findings are the same as before.
    same_findings: bool,
}

impl Reload {
    /// Whether nothing has changed: all flows and findings are the same as before.
    pub fn is_empty(&self) -> bool {
        self.same_findings && self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Where the flows of a library were read from, and what was found there.
#[derive(Clone, Default)]
pub(super) struct Origin {
    /// The paths as given.
    pub(super) paths: Vec<PathBuf>,
    /// The flows as they are on disk, including broken ones whose last good definition is kept.
    disk: Arc<Snapshot>,
    /// Findings for paths that could not be read.
    unread: Vec<Finding>,
}

impl Origin {
    pub(super) const fn of(paths: Vec<PathBuf>, disk: Arc<Snapshot>, unread: Vec<Finding>) -> Self {
        Self { paths, disk, unread }
    }

    fn findings(&self) -> Vec<Finding> {
        self.unread.iter().cloned().chain(self.disk.findings()).collect()
    }
}

impl Library {
    /// Reads the flows again from the same files and folders, checks them, and takes them over all at once. New files
    /// are found, and the flows of deleted files are removed. A flow that is broken on disk and was good before stays
    /// as it was. So do all flows of a given folder or file that is missing or unreadable, since it may be about to be
    /// replaced. A library that was not read from files keeps its flows.
    ///
    /// Tasks are not disturbed: each keeps the definition it is pinned to. Only changed flows are checked, so this
    /// takes a few milliseconds for hundreds of flows. Concurrent calls wait for each other.
    pub fn reload(&self) -> Reload {
        let mut origin = self.origin();
        let told = origin.findings();
        let before = self.snapshot();
        let mut lost = Vec::new();
        if !origin.paths.is_empty() {
            let Origin { paths, disk, unread } = &mut *origin;
            let read = read::paths(paths, &known(disk));
            let files = with_lost(read.files, &read.lost, disk);
            *disk = Arc::new(Snapshot::after(disk, files));
            (*unread, lost) = (read.findings, read.lost);
        }
        let (live, mut kept) = replace::merge(&before, &origin.disk);
        self.publish(Arc::clone(&live));
        let stands = origin.disk.files.iter().filter(|file| lost.contains(&file.root));
        kept.extend(stands.flat_map(|file| &file.names).filter(|name| is_good(&live, name)).cloned());
        kept.sort();
        kept.dedup();
        let findings = origin.findings();
        let same_findings = are_same(&told, &findings);
        Reload { kept, findings, same_findings, ..difference(&before, &live) }
    }

    /// From the next [`reload`](Self::reload) on, reads flows from other paths.
    #[cfg(feature = "workbench")]
    pub(crate) fn read_from(&self, paths: Vec<PathBuf>) {
        self.origin().paths = paths;
    }

    /// The paths from which the flows were read, as given; empty if they are in no file.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.origin().paths.clone()
    }
}

/// The content of the readable files, by path.
fn known(snapshot: &Snapshot) -> HashMap<&Path, &Arc<TextRead>> {
    let whole = snapshot.files.iter().filter(|file| file.text.is_whole);
    whole.filter_map(|file| Some((file.path.as_deref()?, &file.text))).collect()
}

/// The files that were read, and for lost paths those that were read there before.
fn with_lost(read: Vec<FileRead>, lost: &[usize], older: &Snapshot) -> Vec<FileRead> {
    if lost.is_empty() {
        return read;
    }
    let again =
        |file: &SnapshotFile| FileRead { path: file.path.clone(), root: file.root, text: Arc::clone(&file.text) };
    let stood: Vec<FileRead> = older.files.iter().filter(|file| lost.contains(&file.root)).map(again).collect();
    let stands_in = |file: &FileRead| stood.iter().any(|stood| stood.root == file.root);
    let mut files: Vec<FileRead> = read.into_iter().filter(|file| !stands_in(file)).collect();
    files.extend(stood);
    // In the order of the paths, and of the files in each.
    files.sort_by_key(|file| file.root);
    files
}

fn is_good(snapshot: &Snapshot, name: &Name) -> bool {
    matches!(snapshot.get(name), Some(Entry::Good(_)))
}

fn are_same(findings: &[Finding], others: &[Finding]) -> bool {
    let same = |(a, b): (&Finding, &Finding)| {
        (a.severity, a.span, &a.message, &a.help) == (b.severity, b.span, &b.message, &b.help)
            && a.source.name() == b.source.name()
    };
    findings.len() == others.len() && findings.iter().zip(others).all(same)
}

/// The flows that are new, changed or gone.
fn difference(before: &Snapshot, after: &Snapshot) -> Reload {
    let mut reload = Reload::default();
    for (name, place) in &after.flows {
        match before.flows.get(name) {
            None => reload.added.push(name.clone()),
            Some(old) => {
                let (old, new) = (&old.document.document, &place.document.document);
                if !Arc::ptr_eq(old, new) && !is_same_definition(old, new) {
                    reload.changed.push(name.clone());
                }
            }
        }
    }
    reload.removed = before.flows.keys().filter(|name| !after.flows.contains_key(*name)).cloned().collect();
    reload
}

impl Snapshot {
    /// Combines what was read after `older` with its checks, as far as they still hold.
    fn after(older: &Self, read: Vec<FileRead>) -> Self {
        let mut snapshot = Self::new(read, &older.context);
        let differ = snapshot.signatures_that_differ(older);
        let any_gone = older.flows.keys().any(|name| !snapshot.flows.contains_key(name));
        let holds = |checked: &Checked| match checked {
            // Its check depends on the flows it starts; its tests may name any flow.
            (Some(flow), _) => {
                !flow.starts.iter().any(|name| differ.contains(name)) && (flow.tests.is_empty() || !any_gone)
            }
            // It is not known which flows it starts.
            (None, _) => differ.is_empty(),
        };
        for (name, place) in &mut snapshot.flows {
            let Some(old) = older.flows.get(name).map(|place| &place.document) else { continue };
            if !Arc::ptr_eq(&old.document, &place.document.document) {
                continue;
            }
            if let Some(checked) = old.checked.get().filter(|checked| holds(checked)) {
                let is_same =
                    Arc::ptr_eq(&old.reading, &place.document.reading) && old.misread == place.document.misread;
                place.document =
                    if is_same { Arc::clone(old) } else { Arc::new(place.document.checked_as(checked.clone())) };
            }
        }
        snapshot
    }

    /// The names of the flows whose signature differs from that in `other`, or that are in one of the two only.
    pub(super) fn signatures_that_differ(&self, other: &Self) -> HashSet<Name> {
        let of = |snapshot: &Self| -> HashMap<Name, Signature> {
            snapshot.signatures.iter().map(|signature| (signature.name.clone(), signature.clone())).collect()
        };
        if self.signatures == other.signatures {
            return HashSet::new();
        }
        let (own, others) = (of(self), of(other));
        own.keys().chain(others.keys()).filter(|name| own.get(*name) != others.get(*name)).cloned().collect()
    }

    /// The flows that start one of `names`, directly or through others, in order.
    pub(super) fn starters(&self, names: &[Name]) -> Vec<Name> {
        let mut starters: HashMap<Name, Vec<Name>> = HashMap::new();
        for (name, place) in &self.flows {
            for started in self.checked(&place.document).0.iter().flat_map(|flow| &flow.starts) {
                starters.entry(started.clone()).or_default().push(name.clone());
            }
        }
        let mut found = HashSet::new();
        let mut open: Vec<Name> = names.to_vec();
        while let Some(started) = open.pop() {
            for name in starters.get(&started).into_iter().flatten() {
                if found.insert(name.clone()) {
                    open.push(name.clone());
                }
            }
        }
        let mut found: Vec<Name> = found.into_iter().collect();
        found.sort();
        found
    }
}
