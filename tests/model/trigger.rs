//! What happens to a task, and the whole of a case.

use super::flow::{Flows, Seconds};

/// One case.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) flows: Flows,
    /// Whether every state is stored.
    pub(super) every_state: bool,
    /// Whether the task is left to the background, rather than called.
    pub(super) later: bool,
    /// What goes wrong at its begin.
    pub(super) begins: Option<Fault>,
    pub(super) triggers: Vec<Trigger>,
}

#[derive(Clone, Debug)]
pub(super) enum Trigger {
    /// Time passes, and somebody looks wherever something is due.
    Advance(Seconds),
    /// Time passes, and nobody looks.
    Skip(Seconds),
    /// Another process takes over.
    Restart,
    Do(Do, Option<Fault>),
}

impl Trigger {
    /// The same, with what goes wrong meanwhile.
    pub(super) fn with(self, fault: Option<Fault>) -> Self {
        match self {
            Self::Do(what, _) => Self::Do(what, fault),
            other => other,
        }
    }
}

/// What is done. Numbers mean tasks, interactions and states, whatever there are.
#[derive(Clone, Debug)]
pub(super) enum Do {
    Call,
    Later,
    RunDue,
    Interact { who: u8, which: u8, n: i64, key: Option<u8> },
    Wake(u8),
    Cancel(u8),
    Retry { who: u8, from: Option<u8> },
}

impl Do {
    /// The task it is done to, of `count`.
    pub(super) fn who(&self, count: usize) -> usize {
        match self {
            Self::Call | Self::Later | Self::RunDue => 0,
            Self::Interact { who, .. } | Self::Wake(who) | Self::Cancel(who) | Self::Retry { who, .. } => {
                usize::from(*who) % count.max(1)
            }
        }
    }
}

/// What goes wrong with the storage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) how: How,
    /// At which write, or for a conflict at which commit or step, from 1.
    pub(super) at: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// The process dies before the write is stored.
    Before,
    /// The process dies after it.
    After,
    /// The write is refused, as if somebody else had been faster.
    Conflict,
}
