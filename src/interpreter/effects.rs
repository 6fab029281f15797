//! How a running script reaches outside: the clock, random values, log lines, sub-tasks, and calls, which are answered
//! from the journal or stop the script.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use sha2::Digest as _;

use crate::clock::Timestamp;
use crate::expression::{Answer, Call, Failure, Limits, Outside};
use crate::flow::Flow;
use crate::name::Name;
use crate::task::{Attributes, Digest, Journal, Step, StepFailure, StepRecord, TaskId};
use crate::value::{Map, Value, weight_of_map};

use super::execution::Execution;
use super::limits::{MAX_LOG_BYTES, MAX_STARTED, MAX_STARTED_BYTES, MAX_SUB_TASK_DEPTH};
use super::{Flows, LogLine, scope};

/// A sub-task that a script starts. It takes effect when the handler ends well.
pub(super) struct Started {
    pub(super) id: TaskId,
    pub(super) flow: Arc<Flow>,
    pub(super) attributes: Attributes,
}

/// What one run of a script does and may do outside of itself.
pub(super) struct ScriptEffects {
    task_id: TaskId,
    /// The history entry that the handler will write.
    seq: u64,
    depth: u32,
    /// The seed of random values; the number of the draw is added to it.
    seed: String,
    draws: u64,
    now: Timestamp,
    journal: Arc<Journal>,
    /// Steps taken so far.
    taken: usize,
    /// Where the script stopped.
    pending: Option<Step>,
    flows: Arc<dyn Flows>,
    limits: Limits,
    started: Vec<Started>,
    /// The weight of the attributes of those sub-tasks.
    started_bytes: usize,
    logs: Vec<LogLine>,
    logged_bytes: usize,
}

/// What a script did.
pub(super) struct Did {
    pub(super) started: Vec<Started>,
    pub(super) logs: Vec<LogLine>,
    pub(super) pending: Option<Step>,
}

impl ScriptEffects {
    /// The effects of the handler of `execution` that began at `now`.
    pub(super) fn new(execution: &Execution<'_>, now: Timestamp) -> Rc<RefCell<Self>> {
        let (world, task) = (execution.world, &execution.task);
        let seq = task.progress.seq.saturating_add(1);
        Rc::new(RefCell::new(Self {
            task_id: task.id,
            seq,
            depth: task.progress.depth,
            seed: format!("{}:{seq}:{}:{}:{}", task.id, task.state, scope::visits(task), task.progress.attempt),
            draws: 0,
            now,
            journal: Arc::clone(&execution.journal),
            taken: 0,
            pending: None,
            flows: Arc::clone(world.flows),
            limits: world.limits.clone(),
            started: Vec::new(),
            started_bytes: 0,
            logs: Vec::new(),
            logged_bytes: 0,
        }))
    }

    /// What the script did.
    pub(super) fn take(&mut self) -> Did {
        Did {
            started: std::mem::take(&mut self.started),
            logs: std::mem::take(&mut self.logs),
            pending: self.pending.take(),
        }
    }

    /// The answer of a step that was performed before.
    fn known(&mut self, record: &StepRecord) -> Answer {
        self.now = record.at;
        Answer::Known(record.outcome.clone().map_err(failure))
    }

    fn step(&self, call: Call, digest: Digest, once: Option<Name>) -> Result<Step, Failure> {
        if self.taken >= self.limits.max_steps {
            let most = self.limits.max_steps;
            return Err(Failure::new(
                "limit",
                format!("a body may take {most} steps (max_steps): split the work over sub-tasks, or loop over states"),
            ));
        }
        let ordinal = u32::try_from(self.taken).unwrap_or(u32::MAX);
        let Call { function, arguments } = call;
        Ok(Step { task_id: self.task_id, ordinal, function, arguments, digest, once })
    }
}

