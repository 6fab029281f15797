//! The client, made at the first call and shared by all.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

use crate::task::StepFailure;

use super::MAX_HEADER_BYTES;

/// How long connecting may take.
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(10);

/// The client for calls.
#[derive(Default)]
pub(super) struct Client(OnceLock<Made>);

struct Made {
    client: Result<reqwest::Client, String>,
    /// Why no server can be trusted: the machine has no certificates. Calls without TLS still work.
    distrust: Option<String>,
}

impl Client {
    /// The client for `url`.
    pub(super) fn for_url(&self, url: &reqwest::Url) -> Result<&reqwest::Client, StepFailure> {
        let made = self.0.get_or_init(make);
        let reason = match (&made.client, &made.distrust) {
            (Ok(_), Some(reason)) if url.scheme() == "https" => format!("no server can be trusted: {reason}"),
            (Ok(client), _) => return Ok(client),
            (Err(reason), _) => reason.clone(),
        };
        Err(StepFailure::new("http", format!("`{}` cannot be called: {reason}", super::super::redact::url(url))))
    }
}

fn make() -> Made {
    let provider = || Arc::new(rustls::crypto::ring::default_provider());
    let versions = || ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let trusting = versions().and_then(|config| config.with_platform_verifier()).map(|c| c.with_no_client_auth());
    let (tls, distrust) = match trusting {
        Ok(config) => (Ok(config), None),
        Err(error) => {
            let empty = versions().map(|c| c.with_root_certificates(rustls::RootCertStore::empty()));
            (empty.map(|c| c.with_no_client_auth()), Some(error.to_string()))
        }
    };
    let client = tls.map_err(|error| error.to_string()).and_then(|mut tls| {
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let bytes = u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX);
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls).http2_max_header_list_size(bytes);
        let client = client.user_agent(concat!("opsflow/", env!("CARGO_PKG_VERSION")));
        // Redirects are followed here, each checked against the grants. A proxy would be a host that nobody granted.
        let client = client.redirect(reqwest::redirect::Policy::none()).no_proxy().connect_timeout(CONNECT_TIME_LIMIT);
        client.build().map_err(|error| error.to_string())
    });
    Made { client, distrust }
}
