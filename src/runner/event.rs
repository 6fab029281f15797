//! Events: what an observer sees of running tasks.

use std::sync::Arc;

use crate::interpreter::LogLine;
use crate::name::Name;
use crate::task::{HeldUp, NextTry, Task, TaskId, Transition};
use crate::value::Map;

/// Called for every event.
pub(crate) type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

/// What an observer sees of running tasks.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// A history entry was stored.
    Moved {
        /// The task after the checkpoint that stored it.
        task: Arc<Task>,
        /// The entry.
        transition: Transition,
        /// When the next try is due, if the entry is about a failed try that will be retried.
        next_try: Option<NextTry>,
    },
    /// This process lacks a grant for a task's next call. The task stays due for a process that has it.
    HeldUp {
        /// The task as it is stored.
        task: Arc<Task>,
        /// The missing grant.
        by: HeldUp,
    },
    /// A log line of a script took effect.
    Log {
        /// The task.
        task_id: TaskId,
        /// `info`, `warn`, ….
        level: Name,
        /// Its text.
        text: String,
        /// Its fields.
        fields: Map,
    },
}

/// The events of a checkpoint, to be reported once it is stored.
pub(super) struct News {
    pub(super) task: Arc<Task>,
    pub(super) transitions: Vec<Transition>,
    pub(super) logs: Vec<LogLine>,
    pub(super) tries: Vec<NextTry>,
}

impl News {
    /// Reports all of them in order: log lines before the entry of their handler.
    pub(super) fn tell(self, observer: &Observer) {
        let Self { task, transitions, logs, tries } = self;
        let (mut logs, mut tries) = (logs.into_iter().peekable(), tries.into_iter().peekable());
        let log = |line: LogLine| {
            let LogLine { seq: _, level, text, fields } = line;
            observer(&Event::Log { task_id: task.id, level, text, fields });
        };
        for transition in transitions {
            while let Some(line) = logs.next_if(|line| line.seq <= transition.seq) {
                log(line);
            }
            let next_try = tries.next_if(|next| next.seq == transition.seq);
            observer(&Event::Moved { task: Arc::clone(&task), transition, next_try });
        }
        logs.for_each(log);
    }
}
