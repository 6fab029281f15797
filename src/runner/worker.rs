//! A worker takes due tasks, as many as it has free slots, and sleeps until the next task is due or somebody stores
//! one. The storage is the queue: only running tasks are in memory.
//!
//! It survives trouble: a job that panics loses only itself, a task that cannot be continued is put in quarantine, and while
//! the storage fails it is tried again after a pause.

use std::collections::{HashMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{Id, JoinError, JoinSet};

use crate::clock::Timestamp;
use crate::error::Error;
use crate::name::Name;
use crate::storage::{Claimed, Subscription, Wanted};
use crate::task::{HeldUp, TaskId};

use super::backoff::Backoff;
use super::chores::Chores;
use super::due::SkippedTask;
use super::lease_guard::LeaseGuard;
use super::outage::Outage;
use super::quarantine::Quarantine;
use super::run::{Run, RunMode, StopSignal};
use super::wait::{self, first};
use super::{Runner, is_of_one_task};

/// Tasks that a worker runs at a time, by default.
pub(crate) const DEFAULT_CONCURRENCY: usize = 16;
/// How long a worker that is told to stop waits for running calls, by default.
pub(crate) const DEFAULT_GRACE: Duration = Duration::from_secs(10);
/// The longest sleep between two looks. Commits cut it short; the bound is for storages that cannot announce them.
const MAX_SLEEP: Duration = Duration::from_secs(30);
/// After how many looks in a row that take nothing although something is due, there are pauses in between.
const MAX_FRUITLESS_LOOKS: u32 = 2;
/// The first of these pauses.
const FIRST_FRUITLESS_PAUSE: Duration = Duration::from_millis(1);
/// The longest.
const MAX_FRUITLESS_PAUSE: Duration = Duration::from_secs(1);
/// How many tasks a worker names in its final report.
const MAX_LEFT: usize = 1_000;

/// What a worker does, and how many tasks it runs at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerConfig {
    /// The queues it serves; all, if empty.
    pub queues: Vec<Name>,
    /// Tasks that run at a time; at least one.
    pub concurrency: usize,
    /// How long running calls may go on once the worker is told to stop. Calls that run longer are dropped, and their
    /// tasks left due for others.
    pub grace: Duration,
    /// Run only this task and the tasks started below it. Such a worker fires no schedules and deletes nothing.
    pub below: Option<TaskId>,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { queues: Vec::new(), concurrency: DEFAULT_CONCURRENCY, grace: DEFAULT_GRACE, below: None }
    }
}

/// What a worker has done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkerReport {
    /// How often a task was advanced until it ended, slept, or went back to its queue.
    pub advanced: u64,
    /// Tasks deleted because their retention period was over.
    pub deleted: u64,
    /// Unfinished tasks given back because the worker was told to stop.
    pub given_back: u64,
    /// Tasks that could not be continued, the first thousand of them. Others may since have continued those that only
    /// lacked a grant.
    pub skipped: Vec<SkippedTask>,
}

/// Runs a claimed task until it rests, and returns the grant it is held up by, if any.
pub(crate) type Job =
    Arc<dyn Fn(Run) -> Pin<Box<dyn Future<Output = Result<Option<HeldUp>, Error>> + Send>> + Send + Sync>;

/// The result of a job.
enum JobOutcome {
    Advanced,
    /// The task was put in quarantine; it is named the first time only.
    Skipped(Option<SkippedTask>),
    /// This process lacks a grant that the task needs.
    HeldUp(SkippedTask),
    /// The storage failed.
    Failed(Error),
}

impl Runner {
    /// Runs due tasks with `job`, until `stop`.
    pub(crate) async fn work(
        self: &Arc<Self>,
        work: WorkerConfig,
        job: Job,
        stop: impl Future<Output = ()>,
    ) -> WorkerReport {
        let mut worker = WorkerLoop::new(Arc::clone(self), work, job);
        tracing::info!(concurrency = worker.work.concurrency, queues = %names(&worker.work.queues), "worker started");
        worker.serve(stop).await;
        worker.end().await
    }
}

fn names(queues: &[Name]) -> String {
    if queues.is_empty() { "all".to_owned() } else { queues.join(", ") }
}

/// A running worker.
struct WorkerLoop {
    runner: Arc<Runner>,
    work: WorkerConfig,
    job: Job,
    /// The running jobs, at most `work.concurrency`.
    jobs: JoinSet<JobOutcome>,
    tasks: HashMap<Id, TaskId>,
    /// Tasks that are known to block and wait for a turn. They take no slot from quick tasks. At most
    /// `work.concurrency` as well.
    parked: VecDeque<(LeaseGuard, Claimed)>,
    quarantine: Arc<Quarantine>,
    outage: Outage,
    fruitless: u32,
    fruitless_pauses: Backoff,
    chores: Chores,
    stop: Arc<StopSignal>,
    worked: WorkerReport,
}

