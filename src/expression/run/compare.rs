//! Comparison: equality and order.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::value::{Number, Value, ordering};

use super::super::code::Operator;
use super::super::lower::exact;
use super::interrupt::failed;
use super::operand::described;
use super::{Eval, Machine, Operand};

impl Machine<'_> {
    /// A comparison.
    pub(super) fn compare(&mut self, operator: Operator, left: &Value, right: &Value) -> Eval {
        let (left, right) = beside_decimal(left, right);
        let (left, right) = (left.as_ref(), right.as_ref());
        self.charge_comparing(left, right)?;
        let holds = match (operator, left, right) {
            (Operator::Equal | Operator::NotEqual, Value::List(_), Value::List(_))
            | (Operator::Equal | Operator::NotEqual, Value::Map(_), Value::Map(_)) => {
                Some(self.same(left, right)? == (operator == Operator::Equal))
            }
            _ => shallow(operator, left, right),
        };
        holds.map(Operand::from).ok_or_else(|| failed(mismatch(operator, left, right)))
    }

    /// Charges for comparing two texts.
    pub(in super::super) fn charge_comparing(&mut self, left: &Value, right: &Value) -> Eval<()> {
        match (left, right) {
            (Value::Text(a), Value::Text(b)) => self.charge_reading(a.len().min(b.len())),
            _ => Ok(()),
        }
    }

    /// Whether two values are the same at every depth; values of types that can never match differ.
    pub(in super::super) fn same(&mut self, left: &Value, right: &Value) -> Eval<bool> {
        match (left, right) {
            (Value::List(a), Value::List(b)) => {
                if Arc::ptr_eq(a, b) || a.len() != b.len() {
                    return Ok(a.len() == b.len());
                }
                self.charge(a.len())?;
                for (a, b) in a.iter().zip(b.iter()) {
                    if !self.same(a, b)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Map(a), Value::Map(b)) => {
                if Arc::ptr_eq(a, b) || a.len() != b.len() {
                    return Ok(a.len() == b.len());
                }
                self.charge(a.len())?;
                for ((key, a), (other, b)) in a.iter().zip(b.iter()) {
                    if key != other || !self.same(a, b)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Unit, Value::Unit) => Ok(true),
            (Value::Boolean(a), Value::Boolean(b)) => Ok(a == b),
            (Value::Float(float), Value::Decimal(decimal)) | (Value::Decimal(decimal), Value::Float(float)) => {
                Ok(exact(*float).as_ref() == Some(decimal))
            }
            _ => {
                self.charge_comparing(left, right)?;
                Ok(ordering(left, right).is_some_and(Ordering::is_eq))
            }
        }
    }
}

/// A comparison of values that have no parts. None if their types can never match.
pub(in super::super) fn shallow(operator: Operator, left: &Value, right: &Value) -> Option<bool> {
    let equal = || match (left, right) {
        (Value::Unit, other) | (other, Value::Unit) => Some(other.is_unit()),
        (Value::Boolean(a), Value::Boolean(b)) => Some(a == b),
        _ => ordering(left, right).map(Ordering::is_eq),
    };
    match operator {
        Operator::Equal => equal(),
        Operator::NotEqual => equal().map(|same| !same),
        Operator::Less => ordering(left, right).map(Ordering::is_lt),
        Operator::LessOrEqual => ordering(left, right).map(Ordering::is_le),
        Operator::Greater => ordering(left, right).map(Ordering::is_gt),
        _ => ordering(left, right).map(Ordering::is_ge),
    }
}

/// The error for a comparison that can never match.
fn mismatch(operator: Operator, left: &Value, right: &Value) -> String {
    let (sign, a, b) = (operator.sign(), described(left.type_name()), described(right.type_name()));
    match (left, right) {
        (Value::Float(_) | Value::Number(_), Value::Decimal(_))
        | (Value::Decimal(_), Value::Float(_) | Value::Number(_)) => {
            format!("`{sign}` compares {a} with {b}: make one of them the other's type by `decimal(…)` or `to_float()`")
        }
        _ if left.type_name() == right.type_name() => format!("`{sign}`: {a} comes neither before nor after another"),
        _ => format!("`{sign}` compares {a} with {b}, which can never match"),
    }
}

/// Beside a decimal, a number as it was written is that decimal.
pub(in super::super) fn beside_decimal<'v>(left: &'v Value, right: &'v Value) -> (Cow<'v, Value>, Cow<'v, Value>) {
    use Cow::{Borrowed, Owned};
    let decimal = |number: &Number| number.decimal().map_or(Value::Float(number.as_f64()), Value::Decimal);
    match (left, right) {
        (Value::Decimal(_), Value::Number(number)) => (Borrowed(left), Owned(decimal(number))),
        (Value::Number(number), Value::Decimal(_)) => (Owned(decimal(number)), Borrowed(right)),
        _ => (Borrowed(left), Borrowed(right)),
    }
}
