//! Watches folders in depth: folders that are created below them later are watched, too.

use std::path::PathBuf;
use std::time::Duration;

use crate::library::Watcher;

use super::super::exit::Failure;
use super::super::folders::in_depth;
use super::follow::{Changes, watch};

/// How often it looks for new folders.
const EVERY: Duration = Duration::from_secs(1);

/// The watcher, and the folders that were named.
pub(in crate::cli) struct Depth {
    /// The folders that were named; none if they are not searched in depth.
    named: Vec<PathBuf>,
    /// These, with those below.
    found: Vec<PathBuf>,
    looks: tokio::time::Interval,
    watcher: Watcher,
}

impl Depth {
    /// Watches `paths`, and nothing that is made below them.
    pub(in crate::cli) fn none(paths: &[PathBuf], changes: &Changes) -> Result<Self, Failure> {
        Self::of(Vec::new(), Vec::new(), paths, changes)
    }

    /// Watches `paths`, and what is made below the folders `named`, of which `found` are known.
    pub(in crate::cli) fn of(
        named: Vec<PathBuf>,
        found: Vec<PathBuf>,
        paths: &[PathBuf],
        changes: &Changes,
    ) -> Result<Self, Failure> {
        Ok(Self { named, found, looks: tokio::time::interval(EVERY), watcher: watch(paths, changes)? })
    }

    /// Waits until folders have changed, and returns those that are gone and those that are new.
    pub(super) async fn changed(&mut self) -> (Vec<PathBuf>, Vec<PathBuf>) {
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
                return (gone, new);
            }
        }
    }

    /// Watches other paths from now on, and reports everything in them once.
    pub(super) fn watch(&mut self, paths: &[PathBuf], changes: &Changes) -> Result<(), Failure> {
        self.watcher = watch(paths, changes)?;
        Ok(())
    }
}
