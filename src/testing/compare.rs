//! Compares values with what a test expects. Tests contain plain values; a task may have a date or a decimal.

use std::cmp::Ordering;
use std::str::FromStr as _;

use rust_decimal::Decimal;

use crate::value::{Type, Value, ordering};

/// Whether `got` equals `expected`: dates, durations and decimals by how they are written, numbers by value with every
/// digit, a field without a value like one that is absent.
pub(super) fn same(expected: &Value, got: &Value) -> bool {
    compare(expected, got, false)
}

/// The same, but in maps, at every depth, only the expected fields count.
pub(super) fn holds(expected: &Value, got: &Value) -> bool {
    compare(expected, got, true)
}

/// `got` with only those fields of its maps that `expected` has, so that a difference shows no others.
pub(super) fn trimmed(expected: &Value, got: &Value) -> Value {
    match (expected, got) {
        (Value::List(expected), Value::List(got)) => {
            let none = Value::Unit;
            let expected = expected.iter().chain(std::iter::repeat(&none));
            Value::list(got.iter().zip(expected).map(|(got, expected)| trimmed(expected, got)).collect())
        }
        (Value::Map(expected), Value::Map(got)) => {
            let own = got.iter().filter_map(|(name, got)| Some((name.clone(), trimmed(expected.get(name)?, got))));
            Value::map(own)
        }
        _ => got.clone(),
    }
}

fn compare(expected: &Value, got: &Value, partly: bool) -> bool {
    match (expected, got) {
        (Value::List(expected), Value::List(got)) => {
            expected.len() == got.len() && expected.iter().zip(got.iter()).all(|(e, g)| compare(e, g, partly))
        }
        (Value::Map(expected), Value::Map(got)) => {
            let none = Value::Unit;
            expected.iter().all(|(name, value)| compare(value, got.get(name).unwrap_or(&none), partly))
                && (partly || got.iter().all(|(name, value)| value.is_unit() || expected.contains_key(name)))
        }
        (Value::Float(e), Value::Decimal(g)) => Decimal::from_str(&e.to_string()).is_ok_and(|e| e == *g),
        (Value::Text(text), Value::Decimal(_) | Value::Date(_) | Value::DateTime(_) | Value::Duration(_)) => {
            kind_of(got).and_then(|kind| Value::from_text(kind, text)).is_some_and(|value| value == *got)
        }
        _ => expected == got || ordering(expected, got).is_some_and(Ordering::is_eq),
    }
}

fn kind_of(value: &Value) -> Option<Type> {
    match value {
        Value::Decimal(_) => Some(Type::Decimal),
        Value::Date(_) => Some(Type::Date),
        Value::DateTime(_) => Some(Type::Datetime),
        Value::Duration(_) => Some(Type::Duration),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes;
    use crate::value::Number;

    #[test]
    fn what_is_written_is_what_is_meant() {
        let decimal = Value::Decimal("9.00".parse().unwrap());
        let number = |text| Value::Number(Number::parse(text).unwrap());
        let date = Value::Date("2026-11-21".parse().unwrap());
        for (expected, got, is_same) in [
            (Value::Integer(9), decimal.clone(), true),
            (Value::Float(9.0), decimal.clone(), true),
            (Value::text("9"), decimal.clone(), true),
            (Value::text("9.01"), decimal, false),
            (Value::text("2026-11-21"), date.clone(), true),
            (Value::text("2026-11-22"), date, false),
            (Value::Integer(1), Value::Float(1.0), true),
            (number("9007199254740992.0"), Value::Integer(9_007_199_254_740_993), false),
            (Value::Integer(9_007_199_254_740_993), number("9007199254740992.0"), false),
            (Value::Float(9_007_199_254_740_992.0), Value::Integer(9_007_199_254_740_993), false),
            (number("9007199254740993.0"), Value::Integer(9_007_199_254_740_993), true),
            (number("1.10"), Value::Float(1.1), true),
            (Value::Integer(1), Value::Boolean(true), false),
            (Value::text("1"), Value::Integer(1), false),
            (Value::Float(9.5), Value::text("9.50"), false),
            (Value::Integer(81), Value::text("81.00"), false),
            (Value::Integer(81), Value::text("81.01"), false),
            (Value::Integer(81), Value::text("81 EUR"), false),
            (attributes! { a: 1 }.into(), attributes! { a: 1, b: () }.into(), true),
            (attributes! { a: 1, b: () }.into(), attributes! { a: 1 }.into(), true),
            (attributes! { a: 1 }.into(), attributes! { a: 1, b: 2 }.into(), false),
            (Value::from([1, 2]), Value::from([1]), false),
        ] {
            assert_eq!(same(&expected, &got), is_same, "{expected:?} and {got:?}");
        }
        let (few, many) =
            (attributes! { a: attributes! { b: 1 } }, attributes! { a: attributes! { b: 1, c: 2 }, d: 3 });
        assert!(holds(&few.clone().into(), &many.clone().into()) && !holds(&many.into(), &few.into()));
    }
}
