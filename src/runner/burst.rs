//! One burst of the interpreter. It runs on the caller's thread: most bursts take microseconds, and switching threads
//! costs more. A flow that was slow gets a thread of its own for each burst, so that it blocks neither the caller's
//! runtime nor the renewal of its claim. That ends once the flow has been quick for a while, since the machine may just
//! have been busy. A worker runs many tasks on few threads: there each flow must first prove, state by state, that it
//! is quick.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::error::Error;
use crate::expression::Limits;
use crate::flow::Flow;
use crate::host::Host;
use crate::interpreter::{Advanced, Flows, NextAction, Refusal, Trigger, World, advance};
use crate::name::Name;
use crate::storage::{Filter, MAX_NOT_BEFORE};
use crate::task::{Digest, Journal, MAX_SUB_TASKS_BYTES, Task};

use super::Runner;
use super::run::{Run, RunMode, SubTasks};

/// A burst that takes longer than this is slow.
const SLOW: Duration = Duration::from_millis(5);
/// A burst that takes longer than this waits for a turn: as many of them run at once as there are processors. Bursts
/// that were only a little slow, perhaps because the machine was busy, do not wait behind those that block.
const BLOCKING: Duration = Duration::from_millis(100);
/// After how many quick bursts a flow no longer counts as slow.
const MEMORY: u32 = 16;
/// How many slow flows are remembered. Above this number all are forgotten and found out again.
const MAX_SLOW_FLOWS: usize = 1_000;
/// How many states are remembered as quick. Above this number all are forgotten and found out again.
const MAX_QUICK_STATES: usize = 10_000;
/// Bytes of stack of the thread for a slow burst.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// The flows that recently had a slow burst.
pub(super) struct SlowFlows {
    /// Whether there are any slow flows. If not, lookups are skipped.
    any: AtomicBool,
    flows: RwLock<HashMap<Digest, Known>>,
    /// The states of flows from which a burst was quick.
    quick: RwLock<HashSet<(Digest, Name)>>,
    /// The turns of blocking bursts.
    turns: Arc<Semaphore>,
}

/// What is known of a slow flow.
struct Known {
    /// How many quick bursts are left until it is forgotten.
    left: u32,
    /// How long its latest slow burst took.
    took: Duration,
}

impl Default for SlowFlows {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            any: AtomicBool::new(false),
            flows: RwLock::default(),
            quick: RwLock::default(),
            turns: Arc::new(Semaphore::new(processors)),
        }
    }
}

impl SlowFlows {
    pub(super) fn has(&self, flow: &Digest) -> bool {
        self.any.load(Ordering::Relaxed) && self.flows.read().unwrap_or_else(PoisonError::into_inner).contains_key(flow)
    }

    /// Whether bursts of `flow` take so long that they need a turn.
    pub(super) fn needs_turn(&self, flow: &Digest) -> bool {
        self.has(flow) && {
            let flows = self.flows.read().unwrap_or_else(PoisonError::into_inner);
            flows.get(flow).is_some_and(|known| known.took > BLOCKING)
        }
    }

    /// A turn for a blocking burst, if one is free now.
    pub(super) fn turn_now(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).try_acquire_owned().ok()
    }

    /// Waits for a turn for a blocking burst.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// Whether bursts of `flow` from this state on are known to be quick.
    fn is_quick(&self, flow: &Digest, state: &Name) -> bool {
        let quick = self.quick.read().unwrap_or_else(PoisonError::into_inner);
        quick.contains(&(flow.clone(), state.clone()))
    }

    /// Records how long a burst took, for a flow of which nothing is known.
    fn learn(&self, flow: &Digest, state: Name, took: Duration) {
        if took > SLOW {
            return self.remember(flow, took);
        }
        let mut quick = self.quick.write().unwrap_or_else(PoisonError::into_inner);
        if quick.len() >= MAX_QUICK_STATES {
            quick.clear();
        }
        quick.insert((flow.clone(), state));
    }

    fn remember(&self, flow: &Digest, took: Duration) {
        let mut flows = self.flows.write().unwrap_or_else(PoisonError::into_inner);
        if flows.len() >= MAX_SLOW_FLOWS {
            flows.clear();
        }
        flows.insert(flow.clone(), Known { left: MEMORY, took });
        self.any.store(true, Ordering::Relaxed);
    }

    /// Records how long a burst took, for a flow that is remembered as slow.
    fn judge(&self, flow: &Digest, took: Duration) {
        let mut flows = self.flows.write().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = flows.get_mut(flow) else { return };
        *known = if took > SLOW {
            Known { left: MEMORY, took }
        } else {
            Known { left: known.left.saturating_sub(1), took: known.took }
        };
        if known.left == 0 {
            flows.remove(flow);
            self.any.store(!flows.is_empty(), Ordering::Relaxed);
        }
    }
}

