//! `min`, `max` and `one_of`: comparing values, and the lengths of strings and lists.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::value::{Type, Value};

use super::quote::{but_is, quoted};
use super::{Invalid, Rules};

/// The types as which a text may be read where the rules name none.
const TEXTUAL: [Type; 3] = [Type::Date, Type::Datetime, Type::Duration];

/// Checks `value` against `min` and `max`.
pub(super) fn check_bounds(rules: &Rules, value: &Value, hidden: bool) -> Result<(), Invalid> {
    for (rule, words, beyond, bound) in
        [("min", "at least", Ordering::Less, &rules.min), ("max", "at most", Ordering::Greater, &rules.max)]
    {
        let Some(bound) = bound else { continue };
        if let Some((length, unit)) = length(rules.kind, value, bound) {
            let most = if let Value::Integer(most) = bound { *most } else { continue };
            if i64::try_from(length).unwrap_or(i64::MAX).cmp(&most) == beyond {
                return Err(wrong_length(
                    rules,
                    value,
                    hidden,
                    &format!("{words} {}", counted(most, unit)),
                    rule,
                    length,
                ));
            }
            continue;
        }
        let order = order(rules.kind, value, bound);
        if order.is_none_or(|order| order == beyond) {
            let mut but = but_is(rules, value, hidden);
            if order.is_none() && !but.is_empty() {
                but.push_str(", which does not compare with it");
            }
            return Err(Invalid::new(format!("must be {words} {} (`{rule}`){but}", quoted(bound))));
        }
    }
    Ok(())
}

fn wrong_length(rules: &Rules, value: &Value, hidden: bool, most: &str, rule: &str, length: usize) -> Invalid {
    let but = match value {
        _ if hidden || rules.holds_secret() => String::new(),
        Value::Text(_) => format!(", but is {}, which has {length}", quoted(value)),
        _ => format!(", but has {length}"),
    };
    Invalid::new(format!("must have {most} (`{rule}`){but}"))
}

fn counted(number: i64, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// The length of a value whose length is bounded, and the unit it is counted in.
fn length(kind: Type, value: &Value, bound: &Value) -> Option<(usize, &'static str)> {
    let by_length = match kind {
        Type::String | Type::List | Type::Refs => true,
        Type::Any => matches!(bound, Value::Integer(_)),
        _ => false,
    };
    match value {
        Value::Text(text) if by_length => Some((text.chars().count(), "character")),
        Value::List(items) if by_length => Some((items.len(), "item")),
        _ => None,
    }
}

/// Whether `value` equals `choice` of `one_of`: numbers and moments are compared by value, not by spelling.
pub(super) fn is_same(kind: Type, value: &Value, choice: &Value) -> bool {
    value == choice || order(kind, value, choice) == Some(Ordering::Equal)
}

/// The order of two values of one type; none if they have none. For `any`, a text is read as the type that makes the
/// two comparable.
fn order(kind: Type, a: &Value, b: &Value) -> Option<Ordering> {
    let read = |kind| compare(&typed(kind, a)?, &typed(kind, b)?);
    match kind {
        Type::Any if a.as_str().is_some() || b.as_str().is_some() => TEXTUAL.into_iter().find_map(read),
        _ => compare(a, b),
    }
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Decimal(b)) => Some(a.decimal()?.cmp(b)),
        (Value::Decimal(a), Value::Number(b)) => Some(a.cmp(&b.decimal()?)),
        (Value::Number(a), Value::Number(b)) if a == b => Some(Ordering::Equal),
        (Value::Float(_) | Value::Number(_), _) | (_, Value::Number(_)) | (_, Value::Float(_)) => {
            as_float(a)?.partial_cmp(&as_float(b)?)
        }
        _ => Some(number(a)?.cmp(&number(b)?)),
    }
}

/// Reads a text as `kind`; any other value as it is.
fn typed(kind: Type, value: &Value) -> Option<Value> {
    if let Value::Text(text) = value { Value::from_text(kind, text) } else { Some(value.clone()) }
}

fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Number(number) => Some(number.as_f64()),
        other => number(other)?.to_f64(),
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Integer(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}
