//! What a running script reads, and how it reaches outside itself.

use std::cell::Cell;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::value::{Map, Value};

use super::{Failure, Variable};

/// What a script reads. Only what it mentions is asked for.
pub(crate) trait Scope {
    /// The attribute in `slot`.
    fn attribute(&self, slot: usize) -> &Value;
    /// A variable of the language. `()` for one that has no meaning here.
    fn variable(&self, variable: Variable) -> Value;
    /// The operations that are left for all that is evaluated here; none if each run has its own.
    fn operations_left(&self) -> Option<&Cell<u64>> {
        None
    }
    /// A script has assigned the attribute in `slot`. It may be secret, and the script fail.
    fn assigned(&self, slot: usize, value: &Value) {
        let _ = (slot, value);
    }
}

/// How a running script reaches outside itself. Implemented by the interpreter; shared, because Rhai's functions live
/// as long as the engine.
pub(crate) trait Outside {
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
pub(crate) struct Call {
    /// The function's name, with its module.
    pub function: Name,
    /// Its arguments, options included.
    pub arguments: Vec<Value>,
}

/// What a call gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It was performed, and this came of it.
    Known(Result<Value, Failure>),
    /// No more can be called: a bound that no `catch` catches.
    Limit(Failure),
    /// It has to be performed first: the script stops here, whatever it does next.
    Stop,
}

/// The handle by which a running script reaches outside.
pub(crate) type OutsideRef = std::rc::Rc<std::cell::RefCell<dyn Outside>>;
