//! Flows that are checked and tested together, and their current results. A change updates it: what is affected is
//! checked and tested again, the rest keeps its results.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Finding, Source};
use crate::flow::{CheckContext, Flow, Test};
use crate::library::{Beside, Entry, Library, Reload};
use crate::name::Name;
use crate::testing::{self, Coverage, Reached, TestOptions, TestReport, TestResult};

use super::check::belongs_to;

/// Flows that see each other, with their tests.
pub struct FlowSet {
    library: Library,
    /// The given files and folders.
    asked: Vec<PathBuf>,
    /// These, and the folders of given files, since flows may start their neighbours.
    among: Vec<PathBuf>,
    /// Whether files without flows are ignored.
    only_with_flows: bool,
    /// The findings in flow files, including neighbours.
    found: Vec<Finding>,
    /// The broken flows whose last good definition is kept.
    kept: HashSet<Name>,
    /// The test files.
    files: Vec<(PathBuf, TestFile)>,
    /// Whether any of them has changed since the last reading.
    files_changed: bool,
    /// The results of the tests of each flow, in order.
    results: HashMap<Name, Vec<TestResult>>,
    /// The text of each flow when it was tested.
    tested: HashMap<Name, Arc<Source>>,
    reached: Reached,
}

/// A test file as it was read.
#[derive(Default)]
struct TestFile {
    /// Its text, or why there is none.
    text: Option<Result<Arc<Source>, Finding>>,
    /// The flows that it names.
    named: Vec<Name>,
    tests: Vec<(Arc<Flow>, Vec<Arc<Test>>)>,
    findings: Vec<Finding>,
}

/// The result of a reload.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reloaded {
    /// What changed in the live flows.
    pub reload: Reload,
    /// The flows whose tests were run.
    pub tested: HashSet<Name>,
    /// Whether nothing has changed.
    pub is_idle: bool,
}

/// A flow and its results.
#[derive(Debug)]
#[non_exhaustive]
pub struct FlowRow<'a> {
    /// Its name.
    pub name: Name,
    /// Whether it can be run.
    pub standing: Standing,
    /// The latest results of its tests.
    pub tests: &'a [TestResult],
}

/// Whether a flow can be run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// As it is in its file.
    Good,
    /// As it was before it was broken.
    Kept,
    /// Not at all.
    Broken,
}

impl FlowSet {
    /// Reads and checks the flows of the files and folders `asked` among those of the folders `neighbours`, without
    /// testing.
    pub fn open(asked: &[PathBuf], neighbours: &[PathBuf], context: &CheckContext) -> Self {
        let mut among: Vec<PathBuf> = asked.iter().filter(|path| !Library::is_file_of_tests(path)).cloned().collect();
        among.extend_from_slice(neighbours);
        let (library, found) = Library::load(&paths(&among), context);
        Self {
            library,
            asked: asked.to_vec(),
            among,
            only_with_flows: false,
            found,
            kept: HashSet::new(),
            files: Vec::new(),
            files_changed: false,
            results: HashMap::new(),
            tested: HashMap::new(),
            reached: Reached::default(),
        }
    }

    /// The same, but files without flows are ignored.
    #[must_use]
    pub fn only_with_flows(self) -> Self {
        Self { only_with_flows: true, ..self }
    }

    /// The live flows.
    pub const fn library(&self) -> &Library {
        &self.library
    }

    /// What must be watched.
    pub fn watched(&self) -> impl Iterator<Item = &PathBuf> {
        self.among.iter().chain(self.asked.iter().filter(|path| Library::is_file_of_tests(path)))
    }

    /// Leaves out folders that are gone, and looks into new ones from the next reload on.
    pub fn look_in(&mut self, gone: &[PathBuf], new: &[PathBuf]) {
        for paths in [&mut self.asked, &mut self.among] {
            paths.retain(|path| !gone.contains(path));
            paths.extend_from_slice(new);
        }
        self.library.read_from(self.among.clone());
    }

    /// Runs all tests.
    pub fn test_all(&mut self, options: &TestOptions) -> HashSet<Name> {
        self.test(self.library.names().into_iter().collect(), options)
    }

