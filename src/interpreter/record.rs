//! Writes history: one entry a handler, with the moment at which it ended.

use crate::name::Name;
use crate::task::Transition;
use crate::value::Map;

use super::LogLine;
use super::entry::Entry;
use super::execution::Execution;
use super::limits::{MAX_HISTORY_BYTES, MAX_QUICK_HANDLERS};

impl Execution<'_> {
    /// Reads the clock, unless what was done since takes less time than a clock of milliseconds shows.
    fn tick(&mut self) {
        if self.is_quick.get() && self.quick_handlers < MAX_QUICK_HANDLERS {
            self.quick_handlers += 1;
            return;
        }
        self.quick_handlers = 0;
        // History does not run backwards, even if the clock does.
        self.now = self.world.host.now().max(self.now);
    }

    /// Writes a history entry for a handler that leads to the state `to`.
    pub(super) fn record(&mut self, to: Name, mut entry: Entry) {
        self.tick();
        self.is_changed = true;
        let progress = &mut self.task.progress;
        progress.seq = progress.seq.saturating_add(1);
        let is_idle = entry.changes.is_empty() && entry.steps.is_empty();
        progress.idle = if is_idle { progress.idle.saturating_add(1) } else { 0 };
        let changes = entry.changes.bytes();
        self.bytes = self.bytes.saturating_add(changes);
        let omitted = self.is_history_full(entry.bytes(changes)) && entry.leave_out();
        // Most handlers end within the millisecond in which they began.
        let took = if self.now == entry.since { 0 } else { (self.now - entry.since).num_milliseconds() };
        self.transitions.push(Transition {
            seq: self.task.progress.seq,
            at: self.now,
            from: self.task.state.clone(),
            to,
            cause: entry.cause,
            by: entry.by,
            actor: None,
            changes: entry.changes,
            error: entry.error,
            steps: entry.steps,
            ms: u64::try_from(took).unwrap_or_default(),
            omitted,
        });
    }

    /// Whether the task's history is beyond its bound with an entry of `bytes`. The log says so once.
    fn is_history_full(&mut self, bytes: u64) -> bool {
        let progress = &mut self.task.progress;
        let was_full = progress.history_bytes > MAX_HISTORY_BYTES;
        progress.history_bytes = progress.history_bytes.saturating_add(bytes);
        let is_full = progress.history_bytes > MAX_HISTORY_BYTES;
        if is_full && !was_full {
            let text = format!(
                "the task's history has reached {MAX_HISTORY_BYTES} bytes (MAX_HISTORY_BYTES): from now on its entries are \
                 stored without changes and steps"
            );
            self.logs.push(LogLine { seq: progress.seq, level: "warn".into(), text, fields: Map::new() });
        }
        is_full
    }

    /// Writes a history entry for something that does not move the task.
    pub(super) fn stay(&mut self, entry: Entry) {
        self.record(self.task.state.clone(), entry);
        self.end_body();
    }
}
