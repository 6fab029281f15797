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
}

impl HeldUp {
    /// One text, for a storage. The call contains no blanks.
    pub fn to_text(&self) -> String {
        format!("{} {}", self.call, self.grant)
    }

    /// Reads what [`to_text`](Self::to_text) has written.
    pub fn from_text(text: &str) -> Self {
        let (call, grant) = text.split_once(' ').unwrap_or((text, ""));
        Self { call: Name::new(call), grant: grant.to_owned() }
    }
}

impl fmt::Display for HeldUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` needs `--allow {}`", self.call, quoted(&self.grant))
    }
}
