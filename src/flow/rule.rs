//! When a schedule fires: its cron line, in its time zone.
//!
//! Clocks are put forward and back. A time that is skipped fires once, at the end of the gap. Of a time that occurs
//! twice, the first counts. A line that matches every hour is about intervals rather than times of day: it fires in
//! both of two equal hours, and does not make up for a skipped hour.

use chrono::{MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{GapInfo, Tz};

use crate::clock::Timestamp;
use crate::name::Name;

use super::cron::Cron;

/// When a schedule fires.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    line: Name,
    name: Name,
    cron: Cron,
    zone: Tz,
}

/// The time zone called `name`.
pub(super) fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

impl Rule {
    /// The rule for `cron`, written as `line`, in `zone`.
    pub(super) fn new(line: &str, cron: Cron, zone: Tz) -> Self {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        Self { name: format!("{line} {}", zone.name()).into(), line: line.into(), cron, zone }
    }

    /// Its line of cron.
    pub(crate) fn line(&self) -> &Name {
        &self.line
    }

    /// Identifies the rule: line and time zone.
    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    /// When it fires next after `moment`. None if it does not within forty years.
    pub(crate) fn next(&self, moment: Timestamp) -> Option<Timestamp> {
        if self.cron.is_every_hour() { self.next_that_passes(moment) } else { self.next_of_day(moment) }
    }

    /// A moment, as the clocks of its time zone show it.
    pub(crate) fn shown(&self, moment: Timestamp) -> String {
        moment.with_timezone(&self.zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// When it fired last, after `after` and not after `until`. Cheap, however far apart these are.
    pub(crate) fn latest(&self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let next = |moment| self.next(moment).filter(|at| *at <= until);
        let mut found = next(after)?;
        // It does not fire again after this.
        let mut end = until;
        while let Some(later) = next(found) {
            let middle = later + end.signed_duration_since(later) / 2;
            match next(middle) {
                Some(at) => found = at,
                None => (found, end) = (later, middle),
            }
        }
        Some(found)
    }

    fn local(&self, moment: Timestamp) -> NaiveDateTime {
        moment.with_timezone(&self.zone).naive_local()
    }

    /// The next matching time of day: each occurs once on its day.
    fn next_of_day(&self, moment: Timestamp) -> Option<Timestamp> {
        let mut local = self.local(moment);
        loop {
            local = self.cron.next(local)?;
            let at = match self.zone.from_local_datetime(&local) {
                MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at),
                MappedLocalTime::None => GapInfo::new(&local, &self.zone).and_then(|gap| gap.end),
            };
            // In the second of two equal hours, the times of the first are over.
            if let Some(at) = at.map(|at| at.to_utc()).filter(|at| *at > moment) {
                return Some(at);
            }
        }
    }

    /// The next matching minute, counting both of two equal hours.
    fn next_that_passes(&self, moment: Timestamp) -> Option<Timestamp> {
        let mut local = self.local(moment);
        if let MappedLocalTime::Ambiguous(first, _) = self.zone.from_local_datetime(&local)
            && first.to_utc() == moment
            && let Some(again) = self.put_back(moment)
        {
            // If the clocks are put back soon, a match before that is next; otherwise the search continues from there.
            let next = self.cron.next(local).and_then(|local| self.zone.from_local_datetime(&local).earliest());
            if let Some(next) = next.map(|at| at.to_utc()).filter(|at| *at < again) {
                return Some(next);
            }
            local = self.local(again) - TimeDelta::minutes(1);
        }
        loop {
            local = self.cron.next(local)?;
            let (first, last) = match self.zone.from_local_datetime(&local) {
                MappedLocalTime::Single(at) => (at, at),
                MappedLocalTime::Ambiguous(first, last) => (first, last),
                MappedLocalTime::None => continue,
            };
            if let Some(at) = [first, last].iter().map(|at| at.to_utc()).find(|at| *at > moment) {
                return Some(at);
            }
        }
    }

    /// The minute at which the clocks are put back, if `moment` is in the first of two equal hours.
    fn put_back(&self, moment: Timestamp) -> Option<Timestamp> {
        let offset = |moment: Timestamp| self.zone.offset_from_utc_datetime(&moment.naive_utc()).fix();
        let mut at = moment - TimeDelta::milliseconds(moment.timestamp_millis().rem_euclid(60_000));
        while offset(at) == offset(moment) {
            at = at.checked_add_signed(TimeDelta::minutes(1))?;
        }
        Some(at)
    }
}
