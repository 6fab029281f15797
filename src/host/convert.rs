//! Conversion between Rust's types and the language's, for functions of the embedding program.

use std::any::Any;
use std::fmt::Display;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::duration::Duration;
use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::{Map, Value};

/// A type that a registered function may take. A whole number is accepted for `f64` and [`Decimal`]; nothing else
/// converts.
pub trait FromValue: Sized {
    /// Its type in the language, for messages: `integer`, `list of string`.
    fn expected() -> String;

    /// Converts a value; none if the value is of another type.
    fn from_value(value: &Value) -> Option<Self>;
}

/// A type that a registered function may return.
pub trait IntoValue {
    /// The value, or why `function` returned none.
    fn into_value(self, function: &str) -> Outcome;
}

macro_rules! plain {
    ($($type:ty, $expected:literal, $pattern:pat => $taken:expr, $given:ident => $value:expr;)*) => { $(
        impl FromValue for $type {
            fn expected() -> String {
                $expected.to_owned()
            }

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    $pattern => $taken,
                    _ => None,
                }
            }
        }

        impl IntoValue for $type {
            fn into_value(self, _function: &str) -> Outcome {
                let $given = self;
                Ok($value)
            }
        }
    )* };
}

plain! {
    bool, "boolean", Value::Boolean(value) => Some(*value), given => Value::Boolean(given);
    String, "string", Value::Text(value) => Some(value.to_string()), given => given.into();
    Name, "string", Value::Text(value) => Some(value.clone().into()), given => Value::text(given);
    NaiveDate, "date", Value::Date(value) => Some(*value), given => Value::Date(given);
    DateTime<FixedOffset>, "datetime", Value::DateTime(value) => Some(*value), given => Value::DateTime(given);
    DateTime<Utc>, "datetime", Value::DateTime(value) => Some(value.to_utc()), given => Value::DateTime(given.fixed_offset());
    Duration, "duration", Value::Duration(value) => Some(*value), given => Value::Duration(given);
    Map, "map", Value::Map(value) => Some(Map::clone(value)), given => Value::Map(Arc::new(given));
    (), "()", Value::Unit => Some(()), _given => Value::Unit;
}

impl FromValue for Value {
    fn expected() -> String {
        "any".to_owned()
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
}

impl IntoValue for Value {
    fn into_value(self, _function: &str) -> Outcome {
        Ok(self)
    }
}

macro_rules! integers {
    ($($type:ty),*) => { $(
        impl FromValue for $type {
            fn expected() -> String {
                match (i64::try_from(<$type>::MIN), i64::try_from(<$type>::MAX)) {
                    (Ok(i64::MIN), Ok(i64::MAX)) => "integer".to_owned(),
                    (Ok(least), Ok(most)) => format!("integer from {least} to {most}"),
                    _ => format!("integer from {}", <$type>::MIN),
                }
            }

            fn from_value(value: &Value) -> Option<Self> {
                if let Value::Integer(number) = value { <$type>::try_from(*number).ok() } else { None }
            }
        }

        impl IntoValue for $type {
            fn into_value(self, function: &str) -> Outcome {
                i64::try_from(self).map(Value::Integer).map_err(|_| {
                    StepFailure::script(format!("`{function}` gave {self}, a number too large for an integer"))
                })
            }
        }
    )* };
}

integers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

impl FromValue for f64 {
    fn expected() -> String {
        "float".to_owned()
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Float(number) => Some(*number),
            Value::Number(number) => Some(number.as_f64()),
            Value::Integer(number) => Some(*number as f64),
            _ => None,
        }
    }
}

impl IntoValue for f64 {
    fn into_value(self, function: &str) -> Outcome {
        if self.is_finite() {
            return Ok(Value::Float(self));
        }
        Err(StepFailure::script(format!("`{function}` gave {self}, which is not a number")))
    }
}

impl FromValue for Decimal {
    fn expected() -> String {
        "decimal".to_owned()
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Decimal(number) => Some(*number),
            Value::Number(number) => number.decimal(),
            Value::Integer(number) => Some(Self::from(*number)),
            _ => None,
        }
    }
}

impl IntoValue for Decimal {
    fn into_value(self, _function: &str) -> Outcome {
        Ok(Value::Decimal(self))
    }
}

impl FromValue for serde_json::Value {
    fn expected() -> String {
        "any".to_owned()
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(value.to_json())
    }
}

impl IntoValue for serde_json::Value {
    fn into_value(self, function: &str) -> Outcome {
        Value::from_json(&self).map_err(|error| StepFailure::script(format!("what `{function}` gave: {error}")))
    }
}

impl IntoValue for &str {
    fn into_value(self, _function: &str) -> Outcome {
        Ok(self.into())
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn expected() -> String {
        match T::expected().as_str() {
            "any" => "list".to_owned(),
            items => format!("list of {items}"),
        }
    }

    fn from_value(value: &Value) -> Option<Self> {
        if let Value::List(items) = value { items.iter().map(T::from_value).collect() } else { None }
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self, function: &str) -> Outcome {
        self.into_iter().map(|item| item.into_value(function)).collect::<Result<_, _>>().map(Value::list)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn expected() -> String {
        format!("{} or ()", T::expected())
    }

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_unit() { Some(None) } else { T::from_value(value).map(Some) }
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self, function: &str) -> Outcome {
        self.map_or(Ok(Value::Unit), |value| value.into_value(function))
    }
}

/// An error fails the call with kind `script`; a [`StepFailure`] keeps its kind and its data.
impl<T: IntoValue, E: Display + 'static> IntoValue for Result<T, E> {
    fn into_value(self, function: &str) -> Outcome {
        let error = match self {
            Ok(value) => return value.into_value(function),
            Err(error) => error,
        };
        match (&error as &dyn Any).downcast_ref::<StepFailure>() {
            Some(failure) => Err(failure.clone()),
            None => Err(StepFailure::script(format!("`{function}` failed: {error}"))),
        }
    }
}
