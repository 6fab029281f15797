//! What an attribute may hold: its type and its rules, for reading input and for checking after a handler.

mod check;
mod convert;
mod every;
mod input;
mod invalid;
mod measure;
mod quote;

use std::collections::BTreeMap;

use crate::name::Name;
use crate::value::{Shape, Type, Value};

use convert::{Convert, Origin};

pub(crate) use check::MISSING;
pub use input::InvalidInput;
pub use invalid::Invalid;

/// An attribute a flow declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// What it may hold.
    pub rules: Rules,
    /// The value it has when none is given.
    pub default: Option<Value>,
}

/// What a value may be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// The type.
    pub kind: Type,
    /// Whether it must be present and not an empty text.
    pub required: bool,
    /// The only values it may have.
    pub one_of: Option<Vec<Value>>,
    /// The least number or date, or the least length.
    pub min: Option<Value>,
    /// The largest number or date, or the largest length.
    pub max: Option<Value>,
    /// What the whole text must match.
    pub pattern: Option<Pattern>,
    /// What a list holds.
    pub items: Option<Box<Rules>>,
    /// What a map holds.
    pub fields: Option<Vec<Attribute>>,
    /// The type of record a `ref` names.
    pub model: Option<Name>,
    /// Whether the value stays out of everything printed.
    pub secret: bool,
    /// Prose.
    pub description: Option<String>,
}

/// A regular expression that has to match the whole of a text.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: regex_lite::Regex,
    /// States it may be in at each character, at most: what a text costs is its length times these.
    states: usize,
    text: String,
}

/// Bytes of a compiled pattern.
const MAX_PATTERN_BYTES: usize = 64 * 1024;
/// Up to this size, patterns count as equally large.
const MIN_PATTERN_BYTES: usize = 1024;
/// Bytes of a state of a compiled pattern, at least.
const STATE_BYTES: usize = 32;
/// What checking the values of one handler, or of one input, may cost: see [`Rules::steps`].
pub(crate) const MAX_CHECK_STEPS: usize = 100_000_000;

/// The most undeclared names that are reported when what is given is refused. The others are counted.
pub(in crate::task) const MAX_UNDECLARED: usize = 20;

impl Rules {
    /// What is known about a value that keeps these rules.
    pub fn shape(&self) -> Shape {
        let fields = |fields: &Vec<Attribute>| {
            fields.iter().map(|f| (f.name.clone(), f.rules.shape())).collect::<BTreeMap<_, _>>()
        };
        Shape {
            kind: self.kind,
            items: self.items.as_ref().map(|items| Box::new(items.shape())),
            fields: self.fields.as_ref().map(fields),
            secret: self.secret,
        }
    }

    /// Whether the value, or anything declared inside of it, is secret.
    pub fn holds_secret(&self) -> bool {
        self.secret
            || self.items.as_ref().is_some_and(|items| items.holds_secret())
            || self.fields.as_ref().is_some_and(|fields| fields.iter().any(|field| field.rules.holds_secret()))
    }

    /// Reads a value from outside as this type, at every depth that `items` and `fields` declare. Text becomes a date,
    /// a datetime, a duration or a decimal; a whole number becomes a float or a decimal; a number with a fraction
    /// becomes a float, or the decimal of its digits; a whole-number `id` of a reference becomes text. Nothing else
    /// converts. Absent fields get their defaults. Fails on another type; [`check`](Self::check) checks the rules.
    pub fn read(&self, value: &Value) -> Result<Value, Invalid> {
        self.convert(value, Origin::Outside)
    }

    /// Reads a value as a storage kept it: like [`read`](Self::read), but no default is filled in.
    pub fn restore(&self, value: &Value) -> Result<Value, Invalid> {
        self.convert(value, Origin::Storage)
    }

    /// Converts what a handler assigned, and checks it. Whole numbers become floats and decimals; numbers from JSON
    /// become what is declared. Text stays text, except inside a list or a map, where it becomes what `items` or
    /// `fields` declare. So the answer of a service can be assigned as it came.
    pub fn settle(&self, value: &Value) -> Result<Value, Invalid> {
        let settled = self.convert(value, Origin::Handler)?;
        self.check(&settled)?;
        Ok(settled)
    }

