//! Ctrl-C: the task stays as it is stored, and the person is told how to go on.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use super::exit::Failure;
use super::moves::Moves;

/// Does `work` until it is done or Ctrl-C is pressed. What was under way then is dropped; what was stored stays.
pub(super) async fn unless_interrupted<T>(moves: &Moves, work: impl Future<Output = T>) -> Result<T, Failure> {
    let mut work = pin!(work);
    let mut signal = pin!(tokio::signal::ctrl_c());
    let mut deaf = false;
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(done));
        }
        if !deaf {
            match signal.as_mut().poll(context) {
                Poll::Ready(Ok(())) => return Poll::Ready(Err(interrupted(moves))),
                // Without a handler Ctrl-C ends the process by itself.
                Poll::Ready(Err(_)) => deaf = true,
                Poll::Pending => {}
            }
        }
        Poll::Pending
    })
    .await
}

fn interrupted(moves: &Moves) -> Failure {
    Failure::interrupted(match moves.root() {
        Some(id) => {
            let worker = moves.worker();
            format!("what was stored stays: `opsflow show {id}` shows the task, `{worker}` goes on with it")
        }
        None => format!("what was stored stays: `opsflow list` shows the tasks, `{}` goes on", moves.worker()),
    })
}
