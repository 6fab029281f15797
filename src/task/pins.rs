//! Which definitions a task's sub-tasks use. Most tasks have none, so the type is small.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::name::Name;

use super::Digest;

/// Definitions by the names of their flows, in order. A map in JSON. An entry takes the room of one entry; in a tree
/// map it would take that of eleven.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pins(Box<[(Name, Digest)]>);

impl Pins {
    /// The definition pinned for the flow `name`.
    pub fn get(&self, name: &str) -> Option<&Digest> {
        let at = self.0.binary_search_by(|(own, _)| own.as_str().cmp(name)).ok()?;
        self.0.get(at).map(|(_, digest)| digest)
    }

    /// All of them, in order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Digest)> {
        self.0.iter().map(|(name, digest)| (name, digest))
    }

    /// The definitions alone.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Digest> {
        self.0.iter().map(|(_, digest)| digest)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Of two with one name the later is kept.
impl FromIterator<(Name, Digest)> for Pins {
    fn from_iter<I: IntoIterator<Item = (Name, Digest)>>(pins: I) -> Self {
        let mut pins = pins.into_iter().peekable();
        if pins.peek().is_none() {
            return Self::default();
        }
        Self(pins.collect::<BTreeMap<_, _>>().into_iter().collect())
    }
}

impl<const COUNT: usize> From<[(Name, Digest); COUNT]> for Pins {
    fn from(pins: [(Name, Digest); COUNT]) -> Self {
        pins.into_iter().collect()
    }
}

impl Serialize for Pins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Pins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|pins: BTreeMap<_, _>| pins.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_a_map_in_order_of_their_names() {
        let digest = |text: &str| Digest::of(text);
        let pins = Pins::from([("b".into(), digest("1")), ("a".into(), digest("2")), ("b".into(), digest("3"))]);
        assert_eq!((pins.get("b"), pins.get("c")), (Some(&digest("3")), None));
        assert_eq!(pins.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let json = serde_json::to_string(&pins).unwrap();
        assert_eq!(json, format!(r#"{{"a":"{}","b":"{}"}}"#, digest("2"), digest("3")));
        assert_eq!(serde_json::from_str::<Pins>(&json).unwrap(), pins);
        assert_eq!(serde_json::from_str::<Pins>("{}").unwrap(), Pins::default());
    }
}
