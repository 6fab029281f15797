//! Durations as authors write them: `90s`, `10m`, `1h 30m`, `7d`, `2w`.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;

/// A length of time in whole milliseconds; negative only as the difference of two moments.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Duration(i64);

/// The longest duration that can be written: a thousand years.
pub const MAX_DURATION: Duration = Duration(1000 * 365 * 86_400_000);

/// The units, longest first, with their length in milliseconds.
const UNITS: [(&str, i64); 6] =
    [("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", described(.0))]
pub struct InvalidDuration(pub String);

fn described(text: &str) -> String {
    if is_well_formed(text) {
        return format!("`{text}` is longer than a duration may be: at most {MAX_DURATION} (MAX_DURATION)");
    }
    format!("`{text}` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w`")
}

/// Whether a text has the form of a duration, of any length.
fn is_well_formed(text: &str) -> bool {
    let is_known = |unit: &str| UNITS.iter().any(|(name, _)| *name == unit);
    let has_gap = text.trim().as_bytes().windows(2).any(|two| matches!(two, [b'0'..=b'9', b' ']));
    let is_one = |(number, unit): &(&str, &str)| number.bytes().all(|b| b.is_ascii_digit()) && is_known(unit);
    !has_gap && parts(text).is_some_and(|parts| parts.iter().all(is_one))
}

/// The numbers in a text, fractions included, each with the letters after it. None if anything else occurs.
fn parts(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let (number, after) = rest.split_at_checked(digits).filter(|(number, _)| !number.is_empty())?;
        let after = after.trim_start();
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at_checked(letters)?;
        parts.push((number, unit));
        rest = after.trim_start_matches([' ', ',']);
    }
    Some(parts).filter(|parts| !parts.is_empty())
}

/// The unit that a word means, as its index in [`UNITS`].
fn unit_of(word: &str) -> Option<usize> {
    let unit = match word.to_ascii_lowercase().as_str() {
        "w" | "wk" | "wks" | "week" | "weeks" => "w",
        "d" | "day" | "days" => "d",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => "ms",
        _ => return None,
    };
    UNITS.iter().position(|(name, _)| *name == unit)
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A duration of `ms` milliseconds.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// A duration of `seconds` seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Its length in milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Its length in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Reads any printed duration, including negative ones and those longer than [`MAX_DURATION`]: the difference of
    /// two moments may be either.
    pub fn from_printed(text: &str) -> Option<Self> {
        match text.trim_start().strip_prefix('-') {
            Some(rest) => 0_i64.checked_sub_unsigned(parse(rest)?).map(Self),
            None => i64::try_from(parse(text)?).ok().map(Self),
        }
    }

    /// What the author probably meant by a text that is not a duration: `1 day`, `PT5M`, `1.5h`, `1m30`, `30`.
    pub fn meant_by(text: &str) -> Option<String> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Some(format!("say the unit: `{text}s`, `{text}m` or `{text}h`"));
        }
        if let Some(months) = text.strip_suffix('M').and_then(|number| number.trim().parse::<i64>().ok()) {
            let days = months.checked_mul(30)?;
            return Some(format!("write `{days}d` for a month of 30 days, `{months}m` for minutes"));
        }
        if matches!(
            text,
            "never" | "none" | "no" | "off" | "infinite" | "infinity" | "forever" | "unlimited" | "0" | "-1"
        ) {
            return Some("no time is endless: write a long one, like `3650d`".to_owned());
        }
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let of_days = match unit.trim() {
            "y" | "yr" | "yrs" | "year" | "years" => Some(365),
            "mo" | "mon" | "month" | "months" => Some(30),
            "q" | "quarter" | "quarters" => Some(91),
            _ => None,
        };
        if let (Some(days), Ok(number)) = (of_days, number.parse::<i64>()) {
            return Some(format!(
                "write `{}d`: months and years differ in length",
                days * number.checked_abs()?.min(1_000)
            ));
        }
        let iso = text.strip_prefix('P').map(|iso| iso.split_once('T').map_or((iso, ""), |parts| parts));
        let length = match iso {
            Some((days, times)) if !days.contains(['M', 'Y']) => {
                sum(&parts(days).unwrap_or_default())?.checked_add(sum(&parts(times).unwrap_or_default())?)?
            }
            Some(_) => return None,
            None => sum(&parts(text)?)?,
        };
        let meant = Self(length);
        (length > 0 && meant <= MAX_DURATION).then(|| format!("did you mean `{meant}`?"))
    }

    /// As chrono's type, to add it to moments.
    pub fn to_delta(self) -> TimeDelta {
        TimeDelta::milliseconds(self.0)
    }

    /// As the standard library's type, none if it is negative.
    pub fn to_std(self) -> Option<std::time::Duration> {
        u64::try_from(self.0).ok().map(std::time::Duration::from_millis)
    }
}

