//! `wait_until`: sleeps until a branch holds.

use crate::clock::{Timestamp, after};
use crate::flow::{StateId, Wait};
use crate::task::{Cause, TaskError};

use super::entry::Entry;
use super::execution::{AfterHandler, Execution};
use super::probe::Way;
use super::timeout;

impl Execution<'_> {
    /// Checks the branches in order, then the timeout; if nothing applies, the task sleeps.
    pub(super) fn wait(&mut self, wait: &Wait) -> AfterHandler {
        let since = self.now;
        match self.look(wait) {
            Ok(Some((to, cause))) => self.go(to, Entry::new(cause, since)),
            Ok(None) if self.task.timeout_at.is_some_and(|at| at <= self.now) => timeout::strike(self),
            Ok(None) => {
                self.by_hand = false;
                self.survived();
                self.sleep(self.next_look(wait))
            }
            Err(error) => self.fail(error, Entry::new(Cause::Error, since)),
        }
    }

    /// The first branch that holds now, and its cause.
    pub(super) fn look(&self, wait: &Wait) -> Result<Option<(StateId, Cause)>, TaskError> {
        let arrived = self.arrived();
        for (number, branch) in wait.branches.iter().enumerate() {
            if branch.after.is_some_and(|next| after(arrived, next) > self.now) {
                continue;
            }
            let holds = match &branch.condition {
                Some(condition) => self.holds(condition, &self.view())?,
                None => true,
            };
            if holds {
                self.takes(Way::Branch(number));
                let cause = match (self.by_hand, branch.after) {
                    (true, _) => Cause::Wake,
                    (false, Some(_)) => Cause::Timer,
                    (false, None) => Cause::Wait,
                };
                return Ok(Some((branch.go_to, cause)));
            }
        }
        Ok(None)
    }

    /// When a branch may start to hold although nothing happens: its `after` comes, or what it reads changes by itself.
    /// A wait that reads nothing of the kind is not polled.
    fn next_look(&self, wait: &Wait) -> Option<Timestamp> {
        let arrived = self.arrived();
        let timers = wait.branches.iter().filter_map(|branch| branch.after).map(|next| after(arrived, next));
        let timers = timers.filter(|at| *at > self.now);
        let changes = wait.branches.iter().filter(|branch| {
            let has_come = branch.after.is_none_or(|next| after(arrived, next) <= self.now);
            has_come && branch.condition.as_ref().is_some_and(|script| script.script.may_change_by_itself())
        });
        let delay = wait.delay.unwrap_or(self.world.flow.delay);
        timers.chain(changes.map(|_| after(self.now, delay))).min()
    }

    fn arrived(&self) -> Timestamp {
        self.task.progress.arrived_at.unwrap_or(self.task.created_at)
    }
}
