//! JSON from outside: bounded, with a place for every error.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use crate::diagnostic::{Position, Source};
use crate::value::{InvalidJson, InvalidValue, Large, Map, Value, parse_json};

use super::exit::Failure;
use crate::quoted::quoted;

/// Bytes of an input.
const MAX_INPUT_BYTES: u64 = 16 * 1024 * 1024;

/// Why a text is not a value.
#[derive(Debug)]
pub(super) struct NoValue {
    /// What is wrong, and what was expected.
    pub(super) message: String,
    /// The same without anything of the text.
    pub(super) bare: String,
    /// The place.
    pub(super) at: Position,
    /// Whether it is a number that no value can hold.
    pub(super) is_too_large: bool,
}

/// Whether `text` is JSON at all.
pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Reads a JSON text. Numbers that a value cannot hold are refused, not rounded.
pub(super) fn json(text: &str) -> Result<Value, NoValue> {
    parse_json(text, Large::Refused).map_err(|why| match why {
        InvalidJson::Value(InvalidValue::TooLarge(number), at) => {
            let number = InvalidValue::TooLarge(short(&number));
            let message = format!("{number}: {TOO_MANY_DIGITS}");
            let bare = format!("a number has too many digits: {TOO_MANY_DIGITS}");
            NoValue { message, bare, at: position(text, at), is_too_large: true }
        }
        InvalidJson::Value(why, at) => {
            let message = why.to_string();
            let bare = match why {
                InvalidValue::Repeated(_) => "a name stands twice in one map".to_owned(),
                _ => message.clone(),
            };
            NoValue { message, bare, at: position(text, at), is_too_large: false }
        }
        InvalidJson::Syntax(why) => {
            let message = why.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
            let is_too_large = message.contains("out of range");
            // An error after the last line is shown at the end of the text.
            let bare = message.clone();
            NoValue {
                message,
                bare,
                at: Position { line: why.line().max(1), column: why.column().max(1) },
                is_too_large,
            }
        }
    })
}

/// What to do about a whole number that no value can hold.
const TOO_MANY_DIGITS: &str = "quote it as text, or write a float, like `1.5e30`";

/// Digits of a number that messages quote.
const MAX_QUOTED_DIGITS: usize = 40;

fn short(number: &str) -> String {
    match number.get(..MAX_QUOTED_DIGITS) {
        Some(begin) if begin.len() < number.len() => format!("{begin}…"),
        _ => number.to_owned(),
    }
}

fn position(text: &str, byte: usize) -> Position {
    Source::new("", text).position(byte)
}

/// Reads a JSON object from a file, or from stdin for `-`. If it may hold a secret, no message quotes anything of it.
pub(super) fn read(file: &Path, holds_secret: bool) -> Result<Map, Failure> {
    if let Some(json) = file.to_str().filter(|text| text.trim_start().starts_with('{')) {
        let json = if holds_secret { "'{…}'".into() } else { quoted(json) };
        let help = format!("read it from stdin, `echo {json} | opsflow … --input -`, or name a file that holds it");
        return Err(Failure::usage("`--input` takes the name of a file, not JSON itself").with_help(help));
    }
    let is_stdin = file.as_os_str() == "-";
    let name = if is_stdin { "<stdin>".to_owned() } else { file.display().to_string() };
    let text = text(file, is_stdin, &name)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let failed = |at: Position, message: String, help: Option<String>| {
        if holds_secret {
            let Position { line, column } = at;
            return Failure::usage(format!("{name}:{line}:{column}: {message}")).with_help_if(help);
        }
        Failure::at(Source::new(name.clone(), text), at, message, help)
    };
    match json(text) {
        Ok(Value::Map(map)) => Ok(std::sync::Arc::unwrap_or_clone(map)),
        Ok(other) => {
            let message = format!("the input is a {}; a JSON object was expected", kind_of(&other));
            let help = Some(r#"write `{ "name": value, … }`"#.to_owned());
            Err(failed(Position { line: 1, column: 1 }, message, help))
        }
        Err(why) => {
            let message = if holds_secret { why.bare } else { why.message };
            if why.is_too_large {
                return Err(failed(why.at, message, None));
            }
            Err(failed(at_text(text, why.at), format!("the input is not JSON: {message}"), None))
        }
    }
}

/// A text of the command line: as it is; the content of a file, for `@FILE`; or stdin, for `@-`. A final line break is
/// dropped.
pub(super) fn text_of(given: &str) -> Result<Cow<'_, str>, Failure> {
    let Some(file) = given.strip_prefix('@') else { return Ok(Cow::Borrowed(given)) };
    if file.starts_with('@') {
        return Ok(Cow::Borrowed(file));
    }
    let name = if file == "-" { "<stdin>" } else { file };
    let read = text(Path::new(file), file == "-", name);
    let text = read.map_err(|failure| {
        failure.with_help("`@` begins the name of a file; write `@@` for a text that begins with `@`")
    })?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Cow::Owned(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}

/// A place that is not past the end of the text.
fn at_text(text: &str, at: Position) -> Position {
    if text.lines().count() < at.line { position(text, text.trim_end().len()) } else { char_column(text, at) }
}

/// serde_json counts columns in bytes; people count characters.
fn char_column(text: &str, at: Position) -> Position {
    let line = text.lines().nth(at.line - 1).unwrap_or_default();
    let mut byte = at.column.saturating_sub(1).min(line.len());
    while !line.is_char_boundary(byte) {
        byte -= 1;
    }
    Position { line: at.line, column: line.get(..byte).unwrap_or_default().chars().count() + 1 }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Unit => "null",
        Value::Boolean(_) => "boolean",
        Value::Integer(_) | Value::Float(_) | Value::Number(_) => "number",
        Value::List(_) => "list",
        _ => "text",
    }
}

fn text(file: &Path, is_stdin: bool, name: &str) -> Result<String, Failure> {
    let failed = |why: String| Failure::usage(format!("the input `{name}` cannot be read: {why}"));
    let mut bytes = Vec::new();
    let read = if is_stdin {
        std::io::stdin().lock().take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes)
    } else {
        let opened = std::fs::File::open(file).map_err(|why| failed(why.to_string()))?;
        opened.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes)
    };
    read.map_err(|why| failed(why.to_string()))?;
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        return Err(failed(format!("it is larger than {MAX_INPUT_BYTES} bytes (MAX_INPUT_BYTES)")));
    }
    String::from_utf8(bytes).map_err(|why| {
        let good =
            why.as_bytes().get(..why.utf8_error().valid_up_to()).map(String::from_utf8_lossy).unwrap_or_default();
        let Position { line, column } = position(&good, good.len());
        failed(format!("it is not UTF-8 (line {line}, column {column})"))
    })
}
