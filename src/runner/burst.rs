//! One burst of the interpreter. It runs where its caller runs: most take microseconds, and to hop between threads
//! costs more. A flow that was slow gets a thread of its own for each burst, so that it keeps neither the caller's runtime
//! nor its claim from what they have to do; until it has been quick for a while, since the machine may have been busy.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

use crate::error::Error;
use crate::expression::Limits;
use crate::flow::Flow;
use crate::host::Host;
use crate::interpreter::{Advanced, Flows, Pause, Refusal, Trigger, World, advance};
use crate::storage::Filter;
use crate::task::{Digest, Journal, Task};

use super::Runner;
use super::run::Run;

/// A burst that takes longer than this is slow.
const SLOW: Duration = Duration::from_millis(5);
/// How many quick bursts a slow one is remembered for.
const MEMORY: u32 = 16;
/// Slow flows that are remembered. Above this number all are forgotten, and found out again.
const MAX_SLOW_FLOWS: usize = 1_000;
/// Bytes of stack of a slow burst's own thread.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// The flows of which a burst was slow of late.
pub(super) struct SlowFlows {
    /// Whether there are any: as long as there are none, nothing is looked up.
    any: AtomicBool,
    /// How many quick bursts each is away from being forgotten.
    flows: RwLock<HashMap<Digest, u32>>,
    /// As many slow bursts run at once as there are processors.
    turns: Semaphore,
}

impl Default for SlowFlows {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { any: AtomicBool::new(false), flows: RwLock::default(), turns: Semaphore::new(processors) }
    }
}

impl SlowFlows {
    pub(super) fn has(&self, flow: &Digest) -> bool {
        self.any.load(Ordering::Relaxed) && self.flows.read().unwrap_or_else(PoisonError::into_inner).contains_key(flow)
    }

    fn remember(&self, flow: &Digest) {
        let mut flows = self.flows.write().unwrap_or_else(PoisonError::into_inner);
        if flows.len() >= MAX_SLOW_FLOWS {
            flows.clear();
        }
        flows.insert(flow.clone(), MEMORY);
        self.any.store(true, Ordering::Relaxed);
    }

    /// Notes that a burst of a flow that is remembered took so long.
    fn judge(&self, flow: &Digest, took: Duration) {
        let mut flows = self.flows.write().unwrap_or_else(PoisonError::into_inner);
        let Some(left) = flows.get_mut(flow) else { return };
        *left = if took > SLOW { MEMORY } else { left.saturating_sub(1) };
        if *left == 0 {
            flows.remove(flow);
            self.any.store(!flows.is_empty(), Ordering::Relaxed);
        }
    }
}

/// All that a burst needs on a thread of its own.
struct Burst {
    task: Box<Task>,
    trigger: Trigger,
    flow: Arc<Flow>,
    host: Arc<dyn Host>,
    flows: Arc<dyn Flows>,
    sub_tasks: Option<Arc<Vec<Task>>>,
    journal: Arc<Journal>,
    wakes: u64,
    limits: Arc<Limits>,
    every_state: bool,
}

impl Burst {
    fn run(self) -> Result<Advanced, Refusal> {
        let world = World {
            flow: &self.flow,
            host: &*self.host,
            flows: &self.flows,
            sub_tasks: slice(&self.sub_tasks),
            journal: &self.journal,
            wakes: self.wakes,
            limits: &self.limits,
            every_state: self.every_state,
            probe: None,
        };
        advance(&world, self.task, self.trigger)
    }
}

fn slice(sub_tasks: &Option<Arc<Vec<Task>>>) -> &[Task] {
    sub_tasks.as_ref().map_or(&[], |tasks| tasks)
}

impl Runner {
    /// Advances a task in hand.
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
            && let Ok(Advanced { checkpoint, pause: Pause::Sleeps, .. }) = &mut advanced
        {
            // A look at many sub-tasks takes long. To rest as long before the next keeps the looks within half of the time
            // that their ends take, however many there are.
            let now = self.host.now();
            checkpoint.rests_until = now.checked_add_signed(now - began).filter(|until| *until > now);
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
        if self.slow.has(&run.flow.definition.digest) {
            run.keep(self);
            let burst = Burst {
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
            return self.on_own_thread(burst).await;
        }
        let world = World {
            flow: &run.flow,
            host: &*self.host,
            flows: &run.flows,
            sub_tasks: slice(&run.sub_tasks),
            journal: &run.journal,
            wakes: run.wakes,
            limits: &self.limits,
            every_state,
            probe: None,
        };
        self.advance(&world, task, trigger)
    }

    /// Runs a burst here, and remembers whether it was slow.
    pub(super) fn advance(&self, world: &World<'_>, task: Box<Task>, trigger: Trigger) -> Result<Advanced, Refusal> {
        let began = Instant::now();
        let advanced = advance(world, task, trigger);
        if began.elapsed() > SLOW {
            self.slow.remember(&world.flow.definition.digest);
        }
        advanced
    }

    /// Runs a burst on a thread of its own; on the caller's, if there can be no more threads.
    async fn on_own_thread(&self, burst: Burst) -> Result<Advanced, Refusal> {
        let flow = Arc::clone(&burst.flow);
        let _turn = self.slow.turns.acquire().await;
        // The burst follows once the thread is there: it would be lost with a thread that could not be made.
        let (hand_over, handed) = std::sync::mpsc::sync_channel::<Burst>(1);
        let (tell, told) = oneshot::channel();
        let work = move || {
            if let Ok(burst) = handed.recv() {
                let began = Instant::now();
                let advanced = burst.run();
                // Whoever has stopped waiting needs no answer.
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
                self.slow.judge(&flow.definition.digest, took);
                advanced
            }
            Err(_) => {
                let message = "the interpreter panicked; the task stays as it is stored".to_owned();
                Err(Refusal { kind: "script".into(), message, at: None })
            }
        }
    }

    /// Reads the task's sub-tasks, if its flow asks for them. While a body is under way they stay as it saw them first.
    async fn look_at_sub_tasks(&self, run: &mut Run, task: &Task) -> Result<(), Error> {
        let is_repeat = run.sub_tasks.is_some() && !run.journal.steps.is_empty();
        if is_repeat || task.progress.started == 0 || !run.flow.reads_sub_tasks() {
            return Ok(());
        }
        let filter = Filter { parent_id: Some(task.id), ..Filter::default() };
        let mut sub_tasks = self.storage.tasks(&filter).await?;
        for task in &mut sub_tasks {
            self.give_types(task).await?;
        }
        run.sub_tasks = Some(Arc::new(sub_tasks));
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
        slow.remember(&flow);
        for took in [Duration::ZERO, Duration::MAX].into_iter().chain([Duration::ZERO; MEMORY as usize - 1]) {
            slow.judge(&flow, took);
            assert!(slow.has(&flow) && !slow.has(&other));
        }
        slow.judge(&flow, Duration::ZERO);
        assert!(!slow.has(&flow));
    }
}
