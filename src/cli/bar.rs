//! How far a command on many tasks has come, on a terminal.

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::sync::{Arc, OnceLock};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::opsflow::Event;

use super::screen::Screen;

/// What is shown: the bar, how many are done of how many, how many in a second, and how long it will still take.
const TEMPLATE: &str = "{bar:30} {pos}/{len}  {rate}  {eta} left";

/// A bar, once there is something to show and somebody to see it.
#[derive(Clone, Default)]
pub(super) struct Bar(Arc<OnceLock<ProgressBar>>);

impl Bar {
    /// Shows it, for `total` tasks; not where stderr is no terminal, or news is not wanted there.
    pub(super) fn show(&self, screen: Screen, total: usize) {
        if screen.quiet || screen.json || !io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::new(total as u64);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            let rate = |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.0}/s", state.per_sec());
            };
            bar.set_style(style.with_key("rate", rate));
        }
        // It is shown once.
        drop(self.0.set(bar));
    }

    /// One more is done.
    pub(super) fn advance(&self) {
        if let Some(bar) = self.0.get() {
            bar.inc(1);
        }
    }

    /// Writes something above it.
    pub(super) fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        match self.0.get() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes it away.
    pub(super) fn clear(&self) {
        if let Some(bar) = self.0.get() {
            bar.finish_and_clear();
        }
    }

    /// What is told of every event: `observer`, but for moves as long as the bar stands for them.
    pub(super) fn over<O>(&self, observer: O) -> impl Fn(&Event) + Send + Sync + 'static + use<O>
    where
        O: Fn(&Event) + Send + Sync + 'static,
    {
        let bar = self.clone();
        move |event| {
            if bar.0.get().is_none() || !matches!(event, Event::Moved { .. }) {
                bar.above(|| observer(event));
            }
        }
    }
}
