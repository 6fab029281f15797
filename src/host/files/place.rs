//! Resolves a path and checks that it is inside a granted folder. Links are followed first.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::task::StepFailure;

use super::super::access::Access;
use super::super::failure::BY_LINK;

/// How many parts of a path may be missing.
const MAX_NEW_PARTS: usize = 64;

/// The granted folders as they are on disk now, and the start of relative paths.
pub(super) struct Places {
    granted: Vec<PathBuf>,
    /// The same, as they are written.
    named: Vec<PathBuf>,
    start: PathBuf,
}

impl Places {
    /// The folders granted by `access`. One that does not exist grants nothing yet.
    pub(super) fn of(access: &Access) -> Result<Self, StepFailure> {
        let start = match &access.folder {
            Some(folder) => std::path::absolute(folder),
            None => std::env::current_dir(),
        };
        let start = start.map_err(|error| StepFailure::new("files", format!("the working folder: {error}")))?;
        let named: Vec<PathBuf> = access.grants.folders().map(|folder| start.join(folder)).collect();
        let granted = named.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
        Ok(Self { granted, named, start })
    }

    /// The real path of the file `path`, with links followed. It need not exist; the existing part must be inside.
    pub(super) fn target(&self, path: &Path) -> Result<PathBuf, StepFailure> {
        self.inside(path, false)
    }

    /// The real path of the folder `path`, with links followed.
    pub(super) fn folder(&self, path: &Path) -> Result<PathBuf, StepFailure> {
        self.inside(path, true)
    }

    /// The entry that `path` names, even if it is a link. A granted folder is not an entry of itself.
    pub(super) fn entry(&self, path: &Path) -> Result<PathBuf, StepFailure> {
        let whole = self.start.join(path);
        let (Some(parent), Some(Component::Normal(name))) = (whole.parent(), whole.components().next_back()) else {
            return Err(denied(path, &whole, false));
        };
        let found = follow(parent).map_err(|stop| self.stopped(stop, path, &whole, false))?.join(name);
        if self.granted.iter().any(|folder| found.starts_with(folder) && found != *folder) {
            return Ok(found);
        }
        Err(self.outside(path, &whole, &found, false))
    }

    fn inside(&self, path: &Path, folder: bool) -> Result<PathBuf, StepFailure> {
        let whole = self.start.join(path);
        let found = follow(&whole).map_err(|stop| self.stopped(stop, path, &whole, folder))?;
        if self.granted.iter().any(|granted| found.starts_with(granted)) {
            return Ok(found);
        }
        Err(self.outside(path, &whole, &found, folder))
    }

    /// Why a path may not be reached. `found` is where it leads.
    fn outside(&self, path: &Path, whole: &Path, found: &Path, folder: bool) -> StepFailure {
        let is_granted_itself = self.granted.iter().any(|granted| granted == found);
        if is_granted_itself || !self.seems_inside(whole) {
            return denied(path, if has_ups(whole) { found } else { whole }, folder);
        }
        // Granting the folder of the link again would not help.
        let grant = folder_of(found, folder).display().to_string();
        StepFailure::denied_as("files", &format!("`{}` {BY_LINK}", path.display()), &grant)
    }

    /// Whether a path, as written, is in a granted folder.
    fn seems_inside(&self, whole: &Path) -> bool {
        !has_ups(whole) && self.granted.iter().chain(&self.named).any(|granted| whole.starts_with(granted))
    }

    /// Explains why a path cannot be resolved only inside a granted folder; elsewhere, that would reveal what exists.
    fn stopped(&self, stop: PathError, path: &Path, whole: &Path, folder: bool) -> StepFailure {
        match stop {
            PathError::Reason(error) if self.granted.iter().any(|granted| whole.starts_with(granted)) => {
                StepFailure::new("files", format!("`{}`: {error}", path.display()))
            }
            // It is not known where it leads, so no grant can be advised.
            PathError::Unclear if self.seems_inside(whole) => {
                let how = "leads by a link to nothing, or out of the folders that are allowed";
                StepFailure::new("denied", format!("`{}` {how}", path.display()))
            }
            PathError::Reason(_) | PathError::Unclear => denied(path, whole, folder),
        }
    }
}

/// Why a path cannot be resolved.
enum PathError {
    /// It is unclear where it leads: refused.
    Unclear,
    /// The system's error.
    Reason(std::io::Error),
}

/// Follows `path` as far as it exists, and appends the missing parts.
fn follow(path: &Path) -> Result<PathBuf, PathError> {
    let mut known = path.to_owned();
    let mut new: Vec<OsString> = Vec::new();
    loop {
        match known.canonicalize() {
            Ok(mut found) => {
                found.extend(new.iter().rev());
                return Ok(found);
            }
            Err(error) if error.kind() == ErrorKind::NotFound && new.len() < MAX_NEW_PARTS => {
                // Creating a file through a dangling link would create it wherever the link points.
                if known.symlink_metadata().is_ok() {
                    return Err(PathError::Unclear);
                }
                match known.components().next_back() {
                    Some(Component::Normal(name)) => new.push(name.to_owned()),
                    _ => return Err(PathError::Unclear),
                }
                if !known.pop() {
                    return Err(PathError::Unclear);
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(PathError::Unclear),
            Err(error) => return Err(PathError::Reason(error)),
        }
    }
}

fn denied(path: &Path, whole: &Path, folder: bool) -> StepFailure {
    let grant = folder_of(whole, folder).display().to_string();
    StepFailure::denied("files", "in", &path.display().to_string(), &grant)
}

/// Whether a path leads up on its way.
fn has_ups(path: &Path) -> bool {
    path.components().any(|part| part == Component::ParentDir)
}

/// The folder that has to be granted for a place.
fn folder_of(place: &Path, folder: bool) -> &Path {
    if folder { place } else { place.parent().unwrap_or(place) }
}
