//! Everything that is wrong with an input.

use super::Invalid;

/// Everything that is wrong with what was given to a task or an interaction: unknown names first, then in the order of
/// the attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidInput {
    /// The first thing.
    pub first: Invalid,
    /// The others.
    pub more: Vec<Invalid>,
}

impl InvalidInput {
    /// All of `invalid`; none if it is empty.
    pub(in crate::task) fn of(invalid: Vec<Invalid>) -> Option<Self> {
        let mut invalid = invalid.into_iter();
        let first = invalid.next()?;
        Some(Self { first, more: invalid.collect() })
    }

    /// All of them, one after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Invalid> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// All of them in one line, each with its advice.
    pub fn with_help(&self) -> String {
        let each = self.iter().map(|invalid| match &invalid.help {
            Some(help) => format!("{invalid}; {help}"),
            None => invalid.to_string(),
        });
        each.collect::<Vec<_>>().join("; ")
    }
}

impl From<Invalid> for InvalidInput {
    fn from(first: Invalid) -> Self {
        Self { first, more: Vec::new() }
    }
}

/// One problem on the same line, several on a line each.
impl std::fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.more.is_empty() {
            return self.first.fmt(f);
        }
        write!(f, "{} things are wrong", self.more.len() + 1)?;
        self.iter().try_for_each(|invalid| write!(f, "\n  {invalid}"))
    }
}

impl std::error::Error for InvalidInput {}
