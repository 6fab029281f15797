//! The order of values: numbers of all types by value, with every digit.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::Value;

/// The order of two values. None if they cannot be compared.
pub(crate) fn ordering(left: &Value, right: &Value) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b)?,
        (Value::Integer(a), Value::Float(b)) => whole_and_float(*a, *b)?,
        (Value::Float(a), Value::Integer(b)) => whole_and_float(*b, *a)?.reverse(),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Integer(a), Value::Decimal(b)) => Decimal::from(*a).cmp(b),
        (Value::Decimal(a), Value::Integer(b)) => a.cmp(&Decimal::from(*b)),
        (Value::Number(a), Value::Number(b)) => match (a.decimal(), b.decimal()) {
            (Some(left), Some(right)) if a.is_exact() && b.is_exact() => left.cmp(&right),
            _ => a.as_f64().partial_cmp(&b.as_f64())?,
        },
        (Value::Number(a), Value::Decimal(b)) => a.decimal()?.cmp(b),
        (Value::Decimal(a), Value::Number(b)) => a.cmp(&b.decimal()?),
        (Value::Number(a), Value::Integer(b)) if a.is_exact() => a.decimal()?.cmp(&Decimal::from(*b)),
        (Value::Integer(a), Value::Number(b)) if b.is_exact() => Decimal::from(*a).cmp(&b.decimal()?),
        (Value::Number(a), _) => return ordering(&Value::Float(a.as_f64()), right),
        (_, Value::Number(b)) => return ordering(left, &Value::Float(b.as_f64())),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        _ => return None,
    })
}

/// The order of a whole number and a float, without a detour by the float nearest to the whole number.
fn whole_and_float(whole: i64, float: f64) -> Option<Ordering> {
    /// The first float above all whole numbers.
    const ABOVE: f64 = 9_223_372_036_854_775_808.0;
    if float >= ABOVE {
        return Some(Ordering::Less);
    }
    if float < -ABOVE {
        return Some(Ordering::Greater);
    }
    let fraction = 0.0.partial_cmp(&float.fract())?;
    Some(whole.cmp(&(float.trunc() as i64)).then(fraction))
}
