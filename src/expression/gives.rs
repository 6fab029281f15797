//! What functions give, as far as that is known: a mock gives nothing else.

use crate::name::{Name, nearest};
use crate::value::{Map, Value};

use super::run::described;

/// What a function gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gives {
    /// Anything.
    Any,
    /// `()`.
    Nothing,
    /// `true` or `false`.
    Boolean,
    /// A text.
    Text,
    /// A text, or `()`.
    TextOrNothing,
    /// A list of texts.
    Texts,
    /// A map of texts, by names in lower case.
    Headers,
    /// A whole number within bounds.
    Number(i64, i64),
    /// A map of these fields.
    Fields(&'static [(&'static str, Gives)]),
}

/// A part of a result that a function never gives.
#[derive(Debug)]
pub(crate) struct Misfit<'a> {
    /// The field that it is about; none if it is the whole.
    pub(crate) field: Option<&'a str>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl Gives {
    /// What in `value` the function never gives. Fields may be left out, and the whole map too.
    pub(crate) fn misfits<'a>(&self, function: &str, value: &'a Value) -> Vec<Misfit<'a>> {
        match (self, value) {
            (Self::Fields(_), Value::Unit) => Vec::new(),
            (Self::Fields(fields), Value::Map(map)) => in_map(function, fields, map),
            _ => self.misfit(&format!("`{function}` gives"), None, value).into_iter().collect(),
        }
    }

    /// The result that stands for `value`: a map that was left out is empty, and of a function that gives nothing, any
    /// value says only that it ends well.
    pub(crate) fn filled(&self, value: Value) -> Value {
        match (self, value) {
            (Self::Nothing, _) => Value::Unit,
            (Self::Fields(_), Value::Unit) => Value::Map(Map::new().into()),
            (_, value) => value,
        }
    }

    fn misfit<'a>(&self, gives: &str, field: Option<&'a str>, value: &Value) -> Option<Misfit<'a>> {
        if self.fits(value) {
            return None;
        }
        let found = match (self, value) {
            (Self::Number(..), Value::Integer(number)) => number.to_string(),
            (Self::Texts, Value::List(_)) | (Self::Headers, Value::Map(_)) => "other values in it".to_owned(),
            _ => described(value.type_name()),
        };
        let help = match (self, value) {
            (Self::Texts, Value::Text(_)) => {
                Some("a list of answers answers call by call; give a list in a list: `[[a, b]]`".to_owned())
            }
            (
                Self::Text | Self::TextOrNothing,
                Value::Integer(_) | Value::Float(_) | Value::Number(_) | Value::Boolean(_),
            ) => Some("quote it, so that it is a string".to_owned()),
            _ => None,
        };
        Some(Misfit { field, message: format!("{gives} {}, found {found}", self.described()), help })
    }

    fn fits(&self, value: &Value) -> bool {
        let is_text = |value: &Value| matches!(value, Value::Text(_));
        match (self, value) {
            (Self::Any | Self::Nothing, _)
            | (Self::TextOrNothing, Value::Unit)
            | (Self::Boolean, Value::Boolean(_))
            | (Self::Text | Self::TextOrNothing, Value::Text(_)) => true,
            (Self::Texts, Value::List(items)) => items.iter().all(is_text),
            (Self::Headers, Value::Map(map)) => map.iter().all(|(name, text)| is_lower(name) && is_text(text)),
            (Self::Number(least, most), Value::Integer(number)) => (least..=most).contains(&number),
            (Self::Fields(_), Value::Map(_)) => true,
            _ => false,
        }
    }

    fn described(&self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Nothing => "`()`".to_owned(),
            Self::Boolean => "a boolean".to_owned(),
            Self::Text => "a string".to_owned(),
            Self::TextOrNothing => "a string or `()`".to_owned(),
            Self::Texts => "a list of strings".to_owned(),
            Self::Headers => "a map of strings by names in lower case".to_owned(),
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::Fields(fields) => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                format!("a map of `{}`", names.join("`, `"))
            }
        }
    }
}

fn is_lower(name: &Name) -> bool {
    !name.contains(char::is_uppercase)
}

fn in_map<'a>(function: &str, fields: &[(&'static str, Gives)], map: &'a Map) -> Vec<Misfit<'a>> {
    let wrong = |(name, value): (&'a Name, &Value)| {
        let field = name.as_str();
        match fields.iter().find(|(known, _)| *known == field) {
            Some((_, gives)) => gives.misfit(&format!("`{field}` of `{function}` is"), Some(field), value),
            None => {
                let names: Vec<&str> = fields.iter().map(|(known, _)| *known).collect();
                let help = match nearest(field, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are `{}`", names.join("`, `")),
                };
                Some(Misfit {
                    field: Some(field),
                    message: format!("`{function}` gives no `{field}`"),
                    help: Some(help),
                })
            }
        }
    };
    map.iter().filter_map(wrong).collect()
}
