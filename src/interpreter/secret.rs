//! Secret values, which stay out of log lines.

use crate::task::{Attributes, SECRET};
use crate::value::Value;

use super::LogLine;

/// The texts that must not be seen: of every value of a secret attribute, all the way down. Longest first, so that one
/// that holds another is masked as a whole.
pub(super) fn texts(attributes: &Attributes) -> Vec<String> {
    let mut found = Vec::new();
    for (_, value, _) in attributes.iter().filter(|(_, _, is_secret)| *is_secret) {
        gather(value, &mut found);
    }
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found
}

fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Map(map) => map.values().for_each(|item| gather(item, found)),
        Value::Unit | Value::Boolean(_) => {}
        value => found.extend(Some(value.to_text()).filter(|text| !text.is_empty())),
    }
}

/// The line without any of `secrets`.
pub(super) fn masked(line: LogLine, secrets: &[String]) -> LogLine {
    if secrets.is_empty() {
        return line;
    }
    LogLine {
        text: without(&line.text, secrets),
        fields: line.fields.into_iter().map(|(name, value)| (name, masked_value(value, secrets))).collect(),
        ..line
    }
}

fn masked_value(value: Value, secrets: &[String]) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().map(|item| masked_value(item.clone(), secrets)).collect()),
        Value::Map(map) => Value::map(map.iter().map(|(k, v)| (k.clone(), masked_value(v.clone(), secrets)))),
        Value::Unit | Value::Boolean(_) => value,
        value => {
            let text = value.to_text();
            let shown = without(&text, secrets);
            if shown == text { value } else { Value::from(shown) }
        }
    }
}

fn without(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), SECRET))
}
