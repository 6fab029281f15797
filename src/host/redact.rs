//! Keeps credentials out of messages.

use crate::mask::masked;

/// The length from which a path part with mixed cases and digits is taken for a token.
#[cfg(feature = "http")]
const TOKEN_CHARS: usize = 20;

/// A URL for messages: without user, password and query, and without path parts that look like tokens.
#[cfg(feature = "http")]
pub(super) fn url(url: &reqwest::Url) -> String {
    // A secret that spans several parts is masked first, because it would not be recognised in the parts.
    let whole = url.as_str().split(['?', '#']).next().unwrap_or_default();
    let shown = masked(whole);
    if shown != whole {
        return text(&shown);
    }
    let path: Vec<&str> = url.path().split('/').map(|part| if is_token(part) { "…" } else { part }).collect();
    let query = if url.query().is_some() { "?…" } else { "" };
    format!("{}://{}{}{query}", url.scheme(), authority(url), path.join("/"))
}

/// The host, and the port if the URL has one.
#[cfg(feature = "http")]
pub(super) fn authority(url: &reqwest::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(feature = "http")]
fn is_token(part: &str) -> bool {
    part.len() >= TOKEN_CHARS
        && part.bytes().any(|b| b.is_ascii_digit())
        && part.bytes().any(|b| b.is_ascii_lowercase())
        && part.bytes().any(|b| b.is_ascii_uppercase())
}

/// A text without the user and password of any URL in it.
pub(super) fn text(text: &str) -> String {
    let text = &*masked(text);
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        clean.push_str(before);
        clean.push_str("://");
        let end = after.find(|c: char| c.is_whitespace() || "/?#'\"`<>".contains(c)).unwrap_or(after.len());
        let authority = after.get(..end).unwrap_or_default();
        rest = match authority.rfind('@') {
            Some(at) => after.get(at + 1..).unwrap_or_default(),
            None => after,
        };
    }
    clean.push_str(rest);
    clean
}
