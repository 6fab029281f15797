//! What a task is held up by: a grant that whoever took it up lacks.

use std::fmt;

use crate::name::Name;

/// A task is due, and whoever took it up last may not make the call that comes next. It waits for somebody who may.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct HeldUp {
    /// The call: `http::get`.
    pub call: Name,
    /// The grant it needs, as `--allow` takes it: `http=api.example.com:443`.
    pub grant: String,
}

impl HeldUp {
    /// As one text, to store it. A call has no blanks.
    pub fn to_text(&self) -> String {
        format!("{} {}", self.call, self.grant)
    }

    /// What [`to_text`](Self::to_text) gave.
    pub fn from_text(text: &str) -> Self {
        let (call, grant) = text.split_once(' ').unwrap_or((text, ""));
        Self { call: Name::new(call), grant: grant.to_owned() }
    }
}

impl fmt::Display for HeldUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.grant.contains(char::is_whitespace) { "'" } else { "" };
        write!(f, "`{}` needs `--allow {quote}{}{quote}`", self.call, self.grant)
    }
}
