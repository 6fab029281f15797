//! Where to look for changes of some paths: never at a file itself, which is another one after each save by rename, but at
//! its folder; and at each link on the way, which may lead elsewhere at any time.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::super::read;

/// Links on the way to one place.
const MAX_LINKS: usize = 40;

/// The folders to be watched, by where they really are.
#[derive(Default)]
pub(super) struct Places(BTreeMap<PathBuf, Folder>);

/// What is meant of a folder.
#[derive(Default)]
struct Folder {
    /// What it is called by whoever means all of its files: the path that leads to it.
    given: Vec<PathBuf>,
    /// Files that are meant alone, with what they are called.
    files: BTreeMap<OsString, Vec<PathBuf>>,
    /// Links and folders on the way to another place. When one changes, others are to be watched.
    ways: BTreeSet<OsString>,
}

/// What a change of something on disk means.
#[derive(Default)]
pub(super) struct Meaning {
    /// Files that may have changed, as they are called.
    pub(super) files: Vec<PathBuf>,
    /// Whether a way leads elsewhere now.
    pub(super) ways: bool,
}

impl Places {
    /// Where to look for changes of `paths`: of all YAML files of a folder, or of a file and its tests.
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

    /// The folders, each with whether changes within it are meant, and not only the way through it.
    pub(super) fn folders(&self) -> impl Iterator<Item = (&Path, bool)> {
        self.0.iter().map(|(path, folder)| (path.as_path(), !folder.given.is_empty() || !folder.files.is_empty()))
    }

    /// What a change at `path` means.
    pub(super) fn meaning(&self, path: &Path, meaning: &mut Meaning) {
        // The folder itself was moved, or deleted.
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
        // The folder that it is said to be in, where its tests are, too.
        let beside = given.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Some(folder) = self.follow(beside) else { return };
        self.way(&folder);
        for tests in read::names_of_tests(given) {
            if let Some(name) = tests.file_name() {
                self.file(&folder.join(name), &tests);
            }
        }
    }

    /// A file that is meant alone.
    fn file(&mut self, place: &Path, called: &Path) {
        if let (Some(parent), Some(name)) = (place.parent(), place.file_name()) {
            let folder = self.0.entry(parent.to_path_buf()).or_default();
            folder.files.entry(name.to_owned()).or_default().push(called.to_path_buf());
        }
    }

    /// Something on the way.
    fn way(&mut self, place: &Path) {
        if let (Some(parent), Some(name)) = (place.parent(), place.file_name()) {
            self.0.entry(parent.to_path_buf()).or_default().ways.insert(name.to_owned());
        }
    }

    /// Goes where a path leads, and notes the links on the way. None if it leads nowhere; the first thing that is missing
    /// is noted then.
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
                // What is absolute begins anew.
                Some(Component::RootDir | Component::Prefix(_)) => reached.push(&step),
            }
        }
        Some(reached)
    }
}

/// The steps of a path, the first one last.
fn steps(path: &Path) -> Vec<OsString> {
    let mut steps: Vec<OsString> = path.components().map(|step| OsStr::to_owned(step.as_os_str())).collect();
    steps.reverse();
    steps
}
