//! Arithmetic: exact, and never silently out of bounds.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::duration::Duration;
use crate::value::{Number, Value};

use super::super::code::Operator;
use super::compare::beside_decimal;
use super::interrupt::{failed, quoted};
use super::operand::described;
use super::{Eval, Machine, Operand};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Why an operation has no result.
pub(in super::super) enum Trouble {
    /// The types do not match.
    Types,
    /// The result is too large or too small.
    Overflow,
    /// A division by zero.
    Zero,
    /// Something else.
    Other(&'static str),
}

use Trouble::{Other, Overflow, Types, Zero};

impl Machine<'_> {
    /// An operation between two values.
    pub(super) fn binary(&mut self, operator: Operator, left: &Value, right: &Value) -> Eval {
        use Operator::{Add, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        match (operator, left, right) {
            (Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual, ..) => {
                self.compare(operator, left, right)
            }
            (Add, Value::Date(_) | Value::DateTime(_) | Value::Duration(_), Value::Text(text)) => {
                Err(failed(text_beside_time(left, text)))
            }
            (Add, Value::Text(_), _) | (Add, _, Value::Text(_)) => self.joined(left, right),
            (Add, Value::List(a), Value::List(b)) => {
                self.may_hold_items(a.len().saturating_add(b.len()))?;
                self.list(a.iter().chain(b.iter()).cloned().collect())
            }
            (Add, Value::Map(a), Value::Map(b)) => {
                self.charge_entries(a.len().saturating_add(b.len()))?;
                let mut map = std::sync::Arc::clone(a);
                std::sync::Arc::make_mut(&mut map).extend(b.iter().map(|(k, v)| (k.clone(), v.clone())));
                let map = Value::Map(map);
                self.check(&map, 0)?;
                Ok(Operand::Value(map))
            }
            (Operator::Subtract, Value::Text(a), Value::Text(b)) => {
                self.charge_reading(a.len())?;
                self.text(a.replace(b.as_str(), ""))
            }
            _ => {
                let (left, right) = beside_decimal(left, right);
                let (left, right) = (left.as_ref(), right.as_ref());
                arithmetic(operator, left, right)
                    .map(Operand::Value)
                    .map_err(|trouble| failed(message(operator, left, right, &trouble)))
            }
        }
    }

    /// Two values joined as text.
    fn joined(&mut self, left: &Value, right: &Value) -> Eval {
        let mut text = String::new();
        self.push_text(&mut text, left)?;
        self.push_text(&mut text, right)?;
        self.text(text)
    }

    /// Appends a value's text to another.
    pub(in super::super) fn push_text(&mut self, text: &mut String, value: &Value) -> Eval<()> {
        match value {
            Value::Text(more) => {
                self.may_grow_text(text.len().saturating_add(more.len()), more.len())?;
                text.push_str(more);
            }
            Value::Unit => {}
            Value::Integer(number) => {
                text.extend(digits(*number, &mut [0; MAX_DIGITS]).iter().map(|digit| char::from(*digit)));
                self.may_grow_text(text.len(), 0)?;
            }
            other => {
                self.check(other, 0)?;
                let most = self.limits().max_string_bytes;
                // A text that occurs often in a list counts each time, before the result is built.
                let bytes = other.weight(most).unwrap_or_else(|| most.saturating_add(1));
                self.may_grow_text(text.len().saturating_add(bytes), bytes)?;
                text.push_str(&other.to_text());
                self.may_grow_text(text.len(), 0)?;
            }
        }
        Ok(())
    }

    /// `-x` or `+x`.
    pub(super) fn sign(&mut self, value: Value, minus: bool) -> Eval {
        let negated = match (&value, minus) {
            (
                Value::Integer(_) | Value::Float(_) | Value::Number(_) | Value::Decimal(_) | Value::Duration(_),
                false,
            ) => {
                return Ok(value.into());
            }
            (Value::Integer(n), true) => n.checked_neg().map(Value::Integer),
            (Value::Float(n), true) => Some(Value::Float(-n)),
            (Value::Number(n), true) => Some(Value::Number(n.negated())),
            (Value::Decimal(n), true) => Some(Value::Decimal(-n)),
            (Value::Duration(d), true) => {
                d.as_millis().checked_neg().map(|ms| Value::Duration(Duration::from_millis(ms)))
            }
            _ => {
                let sign = if minus { "-" } else { "+" };
                return Err(failed(format!("`{sign}` cannot be used on {}", described(value.type_name()))));
            }
        };
        negated.map(Operand::Value).ok_or_else(|| failed(format!("-({}) does not fit into 64 bits", value.to_text())))
    }
}

/// Text is never added to a day, a moment or a duration: most authors mean a length of time.
fn text_beside_time(left: &Value, text: &str) -> String {
    let cure = match text.parse::<Duration>() {
        Ok(_) => format!("write `duration(\"{text}\")`"),
        Err(_) => "add a `duration(\"1h\")`, or write a text in backticks: `` `${…} …` ``".to_owned(),
    };
    format!("`+` cannot be used on {} and a string: {cure}", described(left.type_name()))
}

/// What to write where a number stands beside a day or a moment: most authors mean days.
fn number_beside_time(operator: Operator, left: &Value, right: &Value) -> Option<String> {
    let ((Value::Date(_) | Value::DateTime(_), Value::Integer(n))
    | (Value::Integer(n), Value::Date(_) | Value::DateTime(_))) = (left, right)
    else {
        return None;
    };
    let days = format!("{n}d");
    let is_meant = matches!(operator, Operator::Add | Operator::Subtract) && days.parse::<Duration>().is_ok();
    is_meant.then(|| format!(": for days, write `duration(\"{days}\")`"))
}

fn message(operator: Operator, left: &Value, right: &Value, trouble: &Trouble) -> String {
    let sign = operator.sign();
    match trouble {
        Types => match (left, right) {
            (Value::Decimal(_), Value::Float(_)) | (Value::Float(_), Value::Decimal(_)) => format!(
                "`{sign}` cannot be used on {} and {}: make one of them the other's type by `decimal(…)` or `to_float()`",
                described(left.type_name()),
                described(right.type_name())
            ),
            _ => format!(
                "`{sign}` cannot be used on {} and {}{}",
                described(left.type_name()),
                described(right.type_name()),
                number_beside_time(operator, left, right).unwrap_or_default()
            ),
        },
        Overflow => format!("{} {sign} {} is out of bounds", quoted(left), quoted(right)),
        Zero => format!("{} {sign} {}: division by zero", quoted(left), quoted(right)),
        Other(why) => format!("{} {sign} {}: {why}", quoted(left), quoted(right)),
    }
}

/// The most bytes of a whole number as text.
const MAX_DIGITS: usize = 20;

/// A whole number as text in ASCII, written into `room`: several times faster than by a formatter.
pub(in super::super) fn digits(number: i64, room: &mut [u8; MAX_DIGITS]) -> &[u8] {
    let (mut rest, mut start) = (number.unsigned_abs(), MAX_DIGITS);
    let mut put = |byte: u8| {
        start = start.saturating_sub(1);
        if let Some(place) = room.get_mut(start) {
            *place = byte;
        }
    };
    loop {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        put(b'-');
    }
    room.get(start..).unwrap_or_default()
}

/// An operation between two values that are neither texts nor have parts.
pub(in super::super) fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Result<Value, Trouble> {
    match (left, right) {
        (Value::Integer(a), Value::Integer(b)) => integers(operator, *a, *b).map(Value::Integer),
        (Value::Float(a), Value::Float(b)) => floats(operator, *a, *b),
        (Value::Integer(a), Value::Float(b)) => floats(operator, *a as f64, *b),
        (Value::Float(a), Value::Integer(b)) => floats(operator, *a, *b as f64),
        (Value::Decimal(a), Value::Integer(b)) if operator == Operator::Power => power(*a, *b).map(Value::Decimal),
        (Value::Decimal(a), Value::Decimal(b)) => decimals(operator, *a, *b).map(Value::Decimal),
        (Value::Decimal(a), Value::Integer(b)) => decimals(operator, *a, Decimal::from(*b)).map(Value::Decimal),
        (Value::Integer(a), Value::Decimal(b)) => decimals(operator, Decimal::from(*a), *b).map(Value::Decimal),
        (Value::Boolean(a), Value::Boolean(b)) => booleans(operator, *a, *b).map(Value::Boolean),
        (Value::Number(a), Value::Number(b)) => numbers(operator, *a, *b),
        (Value::Number(a), Value::Integer(b)) => numbers(operator, *a, Number::exact(Decimal::from(*b))),
        (Value::Integer(a), Value::Number(b)) => numbers(operator, Number::exact(Decimal::from(*a)), *b),
        (Value::Number(a), _) => arithmetic(operator, &Value::Float(a.as_f64()), right),
        (_, Value::Number(b)) => arithmetic(operator, left, &Value::Float(b.as_f64())),
        _ => times(operator, left, right),
    }
}

fn integers(operator: Operator, a: i64, b: i64) -> Result<i64, Trouble> {
    let short = u32::try_from(b).map_err(|_| Other("not a number of bits, or not a power"));
    match operator {
        Operator::Add => a.checked_add(b).ok_or(Overflow),
        Operator::Subtract => a.checked_sub(b).ok_or(Overflow),
        Operator::Multiply => a.checked_mul(b).ok_or(Overflow),
        Operator::Divide | Operator::Remainder if b == 0 => Err(Zero),
        Operator::Divide => a.checked_div(b).ok_or(Overflow),
        Operator::Remainder => a.checked_rem(b).ok_or(Overflow),
        Operator::Power => {
            a.checked_pow(short.map_err(|_| Other("a whole number has no negative power"))?).ok_or(Overflow)
        }
        Operator::ShiftLeft => a.checked_shl(short?).ok_or(Overflow),
        Operator::ShiftRight => a.checked_shr(short?).ok_or(Overflow),
        Operator::And => Ok(a & b),
        Operator::Or => Ok(a | b),
        Operator::Xor => Ok(a ^ b),
        _ => Err(Types),
    }
}

fn floats(operator: Operator, a: f64, b: f64) -> Result<Value, Trouble> {
    let number = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide | Operator::Remainder if b == 0.0 => return Err(Zero),
        Operator::Divide => a / b,
        Operator::Remainder => a % b,
        Operator::Power => a.powf(b),
        _ => return Err(Types),
    };
    if number.is_finite() { Ok(Value::Float(number)) } else { Err(Overflow) }
}

