//! The reference model: what the language says about tasks, run on flows as data. It knows nothing of the program.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::body::Failed;
use super::flow::{Branch, Cond, Flow, Flows, Items, OfError, Output, Seconds, State, Which};
use super::typed::{self, Sample};

/// The most tasks and moves of one trigger: a case with more is taken for an endless loop, and ends there.
const MAX_TASKS: usize = 9;

/// The state of the world at a moment: tasks in order of their start, and what they have called.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct World {
    /// Seconds since the case began.
    pub(super) now: Seconds,
    pub(super) tasks: Vec<Task>,
    /// How often each call was made.
    pub(super) calls: BTreeMap<(usize, String, u32, u32), usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Status {
    Active,
    Waiting,
    Completed,
    Failed,
    Cancelled,
}

/// The attributes of a task.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Held {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) log: Vec<i64>,
    pub(super) kept: Vec<Json>,
    /// In hundredths.
    pub(super) sum: i64,
    pub(super) lines: Vec<i64>,
}

impl Held {
    /// As they are told, in order of their names.
    pub(super) fn told(&self) -> [(&'static str, Json); 6] {
        [
            ("kept", json!(self.kept)),
            ("lines", self.lines.iter().map(|n| typed::line(*n)).collect()),
            ("log", json!(self.log)),
            ("sum", typed::decimal(self.sum)),
            ("x", json!(self.x)),
            ("y", json!(self.y)),
        ]
    }
}

/// One task. Times are seconds since the case began.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Task {
    pub(super) flow: Which,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    pub(super) status: Status,
    pub(super) state: usize,
    pub(super) held: Held,
    pub(super) output: Json,
    pub(super) error: Option<Failure>,
    pub(super) created: Seconds,
    /// From when the flow's timeout counts.
    pub(super) clock: Seconds,
    pub(super) arrived: Seconds,
    /// From when a wait's own timeout counts.
    pub(super) waits_from: Seconds,
    pub(super) attempt: u32,
    pub(super) retry_at: Option<Seconds>,
    pub(super) wake_at: Option<Seconds>,
    /// Whether a sub-task has ended since it last looked.
    pub(super) woken: bool,
    /// Whether it sleeps, and the process that did something to it will look at it again. A later process cannot know.
    pub(super) seen_to: bool,
    pub(super) visits: Vec<u32>,
    /// The error that led to its state.
    pub(super) led_by: Option<Failure>,
    pub(super) history: Vec<Entry>,
    /// Interactions by the key they were applied under.
    pub(super) keys: BTreeMap<u8, (usize, i64)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Failure {
    pub(super) kind: String,
    pub(super) message: String,
    pub(super) state: String,
    pub(super) attempt: u32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Entry {
    pub(super) at: Seconds,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cause: &'static str,
    pub(super) by: Option<String>,
    pub(super) changes: Vec<String>,
    pub(super) error: Option<Failure>,
    pub(super) steps: Vec<String>,
}

/// What a handler adds to its history entry.
#[derive(Default)]
pub(super) struct Told {
    pub(super) by: Option<String>,
    pub(super) changes: Vec<String>,
    pub(super) error: Option<Failure>,
    pub(super) steps: Vec<String>,
}

/// What a sub-task is given: `x`, and what is kept.
pub(super) type Given = (i64, Vec<Json>);

/// The case loops for ever, or goes too far to be followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooFar;

impl Task {
    pub(super) fn new(flow: Which, of: &Flow, parent: Option<usize>, given: Given, now: Seconds) -> Self {
        let mut visits = vec![0; of.states.len()];
        visits[0] = 1;
        Self {
            flow,
            parent,
            children: Vec::new(),
            status: Status::Active,
            state: 0,
            held: Held { x: given.0, kept: given.1, ..Held::default() },
            output: Json::Null,
            error: None,
            created: now,
            clock: now,
            arrived: now,
            waits_from: now,
            attempt: 1,
            retry_at: None,
            wake_at: None,
            woken: false,
            seen_to: false,
            visits,
            led_by: None,
            history: Vec::new(),
            keys: BTreeMap::new(),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.status, Status::Completed | Status::Failed | Status::Cancelled)
    }
}

impl World {
    /// Writes an entry, and moves the task if it leads elsewhere or is an `arrival` where it is.
    pub(super) fn moves(
        &mut self,
        flows: &Flows,
        id: usize,
        to: usize,
        cause: &'static str,
        told: Told,
        arrives: bool,
    ) {
        let now = self.now;
        let task = &mut self.tasks[id];
        let flow = flows.get(task.flow);
        let Told { by, changes, error, steps } = told;
        let (from, to_name) = (flow.name(task.state), flow.name(to));
        let entry = Entry { at: now, from, to: to_name, cause, by, changes, error, steps };
        task.history.push(entry);
        if arrives {
            task.state = to;
            task.status = Status::Active;
            task.wake_at = None;
            task.arrived = now;
            task.waits_from = now;
            task.attempt = 1;
            task.retry_at = None;
            task.visits[to] += 1;
            task.led_by = None;
        }
    }

    pub(super) fn ends(&mut self, id: usize, status: Status) {
        let task = &mut self.tasks[id];
        task.status = status;
        task.wake_at = None;
        task.retry_at = None;
        if let Some(parent) = task.parent {
            self.tasks[parent].woken = true;
        }
    }

    /// The task fails where it is, with an error that nothing handled.
    pub(super) fn fails(&mut self, flows: &Flows, id: usize, failed: Failed, cause: &'static str, steps: Vec<String>) {
        let state = self.tasks[id].state;
        let error = self.failure(flows, id, failed);
        let told = Told { steps, error: Some(error.clone()), ..Told::default() };
        self.moves(flows, id, state, cause, told, false);
        self.tasks[id].error = Some(error);
        self.ends(id, Status::Failed);
    }

    fn failure(&self, flows: &Flows, id: usize, failed: Failed) -> Failure {
        let task = &self.tasks[id];
        let state = flows.get(task.flow).name(task.state);
        Failure { kind: failed.kind.to_owned(), message: failed.message, state, attempt: task.attempt }
    }

    pub(super) fn starts(&mut self, flows: &Flows, id: usize, given: &[Given]) -> Result<Vec<usize>, TooFar> {
        let mut started = Vec::new();
        for given in given {
            if self.tasks.len() >= MAX_TASKS {
                return Err(TooFar);
            }
            let child = self.tasks.len();
            self.tasks.push(Task::new(Which::Part, &flows.part, Some(id), given.clone(), self.now));
            self.tasks[id].children.push(child);
            started.push(child);
        }
        Ok(started)
    }

    /// Runs the handler of the state that an active task is in; gives the sub-tasks it started.
    pub(super) fn handle(&mut self, flows: &Flows, id: usize) -> Result<Vec<usize>, TooFar> {
        let task = &mut self.tasks[id];
        task.woken = false;
        let at = task.state;
        let flow = flows.get(task.flow);
        match &flow.states[at] {
            State::Action { .. } if task.retry_at.is_none() => return self.acts(flows, id),
            State::Action { .. } => return self.looks(flows, id, false),
            State::Wait { .. } => return self.looks(flows, id, false),
            State::Decision { branches, otherwise } => {
                let held = branches.iter().find(|(cond, _)| self.holds(id, cond)).map(|(_, to)| *to);
                match held.or(*otherwise) {
                    Some(to) => self.moves(flows, id, flow.to(at, to), "decision", Told::default(), true),
                    None => self.fails(flows, id, Failed::of("no_decision", ""), "error", Vec::new()),
                }
            }
            State::Start { items, go_to } => {
                let given = match items {
                    Items::One(n) => vec![*n],
                    Items::Each(list) => list.clone(),
                    Items::Log => self.tasks[id].held.log.clone(),
                };
                let given: Vec<Given> = given.into_iter().map(|x| (x, self.tasks[id].held.kept.clone())).collect();
                let started = self.starts(flows, id, &given)?;
                self.moves(flows, id, flow.to(at, *go_to), "start", Told::default(), true);
                return Ok(started);
            }
            State::Result(output) => {
                self.tasks[id].output = self.output(id, output);
                self.arrives_at_end(flows, id);
                self.ends(id, Status::Completed);
            }
            State::Failure => {
                let message = format!("broken at {}", self.tasks[id].held.x);
                self.tasks[id].error = Some(self.failure(flows, id, Failed::of("failure", message)));
                self.arrives_at_end(flows, id);
                self.ends(id, Status::Failed);
            }
        }
        Ok(Vec::new())
    }

    /// A task whose first state is an end makes no move, and still has an entry.
    fn arrives_at_end(&mut self, flows: &Flows, id: usize) {
        if self.tasks[id].history.is_empty() {
            let state = self.tasks[id].state;
            self.moves(flows, id, state, "start", Told::default(), false);
        }
    }

    fn output(&self, id: usize, output: &Output) -> Json {
        let task = &self.tasks[id];
        match output {
            Output::Nothing => Json::Null,
            Output::X => json!(task.held.x),
            Output::Log => json!(task.held.log),
            Output::Kept => json!(task.held.kept),
            Output::Lines => task.held.lines.iter().map(|n| typed::line(*n)).collect(),
            Output::Error => json!(task.led_by.as_ref().map_or("none", |error| &error.kind)),
            Output::SubTasks => task.children.iter().map(|child| self.tasks[*child].output.clone()).collect(),
        }
    }

    fn acts(&mut self, flows: &Flows, id: usize) -> Result<Vec<usize>, TooFar> {
        let (at, which) = (self.tasks[id].state, self.tasks[id].flow);
        let flow = flows.get(which);
        let State::Action { body, go_to, retry, on_error } = &flow.states[at] else { return Ok(Vec::new()) };
        let ran = self.body(id, &flow.name(at), body, None);
        let failed = match ran.outcome {
            Ok(()) => {
                let started = self.starts(flows, id, &ran.starts)?;
                let changes = self.takes(id, ran.now);
                let told = Told { changes, steps: ran.steps, ..Told::default() };
                self.moves(flows, id, flow.to(at, *go_to), "action", told, true);
                return Ok(started);
            }
            Err(failed) => failed,
        };
        let error = self.failure(flows, id, failed.clone());
        let never = ["limit", "denied", "validation", "repeat"];
        if let Some(retry) = retry {
            let is_meant = retry.only.as_ref().map_or(!never.contains(&failed.kind), |cond| of_error(cond, &error));
            if is_meant && self.tasks[id].attempt < retry.attempts {
                let told = Told { steps: ran.steps, error: Some(error), ..Told::default() };
                self.moves(flows, id, at, "retry", told, false);
                let task = &mut self.tasks[id];
                let factor = if retry.doubles { 1 << (task.attempt - 1) } else { 1 };
                task.retry_at = Some(self.now + retry.delay * factor);
                task.attempt += 1;
                // A timeout that came meanwhile is a move of its own: a process may die between it and this one.
                if self.now >= self.timeout_at(flows, id) {
                    return Ok(Vec::new());
                }
                self.tasks[id].status = Status::Waiting;
                return self.looks(flows, id, false);
            }
        }
        match on_error.iter().find(|(cond, _)| cond.as_ref().is_none_or(|cond| of_error(cond, &error))) {
            Some((_, to)) => {
                let told = Told { steps: ran.steps, error: Some(error.clone()), ..Told::default() };
                self.moves(flows, id, flow.to(at, *to), "error", told, true);
                self.tasks[id].led_by = Some(error);
            }
            None => self.fails(flows, id, failed, "error", ran.steps),
        }
        Ok(Vec::new())
    }

    /// Looks at a wait, or at the sleep between two tries.
    pub(super) fn looks(&mut self, flows: &Flows, id: usize, is_wake: bool) -> Result<Vec<usize>, TooFar> {
        (self.tasks[id].woken, self.tasks[id].seen_to) = (false, false);
        if let Some(held) = self.branch(flows, id) {
            let (to, timed) = held;
            let cause = if is_wake {
                "wake"
            } else if timed {
                "timer"
            } else {
                "wait"
            };
            self.moves(flows, id, to, cause, Told::default(), true);
            return Ok(Vec::new());
        }
        let task = &self.tasks[id];
        // A wake starts the next try now.
        if task.retry_at.is_some_and(|at| is_wake || self.now >= at) {
            let task = &mut self.tasks[id];
            (task.status, task.retry_at, task.wake_at) = (Status::Active, None, None);
            return Ok(Vec::new());
        }
        if self.now >= self.timeout_at(flows, id) {
            return self.strikes(flows, id);
        }
        self.sleeps(flows, id);
        Ok(Vec::new())
    }

    /// Where the first branch that holds leads, and whether its time has come.
    pub(super) fn branch(&self, flows: &Flows, id: usize) -> Option<(usize, bool)> {
        let task = &self.tasks[id];
        let flow = flows.get(task.flow);
        let State::Wait { branches, .. } = &flow.states[task.state] else { return None };
        let has_come = |after: &Seconds| self.now >= task.arrived + after;
        let holds = |branch: &&Branch| {
            branch.cond.as_ref().is_none_or(|cond| self.holds(id, cond)) && branch.after.as_ref().is_none_or(has_come)
        };
        let held = branches.iter().find(holds)?;
        Some((flow.to(task.state, held.to), held.after.is_some()))
    }

    fn timeout_at(&self, flows: &Flows, id: usize) -> Seconds {
        let task = &self.tasks[id];
        let flow = flows.get(task.flow);
        match &flow.states[task.state] {
            State::Wait { timeout: Some(own), .. } => task.waits_from + own,
            _ => task.clock + flow.timeout,
        }
    }

    fn strikes(&mut self, flows: &Flows, id: usize) -> Result<Vec<usize>, TooFar> {
        let (at, which) = (self.tasks[id].state, self.tasks[id].flow);
        let flow = flows.get(which);
        let Some(on_timeout) = &flow.on_timeout else {
            self.fails(flows, id, Failed::of("timeout", ""), "timeout", Vec::new());
            return Ok(Vec::new());
        };
        let ran = self.body(id, "on_timeout", &on_timeout.body, None);
        if let Err(failed) = ran.outcome {
            self.fails(flows, id, failed, "error", Vec::new());
            return Ok(Vec::new());
        }
        let started = self.starts(flows, id, &ran.starts)?;
        let told = Told { changes: self.takes(id, ran.now), ..Told::default() };
        let to = on_timeout.go_to.map(|target| flow.any(target));
        self.moves(flows, id, to.unwrap_or(at), "timeout", told, to.is_some());
        self.tasks[id].clock = self.now;
        if to.is_none() {
            // It looks again, after what was started has had its turn.
            let task = &mut self.tasks[id];
            (task.status, task.waits_from, task.wake_at) = (Status::Active, self.now, None);
        }
        Ok(started)
    }

    /// Says when the task is looked at next.
    pub(super) fn sleeps(&mut self, flows: &Flows, id: usize) {
        let timeout = self.timeout_at(flows, id);
        let task = &self.tasks[id];
        let flow = flows.get(task.flow);
        let mut times = vec![timeout];
        times.extend(task.retry_at);
        if let State::Wait { branches, delay, .. } = &flow.states[task.state] {
            times.extend(branches.iter().filter_map(|branch| branch.after).map(|after| task.arrived + after));
            // A branch reads the clock: poll, but not before an `after` that is still to come.
            let is_polled = |branch: &Branch| {
                branch.cond.as_ref().is_some_and(Cond::reads_clock)
                    && branch.after.is_none_or(|after| self.now >= task.arrived + after)
            };
            if branches.iter().any(is_polled) {
                times.push(self.now + delay.unwrap_or(flow.delay));
            }
        }
        let next = times.into_iter().filter(|at| *at > self.now).min();
        let task = &mut self.tasks[id];
        task.status = Status::Waiting;
        task.wake_at = next;
    }

    pub(super) fn holds(&self, id: usize, cond: &Cond) -> bool {
        let task = &self.tasks[id];
        let count = |is: fn(&Task) -> bool| task.children.iter().filter(|child| is(&self.tasks[**child])).count();
        match cond {
            Cond::Const(value) => *value,
            Cond::XAtLeast(n) => task.held.x >= *n,
            Cond::XIs(n) => task.held.x == *n,
            Cond::YAtLeast(n) => task.held.y >= *n,
            Cond::Pushed(n) => task.held.log.len() >= *n,
            Cond::KeptIs(n) => {
                let kind = Sample::of(*n).kind;
                task.held.kept.last().is_some_and(|last| Sample::kind_of(last) == kind)
            }
            Cond::SumAtLeast(n) => task.held.sum >= n * 100 + 25,
            Cond::DueReport(n) => task.held.lines.contains(n),
            Cond::Visits(n) => task.visits[task.state] >= *n,
            Cond::NoneActive => count(|child| !child.has_ended()) == 0,
            Cond::Completed(n) => count(|child| child.status == Status::Completed) >= *n,
            Cond::Failed(n) => count(|child| matches!(child.status, Status::Failed | Status::Cancelled)) >= *n,
            Cond::Elapsed(n) => self.now >= task.created + n,
            Cond::Not(inner) => !self.holds(id, inner),
            Cond::And(left, right) => self.holds(id, left) && self.holds(id, right),
            Cond::Or(left, right) => self.holds(id, left) || self.holds(id, right),
        }
    }
}

fn of_error(cond: &OfError, error: &Failure) -> bool {
    match cond {
        OfError::Kind(kind) => error.kind == *kind,
        OfError::Attempt(n) => error.attempt >= *n,
    }
}
