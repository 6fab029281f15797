//! The capability `env`: `env::get(name)` reads environment variables that were granted by name.

use std::sync::Arc;

use async_trait::async_trait;

use crate::mask::masked;
use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::access::Access;
use super::capability::{Capability, Signature};
use super::grants::check_variable;
use super::{known, options};

/// Reads environment variables.
pub(super) struct Env(pub(super) Arc<Access>);

impl Env {
    /// The name of the requested variable, if it may be read.
    fn permitted<'a>(&self, arguments: &'a [Value]) -> Result<&'a str, StepFailure> {
        let name = variable(arguments)?;
        if self.0.grants.allow_variable(name) {
            return Ok(name);
        }
        Err(StepFailure::denied("env", "of", name, name))
    }
}

/// The name of the requested variable.
pub(super) fn variable(arguments: &[Value]) -> Result<&str, StepFailure> {
    let name = options::text_argument("env::get", arguments, 0, "name")?;
    let wrong = |why| StepFailure::script(format!("`env::get` cannot read `{}`: {why}", masked(name)));
    check_variable(name).map_err(wrong).map(|()| name)
}

#[async_trait]
impl Capability for Env {
    fn name(&self) -> Name {
        Name::new("env")
    }

    fn functions(&self) -> Vec<Signature> {
        known::signatures("env")
    }

    fn denies(&self, _function: &str, arguments: &[Value]) -> Option<StepFailure> {
        self.permitted(arguments).err().filter(|failure| failure.missing_grant().is_some())
    }

    async fn call(&self, _function: &str, arguments: &[Value]) -> Outcome {
        read(self.permitted(arguments)?)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one capability that reads the environment")]
fn read(name: &str) -> Outcome {
    match std::env::var_os(name).map(std::ffi::OsString::into_string) {
        None => Ok(Value::Unit),
        Some(Ok(text)) => Ok(text.into()),
        Some(Err(_)) => Err(StepFailure::script(format!("the environment variable `{name}` is not UTF-8 text"))),
    }
}
