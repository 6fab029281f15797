//! Parsing values that are written as texts.

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

use crate::duration::Duration;
use crate::value::{InvalidJson, InvalidValue, Large, Value, parse_json};

use super::super::lower::exact;
use super::super::run::{Eval, Interrupt, failed, in_calendar, quoted, too_deep};

fn wrong(value: &Value, what: &str) -> Box<Interrupt> {
    failed(format!("{} is not a {what}", quoted(value)))
}

/// `date("2026-11-21")`, or the day of a moment.
pub(in super::super) fn date(value: &Value) -> Eval<NaiveDate> {
    match value {
        Value::Date(day) => Ok(*day),
        Value::DateTime(at) => Ok(at.date_naive()),
        Value::Text(text) if text.len() == 10 => {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong(value, "date like 2026-11-21"))
        }
        _ => Err(wrong(value, "date like 2026-11-21")),
    }
}

/// `datetime("2026-11-21T09:00:00+01:00")`
pub(in super::super) fn datetime(value: &Value) -> Eval<DateTime<FixedOffset>> {
    let read = match value {
        Value::DateTime(at) => Some(*at),
        Value::Text(text) => DateTime::parse_from_rfc3339(text).ok(),
        _ => None,
    };
    let read = read.filter(|at| in_calendar(&at.date_naive()));
    read.ok_or_else(|| wrong(value, "datetime with an offset, like 2026-11-21T09:00:00Z"))
}

/// `duration("1h 30m")`
pub(in super::super) fn duration(value: &Value) -> Eval<Duration> {
    match value {
        Value::Duration(length) => Ok(*length),
        Value::Text(text) => text.parse().map_err(|_| wrong(value, "duration like 90s, 1h 30m or 7d")),
        _ => Err(wrong(value, "duration like 90s, 1h 30m or 7d")),
    }
}

/// `decimal("1.20")`, or another number converted exactly.
pub(in super::super) fn decimal(value: &Value) -> Eval<Decimal> {
    let read = match value {
        Value::Decimal(number) => Some(*number),
        Value::Integer(number) => Some(Decimal::from(*number)),
        Value::Float(number) => exact(*number),
        Value::Number(number) => number.decimal(),
        Value::Text(text) => Decimal::from_str_exact(text).ok(),
        _ => None,
    };
    read.ok_or_else(|| wrong(value, "decimal like 1.20"))
}

/// `parse_json(text)`
pub(in super::super) fn json(text: &str) -> Eval<Value> {
    parse_json(text, Large::Refused).map_err(|error| match error {
        InvalidJson::Value(InvalidValue::TooDeep, _) => too_deep(),
        other => failed(other.to_string()),
    })
}
