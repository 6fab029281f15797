//! Functions of numbers.

use std::borrow::Cow;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::value::{Number, Value};

use super::super::run::{Arguments, Eval, Machine, Operand, failed, whole};
use super::arguments::{count, not_on};
use super::read;

/// The most digits after the point that a number is rounded to.
const MAX_DIGITS: usize = 28;

fn overflow(name: &str) -> Box<super::super::run::Interrupt> {
    failed(format!("what `{name}` gives is out of bounds"))
}

/// What a function of decimals gives for a number as it was written: a number again, which keeps its digits. None for all
/// else.
fn exactly(receiver: &Operand, of_decimal: impl Fn(&Decimal) -> Decimal) -> Option<Operand> {
    match receiver {
        Operand::Value(Value::Number(number)) if number.is_exact() => {
            Some(Operand::Value(Value::Number(Number::exact(of_decimal(&number.decimal()?)))))
        }
        _ => None,
    }
}

/// Treats a number as written outside as a float.
fn floated(receiver: &Operand) -> Cow<'_, Operand> {
    match receiver {
        Operand::Value(Value::Number(number)) => Cow::Owned(number.as_f64().into()),
        other => Cow::Borrowed(other),
    }
}

/// A float, unless it is NaN or infinite.
fn float(name: &str, number: f64) -> Eval {
    if number.is_finite() { Ok(number.into()) } else { Err(failed(format!("`{name}` gives no number here"))) }
}

pub(super) fn abs(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    if let Some(exact) = exactly(receiver, Decimal::abs) {
        return Ok(exact);
    }
    match &*floated(receiver) {
        Operand::Value(Value::Integer(n)) => n.checked_abs().map(Operand::from).ok_or_else(|| overflow("abs")),
        Operand::Value(Value::Float(n)) => Ok(n.abs().into()),
        Operand::Value(Value::Decimal(n)) => Ok(n.abs().into()),
        Operand::Value(Value::Duration(d)) => {
            let ms = d.as_millis().checked_abs().ok_or_else(|| overflow("abs"))?;
            Ok(crate::duration::Duration::from_millis(ms).into())
        }
        other => Err(not_on("abs", other)),
    }
}

pub(super) fn sign(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let sign = |less: bool, zero: bool| if zero { 0 } else { 1 - 2 * i64::from(less) };
    match &*floated(receiver) {
        Operand::Value(Value::Integer(n)) => Ok(n.signum().into()),
        Operand::Value(Value::Float(n)) => Ok(sign(*n < 0.0, *n == 0.0).into()),
        Operand::Value(Value::Decimal(n)) => Ok(sign(n.is_sign_negative(), n.is_zero()).into()),
        other => Err(not_on("sign", other)),
    }
}

pub(super) fn is_zero(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    match &*floated(receiver) {
        Operand::Value(Value::Integer(n)) => Ok((*n == 0).into()),
        Operand::Value(Value::Float(n)) => Ok((*n == 0.0).into()),
        Operand::Value(Value::Decimal(n)) => Ok(n.is_zero().into()),
        other => Err(not_on("is_zero", other)),
    }
}

pub(super) fn is_odd(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    match receiver {
        Operand::Value(Value::Integer(n)) => Ok((*n % 2 != 0).into()),
        other => Err(not_on("is_odd", other)),
    }
}

pub(super) fn is_even(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    match receiver {
        Operand::Value(Value::Integer(n)) => Ok((*n % 2 == 0).into()),
        other => Err(not_on("is_even", other)),
    }
}

/// A number without its fraction, by one rule for floats and one for decimals.
fn rounded(name: &str, receiver: &Operand, of_float: fn(f64) -> f64, of_decimal: fn(&Decimal) -> Decimal) -> Eval {
    if let Some(exact) = exactly(receiver, of_decimal) {
        return Ok(exact);
    }
    match &*floated(receiver) {
        Operand::Value(Value::Integer(n)) => Ok((*n).into()),
        Operand::Value(Value::Float(n)) => Ok(of_float(*n).into()),
        Operand::Value(Value::Decimal(n)) => Ok(of_decimal(n).into()),
        other => Err(not_on(name, other)),
    }
}

