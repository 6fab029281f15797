//! `action`: runs its body, then goes on.

use crate::clock::after;
use crate::expression::{Failure, OutsideRef, Ran};
use crate::flow::Action;
use crate::task::{Cause, HeldUp, Journal, Step, StepSummary};

use super::NextAction;
use super::entry::Entry;
use super::execution::{AfterHandler, Execution, calls_nothing};
use super::probe::{Seen, Way};

impl Execution<'_> {
    /// Runs the body, as far as the journal has outcomes for its steps.
    pub(super) fn action(&mut self, action: &Action) -> AfterHandler {
        if let Some(then) = self.sleep_between_tries() {
            return then;
        }
        let resumed = self.task.progress.began_at;
        let began = resumed.unwrap_or(self.now);
        let deadline = action.time_limit.map(|limit| after(self.limit_from(began), limit));
        if resumed.is_some() && deadline.is_some_and(|deadline| deadline <= self.now) {
            // Who may not make the next call does not end the try either.
            return match self.next_step().and_then(|step| Some((self.world.host.lacks(&step)?, step))) {
                Some((by, step)) => self.hold_up(by, &step),
                None => self.out_of_time(action, began),
            };
        }
        if self.died_too_often() {
            return self.crashed(action, began);
        }
        let script = &action.script;
        let effects = self.effects(script, began);
        let outside = effects.clone().map(|effects| effects as OutsideRef);
        if let Some(probe) = self.world.probe {
            probe.body();
        }
        let ran = script.script.run(&self.view(), outside.as_ref());
        let did = effects.map(|effects| effects.borrow_mut().take());
        let failure = match ran {
            Ran::Done(assigned) => {
                if deadline.is_some_and(|deadline| deadline <= self.world.host.now()) {
                    return self.out_of_time(action, began);
                }
                match self.assign(assigned, script) {
                    Ok(changes) => {
                        let steps = summaries(&self.journal);
                        if let Some(did) = did {
                            self.add_logs(did.logs);
                            self.add_sub_tasks(did.started);
                        }
                        let entry = Entry { changes, steps, ..Entry::new(Cause::Action, began) };
                        self.saw(script, Seen::Done);
                        self.takes(Way::Next);
                        return self.go(action.go_to, entry);
                    }
                    Err(why) => self.error(why, Some(script)),
                }
            }
            Ran::Stopped => match did.and_then(|did| did.pending) {
                Some(step) => {
                    if let Some(by) = self.world.host.lacks(&step) {
                        return self.hold_up(by, &step);
                    }
                    self.begin_body(began);
                    return AfterHandler::Break(NextAction::Perform { step: Box::new(step), deadline });
                }
                None => self.error(calls_nothing(), Some(script)),
            },
            Ran::Failed(why) => self.error(why, Some(script)),
        };
        let steps = summaries(&self.journal);
        self.failed_try(action, failure, Entry { steps, ..Entry::new(Cause::Error, began) })
    }

    /// Leaves the task due for a process that has the missing grant. Nothing of the call is stored. A body that calls
    /// first here has not begun, and the time limit of one that has begun stops: see [`held_up`](super::held_up).
    fn hold_up(&mut self, by: HeldUp, step: &Step) -> AfterHandler {
        let grant = self.secrets.secrets().of_call(&step.arguments).text(by.grant);
        self.task.held_up_by = Some(Box::new(HeldUp { grant, ..by }));
        if self.woken_to_try {
            // Somebody asked for the next try now; that is stored.
            self.set_active();
        }
        self.stop_limit();
        AfterHandler::Break(NextAction::HeldUp)
    }

    /// Ends a try that has exceeded its time limit.
    fn out_of_time(&mut self, action: &Action, began: crate::clock::Timestamp) -> AfterHandler {
        let limit = action.time_limit.unwrap_or_default();
        let error =
            self.error(Failure::new("time_limit", format!("it took longer than its time_limit of {limit}")), None);
        // A step that came due after the limit was never begun.
        let since = self.journal.steps.last().map_or(began, |step| step.at);
        let is_under_way = since < after(self.limit_from(began), limit);
        let steps = if is_under_way { self.steps_cut_off() } else { summaries(&self.journal) };
        self.failed_try(action, error, Entry { steps, ..Entry::new(Cause::Error, began) })
    }
}

/// The steps of the body, as history shows them.
pub(super) fn summaries(journal: &Journal) -> Vec<StepSummary> {
    journal.steps.iter().map(StepSummary::from).collect()
}
