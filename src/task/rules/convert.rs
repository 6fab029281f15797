//! Values as they come in → as they are kept. What converts depends on where a value comes from.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::name::Name;
use crate::value::{Map, Type, Value};

use super::check::fits;
use super::quote::wrong_type;
use super::{Attribute, Invalid, Rules};

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Somebody gave it: at the start, to an interaction, in a definition.
    Outside,
    /// A storage kept it, as JSON.
    Storage,
    /// A handler assigned it. A type that does not fit is left for the check.
    Handler,
}

/// How a value is converted at its place.
#[derive(Clone, Copy)]
pub(super) struct Convert {
    pub(super) origin: Origin,
    /// Whether it stands inside of a list or a map, where everything is plain.
    pub(super) inside: bool,
    /// Whether it is a part of a secret.
    pub(super) hidden: bool,
}

/// The converted value; none, if it stays as it is.
type Converted = Result<Option<Value>, Invalid>;

impl Convert {
    /// Converts a value by the rules of its place.
    pub(super) fn value(self, rules: &Rules, value: &Value) -> Converted {
        let by_text = self.origin != Origin::Handler;
        let within = Self { inside: true, hidden: self.hidden || rules.secret, ..self };
        match (rules.kind, value) {
            (_, Value::Unit) => Ok(None),
            (Type::Float, Value::Integer(number)) => Ok(Some(Value::Float(*number as f64))),
            (Type::Decimal, Value::Integer(number)) => Ok(Some(self.kept(Value::Decimal(Decimal::from(*number))))),
            (Type::Decimal, Value::Float(number)) if by_text => {
                match Value::from_text(Type::Decimal, &number.to_string()) {
                    Some(decimal) => Ok(Some(self.kept(decimal))),
                    None => Err(wrong_type(rules, value, within.hidden)),
                }
            }
            (kind, Value::Text(text)) if is_textual(kind) && by_text && !self.inside => {
                Value::from_text(kind, text).map(Some).ok_or_else(|| wrong_type(rules, value, within.hidden))
            }
            (kind, typed) if is_textual(kind) && self.inside && fits(kind, typed, true) => Ok(typed.plain()),
            // Whether a text inside is a date is for the check: it is kept as it stands.
            (kind, Value::Text(_)) if is_textual(kind) && self.inside => Ok(None),
            (kind, _) if by_text && !fits(kind, value, self.inside) => Err(wrong_type(rules, value, within.hidden)),
            (Type::Ref, Value::Map(map)) => Ok(reference(map)),
            (Type::Refs, Value::List(items)) => each(items, |item| match item {
                Value::Map(map) => Ok(reference(map)),
                _ => Ok(item.plain()),
            }),
            (Type::List, Value::List(items)) => match &rules.items {
                Some(inner) => each(items, |item| within.value(inner, item)),
                None => Ok(value.plain()),
            },
            (Type::Map, Value::Map(map)) => match &rules.fields {
                Some(fields) => within.fields(fields, map),
                None => Ok(value.plain()),
            },
            (Type::Any, _) => Ok(value.plain()),
            _ => Ok(None),
        }
    }

    fn kept(self, value: Value) -> Value {
        if self.inside { value.into_plain() } else { value }
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
        // Fields that are not declared are refused by the check; until then they are kept like the rest.
        for (name, value) in map.iter().filter(|(name, _)| !fields.iter().any(|field| field.name == **name)) {
            changed.extend(value.plain().map(|plain| (name.clone(), plain)));
        }
        if changed.is_empty() {
            return Ok(None);
        }
        let mut new = Map::clone(map);
        new.extend(changed);
        Ok(Some(Value::Map(Arc::new(new))))
    }
}

/// Whether values of the type are text in JSON, and inside of lists and maps.
pub(super) const fn is_textual(kind: Type) -> bool {
    matches!(kind, Type::Date | Type::Datetime | Type::Duration | Type::Decimal)
}

/// A reference: an `id` that is a whole number becomes text, so that a record has one name.
fn reference(map: &Arc<Map>) -> Option<Value> {
    let Some(id @ Value::Integer(_)) = map.get("id") else { return Value::Map(Arc::clone(map)).plain() };
    let mut new = Map::clone(map);
    new.insert(Name::from("id"), Value::text(id.to_text()));
    Some(Value::Map(Arc::new(new)).into_plain())
}

/// Converts each item; copies the list at the first that changes.
fn each(items: &[Value], convert: impl Fn(&Value) -> Converted) -> Converted {
    let mut new: Option<Vec<Value>> = None;
    for (at, item) in items.iter().enumerate() {
        let changed = convert(item).map_err(|why| why.at(at))?;
        if changed.is_some() && new.is_none() {
            let mut before = Vec::with_capacity(items.len());
            before.extend(items.iter().take(at).cloned());
            new = Some(before);
        }
        if let Some(new) = &mut new {
            new.push(changed.unwrap_or_else(|| item.clone()));
        }
    }
    Ok(new.map(Value::list))
}
