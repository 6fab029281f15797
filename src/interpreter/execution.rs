//! An execution: a task moving from state to state, with everything that one checkpoint will store.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::clock::{Timestamp, after};
use crate::expression::{Failure, OutsideRef, Ran, ScriptPlace};
use crate::flow::{PlacedScript, State, StateId, StateKind};
use crate::task::{
    At, Cause, Checkpoint, Definition, EntryError, Hidden, InteractionReceipt, Journal, NextTry, Secrets, Status, Task,
    TaskError, Transition,
};
use crate::value::{Value, weight_of_map};

use super::assign::too_heavy;
use super::begin::{NewTask, begin, definitions, index, index_of_new};
use super::effects::{ScriptEffects, Started};
use super::entry::Entry;
use super::limits::{MAX_BURST_BYTES, MAX_BURST_STATES, MAX_BURST_TIME};
use super::probe::Seen;
use super::scope::View;
use super::{Advanced, LogLine, NextAction, World, cycle, timeout};

/// A task that moves from state to state until it must be stored: a burst.
pub(super) struct Execution<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) task: Box<Task>,
    /// The task's state.
    pub(super) state: StateId,
    /// When the current handler began; read again after each handler.
    pub(super) now: Timestamp,
    /// Whether somebody asked for this look (a wake).
    pub(super) by_hand: bool,
    /// Whether it was woken from its sleep between two tries.
    pub(super) woken_to_try: bool,
    pub(super) transitions: Vec<Transition>,
    pub(super) applied: Option<InteractionReceipt>,
    pub(super) logs: Vec<LogLine>,
    /// Whether the current handler has run small scripts at most.
    pub(super) is_quick: Cell<bool>,
    /// Such handlers since the clock was read.
    pub(super) quick_handlers: usize,
    /// Operations left for the scripts of the current handler.
    operations: Cell<u64>,
    /// The weight of changes and log lines so far.
    pub(super) bytes: usize,
    pub(super) tries: Vec<NextTry>,
    /// Every secret value that attributes and parameters have had during the burst.
    pub(super) secrets: Hidden,
    /// The steps of the body in progress, and the `once` results.
    pub(super) journal: Arc<Journal>,
    ends_journal: bool,
    sub_tasks: Vec<Task>,
    pub(super) definitions: Vec<Arc<Definition>>,
    pub(super) is_changed: bool,
    /// Whether the task has entered a state.
    moved: bool,
    pub(super) index_changed: bool,
    /// When the flow's timeout began to count, and when it strikes.
    expires: Option<(Timestamp, Timestamp)>,
}

/// For how many history entries a new task's burst reserves room.
const FEW_ENTRIES: usize = 8;

/// What follows a handler: handle the state that the task is in now, or stop with an action.
pub(super) type AfterHandler = ControlFlow<NextAction>;

impl<'a> Execution<'a> {
    pub(super) fn new(world: &'a World<'a>, mut task: Box<Task>, state: StateId) -> Self {
        task.held_up_by = None;
        Self {
            // A task that was just made has just read the clock.
            now: if task.revision == 0 { task.created_at } else { world.host.now() },
            world,
            state,
            by_hand: false,
            woken_to_try: false,
            transitions: Vec::with_capacity(if task.revision == 0 {
                world.flow.states.len().min(FEW_ENTRIES)
            } else {
                1
            }),
            applied: None,
            logs: Vec::new(),
            is_quick: Cell::new(false),
            quick_handlers: 0,
            operations: Cell::new(world.limits.max_operations),
            bytes: 0,
            tries: Vec::new(),
            secrets: hidden(world, &task),
            journal: Arc::clone(world.journal),
            ends_journal: false,
            sub_tasks: Vec::new(),
            definitions: Vec::new(),
            is_changed: task.revision == 0,
            moved: false,
            index_changed: false,
            expires: expiry_of_new(world, &task),
            task,
        }
    }

    /// Handles state after state until there is a reason to stop.
    pub(super) fn run(mut self) -> Advanced {
        let began = self.now;
        let next = loop {
            if self.world.probe.is_some_and(|probe| self.moved && probe.one_state()) {
                break NextAction::GoesOn;
            }
            if let AfterHandler::Break(next) = self.handle() {
                break next;
            }
            // Arriving at an end and ending are one move: nothing may come in between.
            let is_stored = self.world.every_state && !self.transitions.is_empty() && !self.is_at_end();
            if self.has_started() || is_stored {
                break NextAction::GoesOn;
            }
            if self.transitions.len() >= MAX_BURST_STATES || self.bytes >= MAX_BURST_BYTES || self.is_long_since(began)
            {
                break NextAction::Yields;
            }
        };
        self.finish(next)
    }