fn decimals(operator: Operator, a: Decimal, b: Decimal) -> Result<Decimal, Trouble> {
    match operator {
        Operator::Add => a.checked_add(b).ok_or(Overflow),
        Operator::Subtract => a.checked_sub(b).ok_or(Overflow),
        Operator::Multiply => a.checked_mul(b).ok_or(Overflow),
        Operator::Divide | Operator::Remainder if b.is_zero() => Err(Zero),
        Operator::Divide => a.checked_div(b).map(|quotient| without_zeros(quotient, a, b)).ok_or(Overflow),
        Operator::Remainder => a.checked_rem(b).ok_or(Overflow),
        _ => Err(Types),
    }
}

/// A quotient with no more zeros at its end than the digits of what was divided ask for: 5 / 2 is 2.5, 5.00 / 2 is 2.50.
fn without_zeros(quotient: Decimal, divided: Decimal, divisor: Decimal) -> Decimal {
    let mut short = quotient.normalize();
    let digits = divided.scale().saturating_sub(divisor.scale()).min(quotient.scale());
    if short.scale() < digits {
        short.rescale(digits);
    }
    short
}

/// Numbers as they were written, and whole ones: what is computed of them keeps its digits, for a decimal that may stand
/// beside it later. Where they are too large or too small for a decimal, it is a float.
fn numbers(operator: Operator, a: Number, b: Number) -> Result<Value, Trouble> {
    let float = floats(operator, a.as_f64(), b.as_f64())?;
    let (Some(left), Some(right)) = (a.decimal(), b.decimal()) else { return Ok(float) };
    let computed = match operator {
        Operator::Power => right.to_i64().filter(|_| right.is_integer()).and_then(|n| power(left, n).ok()),
        _ => decimals(operator, left, right).ok(),
    };
    let is_zero = |value: &Value| matches!(value, Value::Float(number) if *number == 0.0);
    let Some(decimal) = computed.filter(|decimal| !decimal.is_zero() || is_zero(&float)) else { return Ok(float) };
    // A decimal that had to leave out digits has fewer behind the point than the operation gives.
    let is_whole = match operator {
        // Beside a zero nothing is left out, but the zero's places are.
        Operator::Add | Operator::Subtract if left.is_zero() || right.is_zero() => true,
        Operator::Add | Operator::Subtract => decimal.scale() == left.scale().max(right.scale()),
        Operator::Multiply => decimal.scale() == left.scale().saturating_add(right.scale()),
        Operator::Divide => {
            decimal.scale().saturating_add(right.scale()) <= Decimal::MAX_SCALE
                && decimal.checked_mul(right) == Some(left)
        }
        Operator::Power => {
            let times = right.to_u32().unwrap_or(u32::MAX);
            left.scale().checked_mul(times).is_some_and(|scale| decimal.scale() == scale)
        }
        _ => true,
    };
    let number = if a.is_exact() && b.is_exact() && (is_whole || decimal.is_zero()) {
        Some(Number::exact(decimal))
    } else {
        Number::near(decimal)
    };
    Ok(number.map_or(float, Value::Number))
}

