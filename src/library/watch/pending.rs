//! Changes not reported yet: collected until nothing more comes for a while.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::WatchError;

/// How long no file must change before changes are reported. By then, a save of several files, or in several steps, is
/// complete.
const QUIET: Duration = Duration::from_millis(20);
/// The longest time for which changes are collected, however many follow each other.
const MAX_WAIT: Duration = Duration::from_millis(200);
/// Changed files that are listed by name. If there are more, the report says that everything may have changed.
const MAX_NAMED: usize = 1_000;

/// What has changed.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) paths: BTreeSet<PathBuf>,
    pub(super) everything: bool,
    /// Whether the places to watch may have changed.
    pub(super) ways: bool,
    pub(super) trouble: Option<WatchError>,
}

impl Batch {
    /// Adds a changed file.
    pub(super) fn add(&mut self, path: PathBuf) {
        if self.paths.len() < MAX_NAMED {
            self.paths.insert(path);
        } else {
            self.everything |= !self.paths.contains(&path);
        }
    }
}

/// Changes on their way from the system's events to the callback.
#[derive(Default)]
pub(super) struct Pending {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    batch: Batch,
    /// When the first and the last change of the batch came.
    times: Option<(Instant, Instant)>,
    stopped: bool,
}

/// The result of waiting.
pub(super) enum Waited {
    /// Changes.
    Batch(Batch),
    /// None came in the given time.
    Nothing,
    /// Watching has ended.
    Stopped,
}

impl Pending {
    /// Adds to what has changed.
    pub(super) fn add(&self, add: impl FnOnce(&mut Batch)) {
        let now = Instant::now();
        let mut state = self.state();
        add(&mut state.batch);
        let first = state.times.map_or(now, |(first, _)| first);
        let is_first = state.times.replace((first, now)).is_none();
        drop(state);
        if is_first {
            self.changed.notify_all();
        }
    }

    /// Ends watching.
    pub(super) fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }

    /// Waits for changes, at most `patience` if given, and then until nothing more comes.
    pub(super) fn next(&self, patience: Option<Duration>) -> Waited {
        let give_up = patience.map(|patience| Instant::now() + patience);
        let mut state = self.state();
        loop {
            if state.stopped {
                return Waited::Stopped;
            }
            let now = Instant::now();
            let until = match state.times {
                Some((first, last)) => {
                    let until = (last + QUIET).min(first + MAX_WAIT);
                    if until <= now {
                        state.times = None;
                        return Waited::Batch(std::mem::take(&mut state.batch));
                    }
                    Some(until)
                }
                None if give_up.is_some_and(|give_up| give_up <= now) => return Waited::Nothing,
                None => give_up,
            };
            state = match until {
                Some(until) => {
                    let waited = self.changed.wait_timeout(state, until.saturating_duration_since(now));
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
