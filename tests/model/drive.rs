//! The reference model of what is done to tasks: every outcome that the language allows.

use std::collections::{BTreeSet, HashSet, VecDeque};

use super::flow::{Flows, Which};
use super::trigger::Do;
use super::world::{Status, Task, Told, TooFar, World};

/// How many handlers one trigger may run.
const MAX_HANDLERS: usize = 60;
/// How many orders of the due work are followed.
const MAX_WAYS: usize = 400;

/// Its possible outcomes.
#[derive(Default)]
pub(super) struct Ways {
    /// How it may end, and what the caller gets: nothing, or the kind of a refusal.
    pub(super) ends: Vec<(World, Option<&'static str>)>,
    /// Every moment on the way at which a process may die, including the end, excluding the begin.
    pub(super) moments: Vec<World>,
}

impl Ways {
    fn refused(world: &World, kind: &'static str) -> Self {
        Self { ends: vec![(world.clone(), Some(kind))], moments: Vec::new() }
    }

    fn done(world: World, moments: Vec<World>) -> Self {
        Self { ends: vec![(world, None)], moments }
    }
}

/// A task under way, and the sub-tasks that come before it goes on.
struct Frame {
    id: usize,
    started: VecDeque<usize>,
}

impl Frame {
    fn new(id: usize, started: Vec<usize>) -> Self {
        Self { id, started: started.into() }
    }
}

impl World {
    /// The possible outcomes of doing `what`.
    pub(super) fn ways(&self, flows: &Flows, what: &Do) -> Result<Ways, TooFar> {
        self.course(flows, what, &mut None)
    }

    /// Every moment that may be stored when somebody is in conflict on the way, with somebody who then does nothing: a
    /// task that was under way is let go of, anywhere, and the others go on.
    pub(super) fn conflicts(&self, flows: &Flows, what: &Do) -> Result<Vec<Self>, TooFar> {
        let mut moments = Vec::new();
        for at in 0..MAX_HANDLERS {
            let mut lets_go = Some(at);
            moments.extend(self.course(flows, what, &mut lets_go)?.moments);
            if lets_go.is_some() {
                break;
            }
        }
        Ok(moments)
    }

    /// What may come of doing `what`, if after so many handlers the task under way is let go of; none is left of these
    /// where that has happened.
    fn course(&self, flows: &Flows, what: &Do, lets_go: &mut Option<usize>) -> Result<Ways, TooFar> {
        let mut world = self.clone();
        let mut moments = Vec::new();
        let id = what.who(self.tasks.len());
        let stack = match what {
            Do::RunDue => return self.run_due(flows, lets_go),
            Do::Call | Do::Later => {
                world.tasks.push(Task::new(Which::Main, &flows.main, None, (0, Vec::new()), self.now));
                moments.push(world.clone());
                if matches!(what, Do::Later) {
                    return Ok(Ways::done(world, moments));
                }
                Frame::new(0, Vec::new())
            }
            Do::Interact { which, n, key, .. } => match world.interacts(flows, id, *which, *n, *key)? {
                Ok(Some(started)) => {
                    // If it stays, it may also still be asleep until it is looked at again.
                    let mut asleep = world.clone();
                    if asleep.tasks[id].wake_at.is_some() {
                        asleep.tasks[id].status = Status::Waiting;
                        moments.push(asleep);
                    }
                    Frame::new(id, started)
                }
                Ok(None) => return Ok(Ways::done(world, moments)),
                Err(kind) => return Ok(Ways::refused(self, kind)),
            },
            Do::Wake(_) => {
                if world.tasks[id].has_ended() {
                    return Ok(Ways::refused(self, "invalid_state"));
                }
                let started = world.looks(flows, id, true)?;
                Frame::new(id, started)
            }
            Do::Cancel(_) => return self.cancels(flows, id, world, lets_go),
            Do::Retry { from, .. } => {
                if !matches!(self.tasks[id].status, Status::Failed | Status::Cancelled) {
                    return Ok(Ways::refused(self, "invalid_state"));
                }
                world.takes_up(flows, id, *from);
                Frame::new(id, Vec::new())
            }
        };
        moments.push(world.clone());
        world.drive(flows, vec![stack], true, &mut moments, lets_go)?;
        Ok(Ways::done(world, moments))
    }

    /// Applies an interaction, unless it was applied before under its key.
    fn interacts(
        &mut self,
        flows: &Flows,
        id: usize,
        which: u8,
        n: i64,
        key: Option<u8>,
    ) -> Result<Result<Option<Vec<usize>>, &'static str>, TooFar> {
        let flow = flows.get(self.tasks[id].flow);
        if flow.interactions.is_empty() {
            return Ok(Err("unknown"));
        }
        let which = usize::from(which) % flow.interactions.len();
        let interaction = &flow.interactions[which];
        if let Some(before) = key.and_then(|key| self.tasks[id].keys.get(&key)) {
            return Ok(if *before == (which, n) { Ok(None) } else { Err("conflict") });
        }
        let at = self.tasks[id].state;
        if self.tasks[id].has_ended() || !flow.is_allowed(interaction, at) {
            return Ok(Err("invalid_state"));
        }
        let ran = self.body(id, "interaction", &interaction.body, Some(n));
        if let Err(failed) = ran.outcome {
            return Ok(Err(failed.kind));
        }
        let started = self.starts(flows, id, &ran.starts)?;
        let told = Told { by: Some(format!("do{which}!")), changes: self.takes(id, ran.now), ..Told::default() };
        let to = interaction.go_to.map(|target| flow.any(target));
        self.moves(flows, id, to.unwrap_or(at), "interaction", told, to.is_some());
        if let Some(key) = key {
            self.tasks[id].keys.insert(key, (which, n));
        }
        if to.is_none() {
            // The look is the interaction's own; the timeout, or the next try, is what follows.
            match self.branch(flows, id) {
                Some((to, timed)) => {
                    let cause = if timed { "timer" } else { "wait" };
                    self.moves(flows, id, to, cause, Told::default(), true);
                }
                None => self.tasks[id].seen_to = self.tasks[id].status == Status::Waiting,
            }
        }
        Ok(Ok(Some(started)))
    }

