//! Pauses between attempts: each is twice the one before, up to a longest.

use std::time::Duration;

/// The pauses between attempts at one thing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    /// The latest pause. Zero before the first.
    latest: Duration,
}

impl Backoff {
    /// Pauses from `first` to `longest`.
    pub(super) const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, latest: Duration::ZERO }
    }

    /// The next pause.
    pub(super) fn next(&mut self) -> Duration {
        self.latest = self.latest.saturating_mul(2).clamp(self.first, self.longest);
        self.latest
    }

    /// The longest pause, which is then the next as well.
    pub(super) const fn longest(&mut self) -> Duration {
        self.latest = self.longest;
        self.latest
    }

    /// Begins anew.
    pub(super) const fn reset(&mut self) {
        self.latest = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(5));
        let pauses: Vec<u64> = (0..4).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(pauses, [2, 4, 5, 5]);
        backoff.reset();
        assert_eq!(backoff.next().as_secs(), 2);
        assert_eq!((backoff.longest().as_secs(), backoff.next().as_secs()), (5, 5));
    }
}