    /// Reads the files as they are now, and runs the tests of what changed: of new and changed flows, of those that
    /// start them, and of those whose test files changed.
    pub fn reload(&mut self, options: &TestOptions) -> Reloaded {
        let reload = self.library.reload();
        self.found.clone_from(&reload.findings);
        self.kept = reload.kept.iter().cloned().collect();
        let touched = [&reload.added[..], &reload.changed, &reload.removed].concat();
        let mut again: HashSet<Name> = self.library.starters(&touched).into_iter().collect();
        again.extend(touched);
        // If its file has changed, so have the places of its tests.
        again.extend(self.library.names().into_iter().filter(|name| !self.is_as_tested(name)));
        let tested = self.test(again, options);
        Reloaded { is_idle: reload.is_empty() && tested.is_empty() && !self.files_changed, reload, tested }
    }

    /// Whether a flow has the same text as when it was last tested, if it can be tested.
    fn is_as_tested(&self, name: &Name) -> bool {
        match (self.library.get(name), self.tested.get(name)) {
            (Some(Entry::Good(now)), Some(then)) => Arc::ptr_eq(&now.source, then),
            (Some(Entry::Good(_)), None) => false,
            (_, then) => then.is_none(),
        }
    }

    /// Runs the tests of the flows `again`, and of those whose test files changed.
    fn test(&mut self, mut again: HashSet<Name>, options: &TestOptions) -> HashSet<Name> {
        self.files_changed = false;
        self.read_files(&mut again);
        let (mut flows, mut only) = self.flows();
        flows.retain(|name| again.contains(name));
        only.retain(|name| again.contains(name));
        let tests = self.files.iter().flat_map(|(_, file)| &file.tests);
        let tests = tests.filter(|(flow, _)| again.contains(&flow.name)).cloned().collect();
        let beside = Beside { tests, ..Beside::default() };
        let report = testing::run_again(&self.library, &flows, &only, beside, options, &mut self.reached);
        for name in &again {
            self.results.remove(name);
            match self.library.get(name) {
                Some(Entry::Good(flow)) => drop(self.tested.insert(name.clone(), Arc::clone(&flow.source))),
                _ => {
                    self.tested.remove(name);
                    self.reached.forget(name);
                }
            }
        }
        for result in report.tests {
            self.results.entry(result.flow.clone()).or_default().push(result);
        }
        flows.into_iter().chain(only).collect()
    }

    /// Reads the test files that changed or belong to one of the flows `again`; adds the flows that the changed ones
    /// name or named.
    fn read_files(&mut self, again: &mut HashSet<Name>) {
        let mut before: HashMap<PathBuf, TestFile> = std::mem::take(&mut self.files).into_iter().collect();
        let mut changed = Vec::new();
        for path in Library::test_files(&paths(&self.asked)) {
            let text = Library::text_of_tests(&path);
            let known = before.remove(&path).unwrap_or_default();
            let is_same = known.is_same(&text);
            if is_same && !known.named.iter().any(|name| again.contains(name)) {
                self.files.push((path, known));
                continue;
            }
            let file = self.read_file(text);
            if !is_same {
                self.files_changed = true;
                changed.extend(known.named);
                changed.extend(file.named.iter().cloned());
            }
            self.files.push((path, file));
        }
        for (path, file) in before {
            // A missing folder may be about to be replaced: its flows are kept, and so are their tests.
            if is_folder_there(&path) {
                self.files_changed = true;
                changed.extend(file.named);
            } else {
                self.files.push((path, file));
            }
        }
        again.extend(changed);
    }

    fn read_file(&self, text: Result<Arc<Source>, Finding>) -> TestFile {
        let mut beside = Beside::default();
        match &text {
            Ok(source) => self.library.read_tests(source, &mut beside),
            Err(finding) => beside.findings.push(finding.clone()),
        }
        TestFile { text: Some(text), named: beside.named, tests: beside.tests, findings: beside.findings }
    }

