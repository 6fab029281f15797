//! What a handler changed: little, mostly, so it is kept in little room.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::name::Name;
use crate::value::{Stored, Value};

/// Attributes changed, in order of their names, each with its old and its new value. A map in JSON. One entry takes the
/// room of one; in a tree of nodes it would take that of eleven.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Changes(Vec<(Name, (Value, Value))>);

impl Changes {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// None, with room for `count`.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Puts in what became of the attribute `name`, and gives what stood there before.
    pub fn insert(&mut self, name: Name, change: (Value, Value)) -> Option<(Value, Value)> {
        match self.place(&name) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, change)),
            Err(at) => {
                self.0.insert(at, (name, change));
                None
            }
        }
    }

    /// What became of the attribute `name`.
    pub fn get(&self, name: &str) -> Option<&(Value, Value)> {
        self.0.get(self.place(name).ok()?).map(|(_, change)| change)
    }

    /// All of them, in order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &(Value, Value))> {
        self.0.iter().map(|(name, change)| (name, change))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.as_str().cmp(name))
    }
}

impl FromIterator<(Name, (Value, Value))> for Changes {
    fn from_iter<I: IntoIterator<Item = (Name, (Value, Value))>>(changes: I) -> Self {
        let changes = changes.into_iter();
        let mut all = Self::with_capacity(changes.size_hint().0);
        for (name, change) in changes {
            all.insert(name, change);
        }
        all
    }
}

impl<const COUNT: usize> From<[(Name, (Value, Value)); COUNT]> for Changes {
    fn from(changes: [(Name, (Value, Value)); COUNT]) -> Self {
        changes.into_iter().collect()
    }
}

impl IntoIterator for Changes {
    type Item = (Name, (Value, Value));
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Changes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// As a storage keeps them: values keep their types.
impl Serialize for Stored<&Changes> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, (old, new))| (name, (Stored(old), Stored(new)))))
    }
}

impl<'de> Deserialize<'de> for Changes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let changes = BTreeMap::<Name, (Stored, Stored)>::deserialize(deserializer)?;
        Ok(Self(changes.into_iter().map(|(name, (old, new))| (name, (old.0, new.0))).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_a_map_in_order_of_their_names() {
        let change = |n| (Value::Unit, Value::Integer(n));
        let mut changes = Changes::from([("b".into(), change(1)), ("a".into(), change(2))]);
        assert_eq!(changes.insert("b".into(), change(3)), Some(change(1)));
        assert_eq!((changes.get("b"), changes.get("c"), changes.len()), (Some(&change(3)), None, 2));
        let json = serde_json::to_string(&changes).unwrap();
        assert_eq!(json, r#"{"a":[null,2],"b":[null,3]}"#);
        assert_eq!(serde_json::from_str::<Changes>(&json).unwrap(), changes);
    }
}
