//! Folders that somebody names are searched with their subfolders.

use std::path::{Path, PathBuf};

/// Folders of one search.
const MAX_FOLDERS: usize = 1_000;
/// Folders in which programs put files that are not flows.
const PASSED_BY: [&str; 2] = ["node_modules", "target"];

/// There are too many folders to be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are more than {MAX_FOLDERS} folders to be searched (MAX_FOLDERS)")]
pub struct TooManyFolders;

/// Each of `paths`, and for a folder its subfolders too. Hidden folders, links, and folders of programs are skipped.
pub fn in_depth(paths: &[PathBuf]) -> Result<Vec<PathBuf>, TooManyFolders> {
    let mut all = Vec::new();
    for path in paths {
        let mut open = vec![path.clone()];
        while let Some(path) = open.pop() {
            let mut below = if path.is_dir() { below(&path) } else { Vec::new() };
            below.sort_unstable_by(|a, b| b.cmp(a));
            open.extend(below);
            all.push(path);
            if all.len() + open.len() > MAX_FOLDERS + paths.len() {
                return Err(TooManyFolders);
            }
        }
    }
    Ok(all)
}

/// The subfolders of a folder. An unreadable one is reported when its files are read.
fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_meant = |name: &str| !name.starts_with('.') && !PASSED_BY.contains(&name);
    let folders = entries.flatten().filter(|entry| {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        is_folder && entry.file_name().to_str().is_some_and(is_meant)
    });
    // A leading `.` is left out of paths.
    let named = |entry: std::fs::DirEntry| match folder.to_str() {
        Some(".") => PathBuf::from(entry.file_name()),
        _ => entry.path(),
    };
    folders.take(MAX_FOLDERS + 1).map(named).collect()
}
