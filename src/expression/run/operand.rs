//! What a script computes with: values, and two things that cannot be kept, ranges and functions.

use std::sync::Arc;

use crate::value::Value;

use super::super::code::Code;

/// The result of an expression.
#[derive(Clone, Debug)]
pub(in super::super) enum Operand {
    /// A value.
    Value(Value),
    /// `a..b`
    Range(Range),
    /// A closure.
    Function(Box<Pointer>),
    /// A text that grows in its variable. It becomes a value before anything reads it.
    Growing(String),
}

/// Whole numbers in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Range {
    /// The first.
    pub(in super::super) start: i64,
    /// The end.
    pub(in super::super) end: i64,
    /// Whether the end belongs to it.
    pub(in super::super) inclusive: bool,
}

impl Range {
    /// The number after its last.
    pub(in super::super) fn behind(self) -> i128 {
        i128::from(self.end) + i128::from(self.inclusive)
    }

    /// How many numbers it holds.
    pub(in super::super) fn len(self) -> i64 {
        i64::try_from((self.behind() - i128::from(self.start)).max(0)).unwrap_or(i64::MAX)
    }

    /// Whether `number` is in it.
    pub(in super::super) fn contains(self, number: i64) -> bool {
        number >= self.start && i128::from(number) < self.behind()
    }
}

/// A closure as a value.
#[derive(Clone, Debug)]
pub(in super::super) struct Pointer {
    /// Its code.
    pub(in super::super) code: Arc<Code>,
    /// The index of the frame in which it was made.
    pub(in super::super) frame: usize,
    /// The serial number of that frame.
    pub(in super::super) serial: u64,
    /// Arguments that precede those of a call.
    pub(in super::super) curried: Vec<Operand>,
}

impl Pointer {
    /// How many arguments are curried into it, including those of curried closures.
    pub(in super::super) fn parts(&self) -> usize {
        self.curried.iter().map(Operand::parts).fold(0, usize::saturating_add)
    }
}

impl Operand {
    /// How many arguments it counts as when it is curried into a closure.
    pub(in super::super) fn parts(&self) -> usize {
        match self {
            Self::Function(pointer) => pointer.parts().saturating_add(1),
            _ => 1,
        }
    }

    /// No value.
    pub(in super::super) const UNIT: Self = Self::Value(Value::Unit);

    /// Whether there is no value.
    pub(in super::super) const fn is_unit(&self) -> bool {
        matches!(self, Self::Value(Value::Unit))
    }

    /// The value, or itself if it is not one.
    pub(in super::super) fn into_value(self) -> Result<Value, Self> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Growing(text) => Ok(Value::Text(text.into())),
            other => Err(other),
        }
    }

    /// The type, as messages name it.
    pub(in super::super) fn type_name(&self) -> &'static str {
        match self {
            Self::Value(value) => value.type_name(),
            Self::Growing(_) => "string",
            Self::Range(_) => "range",
            Self::Function(_) => "function",
        }
    }

    /// The type with its article.
    pub(in super::super) fn described(&self) -> String {
        described(self.type_name())
    }
}

/// A type with its article; `()` for none.
pub(in super::super) fn described(type_name: &str) -> String {
    match type_name {
        "()" => "`()`".to_owned(),
        name if name.starts_with(['a', 'e', 'i', 'o']) => format!("an {name}"),
        name => format!("a {name}"),
    }
}

/// Values that operands are made of.
macro_rules! from {
    ($($type:ty => $make:expr),*) => {
        $(impl From<$type> for Operand {
            fn from(value: $type) -> Self {
                Self::Value(($make)(value))
            }
        })*
    };
}

from!(
    Value => |v| v,
    bool => Value::Boolean,
    i64 => Value::Integer,
    f64 => Value::Float,
    rust_decimal::Decimal => Value::Decimal,
    crate::duration::Duration => Value::Duration,
    chrono::NaiveDate => Value::Date,
    chrono::DateTime<chrono::FixedOffset> => Value::DateTime
);
