//! The stage of a test: its task and the sub-tasks, in memory and virtual time. It does within a test what a runner
//! does between processes, synchronously and in a fixed order.

mod due;
mod starts;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::{Clock as _, Timestamp, VirtualClock, after};
use crate::expression::{Function, Limits};
use crate::flow::Flow;
use crate::host::Host;
use crate::interpreter::{Advanced, Flows, NextAction, Refusal, Trigger, World, advance};
use crate::library::{Entry, Library};
use crate::name::Name;
use crate::task::{Hidden, Journal, Outcome, Secrets, Step, StepFailure, StepRecord, Task, TaskId, Transition};
use crate::value::Value;

use super::answers::{Answers, Halt};
use super::coverage::Recorder;

/// Bursts of states that one step of a test may take.
const MAX_BURSTS: usize = 1_000_000;

/// A task on the stage.
pub(super) struct Held {
    pub(super) task: Task,
    pub(super) flow: Arc<Flow>,
    pub(super) history: Vec<Transition>,
    /// The states it has come to, the first included.
    pub(super) visited: Vec<Name>,
    journal: Arc<Journal>,
    /// How often sub-tasks have woken it since it last looked.
    wakes: u64,
    /// Whether a mock decides its outcome: then it never runs.
    is_mocked: bool,
}

/// All tasks of a test.
pub(super) struct Stage {
    pub(super) clock: Arc<VirtualClock>,
    pub(super) answers: Arc<Answers>,
    pub(super) recorder: Recorder,
    /// What no message of the test may show: all secrets that its tasks have had.
    pub(super) hidden: Hidden,
    /// The sub-tasks that the task of the test has started: flow and attributes.
    pub(super) started: Vec<(Name, Value)>,
    /// Whether the task has left the single state that the test is about.
    pub(super) is_left: bool,
    tasks: BTreeMap<TaskId, Held>,
    /// In the order of their start; the first is the task of the test.
    order: Vec<TaskId>,
    /// Mocked sub-tasks that end later.
    endings: Vec<(Timestamp, TaskId, starts::Ending)>,
    flows: Arc<dyn Flows>,
    host: Time,
    limits: Limits,
    bursts: usize,
}

/// The clock for the interpreter. [`Answers`] performs the steps.
struct Time(Arc<VirtualClock>);

#[async_trait]
impl Host for Time {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn functions(&self) -> Arc<Vec<Function>> {
        Arc::default()
    }

    async fn perform(&self, step: &Step) -> Outcome {
        Err(StepFailure::new("denied", format!("`{}` is not reached by a test", step.function)))
    }
}

/// The usable flows of a library.
pub(super) struct Live(pub(super) Library);

impl Flows for Live {
    fn flow(&self, name: &str) -> Option<Arc<Flow>> {
        match self.0.get(name)? {
            Entry::Good(flow) => Some(flow),
            Entry::Broken(_) => None,
        }
    }
}

/// Why something was not done to the task.
pub(super) enum Stopped {
    /// It was refused; nothing has changed.
    Refused(Refusal),
    /// The test cannot go on.
    Halted(Halt),
}

