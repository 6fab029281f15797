//! Failures of steps, as capabilities and functions create them.

use std::fmt;

use crate::duration::Duration;
use crate::expression::{Failure, MAX_KIND_BYTES};
use crate::mask::masked;
use crate::name::Name;
use crate::quoted::quoted;
use crate::task::StepFailure;
use crate::value::Value;

/// The key under which the data of a denied call name the missing grant.
const GRANT: &str = "grant";

/// What a message says of a link that leads out of the granted folders.
pub(super) const BY_LINK: &str = "leads out of the folders that are allowed, by a link";

impl StepFailure {
    /// A failure of `kind` with `message`, without data.
    pub fn new(kind: impl Into<Name>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), data: Value::Unit }
    }

    /// The same failure with data, which scripts see as `error.data`.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = data;
        self
    }

    /// The same failure, or that its kind is too long to be stored.
    #[must_use]
    pub(crate) fn with_bounded_kind(self) -> Self {
        if self.kind.len() <= MAX_KIND_BYTES {
            return self;
        }
        let Failure { kind, message, .. } = Failure::kind_too_long();
        Self::new(kind, message)
    }

    /// A call that is wrong in the script: wrong arguments, unknown options.
    pub(super) fn script(message: impl Into<String>) -> Self {
        Self::new("script", message)
    }

    /// A call that was cut off at its time limit.
    #[cfg_attr(
        not(any(feature = "runtime", feature = "http", feature = "shell", feature = "files")),
        allow(dead_code, reason = "without timers and capabilities no call is cut off")
    )]
    pub(super) fn too_late(kind: &str, function: &str, limit: Duration) -> Self {
        Self::new(kind, format!("`{function}` took longer than its time limit of {limit}"))
    }

    /// A call without a grant. `capability` and `what` are shown as the user would type them.
    pub(super) fn denied(capability: &str, relation: &str, what: &str, grant: &str) -> Self {
        Self::denied_as(capability, &format!("`{capability}` {relation} `{what}` is not allowed"), grant)
    }

    /// The same with another message.
    pub(super) fn denied_as(capability: &str, message: &str, grant: &str) -> Self {
        let grant = format!("{capability}={grant}");
        Self::new("denied", format!("{message}; run with `--allow {}`", quoted(&masked(&grant))))
            .with_data(Value::map([(GRANT, Value::text(grant))]))
    }

    /// The missing grant of a failure that [`denied`](Self::denied) made.
    pub(super) fn missing_grant(&self) -> Option<String> {
        let grant = self.data.get(GRANT).filter(|_| self.kind == *"denied")?;
        Some(grant.to_text())
    }

    /// The same with another text for the missing grant, if there is one.
    #[cfg(feature = "http")]
    pub(super) fn with_grant(self, write: impl FnOnce(String) -> String) -> Self {
        match self.missing_grant() {
            Some(grant) => self.with_data(Value::map([(GRANT, Value::text(write(grant)))])),
            None => self,
        }
    }

    /// A bound was exceeded.
    #[cfg(any(feature = "http", feature = "shell", feature = "files"))]
    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self::new("limit", message)
    }
}

impl fmt::Display for StepFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StepFailure {}

impl From<StepFailure> for Failure {
    fn from(failure: StepFailure) -> Self {
        Self { kind: failure.kind, message: failure.message, data: failure.data, at: None }
    }
}
