//! Time as an input: the caller passes the clock in, so tests can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, TimeZone, Utc};

use crate::duration::Duration;

/// A moment in UTC, in whole milliseconds, which every storage can keep without loss.
pub type Timestamp = DateTime<Utc>;

/// Nanoseconds of a millisecond.
const NANOS_PER_MILLI: u32 = 1_000_000;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The time now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        DateTime::from_timestamp(seconds, since.subsec_millis() * NANOS_PER_MILLI).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// A clock that stands still until it is advanced.
#[derive(Debug)]
pub struct VirtualClock(AtomicI64);

impl VirtualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.timestamp_millis()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis(), Ordering::SeqCst);
    }

    /// Sets the clock to `moment`.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.timestamp_millis(), Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The moment `ms` milliseconds after 1970; moments that chrono cannot hold become its earliest.
pub(crate) fn from_millis(ms: i64) -> Timestamp {
    Utc.timestamp_millis_opt(ms).single().unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// `moment + by`, at most the last moment that can be written.
pub(crate) fn after(moment: Timestamp, by: Duration) -> Timestamp {
    moment.checked_add_signed(by.to_delta()).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The end of something that begins at `moment` and takes `length`: a lease, a pause.
pub(crate) fn until(moment: Timestamp, length: std::time::Duration) -> Timestamp {
    after(moment, Duration::from_millis(i64::try_from(length.as_millis()).unwrap_or(i64::MAX)))
}

/// A moment as it is printed everywhere: `2026-11-23T09:00:00.000Z`.
#[cfg(any(feature = "wire", feature = "workbench", test))]
pub(crate) fn format(moment: Timestamp) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
