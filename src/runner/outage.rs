//! While the storage fails, it is tried again after growing pauses, and each is logged.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::storage::EngineErrorKind;

use super::backoff::Backoff;

/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// Whether the storage fails, and how long to wait before the next attempt.
pub(super) struct Outage {
    pauses: Backoff,
    /// When the latest pause ends. None while the storage works.
    until: Option<Instant>,
}

impl Default for Outage {
    fn default() -> Self {
        Self { pauses: Backoff::new(FIRST_PAUSE, MAX_PAUSE), until: None }
    }
}

impl Outage {
    /// Notes that the storage has failed, and returns how long to wait.
    pub(super) fn began(&mut self, error: &Error) -> Duration {
        // Several jobs that fail at the same time report one outage.
        if let Some(pause) = self.pause() {
            return pause;
        }
        let passes = match error {
            Error::Storage(error) => error.engine_kind().is_none_or(EngineErrorKind::passes),
            _ => true,
        };
        // What does not pass by itself is of no use to try soon.
        let pause = if passes { self.pauses.next() } else { self.pauses.longest() };
        if passes {
            tracing::warn!(%error, ?pause, "the storage fails; it is tried again after a pause");
        } else {
            tracing::error!(%error, ?pause, "the storage fails until somebody mends it; it is tried again after a pause");
        }
        let now = Instant::now();
        self.until = Some(now.checked_add(pause).unwrap_or(now));
        pause
    }

    /// How much of the pause is left.
    pub(super) fn pause(&self) -> Option<Duration> {
        Some(self.until?.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// Notes that the storage works again.
    pub(super) fn over(&mut self) {
        self.pauses.reset();
        if self.until.take().is_some() {
            tracing::info!("the storage works again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::StorageError;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_until_it_is_over() {
        let (mut outage, error) = (Outage::default(), Error::Conflict(crate::TaskId::new_v4()));
        assert_eq!(outage.pause(), None);
        assert_eq!(outage.began(&error), FIRST_PAUSE);
        assert_eq!(outage.began(&error), FIRST_PAUSE, "the same outage");
        for _ in 0..10 {
            tokio::time::sleep(MAX_PAUSE).await;
            assert_eq!(outage.pause(), None);
            outage.began(&error);
        }
        assert_eq!(outage.pause(), Some(MAX_PAUSE));
        outage.over();
        assert_eq!(outage.began(&error), FIRST_PAUSE);
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_pass_is_not_tried_soon() {
        for (kind, pause) in [
            (EngineErrorKind::Unreachable, FIRST_PAUSE),
            (EngineErrorKind::Busy, FIRST_PAUSE),
            (EngineErrorKind::Full, MAX_PAUSE),
            (EngineErrorKind::ReadOnly, MAX_PAUSE),
            (EngineErrorKind::Denied, MAX_PAUSE),
        ] {
            let error = Error::Storage(StorageError::engine(kind, "here", "why"));
            assert_eq!(Outage::default().began(&error), pause, "{kind}");
        }
    }
}
