//! What a call comes to before anything is reached, and what an answer means for it. Tests mock what lies between.

use crate::duration::Duration;
use crate::expression::Function;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::options::{Options, text_argument, wrong_number};

/// Whether `function` takes these arguments: the failure with which a call would end before it reaches anything. What an
/// embedding program's own functions take is not known.
pub(crate) fn check_call(function: &Function, arguments: &[Value]) -> Result<(), StepFailure> {
    if !function.arity.contains(&arguments.len()) {
        return Err(wrong_number(function, arguments.len()));
    }
    match standard(function) {
        #[cfg(feature = "http")]
        Some(("http", inner)) => super::http::Request::read(inner, arguments).map(drop),
        #[cfg(feature = "shell")]
        Some(("shell", _)) => super::shell::Call::read(arguments).map(drop),
        #[cfg(feature = "files")]
        Some(("files", inner)) => super::files::Call::read(inner, arguments).map(drop),
        Some(("env", _)) => text_argument(&function.name, arguments, 0, "name").map(drop),
        Some(_) => Ok(()),
        None => match function.takes.options {
            Some(known) => {
                let options = arguments.get(function.arity.end().saturating_sub(1));
                Options::read(&function.name, options, known).map(drop)
            }
            None => Ok(()),
        },
    }
}

/// What a call gives to which a service or a program answers like this: a failure, if its status is one.
#[cfg_attr(
    not(any(feature = "http", feature = "shell")),
    allow(unused_variables, reason = "without these capabilities no answer has a status")
)]
pub(crate) fn judged(function: &Function, arguments: &[Value], answer: Value) -> Outcome {
    let Some(Value::Integer(status)) = answer.get("status").cloned() else { return Ok(answer) };
    match standard(function) {
        #[cfg(feature = "http")]
        Some(("http", inner)) => match u16::try_from(status) {
            Ok(status) => super::http::judged(&super::http::Request::read(inner, arguments)?, status, answer),
            Err(_) => Ok(answer),
        },
        #[cfg(feature = "shell")]
        Some(("shell", _)) => super::shell::judged(&super::shell::Call::read(arguments)?, status, answer),
        _ => Ok(answer),
    }
}

/// What becomes of a call that would take `takes`: none, if that is within its time limit; else the limit, and the failure.
#[cfg_attr(
    not(any(feature = "http", feature = "shell", feature = "files")),
    allow(unused_variables, reason = "without these capabilities no call has a time limit that is known here")
)]
pub(crate) fn cut_off(function: &Function, arguments: &[Value], takes: Duration) -> Option<(Duration, StepFailure)> {
    let (module, inner) = standard(function)?;
    let limit = match module {
        #[cfg(feature = "http")]
        "http" => Some(super::http::time_limit(inner, arguments)),
        #[cfg(feature = "shell")]
        "shell" => Some(super::shell::time_limit(arguments)),
        #[cfg(feature = "files")]
        "files" => Some(super::files::TIME_LIMIT),
        _ => None,
    }?;
    (takes > limit).then(|| (limit, StepFailure::too_late(module, &function.name, limit)))
}

/// Module and name of a function that comes with the program.
fn standard(function: &Function) -> Option<(&str, &str)> {
    if function.takes.arguments.is_empty() { None } else { function.name.split_once("::") }
}
