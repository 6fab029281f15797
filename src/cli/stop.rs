//! Ctrl-C while many tasks are worked at, one after another.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Listens for Ctrl-C from its first look on.
pub(super) struct Stop {
    next: Pin<Box<dyn Future<Output = io::Result<()>>>>,
    /// Whether it cannot be listened for: Ctrl-C ends the process by itself then.
    is_deaf: bool,
    presses: u32,
}

impl Stop {
    pub(super) fn new() -> Self {
        Self { next: listen(), is_deaf: false, presses: 0 }
    }

    /// Whether it was pressed until now.
    pub(super) fn is_pressed(&mut self) -> bool {
        self.hear(&mut Context::from_waker(Waker::noop()));
        self.presses > 0
    }

    /// Does `work`. None if it was dropped because Ctrl-C was pressed: at once, or, if it `finishes`, when it was pressed
    /// again.
    pub(super) async fn during<T>(&mut self, finishes: bool, work: impl Future<Output = T>) -> Option<T> {
        let bound = 1 + u32::from(finishes);
        let mut work = pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Some(done));
            }
            self.hear(context);
            if self.presses >= bound { Poll::Ready(None) } else { Poll::Pending }
        })
        .await
    }

    /// Counts how often it was pressed.
    fn hear(&mut self, context: &mut Context<'_>) {
        while !self.is_deaf {
            match self.next.as_mut().poll(context) {
                Poll::Ready(Ok(())) => {
                    self.presses = self.presses.saturating_add(1);
                    self.next = listen();
                }
                Poll::Ready(Err(_)) => self.is_deaf = true,
                Poll::Pending => return,
            }
        }
    }
}

fn listen() -> Pin<Box<dyn Future<Output = io::Result<()>>>> {
    Box::pin(tokio::signal::ctrl_c())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(times: usize) -> Stop {
        let mut stop = Stop::new();
        stop.presses = u32::try_from(times).unwrap();
        // Nobody presses it here.
        stop.next = Box::pin(std::future::pending());
        stop
    }

    #[tokio::test]
    async fn what_finishes_is_dropped_when_it_is_pressed_again() {
        assert!(!pressed(0).is_pressed() && pressed(1).is_pressed());
        for (times, finishes, is_dropped) in [(1, false, true), (1, true, false), (2, true, true)] {
            let twice = async {
                tokio::task::yield_now().await;
                7
            };
            let done = pressed(times).during(finishes, twice).await;
            assert_eq!(done.is_none(), is_dropped, "{times} {finishes}");
        }
    }
}
