//! The interpreter runs a task from state to state until it ends, sleeps, needs a step performed, or must be stored
//! first. It is pure: no clock of its own, no await, no storage, no logging. It returns data: what to store, and what
//! to do next.

mod action;
mod assign;
mod begin;
mod cancel;
mod crash;
mod cycle;
mod decision;
mod effects;
mod entry;
mod execution;
mod failure;
mod held_up;
mod interaction;
mod limits;
mod migrate;
mod probe;
mod record;
mod result;
mod retry;
mod scope;
mod start;
mod timeout;
mod wait;

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::expression::Limits;
use crate::flow::{Flow, StateId};
use crate::host::Host;
use crate::name::Name;
use crate::task::{At, Attributes, Checkpoint, InteractionReceipt, Journal, NextTry, Secrets, Step, Task};
use crate::value::Map;

use execution::Execution;

pub(crate) use begin::{NewTask, begin, checkpoint_of_new};
pub(crate) use effects::chance;
pub(crate) use interaction::check_allowed;
pub(crate) use migrate::check_migration;
pub(crate) use probe::{Probe, Seen, Way, holds};

/// The surroundings of a task while it is advanced: what the interpreter may read and does not own.
pub(crate) struct World<'a> {
    /// The definition the task is pinned to, or moves to.
    pub(crate) flow: &'a Flow,
    /// The clock. The interpreter performs nothing through it.
    pub(crate) host: &'a dyn Host,
    /// The flows that may be started.
    pub(crate) flows: &'a Arc<dyn Flows>,
    /// The task's stored sub-tasks, in order of their start; needed only if [`Flow::reads_sub_tasks`].
    pub(crate) sub_tasks: &'a [Task],
    /// Whether some are missing, because they hold more than `MAX_SUB_TASKS_BYTES`.
    pub(crate) sub_tasks_too_heavy: bool,
    /// The steps of the body in progress, and the `once` results.
    pub(crate) journal: &'a Arc<Journal>,
    /// How often sub-tasks have woken the task since it last looked; 0 after a checkpoint has cleared it.
    pub(crate) wakes: u64,
    /// The bounds scripts run in.
    pub(crate) limits: &'a Limits,
    /// Whether each state is stored, instead of one write per burst of pure states.
    pub(crate) every_state: bool,
    /// Hears what happens, for tests.
    pub(crate) probe: Option<&'a dyn Probe>,
}

impl<'a> World<'a> {
    /// The world of a task without sub-tasks to read.
    pub(crate) const fn new(
        flow: &'a Flow,
        host: &'a dyn Host,
        flows: &'a Arc<dyn Flows>,
        journal: &'a Arc<Journal>,
        limits: &'a Limits,
    ) -> Self {
        Self {
            flow,
            host,
            flows,
            sub_tasks: &[],
            sub_tasks_too_heavy: false,
            journal,
            wakes: 0,
            limits,
            every_state: false,
            probe: None,
        }
    }
}

/// Where a task finds the flows that it may start.
pub(crate) trait Flows: Send + Sync {
    /// The flow called `name`: the newest in the library, else the one pinned with the task.
    fn flow(&self, name: &str) -> Option<Arc<Flow>>;
}

/// Why a task is advanced.
#[derive(Clone, Debug)]
pub(crate) enum Trigger {
    /// It is due: just started, active, its time has come, a sub-task has woken it, or a step was performed.
    Due,
    /// Somebody asks to look at it now.
    Wake,
    /// An interaction.
    Interact {
        /// Which of the flow's.
        interaction: usize,
        /// What came with it, checked.
        params: Attributes,
        /// The caller's key, if one came with it.
        applied: Option<InteractionReceipt>,
    },
    /// Somebody cancels it.
    Cancel,
    /// Somebody retries it after it failed or was cancelled.
    Retry {
        /// The state to continue in, if not the one where it ended.
        from: Option<StateId>,
        /// Whether it is of an earlier version and is migrated to the world's flow first.
        migrates: bool,
    },
    /// Somebody migrates it from an earlier version to the world's flow; it is left due.
    Migrate,
}

