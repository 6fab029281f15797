//! Why a value is not allowed.

use super::super::MAX_TASK_BYTES;
use super::Attribute;
use super::quote::shortened;
use super::{MAX_CHECK_STEPS, MAX_UNDECLARED};

/// Why a value is not allowed: attribute, rule and value. The value is not quoted if its attribute is secret, holds a
/// secret, or is inside one: the code that writes the reason knows the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where in the attributes: `address.street`, `lines[2].price`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
    /// The nearest valid name, or what else to do.
    pub help: Option<String>,
}

impl Invalid {
    /// A value that breaks a rule.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { path: String::new(), reason: reason.into(), help: None }
    }

    /// A name that is not declared.
    pub fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let help = crate::name::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        Self { path: shortened(name), reason: "is not declared".to_owned(), help }
    }

    /// `all` names that are not declared, of which some are reported.
    pub(in crate::task) fn many_unknown(all: usize) -> Self {
        let more = all.saturating_sub(MAX_UNDECLARED);
        Self::new(format!("{more} more names are not declared; {MAX_UNDECLARED} are reported (MAX_UNDECLARED)"))
    }

    /// A value larger than any task may hold.
    pub(in crate::task) fn too_heavy() -> Self {
        Self::new(format!("what is given may take {MAX_TASK_BYTES} bytes in all (MAX_TASK_BYTES)"))
    }

    /// Values whose check costs too much.
    pub(in crate::task) fn too_costly() -> Self {
        Self::new(format!(
            "what is given takes more than {MAX_CHECK_STEPS} steps to check, like long texts against a large `pattern` \
             (MAX_CHECK_STEPS)"
        ))
    }

    /// The same, with advice.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same, within `attribute`.
    #[must_use]
    pub fn of(self, attribute: &Attribute) -> Self {
        self.within(&attribute.name)
    }

    /// The same, in the item `index` of a list.
    #[must_use]
    pub(super) fn at(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }

    fn within(self, outer: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("{outer}{dot}{}", self.path), ..self }
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() { f.write_str(&self.reason) } else { write!(f, "`{}` {}", self.path, self.reason) }
    }
}

impl std::error::Error for Invalid {}
