//! A leg: a task in hand is driven until it rests, or has started sub-tasks.

use crate::error::Error;
use crate::interpreter::{Advanced, Pause, Trigger};

use super::perform::Performed;
use super::run::{Run, is_under_way};
use super::{Runner, refused};

/// How a leg ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Leg {
    /// The task has ended, and was let go of.
    Ended,
    /// It sleeps, or waits for its turn, and was let go of.
    Rests,
    /// It has started sub-tasks, and is held until they were looked at.
    Started,
    /// Somebody else has it: what is stored may be theirs.
    Lost {
        /// Whether what triggered the leg was done before.
        applied: bool,
    },
}

/// What happens after a pause.
enum Next {
    GoOn,
    Stop(Leg),
}

impl Runner {
    /// Drives a task in hand from `trigger` on. An interaction that finds a body under way that was abandoned is applied
    /// after it. A refusal lets go of the task and changes nothing.
    pub(crate) async fn leg(&self, run: &mut Run, trigger: Trigger) -> Result<Leg, Error> {
        // What is still to be done to the task; to go on with it is the rule.
        let mut wanted = Some(trigger).filter(|trigger| !matches!(trigger, Trigger::Due));
        let mut applied = wanted.is_none();
        if let Some(ahead) = run.ahead.take()
            && let Next::Stop(leg) = self.follow(run, *ahead, false, applied).await?
        {
            return Ok(leg);
        }
        loop {
            if run.is_lost() {
                run.forget();
            }
            let Some(task) = run.task.take() else { return Ok(Leg::Lost { applied }) };
            if wanted.is_none() && run.is_stopped() {
                run.task = Some(task);
                run.give_back().await;
                return Ok(Leg::Rests);
            }
            let under_way = is_under_way(&task);
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
            // Somebody who waits is let in between two states, so each has to be stored.
            let every_state = waits || run.is_wanted();
            let advanced = self.burst(run, task, trigger.unwrap_or(Trigger::Due), every_state).await?;
            let advanced = match advanced {
                Ok(advanced) => advanced,
                Err(refusal) => {
                    run.release().await;
                    return Err(refused(refusal));
                }
            };
            if let Next::Stop(leg) = self.follow(run, advanced, wanted.is_some(), applied).await? {
                return Ok(leg);
            }
            applied |= applies;
        }
    }

    /// Stores what an advance gave, and does what comes after.
    async fn follow(&self, run: &mut Run, advanced: Advanced, goes_on: bool, applied: bool) -> Result<Next, Error> {
        match self.store(run, advanced, goes_on).await? {
            Some(pause) => self.after(run, pause, goes_on).await,
            None => Ok(Next::Stop(Leg::Lost { applied })),
        }
    }

    /// Does what comes after a checkpoint.
    async fn after(&self, run: &mut Run, pause: Pause, goes_on: bool) -> Result<Next, Error> {
        match pause {
            Pause::Perform { step, deadline } => {
                if let Performed::Lost = self.perform(run, step, deadline).await? {
                    run.forget();
                }
            }
            _ if goes_on => {}
            Pause::Ended => return Ok(Next::Stop(Leg::Ended)),
            Pause::Sleeps => return Ok(Next::Stop(Leg::Rests)),
            Pause::Yields if run.manner.takes_turns() => return Ok(Next::Stop(Leg::Rests)),
            Pause::GoesOn | Pause::Yields => {
                if pause == Pause::Yields {
                    tokio::task::yield_now().await;
                }
                if !run.started.is_empty() {
                    return Ok(Next::Stop(Leg::Started));
                }
            }
        }
        Ok(Next::GoOn)
    }

    /// How a leg ended whose task was let go of.
    fn resting(&self, run: &Run, applied: bool) -> Leg {
        match &run.task {
            Some(task) if task.status.has_ended() => Leg::Ended,
            Some(_) => Leg::Rests,
            None => Leg::Lost { applied },
        }
    }
}
