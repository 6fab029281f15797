//! Tests of what attributes may hold.

mod attributes;
mod messages;
pub(in crate::task) mod properties;
mod rules;
mod secrets;
mod types;

use super::rules::{Attribute, Pattern, Rules};
use crate::value::{Stored, Type, Value};

/// The value that `json` is.
fn json(json: serde_json::Value) -> Value {
    Value::from_json(&json).unwrap()
}

/// The value that `text` is as `kind`.
fn typed(kind: Type, text: &str) -> Value {
    Value::from_text(kind, text).unwrap_or_else(|| panic!("`{text}` is no {kind}"))
}

/// A type without further rules.
fn of(kind: Type) -> Rules {
    Rules { kind, ..Rules::default() }
}

fn list_of(items: Rules) -> Rules {
    Rules { items: Some(Box::new(items)), ..of(Type::List) }
}

fn map_of(fields: Vec<Attribute>) -> Rules {
    Rules { fields: Some(fields), ..of(Type::Map) }
}

fn field(name: &str, rules: Rules) -> Attribute {
    Attribute { name: name.into(), rules, default: None }
}

fn pattern(pattern: &str) -> Option<Pattern> {
    Some(Pattern::new(pattern).unwrap())
}

/// Reads and checks, as at the start of a task: the value as it is kept, or the message.
fn given(rules: &Rules, value: &Value) -> Result<Value, String> {
    let read = rules.read(value).map_err(|why| why.to_string())?;
    rules.check(&read).map_err(|why| why.to_string())?;
    Ok(read)
}

/// The outcome of a handler: the value as it is stored, or the message.
fn left(rules: &Rules, value: &Value) -> Result<Value, String> {
    rules.settle(value).map_err(|why| why.to_string())
}

#[test]
fn causes_and_statuses_print_as_in_json() {
    use super::{Cause, Status};
    for cause in Cause::ALL {
        assert_eq!(serde_json::json!(cause), cause.to_string());
    }
    for status in Status::ALL {
        assert_eq!(serde_json::json!(status), status.to_string());
    }
}
