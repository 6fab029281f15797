//! What a running script reads, and how it reaches outside.

use std::cell::Cell;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::value::{Map, Value};

use super::{Failure, Variable};

/// What a script reads. Only what it uses is asked for.
pub(crate) trait Scope {
    /// The attribute in `slot`.
    fn attribute(&self, slot: usize) -> &Value;
    /// A variable of the language; `()` if it has no meaning here.
    fn variable(&self, variable: Variable) -> Value;
    /// The operations left for everything evaluated here; none if each run has its own.
    fn operations_left(&self) -> Option<&Cell<u64>> {
        None
    }
    /// Why a script that mentions these variables cannot run, if it cannot.
    fn refusal(&self, variables: &[Variable]) -> Option<Failure> {
        let _ = variables;
        None
    }
    /// Told when a script assigns the attribute in `slot`: it may be secret, and the script may still fail.
    fn assigned(&self, slot: usize, value: &Value) {
        let _ = (slot, value);
    }
}

/// How a running script reaches outside. The interpreter implements it. It is shared, because Rhai's functions live as
/// long as the engine.
pub(crate) trait Outside {
    /// The time for `now()`.
    fn now(&mut self) -> Timestamp;
    /// 128 bits that derive from task, handler, attempt and ordinal.
    fn random_bits(&mut self) -> u128;
    /// Calls a capability or an effect: returns its stored outcome, or stops the script.
    fn call(&mut self, call: Call) -> Answer;
    /// Starts a sub-task and returns its id.
    fn start(&mut self, flow: Name, attributes: Map) -> Result<String, Failure>;
    /// Writes a log line.
    fn log(&mut self, level: Name, text: String, fields: Map) -> Result<(), Failure>;
}

/// A call that leaves the script: `http::post("…", #{ … })`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// The function's name, with its module.
    pub function: Name,
    /// Its arguments, options included.
    pub arguments: Vec<Value>,
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It was performed before, with this outcome.
    Known(Result<Value, Failure>),
    /// No more calls are allowed: a bound, which no `catch` catches.
    Limit(Failure),
    /// It must be performed first: the script stops here, whatever it does next.
    Stop,
}

/// The handle by which a running script reaches outside.
pub(crate) type OutsideRef = std::rc::Rc<std::cell::RefCell<dyn Outside>>;
