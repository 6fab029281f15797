//! Values: what attributes hold, what scripts compute, what is stored.

mod convert;
mod json;
mod number;
mod order;
mod replaced;
mod stored;
mod weight;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use smol_str::SmolStr;

use crate::duration::Duration;
use crate::name::Name;

pub use crate::duration::{InvalidDuration, MAX_DURATION};
pub use weight::MAX_VALUE_BYTES;
pub(crate) use weight::weight_of_map;

#[cfg(test)]
mod tests;

pub(crate) use json::{InvalidJson, Large, parse as parse_json};
pub use number::Number;
pub(crate) use order::ordering;
pub(crate) use replaced::{with_entries, with_items};
pub use stored::Stored;
pub(crate) use stored::field as stored_field;

/// What a map holds, in order of its keys.
pub type Map = BTreeMap<Name, Value>;

/// How deeply lists and maps may be nested in a value.
pub const MAX_VALUE_DEPTH: usize = 100;

/// A value. Cloning one is cheap: lists, maps and long texts are shared.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Value {
    /// No value: `()` in Rhai, absent or `null` in JSON.
    #[default]
    Unit,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number of 64 bits.
    Integer(i64),
    /// A number with a fraction, never NaN or infinite.
    Float(f64),
    /// A number with a fraction as it was written, or computed of such: a float, and wherever a decimal is meant that
    /// decimal.
    Number(Number),
    /// An exact decimal number.
    Decimal(Decimal),
    /// Text.
    Text(SmolStr),
    /// A day.
    Date(NaiveDate),
    /// A moment with its offset.
    DateTime(DateTime<FixedOffset>),
    /// A length of time.
    Duration(Duration),
    /// Values in order.
    List(Arc<Vec<Value>>),
    /// Values by name.
    Map(Arc<Map>),
}

/// The types of the language.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Text.
    String,
    /// A whole number of 64 bits.
    Integer,
    /// A number with a fraction.
    Float,
    /// An exact decimal number.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// A day.
    Date,
    /// A moment with its offset.
    Datetime,
    /// A length of time.
    Duration,
    /// Values in order.
    List,
    /// Values by name.
    Map,
    /// Any of these.
    #[default]
    Any,
    /// A record outside: `{ type, id }`.
    Ref,
    /// A list of records outside.
    Refs,
}

impl Type {
    /// Every type, as authors write them.
    pub const ALL: [Type; 13] = [
        Type::String,
        Type::Integer,
        Type::Float,
        Type::Decimal,
        Type::Boolean,
        Type::Date,
        Type::Datetime,
        Type::Duration,
        Type::List,
        Type::Map,
        Type::Any,
        Type::Ref,
        Type::Refs,
    ];

    /// Its name in the language.
    pub const fn name(self) -> &'static str {
        match self {
            Type::String => "string",
            Type::Integer => "integer",
            Type::Float => "float",
            Type::Decimal => "decimal",
            Type::Boolean => "boolean",
            Type::Date => "date",
            Type::Datetime => "datetime",
            Type::Duration => "duration",
            Type::List => "list",
            Type::Map => "map",
            Type::Any => "any",
            Type::Ref => "ref",
            Type::Refs => "refs",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known about a value before anything runs: its type and its content.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Shape {
    /// The type.
    pub kind: Type,
    /// What a list holds; anything, if none.
    pub items: Option<Box<Shape>>,
    /// What a map holds; anything, if none.
    pub fields: Option<BTreeMap<Name, Shape>>,
    /// Whether the value is kept out of everything that is shown.
    pub secret: bool,
}

impl Shape {
    /// The shape of a plain type.
    pub const fn of(kind: Type) -> Self {
        Self { kind, items: None, fields: None, secret: false }
    }
}

impl Value {
    /// Text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(SmolStr::new(text))
    }

    /// A list of `items`.
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(Arc::new(items))
    }

