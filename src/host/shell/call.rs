//! A call, read from its arguments.

use crate::duration::Duration;
use crate::mask::masked;
use crate::task::StepFailure;
use crate::value::Value;

use super::super::grants::check_program;
use super::super::known::{self, MAX_EXIT};
use super::super::options::{Options, plain_text, text_argument};
use super::TIME_LIMIT;

const RUN: &str = "shell::run";

/// Variables that make the system's loader run code other than the granted program.
const LOADER_VARIABLES: [&str; 2] = ["LD_", "DYLD_"];

/// A program to run.
pub(in super::super) struct Call<'a> {
    pub(super) program: &'a str,
    pub(super) arguments: Vec<String>,
    /// Statuses other than 0 that count as success.
    pub(super) accept: Vec<i64>,
    pub(super) folder: Option<&'a str>,
    pub(super) variables: Vec<(&'a str, String)>,
    pub(super) input: Option<&'a str>,
    time_limit: Option<Duration>,
}

impl<'a> Call<'a> {
    /// Reads the arguments of `shell::run`. The list of arguments before the options may be left out.
    pub(in super::super) fn read(given: &'a [Value]) -> Result<Self, StepFailure> {
        let (list, options) = match given {
            [_, options @ Value::Map(_)] => (None, Some(options)),
            [_, list, options] => (Some(list), Some(options)),
            [_, list] => (Some(list), None),
            _ => (None, None),
        };
        let options = Options::read(RUN, options, known::SHELL)?;
        Ok(Self {
            program: program(given)?,
            arguments: arguments(list)?,
            accept: options.numbers("accept", 0..=MAX_EXIT)?,
            folder: options.text("dir")?,
            variables: variables(&options)?,
            input: options.text("stdin")?,
            time_limit: options.time_limit("timeout")?,
        })
    }

    /// How long it may take.
    pub(in super::super) fn time_limit(&self) -> Duration {
        self.time_limit.unwrap_or(TIME_LIMIT)
    }
}

fn program(given: &[Value]) -> Result<&str, StepFailure> {
    let program = text_argument(RUN, given, 0, "program")?;
    let wrong = |why| StepFailure::new("shell", format!("`{RUN}` cannot run `{}`: {why}", masked(program)));
    check_program(program).map_err(wrong).map(|()| program)
}

fn arguments(list: Option<&Value>) -> Result<Vec<String>, StepFailure> {
    let wrong = |what: &str, value: &Value| {
        let given = value.type_name();
        StepFailure::script(format!("`{RUN}` takes {what}, but was given a value of type {given}"))
    };
    let items = match list {
        None | Some(Value::Unit) => return Ok(Vec::new()),
        Some(Value::List(items)) => items,
        Some(other) => return Err(wrong("its arguments as a list", other)),
    };
    let texts = items.iter().map(|item| plain_text(item).ok_or_else(|| wrong("strings as arguments", item)));
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    match texts.iter().position(|text| text.contains('\0')) {
        Some(at) => Err(StepFailure::script(format!("argument {} of `{RUN}` holds a zero character", at + 1))),
        None => Ok(texts),
    }
}

fn variables<'a>(options: &Options<'a>) -> Result<Vec<(&'a str, String)>, StepFailure> {
    let variables = options.texts("env", false)?;
    for (name, text) in &variables {
        if LOADER_VARIABLES.iter().any(|prefix| name.starts_with(prefix)) {
            let message = format!("`{RUN}` may not set `{name}`: it would run other code than the program granted");
            return Err(StepFailure::new("denied", message));
        }
        if name.is_empty() || name.contains(['=', '\0']) || text.contains('\0') {
            return Err(StepFailure::script(format!(
                "`{name}` in `env` of `{RUN}` is not a valid environment variable"
            )));
        }
    }
    Ok(variables)
}
