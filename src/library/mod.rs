//! The live flows: read from a folder or a file, checked together, found by name, and replaced as a whole.

mod beside;
mod read;
mod reload;
mod replace;
mod snapshot;
#[cfg(test)]
mod tests;
#[cfg(feature = "watch")]
mod watch;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::diagnostic::{Finding, Source};
use crate::flow::{CheckContext, Flow};
use crate::name::{Name, nearest};

pub(crate) use beside::Beside;
pub use reload::Reload;
#[cfg(feature = "watch")]
pub use watch::{ChangedFiles, WatchError, Watcher};

use reload::Origin;
use snapshot::Snapshot;

/// The live flows. Cheap to clone; clones see the same flows. Readers get whole flows and hold no lock while they use
/// them. A flow is checked when it is first asked for, unless all were checked while loading.
#[derive(Clone, Default)]
pub struct Library(Arc<Inner>);

#[derive(Default)]
struct Inner {
    live: RwLock<Arc<Snapshot>>,
    /// Where they were read from. Held while flows are replaced.
    origin: Mutex<Origin>,
}

/// A flow of a library, or why it is not usable.
#[derive(Clone)]
pub enum Entry {
    /// It passed every check.
    Good(Arc<Flow>),
    /// It is broken, or it starts a broken flow: the findings from reading its file and from checking it.
    Broken(Arc<Vec<Finding>>),
}

impl Library {
    /// The text of a file, or of every flow file and test file (`.test.yml`) of a folder, ordered by name; or why it
    /// cannot be read.
    pub fn texts(path: &Path) -> Vec<Result<(PathBuf, Arc<Source>), Finding>> {
        read::texts(path)
    }

    /// Reads and checks all flow files of folders (`.yml`, `.yaml`, but not `.test.yml`; without subfolders) and files,
    /// together: names are unique among them, and each may start the others. Returns all findings, file by file, with
    /// the library.
    pub fn load(paths: &[&Path], context: &CheckContext) -> (Self, Vec<Finding>) {
        let (library, mut findings) = Self::open(paths, context);
        findings.extend(library.findings());
        (library, findings)
    }

    /// The same, but a flow is checked when it is asked for. Only unreadable paths are findings here.
    pub fn open(paths: &[&Path], context: &CheckContext) -> (Self, Vec<Finding>) {
        let read = read::paths(paths, &HashMap::new());
        let findings = read.findings.clone();
        let disk = Arc::new(Snapshot::new(read.files, context));
        let origin = Origin::of(paths.iter().map(PathBuf::from).collect(), Arc::clone(&disk), read.findings);
        (Self(Arc::new(Inner { live: RwLock::new(disk), origin: Mutex::new(origin) })), findings)
    }

    /// A library of flows that are in no file, or were read already.
    pub fn of_sources(sources: impl IntoIterator<Item = Arc<Source>>, context: &CheckContext) -> Self {
        let file = |source| read::FileRead { path: None, root: 0, text: Arc::new(read::TextRead::of(source)) };
        Self::holding(Snapshot::new(sources.into_iter().map(file).collect(), context))
    }

    /// Checks every flow and gives all findings, file by file, in order of their place.
    pub fn findings(&self) -> Vec<Finding> {
        self.snapshot().findings()
    }

    /// A flow by name.
    pub fn get(&self, name: &str) -> Option<Entry> {
        // No flow is checked under the lock.
        let known = self.0.live.read().unwrap_or_else(PoisonError::into_inner).known(name);
        known.or_else(|| self.snapshot().get(name))
    }

    /// The names of all flows, broken ones included, in order.
    pub fn names(&self) -> Vec<Name> {
        self.snapshot().names().cloned().collect()
    }

    /// The names of the flows that are written with a schedule, broken ones included, in order.
    pub fn scheduled(&self) -> Arc<[Name]> {
        self.snapshot().scheduled()
    }

    /// The name of a flow most similar to `name`, if one is similar enough to be meant.
    pub fn nearest(&self, name: &str) -> Option<Name> {
        nearest(name, self.snapshot().names().map(Name::as_str)).map(Name::from)
    }

    /// The first flow of a loaded file. If no flow of it can be read, the findings say why.
    pub fn first_of(&self, path: &Path) -> Result<Name, Vec<Finding>> {
        self.snapshot().first_of(path)
    }

    /// The flows of a loaded file, in order.
    pub fn names_of(&self, path: &Path) -> Vec<Name> {
        self.snapshot().names_of(path)
    }

    /// The files that were read, by their names in findings, each with the number of its flows.
    pub fn files(&self) -> Vec<(String, usize)> {
        let count = |file: &snapshot::SnapshotFile| (file.source.name().to_owned(), file.names.len());
        self.snapshot().files.iter().map(count).collect()
    }

    /// The name of a file in findings: its path as given, without a leading `./`.
    pub fn name_of(path: &Path) -> String {
        read::name_of(path)
    }

    /// The flow file that may have been meant by a path that does not exist, if there is one.
    pub fn nearest_file(path: &Path) -> Option<PathBuf> {
        read::nearest_file(path)
    }

    /// Takes over the flows of `newer` and where they were read from, all at once. A flow that is broken in `newer` and
    /// was good before stays as it was; returns the names of these.
    pub fn replace(&self, newer: &Self) -> Vec<Name> {
        let from = newer.origin().clone();
        let mut origin = self.origin();
        let (snapshot, kept) = replace::merge(&self.snapshot(), &newer.snapshot());
        self.publish(snapshot);
        *origin = from;
        kept
    }

    /// The flows that start one of `names`, directly or through others, in order.
    pub fn starters(&self, names: &[Name]) -> Vec<Name> {
        self.snapshot().starters(names)
    }

    /// The files that were read, by their names in findings, each with its flows.
    #[cfg(feature = "workbench")]
    pub(crate) fn files_with_flows(&self) -> Vec<(String, Vec<Name>)> {
        self.snapshot().files.iter().map(|file| (file.source.name().to_owned(), file.names.clone())).collect()
    }

    /// Whether a path is that of a test file: `NAME.test.yml`.
    #[cfg(feature = "workbench")]
    pub(crate) fn is_file_of_tests(path: &Path) -> bool {
        read::is_test_file(path)
    }

    /// The names of all flows, file by file, in their order in the file.
    pub(crate) fn in_order(&self) -> Vec<Name> {
        self.snapshot().files.iter().flat_map(|file| file.names.iter().cloned()).collect()
    }

    /// The same flows, checked again with other functions and limits.
    pub(crate) fn under(&self, context: &CheckContext) -> Self {
        Self::holding(self.snapshot().under(context))
    }

    /// What the flows are checked with.
    pub(crate) fn context(&self) -> CheckContext {
        self.snapshot().context.clone()
    }

    fn holding(snapshot: Snapshot) -> Self {
        let live = Arc::new(snapshot);
        let origin = Origin::of(Vec::new(), Arc::clone(&live), Vec::new());
        Self(Arc::new(Inner { live: RwLock::new(live), origin: Mutex::new(origin) }))
    }

    fn origin(&self) -> MutexGuard<'_, Origin> {
        self.0.origin.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, snapshot: Arc<Snapshot>) {
        *self.0.live.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.live.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entry {
    /// The flow, or the findings.
    pub fn into_result(self) -> Result<Arc<Flow>, Arc<Vec<Finding>>> {
        match self {
            Self::Good(flow) => Ok(flow),
            Self::Broken(findings) => Err(findings),
        }
    }
}
