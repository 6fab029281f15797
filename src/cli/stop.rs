//! Ctrl-C and SIGTERM while many tasks are worked at.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::exit::Exit;
use super::interrupt::Signals;

/// The next signal, and what hears the one after it.
type Next = Pin<Box<dyn Future<Output = (Exit, Signals)>>>;

/// Listens for what tells the program to end.
pub(super) struct Stop {
    /// None if it cannot be listened for: a signal ends the process by itself then.
    next: Option<Next>,
    times: u32,
    /// What the last one means.
    exit: Exit,
}

impl Stop {
    pub(super) fn new() -> Self {
        Self { next: Signals::new().ok().map(listen), times: 0, exit: Exit::Interrupted }
    }

    /// How often it was told until now. Whoever asks is woken when it is told again.
    pub(super) fn times(&mut self, context: &mut Context<'_>) -> u32 {
        while let Some(next) = &mut self.next
            && let Poll::Ready((exit, signals)) = next.as_mut().poll(context)
        {
            self.times = self.times.saturating_add(1);
            self.exit = exit;
            self.next = Some(listen(signals));
        }
        self.times
    }

    /// The exit code of a program that was stopped so.
    pub(super) const fn exit(&self) -> Exit {
        self.exit
    }

    /// One that was told so often, and is not any more.
    #[cfg(test)]
    pub(super) fn told(times: u32) -> Self {
        Self { next: None, times, exit: Exit::Interrupted }
    }
}

fn listen(mut signals: Signals) -> Next {
    Box::pin(async move { (signals.next().await, signals) })
}
