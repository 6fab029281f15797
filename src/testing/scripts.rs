//! Scripts of mocks: they see `args`, and reach only the clock and random values.

use std::cell::RefCell;
use std::rc::Rc;

use crate::clock::Timestamp;
use crate::expression::{Answer, Call, Failure, Outside, OutsideRef, Ran, Scope, Variable};
use crate::flow::PlacedScript;
use crate::interpreter::chance;
use crate::name::Name;
use crate::value::{Map, Value};

/// What a mock's script sees.
struct Args(Value);

impl Scope for Args {
    fn attribute(&self, _slot: usize) -> &Value {
        &self.0
    }

    fn variable(&self, _variable: Variable) -> Value {
        Value::Unit
    }
}

/// How a mock's script reaches outside: time stands still, and random values derive from the call.
struct Still {
    now: Timestamp,
    seed: String,
    draws: u64,
}

impl Outside for Still {
    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn random_bits(&mut self) -> u128 {
        self.draws += 1;
        chance(&self.seed, self.draws)
    }

    fn call(&mut self, call: Call) -> Answer {
        Answer::Known(Err(Failure::new("script", format!("the script of a mock calls `{}`", call.function))))
    }

    fn start(&mut self, flow: Name, _attributes: Map) -> Result<String, Failure> {
        Err(Failure::new("script", format!("the script of a mock starts `{flow}`")))
    }

    fn log(&mut self, _level: Name, _text: String, _fields: Map) -> Result<(), Failure> {
        Ok(())
    }
}

/// The result of the script for `args`.
pub(super) fn run(script: &PlacedScript, args: Value, now: Timestamp, seed: String) -> Result<Value, Failure> {
    let outside: OutsideRef = Rc::new(RefCell::new(Still { now, seed, draws: 0 }));
    match script.script.value(&Args(args), Some(&outside)) {
        Ran::Done(value) => Ok(value),
        Ran::Failed(failure) => Err(failure),
        Ran::Stopped => Err(Failure::new("script", "the script of a mock calls something")),
    }
}
