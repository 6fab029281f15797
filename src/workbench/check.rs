//! All findings in some files, checked among their neighbours.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::Finding;
use crate::flow::CheckContext;
use crate::library::Library;

/// The working folder, which is left out of the names of files.
const HERE: &str = ".";

/// What was checked, and the findings.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// How many files.
    pub files: usize,
    /// How many flows in them.
    pub flows: usize,
    /// All findings in them.
    pub findings: Vec<Finding>,
}

/// Checks `paths`. Files are checked among the flows of the folders `neighbours`, since they may start each other's
/// flows; the findings of neighbours are not reported.
pub fn check(paths: &[PathBuf], neighbours: &[PathBuf], context: &CheckContext) -> Checked {
    let own = paths.iter().filter(|path| !Library::is_file_of_tests(path));
    let among: Vec<&Path> = own.chain(neighbours).map(PathBuf::as_path).collect();
    let (library, mut findings) = Library::load(&among, context);
    let is_meant = belongs_to(paths);
    findings.retain(|finding| is_meant(finding.source.name()));
    let files = library.files().into_iter().filter(|(name, _)| is_meant(name) && Path::new(name).exists());
    let (files, flows) = files.fold((0, 0), |(files, all), (_, flows)| (files + 1, all + flows));
    let asked: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let beside = library.tests_beside(&asked);
    findings.extend(beside.findings);
    Checked { files: files + beside.files.len(), flows, findings }
}

/// Whether a file, by its name in findings, belongs to `paths`: directly, or through its folder.
pub fn belongs_to(paths: &[PathBuf]) -> impl Fn(&str) -> bool + use<> {
    let bare = |path: &Path| path.strip_prefix(HERE).unwrap_or(path).to_path_buf();
    let folders: HashSet<PathBuf> = paths.iter().filter(|path| path.is_dir()).map(|path| bare(path)).collect();
    let asked: HashSet<String> = paths.iter().map(|path| Library::name_of(path)).collect();
    move |name: &str| {
        asked.contains(name) || Path::new(name).parent().is_some_and(|folder| folders.contains(&bare(folder)))
    }
}
