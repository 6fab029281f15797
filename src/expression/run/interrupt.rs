//! Why a run stops.

use crate::name::Name;
use crate::value::Value;

use super::super::code::At;
use super::super::{Failure, ScriptPlace};
use super::{Machine, Operand};

/// What ends the evaluation of a piece of code early.
#[derive(Debug)]
pub(in super::super) enum Interrupt {
    /// It failed; `catch` may catch it.
    Failed(Failure),
    /// It exceeded a limit. Nothing catches that.
    Limit(Failure),
    /// A call must be performed first. Nothing catches that.
    Stopped,
    /// `break`
    Break(Operand),
    /// `continue`
    Continue,
    /// `return`
    Return(Operand),
}

/// What an evaluation gives.
pub(in super::super) type Eval<T = Operand> = Result<T, Box<Interrupt>>;

/// The kind of errors in a script.
pub(super) const SCRIPT: &str = "script";

/// The longest value that a message quotes, in characters.
const MAX_QUOTED: usize = 80;

/// A failure of kind `script`.
pub(in super::super) fn failed(message: impl Into<String>) -> Box<Interrupt> {
    Box::new(Interrupt::Failed(Failure::new(SCRIPT, message)))
}

/// A limit that was exceeded.
pub(in super::super) fn limit(what: &str, bound: impl std::fmt::Display, name: &str) -> Box<Interrupt> {
    Box::new(Interrupt::Limit(Failure::new("limit", format!("{what} ({name}: {bound})"))))
}

/// A value in a message, shortened.
pub(in super::super) fn quoted(value: &Value) -> String {
    // Lists and maps may be large, and their text larger.
    let text = match value {
        Value::List(_) | Value::Map(_) => return format!("a {}", value.type_name()),
        Value::Unit => return "`()`".to_owned(),
        Value::Text(text) => format!("\"{text}\""),
        other => other.to_text(),
    };
    // A secret that was cut would not be recognised any more.
    let text = crate::mask::masked(&text);
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

impl From<Failure> for Box<Interrupt> {
    fn from(failure: Failure) -> Self {
        Self::new(Interrupt::Failed(failure))
    }
}

impl Interrupt {
    /// Says which attribute a limit concerns.
    pub(super) fn about(mut self: Box<Self>, attribute: &Name) -> Box<Self> {
        if let Self::Failed(failure) | Self::Limit(failure) = &mut *self {
            failure.message = format!("attribute `{attribute}`: {}", failure.message);
        }
        self
    }
}

impl Machine<'_> {
    /// Adds the place to a failure that has none.
    pub(super) fn placed(&self, mut stop: Box<Interrupt>, at: At) -> Box<Interrupt> {
        if let Interrupt::Failed(failure) | Interrupt::Limit(failure) = &mut *stop
            && failure.at.is_none()
        {
            let in_functions = self.frames.last().is_some_and(|frame| frame.in_functions);
            failure.at = Some(ScriptPlace { in_functions, at: at.position() });
        }
        stop
    }

    /// The failure for a thrown value: an error map keeps its kind, anything else is the message.
    pub(super) fn thrown(&mut self, value: &Value) -> Eval<Failure> {
        if let Value::Map(map) = value
            && (map.contains_key("kind") || map.contains_key("message"))
        {
            let kind = self.text_of(map.get("kind").unwrap_or(&Value::Unit))?;
            let message = self.text_of(map.get("message").unwrap_or(&Value::Unit))?;
            let data = map.get("data").cloned().unwrap_or_default();
            self.may_be_kind(&kind)?;
            self.may_leave(&data, "`data` of an error")?;
            let kind = if kind.is_empty() { Name::from(SCRIPT) } else { Name::from(kind) };
            return Ok(Failure { kind, message, data, at: None });
        }
        Ok(Failure::new(SCRIPT, self.text_of(value)?))
    }

    /// A value as text, unless that is too long.
    pub(super) fn text_of(&mut self, value: &Value) -> Eval<String> {
        let mut text = String::new();
        self.push_text(&mut text, value)?;
        Ok(text)
    }

    /// The value of `e` in `catch (e)`.
    pub(super) fn caught(&self, failure: Failure) -> Value {
        let Failure { kind, message, data, .. } = failure;
        let mut error = vec![("kind", Value::text(&kind)), ("message", Value::from(message)), ("data", data)];
        let task = self.scope.variable(super::super::Variable::Task);
        for part in ["state", "attempt"] {
            if let Some(value) = task.get(part) {
                error.push((part, value.clone()));
            }
        }
        Value::map(error)
    }
}
