//! What a task or an interaction is given: `--set name=value`, read as the attribute's type, over `--input`.

use std::path::PathBuf;

use clap::Args;

use crate::name::Name;
use crate::task::AttributeSet;
use crate::value::{Map, Type, Value};

use super::exit::Failure;
use super::input;

/// The options that give values.
#[derive(Args, Debug, Default)]
pub(super) struct Given {
    /// Give an attribute its value, read as its type; may be repeated, and wins over `--input`
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// A file with a JSON object of values; `-` reads stdin
    #[arg(long, value_name = "FILE|-")]
    input: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

impl Given {
    /// All that was given. Names that `attributes` does not know stand here too, for the rules to refuse.
    pub(super) fn read(&self, attributes: &AttributeSet) -> Result<Map, Failure> {
        let mut given = match &self.input {
            Some(file) => input::read(file)?,
            None => Map::new(),
        };
        let mut seen: Vec<&str> = Vec::new();
        for (name, text) in &self.set {
            if seen.contains(&name.as_str()) {
                return Err(Failure::usage(format!("`{name}` is set twice")).with_help("set each name once"));
            }
            seen.push(name);
            given.insert(Name::new(name), value(name, text, attributes)?);
        }
        Ok(given)
    }
}

/// A text of the command line as its attribute's type.
fn value(name: &str, text: &str, attributes: &AttributeSet) -> Result<Value, Failure> {
    let Some(attribute) = attributes.slot(name).and_then(|slot| attributes.get(slot)) else {
        return Ok(Value::text(text));
    };
    let kind = attribute.rules.kind;
    let quoted = if attribute.rules.secret { "[secret]".to_owned() } else { format!("`{text}`") };
    match kind {
        Type::List | Type::Map | Type::Ref | Type::Refs => input::json(text).map_err(|why| {
            Failure::usage(format!("`{name}` is {quoted}, which is no JSON for a `{kind}`: {}", why.message))
                .with_help(example(kind, name))
        }),
        Type::Any if input::is_json(text) => {
            input::json(text).map_err(|why| Failure::usage(format!("`{name}` is {quoted}: {}", why.message)))
        }
        Type::Integer | Type::Float | Type::Boolean => match input::json(text.trim()) {
            Ok(value @ (Value::Integer(_) | Value::Float(_) | Value::Boolean(_))) => Ok(value),
            Err(why) if why.is_too_large => Err(Failure::usage(format!("`{name}`: {}", why.message))),
            _ => Ok(Value::text(text)),
        },
        _ => Ok(Value::text(text)),
    }
}

fn example(kind: Type, name: &str) -> String {
    let value = match kind {
        Type::List => r#"["a","b"]"#,
        Type::Map => r#"{"a":1}"#,
        Type::Refs => r#"[{"type":"order","id":"17"}]"#,
        _ => r#"{"type":"order","id":"17"}"#,
    };
    format!("write it like `--set '{name}={value}'`")
}