/// The result of advancing a task.
#[derive(Debug)]
pub(crate) struct Advanced {
    /// The task as it is now, with everything that belongs to it. The caller fills in claim and release.
    pub(crate) checkpoint: Box<Checkpoint>,
    /// Whether it must be stored before anything else. If not, nothing has changed.
    pub(crate) is_changed: bool,
    /// Log lines that take effect once it is stored, each before the history entry with its sequence number.
    pub(crate) logs: Vec<LogLine>,
    /// The next tries after failed ones, to be reported once it is stored.
    pub(crate) tries: Vec<NextTry>,
    /// What no message about the task may show.
    pub(crate) secrets: Secrets,
    /// What to do once it is stored.
    pub(crate) next: NextAction,
}

impl Advanced {
    /// Whether its checkpoint is all there is: the task rests, and no other task is affected.
    pub(crate) fn is_all(&self) -> bool {
        let rests = matches!(self.next, NextAction::Ended | NextAction::Sleeps);
        rests && self.checkpoint.notify_parent.is_none() && self.checkpoint.sub_tasks.is_empty()
    }
}

/// What to do with a task once its checkpoint is stored.
#[derive(Debug, PartialEq)]
pub(crate) enum NextAction {
    /// Nothing: it has ended.
    Ended,
    /// Nothing until `wake_at`, or until something happens to it.
    Sleeps,
    /// Advance it again at once, as due: it only had to be stored first.
    GoesOn,
    /// Let others have their turn, then advance it, as due.
    Yields,
    /// Release it and leave it due: this process lacks the grant for the next call, which the task names.
    HeldUp,
    /// Perform the step, append its outcome to the journal, and advance the task again, as due.
    Perform {
        /// What to perform.
        step: Box<Step>,
        /// When the try's time limit is over. Then the step is dropped, nothing is appended, and the task is advanced.
        deadline: Option<Timestamp>,
    },
}

/// A line that a script logged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogLine {
    /// The history entry that its handler wrote.
    pub(crate) seq: u64,
    /// `info`, `warn`, ….
    pub(crate) level: Name,
    /// Its text.
    pub(crate) text: String,
    /// Its fields.
    pub(crate) fields: Map,
}

/// Why something cannot be done to a task. Nothing was changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// The error's kind: `invalid_state`, `validation`, `script`, ….
    pub(crate) kind: Name,
    /// What was refused and why; names the state the task is in.
    pub(crate) message: String,
    /// The place in the flow's file, if a script or a rule of it is at fault.
    pub(crate) at: Option<At>,
}

/// Advances a task. `Err` if the trigger is refused; nothing has changed then. A task at revision 0 is new: its first
/// checkpoint also holds its definitions and index entries.
pub(crate) fn advance(world: &World<'_>, task: Box<Task>, trigger: Trigger) -> Result<Advanced, Refusal> {
    match trigger {
        Trigger::Migrate => return migrate::in_flight(world, task),
        Trigger::Retry { from, migrates: true } => return migrate::and_resume(world, task, from),
        _ => {}
    }
    let Some(state) = world.flow.state_ids.get(&task.state).copied() else {
        return Err(Refusal {
            kind: "definition".into(),
            message: format!("flow `{}` has no state `{}`, in which the task is", world.flow.name, task.state),
            at: None,
        });
    };
    let mut execution = Execution::new(world, task, state);
    match trigger {
        Trigger::Due if execution.task.status.has_ended() => return Ok(execution.finish(NextAction::Ended)),
        Trigger::Due => {}
        Trigger::Wake => {
            execution.check_asleep()?;
            execution.by_hand = true;
        }
        Trigger::Interact { interaction, params, applied } => {
            let number = interaction;
            let Some(interaction) = world.flow.interactions.get(number) else {
                let message = format!("flow `{}` has no such interaction", world.flow.name);
                return Err(Refusal { kind: "definition".into(), message, at: None });
            };
            let from = execution.state;
            execution.interact(interaction, &params, applied)?;
            execution.took(from, Way::Interaction(number));
            // New sub-tasks are stored before the task continues, as after any other handler.
            if execution.has_started() {
                return Ok(execution.finish(NextAction::GoesOn));
            }
        }
        Trigger::Cancel => {
            let _ = execution.cancel()?;
            return Ok(execution.finish(NextAction::Ended));
        }
        Trigger::Retry { from, .. } => execution.resume(from)?,
        Trigger::Migrate => {}
    }
    Ok(execution.run())
}
