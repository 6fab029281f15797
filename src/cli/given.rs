//! The values given to a task or an interaction: `--set name=value`, read as the attribute's type, overrides `--input`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::name::Name;
use crate::task::{AttributeSet, Hidden, Invalid, InvalidInput, MISSING, Rules, Secrets};
use crate::value::{Map, Type, Value};

use super::exit::Failure;
use super::input;

/// Fields of a map that an example shows.
const MAX_FIELDS: usize = 3;

/// The options that give values.
#[derive(Args, Debug, Default)]
pub(super) struct Given {
    /// A value by its name, read as its type; `NAME=@FILE` and `NAME=@-` take a file or stdin, `@@` is an `@`; may be repeated, and wins over `--input`
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
    /// All values given to `subject`. Reports everything that is wrong with them, without showing `secrets`, nor the
    /// secrets among what is given.
    pub(super) fn read(&self, attributes: &Arc<AttributeSet>, subject: &str, secrets: Secrets) -> Result<Map, Failure> {
        let holds_secret = !secrets.is_empty() || attributes.iter().any(|attribute| attribute.rules.holds_secret());
        // A secret with a `=` may have been taken apart.
        let pairs: Vec<Value> = self.set.iter().map(|(name, text)| Value::text(format!("{name}={text}"))).collect();
        let hidden = Hidden::new(secrets.of_call(&pairs));
        self.takes_stdin_once(&hidden)?;
        let mut given = match &self.input {
            Some(file) => input::read(file, holds_secret)?,
            None => Map::new(),
        };
        let set = self.set.iter().map(|(name, text)| {
            let text = input::text_of(text).map_err(|failure| unread(failure, name, attributes))?;
            Ok((name.as_str(), text))
        });
        let set = set.collect::<Result<Vec<_>, Failure>>()?;
        given.iter().for_each(|(name, value)| hide(&hidden, name, value, attributes));
        for (name, text) in &set {
            hide(&hidden, name, &Value::text(text), attributes);
            input::json(text).into_iter().for_each(|value| hide(&hidden, name, &value, attributes));
        }
        let (mut seen, mut wrong) = (Vec::<&str>::new(), Vec::new());
        for (name, text) in &set {
            if seen.contains(name) {
                let name = hidden.text((*name).to_owned());
                return Err(Failure::usage(format!("`{name}` is set twice")).with_help("set each name once"));
            }
            seen.push(name);
            match value(name, text, attributes, &hidden) {
                Ok(value) => drop(given.insert(Name::new(*name), value)),
                Err(invalid) => wrong.push(invalid),
            }
        }
        let broken = |name: &str| wrong.iter().any(|invalid: &Invalid| invalid.path == name);
        let rest = match attributes.read(&given) {
            Ok(_) => Vec::new(),
            // A value that could not be read does not count as missing.
            Err(invalid) => invalid.iter().filter(|invalid| !broken(&invalid.path)).cloned().collect(),
        };
        wrong.extend(rest);
        let mut wrong = wrong.into_iter();
        match wrong.next() {
            Some(first) => Err(failure(subject, InvalidInput { first, more: wrong.collect() }, attributes)),
            None => Ok(given),
        }
    }
}

impl Given {
    /// Refuses what would read stdin twice: the second would find nothing there.
    fn takes_stdin_once(&self, hidden: &Hidden) -> Result<(), Failure> {
        let input = self.input.iter().filter(|file| file.as_os_str() == "-").map(|_| "--input -".to_owned());
        let set = self.set.iter().filter(|(_, text)| text == "@-");
        let set = set.map(|(name, _)| hidden.text(format!("--set {name}=@-")));
        match (input.chain(set).take(2).collect::<Vec<_>>()).as_slice() {
            [first, second] => Err(Failure::usage(format!("`{first}` and `{second}` both read stdin"))
                .with_help("give one of them a file, `@FILE`, or one JSON object with all values by `--input -`")),
            _ => Ok(()),
        }
    }
}

