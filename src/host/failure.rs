//! Failures of steps, as capabilities and functions make them.

use std::fmt;

use crate::expression::Failure;
use crate::name::Name;
use crate::task::StepFailure;
use crate::value::Value;

/// Under which name the data of a denied call say what would have to be granted.
const GRANT: &str = "grant";

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

    /// A call that the script should not have made: wrong arguments, unknown options.
    pub(super) fn script(message: impl Into<String>) -> Self {
        Self::new("script", message)
    }

    /// Something that was not granted. `capability` and `what` are said as the user would type them.
    pub(super) fn denied(capability: &str, relation: &str, what: &str, grant: &str) -> Self {
        let advice = format!("run with `--allow {capability}={grant}`");
        Self::new("denied", format!("`{capability}` {relation} `{what}` is not allowed; {advice}"))
            .with_data(Value::map([(GRANT, Value::text(format!("{capability}={grant}")))]))
    }

    /// What would have to be granted, of a failure that [`denied`](Self::denied) made.
    pub(super) fn missing_grant(&self) -> Option<String> {
        let grant = self.data.get(GRANT).filter(|_| self.kind == *"denied")?;
        Some(grant.to_text())
    }

    /// A bound that was passed.
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
