//! `migrate`: a task of an earlier version becomes one of this version, entirely or not at all. It is not advanced,
//! because the process that migrates it may lack grants that its states need. It is left due.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::flow::{Flow, Migration, StateId, StateKind};
use crate::name::Name;
use crate::task::{AttributeSet, Attributes, Cause, Changes, MISSING, Status, Task, TaskError};

use super::assign::masked;
use super::begin::{definitions, pins};
use super::entry::Entry;
use super::execution::Execution;
use super::probe::Way;
use super::{Advanced, NextAction, Refusal, World, timeout};

/// Whether a task in flight can be migrated to `flow`, as far as that is known without running anything.
pub(crate) fn check_migration(flow: &Flow, task: &Task) -> Result<(), Refusal> {
    route(flow, task).map(drop)
}

/// Migrates a task in flight to the world's flow.
pub(super) fn in_flight(world: &World<'_>, task: Box<Task>) -> Result<Advanced, Refusal> {
    let (migration, state) = route(world.flow, &task)?;
    let mut execution = Execution::new(world, task, state);
    execution.migrate(migration)?;
    execution.leave_due();
    Ok(execution.finish(NextAction::Sleeps))
}

/// Migrates a failed or cancelled task to the world's flow and retries it there, in the state where it ended or in
/// `from`.
pub(super) fn and_resume(world: &World<'_>, task: Box<Task>, from: Option<StateId>) -> Result<Advanced, Refusal> {
    let migration = entry(world.flow, &task)?;
    let state = state_of(world.flow, migration, &task.state).or(from);
    let state = state.ok_or_else(|| not_there(world.flow, &task))?;
    let mut execution = Execution::new(world, task, state);
    execution.check_resumable()?;
    execution.migrate(migration)?;
    execution.resume(from)?;
    Ok(execution.run())
}

/// The `migrate` entry by which a task in flight moves to `flow`, and the state it moves to.
fn route<'f>(flow: &'f Flow, task: &Task) -> Result<(&'f Migration, StateId), Refusal> {
    if task.status.has_ended() {
        let (status, version) = (task.status.name(), flow.version);
        let why = format!("the task is {status}, and only those in flight move to version {version}");
        return Err(refuse(task, "invalid_state", &why));
    }
    let migration = entry(flow, task)?;
    let state = state_of(flow, migration, &task.state).ok_or_else(|| not_there(flow, task))?;
    if task.progress.began_at.is_some() {
        let why = format!("its body is in progress; migrate it to version {} again when that has ended", flow.version);
        return Err(refuse(task, "conflict", &why));
    }
    Ok((migration, state))
}

/// The `migrate` entry for tasks of this version.
fn entry<'f>(flow: &'f Flow, task: &Task) -> Result<&'f Migration, Refusal> {
    let (own, new) = (task.version, flow.version);
    if let Some(migration) = flow.migrations.iter().find(|migration| migration.from.contains(&own)) {
        return Ok(migration);
    }
    let why = match own.cmp(&new) {
        std::cmp::Ordering::Less => {
            format!("`migrate` of version {new} has no entry for version {own}: add an entry `from: [{own}]`")
        }
        std::cmp::Ordering::Equal => format!(
            "the library has another definition of version {new}: raise its `version`, and add an entry `from: [{own}]` \
             to its `migrate`"
        ),
        std::cmp::Ordering::Greater => format!("version {new} in the library is older; tasks only move to a newer one"),
    };
    Err(refuse(task, "definition", &why))
}

/// The new state for `name`: the one that the entry says, else the one of the same name.
fn state_of(flow: &Flow, migration: &Migration, name: &Name) -> Option<StateId> {
    let renamed = migration.states.iter().find(|(old, _)| old == name).map(|(_, new)| *new);
    renamed.or_else(|| flow.state_ids.get(name).copied())
}

fn not_there(flow: &Flow, task: &Task) -> Refusal {
    let (new, state) = (flow.version, &task.state);
    let why = format!(
        "version {new} has no such state: say what it has become in `states` of its `migrate` entry, `{{ {state}: … }}`"
    );
    refuse(task, "definition", &why)
}

/// A refusal, naming the task's state and version.
fn refuse(task: &Task, kind: &str, why: &str) -> Refusal {
    let message = format!("in `{}` of version {}: {why}", task.state, task.version);
    Refusal { kind: kind.into(), message, at: None }
}

