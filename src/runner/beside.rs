//! Runs many small jobs, some of them concurrently, so that the storage can group their commits.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Jobs that run concurrently.
const AT_ONCE: usize = 64;

/// Does `work` for each item and returns the results in any order. The first error ends it and drops what is still
/// running.
pub(super) async fn beside<I, T, E, F>(items: impl IntoIterator<Item = I>, work: impl Fn(I) -> F) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>> + Send,
{
    let mut items = items.into_iter();
    let mut under_way: Vec<Pin<Box<F>>> = Vec::new();
    let mut done = Vec::new();
    loop {
        let free = AT_ONCE.saturating_sub(under_way.len());
        under_way.extend(items.by_ref().take(free).map(|item| Box::pin(work(item))));
        if under_way.is_empty() {
            return Ok(done);
        }
        for outcome in some(&mut under_way).await {
            done.push(outcome?);
        }
    }
}

/// Waits until some of `futures` are done, removes these, and returns their results.
pub(super) async fn some<F: Future + ?Sized>(futures: &mut Vec<Pin<Box<F>>>) -> Vec<F::Output> {
    poll_fn(|context| {
        let mut done = Vec::new();
        futures.retain_mut(|future| match future.as_mut().poll(context) {
            Poll::Ready(value) => {
                done.push(value);
                false
            }
            Poll::Pending => true,
        });
        if done.is_empty() { Poll::Pending } else { Poll::Ready(done) }
    })
    .await
}
