//! The last actions of the worker, as lines to be shown.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::clock::{Clock, SystemClock};
use crate::opsflow::Event;

use super::super::moves;
use super::super::screen::{CARE, FAINT, plain};
use super::time_of_day;

/// Lines that are kept.
const MAX_RECENT: usize = 100;

/// The last lines. Cheap to clone; clones share them.
#[derive(Clone, Default)]
pub(in crate::cli) struct Recent(Arc<Inner>);

#[derive(Default)]
struct Inner {
    lines: Mutex<VecDeque<String>>,
    told: Notify,
}

impl Recent {
    /// Called for every event.
    pub(super) fn observer(&self) -> impl Fn(&Event) + Send + Sync + 'static + use<> {
        let recent = self.clone();
        move |event| match event {
            Event::Moved { task, transition, next_try } => {
                recent.push(&moves::line(task, transition, *next_try, true));
            }
            Event::HeldUp { task, by } => recent.push(&moves::held_up_line(task, by, true)),
            Event::Log { level, text, fields, .. } => recent.push(&moves::log_line(level, text, fields).1),
        }
    }

    /// The lines, in order.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Waits until there is another line.
    pub(super) async fn changed(&self) {
        self.0.told.notified().await;
    }

    /// Adds a line.
    pub(super) fn push(&self, line: &str) {
        let at = time_of_day(SystemClock.now());
        let line = format!("{FAINT}{at}{FAINT:#} {}", line.trim().replace('\n', " "));
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= MAX_RECENT {
            lines.pop_front();
        }
        lines.push_back(line);
        drop(lines);
        self.0.told.notify_one();
    }
}

/// The log, line by line.
impl Write for Recent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in String::from_utf8_lossy(bytes).lines() {
            self.push(&format!("{CARE}!{CARE:#} {}", plain(line.trim())));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
