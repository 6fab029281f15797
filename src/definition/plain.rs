//! Plain scalars → values, by the core schema of YAML 1.2.

use crate::value::{Number, Value};

use super::node::Tagged;

/// The value of an unquoted scalar; none for infinity, NaN, and a number with more digits than a value holds.
pub(super) fn resolve(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::Unit),
        "true" | "True" | "TRUE" => return Some(Value::Boolean(true)),
        "false" | "False" | "FALSE" => return Some(Value::Boolean(false)),
        _ => {}
    }
    if is_special_float(text) {
        return None;
    }
    match whole(text) {
        Some(Some(whole)) => Some(Value::Integer(whole)),
        None if !is_float(text) => Some(Value::text(text)),
        _ => Number::parse_all(text).map(Value::Number),
    }
}

/// The value of a scalar that a tag makes a text, a number, true or false, or nothing; none if it is not that.
pub(super) fn tagged(kind: Tagged, text: &str) -> Option<Value> {
    let value = match kind {
        Tagged::Text => return Some(Value::text(text)),
        Tagged::List | Tagged::Map => return None,
        _ => resolve(text)?,
    };
    match (kind, value) {
        (Tagged::Whole, value @ (Value::Integer(_) | Value::Number(_))) if whole(text).is_some() => Some(value),
        (Tagged::Float, Value::Integer(number)) => Some(Value::Float(number as f64)),
        (Tagged::Float, value @ (Value::Number(_) | Value::Float(_))) => Some(value),
        (Tagged::Boolean, value @ Value::Boolean(_)) | (Tagged::Nothing, value @ Value::Unit) => Some(value),
        _ => None,
    }
}

/// Reads a whole number: outer none if `text` is not one, inner none if 64 bits do not hold it.
pub(super) fn whole(text: &str) -> Option<Option<i64>> {
    let radix = |digits: &str, radix: u32| {
        let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        is_number.then(|| i64::from_str_radix(digits, radix).ok())
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok())
}

fn is_special_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    mantissa_fits && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}
