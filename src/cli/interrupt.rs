//! Ctrl-C and SIGTERM.

use std::future::Future;
use std::io;

use crate::opsflow::{Either, first};

use super::exit::{Exit, Failure};
use super::moves::Moves;

/// The signals that tell a program to end, caught from now on.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one, and returns its exit code.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> Exit {
        match first(heard(&mut self.interrupt), heard(&mut self.terminate)).await {
            Either::Left(()) => Exit::Interrupted,
            Either::Right(()) => Exit::Terminated,
        }
    }

    /// Waits for the next one, and returns its exit code.
    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> Exit {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            // Without a handler Ctrl-C ends the process by itself.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
async fn heard(signal: &mut tokio::signal::unix::Signal) {
    // A stream that has ended reports nothing any more.
    if signal.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Does `work` until it is done or a signal comes. Then what is running is dropped, the task stays as it is stored, and
/// the user is told how to continue.
pub(super) async fn unless_interrupted<T>(moves: &Moves, work: impl Future<Output = T>) -> Result<T, Failure> {
    // Without a handler a signal ends the process by itself.
    let Ok(mut signals) = Signals::new() else { return Ok(work.await) };
    match first(work, signals.next()).await {
        Either::Left(done) => Ok(done),
        Either::Right(exit) => Err(interrupted(exit, moves)),
    }
}

fn interrupted(exit: Exit, moves: &Moves) -> Failure {
    let help = match moves.root() {
        Some(id) => {
            let worker = moves.worker();
            format!("what was stored stays: `opsflow show {id}` shows the task, `{worker}` continues it")
        }
        None => format!("what was stored stays: `opsflow list` shows the tasks, `{}` continues them", moves.worker()),
    };
    Failure::interrupted(exit, help)
}