pub(super) fn floor(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    rounded("floor", receiver, f64::floor, Decimal::floor)
}

pub(super) fn ceiling(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    rounded("ceiling", receiver, f64::ceil, Decimal::ceil)
}

pub(super) fn int(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    rounded("int", receiver, f64::trunc, Decimal::trunc)
}

pub(super) fn fraction(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    rounded("fraction", receiver, f64::fract, Decimal::fract)
}

/// Rounds to a number of digits after the point; halves are rounded away from zero, as people do.
pub(super) fn round(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    by("round", receiver, arguments, RoundingStrategy::MidpointAwayFromZero)
}

pub(super) fn round_up(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    by("round_up", receiver, arguments, RoundingStrategy::AwayFromZero)
}

pub(super) fn round_down(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    by("round_down", receiver, arguments, RoundingStrategy::ToZero)
}

pub(super) fn round_half_up(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    by("round_half_up", receiver, arguments, RoundingStrategy::MidpointAwayFromZero)
}

pub(super) fn round_half_down(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    by("round_half_down", receiver, arguments, RoundingStrategy::MidpointTowardZero)
}

pub(super) fn round_half_even(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    by("round_half_even", receiver, arguments, RoundingStrategy::MidpointNearestEven)
}

fn by(name: &str, receiver: &Operand, arguments: &Arguments, rule: RoundingStrategy) -> Eval {
    let digits = if arguments.is_empty() { 0 } else { count(arguments, 0, name)?.min(MAX_DIGITS) };
    let short = u32::try_from(digits).unwrap_or_default();
    if let Some(exact) = exactly(receiver, |n| n.round_dp_with_strategy(short, rule)) {
        return Ok(exact);
    }
    match &*floated(receiver) {
        Operand::Value(Value::Integer(n)) => Ok((*n).into()),
        Operand::Value(Value::Decimal(n)) => Ok(n.round_dp_with_strategy(short, rule).into()),
        Operand::Value(Value::Float(n)) => {
            let factor = 10f64.powi(i32::try_from(digits).unwrap_or_default());
            let scaled = n * factor;
            if !scaled.is_finite() {
                return Ok((*n).into());
            }
            let whole = match rule {
                RoundingStrategy::AwayFromZero => scaled.abs().ceil().copysign(scaled),
                RoundingStrategy::ToZero => scaled.trunc(),
                RoundingStrategy::MidpointTowardZero => (scaled.abs() - 0.5).ceil().copysign(scaled),
                RoundingStrategy::MidpointNearestEven => scaled.round_ties_even(),
                _ => scaled.round(),
            };
            float(name, whole / factor)
        }
        other => Err(not_on(name, other)),
    }
}

pub(super) fn to_int(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let number = match &*floated(receiver) {
        Operand::Value(Value::Integer(n)) => Some(*n),
        Operand::Value(Value::Float(n)) => whole(n.trunc()),
        Operand::Value(Value::Decimal(n)) => n.trunc().to_i64(),
        Operand::Value(Value::Text(text)) => text.trim().parse().ok(),
        other => return Err(not_on("to_int", other)),
    };
    number.map(Operand::from).ok_or_else(|| failed("this is not an integer of 64 bits"))
}

pub(super) fn to_float(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let number = match &*floated(receiver) {
        Operand::Value(Value::Integer(n)) => Some(*n as f64),
        Operand::Value(Value::Float(n)) => Some(*n),
        Operand::Value(Value::Decimal(n)) => n.to_string().parse().ok(),
        Operand::Value(Value::Text(text)) => text.trim().parse().ok(),
        other => return Err(not_on("to_float", other)),
    };
    number.filter(|n: &f64| n.is_finite()).map(Operand::from).ok_or_else(|| failed("this is not a float"))
}

