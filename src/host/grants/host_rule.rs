//! A host that may be called: `api.example.com`, `*.example.org`, `localhost:8080`, `[::1]`, `*`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest name of a host.
const MAX_HOST_CHARS: usize = 253;

/// The host that may be called, and the port (any, if none).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HostRule {
    host: Host,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq)]
enum Host {
    Any,
    /// Every name below this one, at any depth; not the name itself.
    Below(String),
    Named(String),
    Address(IpAddr),
}

impl HostRule {
    /// Reads a host, or says why it is not one.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some((_, rest)) = text.split_once("://") {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default();
            return Err(format!("write the host alone: `{host}`"));
        }
        if text.contains(['/', '@', '?', '#']) {
            return Err("write the host alone, without user, path or query".to_owned());
        }
        let (host, port) = split_port(text)?;
        Ok(Self { host: Host::parse(host)?, port })
    }

    /// Whether a rule can name `host` (as in a parsed URL) and nothing else.
    #[cfg(feature = "http")]
    pub(super) fn can_name(host: &str) -> bool {
        matches!(Host::parse(host), Ok(Host::Named(_) | Host::Address(_)))
    }

    /// Whether it covers `host` (as in a parsed URL) at `port`.
    pub(super) fn matches(&self, host: &str, port: Option<u16>) -> bool {
        (self.port.is_none() || self.port == port) && self.host.matches(host)
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if let Some(address) = address(text) {
            return Ok(Self::Address(address));
        }
        let (below, name) = text.strip_prefix("*.").map_or((false, text), |name| (true, name));
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if name.contains('*') {
            return Err("`*` must be alone or the first part: `*.example.org`".to_owned());
        }
        if !name.is_ascii() {
            return Err("write it in its ASCII form (`xn--…`)".to_owned());
        }
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if name.len() > MAX_HOST_CHARS || !name.split('.').all(label) {
            return Err("expected a name like `api.example.com`, or an address".to_owned());
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        // URLs read such a name as an address, too.
        if is_number(last) {
            return Err("expected an address like `127.0.0.1`".to_owned());
        }
        Ok(if below { Self::Below(name) } else { Self::Named(name) })
    }

    fn matches(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Address(rule) => address(host).is_some_and(|given| given == *rule),
            Self::Named(rule) => bare(host) == rule,
            Self::Below(rule) => bare(host).strip_suffix(rule.as_str()).is_some_and(|rest| rest.ends_with('.')),
        }
    }
}

/// Whether the last part of a host makes it an address: `1`, `0x7f`.
fn is_number(part: &str) -> bool {
    let is_hexadecimal = |rest: &str| rest.bytes().all(|b| b.is_ascii_hexdigit());
    part.bytes().all(|b| b.is_ascii_digit()) || part.strip_prefix("0x").is_some_and(is_hexadecimal)
}

fn bare(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

fn address(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

/// Splits host and port. An IPv6 address is in brackets, or bare without a port; it is returned in brackets.
fn split_port(text: &str) -> Result<(&str, Option<u16>), String> {
    let at = match text.rfind(']') {
        Some(end) => text.get(end..).and_then(|rest| rest.find(':')).map(|colon| end + colon),
        None if text.matches(':').count() > 1 => {
            return Err(format!("write an IPv6 address in brackets: `[{text}]`"));
        }
        None => text.find(':'),
    };
    let Some((host, port)) = at.and_then(|at| text.split_at_checked(at)) else { return Ok((text, None)) };
    let port = port.strip_prefix(':').unwrap_or_default();
    match port.parse::<u16>() {
        Ok(number) if number > 0 => Ok((host, Some(number))),
        _ => Err(format!("`{port}` is not a port; expected a number from 1 to 65535")),
    }
}
