//! Schedules: starting tasks at the times their flow's `schedule` names. Times that passed while no worker ran are made
//! up for by one task.
//!
//! Any number of processes may serve the same schedules. The progress of each schedule is stored, and only one process
//! can move it on. It names a run before it stores the run's task, and the task's id derives from flow and time. So a
//! process that continues after a crash recognises the task and does not start a second one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::clock::{Timestamp, after};
use crate::duration::Duration;
use crate::error::Error;
use crate::flow::{Flow, Overlap, Schedule};
use crate::library::Entry;
use crate::name::Name;
use crate::task::TaskId;

use super::scheduled::Scheduled;
use super::{Runner, is_of_one_task, wait};

/// Pause before the next look at a run that waits for the previous one, or that another process seems to be starting.
const WAITING_PAUSE: Duration = Duration::from_secs(1);
/// Pause before the next look at a schedule that failed.
const BROKEN_PAUSE: Duration = Duration::from_secs(60);
/// The longest time without a look at schedules: flows may be added, and a failed storage may work again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A clock set back by less than this shows times again that schedules have already handled. If it is set back by more,
/// it was wrong before, and schedules begin anew.
const MAX_SET_BACK: Duration = Duration::from_secs(24 * 3600);
/// Derives the ids of tasks that schedules start.
const RUNS: Uuid = Uuid::from_u128(0x6d1f_8f0c_2a54_4f3e_9c07_51b2_8e4d_a913);

/// When to look at which schedule next, as far as this process knows. This is a cache: the stored progress is
/// authoritative.
#[derive(Default)]
pub(super) struct Schedules(Mutex<HashMap<Name, Known>>);

struct Known {
    /// The rule it holds for; empty for a flow that is broken.
    rule: Name,
    /// When this was found out. If the clock shows an earlier time, it was set back, and the entry is void.
    since: Timestamp,
    /// Nothing is to be done before this time.
    look_at: Timestamp,
    /// A run waits for the previous one, whose end is not announced: look whenever there is a chance.
    waits: bool,
}

impl Schedules {
    fn known(&self) -> MutexGuard<'_, HashMap<Name, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When to look at the schedule of `flow` next.
    fn look_at(&self, flow: &Name, rule: &str, now: Timestamp) -> Timestamp {
        let known = self.known();
        known.get(flow).filter(|known| known.rule == rule && known.since <= now).map_or(now, |known| known.look_at)
    }

    /// Whether to look at it now.
    fn is_due(&self, flow: &Name, rule: &str, now: Timestamp) -> bool {
        self.look_at(flow, rule, now) <= now || self.known().get(flow).is_some_and(|known| known.waits)
    }

    fn keep(&self, flow: &Name, known: Known) {
        self.known().insert(flow.clone(), known);
    }

    /// Forgets all but these flows.
    fn keep_only(&self, flows: &[Name]) {
        let mut known = self.known();
        if known.len() > flows.len() {
            known.retain(|flow, _| flows.contains(flow));
        }
    }
}

/// The result of looking at a schedule.
enum Looked {
    /// A task was started. The next time, if there is one.
    Started(Option<Timestamp>),
    /// No task was started. The next time.
    Rests(Option<Timestamp>),
    /// A run waits for the previous one, or another process seems to be starting it.
    Waits,
}

impl Runner {
    /// Starts the tasks that are due by the schedules of flows of `queues` (all, if empty), and leaves them to be run
    /// as due. Returns how many. A schedule that fails does not delay others.
    pub(crate) async fn fire_schedules(&self, queues: &[Name]) -> Result<usize, Error> {
        let mut started = 0_usize;
        for (flow, schedule) in self.scheduled_flows(queues).iter().filter_map(with_schedule) {
            let (now, rule) = (self.host.now(), schedule.rule.name());
            if !self.schedules.is_due(&flow.name, rule, now) {
                continue;
            }
            let looked = match self.look_at_schedule(flow, schedule, now).await {
                Err(error) if is_of_one_task(&error) => {
                    tracing::error!(flow = %flow.name, %error, "a schedule was not looked at; tried again later");
                    Looked::Rests(Some(after(now, BROKEN_PAUSE)))
                }
                looked => looked?,
            };
            started = started.saturating_add(usize::from(matches!(looked, Looked::Started(_))));
            let (look_at, waits) = match looked {
                Looked::Started(next) | Looked::Rests(next) => (next.unwrap_or(Timestamp::MAX_UTC), false),
                Looked::Waits => (after(now, WAITING_PAUSE), true),
            };
            self.schedules.keep(&flow.name, Known { rule: rule.clone(), since: now, look_at, waits });
        }
        Ok(started)
    }

    /// When [`fire_schedules`](Self::fire_schedules) has something to do next, as far as this process knows; now, if it
    /// was not called yet. None if no flow of `queues` has a schedule.
    pub(crate) fn next_schedule(&self, queues: &[Name]) -> Option<Timestamp> {
        let now = self.host.now();
        let flows = self.scheduled_flows(queues);
        let next = flows.iter().filter_map(with_schedule);
        let next = next.map(|(flow, schedule)| self.schedules.look_at(&flow.name, schedule.rule.name(), now));
        next.min().filter(|at| *at < Timestamp::MAX_UTC)
    }