/// Everything a burst needs on a thread of its own.
struct BurstInput {
    task: Box<Task>,
    trigger: Trigger,
    flow: Arc<Flow>,
    host: Arc<dyn Host>,
    flows: Arc<dyn Flows>,
    sub_tasks: Option<Arc<SubTasks>>,
    journal: Arc<Journal>,
    wakes: u64,
    limits: Arc<Limits>,
    every_state: bool,
}

impl BurstInput {
    fn run(self) -> Result<Advanced, Refusal> {
        let Self { wakes, every_state, .. } = self;
        let world = World::new(&self.flow, &*self.host, &self.flows, &self.journal, &self.limits);
        let world = beside(World { wakes, every_state, ..world }, self.sub_tasks.as_deref());
        advance(&world, self.task, self.trigger)
    }
}

/// The world with the sub-tasks that were read, if any were.
fn beside<'w>(world: World<'w>, sub_tasks: Option<&'w SubTasks>) -> World<'w> {
    match sub_tasks {
        Some(read) => World { sub_tasks: &read.tasks, sub_tasks_too_heavy: read.too_heavy, ..world },
        None => world,
    }
}

impl Runner {
    /// Advances a task that this process holds.
    pub(super) async fn burst(
        &self,
        run: &mut Run,
        task: Box<Task>,
        trigger: Trigger,
        every_state: bool,
    ) -> Result<Result<Advanced, Refusal>, Error> {
        let began = self.host.now();
        self.look_at_sub_tasks(run, &task).await?;
        let mut advanced = self.advance_run(run, task, trigger, every_state).await;
        if run.sub_tasks.is_some()
            && let Ok(Advanced { checkpoint, next: NextAction::Sleeps, .. }) = &mut advanced
        {
            // Reading many sub-tasks takes long. Pausing as long before the next read keeps the reads within half of
            // the total time, however many sub-tasks there are.
            let now = self.host.now();
            let took = (now - began).to_std().unwrap_or_default().min(MAX_NOT_BEFORE);
            checkpoint.not_before = Some(now + took).filter(|until| *until > now);
        }
        Ok(advanced)
    }

    async fn advance_run(
        &self,
        run: &mut Run,
        task: Box<Task>,
        trigger: Trigger,
        every_state: bool,
    ) -> Result<Advanced, Refusal> {
        let every_state = every_state || self.every_state;
        let turn = run.turn.take();
        let digest = &run.flow.definition.digest;
        let is_slow = self.slow.has(digest);
        if is_slow || (run.mode == RunMode::Worker && !self.slow.is_quick(digest, &task.state)) {
            // A burst that may be quick does not wait behind bursts that are known to be slow.
            let turn = match turn {
                None if self.slow.needs_turn(digest) => self.slow.turn().await,
                turn => turn,
            };
            run.heartbeat(self);
            let burst = BurstInput {
                task,
                trigger,
                flow: Arc::clone(&run.flow),
                host: Arc::clone(&self.host),
                flows: Arc::clone(&run.flows),
                sub_tasks: run.sub_tasks.clone(),
                journal: Arc::clone(&run.journal),
                wakes: run.wakes,
                limits: Arc::clone(&self.limits),
                every_state,
            };
            return self.on_own_thread(burst, turn).await;
        }
        let world = World::new(&run.flow, &*self.host, &run.flows, &run.journal, &self.limits);
        let world = beside(World { wakes: run.wakes, every_state, ..world }, run.sub_tasks.as_deref());
        self.advance(&world, task, trigger)
    }

    /// Runs a burst on this thread, and records whether it was slow.
    pub(super) fn advance(&self, world: &World<'_>, task: Box<Task>, trigger: Trigger) -> Result<Advanced, Refusal> {
        let began = Instant::now();
        let advanced = advance(world, task, trigger);
        let took = began.elapsed();
        if took > SLOW {
            self.slow.remember(&world.flow.definition.digest, took);
        }
        advanced
    }

