//! Values as storages keep them: JSON that keeps every type.
//!
//! What JSON cannot express is tagged: `{"$opsflow":"decimal 1.10"}`. A map that itself has this key is wrapped in a
//! tag, so that it is not mistaken for one. Everything else is plain JSON, so tasks stored before there were tags are
//! read as they were written.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::name::Name;

use super::{Map, Number, Type, Value};

/// The key of a tag.
const TAG: &str = "$opsflow";
/// The tag of a number with its written digits.
const NUMBER: &str = "number";
/// The word for a number that was computed and has more digits than these.
const NEAR: &str = "near";

/// A value in the form that a storage keeps: JSON through `serde`, without losing a type. An adapter that writes values
/// itself uses this to write and read them.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Stored<V = Value>(pub V);

impl Serialize for Stored<&Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::List(items) => serializer.collect_seq(items.iter().map(Stored)),
            Value::Map(map) if is_like_a_tag(map) => tagged(serializer, &Fields(map)),
            Value::Map(map) => Fields(map).serialize(serializer),
            Value::Number(number) => match number.decimal().filter(|_| !number.is_exact()) {
                Some(near) if !near.is_zero() => tagged(serializer, &format!("{NEAR} {near}")),
                _ => tagged(serializer, &format!("{NUMBER} {number}")),
            },
            Value::Decimal(_) | Value::Date(_) | Value::DateTime(_) | Value::Duration(_) => {
                tagged(serializer, &format!("{} {}", self.0.type_name(), self.0.to_text()))
            }
            plain => plain.serialize(serializer),
        }
    }
}

impl Serialize for Stored<Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored(&self.0).serialize(serializer)
    }
}

/// Whether a map would be mistaken for a tag.
fn is_like_a_tag(map: &Map) -> bool {
    map.contains_key(TAG)
}

fn tagged<S: Serializer>(serializer: S, what: &impl Serialize) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(TAG, what)?;
    map.end()
}

/// The entries of a map, never mistaken for a tag.
struct Fields<'a>(&'a Map);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Stored(value))))
    }
}

impl<'de> Deserialize<'de> for Stored<Value> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader { in_tag: false }.deserialize(deserializer).map(Stored)
    }
}

#[derive(Clone, Copy)]
struct Reader {
    /// Whether the content of a tag is being read: a text with a meaning, or a map that stands for itself.
    in_tag: bool,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value as it was stored")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Unit)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or_else(|_| Value::Number(Number::exact(number.into())), Value::Integer))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut given: A) -> Result<Value, A::Error> {
        let mut items = Vec::with_capacity(given.size_hint().unwrap_or_default());
        while let Some(Stored(item)) = given.next_element()? {
            items.push(item);
        }
        Ok(Value::list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let mut tag = None;
        while let Some(name) = given.next_key::<Name>()? {
            let in_tag = !self.in_tag && map.is_empty() && name.as_str() == TAG;
            let value = given.next_value_seed(Self { in_tag })?;
            tag = in_tag.then(|| value.clone());
            map.insert(name, value);
        }
        match tag {
            Some(Value::Text(tag)) => {
                meant(&tag).ok_or_else(|| A::Error::custom(format!("`{tag}` is no stored value")))
            }
            Some(itself @ Value::Map(_)) => Ok(itself),
            _ => Ok(map.into()),
        }
    }
}

/// The value that a tag stands for.
fn meant(tag: &str) -> Option<Value> {
    let (kind, text) = tag.split_once(' ')?;
    match kind {
        NUMBER => return Number::parse(text).map(Value::Number),
        NEAR => return text.parse().ok().and_then(Number::near).map(Value::Number),
        _ => {}
    }
    Value::from_text(Type::ALL.into_iter().find(|known| known.name() == kind)?, text)
}

/// `#[serde(with = "…")]` for a field that holds a value.
pub(crate) mod field {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Stored, Value};

    pub(crate) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        Stored(value).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        Stored::deserialize(deserializer).map(|Stored(value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(value: &Value) -> String {
        serde_json::to_string(&Stored(value)).unwrap()
    }

    fn read(text: &str) -> Value {
        serde_json::from_str::<Stored>(text).unwrap().0
    }

    #[test]
    fn what_json_has_no_word_for_is_tagged() {
        let value = |kind, text| Value::from_text(kind, text).unwrap();
        for (value, text) in [
            (value(Type::Decimal, "1.10"), r#"{"$opsflow":"decimal 1.10"}"#),
            (value(Type::Date, "2026-11-21"), r#"{"$opsflow":"date 2026-11-21"}"#),
            (
                value(Type::Datetime, "2026-11-21T09:00:00+01:00"),
                r#"{"$opsflow":"datetime 2026-11-21T09:00:00+01:00"}"#,
            ),
            (value(Type::Duration, "1h 30m"), r#"{"$opsflow":"duration 1h 30m"}"#),
            (Value::Number(Number::parse("1.10").unwrap()), r#"{"$opsflow":"number 1.10"}"#),
            (Value::Number(Number::parse("1e300").unwrap()), r#"{"$opsflow":"number 1e300"}"#),
            (
                Value::Number(Number::near("0.3333333333333333333333333333".parse().unwrap()).unwrap()),
                r#"{"$opsflow":"near 0.3333333333333333333333333333"}"#,
            ),
            (Value::Float(1.1), "1.1"),
            (Value::text("2026-11-21"), r#""2026-11-21""#),
            (Value::list(vec![Value::Unit, value(Type::Decimal, "2")]), r#"[null,{"$opsflow":"decimal 2"}]"#),
        ] {
            assert_eq!(stored(&value), text);
            let again = read(text);
            assert_eq!((again.to_text(), &again), (value.to_text(), &value));
        }
    }

    #[test]
    fn a_map_that_looks_like_a_tag_stays_a_map() {
        let like = |inside: Value| Value::map([(TAG, inside)]);
        let decimal = Value::from_text(Type::Decimal, "1.10").unwrap();
        for value in [
            like(Value::text("decimal 1.10")),
            like(decimal.clone()),
            like(like(Value::text("decimal 1.10"))),
            like(like(like(decimal.clone()))),
            like(like(like(like(Value::Unit)))),
            like(Value::list(vec![decimal.clone()])),
            Value::map([(TAG, like(decimal.clone())), ("$a", decimal.clone()), ("z", like(Value::Unit))]),
            Value::map([("a", like(decimal))]),
        ] {
            assert_eq!(read(&stored(&value)), value, "{}", stored(&value));
        }
    }

    #[test]
    fn what_was_stored_before_there_were_tags_is_read_as_it_is() {
        let text = r#"{"at":"2026-11-21","lines":[{"price":"1.10"},1.5,null],"$date":"x"}"#;
        assert_eq!(read(text), serde_json::from_str::<Value>(text).map(floats).unwrap());
    }

    fn floats(value: Value) -> Value {
        match value {
            Value::Number(number) => Value::Float(number.as_f64()),
            Value::List(items) => Value::list(items.iter().cloned().map(floats).collect()),
            Value::Map(map) => Value::map(map.iter().map(|(name, value)| (name.clone(), floats(value.clone())))),
            plain => plain,
        }
    }

    #[test]
    fn a_tag_that_means_nothing_is_damage() {
        for text in [r#"{"$opsflow":"decimal ten"}"#, r#"{"$opsflow":"colour red"}"#, r#"{"$opsflow":""}"#] {
            assert!(serde_json::from_str::<Stored>(text).is_err(), "{text}");
        }
    }
}
