//! Test files beside flow files: `NAME.test.yml` for `NAME.yml`. They are read only when flows are checked or tested.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::definition::parse_tests;
use crate::diagnostic::{Finding, Source};
use crate::flow::{Flow, Test, check_tests};
use crate::name::{Name, nearest};

use super::read::{self, same};
use super::{Entry, Library};

/// The tests in files of their own.
#[derive(Default)]
pub(crate) struct Beside {
    /// The files that were read, by their names in findings.
    pub(crate) files: Vec<String>,
    /// The flows that they name, including broken and missing ones.
    pub(crate) named: Vec<Name>,
    /// The tests, in order, each list with its flow.
    pub(crate) tests: Vec<(Arc<Flow>, Vec<Arc<Test>>)>,
    /// What is wrong with any of them.
    pub(crate) findings: Vec<Finding>,
}

impl Library {
    /// The tests of this library's flows in files beside `paths`: all of a folder, those of a flow file, or those of a
    /// test file itself.
    pub(crate) fn tests_beside(&self, paths: &[&Path]) -> Beside {
        let mut beside = Beside::default();
        for file in Self::test_files(paths) {
            beside.files.push(read::name_of(&file));
            match Self::text_of_tests(&file) {
                Ok(source) => self.read_tests(&source, &mut beside),
                Err(finding) => beside.findings.push(finding),
            }
        }
        beside
    }

    /// The tests in files beside those from which this library was read.
    pub(crate) fn all_tests_beside(&self) -> Beside {
        let snapshot = self.snapshot();
        let paths: Vec<&Path> = snapshot.files.iter().filter_map(|file| file.path.as_deref()).collect();
        self.tests_beside(&paths)
    }

    /// The files that [`tests_beside`](Self::tests_beside) reads, each once.
    pub(crate) fn test_files(paths: &[&Path]) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = Vec::new();
        for path in paths {
            if read::is_test_file(path) {
                files.push(path.to_path_buf());
            } else if path.is_dir() {
                files.extend(read::test_files(path).unwrap_or_default());
            } else {
                files.extend(read::tests_of(path));
            }
        }
        let mut seen = std::collections::HashSet::new();
        files.retain(|file| seen.insert(same(file)));
        files
    }

    /// The text of a test file, or why there is none.
    pub(crate) fn text_of_tests(file: &Path) -> Result<Arc<Source>, Finding> {
        Ok(Arc::new(Source::new(read::name_of(file), read::text(file)?)))
    }

    /// Reads the tests of a text, and adds them to `beside`.
    pub(crate) fn read_tests(&self, source: &Arc<Source>, beside: &mut Beside) {
        let (documents, mut findings) = parse_tests(source);
        let snapshot = self.snapshot();
        for tests in documents {
            let Some(name) = &tests.flow else { continue };
            beside.named.push(name.value.clone());
            let Some(place) = snapshot.flows.get(&name.value) else {
                let finding = Finding::error(source, name.span, format!("no flow is called `{}`", name.value));
                let near = nearest(&name.value, snapshot.names().map(|known| known.as_str()));
                findings.push(Finding { help: near.map(|near| format!("did you mean `{near}`?")), ..finding });
                continue;
            };
            // The findings of the flow itself are reported at the flow.
            let Some(Entry::Good(flow)) = self.get(&name.value) else { continue };
            let document = &place.document.document;
            let others = beside.tests.iter().filter(|(tested, _)| tested.name == flow.name);
            let earlier: Vec<_> = flow.tests.iter().chain(others.flat_map(|(_, own)| own)).cloned().collect();
            let (known, context) = (&snapshot.signatures, &snapshot.context);
            let (own, found) = check_tests(&tests, &earlier, (document, &flow), known, context);
            findings.extend(found);
            beside.tests.push((flow, own));
        }
        findings.sort_by_key(|finding| finding.span.start);
        beside.findings.extend(findings);
    }
}
