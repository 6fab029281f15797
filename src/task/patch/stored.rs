//! Operations as a storage keeps them: one after the other in one list, each a word (what it does, and where) and what
//! belongs to it. `"+/12",value`, `"-/b"`, `"=",value` and `"~/notes",at,remove,"text"`. A history has many of them, and
//! most put in little, so what stands around that counts.

use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::value::{Stored, Value};

use super::Operation;

/// Operations in the form in which a storage keeps them.
#[derive(Debug, PartialEq)]
pub(in crate::task) struct Short<O>(pub(in crate::task) O);

impl Serialize for Short<&[Operation]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for operation in self.0 {
            match operation {
                Operation::Add { path, value } => {
                    list.serialize_element(&format_args!("+{path}"))?;
                    list.serialize_element(&Stored(value))?;
                }
                Operation::Remove { path } => list.serialize_element(&format_args!("-{path}"))?,
                Operation::Replace { path, value } => {
                    list.serialize_element(&format_args!("={path}"))?;
                    list.serialize_element(&Stored(value))?;
                }
                Operation::Splice { path, at, remove, insert } => {
                    list.serialize_element(&format_args!("~{path}"))?;
                    list.serialize_element(at)?;
                    list.serialize_element(remove)?;
                    list.serialize_element(insert)?;
                }
            }
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Short<Vec<Operation>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ShortReader).map(Self)
    }
}

struct ShortReader;

impl<'de> Visitor<'de> for ShortReader {
    type Value = Vec<Operation>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operations of a patch")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut given: A) -> Result<Self::Value, A::Error> {
        fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(given: &mut A) -> Result<T, A::Error> {
            given.next_element()?.ok_or_else(|| A::Error::custom("a patch is cut off"))
        }
        let mut operations = Vec::new();
        while let Some(word) = given.next_element::<String>()? {
            let path = word.get(1..).unwrap_or_default().to_owned();
            operations.push(match word.chars().next() {
                Some('+') => Operation::Add { path, value: next::<Stored, _>(&mut given)?.0 },
                Some('-') => Operation::Remove { path },
                Some('=') => Operation::Replace { path, value: next::<Stored, _>(&mut given)?.0 },
                Some('~') => {
                    let (at, remove) = (next(&mut given)?, next(&mut given)?);
                    Operation::Splice { path, at, remove, insert: next(&mut given)? }
                }
                _ => return Err(unknown(&word)),
            });
        }
        Ok(operations)
    }
}

/// As RFC 6902 says, and as it is printed.
impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Operation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an operation of a patch")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Operation, A::Error> {
        let (mut word, mut path, mut insert) = (String::new(), String::new(), String::new());
        let (mut at, mut remove, mut value) = (0, 0, Value::Unit);
        while let Some(key) = given.next_key::<String>()? {
            match key.as_str() {
                "op" => word = given.next_value()?,
                "path" => path = given.next_value()?,
                "value" => value = given.next_value::<Stored>()?.0,
                "at" => at = given.next_value()?,
                "remove" => remove = given.next_value()?,
                "insert" => insert = given.next_value()?,
                _ => drop(given.next_value::<IgnoredAny>()?),
            }
        }
        match word.as_str() {
            "add" => Ok(Operation::Add { path, value }),
            "remove" => Ok(Operation::Remove { path }),
            "replace" => Ok(Operation::Replace { path, value }),
            "splice" => Ok(Operation::Splice { path, at, remove, insert }),
            _ => Err(unknown(&word)),
        }
    }
}

fn unknown<E: Error>(word: &str) -> E {
    E::custom(format!("`{word}` is no operation of a patch"))
}
