//! Where to watch for changes of some paths. Not the file itself, because each save by rename makes a new one, but its
//! folder; and each link on the way, because it may be changed to lead elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::super::read;

/// Links on the way to one place.
const MAX_LINKS: usize = 40;

/// The folders to watch, by their real paths.
#[derive(Default)]
pub(super) struct Places(BTreeMap<PathBuf, Folder>);

/// What is relevant in a folder.
#[derive(Default)]
struct Folder {
    /// The given paths that lead to it, if all of its files are relevant.
    given: Vec<PathBuf>,
    /// Files that are relevant by themselves, with their given paths.
    files: BTreeMap<OsString, Vec<PathBuf>>,
    /// Links and folders on the way to another place. When one changes, the places to watch change.
    ways: BTreeSet<OsString>,
}

/// The meaning of a change on disk.
#[derive(Default)]
pub(super) struct Meaning {
    /// Files that may have changed, by their given paths.
    pub(super) files: Vec<PathBuf>,
    /// Whether a path leads elsewhere now.
    pub(super) ways: bool,
}

impl Places {
    /// Where to watch for changes of `paths`: all YAML files of a folder, or a file and its tests.
    pub(super) fn of(paths: &[PathBuf]) -> Self {
        let mut places = Self::default();
        for path in paths {
            let Some(end) = places.follow(path) else { continue };
            if end.is_dir() {
                places.way(&end);
                places.add_folder(path, end);
            } else {
                places.add_file(path, &end);
            }
        }
        places
    }

    /// The folders, each with whether changes inside it are relevant, and not only the path through it.
    pub(super) fn folders(&self) -> impl Iterator<Item = (&Path, bool)> {
        self.0.iter().map(|(path, folder)| (path.as_path(), !folder.given.is_empty() || !folder.files.is_empty()))
    }

    /// What a change at `path` means.
    pub(super) fn meaning(&self, path: &Path, meaning: &mut Meaning) {
        // The folder itself was moved or deleted.
        meaning.ways |= self.0.contains_key(path);
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return };
        let Some(folder) = self.0.get(parent) else { return };
        meaning.ways |= folder.ways.contains(name);
        if read::is_meant(Path::new(name)) {
            meaning.files.extend(folder.given.iter().map(|given| given.join(name)));
        }
        meaning.files.extend(folder.files.get(name).into_iter().flatten().cloned());
    }

    fn add_folder(&mut self, given: &Path, end: PathBuf) {
        for entry in fs::read_dir(&end).into_iter().flatten().flatten() {
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if is_link && read::is_meant(&entry.path()) {
                let called = given.join(entry.file_name());
                if let Some(target) = self.follow(&entry.path()) {
                    self.file(&target, &called);
                }
            }
        }
        self.0.entry(end).or_default().given.push(given.to_path_buf());
    }

    fn add_file(&mut self, given: &Path, end: &Path) {
        self.file(end, given);
        // The folder in which the file was given; its tests are there, too.
        let beside = given.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Some(folder) = self.follow(beside) else { return };
        self.way(&folder);
        for tests in read::names_of_tests(given) {
            if let Some(name) = tests.file_name() {
                self.file(&folder.join(name), &tests);
            }
        }
    }

    /// Adds a single file.
    fn file(&mut self, place: &Path, called: &Path) {
        if let (Some(parent), Some(name)) = (place.parent(), place.file_name()) {
            let folder = self.0.entry(parent.to_path_buf()).or_default();
            folder.files.entry(name.to_owned()).or_default().push(called.to_path_buf());
        }
    }

    /// Adds a link or folder on the way.
    fn way(&mut self, place: &Path) {
        if let (Some(parent), Some(name)) = (place.parent(), place.file_name()) {
            self.0.entry(parent.to_path_buf()).or_default().ways.insert(name.to_owned());
        }
    }

    /// Follows a path and records the links on it. None if it does not exist; then the first missing part is recorded.
    fn follow(&mut self, path: &Path) -> Option<PathBuf> {
        let path = std::path::absolute(path).ok()?;
        let mut left = steps(&path);
        let mut reached = PathBuf::new();
        let mut links = 0_usize;
        while let Some(step) = left.pop() {
            match Path::new(&step).components().next() {
                Some(Component::Normal(name)) => {
                    let next = reached.join(name);
                    let Ok(about) = fs::symlink_metadata(&next) else {
                        self.way(&next);
                        return None;
                    };
                    if !about.is_symlink() {
                        reached = next;
                        continue;
                    }
                    self.way(&next);
                    links += 1;
                    let target = fs::read_link(&next).ok().filter(|_| links <= MAX_LINKS)?;
                    left.extend(steps(&target));
                }
                Some(Component::ParentDir) => {
                    reached.pop();
                }
                Some(Component::CurDir) | None => {}
                // An absolute path starts from the root.
                Some(Component::RootDir | Component::Prefix(_)) => reached.push(&step),
            }
        }
        Some(reached)
    }
}

/// The components of a path, the first one last.
fn steps(path: &Path) -> Vec<OsString> {
    let mut steps: Vec<OsString> = path.components().map(|step| OsStr::to_owned(step.as_os_str())).collect();
    steps.reverse();
    steps
}
