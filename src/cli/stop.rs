//! Ctrl-C and SIGTERM while many tasks are processed.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::wire::StopSignal;

use super::exit::Exit;
use super::interrupt::Signals;

/// The next signal, and the stream for further ones.
type NextSignal = Pin<Box<dyn Future<Output = (Exit, Signals)>>>;

/// Listens for signals to end the program.
pub(super) struct SignalCounter {
    /// None if signals cannot be caught: then one ends the process directly.
    next: Option<NextSignal>,
    times: u32,
    /// The exit code of the last one.
    exit: Exit,
}

impl SignalCounter {
    pub(super) fn new() -> Self {
        Self { next: Signals::new().ok().map(listen), times: 0, exit: Exit::Interrupted }
    }

    /// The exit code after such a signal.
    pub(super) const fn exit(&self) -> Exit {
        self.exit
    }
}

impl StopSignal for SignalCounter {
    /// How many signals came so far. The caller is woken at the next one.
    fn times(&mut self, context: &mut Context<'_>) -> u32 {
        while let Some(next) = &mut self.next
            && let Poll::Ready((exit, signals)) = next.as_mut().poll(context)
        {
            self.times = self.times.saturating_add(1);
            self.exit = exit;
            self.next = Some(listen(signals));
        }
        self.times
    }
}

fn listen(mut signals: Signals) -> NextSignal {
    Box::pin(async move { (signals.next().await, signals) })
}
