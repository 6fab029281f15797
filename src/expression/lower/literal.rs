//! Literals.

use rhai::{Dynamic, Expr};
use rust_decimal::Decimal;

use crate::name::Name;
use crate::value::Value;

use super::super::code::At;
use super::Lowering;

/// A literal as a value. None for what is no plain value: a range, a function.
pub(super) fn value(literal: &Dynamic) -> Option<Value> {
    Some(match literal {
        it if it.is_unit() => Value::Unit,
        it if it.is_bool() => Value::Boolean(it.as_bool().ok()?),
        it if it.is_int() => Value::Integer(it.as_int().ok()?),
        it if it.is_float() => Value::Float(it.as_float().ok()?),
        it if it.is_decimal() => Value::Decimal(it.as_decimal().ok()?),
        it if it.is_char() => Value::text(it.as_char().ok()?.to_string()),
        it if it.is_string() => Value::text(&*it.as_immutable_string_ref().ok()?),
        it if it.is_array() => Value::list(it.as_array_ref().ok()?.iter().map(value).collect::<Option<_>>()?),
        it if it.is_map() => {
            let entries =
                it.as_map_ref().ok()?.iter().map(|(k, v)| Some((Name::new(k), value(v)?))).collect::<Option<Vec<_>>>();
            Value::map(entries?)
        }
        _ => return None,
    })
}

/// The exact number that a float prints as.
pub(in super::super) fn exact(number: f64) -> Option<Decimal> {
    let text = format!("{number:?}");
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

impl Lowering<'_> {
    /// The exact number of a literal with a fraction, as it is written.
    pub(super) fn exact(&self, expr: &Expr) -> Option<Decimal> {
        let Expr::FloatConstant(number, at) = expr else { return None };
        let number = **number;
        let written = self.text.rest(At::from(*at).position());
        let digits = written.trim_start_matches('-').trim_start();
        let end = digits.find(|c: char| !matches!(c, '0'..='9' | '.' | '_')).unwrap_or(digits.len());
        let digits = digits.get(..end).unwrap_or_default().replace('_', "");
        let decimal = digits.trim_end_matches('.').parse::<Decimal>().ok();
        // With an exponent, or folded by the parser, the text says something else.
        let same = |d: &Decimal| d.to_string().parse::<f64>().is_ok_and(|f| f == number.abs());
        match decimal.filter(same) {
            Some(decimal) if number < 0.0 => Some(-decimal),
            Some(decimal) => Some(decimal),
            None => exact(number),
        }
    }
}
