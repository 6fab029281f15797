//! `--since` and `--until`: when a task was started.

use clap::Args;

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::duration::Duration;
use crate::task::Task;
use crate::value::{Type, Value};

/// A span of time in which tasks were started.
#[derive(Args, Debug, Default, Clone)]
pub(super) struct Span {
    /// Started since: so long ago, like `2h`, or a moment, like `2026-11-21` or `2026-11-21T09:00:00Z`
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Timestamp>,
    /// Started before: as for `--since`
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<Timestamp>,
}

impl Span {
    /// Whether it limits anything.
    pub(super) const fn is_given(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Whether `task` was started in it.
    pub(super) fn holds(&self, task: &Task) -> bool {
        self.since.is_none_or(|since| task.created_at >= since)
            && self.until.is_none_or(|until| task.created_at < until)
    }

    /// Whether `task`, and all that are older, were started before it.
    pub(super) fn is_past(&self, task: &Task) -> bool {
        self.since.is_some_and(|since| task.created_at < since)
    }
}

/// A moment, or a duration before now. A date begins at midnight, in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    moment_from(text, SystemClock.now()).ok_or_else(|| {
        "expected so long ago, like `2h`, or a moment, like `2026-11-21` or `2026-11-21T09:00:00Z`".to_owned()
    })
}

fn moment_from(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(length) = text.parse::<Duration>() {
        return now.checked_sub_signed(chrono::Duration::from_std(length.to_std()?).ok()?);
    }
    let whole = match Value::from_text(Type::Date, text) {
        Some(_) => format!("{text}T00:00:00Z"),
        None => text.to_owned(),
    };
    match Value::from_text(Type::Datetime, &whole)? {
        Value::DateTime(at) => Some(at.to_utc()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::moment_from;

    #[test]
    fn a_duration_is_ago_and_a_date_begins_at_midnight() {
        let now = "2026-11-21T09:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("2h", Some("2026-11-21T07:00:00Z")),
            ("2026-11-20", Some("2026-11-20T00:00:00Z")),
            ("2026-11-20T10:00:00+02:00", Some("2026-11-20T08:00:00Z")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(moment_from(text, now), expected.map(|at| at.parse().unwrap()), "{text}");
        }
    }
}
