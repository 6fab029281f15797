//! The missing grant that a due task waits for.

use std::fmt;

use crate::name::Name;
use crate::quoted::quoted;

/// A due task waits for a process with this grant: the one that took it last lacks the grant for the next call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct HeldUp {
    /// The call: `http::get`.
    pub call: Name,
    /// The grant it needs, as `--allow` takes it: `http=api.example.com:443`.
    pub grant: String,
    /// Whether a link leads out of what is granted to there.
    pub by_link: bool,
}

/// What marks a call that a link led astray, in the text for a storage.
const BY_LINK: &str = "@link";

impl HeldUp {
    /// One text, for a storage. The call contains no blanks.
    pub fn to_text(&self) -> String {
        let mark = if self.by_link { BY_LINK } else { "" };
        format!("{}{mark} {}", self.call, self.grant)
    }

    /// Reads what [`to_text`](Self::to_text) has written.
    pub fn from_text(text: &str) -> Self {
        let (call, grant) = text.split_once(' ').unwrap_or((text, ""));
        let (name, by_link) = call.strip_suffix(BY_LINK).map_or((call, false), |name| (name, true));
        Self { call: Name::new(name), grant: grant.to_owned(), by_link }
    }
}

impl fmt::Display for HeldUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = if self.by_link { ", since a link leads there" } else { "" };
        write!(f, "`{}` needs `--allow {}`{why}", self.call, quoted(&self.grant))
    }
}
