//! `cron`: the five fields of a line as sets of numbers, and the next calendar minute that matches. `rule.rs` adds the
//! time zone.

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// A field of a cron line: its name, its range, and words for its numbers, starting with the least.
struct Field {
    name: &'static str,
    least: u32,
    largest: u32,
    words: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, largest: 59, words: &[] },
    Field { name: "hour", least: 0, largest: 23, words: &[] },
    Field { name: "day of the month", least: 1, largest: 31, words: &[] },
    Field { name: "month", least: 1, largest: 12, words: &MONTHS },
    Field { name: "day of the week", least: 0, largest: SUNDAY_TOO, words: &WEEKDAYS },
];

/// The second number of Sunday, besides 0.
const SUNDAY_TOO: u32 = 7;
/// Every hour of a day, as a set.
const EVERY_HOUR: u64 = (1 << 24) - 1;
/// The number of years in which every possible day occurs: a 29 February that must be a Sunday can take 40 years,
/// around a century without a leap year.
const MAX_YEARS: i32 = 40;
/// Minutes of an hour.
const MINUTES: u32 = 60;

/// A cron line. Each field is a set of numbers, as bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether one of the two day fields is enough: when both are restricted.
    either_day: bool,
}

/// What is wrong with a cron line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wrong {
    /// The field, from 0, in which `part` stands.
    pub(super) field: usize,
    /// The part of the line that is wrong; all of it if absent.
    pub(super) part: Option<String>,
    pub(super) message: String,
    pub(super) help: String,
}

/// Short names for lines that other programs know.
const SHORT_NAMES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// How to write a line.
const FORM: &str = "write minute, hour, day of the month, month, day of the week, like `30 6 * * mon-fri`";

/// A line with the wrong number of fields.
fn miscounted(parts: &[&str]) -> Wrong {
    let fields = if parts.len() == 1 { "field" } else { "fields" };
    let message = format!("`cron` has {} {fields}, {} were expected", parts.len(), FIELDS.len());
    let short = parts.first().and_then(|first| SHORT_NAMES.iter().find(|(name, _)| name == first));
    let help = match (short, parts) {
        (Some((_, line)), _) => format!("write `{line}`"),
        (None, [_, five @ ..]) if five.len() == FIELDS.len() => {
            format!("there is no field for seconds: write `{}`", five.join(" "))
        }
        _ => FORM.to_owned(),
    };
    Wrong { field: 0, part: None, message, help }
}

impl FromStr for Cron {
    type Err = Vec<Wrong>;

    fn from_str(line: &str) -> Result<Self, Vec<Wrong>> {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [_, _, days, _, weekdays] = parts.as_slice() else { return Err(vec![miscounted(&parts)]) };
        let either_day = !days.starts_with('*') && !weekdays.starts_with('*');
        let (mut sets, mut wrong) = ([0; FIELDS.len()], Vec::new());
        for (number, ((field, text), set)) in FIELDS.iter().zip(&parts).zip(&mut sets).enumerate() {
            match field.read(text) {
                Ok(read) => *set = read,
                Err(why) => wrong.push(Wrong { field: number, ..why }),
            }
        }
        let [minutes, hours, days, months, weekdays] = sets;
        if wrong.is_empty() {
            Ok(Self { minutes, hours, days, months, weekdays: without_second_sunday(weekdays), either_day })
        } else {
            Err(wrong)
        }
    }
}

impl Field {
    fn read(&self, text: &str) -> Result<u64, Wrong> {
        text.split(',').try_fold(0, |set, item| match self.item(item) {
            Some(numbers) => Ok(set | numbers),
            None => Err(self.backwards(item).unwrap_or_else(|| self.wrong(item))),
        })
    }

    fn wrong(&self, item: &str) -> Wrong {
        let Self { name, least, largest, .. } = self;
        let message = format!(
            "`{item}` is not a valid {name}: expected `*`, a number from {least} to {largest}, a range or a step"
        );
        let words = self.words.first().zip(self.words.last());
        let help = match words {
            Some((first, last)) => format!("a {name} is a number from {least} to {largest}, or `{first}` to `{last}`"),
            None => FORM.to_owned(),
        };
        Wrong { field: 0, part: Some(item.to_owned()), message, help }
    }