/// A whole power, by squaring: it finishes, or overflows, within 64 rounds.
fn power(base: Decimal, exponent: i64) -> Result<Decimal, Trouble> {
    let mut rest = exponent.unsigned_abs();
    let (mut square, mut product) = (base, Decimal::ONE);
    while rest > 0 {
        if rest & 1 == 1 {
            product = product.checked_mul(square).ok_or(Overflow)?;
        }
        rest >>= 1;
        if rest > 0 {
            square = square.checked_mul(square).ok_or(Overflow)?;
        }
    }
    if exponent < 0 { Decimal::ONE.checked_div(product).ok_or(Zero) } else { Ok(product) }
}

fn booleans(operator: Operator, a: bool, b: bool) -> Result<bool, Trouble> {
    match operator {
        Operator::And => Ok(a & b),
        Operator::Or => Ok(a | b),
        Operator::Xor => Ok(a ^ b),
        _ => Err(Types),
    }
}

/// Dates, moments and durations.
fn times(operator: Operator, left: &Value, right: &Value) -> Result<Value, Trouble> {
    use Operator::{Add, Divide, Multiply, Remainder, Subtract};
    let duration = |ms: Option<i64>| ms.map(|ms| Value::Duration(Duration::from_millis(ms))).ok_or(Overflow);
    match (operator, left, right) {
        (Add, Value::Date(day), Value::Duration(by)) | (Add, Value::Duration(by), Value::Date(day)) => {
            shifted_day(*day, by.as_millis())
        }
        (Subtract, Value::Date(day), Value::Duration(by)) => {
            shifted_day(*day, by.as_millis().checked_neg().ok_or(Overflow)?)
        }
        (Add, Value::DateTime(at), Value::Duration(by)) | (Add, Value::Duration(by), Value::DateTime(at)) => {
            shifted_moment(*at, by.as_millis())
        }
        (Subtract, Value::DateTime(at), Value::Duration(by)) => {
            shifted_moment(*at, by.as_millis().checked_neg().ok_or(Overflow)?)
        }
        (Subtract, Value::Date(a), Value::Date(b)) => duration(Some(a.signed_duration_since(*b).num_milliseconds())),
        (Subtract, Value::DateTime(a), Value::DateTime(b)) => duration(Some((*a - *b).num_milliseconds())),
        (Add, Value::Duration(a), Value::Duration(b)) => duration(a.as_millis().checked_add(b.as_millis())),
        (Subtract, Value::Duration(a), Value::Duration(b)) => duration(a.as_millis().checked_sub(b.as_millis())),
        (Multiply, Value::Duration(a), Value::Integer(n)) | (Multiply, Value::Integer(n), Value::Duration(a)) => {
            duration(a.as_millis().checked_mul(*n))
        }
        (Multiply, Value::Duration(a), Value::Float(n)) | (Multiply, Value::Float(n), Value::Duration(a)) => {
            duration(whole(a.as_millis() as f64 * n))
        }
        (Divide, Value::Duration(_), Value::Integer(0)) => Err(Zero),
        (Divide, Value::Duration(a), Value::Integer(n)) => duration(a.as_millis().checked_div(*n)),
        (Divide, Value::Duration(_), Value::Float(n)) if *n == 0.0 => Err(Zero),
        (Divide, Value::Duration(a), Value::Float(n)) => duration(whole(a.as_millis() as f64 / n)),
        (Divide | Remainder, Value::Duration(_), Value::Duration(b)) if *b == Duration::ZERO => Err(Zero),
        (Divide, Value::Duration(a), Value::Duration(b)) => {
            Ok(Value::Float(a.as_millis() as f64 / b.as_millis() as f64))
        }
        (Remainder, Value::Duration(a), Value::Duration(b)) => duration(a.as_millis().checked_rem(b.as_millis())),
        _ => Err(Types),
    }
}

/// A float rounded to a whole number. None if it does not fit.
pub(in super::super) fn whole(number: f64) -> Option<i64> {
    let number = number.round();
    // The largest float below 2^63. Casts saturate, so the bounds are checked first.
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number);
    #[expect(clippy::cast_possible_truncation, reason = "it fits")]
    fits.then_some(number as i64)
}

fn shifted_day(day: NaiveDate, ms: i64) -> Result<Value, Trouble> {
    if ms % DAY != 0 {
        return Err(Other("a date moves by whole days; add hours to a datetime"));
    }
    day.checked_add_signed(TimeDelta::milliseconds(ms)).filter(in_calendar).map(Value::Date).ok_or(Overflow)
}

fn shifted_moment(at: DateTime<FixedOffset>, ms: i64) -> Result<Value, Trouble> {
    let moved = at.checked_add_signed(TimeDelta::milliseconds(ms)).filter(|at| in_calendar(&at.date_naive()));
    moved.map(Value::DateTime).ok_or(Overflow)
}

/// Whether the year of a day has four digits, so that it can be read again.
pub(in super::super) fn in_calendar(day: &NaiveDate) -> bool {
    (0..=9999).contains(&chrono::Datelike::year(day))
}
