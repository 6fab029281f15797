//! Scripts: the only room that knows Rhai. Compiles conditions and bodies, says what is wrong with them before they
//! run, and evaluates them within limits.

mod analysis;
mod parse;

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::diagnostic::Position;
use crate::name::Name;
use crate::value::{Map, Shape, Value};

/// A function that the embedding program adds. `call` is pure or, with `effect`, a durable step.
#[derive(Clone)]
pub struct Function {
    /// Its name, with `::` if it stands in a module.
    pub name: Name,
    /// How many arguments it takes; any of these numbers.
    pub arity: std::ops::RangeInclusive<usize>,
    /// What it does.
    pub body: FunctionBody,
}

/// What a function of the embedding program does.
#[derive(Clone)]
pub enum FunctionBody {
    /// Computes, from nothing but its arguments; may run again.
    Pure(Arc<dyn Fn(&[Value]) -> Result<Value, Failure> + Send + Sync>),
    /// Reaches outside: a durable step, performed by the host. `capability` is what `uses` must name, if anything.
    Effect {
        /// What the flow's `uses` must name.
        capability: Option<Name>,
    },
}

/// What the scripts of a flow may mention; made once, used for all of them.
#[derive(Clone, Default)]
pub struct Vocabulary {
    /// The attributes, by slot, with what is known of their values.
    pub attributes: Vec<(Name, Shape)>,
    /// The functions of capabilities and of the embedding program.
    pub functions: Arc<Vec<Function>>,
    /// The capabilities the flow's `uses` names.
    pub uses: Vec<Name>,
    /// The bounds scripts run in.
    pub limits: Limits,
}

/// The bounds of every script. A script that passes one ends with kind `limit` and a message that names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Characters of a script's text.
    pub max_script_chars: usize,
    /// Operations of one run, callbacks included.
    pub max_operations: u64,
    /// Calls within each other.
    pub max_call_depth: usize,
    /// Nesting of an expression.
    pub max_expression_depth: usize,
    /// Bytes of a text.
    pub max_string_bytes: usize,
    /// Items of a list, nested ones included.
    pub max_list_items: usize,
    /// Entries of a map, nested ones included.
    pub max_map_entries: usize,
    /// Steps of one body.
    pub max_steps: usize,
    /// Sub-tasks one body may start.
    pub max_starts: usize,
    /// Log lines one body may write.
    pub max_log_lines: usize,
    /// Time one run may take on the wall's clock, steps not counted.
    pub max_wall_time: std::time::Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_script_chars: 64 * 1024,
            max_operations: 1_000_000,
            max_call_depth: 64,
            max_expression_depth: 64,
            max_string_bytes: 1024 * 1024,
            max_list_items: 100_000,
            max_map_entries: 10_000,
            max_steps: 10_000,
            max_starts: 10_000,
            max_log_lines: 1_000,
            max_wall_time: std::time::Duration::from_secs(5),
        }
    }
}

/// What a script is for; decides what it may mention and do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A state's body: assigns, starts, calls capabilities.
    Action,
    /// `if`: gives true or false, changes nothing.
    Condition,
    /// `retry.if` and the conditions of `on_error`: a condition that sees `error`.
    ErrorCondition,
    /// A value: `result`, `failure`.
    Value,
    /// A value of `with`, or (`item` set to false) of `for_each`.
    With {
        /// Whether `item` and `index` are in scope.
        item: bool,
    },
    /// An interaction's action: assigns, sees `params`, calls no capability.
    Interaction,
    /// `on_timeout`'s action: assigns, calls no capability.
    OnTimeout,
    /// A migration's action: assigns, calls no capability.
    Migrate,
}

/// Something wrong in a script, with its place in the script's text.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptFinding {
    /// Where it begins in the script's text.
    pub at: Position,
    /// Where it ends (exclusive), if more than one character is meant.
    pub end: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// The variables of the language that a script may read beside attributes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Variable {
    /// `task`
    Task,
    /// `params`
    Params,
    /// `error`
    Error,
    /// `item`
    Item,
    /// `index`
    Index,
    /// `sub_tasks`
    SubTasks,
    /// `active_sub_tasks`
    ActiveSubTasks,
    /// `completed_sub_tasks`
    CompletedSubTasks,
    /// `failed_sub_tasks`
    FailedSubTasks,
}

/// What a script reads. Only what it mentions is asked for.
pub trait Scope {
    /// The attribute in `slot`.
    fn attribute(&self, slot: usize) -> &Value;
    /// A variable of the language. `()` for one that has no meaning here.
    fn variable(&self, variable: Variable) -> Value;
}