impl FromStr for Duration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, InvalidDuration> {
        let length = parse(text).and_then(|ms| i64::try_from(ms).ok()).map(Self);
        length.filter(|d| *d <= MAX_DURATION).ok_or_else(|| InvalidDuration(text.to_owned()))
    }
}

/// The sum of the parts in milliseconds. A last number without a unit counts in the next smaller unit.
fn sum(parts: &[(&str, &str)]) -> Option<i64> {
    let mut total = 0_i64;
    let mut before = None;
    for (number, word) in parts {
        let unit = match before {
            Some(before) if word.is_empty() => before + 1,
            _ => unit_of(word)?,
        };
        let (_, length) = UNITS.get(unit)?;
        let number: f64 = number.parse().ok()?;
        let part = (number * *length as f64).round();
        // Well within what a float represents exactly.
        let part = (part <= MAX_DURATION.0 as f64).then_some(part as i64)?;
        total = total.checked_add(part)?;
        before = Some(unit);
    }
    Some(total)
}

/// Milliseconds.
fn parse(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits)?;
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at_checked(letters)?;
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(length.unsigned_abs())?)?;
        rest = after.trim_start();
    }
    Some(total)
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0.unsigned_abs();
        let mut gap = if self.0 < 0 { "-" } else { "" };
        for (unit, length) in UNITS.iter().skip(1) {
            let count = rest / length.unsigned_abs();
            if count > 0 {
                write!(f, "{gap}{count}{unit}")?;
                rest %= length.unsigned_abs();
                gap = " ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_they_are_written() {
        for (text, ms) in
            [("90s", 90_000), ("1h 30m", 5_400_000), ("2w", 1_209_600_000), ("1h30m", 5_400_000), ("0s", 0)]
        {
            assert_eq!(text.parse::<Duration>().map(Duration::as_millis), Ok(ms), "{text}");
        }
        for text in ["", "10", "m", "-5s", "1.5h", "5 m", "9223372036854775807w", "1y"] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_answered_by_what_is_meant() {
        for (text, meant) in [
            ("1 day", "`1d`"),
            ("5 minutes", "`5m`"),
            ("1 hour 30 min", "`1h 30m`"),
            ("1.5h", "`1h 30m`"),
            ("1m30", "`1m 30s`"),
            ("PT5M", "`5m`"),
            ("P1DT2H", "`1d 2h`"),
            ("30", "`30s`, `30m` or `30h`"),
        ] {
            let help = Duration::meant_by(text).unwrap_or_default();
            assert!(help.contains(meant), "{text}: {help}");
        }
        for text in ["soon", "P1M", "", "y", "-5s"] {
            assert_eq!(Duration::meant_by(text), None, "{text}");
        }
        let why = "2000000w".parse::<Duration>().unwrap_err().to_string();
        assert_eq!(why, "`2000000w` is longer than a duration may be: at most 365000d (MAX_DURATION)");
    }

    #[test]
    fn durations_print_in_the_largest_units() {
        assert_eq!(Duration::from_secs(5400).to_string(), "1h 30m");
        assert_eq!(Duration::from_secs(90).to_string(), "1m 30s");
        assert_eq!(Duration::from_millis(1_209_600_000).to_string(), "14d");
    }

    #[test]
    fn what_is_printed_reads_back() {
        for ms in [0, 1, -1, 90_061_001, -5_400_000, i64::MAX, i64::MIN, MAX_DURATION.0 + 1] {
            let duration = Duration::from_millis(ms);
            assert_eq!(Duration::from_printed(&duration.to_string()), Some(duration), "{duration}");
        }
        for text in ["", "-", "--5s", "- 5", "5", "9223372036854775808ms"] {
            assert_eq!(Duration::from_printed(text), None, "{text}");
        }
    }
}
