//! Lines of cron, held against a crate that reads them too.

use chrono::{DateTime, NaiveDateTime};
use proptest::prelude::*;

use crate::flow::cron::Cron;

fn moment(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

#[test]
fn lines_have_five_fields_in_their_bounds() {
    for line in ["* * * * *", "*/15 0-6,22 1 jan-mar MON-fri", "0 9 * * 7", "5/10 * 31 12 0", "0 0 * * fri-sun"] {
        assert!(line.parse::<Cron>().is_ok(), "{line}");
    }
    for line in ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "5-1 * * * *"] {
        assert!(line.parse::<Cron>().is_err(), "{line}");
    }
    for line in [
        "*/0 * * * *",
        "*/+5 * * * *",
        "* * * * fry",
        "a * * * *",
        "+5 * * * *",
        "1- * * * *",
        ", * * * *",
        "* * * * 8",
    ] {
        assert!(line.parse::<Cron>().is_err(), "{line}");
    }
}

#[test]
fn the_next_minute_is_the_first_that_is_meant() {
    for (line, after, next) in [
        ("* * * * *", "2026-11-23T09:00:00", "2026-11-23T09:01:00"),
        ("* * * * *", "2026-11-23T09:00:59.999", "2026-11-23T09:01:00"),
        ("59 23 31 12 *", "2026-12-31T23:59:00", "2027-12-31T23:59:00"),
        ("0 6 1 * *", "2026-11-23T09:00:00", "2026-12-01T06:00:00"),
        ("30 9 * * mon", "2026-11-23T09:00:00", "2026-11-23T09:30:00"),
        ("30 9 * * sun", "2026-11-23T09:30:00", "2026-11-29T09:30:00"),
        ("0 0 * * 7", "2026-11-23T09:30:00", "2026-11-29T00:00:00"),
        ("0 0 * * sat-sun", "2026-11-28T00:00:00", "2026-11-29T00:00:00"),
        ("0 0 * * 0-0", "2026-11-23T09:30:00", "2026-11-29T00:00:00"),
        ("50/5 8 * * *", "2026-11-23T08:50:00", "2026-11-23T08:55:00"),
        ("0 0 29 2 *", "2096-02-29T00:00:00", "2104-02-29T00:00:00"),
        // Both fields for days are narrowed down: one of them is enough. Unless one begins with `*`.
        ("0 0 1 * fri", "2026-11-23T00:00:00", "2026-11-27T00:00:00"),
        ("0 0 1 * fri", "2026-11-27T00:00:00", "2026-12-01T00:00:00"),
        ("0 0 */2 * fri", "2026-11-20T00:00:00", "2026-11-27T00:00:00"),
        ("0 0 29 2 */7", "2088-03-01T00:00:00", "2128-02-29T00:00:00"),
    ] {
        let cron = line.parse::<Cron>().unwrap();
        assert_eq!(cron.next(moment(after)), Some(moment(next)), "{line} after {after}");
    }
}

#[test]
fn a_line_may_never_come() {
    for line in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * 30-31 feb *"] {
        assert!(!line.parse::<Cron>().unwrap().ever_comes(), "{line}");
    }
    for line in ["0 0 29 2 *", "0 0 31 4,5 *", "0 0 30 2 mon", "0 0 29 2 */7"] {
        assert!(line.parse::<Cron>().unwrap().ever_comes(), "{line}");
    }
}

/// A field: `*`, with a step or without, or a list of numbers and ranges.
fn field(least: u32, largest: u32) -> impl Strategy<Value = String> {
    let number = least..=largest;
    let range = (number.clone(), number.clone()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b)));
    let item = prop_oneof![number.prop_map(|n| n.to_string()), range];
    prop_oneof![
        Just("*".to_owned()),
        (1..=largest).prop_map(|step| format!("*/{step}")),
        prop::collection::vec(item, 1..3).prop_map(|items| items.join(",")),
    ]
}

fn line() -> impl Strategy<Value = String> {
    let days = prop_oneof![Just("*".to_owned()), (1..=31_u32).prop_map(|day| day.to_string())];
    let weekdays = prop_oneof![Just("*".to_owned()), field(0, 6).prop_filter("a step", |text| !text.starts_with('*'))];
    (field(0, 59), field(0, 23), days, field(1, 12), weekdays)
        .prop_map(|(minute, hour, day, month, weekday)| format!("{minute} {hour} {day} {month} {weekday}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_line_means_what_another_program_takes_it_for(line in line(), seconds in 0_i64..4_000_000_000) {
        let after = DateTime::from_timestamp(seconds, 0).unwrap();
        let other = line.parse::<croner::Cron>().unwrap().find_next_occurrence(&after, false);
        let own = line.parse::<Cron>().unwrap();
        prop_assert_eq!(own.next(after.naive_utc()), other.ok().map(|at| at.naive_utc()).filter(|_| own.ever_comes()));
    }
}