    /// Whether a burst that began at `began` has taken too long.
    fn is_long_since(&self, began: Timestamp) -> bool {
        // Most end within the millisecond in which they began.
        self.now != began && self.now > after(began, MAX_BURST_TIME)
    }

    /// Resets the operations to all that a handler may use.
    pub(super) fn refill(&self) {
        self.operations.set(self.world.limits.max_operations);
    }

    /// Whether the task is in a state that ends it.
    pub(super) fn is_at_end(&self) -> bool {
        self.state().is_some_and(State::is_end)
    }

    /// Whether sub-tasks were started that are not stored yet.
    pub(super) fn has_started(&self) -> bool {
        !self.sub_tasks.is_empty()
    }

    /// Handles the state the task is in.
    fn handle(&mut self) -> AfterHandler {
        let Some(state) = self.world.flow.states.get(self.state) else { return AfterHandler::Break(NextAction::Ended) };
        self.refill();
        self.is_quick.set(true);
        if let Err(error) = cycle::check(self) {
            return self.fail(error, Entry::new(Cause::Error, self.now));
        }
        if let Some(probe) = self.world.probe {
            // Once per visit: not when it wakes, and not when its body is repeated.
            let comes = self.task.status == Status::Active && self.task.progress.began_at.is_none();
            if comes && self.task.progress.retry_at.is_none() {
                probe.state(self.world.flow, self.state);
            }
        }
        match &state.kind {
            StateKind::Action(action) => self.action(action),
            _ if self.died_too_often() => self.crashed_without_body(),
            StateKind::Decision(decision) => self.decision(decision),
            StateKind::Wait(wait) => self.wait(wait),
            StateKind::Start(start) => self.start(start),
            StateKind::Result(output) => self.result(output.as_ref()),
            StateKind::Failure(message) => self.failure(message),
        }
    }

