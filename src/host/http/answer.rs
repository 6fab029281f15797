//! Reads a response within bounds, and without credentials.

use encoding_rs::{Encoding, UTF_8};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode, Url};

use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::{Large, Map, Value, parse_json};

use super::super::redact;
use super::exchange::failed;
use super::request::Request;
use super::{MAX_BODY_BYTES, MAX_HEADER_BYTES};

/// Response headers that hold credentials. They are not stored, so scripts do not see them.
const CREDENTIALS: [&str; 8] = [
    "authentication-info",
    "authorization",
    "cookie",
    "proxy-authentication-info",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "x-auth-token",
];

/// The response as scripts see it; a failure if its status is 400 or more and not accepted.
pub(super) async fn read(response: Response, request: &Request, url: &Url) -> Outcome {
    let status = response.status();
    let headers = response.headers();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len().saturating_add(value.len())).sum();
    if size > MAX_HEADER_BYTES {
        return Err(too_large(request, url, "headers", MAX_HEADER_BYTES, "MAX_HEADER_BYTES"));
    }
    let (shown, charset) = (without_credentials(headers), charset(headers));
    let body = body(response, request, url).await?;
    let text = charset.decode(&body).0;
    let answer = Value::map([
        ("status", Value::Integer(status.as_u16().into())),
        ("headers", shown),
        ("json", json(&text)),
        ("body", Value::text(text)),
    ]);
    judged_of(request, url, status.as_u16(), answer)
}

/// The response of this status; a failure if it is 400 or more and was not accepted.
pub(in super::super) fn judged(request: &Request, status: u16, answer: Value) -> Outcome {
    judged_of(request, &request.url, status, answer)
}

fn judged_of(request: &Request, url: &Url, status: u16, answer: Value) -> Outcome {
    if status < 400 || request.accept.contains(&status.into()) {
        return Ok(answer);
    }
    let status = StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |known| known.to_string());
    let message = format!("`{}` to `{}` was answered with status {status}", request.function, redact::url(url));
    Err(StepFailure::new("http", message).with_data(answer))
}

/// The body, read up to its bound.
async fn body(mut response: Response, request: &Request, url: &Url) -> Result<Vec<u8>, StepFailure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(request, url, error))? {
        if body.len().saturating_add(chunk.len()) > MAX_BODY_BYTES {
            return Err(too_large(request, url, "body", MAX_BODY_BYTES, "MAX_BODY_BYTES"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn too_large(request: &Request, url: &Url, what: &str, bound: usize, name: &str) -> StepFailure {
    let (function, url) = (&request.function, redact::url(url));
    StepFailure::limit(format!("the {what} of the response to `{function}` from `{url}` passed {bound} bytes ({name})"))
}

/// The headers by lower-case name; repeated ones joined by commas.
fn without_credentials(headers: &HeaderMap) -> Value {
    let mut shown = Map::new();
    for name in headers.keys().filter(|name| !CREDENTIALS.contains(&name.as_str())) {
        let texts = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let text = texts.collect::<Vec<_>>().join(", ");
        let text = if *name == LOCATION { redact::text(&text) } else { text };
        shown.insert(Name::new(name), text.into());
    }
    Value::Map(shown.into())
}

/// The encoding the response names, else UTF-8.
fn charset(headers: &HeaderMap) -> &'static Encoding {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let label = kind.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let label = label.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    label.and_then(|(_, label)| Encoding::for_label(label.trim().trim_matches('"').as_bytes())).unwrap_or(UTF_8)
}

/// The body as JSON; `()` if it is not JSON. Whole numbers beyond 64 bits become text, so that no digit is lost.
fn json(text: &str) -> Value {
    parse_json(text, Large::Text).unwrap_or_default()
}