/// What to do until the next look.
enum Sleep {
    /// Nothing, until a slot is free.
    Full,
    /// Nothing for this long.
    Pause(Duration),
    /// Nothing until the next task is due, if that time is known.
    Until(Option<Timestamp>),
}

/// What ends a worker's sleep.
enum Wakeup {
    Stop,
    Done(Result<(Id, JobOutcome), JoinError>),
    Look,
}

impl WorkerLoop {
    fn new(runner: Arc<Runner>, work: WorkerConfig, job: Job) -> Self {
        Self {
            chores: if work.below.is_some() { Chores::none() } else { Chores::start(&runner, &work.queues) },
            work: WorkerConfig { concurrency: work.concurrency.max(1), ..work },
            runner,
            job,
            jobs: JoinSet::new(),
            tasks: HashMap::new(),
            parked: VecDeque::new(),
            quarantine: Arc::default(),
            outage: Outage::default(),
            fruitless: 0,
            fruitless_pauses: Backoff::new(FIRST_FRUITLESS_PAUSE, MAX_FRUITLESS_PAUSE),
            stop: Arc::default(),
            worked: WorkerReport::default(),
        }
    }

    /// Works until `stop`.
    async fn serve(&mut self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut subscription = self.runner.storage.subscribe();
        loop {
            let sleep = self.look().await;
            if self.sleep(sleep, &mut subscription, stop.as_mut()).await {
                return;
            }
        }
    }

    fn free(&self) -> usize {
        self.work.concurrency.saturating_sub(self.jobs.len())
    }

    /// Takes due tasks for which there is a free slot.
    async fn look(&mut self) -> Sleep {
        // A task that somebody waits to act on is released rather than kept waiting for its turn.
        self.parked.retain(|(guard, _)| !guard.is_wanted());
        while self.free() > 0
            && !self.parked.is_empty()
            && let Some(turn) = self.runner.slow.turn_now()
            && let Some((guard, claimed)) = self.parked.pop_front()
        {
            self.start(guard, claimed, Some(turn));
        }
        let free = self.free();
        if free == 0 {
            return Sleep::Full;
        }
        if let Some(pause) = self.outage.pause() {
            return Sleep::Pause(pause);
        }
        let (storage, now, lacks) = (&self.runner.storage, self.runner.host.now(), self.runner.lacking.now());
        let queues = self.work.queues.clone();
        let wanted = Wanted { queues: &queues, lacks: &lacks, below: self.work.below };
        let claimed = match storage.claim_due(now, &wanted, free, self.runner.lease).await {
            Ok(claimed) => claimed,
            Err(error) => return Sleep::Pause(self.outage.began(&error.into())),
        };
        self.outage.over();
        if !claimed.is_empty() {
            self.fruitless = 0;
            self.fruitless_pauses.reset();
            let is_all = claimed.len() < free;
            claimed.into_iter().for_each(|claimed| self.admit(claimed));
            if self.free() == 0 {
                return Sleep::Full;
            }
            if !is_all {
                return Sleep::Pause(Duration::ZERO);
            }
        }
        match self.runner.storage.next_due(&wanted).await {
            Ok(Some(at)) if at <= self.runner.host.now() => Sleep::Pause(self.fruitless_pause()),
            Ok(at) => Sleep::Until(at),
            Err(error) => Sleep::Pause(self.outage.began(&error.into())),
        }
    }

    /// How long to wait if a task is due but others hold it.
    fn fruitless_pause(&mut self) -> Duration {
        self.fruitless = self.fruitless.saturating_add(1);
        if self.fruitless < MAX_FRUITLESS_LOOKS { Duration::ZERO } else { self.fruitless_pauses.next() }
    }

    /// Starts a claimed task, unless it is known to block and must wait for a turn.
    fn admit(&mut self, claimed: Claimed) {
        let (runner, id) = (&self.runner, claimed.task.id);
        let task_guard = runner.locks.ticket(id).acquire_now();
        let mut guard = LeaseGuard::new(claimed.claim.clone(), Arc::clone(&runner.storage), task_guard);
        if !runner.slow.needs_turn(&claimed.task.digest) {
            return self.start(guard, claimed, None);
        }
        let turn = runner.slow.turn_now();
        if turn.is_some() || self.parked.len() >= self.work.concurrency {
            return self.start(guard, claimed, turn);
        }
        guard.heartbeat(&runner.host, runner.lease);
        self.parked.push_back((guard, claimed));
    }

