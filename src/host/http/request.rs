//! A call, read from its arguments.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::duration::Duration;
use crate::mask::masked;
use crate::task::{SECRET, StepFailure};
use crate::value::Value;

use super::super::grants::check_host;
use super::super::known::{self, MAX_REDIRECTS, MAX_STATUS, MIN_STATUS};
use super::super::options::{Options, text_argument};
use super::TIME_LIMIT;

/// Headers that would change where the request goes or ends.
const CONNECTION_HEADERS: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What to send, and what to accept.
pub(in super::super) struct Request {
    /// `http::get`, for messages.
    pub(super) function: String,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
    /// Statuses of 400 and more that count as success.
    pub(super) accept: Vec<i64>,
    pub(super) redirects: i64,
    time_limit: Option<Duration>,
    /// The host, where a secret has become a part of it in a form in which it is not recognised.
    secret_host: Option<String>,
}

impl Request {
    /// Reads a call of `function` (`get`, `post`, …).
    pub(in super::super) fn read(function: &str, arguments: &[Value]) -> Result<Self, StepFailure> {
        let name = format!("http::{function}");
        let method = match function {
            "get" => Method::GET,
            "post" => Method::POST,
            "put" => Method::PUT,
            "patch" => Method::PATCH,
            "delete" => Method::DELETE,
            _ => return Err(StepFailure::script(format!("there is no function `{name}`"))),
        };
        let options = Options::read(&name, arguments.get(1), known::HTTP)?;
        let time_limit = options.time_limit("timeout")?;
        let given = text_argument(&name, arguments, 0, "URL")?;
        let mut url = address(&name, given)?;
        let query = options.texts("query", true)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut headers = headers(&name, &options)?;
        let body = body(&name, &options, &mut headers)?;
        let redirects = options.number("redirects", 0..=MAX_REDIRECTS)?.unwrap_or(MAX_REDIRECTS);
        Ok(Self {
            method,
            headers,
            body,
            accept: options.numbers("accept", MIN_STATUS..=MAX_STATUS)?,
            redirects,
            time_limit,
            secret_host: secret_host(given, &url),
            url,
            function: name,
        })
    }

    /// How long it may take, redirects included. The caller of the step keeps it.
    pub(in super::super) fn time_limit(&self) -> Duration {
        self.time_limit.unwrap_or(TIME_LIMIT)
    }

    /// The failure without a host that a secret is a part of.
    pub(super) fn hide(&self, failure: StepFailure) -> StepFailure {
        let Some(host) = &self.secret_host else { return failure };
        let StepFailure { kind, message, data } = failure;
        StepFailure { kind, message: message.replace(host, SECRET), data }
            .with_grant(|grant| grant.replace(host, SECRET))
    }
}

/// The host of `url`, if a secret is a part of it that cannot be seen in it: a name that is not ASCII is written in another
/// way, and a number becomes an address.
fn secret_host(given: &str, url: &Url) -> Option<String> {
    let host = url.host_str().filter(|host| !given.to_lowercase().contains(host))?;
    let shown = masked(given);
    let rest = shown.split_once("://").map_or(&*shown, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.contains(SECRET).then(|| host.to_owned())
}

/// A URL that can be called. Errors do not quote it, since it may contain a password.
fn address(function: &str, text: &str) -> Result<Url, StepFailure> {
    let wrong = |reason: String| StepFailure::new("http", format!("`{function}` cannot call its URL: {reason}"));
    let url =
        Url::parse(text).map_err(|error| wrong(format!("{error}; expected one like `https://api.example.com/`")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(format!("its scheme is `{}`; expected `http` or `https`", url.scheme())));
    }
    check_host(url.host_str().unwrap_or_default(), url.port()).map_err(wrong)?;
    Ok(url)
}

fn headers(function: &str, options: &Options) -> Result<HeaderMap, StepFailure> {
    let wrong = |message: String| StepFailure::script(format!("`{function}` cannot send {message}"));
    let mut headers = HeaderMap::new();
    for (name, text) in options.texts("headers", true)? {
        let header: HeaderName = name.parse().map_err(|_| wrong(format!("a header called `{name}`")))?;
        if CONNECTION_HEADERS.contains(&header.as_str()) {
            return Err(wrong(format!("the header `{name}`: it is not the author's to set")));
        }
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| wrong(format!("the header `{name}`: its value is not a valid header value")))?;
        value.set_sensitive(true);
        headers.append(header, value);
    }
    Ok(headers)
}

/// The body, and its content type unless the author has set one.
fn body(function: &str, options: &Options, headers: &mut HeaderMap) -> Result<Option<Vec<u8>>, StepFailure> {
    let given: Vec<&str> = ["json", "body", "form"].into_iter().filter(|name| options.value(name).is_some()).collect();
    let (bytes, kind) = match given.as_slice() {
        [] => return Ok(None),
        ["json"] => {
            let json = options.value("json").map(Value::to_json_text).unwrap_or_default();
            (json.into_bytes(), "application/json")
        }
        ["body"] => (options.text("body")?.unwrap_or_default().as_bytes().to_vec(), "text/plain; charset=utf-8"),
        ["form"] => {
            let pairs = options.texts("form", true)?;
            let mut form = Url::parse("form:").map_err(|error| StepFailure::script(error.to_string()))?;
            form.query_pairs_mut().extend_pairs(pairs);
            (form.query().unwrap_or_default().as_bytes().to_vec(), "application/x-www-form-urlencoded")
        }
        several => {
            let message = format!("`{function}` was given `{}`; a request has one body", several.join("` and `"));
            return Err(StepFailure::script(message));
        }
    };
    if !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    Ok(Some(bytes))
}
