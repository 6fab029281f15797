//! Grants that this process has found missing. Tasks that need them are skipped for a while, and each is logged once.
//! They are not claimed meanwhile, so that other processes can take them.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::task::{HeldUp, TaskId};

use super::backoff::Backoff;

/// For how long tasks with a missing grant are skipped first.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest time for which they are skipped.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// How many missing grants are remembered, each with its call. Above this number all are forgotten and found out again.
pub(super) const MAX_LACKING: usize = 1_000;
/// How many tasks are remembered as logged. Above this number all are forgotten and logged again.
const MAX_TOLD: usize = 10_000;

/// The grants that this process is known to lack.
#[derive(Default)]
pub(super) struct Lacking(Mutex<Known>);

#[derive(Default)]
struct Known {
    by: HashMap<HeldUp, Missing>,
    told: HashSet<TaskId>,
}

/// A missing grant.
struct Missing {
    /// When a task was last found to need it.
    found_at: Instant,
    /// Until when tasks that need it are skipped.
    until: Instant,
    pauses: Backoff,
}

impl Lacking {
    /// Notes that a task lacks a grant. Returns whether to report it: the first time, or every time if `always`.
    pub(super) fn note(&self, id: TaskId, by: &HeldUp, always: bool) -> bool {
        let (mut known, now) = (self.lock(), Instant::now());
        if !known.by.contains_key(by) && known.by.len() >= MAX_LACKING {
            known.by.clear();
        }
        let first = Missing { found_at: now, until: now, pauses: Backoff::new(FIRST_PAUSE, MAX_PAUSE) };
        let missing = known.by.entry(by.clone()).or_insert(first);
        missing.found_at = now;
        // Tasks that were found in the same round count as one.
        if missing.until <= now {
            missing.until = now.checked_add(missing.pauses.next()).unwrap_or(now);
        }
        if known.told.len() >= MAX_TOLD {
            known.told.clear();
        }
        known.told.insert(id) || always
    }

    /// The missing grants whose tasks are skipped now.
    pub(super) fn now(&self) -> Vec<HeldUp> {
        self.since(None)
    }

    /// The missing grants whose tasks are skipped now, and those found missing since `began`.
    pub(super) fn since(&self, began: Option<Instant>) -> Vec<HeldUp> {
        let now = Instant::now();
        let is_meant = |missing: &Missing| missing.until > now || began.is_some_and(|began| missing.found_at >= began);
        self.lock().by.iter().filter(|(_, missing)| is_meant(missing)).map(|(by, _)| by.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_a_task_is_told_of_once() {
        let (lacking, id) = (Lacking::default(), TaskId::new_v4());
        let by = HeldUp { call: "http::get".into(), grant: "http=a".to_owned(), by_link: false };
        assert!(lacking.now().is_empty());
        let began = Instant::now();
        assert!(lacking.note(id, &by, false));
        assert!(lacking.note(TaskId::new_v4(), &by, false), "another task of the same look");
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(lacking.now(), std::slice::from_ref(&by));
            tokio::time::sleep(Duration::from_secs(pause)).await;
            assert!(lacking.now().is_empty(), "{pause}");
            assert_eq!(lacking.since(Some(began)), std::slice::from_ref(&by));
            assert!(lacking.since(Some(Instant::now())).is_empty());
            assert!(!lacking.note(id, &by, false));
        }
        assert!(lacking.note(id, &by, true), "whoever asks for this task is told each time");
    }
}