    /// Whether the type is all that the rules ask for, and no part of a value is declared.
    pub(super) fn is_plain(&self) -> bool {
        let Self { kind, required, one_of, min, max, pattern, items, fields, model, secret, description: _ } = self;
        let bounds = one_of.is_none() && min.is_none() && max.is_none() && pattern.is_none();
        let parts = items.is_none() && fields.is_none() && model.is_none();
        !required && bounds && parts && !secret && !matches!(kind, Type::List | Type::Map | Type::Ref | Type::Refs)
    }

    /// Whether a value without parts is of the type already, so that nothing is converted. False if a closer look must
    /// tell.
    pub(super) fn is_of_type(&self, value: &Value) -> bool {
        match (self.kind, value) {
            (Type::String, Value::Text(_))
            | (Type::Integer, Value::Integer(_))
            | (Type::Decimal, Value::Decimal(_))
            | (Type::Boolean, Value::Boolean(_))
            | (Type::Date, Value::Date(_))
            | (Type::Datetime, Value::DateTime(_))
            | (Type::Duration, Value::Duration(_))
            | (Type::Any, Value::Text(_) | Value::Integer(_) | Value::Boolean(_)) => true,
            (Type::Float, Value::Float(number)) => number.is_finite(),
            _ => false,
        }
    }

    /// What is wrong with a value from outside, each of its parts by itself.
    pub(crate) fn wrong_parts(&self, value: &Value) -> Vec<Invalid> {
        every::wrong_parts(self, value)
    }

    /// What checking a value costs where that is more than a look at each part of it: the bytes of texts times the states
    /// of their pattern, the choices of `one_of`, the fields of maps.
    pub(crate) fn steps(&self, value: &Value) -> usize {
        let choices = self.one_of.as_ref().map_or(0, Vec::len);
        let parts = match value {
            Value::Text(text) => self.pattern.as_ref().map_or(0, |pattern| pattern.states.saturating_mul(text.len())),
            Value::List(items) => match &self.items {
                Some(inner) => items.iter().fold(0, |steps, item| inner.steps(item).saturating_add(steps)),
                None => 0,
            },
            Value::Map(map) => match &self.fields {
                Some(fields) => fields.iter().fold(map.len().saturating_mul(fields.len()), |steps, field| {
                    map.get(&field.name).map_or(0, |value| field.rules.steps(value)).saturating_add(steps)
                }),
                None => 0,
            },
            _ => 0,
        };
        parts.saturating_add(choices)
    }

    /// Checks type and rules. An absent value breaks `required` only.
    pub fn check(&self, value: &Value) -> Result<(), Invalid> {
        check::check(self, value)
    }

    fn convert(&self, value: &Value, origin: Origin) -> Result<Value, Invalid> {
        let place = Convert { origin, by_text: origin != Origin::Handler, hidden: false };
        Ok(place.value(self, value)?.unwrap_or_else(|| value.clone()))
    }
}

impl Pattern {
    /// Compiles a pattern; the error says what is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        // First without the group: inside it, `a)|(b` would be well formed.
        regex_lite::Regex::new(pattern).map_err(|why| why.to_string())?;
        let whole = format!("^(?:{pattern})$");
        let sizes = std::iter::successors(Some(MIN_PATTERN_BYTES), |bytes| Some(bytes * 2));
        for bytes in sizes.take_while(|bytes| *bytes <= MAX_PATTERN_BYTES) {
            if let Ok(regex) = regex_lite::RegexBuilder::new(&whole).size_limit(bytes).build() {
                return Ok(Self { regex, states: bytes / STATE_BYTES, text: pattern.to_owned() });
            }
        }
        Err(format!("compiled, it takes more than {MAX_PATTERN_BYTES} bytes (MAX_PATTERN_BYTES)"))
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The pattern as its author wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
