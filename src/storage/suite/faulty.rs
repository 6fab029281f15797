//! A storage that dies, to test what survives.

use crate::storage::{EngineErrorKind, Storage, StorageError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{Around, Write};

/// How a [`Faulty`] storage stops at its last write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// The write never happens.
    Before,
    /// The write happens, but its caller is not told.
    After,
}

/// A storage that stops at its n-th write, as if its process had died: that write and every later call fail. A new
/// process finds what is in the wrapped storage.
#[derive(Debug)]
pub struct Faulty<S> {
    inner: S,
    last: u64,
    stop: CrashPoint,
    writes: AtomicU64,
    stopped: AtomicBool,
}

impl<S: Storage> Faulty<S> {
    /// Stops at the `last`-th write, counted from 1.
    pub fn new(inner: S, last: u64, stop: CrashPoint) -> Self {
        Self { inner, last, stop, writes: AtomicU64::new(0), stopped: AtomicBool::new(false) }
    }

    /// How many writes were requested so far: commits, claims, leases renewed and released, steps, deletions.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// Whether it has stopped.
    pub fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn alive(&self) -> Result<(), StorageError> {
        if self.has_stopped() { Err(dead()) } else { Ok(()) }
    }
}

fn dead() -> StorageError {
    StorageError::engine(EngineErrorKind::Unreachable, "faulty storage", "it has stopped")
}

impl<S: Storage> Around for Faulty<S> {
    fn inner(&self) -> &dyn Storage {
        &self.inner
    }

    fn before_read(&self) -> Result<(), StorageError> {
        self.alive()
    }

    fn before(&self, _: &Write) -> Result<(), StorageError> {
        self.alive()?;
        if self.writes.fetch_add(1, Ordering::SeqCst).saturating_add(1) < self.last {
            return Ok(());
        }
        self.stopped.store(true, Ordering::SeqCst);
        if self.stop == CrashPoint::After { Ok(()) } else { Err(dead()) }
    }

    // The outcome of a write that was in flight when it stopped is not reported.
    fn after(&self, _: &Write) -> Result<(), StorageError> {
        self.alive()
    }
}
