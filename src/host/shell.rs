//! The capability `shell`: `shell::run(program, arguments, options)`, granted programs only, with no shell in between.

mod call;
#[cfg(unix)]
mod orphans;
mod output;
mod run;

use std::sync::Arc;

use async_trait::async_trait;

use crate::duration::Duration;
use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::access::Access;
use super::capability::{Capability, Signature};
use super::known;

#[cfg(unix)]
use orphans::Orphans;

pub(super) use call::Call;
pub(super) use run::judged;

/// Without process groups, programs are not ended when this process is killed.
#[cfg(not(unix))]
#[derive(Default)]
struct Orphans;

/// How long a program may run, unless `timeout` says otherwise.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Bytes that a program may write to its output, and to its error output.
pub(super) const MAX_OUTPUT_BYTES: usize = 1024 * 1024;

/// Runs programs.
pub(super) struct Shell {
    access: Arc<Access>,
    orphans: Orphans,
}

impl Shell {
    pub(super) fn new(access: Arc<Access>) -> Self {
        Self { access, orphans: Orphans::default() }
    }

    /// Whether the program may be run.
    fn permit(&self, call: &Call<'_>) -> Result<(), StepFailure> {
        if self.access.grants.allow_program(call.program) {
            return Ok(());
        }
        Err(StepFailure::denied("shell", "of", call.program, call.program))
    }
}

#[async_trait]
impl Capability for Shell {
    fn name(&self) -> Name {
        Name::new("shell")
    }

    fn functions(&self) -> Vec<Signature> {
        known::signatures("shell")
    }

    fn time_limit(&self, _function: &str, arguments: &[Value]) -> Duration {
        // The call itself reports wrong options.
        Call::read(arguments).map_or(TIME_LIMIT, |call| call.time_limit())
    }

    fn denies(&self, _function: &str, arguments: &[Value]) -> Option<StepFailure> {
        let call = Call::read(arguments).ok()?;
        self.permit(&call).err()
    }

    async fn call(&self, _function: &str, arguments: &[Value]) -> Outcome {
        let call = Call::read(arguments)?;
        self.permit(&call)?;
        run::run(&call, self.access.folder.as_deref(), &self.orphans).await
    }
}