    /// A map of `entries`.
    pub fn map(entries: impl IntoIterator<Item = (impl Into<Name>, Value)>) -> Self {
        Self::Map(Arc::new(entries.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    /// Whether there is no value.
    pub const fn is_unit(&self) -> bool {
        matches!(self, Self::Unit)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The field `name` of a map.
    pub fn get(&self, name: &str) -> Option<&Value> {
        if let Self::Map(map) = self { map.get(name) } else { None }
    }

    /// The type of the value as messages name it; `()` for none.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Unit => "()",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Float(_) | Self::Number(_) => "float",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "string",
            Self::Date(_) => "date",
            Self::DateTime(_) => "datetime",
            Self::Duration(_) => "duration",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }

    /// The value as plain data: dates, decimals and durations become text, at every depth.
    #[must_use]
    pub fn into_plain(self) -> Self {
        self.plain().unwrap_or(self)
    }

    /// The value as plain data; none if it is that already. One pass, and nothing is copied before the first
    /// difference.
    pub fn plain(&self) -> Option<Self> {
        match self {
            Self::Decimal(_) | Self::Date(_) | Self::DateTime(_) | Self::Duration(_) => {
                Some(Self::Text(self.to_text().into()))
            }
            Self::List(items) => {
                let Ok(plain) = with_items(items, |_, item| Ok::<_, Infallible>(item.plain()));
                plain
            }
            Self::Map(map) => with_entries(map, map.iter().filter_map(|(k, v)| Some((k.clone(), v.plain()?)))),
            _ => None,
        }
    }

    /// Reads what [`to_text`](Self::to_text) writes for a date, a datetime, a duration or a decimal; none if `text` is
    /// not one, or `kind` is another type. Nothing is rounded: digits that a decimal cannot hold give none.
    pub fn from_text(kind: Type, text: &str) -> Option<Self> {
        match kind {
            Type::Date => date(text).map(Self::Date),
            Type::Datetime => datetime(text).map(Self::DateTime),
            Type::Duration => Duration::from_printed(text).map(Self::Duration),
            Type::Decimal => decimal(text).map(Self::Decimal),
            _ => None,
        }
    }

    /// The value as text, for interpolation and messages. Texts stay as they are, lists and maps become JSON.
    pub fn to_text(&self) -> String {
        match self {
            Self::Unit => String::new(),
            Self::Boolean(v) => v.to_string(),
            Self::Integer(v) => v.to_string(),
            Self::Float(v) => format!("{v:?}"),
            Self::Number(v) => v.to_string(),
            Self::Decimal(v) => v.to_string(),
            Self::Text(v) => v.to_string(),
            Self::Date(v) => v.to_string(),
            Self::DateTime(v) => format_datetime(v),
            Self::Duration(v) => v.to_string(),
            Self::List(_) | Self::Map(_) => self.to_json_text(),
        }
    }

    /// The value as JSON text, with every digit of its numbers.
    pub fn to_json_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The value as JSON. Numbers with a fraction become floats; [`to_json_text`](Self::to_json_text) keeps their
    /// digits.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Unit => Json::Null,
            Self::Boolean(v) => Json::Bool(*v),
            Self::Integer(v) => Json::from(*v),
            Self::Float(v) => Json::from(*v),
            Self::Number(v) => Json::from(v.as_f64()),
            Self::Decimal(_) | Self::Text(_) | Self::Date(_) | Self::DateTime(_) | Self::Duration(_) => {
                Json::String(self.to_text())
            }
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(map) => Json::Object(map.iter().map(|(k, v)| (k.to_string(), v.to_json())).collect()),
        }
    }

    /// Reads a JSON text without losing a digit of its numbers. Fails on a whole number that not even a decimal holds, on
    /// a name that stands twice in one map, and on nesting beyond [`MAX_VALUE_DEPTH`].
    pub fn from_json_text(text: &str) -> Result<Self, InvalidValue> {
        json::parse(text, Large::Refused).map_err(|why| match why {
            InvalidJson::Value(why, _) => why,
            InvalidJson::Syntax(why) => InvalidValue::NoJson(why.to_string()),
        })
    }

    /// Reads JSON. Fails on what no value can hold: a whole number beyond 64 bits, nesting beyond
    /// [`MAX_VALUE_DEPTH`]. Whoever made `json` has rounded its numbers to floats, mostly;
    /// [`from_json_text`](Self::from_json_text) reads all digits.
    pub fn from_json(json: &serde_json::Value) -> Result<Self, InvalidValue> {
        Self::from_json_at(json, 0)
    }

    fn from_json_at(json: &serde_json::Value, depth: usize) -> Result<Self, InvalidValue> {
        use serde_json::Value as Json;
        Ok(match json {
            Json::Array(_) | Json::Object(_) if depth >= MAX_VALUE_DEPTH => return Err(InvalidValue::TooDeep),
            Json::Null => Self::Unit,
            Json::Bool(v) => Self::Boolean(*v),
            Json::Number(n) => match (n.as_i64(), Number::parse(&n.to_string())) {
                (Some(v), _) => Self::Integer(v),
                (None, Some(v)) => Self::Number(v),
                (None, None) => return Err(InvalidValue::TooLarge(n.to_string())),
            },
            Json::String(v) => Self::text(v),
            Json::Array(items) => {
                Self::list(items.iter().map(|item| Self::from_json_at(item, depth + 1)).collect::<Result<_, _>>()?)
            }
            Json::Object(map) => {
                let entries = map.iter().map(|(k, v)| Ok((Name::new(k), Self::from_json_at(v, depth + 1)?)));
                Self::Map(Arc::new(entries.collect::<Result<_, _>>()?))
            }
        })
    }
}

/// Why data is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// A number with more digits than a value holds.
    #[error("the number {0} has too many digits")]
    TooLarge(String),
    /// Lists and maps within each other beyond [`MAX_VALUE_DEPTH`].
    #[error("lists and maps are nested more than {MAX_VALUE_DEPTH} deep (MAX_VALUE_DEPTH)")]
    TooDeep,
    /// A name that stands twice in one map.
    #[error("`{0}` stands twice in one map")]
    Repeated(Name),
    /// No JSON at all.
    #[error("this is not JSON: {0}")]
    NoJson(String),
}

