//! The only way in which a task reaches anything outside of it.

mod access;
mod capability;
mod check;
mod convert;
mod env;
mod failure;
#[cfg(feature = "files")]
mod files;
mod functions;
mod grants;
mod guard;
#[cfg(feature = "http")]
mod http;
mod known;
#[cfg(not(all(feature = "http", feature = "shell", feature = "files")))]
mod left_out;
mod machine;
#[cfg_attr(
    not(all(feature = "http", feature = "shell")),
    allow(dead_code, reason = "the readers of options that only capabilities left out of the build use")
)]
mod options;
#[cfg(any(feature = "http", feature = "shell"))]
mod redact;
#[cfg(feature = "shell")]
mod shell;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::task::{HeldUp, Outcome, Step, StepFailure};

pub use crate::expression::{Failure, Function, FunctionBody, Limits, ScriptPlace};
pub use capability::{Capability, Signature};
pub(crate) use check::Checked;
pub use convert::{FromValue, IntoValue};
pub use functions::{Effect, IntoEffect, IntoFunction};
pub use grants::{Grants, InvalidGrant};
pub use machine::Machine;

/// What performs the steps of tasks: capabilities, effects of the embedding program, or mocks.
#[async_trait]
pub trait Host: Send + Sync {
    /// The time now, in whole milliseconds.
    fn now(&self) -> Timestamp;

    /// The functions that scripts may call through this host.
    fn functions(&self) -> Arc<Vec<Function>>;

    /// Performs a step and returns its outcome, good or bad. Never panics; ends within its own time limit. Dropping the
    /// future abandons the step.
    async fn perform(&self, step: &Step) -> Outcome;

    /// The grant that this process lacks for `step`, as far as that is known before it is performed. Such a step is not
    /// performed: its task stays as it is, and due, for a process that has the grant. Must be quick.
    fn lacks(&self, step: &Step) -> Option<HeldUp> {
        let _ = step;
        None
    }

    /// The missing grant because of which a step has failed, if that showed only while it was performed: after a
    /// redirect or a link. Such a failure is not stored.
    fn lacked(&self, step: &Step, failure: &StepFailure) -> Option<HeldUp> {
        let _ = (step, failure);
        None
    }
}