impl Execution<'_> {
    /// Makes the task one of the world's flow: in the state that the burst was made for, with its attributes as
    /// `migration` says. Its timers still count from the same arrival.
    fn migrate(&mut self, migration: &Migration) -> Result<(), Refusal> {
        let flow = self.world.flow;
        let old = self.task.attributes.clone();
        self.task.attributes = carried(&old, &flow.attributes);
        self.secrets.add(&self.task.attributes);
        // The action sees `task` as it was, and the attributes as they will be.
        if let Some(action) = &migration.action {
            self.body(action, None).map_err(|why| self.action_failed(why))?;
        }
        self.task.attributes.check_all().map_err(|invalid| {
            let help = match &invalid.help {
                Some(help) => format!("; {help}"),
                None if invalid.reason == MISSING => {
                    "; assign it in the `action` of its `migrate` entry, or give it a `default`".to_owned()
                }
                None => String::new(),
            };
            let why = format!("its attributes break the rules of version {}: {invalid}{help}", flow.version);
            refuse(&self.task, "validation", &self.secrets.text(why))
        })?;
        let by = Name::from(format!("{} to {}", self.task.version, flow.version));
        let entry = Entry { by: Some(by), changes: self.moved_changes(&old), ..Entry::new(Cause::Migrate, self.now) };
        let state = self.state().map(|state| state.name.clone()).unwrap_or_default();
        self.record(state.clone(), entry);
        let number = flow.migrations.iter().position(|known| std::ptr::eq(known, migration));
        number.into_iter().for_each(|number| self.takes(Way::Migration(number)));
        self.index_changed = true;
        self.definitions.extend(definitions(flow, &**self.world.flows));
        let task = &mut self.task;
        task.state = state;
        task.version = flow.version;
        task.digest = flow.definition.digest.clone();
        task.queue = flow.queue.clone();
        task.priority = flow.priority;
        task.progress.idle = 0;
        task.progress.pins = pins(flow, &**self.world.flows);
        rename_visits(task, |name| {
            let state = state_of(flow, migration, name)?;
            Some(flow.states.get(state)?.name.clone())
        });
        task.timeout_at = Some(timeout::of_arrival(flow, task, self.state, since(task)));
        Ok(())
    }

    /// Leaves the task due, unless it sleeps between two tries of an action: then it keeps sleeping.
    fn leave_due(&mut self) {
        let (now, state) = (self.now, self.state().map(|state| &state.kind));
        let task = &mut self.task;
        match (state, task.progress.retry_at) {
            (Some(StateKind::Action(_)), Some(retry_at)) => {
                task.status = Status::Waiting;
                task.wake_at = [Some(retry_at), task.timeout_at].into_iter().flatten().min();
            }
            (state, _) => {
                let waits = matches!(state, Some(StateKind::Wait(_)));
                task.status = if waits { Status::Waiting } else { Status::Active };
                task.wake_at = waits.then_some(now);
                task.progress.retry_at = None;
                task.progress.attempt = 1;
            }
        }
    }

    fn action_failed(&self, why: TaskError) -> Refusal {
        let place = why.at.as_ref().map(|at| format!(" (at {}:{}:{})", at.file, at.line, at.column));
        let message = self.secrets.text(why.message);
        let version = self.world.flow.version;
        let text =
            format!("the action of `migrate` to version {version} failed: {message}{}", place.unwrap_or_default());
        Refusal { at: why.at, ..refuse(&self.task, &why.kind, &text) }
    }

    /// The changes of attributes, including those that are no longer declared and the defaults of new ones.
    fn moved_changes(&self, old: &Attributes) -> Changes {
        let new = &self.task.attributes;
        let (known, declared) = (old.set_of(), new.set_of());
        let added = declared.iter().filter(|attribute| known.slot(&attribute.name).is_none());
        let mut changes = Changes::new();
        for attribute in known.iter().chain(added) {
            let name = &attribute.name;
            let value = |of: &Attributes| of.by_name(name).cloned().unwrap_or_default();
            let (before, after) = (value(old), value(new));
            // Text that only became the date it says looks the same in the history, and is no change.
            if before == after || before.clone().into_plain() == after.clone().into_plain() {
                continue;
            }
            let is_secret = |set: &Arc<AttributeSet>| {
                set.slot(name).and_then(|slot| set.get(slot)).is_some_and(|attribute| attribute.rules.holds_secret())
            };
            let shown = if is_secret(known) || is_secret(declared) {
                (masked(&before), masked(&after))
            } else {
                (self.secrets.value(before), self.secrets.value(after))
            };
            changes.insert(name.clone(), shown);
        }
        changes
    }
}

/// The values of `old` under the attributes of `set`, by name. A value that does not fit its new type stays as it is,
/// so that the action can mend it. New attributes get their defaults; attributes that `set` does not have are dropped.
fn carried(old: &Attributes, set: &Arc<AttributeSet>) -> Attributes {
    let mut new = Attributes::new(Arc::clone(set));
    for (slot, attribute) in set.iter().enumerate() {
        let Some(value) = old.by_name(&attribute.name) else { continue };
        // Falls back to text, so that a date can become a string.
        let fitting = attribute.rules.restore(value).or_else(|_| attribute.rules.restore(&value.clone().into_plain()));
        new.set(slot, fitting.unwrap_or_else(|_| value.clone()));
    }
    new
}

/// When the timeout of a task's state began to count: at its arrival, or when it last struck and left the task there.
fn since(task: &Task) -> Timestamp {
    let arrived = task.progress.arrived_at.unwrap_or(task.created_at);
    task.progress.clock_at.map_or(arrived, |clock| clock.max(arrived))
}

/// Renames the visit counts to the new names of the states. Counts of removed states are dropped.
fn rename_visits(task: &mut Task, renamed: impl Fn(&Name) -> Option<Name>) {
    let mut visits: Vec<(Name, u32)> = Vec::with_capacity(task.progress.visits.len());
    let known = std::mem::take(&mut task.progress.visits);
    for (name, count) in known.iter().filter_map(|(old, count)| Some((renamed(old)?, *count))) {
        match visits.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => visits.push((name, count)),
        }
    }
    if !visits.iter().any(|(name, _)| *name == task.state) {
        visits.push((task.state.clone(), 1));
    }
    task.progress.visits = visits;
}
