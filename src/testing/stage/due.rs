//! Passing time in a test, and the end of a process.

use std::sync::Arc;

use crate::clock::{Timestamp, after};
use crate::duration::Duration;
use crate::interpreter::Trigger;
use crate::name::Name;
use crate::task::{Attributes, Status, Task, TaskError, TaskId};
use crate::value::{Map, Stored, Value};

use super::super::answers::Halt;
use super::{Held, Stage, Stopped};

/// Moments within one step of a test at which something is due.
const MAX_MOMENTS: usize = 1_000_000;

impl Stage {
    /// Lets time pass, stopping wherever something is due on the way.
    pub(in super::super) fn advance(&mut self, by: Duration) -> Result<(), Stopped> {
        let end = after(self.now(), by);
        for _ in 0..MAX_MOMENTS {
            self.do_what_is_due()?;
            let now = self.now();
            match self.next_moment(now).filter(|next| *next <= end) {
                Some(next) => self.clock.set(next),
                None if now >= end => return Ok(()),
                None => self.clock.set(end),
            }
        }
        let message = format!("more than {MAX_MOMENTS} times something is due on the way (MAX_MOMENTS)");
        Err(Halt::new(message).with_help("advance by less, or give the wait a longer `delay`").into())
    }

    /// When something is due next, after `now`.
    fn next_moment(&self, now: Timestamp) -> Option<Timestamp> {
        let tasks = self.tasks.values().filter_map(|held| held.task.wake_at.filter(|_| self.is_asleep(held)));
        tasks.chain(self.endings.iter().map(|(at, ..)| *at)).filter(|at| *at > now).min()
    }

    fn is_asleep(&self, held: &Held) -> bool {
        held.task.status == Status::Waiting && !held.is_mocked && !self.is_left
    }

    /// Ends the mocked sub-tasks whose time has come, then looks at the tasks whose time has come, the first due first.
    fn do_what_is_due(&mut self) -> Result<(), Stopped> {
        let now = self.now();
        self.end_what_is_due()?;
        let asleep = self.order.iter().filter_map(|id| self.tasks.get(id)).filter(|held| self.is_asleep(held));
        let mut due: Vec<(i32, Timestamp, TaskId)> = asleep
            .filter_map(|held| Some((-held.task.priority, held.task.wake_at.filter(|at| *at <= now)?, held.task.id)))
            .collect();
        due.sort_by_key(|(priority, at, _)| (*priority, *at));
        for (_, at, id) in due {
            // An earlier task may have handled it.
            let is_due = self.tasks.get(&id).is_some_and(|held| self.is_asleep(held) && held.task.wake_at == Some(at));
            if is_due {
                self.drive(id, Trigger::Due)?;
            }
        }
        Ok(())
    }

    /// Another process takes over: each task becomes what a storage would return.
    pub(in super::super) fn restart(&mut self) -> Result<(), Halt> {
        for held in self.tasks.values_mut() {
            let attributes =
                restored(held).map_err(|why| Halt::new(format!("what was stored cannot be read: {why}")))?;
            let error = held
                .task
                .error
                .as_deref()
                .map(|error| Box::new(TaskError { data: again(&error.data), ..error.clone() }));
            held.task = Task { attributes, output: again(&held.task.output), error, ..held.task.clone() };
            let journal = Arc::make_mut(&mut held.journal);
            for record in journal.steps.iter_mut().chain(&mut journal.once) {
                record.outcome = record.outcome.as_ref().map(again).map_err(Clone::clone);
            }
        }
        Ok(())
    }
}

/// The attributes of a task after storing and reading.
fn restored(held: &Held) -> Result<Attributes, String> {
    let task = &held.task;
    let all = task.attributes.iter();
    let (mut values, mut secret): (Map, Vec<Name>) = (Map::new(), Vec::new());
    for (name, value, is_secret) in all {
        values.insert(name.clone(), again(value));
        if is_secret {
            secret.push(name.clone());
        }
    }
    let stored = Attributes::from_stored(values, &secret);
    stored.adopt(&held.flow.attributes).map_err(|why| why.to_string())
}

/// A value after storing and reading.
fn again(value: &Value) -> Value {
    let text = serde_json::to_string(&Stored(value)).unwrap_or_default();
    serde_json::from_str(&text).map_or_else(|_| value.clone(), |Stored(value)| value)
}
