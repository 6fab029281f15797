//! `decision`: goes one of several ways.

use crate::expression::Failure;
use crate::flow::{Decision, StateId};
use crate::task::{Cause, TaskError};

use super::burst::{Burst, Entry, Then};

impl Burst<'_> {
    pub(super) fn decision(&mut self, decision: &Decision) -> Then {
        let entry = Entry::new(Cause::Decision, self.now);
        match self.decide(decision) {
            Ok(to) => self.go(to, entry),
            Err(error) => self.fail(error, Entry { cause: Cause::Error, ..entry }),
        }
    }

    fn decide(&self, decision: &Decision) -> Result<StateId, TaskError> {
        match decision {
            Decision::Boolean { condition, if_true, if_false } => {
                self.holds(condition, &self.view()).map(|yes| if yes { *if_true } else { *if_false })
            }
            Decision::Branches(branches) => {
                for branch in branches {
                    let holds = match &branch.condition {
                        Some(condition) => self.holds(condition, &self.view())?,
                        None => true,
                    };
                    if holds {
                        return Ok(branch.go_to);
                    }
                }
                let message = "no branch holds, and there is no otherwise: a branch without `if`, at the end";
                Err(self.error(Failure::new("no_decision", message), None))
            }
        }
    }
}
