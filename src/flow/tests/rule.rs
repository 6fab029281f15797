//! Time zones whose clocks are put forward and back.

use chrono::DateTime;
use proptest::prelude::*;

use crate::clock::{Timestamp, from_millis};
use crate::flow::rule::{Rule, zone};
use crate::flow::zones::nearest_zone;

fn rule(line: &str, name: &str) -> Rule {
    Rule::new(line, line.parse().unwrap(), zone(name).unwrap())
}

fn moment(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// The next runs after a moment, each with the offset that holds in its time zone.
fn runs(line: &str, name: &str, after: &str, count: usize) -> Vec<String> {
    let rule = rule(line, name);
    let mut at = moment(after);
    let next = std::iter::from_fn(|| {
        at = rule.next(at)?;
        Some(at.with_timezone(&zone(name).unwrap()).format("%m-%dT%H:%M%:z").to_string())
    });
    next.take(count).collect()
}

const BERLIN: &str = "Europe/Berlin";
/// Its clocks are put forward and back by half an hour.
const LORD_HOWE: &str = "Australia/Lord_Howe";

#[test]
fn a_time_that_the_clocks_leave_out_comes_when_they_go_on() {
    let spring = "2026-03-28T12:00:00+01:00";
    assert_eq!(runs("30 2 * * *", BERLIN, spring, 3), ["03-29T03:00+02:00", "03-30T02:30+02:00", "03-31T02:30+02:00"]);
    // Several in one gap are one run, and one with a run that is at its end anyway.
    assert_eq!(
        runs("0,20,40 2,3 * * *", BERLIN, spring, 3),
        ["03-29T03:00+02:00", "03-29T03:20+02:00", "03-29T03:40+02:00"]
    );
    assert_eq!(
        runs("0 */2 * * *", BERLIN, "2026-03-28T23:00:00+01:00", 3),
        ["03-29T00:00+01:00", "03-29T03:00+02:00", "03-29T04:00+02:00"]
    );
    assert_eq!(
        runs("15 2 * * *", LORD_HOWE, "2026-10-03T12:00:00+10:30", 2),
        ["10-04T02:30+11:00", "10-05T02:15+11:00"]
    );
    // A day that a zone has left out altogether.
    assert_eq!(
        runs("0 9 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", 2),
        ["12-31T00:00+14:00", "12-30T09:00+14:00"]
    );
}

#[test]
fn a_time_that_comes_twice_counts_once() {
    let autumn = "2026-10-24T12:00:00+02:00";
    assert_eq!(runs("30 2 * * *", BERLIN, autumn, 2), ["10-25T02:30+02:00", "10-26T02:30+01:00"]);
    assert_eq!(
        runs("0,30 1-3 * * *", BERLIN, "2026-10-25T01:30:00+02:00", 4),
        ["10-25T02:00+02:00", "10-25T02:30+02:00", "10-25T03:00+01:00", "10-25T03:30+01:00"]
    );
    // The same if one looks in the second of the equal hours.
    assert_eq!(runs("30 2 * * *", BERLIN, "2026-10-25T02:10:00+01:00", 1), ["10-26T02:30+01:00"]);
    assert_eq!(
        runs("45 1 * * *", LORD_HOWE, "2026-04-04T12:00:00+11:00", 2),
        ["04-05T01:45+11:00", "04-06T01:45+10:30"]
    );
}

#[test]
fn a_line_of_every_hour_is_about_time_that_passes() {
    assert_eq!(
        runs("30 * * * *", BERLIN, "2026-03-29T00:59:00+01:00", 3),
        ["03-29T01:30+01:00", "03-29T03:30+02:00", "03-29T04:30+02:00"]
    );
    assert_eq!(
        runs("*/30 * * * *", BERLIN, "2026-10-25T01:30:00+02:00", 6),
        [
            "10-25T02:00+02:00",
            "10-25T02:30+02:00",
            "10-25T02:00+01:00",
            "10-25T02:30+01:00",
            "10-25T03:00+01:00",
            "10-25T03:30+01:00"
        ]
    );
    assert_eq!(
        runs("45 0-23 * * *", LORD_HOWE, "2026-04-05T01:00:00+11:00", 3),
        ["04-05T01:45+11:00", "04-05T01:45+10:30", "04-05T02:45+10:30"]
    );
    // Only the day on which the clocks are put back is meant.
    assert_eq!(
        runs("40 * 25 10 *", BERLIN, "2026-10-25T02:45:00+02:00", 2),
        ["10-25T02:40+01:00", "10-25T03:40+01:00"]
    );
    assert_eq!(runs("40 * * * *", "Asia/Kolkata", "2026-10-25T00:00:00Z", 1), ["10-25T05:40+05:30"]);
}

#[test]
fn the_latest_run_is_found_however_long_nobody_looked() {
    let (from, until) = (moment("1996-01-01T00:00:00Z"), moment("2026-11-23T09:00:30Z"));
    for (line, latest) in [
        ("* * * * *", Some("2026-11-23T09:00:00Z")),
        ("0 6 1 * *", Some("2026-11-01T06:00:00Z")),
        ("0 0 29 2 *", Some("2024-02-29T00:00:00Z")),
        ("* * * jan *", Some("2026-01-31T23:59:00Z")),
    ] {
        assert_eq!(rule(line, "UTC").latest(from, until), latest.map(moment), "{line}");
    }
    let rule = rule("0 9 * * *", "UTC");
    assert_eq!(rule.latest(moment("2026-11-23T09:00:00Z"), until), None);
    assert_eq!(
        rule.latest(moment("2026-11-23T08:59:59.999Z"), moment("2026-11-23T09:00:00Z")).unwrap(),
        moment("2026-11-23T09:00:00Z")
    );
    assert_eq!(rule.latest(until, from), None, "the clock went back");
}

#[test]
fn a_rule_is_told_apart_by_line_and_zone() {
    assert_eq!(rule(" 0  9 * * MON", BERLIN).name(), "0 9 * * mon Europe/Berlin");
    assert_eq!(rule("0 9 * * MON", BERLIN).line(), "0 9 * * mon");
}

#[test]
fn a_misspelt_zone_is_known_by_the_nearest_name() {
    for (given, near) in [
        ("Europe/Berln", Some("Europe/Berlin")),
        ("europe/vienna", Some("Europe/Vienna")),
        ("berlin", Some("Europe/Berlin")),
        ("New York", Some("America/New_York")),
        ("utc", Some("UTC")),
        ("PST", Some("America/Los_Angeles")),
        ("nowhere at all", None),
    ] {
        assert_eq!(nearest_zone(given), near, "{given}");
        assert!(zone(given).is_none(), "{given}");
    }
}

const ZONES: [&str; 5] = [BERLIN, LORD_HOWE, "America/St_Johns", "Africa/Casablanca", "UTC"];
const LINES: [&str; 7] = [
    "30 2 * * *",
    "*/20 1-3 * * *",
    "10,40 * * * *",
    "0 */2 * * *",
    "15 2 * 3,4,10,11 sun",
    "* * 25 10 *",
    "0 0 1 * *",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A look in between does not change the runs that are found.
    #[test]
    fn the_next_run_is_the_next_from_anywhere_before_it(
        which in 0..ZONES.len() * LINES.len(),
        start in 1_700_000_000_000_i64..1_900_000_000_000,
        part in 0.0..1.0,
    ) {
        let rule = rule(LINES[which % LINES.len()], ZONES[which / LINES.len()]);
        let start = from_millis(start);
        let next = rule.next(start).unwrap();
        prop_assert!(next > start);
        let between = start + (next - start - chrono::TimeDelta::milliseconds(1)).max(chrono::TimeDelta::zero()) / 1000 * ((part * 1000.0) as i32);
        prop_assert_eq!(rule.next(between), Some(next));
        prop_assert_eq!(rule.latest(start, next), Some(next));
        prop_assert_eq!(rule.latest(start, next - chrono::TimeDelta::milliseconds(1)), None);
        let later = rule.next(next).unwrap();
        prop_assert_eq!(rule.latest(start, later), Some(later));
    }
}
