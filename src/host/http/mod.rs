//! The capability `http`: `http::get(url, options)` and the like, to granted hosts only.

mod answer;
mod client;
mod exchange;
mod request;

use std::sync::Arc;

use async_trait::async_trait;

use crate::duration::Duration;
use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::access::Access;
use super::capability::{Capability, Signature};
use super::known;
use super::options::Options;

use client::Client;

pub(super) use answer::judged;
pub(super) use request::Request;

/// How long a call may take, redirects included, unless `timeout` says otherwise.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Bytes of a response's body.
pub(super) const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of a response's headers, names and values.
pub(super) const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Calls over HTTP.
pub(super) struct Http {
    access: Arc<Access>,
    client: Client,
}

impl Http {
    /// Calls to the hosts that `access` allows.
    pub(super) fn new(access: Arc<Access>) -> Self {
        Self { access, client: Client::default() }
    }
}

#[async_trait]
impl Capability for Http {
    fn name(&self) -> Name {
        Name::new("http")
    }

    fn functions(&self) -> Vec<Signature> {
        known::signatures("http")
    }

    fn time_limit(&self, function: &str, arguments: &[Value]) -> Duration {
        // The call itself reports wrong options.
        let options = Options::read(function, arguments.get(1), known::HTTP);
        options.and_then(|options| options.time_limit("timeout")).ok().flatten().unwrap_or(TIME_LIMIT)
    }

    fn denies(&self, function: &str, arguments: &[Value]) -> Option<StepFailure> {
        let request = Request::read(function, arguments).ok()?;
        exchange::permit(&request.url, &self.access.grants).err().map(|failure| request.hide(failure))
    }

    async fn call(&self, function: &str, arguments: &[Value]) -> Outcome {
        let request = Request::read(function, arguments)?;
        let done = exchange::perform(&request, &self.access.grants, &self.client).await;
        done.map_err(|failure| request.hide(failure))
    }
}