    /// The flows of `queues` that have a schedule. A broken one is logged once.
    fn scheduled_flows(&self, queues: &[Name]) -> Vec<Arc<Flow>> {
        let names = self.library.scheduled();
        self.schedules.keep_only(&names);
        let (now, broken) = (self.host.now(), Name::default());
        let good = |name: &Name| match self.library.get(name)? {
            Entry::Good(flow) => Some(flow),
            Entry::Broken(findings) => {
                if self.schedules.look_at(name, &broken, now) <= now {
                    let why = findings.iter().find(|finding| finding.is_error()).map(ToString::to_string);
                    tracing::error!(flow = %name, why = why.unwrap_or_default(), "a flow is broken; its schedule rests");
                    let (since, look_at) = (Timestamp::MIN_UTC, Timestamp::MAX_UTC);
                    self.schedules.keep(name, Known { rule: broken.clone(), since, look_at, waits: false });
                }
                None
            }
        };
        let served = |flow: &Arc<Flow>| queues.is_empty() || queues.contains(&flow.queue);
        names.iter().filter_map(good).filter(served).collect()
    }

    /// Handles one schedule.
    async fn look_at_schedule(&self, flow: &Arc<Flow>, schedule: &Schedule, now: Timestamp) -> Result<Looked, Error> {
        let (rule, storage) = (&schedule.rule, self.storage());
        let stored = Scheduled::of(storage, &flow.name).await?;
        let is_known = |seen: &&Scheduled| seen.rule == *rule.name() && seen.seen_until <= after(now, MAX_SET_BACK);
        let Some(seen) = stored.as_ref().filter(is_known) else {
            // A new schedule does not make up for the time before it existed.
            let task_id = stored.as_ref().and_then(|seen| seen.task_id);
            let first = Scheduled { rule: rule.name().clone(), seen_until: now, task_id };
            let is_set = Scheduled::set(storage, &flow.name, stored.as_ref(), &first).await?;
            return Ok(if is_set { Looked::Rests(rule.next(now)) } else { Looked::Waits });
        };
        let Some(due) = rule.latest(seen.seen_until, now) else {
            return Ok(Looked::Rests(rule.next(seen.seen_until.max(now))));
        };
        let id = run_id(&flow.name, due);
        if let Some(last) = seen.task_id.filter(|last| *last != id && schedule.overlap != Overlap::Allow)
            && self.is_under_way(last).await?
        {
            if schedule.overlap == Overlap::Queue {
                return Ok(Looked::Waits);
            }
            tracing::info!(flow = %flow.name, at = %due, task = %last, "a run was skipped: the previous one has not ended");
            let passed = Scheduled { seen_until: due, ..seen.clone() };
            Scheduled::set(storage, &flow.name, Some(seen), &passed).await?;
            return Ok(Looked::Rests(rule.next(due)));
        }
        let named = Scheduled { task_id: Some(id), ..seen.clone() };
        if named != *seen && !Scheduled::set(storage, &flow.name, Some(seen), &named).await? {
            return Ok(Looked::Waits);
        }
        let started = self.start_run(flow, schedule, id, due).await?;
        Scheduled::set(storage, &flow.name, Some(&named), &Scheduled { seen_until: due, ..named.clone() }).await?;
        Ok(if started { Looked::Started(rule.next(due)) } else { Looked::Rests(rule.next(due)) })
    }

    /// Stores the task of a run. False if it exists already or is refused.
    async fn start_run(&self, flow: &Arc<Flow>, schedule: &Schedule, id: TaskId, at: Timestamp) -> Result<bool, Error> {
        match self.leave_as(id, flow, &schedule.given).await {
            Ok(_) => {
                tracing::info!(flow = %flow.name, %at, task = %id, "a schedule started a task");
                Ok(true)
            }
            Err(Error::Conflict(_)) => Ok(false),
            Err(error @ Error::Input { .. }) => {
                tracing::error!(flow = %flow.name, %at, %error, "a run was skipped: its `given` is not valid");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn is_under_way(&self, id: TaskId) -> Result<bool, Error> {
        Ok(self.storage.task(id).await?.is_some_and(|task| !task.status.has_ended()))
    }
}

/// Fires the schedules of `queues` as they come due, until dropped. A background job of a worker.
pub(crate) async fn keep_firing(runner: &Runner, queues: &[Name]) {
    loop {
        let next = match runner.fire_schedules(queues).await {
            Ok(_) => runner.next_schedule(queues),
            Err(error) => {
                tracing::warn!(%error, "schedules were not looked at; tried again later");
                None
            }
        };
        // The flows may have changed by then.
        let latest = after(runner.host.now(), LONGEST_PAUSE);
        wait::until(Some(next.map_or(latest, |next| next.min(latest))), &*runner.host).await;
    }
}

fn with_schedule(flow: &Arc<Flow>) -> Option<(&Arc<Flow>, &Schedule)> {
    Some((flow, flow.schedule.as_ref()?))
}

/// The id of the task of a run.
pub(crate) fn run_id(flow: &str, at: Timestamp) -> TaskId {
    Uuid::new_v5(&RUNS, format!("{flow} {}", at.timestamp_millis()).as_bytes())
}
