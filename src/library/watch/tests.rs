//! What the watcher makes of the system's reports. See `library/tests/watch.rs` for real changes of files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, CreateKind, DataChange, Flag, ModifyKind};
use notify::{ErrorKind, Event, EventKind};
use tempfile::TempDir;

use super::pending::{Batch, Pending, Waited};
use super::places::Places;
use super::{TOO_MANY_OPEN, note, told};

/// What is collected of some events about a folder.
fn collected(folder: &Path, events: &[(EventKind, &str)]) -> Option<Batch> {
    let (places, pending) = (Places::of(&[folder.to_path_buf()]), Pending::default());
    for (kind, name) in events {
        note(&Event::new(*kind).add_path(folder.join(name)), &places, &pending);
    }
    match pending.next(Some(Duration::ZERO)) {
        Waited::Batch(batch) => Some(batch),
        _ => None,
    }
}

#[test]
fn to_read_a_file_is_no_change_and_to_write_one_is() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let (data, create) = (EventKind::Modify(ModifyKind::Data(DataChange::Any)), EventKind::Create(CreateKind::File));
    let [opened, read, written] =
        [AccessKind::Open(AccessMode::Any), AccessKind::Close(AccessMode::Read), AccessKind::Close(AccessMode::Write)]
            .map(EventKind::Access);
    for (kind, name, is_change) in [
        (opened, "a.yml", false),
        (read, "a.yml", false),
        (written, "a.yml", true),
        (data, "a.yaml", true),
        (create, "a.test.yml", true),
        (create, "opsflow.yml", false),
        (create, ".yml", false),
        (create, "a.yml~", false),
        (data, "deep/a.yml", false),
    ] {
        let batch = collected(&folder, &[(kind, name)]);
        let paths: Option<Vec<PathBuf>> = batch.map(|batch| batch.paths.into_iter().collect());
        assert_eq!(paths, is_change.then(|| vec![folder.join(name)]), "{kind:?} {name}");
    }
    let batch = collected(&folder, &[(create, "../other")]);
    assert!(batch.is_none());
    let batch = collected(&folder, &[(create, "")]).unwrap();
    assert!(batch.ways && batch.paths.is_empty());
}

#[test]
fn when_the_system_cannot_keep_up_everything_may_have_changed() {
    let pending = Pending::default();
    note(&Event::new(EventKind::Other).set_flag(Flag::Rescan), &Places::default(), &pending);
    let Waited::Batch(batch) = pending.next(None) else { panic!("it is told of") };
    assert!(batch.everything && batch.ways);
}

#[test]
fn of_very_many_files_some_are_named() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let names: Vec<String> = (0..1_001).map(|n| format!("{n}.yml")).collect();
    let events = |number: usize| -> Vec<(EventKind, &str)> {
        names.iter().take(number).chain(&names[..1]).map(|name| (EventKind::Any, name.as_str())).collect()
    };
    for (number, everything) in [(1_000, false), (1_001, true)] {
        let batch = collected(&folder, &events(number)).unwrap();
        assert_eq!((batch.paths.len(), batch.everything), (1_000, everything));
    }
}

#[test]
fn what_cannot_be_watched_is_told_with_what_to_do() {
    let folder = Some(Path::new("flows"));
    for (kind, message, help) in [
        (
            ErrorKind::MaxFilesWatch,
            "the folder `flows` cannot be watched: the system allows no more watches",
            "max_user_watches",
        ),
        (
            ErrorKind::Io(std::io::Error::from_raw_os_error(TOO_MANY_OPEN)),
            "the folder `flows` cannot be watched: too many watchers or files are open",
            "max_user_instances",
        ),
        (
            ErrorKind::Io(std::io::Error::other("it burns")),
            "the folder `flows` cannot be watched: it burns",
            "can be read",
        ),
    ] {
        let error = told(folder, &notify::Error::new(kind));
        assert_eq!(error.to_string(), message);
        assert!(error.help.contains(help), "{}", error.help);
    }
}