    /// Starts a task.
    fn start(&mut self, guard: LeaseGuard, claimed: Claimed, turn: Option<OwnedSemaphorePermit>) {
        let id = claimed.task.id;
        let (runner, job) = (Arc::clone(&self.runner), Arc::clone(&self.job));
        let (quarantine, stop) = (Arc::clone(&self.quarantine), Arc::clone(&self.stop));
        let handle = self.jobs.spawn(async move {
            let outcome = match runner.in_hand(guard, claimed, RunMode::Worker).await {
                Ok(run) => job(Run { stop: Some(stop), turn, ..run }).await.map_err(|error| (None, error)),
                Err((guard, error)) => Err((Some(guard), error)),
            };
            let (guard, error) = match outcome {
                Ok(by) => {
                    quarantine.forget(id);
                    return by.map_or(JobOutcome::Advanced, |by| {
                        let reason = format!("held up: {by}");
                        JobOutcome::HeldUp(SkippedTask { task_id: id, reason, held_up_by: Some(by) })
                    });
                }
                Err(failed) => failed,
            };
            let skipped = quarantine.put(&runner, id, guard, &error).await;
            if is_of_one_task(&error) { JobOutcome::Skipped(skipped) } else { JobOutcome::Failed(error) }
        });
        self.tasks.insert(handle.id(), id);
    }

    /// Sleeps until it is time to look again. Returns true if the worker is to stop.
    async fn sleep(
        &mut self,
        sleep: Sleep,
        subscription: &mut Subscription,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> bool {
        let is_full = matches!(sleep, Sleep::Full);
        let has_parked = !self.parked.is_empty();
        let runner = Arc::clone(&self.runner);
        // A turn that is free now may be used at the next look.
        let mut turn = pin!(async {
            if is_full || !has_parked {
                std::future::pending::<()>().await;
            }
            drop(runner.slow.turn().await);
        });
        let mut time = pin!(async {
            match sleep {
                Sleep::Full => std::future::pending().await,
                Sleep::Pause(pause) => drop(wait::pause(pause).await),
                Sleep::Until(at) => {
                    let due = first(wait::until(at, &*runner.host), wait::pause(MAX_SLEEP));
                    first(subscription.due_before(at), due).await;
                }
            }
        });
        loop {
            let event = poll_fn(|context| {
                if stop.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Wakeup::Stop);
                }
                if let Poll::Ready(Some(done)) = self.jobs.poll_join_next_with_id(context) {
                    return Poll::Ready(Wakeup::Done(done));
                }
                if turn.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Wakeup::Look);
                }
                time.as_mut().poll(context).map(|()| Wakeup::Look)
            });
            match event.await {
                Wakeup::Stop => return true,
                Wakeup::Look => return false,
                Wakeup::Done(done) => {
                    self.done(done);
                    while let Some(done) = self.jobs.try_join_next_with_id() {
                        self.done(done);
                    }
                    if is_full {
                        return false;
                    }
                }
            }
        }
    }

    /// Records the result of a job.
    fn done(&mut self, done: Result<(Id, JobOutcome), JoinError>) {
        let id = done.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let task = self.tasks.remove(&id);
        match done {
            Ok((_, JobOutcome::Advanced)) => self.worked.advanced = self.worked.advanced.saturating_add(1),
            Ok((_, JobOutcome::Skipped(skipped))) if self.worked.skipped.len() < MAX_LEFT => {
                self.worked.skipped.extend(skipped)
            }
            Ok((_, JobOutcome::HeldUp(skipped))) => {
                let known = self.worked.skipped.iter().any(|known| known.task_id == skipped.task_id);
                if !known && self.worked.skipped.len() < MAX_LEFT {
                    self.worked.skipped.push(skipped);
                }
            }
            Ok((_, JobOutcome::Skipped(_))) => {}
            Ok((_, JobOutcome::Failed(error))) => drop(self.outage.began(&error)),
            Err(error) if error.is_cancelled() => {
                self.worked.given_back = self.worked.given_back.saturating_add(1);
            }
            // The claim is left to expire, so that a task that panics every time is retried only now and then.
            Err(_) => tracing::error!(task = ?task, "a job panicked; its task is as it is stored, and due again later"),
        }
    }

    /// Waits for running jobs until the grace period is over, and gives back the rest.
    async fn end(mut self) -> WorkerReport {
        self.stop.tell();
        tracing::info!(under_way = self.jobs.len(), grace = ?self.work.grace, "worker stopping");
        self.parked.clear();
        let grace = self.work.grace;
        let all = async {
            while let Some(done) = self.jobs.join_next_with_id().await {
                self.done(done);
            }
        };
        if wait::within(grace, all).await.is_none() {
            self.jobs.abort_all();
            while let Some(done) = self.jobs.join_next_with_id().await {
                self.done(done);
            }
        }
        self.quarantine.release_all(&self.runner).await;
        let stopped = self.stop.given_back();
        self.worked.given_back = self.worked.given_back.saturating_add(stopped);
        self.worked.advanced = self.worked.advanced.saturating_sub(stopped);
        self.worked.deleted = self.chores.deleted();
        let WorkerReport { advanced, deleted, given_back, .. } = &self.worked;
        tracing::info!(advanced, deleted, given_back, "worker stopped");
        self.worked
    }
}