/// A day as it is printed: `2026-11-21`; beyond the year 9999 with a sign, as chrono writes it.
fn date(text: &str) -> Option<NaiveDate> {
    let digits = text.as_bytes();
    let is_iso = digits.len() == 10
        && digits.iter().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() });
    let is_far = text.starts_with(['+', '-']) && !text.contains(char::is_whitespace);
    if is_iso || is_far { text.parse().ok() } else { None }
}

/// A moment by RFC 3339, its offset included; beyond the year 9999 with a sign, as chrono writes it.
fn datetime(text: &str) -> Option<DateTime<FixedOffset>> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(moment) => Some(moment),
        Err(_) if text.starts_with(['+', '-']) => text.parse().ok(),
        Err(_) => None,
    }
}

/// Digits with a sign and a point, if any; no exponent and no separators.
fn decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if is_number(whole) && is_number(fraction) { Decimal::from_str_exact(text).ok() } else { None }
}

/// A moment with its offset, with milliseconds only where it has some.
pub(crate) fn format_datetime(moment: &DateTime<FixedOffset>) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unit => serializer.serialize_unit(),
            Self::Boolean(v) => serializer.serialize_bool(*v),
            Self::Integer(v) => serializer.serialize_i64(*v),
            Self::Float(v) => serializer.serialize_f64(*v),
            Self::Number(v) => v.serialize(serializer),
            Self::Text(v) => serializer.serialize_str(v),
            Self::Decimal(_) | Self::Date(_) | Self::DateTime(_) | Self::Duration(_) => {
                serializer.serialize_str(&self.to_text())
            }
            Self::List(items) => serializer.collect_seq(items.iter()),
            Self::Map(map) => serializer.collect_map(map.iter()),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        Self::from_json(&json).map_err(serde::de::Error::custom)
    }
}
