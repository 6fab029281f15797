//! Reads files and folders within bounds. Anything that is not a readable flow file is a finding, never a hang.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::definition::{Document, Parsed, parse};
use crate::diagnostic::{Finding, Source, Span};
use crate::name::nearest;

/// Bytes of a file.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// Files of one folder.
const MAX_FILES: usize = 10_000;
/// The configuration of the program. It may be in the folder of flows, but is not a flow.
const CONFIGURATION: &str = "opsflow.yml";

/// The endings of YAML files.
const ENDINGS: [&str; 2] = [".yml", ".yaml"];
/// Precedes the ending in the name of a test file.
const TESTS: &str = ".test";

/// A file that was read.
pub(super) struct FileRead {
    /// Its path, if it has one.
    pub(super) path: Option<PathBuf>,
    /// The index of the given path that led to it.
    pub(super) root: usize,
    /// Its content.
    pub(super) text: Arc<TextRead>,
}

/// The content of a text.
pub(super) struct TextRead {
    pub(super) source: Arc<Source>,
    /// Its flows as authored.
    pub(super) documents: Vec<Arc<Document>>,
    /// Findings from reading it.
    pub(super) findings: Arc<Vec<Finding>>,
    /// Whether it is a whole file, and not a placeholder for one that cannot be read.
    pub(super) is_whole: bool,
}

/// The result of reading some paths.
#[derive(Default)]
pub(super) struct PathsRead {
    /// The files, in the order of the paths.
    pub(super) files: Vec<FileRead>,
    /// Findings for paths that could not be read at all. Findings of a file that was read are kept with it.
    pub(super) findings: Vec<Finding>,
    /// The indexes of paths that do not exist, or are folders that cannot be listed.
    pub(super) lost: Vec<usize>,
}

/// Reads files and folders, each file once, in the given order. A file whose text is the one in `known` reuses what is
/// there.
pub(super) fn paths(paths: &[impl AsRef<Path>], known: &HashMap<&Path, &Arc<TextRead>>) -> PathsRead {
    let mut read = PathsRead::default();
    let mut files: Vec<(usize, PathBuf)> = Vec::new();
    for (root, path) in paths.iter().enumerate() {
        let path = path.as_ref();
        // One look only: it may appear and disappear in between.
        let about = fs::metadata(path);
        if !about.as_ref().is_ok_and(fs::Metadata::is_dir) {
            if about.is_err() {
                read.lost.push(root);
            }
            files.push((root, path.to_path_buf()));
            continue;
        }
        match flow_files(path) {
            Ok(found) => files.extend(found.into_iter().map(|file| (root, file))),
            Err(why) => {
                read.lost.push(root);
                read.findings.push(finding(path, why));
            }
        }
    }
    let mut seen = HashSet::new();
    files.retain(|(_, path)| seen.insert(same(path)));
    for (root, path) in files {
        let given = paths.get(root).is_some_and(|given| given.as_ref() == path);
        let held = match text(&path) {
            Ok(text) => match known.get(path.as_path()).filter(|known| known.source.text() == text) {
                Some(known) => Arc::clone(known),
                None => Arc::new(TextRead::of(Arc::new(Source::new(name_of(&path), text)))),
            },
            // It was deleted after the folder was listed.
            Err(_) if !given && fs::symlink_metadata(&path).is_err() => continue,
            // It is kept in the library, so that a flow that was good before does not count as removed.
            Err(finding) => {
                let source = Arc::clone(&finding.source);
                read.findings.push(finding);
                Arc::new(TextRead { source, documents: Vec::new(), findings: Arc::default(), is_whole: false })
            }
        };
        read.files.push(FileRead { path: Some(path), root, text: held });
    }
    read
}

impl TextRead {
    /// Reads the flows of a text.
    pub(super) fn of(source: Arc<Source>) -> Self {
        let Parsed { documents, findings } = parse(&source);
        let documents = documents.into_iter().map(Arc::new).collect();
        Self { source, documents, findings: Arc::new(findings), is_whole: true }
    }
}

