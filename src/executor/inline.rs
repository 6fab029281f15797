//! Runs tasks in the caller's future: sub-tasks run where their parent does, depth first and in order, before the
//! parent continues. Running tasks are kept on an explicit stack, so nesting costs no call stack. Sub-tasks that are
//! left to a background or to workers are due in the storage; nothing is done about them here.

use async_trait::async_trait;

use crate::error::Error;
use crate::interpreter::Trigger;
use crate::runner::{DriveOutcome, Run, RunMode, Runner, is_of_one_task};
use crate::task::TaskId;

use super::{Executor, Ran};

/// Runs tasks in the caller's future.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Inline;

/// What is next for a task on the stack, after its sub-tasks.
enum FrameAction {
    /// Run it.
    DriveOutcome(Trigger),
    /// It sleeps, but may have been woken since.
    LookAgain,
    /// Nothing; it is done.
    Done,
}

/// A task on the stack.
struct Frame {
    run: Run,
    next: FrameAction,
    /// Why its trigger was not applied, if it was not.
    undone: Option<Undone>,
}

impl Frame {
    const fn new(run: Run, trigger: Trigger) -> Self {
        Self { run, next: FrameAction::DriveOutcome(trigger), undone: None }
    }
}

/// Why a trigger was not applied.
#[derive(Clone, Copy)]
enum Undone {
    /// Somebody else was first.
    Raced,
    /// A body is in progress that this process lacks a grant for.
    HeldUp,
}

#[async_trait]
impl Executor for Inline {
    async fn execute(&self, runner: &Runner, run: Run, trigger: Trigger) -> Result<Ran, Error> {
        let (id, mode) = (run.id, run.mode);
        let mut first = None;
        let mut stack = vec![Frame::new(run, trigger)];
        while let Some(frame) = stack.last_mut() {
            match turn(runner, frame).await {
                Ok(Turn::Again) => {}
                Ok(Turn::Above(run)) => stack.push(Frame::new(*run, Trigger::Due)),
                Ok(Turn::Over) => {
                    let Some(Frame { mut run, undone, .. }) = stack.pop() else { break };
                    let woken = run.woken.take();
                    if stack.is_empty() && first.is_none() {
                        first = Some((run.task, undone));
                    }
                    if let Some(parent) = woken {
                        look_at_parent(runner, &mut stack, parent, mode).await;
                    }
                }
                // The error does not concern the task that was asked for, or that one is done.
                Err(error) if stack.len() > 1 && is_of_one_task(&error) => {
                    tracing::error!(%error, "a sub-task is left as it is");
                    stack.pop();
                }
                Err(error) if first.is_some() => {
                    tracing::error!(%error, "a woken parent is left as it is");
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        match first {
            Some((_, Some(Undone::Raced))) => Ok(Ran::Raced),
            Some((Some(task), Some(Undone::HeldUp))) => Ok(Ran::HeldUp(task)),
            Some((Some(task), None)) => Ok(Ran::Done(task)),
            _ => Ok(Ran::Done(Box::new(runner.stored(id).await?))),
        }
    }
}

/// What a task's turn on the stack led to.
enum Turn {
    /// It gets another turn.
    Again,
    /// A sub-task runs first.
    Above(Box<Run>),
    /// It is done.
    Over,
}

/// Gives the task on top of the stack its turn.
async fn turn(runner: &Runner, frame: &mut Frame) -> Result<Turn, Error> {
    if frame.run.is_stopped() {
        // They are due, so another worker takes them.
        frame.run.started.clear();
    }
    if let Some(id) = frame.run.started.pop_front() {
        if frame.run.is_wanted() && !runner.let_in(&mut frame.run).await? {
            frame.next = FrameAction::Done;
        }
        frame.run.heartbeat(runner);
        return Ok(match runner.take_started(id, frame.run.mode).await {
            Ok(Some(mut run)) => {
                run.stop.clone_from(&frame.run.stop);
                Turn::Above(Box::new(run))
            }
            Ok(None) => Turn::Again,
            Err(error) if is_of_one_task(&error) => {
                tracing::error!(task = %id, %error, "a sub-task is left as it is");
                Turn::Again
            }
            Err(error) => return Err(error),
        });
    }
    match std::mem::replace(&mut frame.next, FrameAction::Done) {
        FrameAction::Done => return Ok(Turn::Over),
        FrameAction::DriveOutcome(trigger) => match runner.drive(&mut frame.run, trigger).await? {
            DriveOutcome::Started => frame.next = FrameAction::DriveOutcome(Trigger::Due),
            // A woken task is due, and taken from the queue.
            DriveOutcome::Rests if looks_around(runner, frame.run.mode) => frame.next = FrameAction::LookAgain,
            DriveOutcome::Rests | DriveOutcome::Ended => {}
            DriveOutcome::Lost { applied } => frame.undone = (!applied).then_some(Undone::Raced),
            DriveOutcome::HeldUp { applied } => frame.undone = (!applied).then_some(Undone::HeldUp),
        },
        FrameAction::LookAgain => {
            let has_sub_tasks = frame.run.task.as_ref().is_some_and(|task| task.progress.started > 0);
            if has_sub_tasks && runner.look_again(&mut frame.run).await? {
                frame.next = FrameAction::DriveOutcome(Trigger::Due);
            }
        }
    }
    Ok(Turn::Again)
}

/// Whether woken tasks are looked at here. Otherwise they are due and taken from the queue.
fn looks_around(runner: &Runner, mode: RunMode) -> bool {
    mode == RunMode::Foreground && !runner.has_background()
}

/// Handles the wake of a parent whose sub-task has ended. A parent further down on the stack looks on its own turn. A
/// parent that does not run here is looked at next, unless it is due in a queue.
async fn look_at_parent(runner: &Runner, stack: &mut Vec<Frame>, parent: TaskId, mode: RunMode) {
    match stack.last_mut() {
        Some(below) if below.run.id == parent => below.run.wakes = below.run.wakes.saturating_add(1),
        None if looks_around(runner, mode) => match runner.take_woken(parent).await {
            Ok(run) => stack.extend(run.map(|run| Frame::new(run, Trigger::Due))),
            Err(error) => tracing::error!(task = %parent, %error, "a woken parent was not looked at; it is due"),
        },
        _ => {}
    }
}
