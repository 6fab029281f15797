//! What a task or an interaction is given: `--set name=value`, read as the attribute's type, over `--input`.

use std::path::PathBuf;

use clap::Args;

use crate::name::Name;
use crate::task::{Attribute, AttributeSet, Rules};
use crate::value::{Map, Type, Value};

use super::exit::Failure;
use super::input;

/// Fields of a map that an example shows.
const MAX_FIELDS: usize = 3;

/// The options that give values.
#[derive(Args, Debug, Default)]
pub(super) struct Given {
    /// A value by its name, read as its type; may be repeated, and wins over `--input`
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
    /// All that was given to `subject`. Names that `attributes` does not know stand here too, for the rules to refuse.
    pub(super) fn read(&self, attributes: &AttributeSet, subject: &str) -> Result<Map, Failure> {
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
        // A name that nobody knows may be one of those that are missing, misspelt: the rules say so.
        if given.keys().all(|name| attributes.slot(name).is_some()) {
            all_there(&given, attributes, subject)?;
        }
        Ok(given)
    }
}

/// Refuses what lacks a value that must be given, and names all that are missing.
fn all_there(given: &Map, attributes: &AttributeSet, subject: &str) -> Result<(), Failure> {
    let is_wanted = |attribute: &&Attribute| {
        let is_given = given.get(&attribute.name).is_some_and(|value| !value.is_unit());
        attribute.rules.required && attribute.default.is_none() && !is_given
    };
    let missing: Vec<&Name> = attributes.iter().filter(is_wanted).map(|attribute| &attribute.name).collect();
    let quoted: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let (names, verb) = match quoted.as_slice() {
        [] => return Ok(()),
        [name] => (name.clone(), "is required, but has no value"),
        [first @ .., last] => (format!("{} and {last}", first.join(", ")), "are required, but have no value"),
    };
    let set: Vec<String> = missing.iter().map(|name| format!("--set {name}=…")).collect();
    let it = if set.len() == 1 { "it" } else { "them" };
    Err(Failure::usage(format!("{subject}: {names} {verb}")).with_help(format!("give {it} as `{}`", set.join(" "))))
}

/// A text of the command line as its attribute's type.
fn value(name: &str, text: &str, attributes: &AttributeSet) -> Result<Value, Failure> {
    let Some(attribute) = attributes.slot(name).and_then(|slot| attributes.get(slot)) else {
        return Ok(Value::text(text));
    };
    let kind = attribute.rules.kind;
    let quoted = if attribute.rules.holds_secret() { "[secret]".to_owned() } else { format!("`{text}`") };
    match kind {
        Type::List | Type::Map | Type::Ref | Type::Refs => input::json(text).map_err(|why| {
            // What was expected is said here in more words than the reader of JSON has.
            let says_nothing = matches!(why.message.as_str(), "expected value" | "expected ident");
            let detail = if says_nothing || attribute.rules.holds_secret() {
                String::new()
            } else {
                format!(" ({})", why.message)
            };
            Failure::usage(format!("`{name}` is {quoted}; a `{kind}` was expected, as JSON{detail}"))
                .with_help(format!("write it like `--set '{name}={}'`", example(&attribute.rules)))
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

/// A value as JSON that the type and the fields would allow, to show its form.
fn example(rules: &Rules) -> String {
    match rules.kind {
        Type::List => match &rules.items {
            Some(items) => format!("[{}]", example(items)),
            None => r#"["a","b"]"#.to_owned(),
        },
        Type::Map => match rules.fields.as_deref() {
            Some(fields) if !fields.is_empty() => {
                let shown = fields.iter().take(MAX_FIELDS);
                let fields = shown.map(|field| format!(r#""{}":{}"#, field.name, example(&field.rules)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }
            _ => r#"{"name":"Ann"}"#.to_owned(),
        },
        Type::Ref => r#"{"type":"order","id":"17"}"#.to_owned(),
        Type::Refs => r#"[{"type":"order","id":"17"}]"#.to_owned(),
        Type::Boolean => "true".to_owned(),
        Type::Integer => "1".to_owned(),
        Type::Float => "1.5".to_owned(),
        Type::Decimal => r#""1.50""#.to_owned(),
        Type::Date => r#""2026-11-21""#.to_owned(),
        Type::Datetime => r#""2026-11-21T09:00:00Z""#.to_owned(),
        Type::Duration => r#""1h""#.to_owned(),
        _ => r#""Ann""#.to_owned(),
    }
}
