//! Ctrl-C while many tasks are worked at.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

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

    /// How often it was pressed until now. Whoever asks is woken when it is pressed again.
    pub(super) fn presses(&mut self, context: &mut Context<'_>) -> u32 {
        while !self.is_deaf {
            match self.next.as_mut().poll(context) {
                Poll::Ready(Ok(())) => {
                    self.presses = self.presses.saturating_add(1);
                    self.next = listen();
                }
                Poll::Ready(Err(_)) => self.is_deaf = true,
                Poll::Pending => break,
            }
        }
        self.presses
    }

    /// One that was pressed so often, and is not any more.
    #[cfg(test)]
    pub(super) fn pressed(presses: u32) -> Self {
        Self { next: Box::pin(std::future::pending()), is_deaf: false, presses }
    }
}

fn listen() -> Pin<Box<dyn Future<Output = io::Result<()>>>> {
    Box::pin(tokio::signal::ctrl_c())
}