    /// Retries a task that has ended.
    fn takes_up(&mut self, flows: &Flows, id: usize, from: Option<u8>) {
        let (at, now) = (self.tasks[id].state, self.now);
        // A retry in the same state is the same visit.
        let to = from.map(|target| flows.get(self.tasks[id].flow).any(target)).filter(|to| *to != at);
        self.moves(flows, id, to.unwrap_or(at), "resume", Told::default(), to.is_some());
        let task = &mut self.tasks[id];
        task.status = Status::Active;
        task.error = None;
        task.attempt = 1;
        task.clock = now;
        task.arrived = now;
        task.waits_from = now;
    }

    fn cancels(&self, flows: &Flows, id: usize, mut world: Self, lets_go: &mut Option<usize>) -> Result<Ways, TooFar> {
        let mut moments = Vec::new();
        let all: Vec<usize> = std::iter::once(id).chain(self.tasks[id].children.iter().copied()).collect();
        let is_left_over = |id: usize| self.tasks[id].children.iter().any(|child| !self.tasks[*child].has_ended());
        let is_broken_off = self.tasks[id].status == Status::Cancelled && is_left_over(id);
        if self.tasks[id].has_ended() && !is_broken_off {
            return Ok(Ways::refused(self, "invalid_state"));
        }
        for id in all {
            if !world.tasks[id].has_ended() {
                let state = world.tasks[id].state;
                world.moves(flows, id, state, "cancel", Told::default(), false);
                world.ends(id, Status::Cancelled);
                moments.push(world.clone());
            }
        }
        if let Some(parent) = world.tasks[id].parent.filter(|parent| world.tasks[*parent].status == Status::Waiting) {
            world.drive(flows, vec![Frame::new(parent, Vec::new())], true, &mut moments, lets_go)?;
        }
        Ok(Ways::done(world, moments))
    }

    /// Runs what is on the stack until it rests. A process that `stays` looks at woken tasks at once; others leave them.
    fn drive(
        &mut self,
        flows: &Flows,
        mut stack: Vec<Frame>,
        stays: bool,
        moments: &mut Vec<Self>,
        lets_go: &mut Option<usize>,
    ) -> Result<(), TooFar> {
        for _ in 0..MAX_HANDLERS {
            let Some(top) = stack.last_mut() else { return Ok(()) };
            let id = top.id;
            if let Some(child) = top.started.pop_front() {
                stack.push(Frame::new(child, Vec::new()));
                continue;
            }
            let task = &self.tasks[id];
            let looks = stays && task.status == Status::Waiting && (task.woken || task.seen_to);
            if task.status == Status::Active || looks {
                if let Some(left) = lets_go {
                    if *left == 0 {
                        *lets_go = None;
                        stack.pop();
                        continue;
                    }
                    *left -= 1;
                }
                let started = if looks { self.looks(flows, id, false)? } else { self.handle(flows, id)? };
                top.started = started.into();
                moments.push(self.clone());
                continue;
            }
            let parent = task.parent.filter(|_| task.has_ended());
            stack.pop();
            if let (Some(parent), true, true) = (parent, stack.is_empty(), stays)
                && self.tasks[parent].status == Status::Waiting
            {
                stack.push(Frame::new(parent, Vec::new()));
            }
        }
        Err(TooFar)
    }

    /// The tasks that are due.
    fn due(&self) -> BTreeSet<usize> {
        let is_due = |task: &Task| match task.status {
            Status::Active => true,
            Status::Waiting => task.woken || task.wake_at.is_some_and(|at| at <= self.now),
            _ => false,
        };
        self.tasks.iter().enumerate().filter(|(_, task)| is_due(task)).map(|(id, _)| id).collect()
    }

    /// Does what is due, in every order.
    fn run_due(&self, flows: &Flows, lets_go: &mut Option<usize>) -> Result<Ways, TooFar> {
        let mut ways = Ways::default();
        let mut open = vec![(self.clone(), self.due(), *lets_go)];
        let mut known = HashSet::new();
        while let Some((world, batch, left)) = open.pop() {
            if batch.is_empty() {
                if left.is_none() {
                    *lets_go = None;
                }
                ways.ends.push((world, None));
                continue;
            }
            for id in &batch {
                let (mut next, mut rest, mut left) = (world.clone(), batch.clone(), left);
                rest.remove(id);
                let mut started = Vec::new();
                if next.tasks[*id].status == Status::Waiting {
                    started = next.looks(flows, *id, false)?;
                    ways.moments.push(next.clone());
                }
                next.drive(flows, vec![Frame::new(*id, started)], false, &mut ways.moments, &mut left)?;
                if rest.is_empty() {
                    rest = next.due();
                }
                if known.len() > MAX_WAYS {
                    return Err(TooFar);
                }
                if known.insert((next.clone(), rest.clone(), left)) {
                    open.push((next, rest, left));
                }
            }
        }
        Ok(ways)
    }
}