pub(super) fn to_decimal(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    match receiver {
        Operand::Value(value) => read::decimal(value).map(Operand::from),
        other => Err(not_on("to_decimal", other)),
    }
}

/// Whole numbers in another base.
fn in_base(name: &str, receiver: &Operand, show: fn(i64) -> String) -> Eval {
    match receiver {
        Operand::Value(Value::Integer(n)) => Ok(Value::from(show(*n)).into()),
        other => Err(not_on(name, other)),
    }
}

pub(super) fn to_hex(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    in_base("to_hex", receiver, |n| format!("{n:x}"))
}

pub(super) fn to_octal(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    in_base("to_octal", receiver, |n| format!("{n:o}"))
}

pub(super) fn to_binary(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    in_base("to_binary", receiver, |n| format!("{n:b}"))
}

/// A number as a float, for functions without exact results.
fn as_float(receiver: &Operand, name: &str) -> Eval<f64> {
    match &*floated(receiver) {
        Operand::Value(Value::Integer(n)) => Ok(*n as f64),
        Operand::Value(Value::Float(n)) => Ok(*n),
        other => Err(not_on(name, other)),
    }
}

/// Functions of one float.
macro_rules! of_float {
    ($($name:ident => $compute:expr;)*) => { $(
        pub(super) fn $name(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
            let compute: fn(f64) -> f64 = $compute;
            float(stringify!($name), compute(as_float(receiver, stringify!($name))?))
        }
    )* };
}

of_float! {
    sqrt => f64::sqrt;
    exp => f64::exp;
    ln => f64::ln;
    sin => f64::sin;
    cos => f64::cos;
    tan => f64::tan;
    sinh => f64::sinh;
    cosh => f64::cosh;
    tanh => f64::tanh;
    asin => f64::asin;
    acos => f64::acos;
    asinh => f64::asinh;
    acosh => f64::acosh;
    atanh => f64::atanh;
    to_degrees => f64::to_degrees;
    to_radians => f64::to_radians;
}

/// Functions of one float and an optional second one.
fn with_second(name: &str, receiver: &Operand, arguments: &Arguments) -> Eval<(f64, Option<f64>)> {
    let second = match arguments.first() {
        Some(second) => Some(as_float(second, name)?),
        None => None,
    };
    Ok((as_float(receiver, name)?, second))
}

pub(super) fn log(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (number, base) = with_second("log", receiver, arguments)?;
    float("log", base.map_or_else(|| number.log10(), |base| number.log(base)))
}

pub(super) fn atan(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (number, other) = with_second("atan", receiver, arguments)?;
    float("atan", other.map_or_else(|| number.atan(), |other| number.atan2(other)))
}

pub(super) fn hypot(_: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let (number, other) = with_second("hypot", receiver, arguments)?;
    float("hypot", number.hypot(other.unwrap_or_default()))
}

/// Values are never NaN or infinite.
pub(super) fn is_nan(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    as_float(receiver, "is_nan").map(|_| false.into())
}

pub(super) fn is_finite(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    as_float(receiver, "is_finite").map(|_| true.into())
}

pub(super) fn is_infinite(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    as_float(receiver, "is_infinite").map(|_| false.into())
}

/// The ends of a range.
pub(super) fn start(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    match receiver {
        Operand::Range(range) => Ok(range.start.into()),
        other => Err(not_on("start", other)),
    }
}

pub(super) fn end(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    match receiver {
        Operand::Range(range) => Ok(range.end.into()),
        other => Err(not_on("end", other)),
    }
}

pub(super) fn is_inclusive(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    match receiver {
        Operand::Range(range) => Ok(range.inclusive.into()),
        other => Err(not_on("is_inclusive", other)),
    }
}

pub(super) fn is_exclusive(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    match receiver {
        Operand::Range(range) => Ok((!range.inclusive).into()),
        other => Err(not_on("is_exclusive", other)),
    }
}
