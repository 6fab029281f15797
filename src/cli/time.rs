//! Times for people: how long ago, or how soon.

use crate::clock::{self, Clock, SystemClock, Timestamp};

/// How times are shown, relative to now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    now: Timestamp,
    /// Whether they are shown as stored.
    utc: bool,
}

impl Times {
    /// Relative to now; with `utc` as stored.
    pub(super) fn now(utc: bool) -> Self {
        Self { now: SystemClock.now(), utc }
    }

    /// Whether a time is in the past.
    pub(super) fn is_past(self, at: Timestamp) -> bool {
        at <= self.now
    }

    /// A time for a table.
    pub(super) fn cell(self, at: Timestamp) -> String {
        if self.utc { clock::format(at) } else { relative(at, self.now) }
    }

    /// A time in both forms.
    pub(super) fn both(self, at: Timestamp) -> String {
        if self.utc { clock::format(at) } else { format!("{} ({})", clock::format(at), relative(at, self.now)) }
    }
}

/// `3m ago`, `in 2h`, `now`: to the nearest whole number of the largest unit that fits.
fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = (at - now).num_seconds();
    // How many of a unit are shown as the next one.
    let units = [(60, 1, "s"), (60, 60, "m"), (48, 3_600, "h"), (60, 86_400, "d"), (u64::MAX, 30 * 86_400, "mo")];
    let counted = units.map(|(most, size, unit)| (most, (seconds.unsigned_abs() + size / 2) / size, unit));
    let (_, count, unit) = counted.into_iter().find(|(most, count, _)| count < most).unwrap_or_default();
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {count}{unit}"),
        _ => format!("{count}{unit} ago"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, Utc};

    use super::relative;

    #[test]
    fn the_largest_unit_says_enough() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        for (seconds, shown) in [
            (0, "now"),
            (-59, "59s ago"),
            (-60, "1m ago"),
            (-89, "1m ago"),
            (-90, "2m ago"),
            (-3_569, "59m ago"),
            (-3_599, "1h ago"),
            (5_399, "in 1h"),
            (7_140, "in 2h"),
            (2 * 3_600, "in 2h"),
            (-47 * 3_600, "47h ago"),
            (48 * 3_600 - 1, "in 2d"),
            (48 * 3_600, "in 2d"),
            (-59 * 86_400, "59d ago"),
            (-90 * 86_400, "3mo ago"),
        ] {
            assert_eq!(relative(now + Duration::seconds(seconds), now), shown);
        }
        assert_eq!(relative(now + Duration::milliseconds(900), now), "now");
    }
}