/// How a running script reaches outside itself. Implemented by the interpreter; shared, because Rhai's functions live
/// as long as the engine.
pub trait Outside {
    /// What `now()` gives.
    fn now(&mut self) -> Timestamp;
    /// 128 bits that derive from task, handler, attempt and ordinal.
    fn random_bits(&mut self) -> u128;
    /// A capability or an effect is called: its stored outcome, or the stop.
    fn call(&mut self, call: Call) -> Answer;
    /// A sub-task is to be started: its id.
    fn start(&mut self, flow: Name, attributes: Map) -> Result<String, Failure>;
    /// A log line.
    fn log(&mut self, level: Name, text: String, fields: Map) -> Result<(), Failure>;
}

/// A call that leaves the script: `http::post("…", #{ … })`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function's name, with its module.
    pub function: Name,
    /// Its arguments, options included.
    pub arguments: Vec<Value>,
}

/// What a call gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It was performed, and this came of it.
    Known(Result<Value, Failure>),
    /// It has to be performed first: the script stops here, whatever it does next.
    Stop,
}

/// Why a script or a call failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The error's kind: one of the program's, or the author's own.
    pub kind: Name,
    /// What went wrong.
    pub message: String,
    /// Data that belongs to it.
    pub data: Value,
    /// Where in the script's text (or in the flow's functions), if a script is at fault.
    pub at: Option<ScriptPlace>,
}

impl Failure {
    /// A failure of `kind` with `message`.
    pub fn new(kind: impl Into<Name>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), data: Value::Unit, at: None }
    }
}

/// A place in a script's text, or in the flow's `functions`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScriptPlace {
    /// Whether it stands in `functions` rather than in the script itself.
    pub in_functions: bool,
    /// Line and column, from 1.
    pub at: Position,
}

/// What a body did: the attributes it assigned, by slot, each once.
pub type Assigned = Vec<(usize, Value)>;

/// How a run of a script ended.
#[derive(Debug)]
pub enum Ran<T> {
    /// To its end.
    Done(T),
    /// At a call that has to be performed first. Nothing it did counts.
    Stopped,
    /// It failed. Nothing it did counts.
    Failed(Failure),
}

/// The handle by which a running script reaches outside.
pub type OutsideRef = std::rc::Rc<std::cell::RefCell<dyn Outside>>;

/// A flow's scripting: engine, functions and vocabulary, shared by all of its scripts.
#[derive(Clone)]
pub struct Expressions;

/// A compiled script. Cheap to clone, used by all tasks and threads.
#[derive(Clone)]
pub struct Script;

impl Expressions {
    /// Prepares the scripting of a flow; `functions` is its `functions:` text.
    pub fn new(vocabulary: Vocabulary, functions: Option<&str>) -> (Self, Vec<ScriptFinding>) {
        let _ = (vocabulary, functions);
        todo!("expression room")
    }

    /// Compiles a script. All findings at once.
    pub fn compile(&self, text: &str, role: Role) -> Result<Script, Vec<ScriptFinding>> {
        let _ = (text, role);
        todo!("expression room")
    }
}

impl Script {
    /// Evaluates a condition; anything but true or false is a failure of kind `script`.
    pub fn condition(&self, scope: &dyn Scope, outside: Option<&OutsideRef>) -> Ran<bool> {
        let _ = (scope, outside);
        todo!("expression room")
    }

    /// Evaluates to a value.
    pub fn value(&self, scope: &dyn Scope, outside: Option<&OutsideRef>) -> Ran<Value> {
        let _ = (scope, outside);
        todo!("expression room")
    }

    /// Runs a body and gives what it assigned.
    pub fn run(&self, scope: &dyn Scope, outside: Option<&OutsideRef>) -> Ran<Assigned> {
        let _ = (scope, outside);
        todo!("expression room")
    }

    /// Whether it calls anything that needs an [`Outside`]: the clock, chance, log, start, capabilities, effects.
    pub fn reaches_outside(&self) -> bool {
        todo!("expression room")
    }

    /// Whether its outcome may change though nothing happened to the task: it reads the clock or chance, or calls a
    /// function of the embedding program.
    pub fn may_change_by_itself(&self) -> bool {
        todo!("expression room")
    }

    /// The variables of the language it mentions.
    pub fn variables(&self) -> &[Variable] {
        todo!("expression room")
    }

    /// The flows it starts by a literal name, directly or in the flow's functions.
    pub fn started_flows(&self) -> &[StartedFlow] {
        todo!("expression room")
    }
}

/// A flow that a script starts by a literal name: `start("publish", #{ article: a })`.
#[derive(Clone, Debug, PartialEq)]
pub struct StartedFlow {
    /// The flow's name.
    pub flow: Name,
    /// The attributes given, where a literal map gives them.
    pub given: Option<Vec<Name>>,
    /// Where the name stands in the script's text.
    pub at: ScriptPlace,
}
