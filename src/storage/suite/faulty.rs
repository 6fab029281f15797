//! A storage that dies, for tests of what survives.

use crate::storage::{Storage, StorageError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{Around, Write};

/// How a [`Faulty`] storage stops at its last write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The write never happens.
    Before,
    /// The write happens, but nobody is told so.
    After,
}

/// A storage that stops at its n-th write, as if its process had died: that write fails, and so does every call after
/// it. What is in the storage it wraps is what a new process finds.
#[derive(Debug)]
pub struct Faulty<S> {
    inner: S,
    last: u64,
    stop: Stop,
    writes: AtomicU64,
    stopped: AtomicBool,
}

impl<S: Storage> Faulty<S> {
    /// Stops at the `last`-th write, counted from 1.
    pub fn new(inner: S, last: u64, stop: Stop) -> Self {
        Self { inner, last, stop, writes: AtomicU64::new(0), stopped: AtomicBool::new(false) }
    }

    /// How many writes were asked for until now: commits, claims, leases extended and released, steps, deletions.
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
    StorageError::Engine { place: "faulty storage".to_owned(), reason: "it has stopped".to_owned() }
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
        if self.stop == Stop::After { Ok(()) } else { Err(dead()) }
    }

    // Whatever was under way when it stopped, nobody is told how it ended.
    fn after(&self, _: &Write) -> Result<(), StorageError> {
        self.alive()
    }
}
