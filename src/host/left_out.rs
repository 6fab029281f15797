//! A capability that is not part of the build: its functions are known, and fail.

use async_trait::async_trait;

use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::capability::{Capability, Signature};
use super::known;

/// The missing capability of this name.
pub(super) struct LeftOut(pub(super) &'static str);

#[async_trait]
impl Capability for LeftOut {
    fn name(&self) -> Name {
        Name::new(self.0)
    }

    fn functions(&self) -> Vec<Signature> {
        known::signatures(self.0)
    }

    async fn call(&self, function: &str, _arguments: &[Value]) -> Outcome {
        let name = self.0;
        let message = format!("`{name}::{function}` cannot be called: this program was built without `{name}`");
        Err(StepFailure::new("denied", format!("{message}; build it with the feature `{name}`")))
    }
}
