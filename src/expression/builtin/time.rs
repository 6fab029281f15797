//! Parts of dates, moments and durations.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};

use crate::value::Value;

use super::super::run::{Arguments, Eval, Machine, Operand, failed};
use super::arguments::{not_on, text_at};

/// The day of a date or a moment.
fn day_of(receiver: &Operand, name: &str) -> Eval<NaiveDate> {
    match receiver {
        Operand::Value(Value::Date(day)) => Ok(*day),
        Operand::Value(Value::DateTime(at)) => Ok(at.date_naive()),
        other => Err(not_on(name, other)),
    }
}

fn moment<'r>(receiver: &'r Operand, name: &str) -> Eval<&'r DateTime<FixedOffset>> {
    match receiver {
        Operand::Value(Value::DateTime(at)) => Ok(at),
        other => Err(not_on(name, other)),
    }
}

/// Parts that are whole numbers.
macro_rules! part {
    ($($(#[$doc:meta])* $name:ident, $of:ident => $part:expr;)*) => { $(
        $(#[$doc])*
        pub(super) fn $name(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
            let it = $of(receiver, stringify!($name))?;
            Ok(i64::from(($part)(it)).into())
        }
    )* };
}

part! {
    year, day_of => |it: NaiveDate| it.year();
    month, day_of => |it: NaiveDate| it.month();
    day, day_of => |it: NaiveDate| it.day();
    /// 0 is Sunday.
    weekday, day_of => |it: NaiveDate| it.weekday().num_days_from_sunday();
    /// From 1.
    day_of_year, day_of => |it: NaiveDate| it.ordinal();
    /// The week of ISO 8601.
    week, day_of => |it: NaiveDate| it.iso_week().week();
    hour, moment => |it: &DateTime<FixedOffset>| it.hour();
    minute, moment => |it: &DateTime<FixedOffset>| it.minute();
    second, moment => |it: &DateTime<FixedOffset>| it.second();
    millisecond, moment => |it: &DateTime<FixedOffset>| it.timestamp_subsec_millis();
    /// Seconds since 1970.
    timestamp, moment => |it: &DateTime<FixedOffset>| it.timestamp();
}

/// The offset of a moment from UTC.
pub(super) fn offset(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    let seconds = moment(receiver, "offset")?.offset().local_minus_utc();
    Ok(crate::duration::Duration::from_secs(seconds.into()).into())
}

/// The day of a moment.
pub(super) fn date(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    day_of(receiver, "date").map(Operand::from)
}

/// The lengths of units, in milliseconds.
const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A duration in whole units.
fn in_units(receiver: &Operand, name: &str, unit: i64) -> Eval {
    match receiver {
        Operand::Value(Value::Duration(length)) => Ok((length.as_millis() / unit).into()),
        other => Err(not_on(name, other)),
    }
}

pub(super) fn days(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    in_units(receiver, "days", DAY)
}

pub(super) fn hours(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    in_units(receiver, "hours", HOUR)
}

pub(super) fn minutes(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    in_units(receiver, "minutes", MINUTE)
}

pub(super) fn seconds(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    in_units(receiver, "seconds", SECOND)
}

pub(super) fn milliseconds(_: &mut Machine<'_>, receiver: &mut Operand, _: &mut Arguments) -> Eval {
    in_units(receiver, "milliseconds", 1)
}

/// A date or a moment by a pattern: `day.format("%d.%m.%Y")`.
pub(super) fn format(machine: &mut Machine<'_>, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
    let pattern = text_at(arguments, 0, "format")?;
    machine.may_hold_text(pattern.len().saturating_mul(MAX_GROWTH))?;
    let items: Vec<_> = chrono::format::StrftimeItems::new(&pattern).collect();
    if items.contains(&chrono::format::Item::Error) {
        return Err(failed(format!("`{pattern}` is not a pattern for dates; write one like `%Y-%m-%d %H:%M`")));
    }
    let mut text = String::new();
    let written = match receiver {
        Operand::Value(Value::Date(day)) => {
            std::fmt::Write::write_fmt(&mut text, format_args!("{}", day.format_with_items(items.iter())))
        }
        Operand::Value(Value::DateTime(at)) => {
            std::fmt::Write::write_fmt(&mut text, format_args!("{}", at.format_with_items(items.iter())))
        }
        other => return Err(not_on("format", other)),
    };
    // A date has no hours to show.
    written.map_err(|_| failed(format!("`{pattern}` asks for what {} does not have", receiver.described())))?;
    machine.text(text)
}

/// No part of a pattern produces more than this many times its length.
const MAX_GROWTH: usize = 20;
