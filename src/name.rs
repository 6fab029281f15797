//! Names: of flows, states, attributes, interactions and the rest of what an author calls by name.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The built-in capabilities, which a flow must list in `uses` and a program must be granted.
pub(crate) const CAPABILITIES: [&str; 4] = ["http", "shell", "files", "env"];

/// A name as an author wrote it. Cheap to clone: short names are held inline, without a shared counter that threads
/// would contend for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(SmolStr);

impl Name {
    /// Makes a name of any text. Its form depends on what it names, and is checked where it is read.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(SmolStr::new(text))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Whether `text` is a valid name of an attribute, a parameter or a field: `[a-z_][a-z0-9_]*`.
pub(crate) fn is_attribute_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_') && bytes.all(is_word_byte)
}

/// Whether `text` is a valid name of a state or an interaction: like an attribute, and it may end in `?` or `!`.
pub(crate) fn is_state_name(text: &str) -> bool {
    is_attribute_name(text.strip_suffix(['?', '!']).unwrap_or(text))
}

/// Whether `text` is a valid name of a flow: parts of `[a-z][a-z0-9_]*` joined by `.` or `/`.
pub(crate) fn is_flow_name(text: &str) -> bool {
    text.split(['.', '/']).all(|part| {
        let mut bytes = part.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_lowercase()) && bytes.all(is_word_byte)
    })
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

/// The longest text, in bytes, for which similar names are searched: the cost grows with its length.
const MAX_MISSPELT: usize = 200;

/// The one of `known` that is most similar to `given`, if it is similar enough to be a misspelling.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if given.len() > MAX_MISSPELT {
        return None;
    }
    let lower = given.to_lowercase();
    known
        .into_iter()
        // A longer one is not near, and would take long to compare.
        .filter(|name| name.len() <= 2 * MAX_MISSPELT)
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| {
            let longer = name.chars().count().max(given.chars().count());
            // Of names of one letter, each is as near as any other.
            *distance <= (longer / 3).max(1) && *distance < longer
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// What an author has named, by name. What comes from outside is looked up in it and never added, so nobody can fill it
/// with names of one hash.
pub(crate) type ByName<T> = HashMap<Name, T, BuildHasherDefault<NameHasher>>;

/// Hashes names: quick for few and short texts.
#[derive(Default)]
pub(crate) struct NameHasher(u64);

/// 2⁶⁴ over the golden ratio: as odd as can be.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

impl NameHasher {
    fn add(&mut self, part: u64) {
        self.0 = (self.0.rotate_left(5) ^ part).wrapping_mul(ODD);
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        self.add(rest.iter().fold(0, |part, byte| part << 8 | u64::from(*byte)));
    }

    fn write_u8(&mut self, _: u8) {
        // The mark behind a text. One text is all there is.
    }

    fn finish(&self) -> u64 {
        // The table uses the lowest and the highest bits.
        self.0 ^ self.0 >> 32
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(SmolStr::from(text))
    }
}

impl From<SmolStr> for Name {
    fn from(text: SmolStr) -> Self {
        Self(text)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_only_when_near() {
        assert_eq!(nearest("buy_fod", ["relax", "buy_food"]), Some("buy_food"));
        assert_eq!(nearest("Total", ["total"]), Some("total"));
        assert_eq!(nearest("zebra", ["relax", "buy_food"]), None);
    }

    #[test]
    fn names_have_hashes_of_their_own() {
        use std::hash::BuildHasher;
        let hashes: std::collections::HashSet<u64> = (0..10_000)
            .map(|number| BuildHasherDefault::<NameHasher>::default().hash_one(Name::from(format!("field_{number}"))))
            .collect();
        assert_eq!(hashes.len(), 10_000);
    }

    #[test]
    fn names_have_their_forms() {
        assert!(is_state_name("what_day_is_it?") && is_state_name("party!") && !is_state_name("a?b"));
        assert!(is_flow_name("sales/order.v2_check") && !is_flow_name("sales//x") && !is_flow_name("9a"));
        assert!(is_attribute_name("_x1") && !is_attribute_name("x!") && !is_attribute_name(""));
    }
}
