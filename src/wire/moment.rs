//! Moments as people write them in a filter.

use crate::clock::Timestamp;
use crate::duration::Duration;
use crate::value::{Type, Value};

/// Reads a moment, like `2026-11-21` or `2026-11-21T09:00:00Z`, or how long before `now` it was, like `2h`. A date
/// begins at midnight, in UTC.
pub fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
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
    use super::moment;

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
            assert_eq!(moment(text, now), expected.map(|at| at.parse().unwrap()), "{text}");
        }
    }
}
