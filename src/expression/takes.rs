//! What functions take as arguments and options, as far as that is checked before they are called.

use super::gives::Gives;

/// What a function takes and gives. By default nothing is known of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Takes {
    /// Its arguments by name, as far as they are known.
    pub arguments: &'static [(&'static str, Argument)],
    /// Its options by name, which it takes as a map behind its arguments. None, if they are not known.
    pub options: Option<&'static [(&'static str, Argument)]>,
    /// What it gives. None, if that is not known.
    pub gives: Option<Gives>,
}

/// What an argument or an option holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Argument {
    /// Anything.
    Any,
    /// A text.
    Text,
    /// A text that is not empty.
    Key,
    /// A whole number within bounds.
    Number(i64, i64),
    /// One whole number within bounds, or a list of them.
    Numbers(i64, i64),
    /// A duration, a text like `30s`, or a number of seconds.
    Time,
    /// A list of plain values.
    Texts,
    /// A map of plain values.
    Pairs,
    /// A map of plain values, and of lists of them.
    PairsOfLists,
}
