//! Operations on files whose real path is known.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{Error, Read, Write};
use std::path::Path;

use uuid::Uuid;

use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::{MAX_FILE_BYTES, MAX_LIST_ENTRIES, too_large};

/// The text of a file.
pub(super) fn read(path: &Path) -> Outcome {
    let file = opened(path, OpenOptions::new().read(true))?;
    let mut bytes = Vec::new();
    let most = MAX_FILE_BYTES.saturating_add(1);
    file.take(most).read_to_end(&mut bytes).map_err(|error| failed("read", path, &error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE_BYTES {
        return Err(too_large(&format!("`{}`", path.display())));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err(StepFailure::new("files", format!("`{}` is not UTF-8 text", path.display()))),
    }
}

/// Replaces the file's text: readers see the old text or the new one, whole.
pub(super) fn write(path: &Path, text: &str) -> Outcome {
    let existing = path.metadata().ok();
    regular(path, existing.as_ref())?;
    let temporary = path.with_file_name(format!(".opsflow-{}.tmp", Uuid::new_v4().simple()));
    let written = write_new(&temporary, text, existing).and_then(|()| std::fs::rename(&temporary, path));
    if let Err(error) = written {
        // The temporary file is useless. An error in removing it would hide the real one.
        let _ = std::fs::remove_file(&temporary);
        return Err(failed("write", path, &error));
    }
    sync_folder(path);
    Ok(Value::Unit)
}

fn write_new(path: &Path, text: &str, existing: Option<Metadata>) -> Result<(), Error> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    if let Some(existing) = existing {
        file.set_permissions(existing.permissions())?;
    }
    file.sync_all()
}

/// Makes a rename durable, if the system supports that.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
}

/// Appends `text`; creates the file if it does not exist.
pub(super) fn append(path: &Path, text: &str) -> Outcome {
    let mut file = opened(path, OpenOptions::new().append(true).create(true))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| failed("append to", path, &error))?;
    Ok(Value::Unit)
}

/// The names in a folder, in order.
pub(super) fn list(path: &Path) -> Outcome {
    let mut names = Vec::new();
    for entry in path.read_dir().map_err(|error| failed("list", path, &error))? {
        let name = entry.map_err(|error| failed("list", path, &error))?.file_name();
        if names.len() == MAX_LIST_ENTRIES {
            let bound = format!("more than {MAX_LIST_ENTRIES} entries (MAX_LIST_ENTRIES)");
            return Err(StepFailure::limit(format!("`{}` has {bound}", path.display())));
        }
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort();
    Ok(Value::list(names.into_iter().map(Value::from).collect()))
}

/// Removes a file, a link (not its target) or an empty folder; false if there was none.
pub(super) fn delete(path: &Path) -> Outcome {
    let removed = match path.symlink_metadata() {
        Ok(entry) if entry.is_dir() => std::fs::remove_dir(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => Ok(Value::Boolean(true)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::Boolean(false)),
        Err(error) => Err(failed("delete", path, &error)),
    }
}

/// Creates a folder and its parents; an existing one is fine.
pub(super) fn make_folder(path: &Path) -> Outcome {
    std::fs::create_dir_all(path).map_err(|error| failed("make", path, &error))?;
    Ok(Value::Unit)
}

fn opened(path: &Path, options: &OpenOptions) -> Result<File, StepFailure> {
    regular(path, path.metadata().ok().as_ref())?;
    options.open(path).map_err(|error| failed("open", path, &error))
}

/// Refuses devices, pipes and folders: reading one may never end.
fn regular(path: &Path, found: Option<&Metadata>) -> Result<(), StepFailure> {
    if found.is_none_or(Metadata::is_file) {
        return Ok(());
    }
    let what = if found.is_some_and(Metadata::is_dir) { "a folder" } else { "a device or a pipe" };
    Err(StepFailure::new("files", format!("`{}` is {what}, not a file", path.display())))
}

fn failed(verb: &str, path: &Path, error: &Error) -> StepFailure {
    StepFailure::new("files", format!("could not {verb} `{}`: {error}", path.display()))
}
