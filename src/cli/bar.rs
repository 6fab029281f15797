//! A progress bar on a terminal, for commands on many tasks.

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::sync::{Arc, OnceLock};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::opsflow::Event;

use super::screen::Screen;

/// The bar, the number done and in total, the rate, and the remaining time.
const TEMPLATE: &str = "{bar:30} {pos}/{len}  {rate}  {eta} left";

/// A bar that is shown once there is something to show and a terminal to show it on.
#[derive(Clone, Default)]
pub(super) struct Bar(Arc<OnceLock<ProgressBar>>);

impl Bar {
    /// Shows it, for `total` tasks, unless stderr is not a terminal or `--quiet` is given.
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

    /// Counts one more as done.
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

    /// Removes it.
    pub(super) fn clear(&self) {
        if let Some(bar) = self.0.get() {
            bar.finish_and_clear();
        }
    }

    /// An event observer that calls `observer`, but leaves out moves while the bar is shown.
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
