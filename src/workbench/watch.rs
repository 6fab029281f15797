//! Watches files and folders, in depth if they are named: folders that are created below them later are watched, too.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::library::{ChangedFiles, WatchError, Watcher};

use super::folders::in_depth;

/// How often it looks for new folders.
const EVERY: Duration = Duration::from_secs(1);
/// Changed paths that are remembered until the next look. Beyond that, it is only known that there were more.
const MAX_TOLD: usize = 1_000;

/// Changes that were not looked at yet. Cheap to clone; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Changes(Arc<(Mutex<Told>, Notify)>);

/// The reported changes.
#[derive(Debug, Default)]
struct Told {
    paths: BTreeSet<PathBuf>,
    /// When the first of them came.
    since: Option<Instant>,
    /// Why changes may be missed, as far as is known.
    trouble: Option<WatchError>,
}

impl Changes {
    /// Remembers a batch.
    fn tell(&self, batch: &ChangedFiles) {
        let (told, news) = &*self.0;
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.since.get_or_insert_with(Instant::now);
        told.trouble.clone_from(&batch.trouble);
        for path in &batch.paths {
            if told.paths.len() < MAX_TOLD {
                told.paths.insert(path.clone());
            }
        }
        news.notify_one();
    }

    /// Waits until changes are reported.
    pub async fn heard(&self) {
        self.0.1.notified().await;
    }

    /// Takes all reported changes: which files, since when, and why others may be missed.
    pub fn take(&self) -> (Vec<PathBuf>, Instant, Option<WatchError>) {
        let mut told = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = std::mem::take(&mut told.paths).into_iter().collect();
        (paths, told.since.take().unwrap_or_else(Instant::now), told.trouble.clone())
    }
}

/// Watches `paths`, and reports their changes to `changes` while the result lives.
fn watch(paths: &[PathBuf], changes: &Changes) -> Result<Watcher, WatchError> {
    let changes = changes.clone();
    Watcher::start(paths, move |batch| changes.tell(batch))
}

/// The watcher, and the folders that were named.
pub struct FolderWatcher {
    /// The folders that were named; none if they are not searched in depth.
    named: Vec<PathBuf>,
    /// These, with those below.
    found: Vec<PathBuf>,
    looks: tokio::time::Interval,
    watcher: Watcher,
}

/// The folders below the watched ones that have come and gone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewFolders {
    /// Those that are gone.
    pub gone: Vec<PathBuf>,
    /// Those that are new.
    pub new: Vec<PathBuf>,
}

impl FolderWatcher {
    /// Watches `paths`, and nothing that is made below them.
    pub fn none(paths: &[PathBuf], changes: &Changes) -> Result<Self, WatchError> {
        Self::of(Vec::new(), Vec::new(), paths, changes)
    }

    /// Watches `paths`, and what is made below the folders `named`, of which `found` are known.
    pub fn of(
        named: Vec<PathBuf>,
        found: Vec<PathBuf>,
        paths: &[PathBuf],
        changes: &Changes,
    ) -> Result<Self, WatchError> {
        Ok(Self { named, found, looks: tokio::time::interval(EVERY), watcher: watch(paths, changes)? })
    }

    /// Waits until there are other folders below those that were named.
    pub async fn changed(&mut self) -> NewFolders {
        if self.named.is_empty() {
            std::future::pending::<()>().await;
        }
        loop {
            self.looks.tick().await;
            // If there are too many folders, it keeps to those it knows.
            let Ok(now) = in_depth(&self.named) else { continue };
            let gone: Vec<PathBuf> = self.found.iter().filter(|path| !now.contains(path)).cloned().collect();
            let new: Vec<PathBuf> = now.iter().filter(|path| !self.found.contains(path)).cloned().collect();
            if !gone.is_empty() || !new.is_empty() {
                self.found = now;
                return NewFolders { gone, new };
            }
        }
    }

    /// Watches other paths from now on, and reports everything in them once.
    pub fn watch(&mut self, paths: &[PathBuf], changes: &Changes) -> Result<(), WatchError> {
        self.watcher = watch(paths, changes)?;
        Ok(())
    }
}
