//! The live flows read again, from where they were read before. What has not changed costs little more than its reading:
//! a text that is the same keeps its documents, and a flow its check, unless flows have changed that it was checked with.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::Finding;
use crate::flow::{Signature, is_same_definition};
use crate::name::Name;

use super::read::{self, FileRead, TextRead};
use super::shelf::{Checked, Shelf, ShelfFile};
use super::{Entry, Library, replace};

/// What a reload brought.
#[derive(Clone, Default, Debug)]
pub struct Reload {
    /// Flows that were not there before; broken ones too.
    pub added: Vec<Name>,
    /// Flows whose definition is another one than before, by its digest.
    pub changed: Vec<Name>,
    /// Flows that are not there any more.
    pub removed: Vec<Name>,
    /// Flows that cannot be used as they are on disk, or were read from what is not there at the moment: the last good
    /// ones stay live.
    pub kept: Vec<Name>,
    /// All that is wrong with the files as they are on disk now, warnings too: first what cannot be read at all, then file
    /// by file, in order of place.
    pub findings: Vec<Finding>,
    /// Whether the findings are those of before.
    same_findings: bool,
}

impl Reload {
    /// Whether it brought nothing: all flows and findings are those of before.
    pub fn is_empty(&self) -> bool {
        self.same_findings && self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Where the flows of a library were read from, and what stood there.
#[derive(Clone, Default)]
pub(super) struct Origin {
    /// The paths, as they were given.
    pub(super) paths: Vec<PathBuf>,
    /// The flows as they are on disk, broken ones in place of those that are kept.
    disk: Arc<Shelf>,
    /// The paths that could not be read.
    unread: Vec<Finding>,
}

impl Origin {
    pub(super) const fn of(paths: Vec<PathBuf>, disk: Arc<Shelf>, unread: Vec<Finding>) -> Self {
        Self { paths, disk, unread }
    }

    fn findings(&self) -> Vec<Finding> {
        self.unread.iter().cloned().chain(self.disk.findings()).collect()
    }
}

impl Library {
    /// Reads the flows again from the files and folders that they were read from, checks them, and takes them over, all at
    /// once. New files are seen, and the flows of deleted ones are gone. A flow that is broken on disk and was good before
    /// stays as it was; so do all flows of a folder or file that was named and is not there, or cannot be read: it may be
    /// about to be replaced. The flows of a library that was read from nowhere stay.
    ///
    /// Tasks are undisturbed: each keeps the definition it is pinned to. Only what has changed is checked, so that this
    /// costs a few milliseconds for hundreds of flows. Of calls at the same time each waits for the one before.
    pub fn reload(&self) -> Reload {
        let mut origin = self.origin();
        let told = origin.findings();
        let before = self.shelf();
        let mut lost = Vec::new();
        if !origin.paths.is_empty() {
            let Origin { paths, disk, unread } = &mut *origin;
            let read = read::paths(paths, &known(disk));
            let files = with_lost(read.files, &read.lost, disk);
            *disk = Arc::new(Shelf::after(disk, files));
            (*unread, lost) = (read.findings, read.lost);
        }
        let (live, mut kept) = replace::merge(&before, &origin.disk);
        self.put_up(Arc::clone(&live));
        let stands = origin.disk.files.iter().filter(|file| lost.contains(&file.root));
        kept.extend(stands.flat_map(|file| &file.names).filter(|name| is_good(&live, name)).cloned());
        kept.sort();
        kept.dedup();
        let findings = origin.findings();
        let same_findings = are_same(&told, &findings);
        Reload { kept, findings, same_findings, ..difference(&before, &live) }
    }

    /// The paths that the flows were read from, as they were given; none if they stand in no file.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.origin().paths.clone()
    }
}

/// What the files hold that could be read, by their paths.
fn known(shelf: &Shelf) -> HashMap<&Path, &Arc<TextRead>> {
    let whole = shelf.files.iter().filter(|file| file.text.is_whole);
    whole.filter_map(|file| Some((file.path.as_deref()?, &file.text))).collect()
}

/// The files that were read, and in place of those of lost paths what was read there before.
fn with_lost(read: Vec<FileRead>, lost: &[usize], older: &Shelf) -> Vec<FileRead> {
    if lost.is_empty() {
        return read;
    }
    let again = |file: &ShelfFile| FileRead { path: file.path.clone(), root: file.root, text: Arc::clone(&file.text) };
    let stood: Vec<FileRead> = older.files.iter().filter(|file| lost.contains(&file.root)).map(again).collect();
    let stands_in = |file: &FileRead| stood.iter().any(|stood| stood.root == file.root);
    let mut files: Vec<FileRead> = read.into_iter().filter(|file| !stands_in(file)).collect();
    files.extend(stood);
    // In order of the paths, and of the files in each.
    files.sort_by_key(|file| file.root);
    files
}

fn is_good(shelf: &Shelf, name: &Name) -> bool {
    matches!(shelf.get(name), Some(Entry::Good(_)))
}

fn are_same(findings: &[Finding], others: &[Finding]) -> bool {
    let same = |(a, b): (&Finding, &Finding)| {
        (a.severity, a.span, &a.message, &a.help) == (b.severity, b.span, &b.message, &b.help)
            && a.source.name() == b.source.name()
    };
    findings.len() == others.len() && findings.iter().zip(others).all(same)
}

/// What is there that was not, is another one, and is gone.
fn difference(before: &Shelf, after: &Shelf) -> Reload {
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

impl Shelf {
    /// Puts up what was read after `older`, with its checks as far as they hold.
    fn after(older: &Self, read: Vec<FileRead>) -> Self {
        let mut shelf = Self::new(read, &older.surroundings);
        let differ = shelf.signatures_that_differ(older);
        let any_gone = older.flows.keys().any(|name| !shelf.flows.contains_key(name));
        let holds = |checked: &Checked| match checked {
            // The flows it starts are told of it. Its tests may name any other.
            (Some(flow), _) => {
                !flow.starts.iter().any(|name| differ.contains(name)) && (flow.tests.is_empty() || !any_gone)
            }
            // Which flows it starts is not known.
            (None, _) => differ.is_empty(),
        };
        for (name, place) in &mut shelf.flows {
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
        shelf
    }

    /// The names of the flows that show others another face here than in `other`, or are in one of both only.
    pub(super) fn signatures_that_differ(&self, other: &Self) -> HashSet<Name> {
        let of = |shelf: &Self| -> HashMap<Name, Signature> {
            shelf.signatures.iter().map(|signature| (signature.name.clone(), signature.clone())).collect()
        };
        if self.signatures == other.signatures {
            return HashSet::new();
        }
        let (own, others) = (of(self), of(other));
        own.keys().chain(others.keys()).filter(|name| own.get(*name) != others.get(*name)).cloned().collect()
    }

    /// The flows that start one of `names`, themselves or through others, in order.
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