    /// Runs a burst on a thread of its own; on the caller's thread if no more threads can be made.
    async fn on_own_thread(&self, burst: BurstInput, _turn: Option<OwnedSemaphorePermit>) -> Result<Advanced, Refusal> {
        let (flow, state) = (Arc::clone(&burst.flow), burst.task.state.clone());
        // The burst is sent once the thread exists: if the thread cannot be made, the burst must not be lost with it.
        let (hand_over, handed) = std::sync::mpsc::sync_channel::<BurstInput>(1);
        let (tell, told) = oneshot::channel();
        let work = move || {
            if let Ok(burst) = handed.recv() {
                let began = Instant::now();
                let advanced = burst.run();
                // If the caller has stopped waiting, nobody needs the answer.
                drop(tell.send((advanced, began.elapsed())));
            }
        };
        let thread = std::thread::Builder::new().name("opsflow-burst".to_owned()).stack_size(STACK_BYTES);
        if thread.spawn(work).is_err() {
            return burst.run();
        }
        if let Err(back) = hand_over.send(burst) {
            return back.0.run();
        }
        match told.await {
            Ok((advanced, took)) => {
                let digest = &flow.definition.digest;
                if self.slow.has(digest) {
                    self.slow.judge(digest, took);
                } else {
                    self.slow.learn(digest, state, took);
                }
                advanced
            }
            Err(_) => {
                let message = "the interpreter panicked; the task stays as it is stored".to_owned();
                Err(Refusal { kind: "script".into(), message, at: None })
            }
        }
    }

    /// Reads the task's sub-tasks, if its flow uses them. While a body is in progress it keeps seeing them as it saw
    /// them first.
    async fn look_at_sub_tasks(&self, run: &mut Run, task: &Task) -> Result<(), Error> {
        let is_repeat = run.sub_tasks.is_some() && !run.journal.steps.is_empty();
        if is_repeat || task.progress.started == 0 || !run.flow.reads_sub_tasks() {
            return Ok(());
        }
        let filter = Filter { parent_id: Some(task.id), max_bytes: Some(MAX_SUB_TASKS_BYTES), ..Filter::default() };
        let mut tasks = self.storage.tasks(&filter).await?;
        let mut left = MAX_SUB_TASKS_BYTES;
        let fits = |task: &Task| task.weight(left).map(|bytes| left -= bytes).is_some();
        let mut too_heavy = !tasks.iter().all(fits);
        if left < MAX_SUB_TASKS_BYTES / 8 * 7 && !too_heavy {
            // The storage counts more, since it writes types beside values.
            too_heavy = self.storage.count(&filter).await? > tasks.len() as u64;
        }
        if too_heavy {
            tasks.clear();
        }
        for task in &mut tasks {
            self.give_types(task).await?;
        }
        run.sub_tasks = Some(Arc::new(SubTasks { tasks, too_heavy }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_slow_until_it_has_been_quick_for_a_while() {
        let (slow, flow, other) = (SlowFlows::default(), Digest::of("flow"), Digest::of("other"));
        slow.judge(&flow, Duration::MAX);
        assert!(!slow.has(&flow), "only one that is remembered is judged");
        slow.remember(&flow, SLOW);
        assert!(!slow.needs_turn(&flow));
        for took in [Duration::ZERO, Duration::MAX].into_iter().chain([Duration::ZERO; MEMORY as usize - 1]) {
            slow.judge(&flow, took);
            assert!(slow.has(&flow) && !slow.has(&other));
        }
        assert!(slow.needs_turn(&flow), "it blocked a while ago");
        slow.judge(&flow, Duration::ZERO);
        assert!(!slow.has(&flow));
    }

    #[test]
    fn a_flow_is_quick_from_where_it_was() {
        let (slow, flow) = (SlowFlows::default(), Digest::of("flow"));
        slow.learn(&flow, "a".into(), Duration::ZERO);
        assert!(slow.is_quick(&flow, &"a".into()) && !slow.is_quick(&flow, &"b".into()));
        slow.learn(&flow, "b".into(), Duration::MAX);
        assert!(slow.has(&flow) && !slow.is_quick(&flow, &"b".into()));
    }
}
