//! Sends a request and follows its redirects, each checked against the grants.

use std::error::Error;

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderMap, LOCATION, USER_AGENT};
use reqwest::{Method, Response, StatusCode, Url};

use crate::task::{Outcome, StepFailure};

use super::super::{Grants, grants, redact};
use super::answer;
use super::client::Client;
use super::request::Request;

/// The headers that may be sent to another host. All others may hold credentials for the first one.
const HEADERS_FOR_ALL: [reqwest::header::HeaderName; 5] =
    [ACCEPT, ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, USER_AGENT];

/// A request, as sent to one URL.
struct Hop {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

/// Performs a call.
pub(super) async fn perform(request: &Request, grants: &Grants, client: &Client) -> Outcome {
    let mut hop = Hop {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
    };
    let mut followed = 0;
    loop {
        permit(&hop.url, grants)?;
        let response = hop.send(client).await.map_err(|error| unreachable(request, &hop.url, error))?;
        match target(&response, &hop.url, request)? {
            Some(url) if followed < request.redirects => {
                followed += 1;
                hop = hop.redirected(response.status(), url);
            }
            Some(_) if request.redirects > 0 => {
                let message = format!("`{}` was redirected more than {followed} times", request.function);
                return Err(StepFailure::limit(format!("{message} (MAX_REDIRECTS, or `redirects`)")));
            }
            _ => return answer::read(response, request, &hop.url).await,
        }
    }
}

/// Whether `url` may be called. The parsed URL is checked: `http://good@evil/` is `evil`.
pub(super) fn permit(url: &Url, grants: &Grants) -> Result<(), StepFailure> {
    let host = url.host_str().unwrap_or_default();
    if grants.allow_host(host, url.port_or_known_default()) {
        return Ok(());
    }
    let authority = redact::authority(url);
    Err(StepFailure::denied("http", "to", &authority, &authority))
}

/// The target of a redirect, if the response is one.
fn target(response: &Response, from: &Url, request: &Request) -> Result<Option<Url>, StepFailure> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else { return Ok(None) };
    if request.redirects == 0 {
        return Ok(None);
    }
    let wrong = |reason: &str| {
        let message = format!("`{}` was redirected by `{}` {reason}", request.function, redact::url(from));
        StepFailure::new("http", message)
    };
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| wrong("to what is no URL"))?;
    let mut url = from.join(location).map_err(|_| wrong("to what is no URL"))?;
    match url.scheme() {
        "https" => {}
        "http" if from.scheme() == "http" => {}
        "http" => return Err(wrong("from `https` to `http`, where anybody can read along")),
        _ => return Err(wrong("to what is neither `http` nor `https`")),
    }
    grants::check_host(url.host_str().unwrap_or_default(), url.port()).map_err(|_| wrong("to what is no URL"))?;
    // A server must not choose whose password is sent. Neither call fails on a URL that has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    Ok(Some(url))
}

impl Hop {
    async fn send(&self, client: &Client) -> Result<Response, Unsent> {
        let client = client.for_url(&self.url).map_err(Unsent::Refused)?;
        let mut builder = client.request(self.method.clone(), self.url.clone()).headers(self.headers.clone());
        if let Some(body) = &self.body {
            builder = builder.body(body.clone());
        }
        builder.send().await.map_err(Unsent::Failed)
    }

    /// The request that follows a redirect with `status` to `url`, as browsers do.
    fn redirected(self, status: StatusCode, url: Url) -> Self {
        let Self { mut method, url: from, mut headers, mut body } = self;
        let rewritten = match status {
            StatusCode::SEE_OTHER => true,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => method == Method::POST,
            _ => false,
        };
        if rewritten {
            (method, body) = (Method::GET, None);
            headers.remove(CONTENT_TYPE);
        }
        if url.origin() != from.origin() {
            headers = headers
                .into_iter()
                .filter_map(|(name, value)| name.filter(|name| HEADERS_FOR_ALL.contains(name)).map(|n| (n, value)))
                .collect();
        }
        Self { method, url, headers, body }
    }
}

/// Why a request got no response.
enum Unsent {
    Refused(StepFailure),
    Failed(reqwest::Error),
}

fn unreachable(request: &Request, url: &Url, unsent: Unsent) -> StepFailure {
    match unsent {
        Unsent::Refused(failure) => failure,
        Unsent::Failed(error) => failed(request, url, error),
    }
}

/// The network error with its causes, without the URL's secrets.
pub(super) fn failed(request: &Request, url: &Url, error: reqwest::Error) -> StepFailure {
    let what = if error.is_connect() { "could not connect to" } else { "got no response from" };
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let (function, url, cause) = (&request.function, redact::url(url), redact::text(&cause.to_string()));
    StepFailure::new("http", format!("`{function}` {what} `{url}`: {cause}"))
}
