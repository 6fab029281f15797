//! Wraps every step: its time limit, and catching panics.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::duration::Duration;
use crate::task::{Outcome, StepFailure};

/// Polls `future`; a panic in it becomes a failure of `function`.
pub(super) async fn caught(function: &str, future: impl Future<Output = Outcome> + Send) -> Outcome {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.unwrap_or_else(|panic| Poll::Ready(Err(panicked(function, &*panic))))
    })
    .await
}

/// Calls `compute`; a panic in it becomes a failure of `function`.
pub(super) fn caught_now<T>(
    function: &str,
    compute: impl FnOnce() -> Result<T, StepFailure>,
) -> Result<T, StepFailure> {
    catch_unwind(AssertUnwindSafe(compute)).unwrap_or_else(|panic| Err(panicked(function, &*panic)))
}

fn panicked(function: &str, panic: &(dyn Any + Send)) -> StepFailure {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("without a message");
    StepFailure::script(format!("`{function}` panicked: {text}"))
}

/// Waits for `future`, at most `limit`; then drops it and fails with `kind`.
#[cfg(feature = "runtime")]
pub(super) async fn within(
    limit: Duration,
    kind: &str,
    function: &str,
    future: impl Future<Output = Outcome> + Send,
) -> Outcome {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(StepFailure::new(kind, format!("`{function}` needs a tokio runtime, and none is running")));
    }
    match tokio::time::timeout(limit.to_std().unwrap_or_default(), future).await {
        Ok(outcome) => outcome,
        Err(_) => Err(StepFailure::too_late(kind, function, limit)),
    }
}

/// Without the feature `runtime` there are no timers: waits for `future` without a limit.
#[cfg(not(feature = "runtime"))]
pub(super) async fn within(
    _limit: Duration,
    _kind: &str,
    _function: &str,
    future: impl Future<Output = Outcome> + Send,
) -> Outcome {
    future.await
}