/// A random value: for the same seed and draw, always the same.
pub(crate) fn chance(seed: &str, draw: u64) -> u128 {
    let hash = sha2::Sha256::digest(format!("{seed}:{draw}"));
    hash.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

impl Outside for ScriptEffects {
    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn random_bits(&mut self) -> u128 {
        self.draws += 1;
        chance(&self.seed, self.draws)
    }

    fn call(&mut self, call: Call) -> Answer {
        if self.pending.is_some() {
            return Answer::Stop;
        }
        let once = match once_key(&call) {
            Ok(once) => once,
            Err(why) => return Answer::Known(Err(why)),
        };
        let digest = digest(&call);
        let journal = Arc::clone(&self.journal);
        let next = journal.steps.get(self.taken);
        if let Some(record) = next.filter(|record| record.digest == digest) {
            self.taken += 1;
            return self.known(record);
        }
        let kept = once.as_ref().and_then(|key| journal.once.iter().find(|r| r.once.as_ref() == Some(key)));
        if let Some(record) = kept {
            if record.digest == digest {
                return Answer::Known(record.outcome.clone().map_err(failure));
            }
            let key = record.once.clone().unwrap_or_default();
            let message = format!("`{}` was called with `once: \"{key}\"` before, with other arguments", call.function);
            return Answer::Known(Err(Failure::new("repeat", message)));
        }
        if let Some(record) = next {
            let message = format!(
                "step {} of the body was `{}` before the interruption, and is now `{}`{}; a body must make the same calls \
                 when it is repeated",
                self.taken + 1,
                record.function,
                call.function,
                if record.function == call.function { " with other arguments" } else { "" },
            );
            return Answer::Known(Err(Failure::new("repeat", message)));
        }
        match self.step(call, digest, once) {
            Ok(step) => {
                self.pending = Some(step);
                Answer::Stop
            }
            Err(why) => Answer::Limit(why),
        }
    }

    fn start(&mut self, flow: Name, attributes: Map) -> Result<String, Failure> {
        if self.started.len() >= MAX_STARTED {
            let message = format!("a handler may start {MAX_STARTED} sub-tasks (MAX_STARTED)");
            return Err(Failure::new("limit", message));
        }
        let id = sub_task_id(self.task_id, self.seq, self.started.len());
        let started = started(&*self.flows, self.depth, id, &flow, &attributes)?;
        weigh(&started, &mut self.started_bytes)?;
        self.started.push(started);
        Ok(id.to_string())
    }

    fn log(&mut self, level: Name, text: String, fields: Map) -> Result<(), Failure> {
        let most = self.limits.max_log_lines;
        if self.logs.len() >= most {
            return Err(Failure::new("limit", format!("a handler may log {most} lines (max_log_lines)")));
        }
        let bytes = weight_of_map(&fields, MAX_LOG_BYTES).unwrap_or(usize::MAX).saturating_add(text.len());
        self.logged_bytes = self.logged_bytes.saturating_add(bytes);
        if self.logged_bytes > MAX_LOG_BYTES {
            let message = format!("a handler may log {MAX_LOG_BYTES} bytes (MAX_LOG_BYTES)");
            return Err(Failure::new("limit", message));
        }
        self.logs.push(LogLine { seq: self.seq, level, text, fields });
        Ok(())
    }
}

/// The id of the sub-task number `ordinal` (from 0) started by the handler of history entry `seq`. It is the same when
/// the handler is repeated.
pub(super) fn sub_task_id(parent: TaskId, seq: u64, ordinal: usize) -> TaskId {
    TaskId::new_v5(&parent, format!("{seq}:{ordinal}").as_bytes())
}

/// A new sub-task of `flow`, one level below `depth`, with its attributes read and checked.
pub(super) fn started(flows: &dyn Flows, depth: u32, id: TaskId, flow: &Name, given: &Map) -> Result<Started, Failure> {
    if depth >= MAX_SUB_TASK_DEPTH {
        let message = format!("sub-tasks may be nested {MAX_SUB_TASK_DEPTH} deep (MAX_SUB_TASK_DEPTH)");
        return Err(Failure::new("limit", message));
    }
    let Some(flow) = flows.flow(flow) else {
        return Err(Failure::new("definition", format!("no flow that can run is called `{flow}`")));
    };
    let attributes = flow.attributes.read(given).map_err(|why| {
        Failure::new("validation", format!("flow `{}` cannot be started: {}", flow.name, why.with_help()))
    })?;
    Ok(Started { id, flow, attributes })
}

/// Adds a sub-task's weight to that of the sub-tasks which its handler has started before.
pub(super) fn weigh(started: &Started, bytes: &mut usize) -> Result<(), Failure> {
    let weight = started.attributes.weight(MAX_STARTED_BYTES).unwrap_or(usize::MAX);
    *bytes = bytes.saturating_add(weight);
    if *bytes > MAX_STARTED_BYTES {
        let message = format!(
            "the attributes of the sub-tasks that a handler starts may take {MAX_STARTED_BYTES} bytes (MAX_STARTED_BYTES)"
        );
        return Err(Failure::new("limit", message));
    }
    Ok(())
}

fn failure(failure: StepFailure) -> Failure {
    let StepFailure { kind, message, data } = failure;
    Failure { data, ..Failure::new(kind, message) }
}

/// The key under which a call's result is kept, if its options name one.
fn once_key(call: &Call) -> Result<Option<Name>, Failure> {
    match call.arguments.last().and_then(|options| options.get("once")) {
        None | Some(Value::Unit) => Ok(None),
        Some(Value::Text(key)) if !key.is_empty() => Ok(Some(Name::from(key.clone()))),
        Some(other) => {
            let message =
                format!("`once` of `{}` must be a text that is not empty, but is {}", call.function, other.type_name());
            Err(Failure::new("script", message))
        }
    }
}

/// Identifies a call by its function and arguments.
fn digest(call: &Call) -> Digest {
    Digest::of(serde_json::to_vec(&(&call.function, &call.arguments)).unwrap_or_default())
}
