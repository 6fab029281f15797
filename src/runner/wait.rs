//! Waiting in real time. Without a tokio runtime there are no timers: nothing is waited for, and nothing times out.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::clock::Timestamp;
use crate::host::Host;

/// The longest nap before the host's clock is read again. That clock may be set, unlike the machine's timers.
const MAX_NAP: Duration = Duration::from_secs(1);
/// The shortest.
const MIN_NAP: Duration = Duration::from_millis(1);

/// Waits. Returns false at once where there are no timers.
pub(super) async fn pause(length: Duration) -> bool {
    if Handle::try_current().is_err() {
        return false;
    }
    tokio::time::sleep(length).await;
    true
}

/// Waits for `future` no longer than `limit`.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    if Handle::try_current().is_err() {
        return Some(future.await);
    }
    tokio::time::timeout(limit, future).await.ok()
}

/// Waits until the host's clock reaches `moment`; forever, if there is none or there are no timers.
pub(super) async fn until(moment: Option<Timestamp>, host: &dyn Host) {
    let Some(moment) = moment else { return std::future::pending().await };
    loop {
        let left = moment.signed_duration_since(host.now()).to_std().unwrap_or_default();
        if left.is_zero() {
            return;
        }
        if !pause(left.clamp(MIN_NAP, MAX_NAP)).await {
            return std::future::pending().await;
        }
    }
}

/// Which of two came first.
pub(crate) enum Either<A, B> {
    /// The first.
    Left(A),
    /// The second.
    Right(B),
}

/// Waits for the first of two futures; the other is dropped. If both are ready, the left one wins.
pub(crate) async fn first<A, B>(left: impl Future<Output = A>, right: impl Future<Output = B>) -> Either<A, B> {
    let (mut left, mut right) = (pin!(left), pin!(right));
    poll_fn(|context| {
        if let Poll::Ready(value) = left.as_mut().poll(context) {
            return Poll::Ready(Either::Left(value));
        }
        right.as_mut().poll(context).map(Either::Right)
    })
    .await
}
