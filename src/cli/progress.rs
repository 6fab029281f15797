//! A progress bar on a terminal.

use std::future::Future;
use std::io::IsTerminal;
use std::pin::pin;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::opsflow::{Either, Opsflow, first};
use crate::storage::Filter;
use crate::task::{Status, Task};

use super::exit::Failure;
use super::screen::Screen;

/// How often the bar is redrawn.
const EVERY: Duration = Duration::from_millis(500);

/// A bar, or none if nobody could see it.
#[derive(Clone)]
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// None.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// A bar that is not shown yet; none unless stderr is a terminal and `--quiet` is not given.
    pub(super) fn on(screen: Screen) -> Self {
        if screen.quiet || screen.json || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} sub-tasks  {elapsed}") {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    /// Writes something above the bar.
    pub(super) fn above(&self, write: impl FnOnce()) {
        match &self.0 {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Waits for `future`, and meanwhile shows how many of a task's sub-tasks have ended.
    pub(super) async fn while_waiting<T>(
        &self,
        ops: &Opsflow,
        task: &Task,
        future: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let Some(bar) = self.0.as_ref().filter(|_| task.progress.started > 0) else { return Ok(future.await) };
        let mut future = pin!(future);
        bar.set_length(task.progress.started);
        bar.set_draw_target(ProgressDrawTarget::stderr());
        let outcome = loop {
            let mut ended = 0_u64;
            for status in [Status::Completed, Status::Failed, Status::Cancelled] {
                let filter = Filter { parent_id: Some(task.id), statuses: vec![status], ..Filter::default() };
                ended = ended.saturating_add(ops.count(&filter).await?);
            }
            bar.set_position(ended);
            if let Either::Left(outcome) = first(future.as_mut(), tokio::time::sleep(EVERY)).await {
                break outcome;
            }
        };
        bar.finish_and_clear();
        bar.set_draw_target(ProgressDrawTarget::hidden());
        Ok(outcome)
    }
}
