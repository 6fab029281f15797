//! Quoting values in messages: short, on one line, and never a secret.

use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Json;

use crate::mask::masked;
use crate::value::{Type, Value};

use super::{Invalid, Rules};

/// Characters of a value, or of a name from outside, that a message quotes.
pub(super) const MAX_QUOTED: usize = 80;

/// Values of `one_of` that a message lists.
const MAX_CHOICES: usize = 10;

/// The first characters of `text`, without line ends.
pub(super) fn shortened(text: &str) -> String {
    let text = masked(text);
    let mut short: String = text.chars().take(MAX_QUOTED).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The value as JSON, in backticks, shortened. The cost depends on what is shown, not on the size of the value.
pub(super) fn quoted(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    format!("`{}`", shortened(&text))
}

fn write(value: &Value, text: &mut String) {
    match value {
        // An escape takes up to six characters, so nothing that is dropped here would be shown.
        Value::Text(whole) => {
            let begin: String = masked(whole).chars().take(MAX_QUOTED + 1).collect();
            text.push_str(&Json::from(begin).to_string());
        }
        Value::List(items) => {
            text.push('[');
            write_each(items.iter(), text, write);
            text.push(']');
        }
        Value::Map(map) => {
            text.push('{');
            write_each(map.iter(), text, |(name, value), text| {
                text.push_str(&Json::from(&*masked(name)).to_string());
                text.push(':');
                write(value, text);
            });
            text.push('}');
        }
        Value::Unit => text.push_str("null"),
        plain => text.push_str(&masked(&plain.to_text())),
    }
}

fn write_each<T>(items: impl Iterator<Item = T>, text: &mut String, each: impl Fn(T, &mut String)) {
    for (at, item) in items.enumerate() {
        if text.len() > MAX_QUOTED * 4 {
            return;
        }
        if at > 0 {
            text.push(',');
        }
        each(item, text);
    }
}

/// ``, but is `5` ``: the actual value, appended to what it must be; empty if it is secret.
pub(super) fn but_is(rules: &Rules, value: &Value, hidden: bool) -> String {
    if hidden || rules.holds_secret() { String::new() } else { format!(", but is {}", quoted(value)) }
}

/// A value of another type.
pub(super) fn wrong_type(rules: &Rules, value: &Value, hidden: bool) -> Invalid {
    let kind = rules.kind;
    if let (Type::Integer, Value::Number(number)) = (kind, value)
        && let Some(decimal) = number.decimal().filter(|whole| whole.is_integer() && whole.to_i64().is_none())
    {
        let but = but_is(rules, &Value::Decimal(decimal), hidden);
        return Invalid::new(format!("must be of type `integer`, a whole number of 64 bits at most{but}"));
    }
    let found = value.type_name();
    let article = if found.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let but = but_is(rules, value, hidden);
    let what = if but.is_empty() { format!(", but is {article} {found}") } else { format!("{but}, {article} {found}") };
    let invalid = Invalid::new(format!("must be of type `{kind}`{what}"));
    let text = value.as_str().filter(|_| !hidden).unwrap_or_default();
    match example(kind) {
        Some(example) if is_call(value) && !hidden && !rules.holds_secret() => invalid.with_help(format!(
            "a plain value is expected, and this is code: write it like `{example}`, or assign it in the `action` of a state"
        )),
        Some(example) if is_no_day(text) => {
            invalid.with_help(format!("there is no such day: write it like `{example}`"))
        }
        _ if kind == Type::Boolean && matches!(text, "yes" | "on") => invalid.with_help("write `true`"),
        _ if kind == Type::Boolean && matches!(text, "no" | "off") => invalid.with_help("write `false`"),
        Some(example) => invalid.with_help(format!("write it like `{example}`")),
        None => invalid,
    }
}

/// Whether a text begins like a day that no month has.
fn is_no_day(text: &str) -> bool {
    let fits = |(at, c): (usize, char)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() };
    let day = text.get(..10).filter(|day| day.chars().enumerate().all(fits));
    day.is_some_and(|day| day.parse::<chrono::NaiveDate>().is_err())
}

/// Whether a text is a call without arguments: `today()`.
fn is_call(value: &Value) -> bool {
    let name = value.as_str().and_then(|text| text.strip_suffix("()"));
    name.is_some_and(crate::name::is_attribute_name)
}

/// An example of how a value is written, for types whose name does not tell.
pub(super) const fn example(kind: Type) -> Option<&'static str> {
    match kind {
        Type::Date => Some("2026-11-21"),
        Type::Datetime => Some("2026-11-21T09:00:00+01:00"),
        Type::Duration => Some("1h 30m"),
        Type::Decimal => Some("12.50"),
        Type::Ref => Some(r#"{ "type": "order", "id": "17" }"#),
        Type::Refs => Some(r#"[{ "type": "order", "id": "17" }]"#),
        _ => None,
    }
}

/// The values of `one_of`, as a message lists them.
pub(super) fn listed(choices: &[Value]) -> String {
    let shown: Vec<String> = choices.iter().take(MAX_CHOICES).map(quoted).collect();
    let more = choices.len().saturating_sub(MAX_CHOICES);
    match shown.split_last() {
        _ if more > 0 => format!("{} and {more} more", shown.join(", ")),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "no value".to_owned(),
    }
}