    /// Reports a range that ends before it begins.
    fn backwards(&self, item: &str) -> Option<Wrong> {
        let range = item.split_once('/').map_or(item, |(range, _)| range);
        let (first, last) = range.split_once('-')?;
        if self.number(first)? <= self.number(last)? {
            return None;
        }
        let message = format!("`{item}` is not a valid {}: the range runs backwards", self.name);
        let largest = if self.largest == SUNDAY_TOO { SUNDAY_TOO - 1 } else { self.largest };
        let is_named = first.starts_with(|c: char| c.is_ascii_alphabetic());
        let (least, largest) = match (self.words.first(), self.words.last()) {
            (Some(least), Some(largest)) if is_named => ((*least).to_owned(), (*largest).to_owned()),
            _ => (self.least.to_string(), largest.to_string()),
        };
        let part = |from: &str, to: &str| if from == to { from.to_owned() } else { format!("{from}-{to}") };
        let help = format!("write `{},{}`", part(first, &largest), part(&least, last));
        Some(Wrong { field: 0, part: Some(item.to_owned()), message, help })
    }

    /// `*`, `5`, `mon`, `1-5`, each optionally with a step (`*/15`).
    fn item(&self, item: &str) -> Option<u64> {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.largest),
            Some((first, last)) => self.range(self.number(first)?, self.number(last)?),
            None => {
                let first = self.number(range)?;
                (first, if step.is_some() { self.largest } else { first })
            }
        };
        let step = step.map_or(Some(1), |step| digits(step).filter(|step| (1..=self.largest).contains(step)))?;
        let step = usize::try_from(step).ok()?;
        (first <= last).then(|| (first..=last).step_by(step).fold(0, |set, number| set | (1 << number)))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let by_word = self.words.iter().position(|word| *word == lower).and_then(|at| u32::try_from(at).ok());
        by_word.map(|at| at + self.least).or_else(|| digits(text)).filter(|n| (self.least..=self.largest).contains(n))
    }

    /// In a range that ends on a Sunday, that is number 7, as in `sat-sun`.
    const fn range(&self, first: u32, last: u32) -> (u32, u32) {
        (first, if self.largest == SUNDAY_TOO && first > 0 && last == 0 { SUNDAY_TOO } else { last })
    }
}

/// A number that consists of digits only.
fn digits(text: &str) -> Option<u32> {
    Some(text).filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

fn without_second_sunday(weekdays: u64) -> u64 {
    let second = 1 << SUNDAY_TOO;
    if weekdays & second == 0 { weekdays } else { (weekdays & !second) | 1 }
}

fn has(set: u64, number: u32) -> bool {
    set.checked_shr(number).is_some_and(|rest| rest & 1 == 1)
}

/// The least number of a set that is at least `number`.
fn first_from(set: u64, number: u32) -> Option<u32> {
    let rest = set.checked_shr(number).filter(|rest| *rest != 0)?;
    number.checked_add(rest.trailing_zeros())
}

impl Cron {
    /// Whether it matches every hour of its days.
    pub(super) const fn is_every_hour(&self) -> bool {
        self.hours == EVERY_HOUR
    }

    /// Whether any day matches.
    pub(super) fn ever_comes(&self) -> bool {
        self.next(DateTime::UNIX_EPOCH.naive_utc()).is_some()
    }

    /// The first matching minute after `moment`, in local calendar time. None if there is none within [`MAX_YEARS`].
    pub(super) fn next(&self, moment: NaiveDateTime) -> Option<NaiveDateTime> {
        let mut date = moment.date();
        let mut from = moment.hour() * MINUTES + moment.minute() + 1;
        let last_year = date.year().saturating_add(MAX_YEARS);
        while date.year() <= last_year {
            if !has(self.months, date.month()) {
                date = first_of_next_month(date)?;
                from = 0;
                continue;
            }
            if self.is_day(date)
                && let Some(time) = self.time_from(from)
            {
                return Some(date.and_time(time));
            }
            date = date.succ_opt()?;
            from = 0;
        }
        None
    }

    fn is_day(&self, date: NaiveDate) -> bool {
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().num_days_from_sunday());
        if self.either_day { day || weekday } else { day && weekday }
    }

    /// The first matching time of a day from its `minute`-th minute on.
    fn time_from(&self, minute: u32) -> Option<NaiveTime> {
        let (hour, minute) = (minute / MINUTES, minute % MINUTES);
        let in_this_hour = has(self.hours, hour).then(|| first_from(self.minutes, minute)).flatten();
        let (hour, minute) = match in_this_hour {
            Some(minute) => (hour, minute),
            None => (first_from(self.hours, hour + 1)?, first_from(self.minutes, 0)?),
        };
        NaiveTime::from_hms_opt(hour, minute, 0)
    }
}

fn first_of_next_month(date: NaiveDate) -> Option<NaiveDate> {
    match date.month() {
        12 => NaiveDate::from_ymd_opt(date.year().checked_add(1)?, 1, 1),
        month => NaiveDate::from_ymd_opt(date.year(), month + 1, 1),
    }
}
