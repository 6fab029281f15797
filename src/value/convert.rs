//! Conversion of Rust's types into values, where nothing is lost.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::duration::Duration;
use crate::name::Name;

use super::{Map, Value};

macro_rules! conversions {
    ($($type:ty, $given:ident => $value:expr;)*) => { $(
        impl From<$type> for Value {
            fn from($given: $type) -> Self {
                $value
            }
        }
    )* };
}

conversions! {
    (), _given => Self::Unit;
    bool, given => Self::Boolean(given);
    i8, given => Self::Integer(given.into());
    i16, given => Self::Integer(given.into());
    i32, given => Self::Integer(given.into());
    i64, given => Self::Integer(given);
    u8, given => Self::Integer(given.into());
    u16, given => Self::Integer(given.into());
    u32, given => Self::Integer(given.into());
    f64, given => Self::Float(given);
    Decimal, given => Self::Decimal(given);
    &str, given => Self::text(given);
    String, given => Self::Text(given.into());
    Name, given => Self::text(given);
    NaiveDate, given => Self::Date(given);
    DateTime<FixedOffset>, given => Self::DateTime(given);
    DateTime<Utc>, given => Self::DateTime(given.fixed_offset());
    Duration, given => Self::Duration(given);
    Map, given => Self::Map(Arc::new(given));
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::list(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::list(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unit, Into::into)
    }
}
