//! The bounds of the interpreter, all in one place. A task that exceeds one fails with kind `limit` and a message that
//! names it.

use crate::duration::Duration;

/// States that one advance passes through. Then the task is stored and queued again, so that no task hogs a worker.
pub(super) const MAX_BURST_STATES: usize = 1_000;

/// The time after which an advance does the same, between two states.
pub(super) const MAX_BURST_TIME: Duration = Duration::from_millis(50);

/// Handlers in a row that share one reading of the clock, if each of them ran small scripts at most.
pub(super) const MAX_QUICK_HANDLERS: usize = 8;

/// Moves in a row in which nothing of a task changes: no attribute, no step, no sub-task. Such a task would loop
/// forever. A flow with more states than this may pass through all of them.
pub(super) const MAX_IDLE_MOVES: usize = 1_000;

/// Entries of a task's history.
pub(super) const MAX_HISTORY_ENTRIES: u64 = 1_000_000;

/// Bytes of a task's history. Beyond them, entries are stored without changes and steps, and the task goes on.
pub(super) const MAX_HISTORY_BYTES: u64 = 64 * 1024 * 1024;

/// How many ancestors a task may have.
pub(super) const MAX_SUB_TASK_DEPTH: u32 = 32;

/// Sub-tasks that one handler starts. They are stored together with it.
pub(super) const MAX_STARTED: usize = 1_000;

/// Bytes of the attributes of the sub-tasks that one handler starts.
pub(super) const MAX_STARTED_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that one handler logs.
pub(super) const MAX_LOG_BYTES: usize = 4 * 1024 * 1024;

/// Bytes of changes and log lines after which a burst is stored and the task queued again, so that none fills the
/// memory.
pub(super) const MAX_BURST_BYTES: usize = 8 * 1024 * 1024;
