//! What this process has found out that it may not do. Tasks that are held up by that are not taken again for a while, and
//! each is told of once. Others take them meanwhile: nothing is claimed for it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::task::{HeldUp, TaskId};

/// How long tasks are passed over that are held up by something; each time twice as long as the time before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest that they are passed over.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// Grants that are remembered as missing, each with its call. Above this number all are forgotten, and found out again.
const MAX_LACKING: usize = 1_000;
/// Tasks of which it is known that they were told of. Above this number all are forgotten, and told of again.
const MAX_TOLD: usize = 10_000;

/// What this process lacks, as far as it knows.
#[derive(Default)]
pub(super) struct Lacking(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Until when tasks are passed over for it, and for how long.
    by: HashMap<HeldUp, (Instant, Duration)>,
    told: HashSet<TaskId>,
}

impl Lacking {
    /// Notes that a task is held up by something. Whether it is told of: the first time, and if `always` every time.
    pub(super) fn note(&self, id: TaskId, by: &HeldUp, always: bool) -> bool {
        let (mut known, now) = (self.lock(), Instant::now());
        if !known.by.contains_key(by) && known.by.len() >= MAX_LACKING {
            known.by.clear();
        }
        let first = (now, Duration::ZERO);
        let (until, pause) = known.by.entry(by.clone()).or_insert(first);
        // Several tasks that are found at the same time are one look.
        if *until <= now {
            *pause = pause.saturating_mul(2).clamp(FIRST_PAUSE, MAX_PAUSE);
            *until = now.checked_add(*pause).unwrap_or(now);
        }
        if known.told.len() >= MAX_TOLD {
            known.told.clear();
        }
        known.told.insert(id) || always
    }

    /// What tasks are passed over for just now.
    pub(super) fn now(&self) -> Vec<HeldUp> {
        let now = Instant::now();
        self.lock().by.iter().filter(|(_, (until, _))| *until > now).map(|(by, _)| by.clone()).collect()
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
        let by = HeldUp { call: "http::get".into(), grant: "http=a".to_owned() };
        assert!(lacking.now().is_empty());
        assert!(lacking.note(id, &by, false));
        assert!(lacking.note(TaskId::new_v4(), &by, false), "another task of the same look");
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(lacking.now(), std::slice::from_ref(&by));
            tokio::time::sleep(Duration::from_secs(pause)).await;
            assert!(lacking.now().is_empty(), "{pause}");
            assert!(!lacking.note(id, &by, false));
        }
        assert!(lacking.note(id, &by, true), "whoever asks for this task is told each time");
    }
}
