//! Converts incoming values to the types they are kept as. What converts depends on where a value comes from.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::name::Name;
use crate::value::{Map, Number, Type, Value, with_entries, with_items};

use super::check::fits;
use super::quote::wrong_type;
use super::{Attribute, Invalid, Rules};

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// From a user: at the start, in an interaction, in a definition.
    Outside,
    /// From a storage that kept it as JSON without types.
    Storage,
    /// From a handler. A type that does not fit is left for the check.
    Handler,
}

/// The context in which a value is converted.
#[derive(Clone, Copy)]
pub(super) struct Convert {
    pub(super) origin: Origin,
    /// Whether text is parsed. A handler must assign the type itself, but what stands inside a list or a map mostly
    /// came from JSON.
    pub(super) by_text: bool,
    /// Whether it is part of a secret.
    pub(super) hidden: bool,
}

/// The converted value; none, if it stays as it is.
type Converted = Result<Option<Value>, Invalid>;

impl Convert {
    /// Converts a value by the rules for its place.
    pub(super) fn value(self, rules: &Rules, value: &Value) -> Converted {
        let comes_in = self.origin != Origin::Handler;
        let within = Self { by_text: true, hidden: self.hidden || rules.secret, ..self };
        match (rules.kind, value) {
            (_, Value::Unit) => Ok(None),
            (Type::Float, Value::Integer(number)) => Ok(Some(Value::Float(*number as f64))),
            (Type::Float, Value::Number(number)) => Ok(Some(Value::Float(number.as_f64()))),
            (Type::Decimal, Value::Integer(number)) => Ok(Some(Value::Decimal(Decimal::from(*number)))),
            (Type::Decimal, Value::Number(number)) => match number.decimal() {
                Some(decimal) => Ok(Some(Value::Decimal(decimal))),
                None => Err(too_many_digits(within.hidden || rules.holds_secret(), *number)),
            },
            (Type::Decimal, Value::Float(number)) if comes_in => {
                let decimal = Value::from_text(Type::Decimal, &number.to_string());
                decimal.map(Some).ok_or_else(|| wrong_type(rules, value, within.hidden))
            }
            (kind, Value::Text(text)) if is_textual(kind) && self.by_text => match Value::from_text(kind, text) {
                // The check refuses what a handler has assigned wrongly.
                None if comes_in => Err(wrong_type(rules, value, within.hidden)),
                converted => Ok(converted),
            },
            (kind, _) if comes_in && !fits(kind, value) => Err(wrong_type(rules, value, within.hidden)),
            (Type::Ref, Value::Map(map)) => Ok(reference(map)),
            (Type::Refs, Value::List(items)) => each(items, |item| match item {
                Value::Map(map) => Ok(reference(map)),
                _ => Ok(None),
            }),
            (Type::List, Value::List(items)) => match &rules.items {
                Some(inner) => each(items, |item| within.value(inner, item)),
                None => Ok(None),
            },
            (Type::Map, Value::Map(map)) => match &rules.fields {
                Some(fields) => within.fields(fields, map),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn fields(self, fields: &[Attribute], map: &Arc<Map>) -> Converted {
        let mut changed: Vec<(Name, Value)> = Vec::new();
        for field in fields {
            let new = match map.get(&field.name) {
                Some(value) => self.value(&field.rules, value).map_err(|why| why.of(field))?,
                None if self.origin == Origin::Outside => field.default.clone(),
                None => None,
            };
            changed.extend(new.map(|value| (field.name.clone(), value)));
        }
        Ok(with_entries(map, changed))
    }
}

fn too_many_digits(hidden: bool, number: Number) -> Invalid {
    let but = if hidden { String::new() } else { format!(", but is near to `{number}`") };
    Invalid::new(format!("must be of type `decimal`{but} and has more digits than a decimal holds"))
}

/// Whether values of the type are text in JSON.
pub(super) const fn is_textual(kind: Type) -> bool {
    matches!(kind, Type::Date | Type::Datetime | Type::Duration | Type::Decimal)
}

/// A reference: a whole-number `id` becomes text, so that a record has one name only.
fn reference(map: &Arc<Map>) -> Option<Value> {
    let Some(id @ Value::Integer(_)) = map.get("id") else { return None };
    with_entries(map, [(Name::from("id"), Value::text(id.to_text()))])
}

/// Converts each item.
fn each(items: &[Value], convert: impl Fn(&Value) -> Converted) -> Converted {
    with_items(items, |at, item| convert(item).map_err(|why| why.at(at)))
}
