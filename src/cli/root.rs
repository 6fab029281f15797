//! The location of `opsflow.yml`: the working folder, or the nearest one above it that has the file. Paths in it are
//! relative to it.

use std::path::{Path, PathBuf};

use super::config::FILE;

/// How many folders above the working folder are searched.
const MAX_ABOVE: usize = 100;

/// The folder of the nearest `opsflow.yml`, relative to the working folder; empty if it is there, or does not exist.
pub(super) fn find() -> PathBuf {
    let Ok(here) = std::env::current_dir() else { return PathBuf::new() };
    if here.join(FILE).symlink_metadata().is_ok() {
        return PathBuf::new();
    }
    let above = here.ancestors().skip(1).take(MAX_ABOVE).position(|folder| folder.join(FILE).is_file());
    above.map(|above| std::iter::repeat_n("..", above + 1).collect()).unwrap_or_default()
}

/// The storage URL of the file, relative to the working folder.
pub(super) fn storage(root: &Path, url: String) -> String {
    let path = url.strip_prefix("sqlite:").filter(|path| !path.is_empty() && !path.starts_with(['/', ':']));
    match path.filter(|_| !root.as_os_str().is_empty()) {
        Some(path) => format!("sqlite:{}", root.join(path).display()),
        None => url,
    }
}

/// A grant of the file, relative to the working folder.
pub(super) fn grant(root: &Path, grant: String) -> String {
    match grant.split_once('=') {
        Some((name, folder)) if name.trim() == "files" && !root.as_os_str().is_empty() => {
            format!("files={}", root.join(folder.trim()).display())
        }
        _ => grant,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{grant, storage};

    #[test]
    fn relative_paths_begin_at_the_file() {
        let root = Path::new("../..");
        for (url, seen) in [
            ("sqlite:tasks.db?durability=normal", "sqlite:../../tasks.db?durability=normal"),
            ("sqlite:/srv/tasks.db", "sqlite:/srv/tasks.db"),
            ("memory:", "memory:"),
        ] {
            assert_eq!(storage(root, url.to_owned()), seen);
            assert_eq!(storage(Path::new(""), url.to_owned()), url);
        }
        assert_eq!(grant(root, "files=data".to_owned()), "files=../../data");
        assert_eq!(grant(root, "http=a.b".to_owned()), "http=a.b");
    }
}