/// Identifies a file: two paths with the same result are the same file.
pub(super) fn same(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// The name of a file in findings: its path as given, without a leading `./`.
pub(super) fn name_of(path: &Path) -> String {
    let short = path.strip_prefix(".").unwrap_or(path);
    let short = if short.as_os_str().is_empty() { path } else { short };
    short.display().to_string()
}

/// The flow file that may have been meant by a path that does not exist: the same path with its ending, or the file of
/// the folder with the most similar name.
pub(super) fn nearest_file(path: &Path) -> Option<PathBuf> {
    let given = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let files = flow_files(folder).ok()?;
    let names: Vec<&str> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    let ended = ENDINGS.map(|ending| format!("{given}{ending}"));
    let [yml, _] = &ended;
    let whole = if given.ends_with(".yml") || given.ends_with(".yaml") { given } else { yml };
    let same = names.iter().copied().find(|name| ended.iter().any(|ended| ended == name));
    let name = same.or_else(|| nearest(whole, names.iter().copied()))?;
    files.iter().find(|file| file.file_name().is_some_and(|other| other == name)).cloned()
}

/// What is wrong with one file, read by itself.
pub(super) fn findings_of(path: &Path) -> Vec<Finding> {
    match text(path) {
        Ok(text) => parse(&Arc::new(Source::new(name_of(path), text))).findings,
        Err(finding) => vec![finding],
    }
}

/// The texts of a file, or of the flow files and test files of a folder.
pub(super) fn texts(path: &Path) -> Vec<Result<(PathBuf, Arc<Source>), Finding>> {
    let files = if path.is_dir() { files_of(path, is_meant) } else { Ok(vec![path.to_path_buf()]) };
    match files {
        Ok(files) => {
            let read =
                |path: PathBuf| text(&path).map(|text| (path.clone(), Arc::new(Source::new(name_of(&path), text))));
            files.into_iter().map(read).collect()
        }
        Err(why) => vec![Err(finding(path, why))],
    }
}

/// The flow files of a folder, ordered by name.
fn flow_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    files_of(folder, is_flow_file)
}

/// The test files of a folder, ordered by name.
pub(super) fn test_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    files_of(folder, is_test_file)
}

/// The files of a folder that `is_meant` accepts, ordered by name.
fn files_of(folder: &Path, is_meant: fn(&Path) -> bool) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|why| format!("the folder cannot be read: {why}"))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|why| format!("the folder cannot be read: {why}"))?.path();
        if is_meant(&path) && !is_hidden(&path) && !path.is_dir() {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            return Err(format!("the folder holds more than {MAX_FILES} flow files (MAX_FILES)"));
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a path is that of a flow file or a test file.
pub(super) fn is_meant(path: &Path) -> bool {
    (is_flow_file(path) || is_test_file(path)) && !is_hidden(path)
}

/// Whether a file's name begins with a dot: editors and other programs keep their own files under such names.
fn is_hidden(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('.'))
}

fn is_flow_file(path: &Path) -> bool {
    let stem = stem(path);
    stem.is_some_and(|stem| !stem.is_empty() && !stem.ends_with(TESTS)) && !path.ends_with(CONFIGURATION)
}

/// Whether a path is that of a test file.
pub(super) fn is_test_file(path: &Path) -> bool {
    stem(path).and_then(|stem| stem.strip_suffix(TESTS)).is_some_and(|name| !name.is_empty())
}

/// The test files beside a flow file.
pub(super) fn tests_of(path: &Path) -> impl Iterator<Item = PathBuf> {
    names_of_tests(path).filter(|file| file.is_file())
}

/// The possible names of test files beside a flow file, whether they exist or not.
pub(super) fn names_of_tests(path: &Path) -> impl Iterator<Item = PathBuf> {
    let names = stem(path).map(|stem| ENDINGS.map(|ending| path.with_file_name(format!("{stem}{TESTS}{ending}"))));
    names.into_iter().flatten()
}

/// The name of a YAML file without its ending.
fn stem(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending))
}

/// The text of a regular file.
pub(super) fn text(path: &Path) -> Result<String, Finding> {
    let bytes = bytes(path).map_err(|why| {
        let near = if path.exists() { None } else { nearest_file(path) };
        Finding { help: near.map(|near| format!("did you mean `{}`?", name_of(&near))), ..finding(path, why) }
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let (good, bad) = error.as_bytes().split_at_checked(error.utf8_error().valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good).into_owned();
        let end = good.len();
        let source = Arc::new(Source::new(name_of(path), good));
        let byte = bad.first().map(|byte| format!(": the byte {byte:#04x} begins no character")).unwrap_or_default();
        Finding::error(&source, Span::new(end, end), format!("the file is not UTF-8{byte}"))
            .with_help("save it as UTF-8")
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |why: io::Error| match why.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        _ => format!("the file cannot be read: {why}"),
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    if about.is_dir() {
        return Err("this is a folder; a flow file was expected".to_owned());
    }
    // Reading a device or a pipe might never end, or never begin.
    if !about.is_file() {
        return Err("this is not a regular file".to_owned());
    }
    let too_large = format!("the file is larger than {MAX_FILE_BYTES} bytes (MAX_FILE_BYTES)");
    if about.len() > MAX_FILE_BYTES {
        return Err(too_large);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE_BYTES {
        return Err(too_large);
    }
    Ok(bytes)
}

fn finding(path: &Path, why: String) -> Finding {
    Finding::error(&Arc::new(Source::new(name_of(path), "")), Span::default(), why)
}
