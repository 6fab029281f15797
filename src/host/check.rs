//! What a call comes to before anything is reached, and what an answer means for it. Tests mock what lies between.

use crate::duration::Duration;
use crate::expression::Function;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::options::{Options, wrong_number};

/// A call whose arguments are right, read once.
pub(crate) struct Checked<'a> {
    function: &'a Function,
    call: Call<'a>,
}

/// What its arguments say.
enum Call<'a> {
    #[cfg(feature = "http")]
    Http(Box<super::http::Request>),
    #[cfg(feature = "shell")]
    Shell(super::shell::Call<'a>),
    #[cfg(feature = "files")]
    Files,
    /// Nothing that matters for the answer.
    Other(std::marker::PhantomData<&'a ()>),
}

impl<'a> Checked<'a> {
    /// Reads a call of `function` with these arguments: the failure with which it would end before it reaches anything.
    /// What an embedding program's own functions take is not known.
    pub(crate) fn read(function: &'a Function, arguments: &'a [Value]) -> Result<Self, StepFailure> {
        if !function.arity.contains(&arguments.len()) {
            return Err(wrong_number(function, arguments.len()));
        }
        let other = Call::Other(std::marker::PhantomData);
        let call = match standard(function) {
            #[cfg(feature = "http")]
            Some(("http", inner)) => Call::Http(Box::new(super::http::Request::read(inner, arguments)?)),
            #[cfg(feature = "shell")]
            Some(("shell", _)) => Call::Shell(super::shell::Call::read(arguments)?),
            #[cfg(feature = "files")]
            Some(("files", inner)) => super::files::Call::read(inner, arguments).map(|_| Call::Files)?,
            Some(("env", _)) => super::env::variable(arguments).map(|_| other)?,
            Some(_) => other,
            None => {
                if let Some(known) = function.takes.options {
                    let options = arguments.get(function.arity.end().saturating_sub(1));
                    Options::read(&function.name, options, known)?;
                }
                other
            }
        };
        Ok(Self { function, call })
    }

    /// What the call gives to which a service or a program answers like this: a failure, if its status is one.
    pub(crate) fn judged(&self, answer: Value) -> Outcome {
        match (&self.call, answer.get("status")) {
            #[cfg(feature = "http")]
            (Call::Http(request), Some(Value::Integer(status))) => match u16::try_from(*status) {
                Ok(status) => super::http::judged(request, status, answer),
                Err(_) => Ok(answer),
            },
            #[cfg(feature = "shell")]
            (Call::Shell(call), Some(Value::Integer(status))) => super::shell::judged(call, *status, answer),
            _ => Ok(answer),
        }
    }

    /// What becomes of the call if it would take `takes`: nothing, if that is within its time limit; else the limit, and
    /// the failure.
    pub(crate) fn cut_off(&self, takes: Duration) -> Option<(Duration, StepFailure)> {
        let limit: Duration = match &self.call {
            #[cfg(feature = "http")]
            Call::Http(request) => Some(request.time_limit()),
            #[cfg(feature = "shell")]
            Call::Shell(call) => Some(call.time_limit()),
            #[cfg(feature = "files")]
            Call::Files => Some(super::files::TIME_LIMIT),
            Call::Other(_) => None,
        }?;
        let (module, _) = standard(self.function)?;
        (takes > limit).then(|| (limit, StepFailure::too_late(module, &self.function.name, limit)))
    }
}

/// Module and name of a function that comes with the program.
fn standard(function: &Function) -> Option<(&str, &str)> {
    if function.takes.arguments.is_empty() { None } else { function.name.split_once("::") }
}
