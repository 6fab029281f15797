//! The options of a capability's functions: a map with known keys and typed values.

use std::ops::RangeInclusive;

use crate::duration::Duration;
use crate::expression::{Argument, Function};
use crate::name::{Name, nearest};
use crate::task::StepFailure;
use crate::value::{Map, Value};

/// The longest time limit that a call may ask for.
pub(super) const MAX_TIME_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// The options given to a function. An option that is `()` counts as not given.
pub(super) struct Options<'a> {
    function: &'a str,
    given: Option<&'a Map>,
}

impl<'a> Options<'a> {
    /// Reads the options of `function`; the `known` ones are allowed.
    pub(super) fn read(
        function: &'a str,
        given: Option<&'a Value>,
        known: &[(&'static str, Argument)],
    ) -> Result<Self, StepFailure> {
        let given = match given {
            None | Some(Value::Unit) => None,
            Some(Value::Map(map)) => Some(&**map),
            Some(other) => {
                let message = format!("`{function}` takes its options as a map, but was given a {}", other.type_name());
                return Err(StepFailure::script(message));
            }
        };
        let is_known = |name: &Name| known.iter().any(|(known, _)| *name == *known);
        match given.into_iter().flat_map(Map::keys).find(|name| !is_known(name)) {
            None => Ok(Self { function, given }),
            Some(unknown) => Err(no_option(function, unknown, known)),
        }
    }

    /// The option `name` as given.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.given?.get(name).filter(|value| !value.is_unit())
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, StepFailure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.wrong(name, "a string", value))
    }

    /// A whole number within `range`.
    pub(super) fn number(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, StepFailure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        self.in_range(name, value, &range).map(Some)
    }

    /// One whole number or a list of them, each within `range`.
    pub(super) fn numbers(&self, name: &str, range: RangeInclusive<i64>) -> Result<Vec<i64>, StepFailure> {
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::List(items)) => items.iter().map(|item| self.in_range(name, item, &range)).collect(),
            Some(value) => Ok(vec![self.in_range(name, value, &range)?]),
        }
    }

    /// A time limit: a duration, a text like `5s`, or a number of seconds.
    pub(super) fn time_limit(&self, name: &str) -> Result<Option<Duration>, StepFailure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let limit = match value {
            Value::Duration(duration) => Some(*duration),
            Value::Text(text) => text.parse().ok(),
            Value::Integer(seconds) => Some(Duration::from_secs(*seconds)),
            Value::Float(seconds) => Some(Duration::from_millis((seconds * 1000.0) as i64)),
            Value::Number(seconds) => Some(Duration::from_millis((seconds.as_f64() * 1000.0) as i64)),
            _ => None,
        };
        match limit {
            Some(limit) if limit > Duration::ZERO && limit <= MAX_TIME_LIMIT => Ok(Some(limit)),
            Some(_) => {
                let message = format!("above zero and at most {MAX_TIME_LIMIT} (MAX_TIME_LIMIT)");
                Err(StepFailure::script(format!("`{name}` of `{}` is {message}", self.function)))
            }
            None => Err(self.wrong(name, "a duration like `\"30s\"` or a number of seconds", value)),
        }
    }

    /// A map of plain values as texts. A list repeats its name, if `lists` allows it.
    pub(super) fn texts(&self, name: &str, lists: bool) -> Result<Vec<(&'a str, String)>, StepFailure> {
        let map = match self.value(name) {
            None => return Ok(Vec::new()),
            Some(Value::Map(map)) => map,
            Some(other) => return Err(self.wrong(name, "a map", other)),
        };
        let mut texts = Vec::new();
        for (key, value) in map.iter() {
            let values = match value {
                Value::List(items) if lists => items.as_slice(),
                Value::Unit => continue,
                single => std::slice::from_ref(single),
            };
            for value in values {
                let text = plain_text(value).ok_or_else(|| self.wrong(&format!("{name}.{key}"), "a string", value))?;
                texts.push((key.as_str(), text));
            }
        }
        Ok(texts)
    }

    /// The failure for an option that is not what was `expected`.
    pub(super) fn wrong(&self, name: &str, expected: &str, value: &Value) -> StepFailure {
        let given = value.type_name();
        StepFailure::script(format!("`{name}` of `{}` should be {expected}, but is of type {given}", self.function))
    }

    fn in_range(&self, name: &str, value: &Value, range: &RangeInclusive<i64>) -> Result<i64, StepFailure> {
        let (least, most) = range.clone().into_inner();
        match value {
            Value::Integer(number) if range.contains(number) => Ok(*number),
            Value::Integer(number) => {
                let message = format!("should be from {least} to {most}, but is {number}");
                Err(StepFailure::script(format!("`{name}` of `{}` {message}", self.function)))
            }
            other => Err(self.wrong(name, "a whole number", other)),
        }
    }
}

/// The failure that a function was given another number of arguments than it takes.
pub(super) fn wrong_number(function: &Function, given: usize) -> StepFailure {
    let (least, most) = function.arity.clone().into_inner();
    let takes = if least == most { least.to_string() } else { format!("{least} to {most}") };
    StepFailure::script(format!("`{}` takes {takes} arguments, but was given {given}", function.name))
}

fn no_option(function: &str, name: &str, known: &[(&'static str, Argument)]) -> StepFailure {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let advice = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are `{}`", names.join("`, `")),
    };
    StepFailure::script(format!("`{function}` has no option `{name}`; {advice}"))
}

/// The text argument `position` (from 0) of `function`, called `name` in messages.
pub(super) fn text_argument<'a>(
    function: &str,
    arguments: &'a [Value],
    position: usize,
    name: &str,
) -> Result<&'a str, StepFailure> {
    let value = arguments.get(position).unwrap_or(&Value::Unit);
    value.as_str().ok_or_else(|| {
        let given = value.type_name();
        StepFailure::script(format!("`{function}` takes its {name} as a string, but was given a value of type {given}"))
    })
}

/// A plain value as text; none for lists, maps and `()`.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::Unit | Value::List(_) | Value::Map(_) => None,
        plain => Some(plain.to_text()),
    }
}