    /// The state the task is in.
    pub(super) fn state(&self) -> Option<&'a State> {
        self.world.flow.states.get(self.state)
    }

    /// What scripts look at.
    pub(super) fn view(&self) -> View<'_> {
        let view = View::new(&self.task, [self.world.sub_tasks, &self.sub_tasks]);
        View {
            operations: Some(&self.operations),
            secrets: Some(&self.secrets),
            sub_tasks_too_heavy: self.world.sub_tasks_too_heavy,
            ..view
        }
    }

    /// Moves the task to the state `to`.
    pub(super) fn go(&mut self, to: StateId, entry: Entry) -> AfterHandler {
        let name = self.world.flow.states.get(to).map(|state| state.name.clone()).unwrap_or_default();
        self.record(name.clone(), entry);
        self.by_hand = false;
        self.moved = true;
        self.state = to;
        self.task.state = name;
        self.arrive();
        AfterHandler::Continue(())
    }

    /// Starts the visit of the current state again, from its first try.
    pub(super) fn again(&mut self, entry: Entry) {
        self.stay(entry);
        self.take_up();
    }

    /// Begins the visit of a state.
    fn arrive(&mut self) {
        if let Some(probe) = self.world.probe {
            probe.arrival(&self.task.state);
            if probe.one_state() {
                // It is not handled any more, but reached.
                probe.state(self.world.flow, self.state);
            }
        }
        let task = &mut self.task;
        task.progress.error = None;
        match task.progress.visits.iter_mut().find(|(state, _)| *state == task.state) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => task.progress.visits.push((task.state.clone(), 1)),
        }
        self.take_up();
    }

    fn take_up(&mut self) {
        self.end_body();
        let task = &mut self.task;
        task.status = Status::Active;
        task.wake_at = None;
        let progress = &mut task.progress;
        progress.arrived_at = Some(self.now);
        progress.attempt = 1;
        progress.retry_at = None;
        self.task.timeout_at = Some(match timeout::own(self.world.flow, self.state) {
            Some(timeout) => after(self.now, timeout),
            None => self.expiry(),
        });
    }

    /// When the flow's timeout strikes: the same for all states, unless the timeout starts anew.
    fn expiry(&mut self) -> Timestamp {
        let since = timeout::clock(&self.task);
        match self.expires {
            Some((known, at)) if known == since => at,
            _ => {
                let at = after(since, self.world.flow.timeout);
                self.expires = Some((since, at));
                at
            }
        }
    }

    /// Ends the current body and drops its steps.
    pub(super) fn end_body(&mut self) {
        (self.task.progress.recoveries, self.task.progress.recovered_calls) = (0, 0);
        self.task.progress.limit = None;
        if self.task.progress.began_at.take().is_some() {
            self.ends_journal = true;
            self.journal = Arc::new(Journal { steps: Vec::new(), once: self.journal.once.clone() });
        }
    }

    /// Records when the body began, before its first step is performed.
    pub(super) fn begin_body(&mut self, began: Timestamp) {
        if self.task.progress.began_at != Some(began) {
            self.task.progress.began_at = Some(began);
            self.is_changed = true;
        }
        self.go_on_with_limit();
        self.task.status = Status::Active;
        self.task.wake_at = None;
    }

    /// Marks the task as due and not begun.
    pub(super) fn set_active(&mut self) {
        self.is_changed = true;
        self.task.status = Status::Active;
        self.task.wake_at = None;
    }

    /// Lets the task sleep until `wake_at`.
    pub(super) fn sleep(&mut self, wake_at: Option<Timestamp>) -> AfterHandler {
        let wake_at = [wake_at, self.task.timeout_at].into_iter().flatten().min();
        if (self.task.status, self.task.wake_at) != (Status::Waiting, wake_at) || self.world.wakes > 0 {
            (self.task.status, self.task.wake_at) = (Status::Waiting, wake_at);
            self.is_changed = true;
        }
        self.task.progress.idle = 0;
        AfterHandler::Break(NextAction::Sleeps)
    }

    /// Ends the task.
    pub(super) fn end(&mut self, status: Status) -> AfterHandler {
        self.end_body();
        self.is_changed = true;
        self.task.status = status;
        self.task.wake_at = None;
        self.task.progress.retry_at = None;
        self.task.ended_at = Some(self.now);
        AfterHandler::Break(NextAction::Ended)
    }

    /// Ends the task as failed, with a history entry. The message names the state.
    pub(super) fn fail(&mut self, error: TaskError, entry: Entry) -> AfterHandler {
        self.stay(Entry { error: Some(self.told(&error)), ..entry });
        let message = format!("in `{}`: {}", error.state, error.message);
        self.task.error = Some(Box::new(TaskError { message, ..error }));
        self.end(Status::Failed)
    }

    /// An error as history keeps it.
    pub(super) fn told(&self, error: &TaskError) -> Box<EntryError> {
        EntryError::of(error, |text| self.secrets.text(text))
    }

    /// Turns a failure in the current state into a task error. Every failure passes here, and secrets are masked.
    pub(super) fn error(&self, failure: Failure, script: Option<&PlacedScript>) -> TaskError {
        let failure = if !failure.data.is_unit() && self.is_too_heavy_with(&failure.data) {
            Failure { at: failure.at, ..too_heavy("attributes and error") }
        } else {
            failure
        };
        let at = match (script, failure.at) {
            (Some(script), Some(place)) => self.place(script, place),
            _ => self.world.flow.place_of_state(self.state),
        };
        TaskError {
            kind: self.secrets.name(failure.kind),
            message: self.secrets.text(failure.message),
            state: self.task.state.clone(),
            attempt: self.task.progress.attempt,
            at: Some(at),
            data: failure.data,
        }
    }

    /// The place in the file of a place in a script.
    pub(super) fn place(&self, script: &PlacedScript, at: ScriptPlace) -> At {
        self.world.flow.place(script, at)
    }

    /// The effects of `script`, if it calls anything outside.
    pub(super) fn effects(
        &self,
        script: &PlacedScript,
        now: Timestamp,
    ) -> Option<std::rc::Rc<std::cell::RefCell<ScriptEffects>>> {
        if !script.script.is_small() {
            self.is_quick.set(false);
        }
        script.script.reaches_outside().then(|| ScriptEffects::new(self, now))
    }

    /// Whether a condition holds for `view`.
    pub(super) fn holds(&self, condition: &PlacedScript, view: &View<'_>) -> Result<bool, TaskError> {
        let effects = self.effects(condition, self.now).map(|effects| effects as OutsideRef);
        let holds = self.done(condition, condition.script.condition(view, effects.as_ref()))?;
        self.saw(condition, if holds { Seen::True } else { Seen::False });
        Ok(holds)
    }

    /// The value of an expression for `view`.
    pub(super) fn value(&self, expression: &PlacedScript, view: &View<'_>) -> Result<Value, TaskError> {
        let effects = self.effects(expression, self.now).map(|effects| effects as OutsideRef);
        let value = self.done(expression, expression.script.value(view, effects.as_ref()))?;
        self.saw(expression, Seen::Done);
        Ok(value)
    }

    /// The items of the list that an expression gives for `view`.
    pub(super) fn list(&self, expression: &PlacedScript, view: &View<'_>) -> Result<Arc<Vec<Value>>, TaskError> {
        let effects = self.effects(expression, self.now).map(|effects| effects as OutsideRef);
        let items = self.done(expression, expression.script.list(view, effects.as_ref()))?;
        self.saw(expression, Seen::Done);
        Ok(items)
    }

    /// The result of a script that calls nothing.
    fn done<T>(&self, script: &PlacedScript, ran: Ran<T>) -> Result<T, TaskError> {
        match ran {
            Ran::Done(value) => Ok(value),
            Ran::Failed(failure) => Err(self.error(failure, Some(script))),
            Ran::Stopped => Err(self.error(calls_nothing(), Some(script))),
        }
    }

    /// Notes that indexed attributes may have changed.
    pub(super) fn touch(&mut self, slot: usize) {
        self.index_changed |= self.world.flow.index.contains(&slot);
    }

    /// Adds the lines that a handler logged, with secret values masked.
    pub(super) fn add_logs(&mut self, lines: Vec<LogLine>) {
        self.bytes = lines.iter().fold(self.bytes, |bytes, line| {
            let fields = weight_of_map(&line.fields, MAX_BURST_BYTES).unwrap_or(MAX_BURST_BYTES);
            bytes.saturating_add(line.text.len()).saturating_add(fields)
        });
        let secrets = &self.secrets;
        self.logs.extend(lines.into_iter().map(|line| LogLine {
            text: secrets.text(line.text),
            fields: secrets.map(line.fields),
            ..line
        }));
    }

    /// Adds the sub-tasks that a handler started. The handler's own history entry is written later.
    pub(super) fn add_sub_tasks(&mut self, started: Vec<Started>) {
        for Started { id, flow, attributes } in started {
            let flows = &**self.world.flows;
            let new = NewTask { id, attributes, parent: Some(&self.task), now: self.now, later: false };
            let mut task = begin(&flow, flows, new);
            task.revision = 1;
            for definition in definitions(&flow, flows) {
                if !self.definitions.iter().any(|known| known.digest == definition.digest) {
                    self.definitions.push(definition);
                }
            }
            self.sub_tasks.push(*task);
            self.task.progress.started = self.task.progress.started.saturating_add(1);
            self.task.progress.idle = 0;
        }
    }

    /// What to store, and what comes after.
    pub(super) fn finish(mut self, next: NextAction) -> Advanced {
        let flow = self.world.flow;
        let is_new = self.task.revision == 0;
        if self.is_changed {
            self.task.revision = self.task.revision.saturating_add(1);
            // A new task has its date of deletion, unless time has passed.
            if !is_new || self.now != self.task.created_at {
                self.task.delete_at = Some(after(self.now, flow.delete_after));
            }
            self.task.updated_at = self.now;
        }
        let index = match (is_new, self.index_changed) {
            (true, _) => index_of_new(flow, &self.task),
            (false, true) => Some(index(flow, &self.task.attributes)),
            (false, false) => None,
        };
        if is_new {
            self.definitions.extend(definitions(flow, &**self.world.flows));
        }
        let checkpoint = Box::new(Checkpoint {
            transitions: self.transitions,
            sub_tasks: self.sub_tasks,
            index,
            applied: self.applied,
            definitions: self.definitions,
            notify_parent: self.task.parent_id.filter(|_| self.task.status.has_ended()),
            acked_wakes: self.world.wakes,
            ends_journal: self.ends_journal,
            ..Checkpoint::of(self.task)
        });
        let secrets = self.secrets.secrets();
        Advanced { checkpoint, is_changed: self.is_changed, logs: self.logs, tries: self.tries, secrets, next }
    }
}

/// The flow's timeout of a task that was just made, which its beginning has computed.
fn expiry_of_new(world: &World<'_>, task: &Task) -> Option<(Timestamp, Timestamp)> {
    let is_the_flows = task.revision == 0 && timeout::own(world.flow, world.flow.start).is_none();
    task.timeout_at.filter(|_| is_the_flows).map(|at| (timeout::clock(task), at))
}

/// The secrets of a task and of its sub-tasks, which its scripts may read.
fn hidden(world: &World<'_>, task: &Task) -> Hidden {
    let mut secrets = Secrets::of(&task.attributes);
    world.sub_tasks.iter().for_each(|sub_task| secrets.add(&sub_task.attributes));
    Hidden::new(secrets)
}

/// The failure of a script that calls something where it may not. The checker refuses such scripts.
pub(super) fn calls_nothing() -> Failure {
    Failure::new("script", "it calls a capability, which only the `action` of a state may")
}