    /// The flows that were asked for, in their order; and those that are asked for by a file of tests alone, without what
    /// stands in them.
    fn flows(&self) -> (Vec<Name>, Vec<Name>) {
        let is_meant = belongs_to(&self.asked);
        let own = self.library.files_with_flows().into_iter().filter(|(file, _)| is_meant(file));
        let flows: Vec<Name> = own.flat_map(|(_, flows)| flows).collect();
        let mut seen: HashSet<&Name> = flows.iter().collect();
        let named = self.files.iter().flat_map(|(_, file)| &file.tests).map(|(flow, _)| &flow.name);
        let only = named.filter(|name| seen.insert(name)).cloned().collect();
        (flows, only)
    }

    /// Every test that was run, in the order of the files.
    pub fn tests(&self) -> Vec<&TestResult> {
        let (flows, only) = self.flows();
        flows.iter().chain(&only).filter_map(|name| self.results.get(name)).flatten().collect()
    }

    /// The flows that were asked for, as they stand.
    pub fn rows(&self) -> Vec<FlowRow<'_>> {
        let row = |name: Name| {
            let standing = match self.library.get(&name) {
                Some(Entry::Good(_)) if self.kept.contains(&name) => Standing::Kept,
                Some(Entry::Good(_)) => Standing::Good,
                _ => Standing::Broken,
            };
            FlowRow { standing, tests: self.results.get(&name).map(Vec::as_slice).unwrap_or_default(), name }
        };
        self.flows().0.into_iter().map(row).collect()
    }

    /// All that is wrong with what was asked for, as `check` tells it.
    pub fn findings(&self) -> Vec<Finding> {
        let is_meant = belongs_to(&self.asked);
        let own = self.found.iter().filter(|finding| is_meant(finding.source.name()));
        let of_files = self.files.iter().flat_map(|(_, file)| &file.findings);
        let warnings = self.tests().into_iter().flat_map(|test| &test.warnings);
        let all = own.chain(of_files).chain(warnings).cloned().collect();
        each_once(all)
    }

    /// What keeps tests from being run, as `test` tells it.
    pub fn findings_of_tests(&self) -> Vec<Finding> {
        let is_meant = belongs_to(&self.asked);
        let own = self.found.iter().filter(|finding| finding.is_error() && is_meant(finding.source.name()));
        let mut all: Vec<Finding> = own.cloned().collect();
        let (flows, only) = self.flows();
        for name in flows.iter().chain(&only) {
            if let Some(Entry::Broken(found)) = self.library.get(name) {
                all.extend(found.iter().cloned());
            }
        }
        all.extend(self.files.iter().flat_map(|(_, file)| &file.findings).cloned());
        all.extend(self.tests().into_iter().flat_map(|test| &test.warnings).cloned());
        let mut all = each_once(all);
        if self.only_with_flows {
            let files = self.library.files().into_iter();
            let with_flows: HashSet<String> = files.filter_map(|(name, flows)| (flows > 0).then_some(name)).collect();
            all.retain(|finding| with_flows.contains(finding.source.name()));
        }
        all
    }

    /// Whether any of the given flows can be tested.
    pub fn has_flows(&self) -> bool {
        self.flows().0.iter().any(|name| matches!(self.library.get(name), Some(Entry::Good(_))))
    }

    /// What the tests reached.
    pub fn coverage(&self) -> Coverage {
        let (flows, only) = self.flows();
        self.reached.of(&self.library, &[flows, only].concat())
    }

    /// The results of the tests only.
    pub fn into_report(mut self) -> TestReport {
        let (findings, coverage, (flows, only)) = (self.findings_of_tests(), self.coverage(), self.flows());
        let tests = flows.iter().chain(&only).filter_map(|name| self.results.remove(name)).flatten().collect();
        TestReport { tests, coverage, findings }
    }
}

impl TestFile {
    /// Whether this was read from the same text.
    fn is_same(&self, text: &Result<Arc<Source>, Finding>) -> bool {
        match (&self.text, text) {
            (Some(Ok(own)), Ok(other)) => own.text() == other.text(),
            (Some(Err(own)), Err(other)) => own.message == other.message,
            _ => false,
        }
    }
}

/// A check and a run may find the same.
fn each_once(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    findings.retain(|finding| seen.insert(format!("{}:{}", finding.span.start, finding)));
    findings
}

fn is_folder_there(file: &Path) -> bool {
    file.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
}

fn paths(paths: &[PathBuf]) -> Vec<&Path> {
    paths.iter().map(PathBuf::as_path).collect()
}