/// Everything that is wrong with the values given to `subject`, and how to give missing ones.
fn failure(subject: &str, invalid: InvalidInput, attributes: &AttributeSet) -> Failure {
    let has_value = |name: &str| attributes.slot(name).is_some();
    let is_missing = |invalid: &&Invalid| invalid.reason == MISSING && has_value(&invalid.path);
    let missing: Vec<&str> = invalid.iter().filter(is_missing).map(|invalid| invalid.path.as_str()).collect();
    let set: Vec<String> = missing.iter().map(|name| format!("--set {name}=…")).collect();
    let give = match set.len() {
        0 => None,
        1 => Some(format!("give it as `{}`", set.join(" "))),
        _ => Some(format!("give them as `{}`", set.join(" "))),
    };
    let quoted: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let (message, help) = match (invalid.more.is_empty(), quoted.as_slice()) {
        (true, _) => (invalid.to_string(), invalid.first.help.clone().or(give)),
        (false, [first @ .., last]) if quoted.len() == invalid.more.len() + 1 => (
            format!("{} and {last} {}", first.join(", "), MISSING.replacen("is", "are", 1).replacen("has", "have", 1)),
            give,
        ),
        _ => (lines(&invalid), give),
    };
    let failure = Failure::usage(format!("{subject}: {message}")).of_kind("validation").with_help_if(help);
    Failure { invalid: Some(Box::new(invalid)), ..failure }
}

/// Several errors, each on a line with its advice.
fn lines(invalid: &InvalidInput) -> String {
    let mut text = format!("{} things are wrong", invalid.more.len() + 1);
    for one in invalid.iter() {
        let help = one.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        text += &format!("\n  {one}{help}");
    }
    text
}

/// A failure to read the file of a value. A secret that begins with `@` was perhaps not meant as the name of a file.
fn unread(failure: Failure, name: &str, attributes: &AttributeSet) -> Failure {
    let attribute = attributes.slot(name).and_then(|slot| attributes.get(slot));
    match attribute.is_some_and(|attribute| attribute.rules.holds_secret()) {
        true => Failure { message: Some(format!("the file given for `{name}` cannot be read")), ..failure },
        false => failure,
    }
}

/// Hides what is secret in a value.
fn hide(hidden: &Hidden, name: &str, value: &Value, attributes: &AttributeSet) {
    if let Some(attribute) = attributes.slot(name).and_then(|slot| attributes.get(slot)) {
        hidden.add_value(&attribute.rules, value);
    }
}

/// Reads a text of the command line as its attribute's type.
fn value(name: &str, text: &str, attributes: &AttributeSet, hidden: &Hidden) -> Result<Value, Invalid> {
    let Some(attribute) = attributes.slot(name).and_then(|slot| attributes.get(slot)) else {
        return Ok(Value::text(text));
    };
    let kind = attribute.rules.kind;
    let invalid = |reason: String| Invalid { path: name.to_owned(), reason, help: None };
    let holds_secret = attribute.rules.holds_secret();
    let quoted = if holds_secret { "[secret]".to_owned() } else { format!("`{}`", hidden.text(text.to_owned())) };
    let told = |why: input::NoValue| if holds_secret { why.bare } else { hidden.text(why.message) };
    match kind {
        Type::List | Type::Map | Type::Ref | Type::Refs => input::json(text).map_err(|why| {
            // The text below says more about what was expected than the JSON reader.
            let says_nothing = matches!(why.message.as_str(), "expected value" | "expected ident");
            let detail = if says_nothing || holds_secret { String::new() } else { format!(" ({})", told(why)) };
            invalid(format!("is {quoted}; a `{kind}` was expected, as JSON{detail}")).with_help(format!(
                "write it like `--set {}`",
                crate::quoted::quoted(&format!("{name}={}", example(&attribute.rules)))
            ))
        }),
        Type::Any if input::is_json(text) => {
            input::json(text).map_err(|why| invalid(format!("is {quoted}: {}", told(why))))
        }
        Type::Integer | Type::Float | Type::Boolean => match input::json(text.trim()) {
            Ok(value @ (Value::Integer(_) | Value::Float(_) | Value::Number(_) | Value::Boolean(_))) => Ok(value),
            Err(why) if why.is_too_large => Err(invalid(format!("is {quoted}: {}", told(why)))),
            _ => Ok(Value::text(text)),
        },
        _ => Ok(Value::text(text)),
    }
}

/// A JSON value that type and fields would accept, as an example.
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
