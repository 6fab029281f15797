//! What became of a large value, as the operations of RFC 6902 (and one for text) that make the new value of the old one:
//! as large as what changed, not as what it was changed in.

mod apply;
mod diff;
mod edits;
mod same;
mod stored;
#[cfg(test)]
mod tests;
mod text;

use serde::Serialize;

use crate::value::Value;

use super::MAX_TASK_BYTES;

pub(super) use apply::apply;
pub(crate) use diff::MAX_PATCH_STEPS;
pub(super) use stored::Short;

/// One operation. `path` is a JSON pointer (RFC 6901) into the value; an empty one means the whole. As JSON it is what
/// RFC 6902 says; a storage keeps it shorter.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Operation {
    /// Puts a value into a map, or into a list before the item that stands there.
    Add {
        /// Where.
        path: String,
        /// What.
        value: Value,
    },
    /// Takes a value out.
    Remove {
        /// Where.
        path: String,
    },
    /// Puts a value in place of another.
    Replace {
        /// Where.
        path: String,
        /// What.
        value: Value,
    },
    /// Cuts characters out of a text, and puts others in their place. RFC 6902 knows nothing of the kind.
    Splice {
        /// Where the text is.
        path: String,
        /// Before which of its characters, from 0.
        at: usize,
        /// How many characters are cut out.
        remove: usize,
        /// What comes in their place.
        insert: String,
    },
}

impl Operation {
    /// Where it works.
    pub fn path(&self) -> &str {
        match self {
            Self::Add { path, .. } | Self::Remove { path } | Self::Replace { path, .. } | Self::Splice { path, .. } => {
                path
            }
        }
    }

    /// Bytes it takes where it is stored, about.
    pub(super) fn bytes(&self) -> usize {
        /// The word, the brackets, quotes and commas of an operation.
        const FRAME: usize = 10;
        /// Two numbers and two quotes.
        const SPLICE: usize = 10;
        let own = match self {
            Self::Add { value, .. } | Self::Replace { value, .. } => bytes_of(value),
            Self::Remove { .. } => 0,
            Self::Splice { insert, .. } => SPLICE.saturating_add(insert.len()),
        };
        FRAME.saturating_add(self.path().len()).saturating_add(own)
    }
}

/// Whether two values are the same in type and notation: 1.0 is not 1.00.
pub(crate) fn is_same_as_written(old: &Value, new: &Value) -> bool {
    same::same(old, new, &mut diff::Steps::new(usize::MAX))
}

/// A name as it stands in a pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The operations that make `new` of `old`, in order.
pub(super) fn between(old: &Value, new: &Value) -> Vec<Operation> {
    diff::between(old, new, MAX_PATCH_STEPS)
}

/// Bytes that a value takes where it is stored, about.
pub(super) fn bytes_of(value: &Value) -> usize {
    value.weight(MAX_TASK_BYTES).unwrap_or(MAX_TASK_BYTES)
}
