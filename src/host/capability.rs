//! Capabilities: named groups of functions that reach outside, each call a durable step.

use std::ops::RangeInclusive;

use async_trait::async_trait;

use crate::duration::Duration;
use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

/// How long a call may take, by default.
pub(super) const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(60);

/// A function of a capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name within the capability: `get`.
    pub name: Name,
    /// The numbers of arguments that it accepts.
    pub arity: RangeInclusive<usize>,
}

/// A group of functions that reach outside: `http` with `http::get`, `http::post`, …. Each call is a durable step. If
/// the process dies before its outcome is stored, the call is made again.
#[async_trait]
pub trait Capability: Send + Sync {
    /// The name before `::` in scripts: `[a-z_][a-z0-9_]*`.
    fn name(&self) -> Name;

    /// Its functions.
    fn functions(&self) -> Vec<Signature>;

    /// How long this call may take. After that, the call is dropped and fails with the capability's name as kind.
    fn time_limit(&self, function: &str, arguments: &[Value]) -> Duration {
        let _ = (function, arguments);
        DEFAULT_TIME_LIMIT
    }

    /// Why this process may not make this call, as far as that is known beforehand: a failure that names the missing
    /// grant. The task then waits for a process that has it. For built-in capabilities.
    #[doc(hidden)]
    fn denies(&self, function: &str, arguments: &[Value]) -> Option<StepFailure> {
        let _ = (function, arguments);
        None
    }

    /// Performs a call of `function` (its name within the capability). The number of arguments has been checked. The
    /// result is stored, so leave credentials out of it. Dropping the future abandons the call.
    async fn call(&self, function: &str, arguments: &[Value]) -> Outcome;
}
