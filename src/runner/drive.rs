//! Driving a task that this process holds until it rests, ends, or has started sub-tasks.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Error;
use crate::interpreter::{Advanced, NextAction, Trigger};

use crate::task::{Checkpoint, HeldUp, Task};

use super::event::Event;
use super::perform::Performed;
use super::run::{Run, RunMode, is_under_way};
use super::{Runner, refused};

/// How driving a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DriveOutcome {
    /// The task has ended and was released.
    Ended,
    /// It sleeps or waits for its turn, and was released.
    Rests,
    /// This process lacks a grant for the next call. The task stays due for others and was released.
    HeldUp {
        /// Whether the trigger had been applied before that.
        applied: bool,
    },
    /// It has started sub-tasks. It stays held until they were looked at.
    Started,
    /// Somebody else took the task; what is stored may be theirs.
    Lost {
        /// Whether the trigger had been applied before that.
        applied: bool,
    },
}

impl Runner {
    /// Runs a task that this process holds, starting with `trigger`. An interaction that finds an abandoned body in
    /// progress is applied after that body. A refusal releases the task and changes nothing.
    pub(crate) async fn drive(&self, run: &mut Run, trigger: Trigger) -> Result<DriveOutcome, Error> {
        // The trigger that is still to be applied, if it is more than to continue.
        let mut wanted = Some(trigger).filter(|trigger| !matches!(trigger, Trigger::Due));
        let mut applied = wanted.is_none();
        if let Some(ahead) = run.ahead.take()
            && let ControlFlow::Break(outcome) = self.follow(run, *ahead, false, &mut applied, false).await?
        {
            return Ok(outcome);
        }
        let mut alone = self.recover(run, wanted.is_some()).await?;
        // What its process died of is found by storing each state until then.
        let recovers = run.task.as_ref().is_some_and(|task| task.progress.recoveries > 0);
        loop {
            if run.is_lost() {
                run.forget();
            }
            let Some(task) = run.task.take() else { return Ok(DriveOutcome::Lost { applied }) };
            if wanted.is_none() && run.is_stopped() {
                run.task = Some(task);
                run.give_back().await;
                return Ok(DriveOutcome::Rests);
            }
            let under_way = is_under_way(&task);
            if task.progress.recoveries == 0 {
                drop(alone.take());
            }
            if wanted.is_none() && !under_way && run.is_wanted() {
                run.task = Some(task);
                if !self.let_in(run).await? {
                    return Ok(self.resting(run, applied));
                }
                continue;
            }
            let waits = under_way && wanted.is_some();
            let trigger = if waits { None } else { wanted.take() };
            let applies = trigger.is_some();
            // Waiting callers are let in between two states, so each state must be stored.
            let every_state = waits || recovers || run.is_wanted();
            let advanced = self.burst(run, task, trigger.unwrap_or(Trigger::Due), every_state).await?;
            let advanced = match advanced {
                Ok(mut advanced) if applies => {
                    run.asked.sign(&mut advanced);
                    advanced
                }
                Ok(advanced) => advanced,
                Err(refusal) => {
                    run.leave().await?;
                    return Err(refused(refusal));
                }
            };
            if let ControlFlow::Break(outcome) =
                self.follow(run, advanced, wanted.is_some(), &mut applied, applies).await?
            {
                return Ok(outcome);
            }
        }
    }

    /// Stores the result of an advance and does what follows from it. If the advance `applies` the trigger, that counts
    /// as applied once it is stored.
    async fn follow(
        &self,
        run: &mut Run,
        advanced: Advanced,
        goes_on: bool,
        applied: &mut bool,
        applies: bool,
    ) -> Result<ControlFlow<DriveOutcome>, Error> {
        let Some(next) = self.store(run, advanced, goes_on).await? else {
            return Ok(ControlFlow::Break(DriveOutcome::Lost { applied: *applied }));
        };
        *applied |= applies;
        self.after(run, next, goes_on, *applied).await
    }

    /// Does what follows a checkpoint.
    async fn after(
        &self,
        run: &mut Run,
        next: NextAction,
        goes_on: bool,
        applied: bool,
    ) -> Result<ControlFlow<DriveOutcome>, Error> {
        match next {
            NextAction::Perform { .. } if run.asked.leave && !goes_on => {
                run.give_back().await;
                return Ok(ControlFlow::Break(DriveOutcome::Rests));
            }
            NextAction::Perform { step, deadline } => match self.perform(run, *step, deadline).await? {
                Performed::Lost => self.lose(run).await,
                Performed::HeldUp(by) => {
                    self.leave_body(run, by).await?;
                    return Ok(self.held_up(run, applied && !goes_on));
                }
                Performed::Stored | Performed::Late => {}
            },
            NextAction::HeldUp => return Ok(self.held_up(run, !goes_on)),
            _ if goes_on => {}
            NextAction::Ended => return Ok(ControlFlow::Break(DriveOutcome::Ended)),
            NextAction::Sleeps => return Ok(ControlFlow::Break(DriveOutcome::Rests)),
            NextAction::Yields if run.mode.takes_turns() => return Ok(ControlFlow::Break(DriveOutcome::Rests)),
            NextAction::GoesOn | NextAction::Yields => {
                if next == NextAction::Yields {
                    tokio::task::yield_now().await;
                }
                if !run.started.is_empty() {
                    return Ok(ControlFlow::Break(DriveOutcome::Started));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Reports a task that was released because this process lacks a grant.
    fn held_up(&self, run: &Run, applied: bool) -> ControlFlow<DriveOutcome> {
        if let Some((task, by)) = run.task.as_ref().and_then(|task| Some((task, task.held_up_by.as_deref()?)))
            && self.lacking.note(run.id, by, run.mode == RunMode::Foreground)
        {
            if run.mode.takes_turns() {
                let (flow, state) = (&task.flow, &task.state);
                tracing::warn!(task = %run.id, %flow, %state, needs = %by, "held up: another worker may continue it");
            }
            if let Some(observer) = &self.observer {
                observer(&Event::HeldUp { task: Arc::new(Task::clone(task)), by: by.clone() });
            }
        }
        ControlFlow::Break(DriveOutcome::HeldUp { applied })
    }

    /// Releases a task whose body has begun here but may not continue here. As long as nothing of the body is stored,
    /// the body counts as not begun. In either case its time limit does not run while it waits.
    async fn leave_body(&self, run: &mut Run, by: HeldUp) -> Result<(), Error> {
        let Some(mut task) = run.task.take() else { return Ok(()) };
        task.held_up_by = Some(Box::new(by));
        let now = self.host.now();
        if run.journal.steps.is_empty() {
            (task.progress.began_at, task.progress.limit) = (None, None);
        } else {
            task.progress.stop_limit(now);
        }
        task.revision = task.revision.saturating_add(1);
        task.updated_at = now.max(task.updated_at);
        let advanced = Advanced {
            secrets: run.secrets.clone(),
            checkpoint: Box::new(Checkpoint::of(task)),
            is_changed: true,
            logs: Vec::new(),
            tries: Vec::new(),
            next: NextAction::HeldUp,
        };
        self.store(run, advanced, false).await.map(drop)
    }

    /// How driving ended for a task that was released.
    fn resting(&self, run: &Run, applied: bool) -> DriveOutcome {
        match &run.task {
            Some(task) if task.status.has_ended() => DriveOutcome::Ended,
            Some(_) => DriveOutcome::Rests,
            None => DriveOutcome::Lost { applied },
        }
    }
}