impl From<Halt> for Stopped {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

/// A task that is being driven.
struct Frame {
    id: TaskId,
    next: Option<Trigger>,
    /// Sub-tasks that run first.
    started: VecDeque<TaskId>,
}

impl Frame {
    const fn new(id: TaskId, trigger: Trigger) -> Self {
        Self { id, next: Some(trigger), started: VecDeque::new() }
    }
}

impl Stage {
    pub(super) fn new(
        library: &Library,
        (clock, answers): (Arc<VirtualClock>, Arc<Answers>),
        recorder: Recorder,
        limits: Limits,
    ) -> Self {
        Self {
            host: Time(Arc::clone(&clock)),
            clock,
            answers,
            recorder,
            hidden: Hidden::new(Secrets::default()),
            started: Vec::new(),
            is_left: false,
            tasks: BTreeMap::new(),
            order: Vec::new(),
            endings: Vec::new(),
            flows: Arc::new(Live(library.clone())),
            limits,
            bursts: 0,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn flows(&self) -> &dyn Flows {
        &*self.flows
    }

    /// Puts a task on the stage.
    pub(super) fn add(&mut self, task: Task, flow: Arc<Flow>, is_mocked: bool) {
        self.hidden.add(&task.attributes);
        self.order.push(task.id);
        let (history, journal, visited) = (Vec::new(), Arc::default(), vec![task.state.clone()]);
        self.tasks.insert(task.id, Held { task, flow, history, visited, journal, wakes: 0, is_mocked });
    }

    /// The task of the test, if it has started.
    pub(super) fn first(&self) -> Option<&Held> {
        self.tasks.get(self.order.first()?)
    }

    /// Asks something about a task.
    pub(super) fn look<T>(&self, held: &Held, ask: impl FnOnce(&World<'_>) -> T) -> T {
        let sub_tasks = self.sub_tasks(held.task.id);
        ask(&self.world(held, &sub_tasks))
    }

    fn world<'w>(&'w self, held: &'w Held, sub_tasks: &'w [Task]) -> World<'w> {
        World {
            flow: &held.flow,
            host: &self.host,
            flows: &self.flows,
            sub_tasks,
            sub_tasks_too_heavy: false,
            journal: &held.journal,
            wakes: held.wakes,
            limits: &self.limits,
            every_state: false,
            probe: Some(&self.recorder),
        }
    }

    fn sub_tasks(&self, parent: TaskId) -> Vec<Task> {
        let all = self.order.iter().filter_map(|id| self.tasks.get(id));
        all.filter(|held| held.task.parent_id == Some(parent)).map(|held| held.task.clone()).collect()
    }

    /// Runs a task from `trigger` until it rests, with the sub-tasks that it starts, which run before it continues, and
    /// the parents that are woken.
    pub(super) fn drive(&mut self, id: TaskId, trigger: Trigger) -> Result<(), Stopped> {
        let mut stack = vec![Frame::new(id, trigger)];
        while let Some(frame) = stack.last_mut() {
            if let Some(sub_task) = frame.started.pop_front() {
                if self.tasks.get(&sub_task).is_some_and(|held| !held.is_mocked) && !self.is_left {
                    stack.push(Frame::new(sub_task, Trigger::Due));
                }
                continue;
            }
            let Some(trigger) = frame.next.take() else {
                let done = frame.id;
                stack.pop();
                self.look_at_parent(done, &mut stack);
                continue;
            };
            let id = frame.id;
            let (started, goes_on) = self.burst(id, trigger)?;
            if let Some(frame) = stack.last_mut() {
                frame.started = started;
                frame.next = (goes_on && !self.is_left).then_some(Trigger::Due);
            }
        }
        Ok(())
    }

    /// Looks at a task whose sub-task has ended, unless it is running already.
    fn look_at_parent(&self, id: TaskId, stack: &mut Vec<Frame>) {
        let parent =
            self.tasks.get(&id).filter(|held| held.task.status.has_ended()).and_then(|held| held.task.parent_id);
        let Some(parent) = parent.filter(|parent| !stack.iter().any(|frame| frame.id == *parent)) else { return };
        if self.tasks.get(&parent).is_some_and(|held| held.wakes > 0 && !held.task.status.has_ended()) && !self.is_left
        {
            stack.push(Frame::new(parent, Trigger::Due));
        }
    }

    /// Runs one burst of a task. Returns the sub-tasks it has started, and whether it continues.
    fn burst(&mut self, id: TaskId, trigger: Trigger) -> Result<(VecDeque<TaskId>, bool), Stopped> {
        self.bursts += 1;
        if self.bursts > MAX_BURSTS {
            let message = format!("the task does not come to rest within {MAX_BURSTS} bursts of states (MAX_BURSTS)");
            return Err(Halt::new(message).with_help("is there a cycle in the flow that nothing ends?").into());
        }
        let Some(held) = self.tasks.get(&id) else { return Err(Halt::new("a task is gone").into()) };
        let sub_tasks = if held.flow.reads_sub_tasks() { self.sub_tasks(id) } else { Vec::new() };
        let visits = visits(&held.task);
        let advanced = advance(&self.world(held, &sub_tasks), Box::new(held.task.clone()), trigger);
        let arrivals = self.recorder.take_arrivals();
        if let Some(halt) = self.answers.halted() {
            return Err(halt.into());
        }
        let Advanced { checkpoint, is_changed, next, secrets, .. } = advanced.map_err(Stopped::Refused)?;
        let state = checkpoint.task.state.clone();
        let Some(held) = self.tasks.get_mut(&id) else { return Err(Halt::new("a task is gone").into()) };
        if is_changed {
            held.wakes = held.wakes.saturating_sub(checkpoint.acked_wakes);
            if checkpoint.ends_journal {
                held.journal = Arc::new(Journal { steps: Vec::new(), once: held.journal.once.clone() });
            }
            held.history.extend(checkpoint.transitions);
            // A migration brings the task to a state without an arrival.
            let is_moved = arrivals.is_empty() && held.task.state != state;
            held.visited.extend(arrivals);
            held.visited.extend(is_moved.then(|| state.clone()));
            held.task = *checkpoint.task;
        }
        self.hidden.join(secrets);
        self.is_left |= self.recorder.is_for_one_state() && visits != self::visits(&held.task);
        let mut started = VecDeque::new();
        for sub_task in checkpoint.sub_tasks {
            started.push_back(sub_task.id);
            self.start(id, sub_task)?;
        }
        if let Some(parent) = checkpoint.notify_parent {
            self.wake(parent);
        }
        let goes_on = match next {
            NextAction::Perform { step, deadline } => {
                self.answers.repeat_body();
                self.perform(id, *step, deadline, &state)?;
                true
            }
            NextAction::GoesOn | NextAction::Yields => true,
            // Tests need no grants.
            NextAction::HeldUp => false,
            NextAction::Sleeps => self.tasks.get(&id).is_some_and(|held| held.wakes > 0),
            NextAction::Ended => false,
        };
        Ok((started, goes_on))
    }

    fn wake(&mut self, parent: TaskId) {
        if let Some(parent) = self.tasks.get_mut(&parent) {
            parent.wakes = parent.wakes.saturating_add(1);
        }
    }

    /// A state as messages name it: with its flow, if it is not a state of the test's own task.
    fn place(&self, id: TaskId, state: &Name) -> String {
        match self.tasks.get(&id).filter(|_| self.order.first() != Some(&id)) {
            Some(held) => format!("`{state}` of `{}`", held.flow.name),
            None => format!("`{state}`"),
        }
    }

    /// Answers a step with its mock. A call that exceeds the try's time limit is dropped.
    fn perform(&mut self, id: TaskId, step: Step, deadline: Option<Timestamp>, state: &Name) -> Result<(), Halt> {
        let secrets = self.hidden.secrets().of_call(&step.arguments);
        let (outcome, takes) = {
            let _hidden = Hidden::new(secrets.clone());
            self.answers.perform(&step, &self.place(id, state))?
        };
        let outcome = outcome.map_err(|failure| secrets.failure(failure));
        let at = after(self.now(), takes);
        if let Some(deadline) = deadline.filter(|deadline| *deadline <= at) {
            self.clock.set(deadline);
            return Ok(());
        }
        self.clock.set(at);
        let Step { ordinal, function, digest, once, .. } = step;
        let ms = u64::try_from(takes.as_millis()).unwrap_or_default();
        let record = StepRecord { ordinal, function, digest, outcome, once, at, ms };
        let Some(held) = self.tasks.get_mut(&id) else { return Ok(()) };
        let journal = Arc::make_mut(&mut held.journal);
        // The first result under a key is kept.
        if record.outcome.is_ok() && record.once.is_some() && !journal.once.iter().any(|kept| kept.once == record.once)
        {
            journal.once.push(record.clone());
        }
        journal.steps.push(record);
        Ok(())
    }
}

/// How many states a task has entered.
fn visits(task: &Task) -> u64 {
    task.progress.visits.iter().map(|(_, count)| u64::from(*count)).sum()
}
