//! Folders that are searched in depth: those that somebody names.

use std::path::{Path, PathBuf};

use super::exit::Failure;

/// Folders of one search.
const MAX_FOLDERS: usize = 1_000;
/// Folders that hold what programs put there, not flows.
const PASSED_BY: [&str; 2] = ["node_modules", "target"];

/// Each of `paths`, and for a folder those below it too. Hidden ones, links and what programs put there are passed by.
pub(super) fn in_depth(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let mut open = vec![path.clone()];
        while let Some(path) = open.pop() {
            let mut below = if path.is_dir() { below(&path) } else { Vec::new() };
            below.sort_unstable_by(|a, b| b.cmp(a));
            open.extend(below);
            all.push(path);
            if all.len() + open.len() > MAX_FOLDERS + paths.len() {
                let message = format!("there are more than {MAX_FOLDERS} folders to be searched (MAX_FOLDERS)");
                return Err(Failure::usage(message).with_help("name the folders that hold the flows"));
            }
        }
    }
    Ok(all)
}

/// The folders of a folder. What cannot be read is told by whoever reads its files.
fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_meant = |name: &str| !name.starts_with('.') && !PASSED_BY.contains(&name);
    let folders = entries.flatten().filter(|entry| {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        is_folder && entry.file_name().to_str().is_some_and(is_meant)
    });
    // A path that is only `.` says nothing in front of others.
    let named = |entry: std::fs::DirEntry| match folder.to_str() {
        Some(".") => PathBuf::from(entry.file_name()),
        _ => entry.path(),
    };
    folders.take(MAX_FOLDERS + 1).map(named).collect()
}
