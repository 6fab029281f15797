//! The changes by a handler. Most are few, so the type is small.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::name::Name;
use crate::value::{Stored, Value};

use super::patch::{self, Operation, Short, bytes_of};

/// The key of a patch.
const PATCH: &str = "patch";
/// The same where it is stored, in little room.
const SHORT_PATCH: &str = "";

/// Bytes of a value of which history keeps both what it was and what it is. Of a larger one it keeps a patch.
pub const MAX_WHOLE_CHANGE_BYTES: usize = 512;

/// What became of an attribute.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// Its old and its new value. `[old, new]` in JSON.
    Whole(Value, Value),
    /// What makes the new value of the old one, if one of them is above [`MAX_WHOLE_CHANGE_BYTES`]. `{ "patch": [...] }`
    /// in JSON.
    Patch(Vec<Operation>),
}

impl Change {
    /// What made `new` of `old`.
    pub fn between(old: Value, new: Value) -> Self {
        let is_small = |value: &Value| value.is_within(MAX_WHOLE_CHANGE_BYTES);
        if is_small(&old) && is_small(&new) { Self::Whole(old, new) } else { Self::Patch(patch::between(&old, &new)) }
    }

    /// What it makes of the value before; none if that cannot have been the one.
    pub fn apply(&self, old: Value) -> Option<Value> {
        match self {
            Self::Whole(_, new) => Some(new.clone()),
            Self::Patch(operations) => patch::apply(operations, old),
        }
    }

    /// Bytes it takes where it is stored, about.
    fn bytes(&self) -> usize {
        match self {
            Self::Whole(old, new) => bytes_of(old).saturating_add(bytes_of(new)),
            Self::Patch(operations) => operations.iter().map(Operation::bytes).fold(0, usize::saturating_add),
        }
    }
}

impl From<(Value, Value)> for Change {
    fn from((old, new): (Value, Value)) -> Self {
        Self::between(old, new)
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(old, new) => (old, new).serialize(serializer),
            Self::Patch(operations) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(PATCH, operations)?;
                map.end()
            }
        }
    }
}

/// As a storage keeps it: values keep their types, and operations are short.
impl Serialize for Stored<&Change> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Change::Whole(old, new) => (Stored(old), Stored(new)).serialize(serializer),
            Change::Patch(operations) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(SHORT_PATCH, &Short(&**operations))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChangeReader)
    }
}

struct ChangeReader;

impl<'de> Visitor<'de> for ChangeReader {
    type Value = Change;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an old and a new value, or a patch")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut given: A) -> Result<Change, A::Error> {
        match (given.next_element()?, given.next_element()?) {
            (Some(Stored(old)), Some(Stored(new))) => Ok(Change::Whole(old, new)),
            _ => Err(A::Error::custom("a change has an old and a new value")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Change, A::Error> {
        match given.next_key::<String>()?.as_deref() {
            Some(PATCH) => Ok(Change::Patch(given.next_value()?)),
            Some(SHORT_PATCH) => given.next_value().map(|Short(operations)| Change::Patch(operations)),
            _ => Err(A::Error::custom("a change that is no list has a `patch`")),
        }
    }
}

/// Attributes changed, in order of their names, each with what became of it. A map in JSON. One entry takes the room of
/// one; in a tree of nodes it would take that of eleven.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Changes(Vec<(Name, Change)>);

impl Changes {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// None, with room for `count`.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Adds the change of the attribute `name`, and returns the one it replaces.
    pub fn insert(&mut self, name: Name, change: impl Into<Change>) -> Option<Change> {
        let change = change.into();
        match self.place(&name) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, change)),
            Err(at) => {
                self.0.insert(at, (name, change));
                None
            }
        }
    }

    /// The change of the attribute `name`.
    pub fn get(&self, name: &str) -> Option<&Change> {
        self.0.get(self.place(name).ok()?).map(|(_, change)| change)
    }

    /// All of them, in order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Change)> {
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

    /// Bytes they take where they are stored, about.
    pub(crate) fn bytes(&self) -> usize {
        self.iter().map(|(name, change)| name.len().saturating_add(change.bytes())).fold(0, usize::saturating_add)
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.as_str().cmp(name))
    }
}

impl<C: Into<Change>> FromIterator<(Name, C)> for Changes {
    fn from_iter<I: IntoIterator<Item = (Name, C)>>(changes: I) -> Self {
        let changes = changes.into_iter();
        let mut all = Self::with_capacity(changes.size_hint().0);
        for (name, change) in changes {
            all.insert(name, change);
        }
        all
    }
}

impl<C: Into<Change>, const COUNT: usize> From<[(Name, C); COUNT]> for Changes {
    fn from(changes: [(Name, C); COUNT]) -> Self {
        changes.into_iter().collect()
    }
}

impl IntoIterator for Changes {
    type Item = (Name, Change);
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

/// As a storage keeps them.
impl Serialize for Stored<&Changes> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, change)| (name, Stored(change))))
    }
}

impl<'de> Deserialize<'de> for Changes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(BTreeMap::deserialize(deserializer)?.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_a_map_in_order_of_their_names() {
        let change = |n| Change::Whole(Value::Unit, Value::Integer(n));
        let mut changes = Changes::from([("b".into(), change(1)), ("a".into(), change(2))]);
        assert_eq!(changes.insert("b".into(), change(3)), Some(change(1)));
        assert_eq!((changes.get("b"), changes.get("c"), changes.len()), (Some(&change(3)), None, 2));
        let json = serde_json::to_string(&changes).unwrap();
        assert_eq!(json, r#"{"a":[null,2],"b":[null,3]}"#);
        assert_eq!(serde_json::from_str::<Changes>(&json).unwrap(), changes);
    }

    #[test]
    fn of_a_large_value_what_changed_is_kept() {
        let old = Value::from("x".repeat(MAX_WHOLE_CHANGE_BYTES - 2));
        let new = Value::from("x".repeat(MAX_WHOLE_CHANGE_BYTES - 1));
        let small = Change::between(old.clone(), old.clone());
        assert!(matches!(small, Change::Whole(..)), "{small:?}");
        let changes = Changes::from([(Name::new("note"), (old.clone(), new.clone()))]);
        let json = serde_json::to_string(&changes).unwrap();
        assert_eq!(json, r#"{"note":{"patch":[{"op":"splice","path":"","at":510,"remove":0,"insert":"x"}]}}"#);
        let stored = serde_json::to_string(&Stored(&changes)).unwrap();
        assert_eq!(stored, r#"{"note":{"":["~",510,0,"x"]}}"#);
        for text in [json, stored] {
            let read: Changes = serde_json::from_str(&text).unwrap();
            assert_eq!(read, changes);
            assert_eq!(read.get("note").unwrap().apply(old.clone()), Some(new.clone()));
        }
        for damaged in ["[1]", "[]", "{}", r#"{"p":[]}"#, "1"] {
            assert!(serde_json::from_str::<Change>(damaged).is_err(), "{damaged}");
        }
    }
}
