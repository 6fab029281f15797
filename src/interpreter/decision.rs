//! `decision`: takes one of several branches.

use crate::expression::Failure;
use crate::flow::{Decision, StateId};
use crate::task::{Cause, TaskError};

use super::entry::Entry;
use super::execution::{AfterHandler, Execution};
use super::probe::Way;

impl Execution<'_> {
    pub(super) fn decision(&mut self, decision: &Decision) -> AfterHandler {
        let entry = Entry::new(Cause::Decision, self.now);
        match self.decide(decision) {
            Ok(to) => self.go(to, entry),
            Err(error) => self.fail(error, Entry { cause: Cause::Error, ..entry }),
        }
    }

    fn decide(&self, decision: &Decision) -> Result<StateId, TaskError> {
        match decision {
            Decision::Boolean { condition, if_true, if_false } => {
                let yes = self.holds(condition, &self.view())?;
                self.takes(if yes { Way::Yes } else { Way::No });
                Ok(if yes { *if_true } else { *if_false })
            }
            Decision::Branches(branches) => {
                for (number, branch) in branches.iter().enumerate() {
                    let holds = match &branch.condition {
                        Some(condition) => self.holds(condition, &self.view())?,
                        None => true,
                    };
                    if holds {
                        self.takes(Way::Branch(number));
                        return Ok(branch.go_to);
                    }
                }
                let message = "no branch holds, and there is no last branch without `if`";
                Err(self.error(Failure::new("no_decision", message), None))
            }
        }
    }
}
