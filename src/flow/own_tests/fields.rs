//! Fields of plain values in tests: errors, failures, and the outcome of sub-tasks.

use crate::diagnostic::Span;
use crate::value::{Map, Value};

use super::super::findings::{listed, meant};
use super::TestChecker;

impl TestChecker<'_> {
    /// Reports fields that `what` does not have.
    pub(super) fn only(&mut self, map: &Map, fields: &[&str], span: Span, what: &str) {
        for field in map.keys().filter(|field| !fields.contains(&field.as_str())) {
            let known = || fields.iter().copied();
            let help = meant(field, known()).or_else(|| Some(format!("expected {}", listed(known()))));
            self.findings.error(self.mention(span, field), format!("{what} has no `{field}`"), help);
        }
    }

    /// The text of a field, if it is there. A field that is not a text is reported.
    pub(super) fn text_field(&mut self, map: &Map, field: &str, span: Span, what: &str) -> Option<String> {
        let value = map.get(field).filter(|value| !value.is_unit())?;
        let text = text_of(value);
        if text.is_none() {
            self.wrong(field, span, what, "a text", value);
        }
        text
    }

    /// Reports a field with a value of the wrong type.
    pub(super) fn wrong(&mut self, field: &str, span: Span, what: &str, takes: &str, found: &Value) {
        let message = format!("`{field}` of {what} takes {takes}, found {}", article(found));
        self.findings.error(self.mention(span, field), message, None);
    }

    /// Where a name is first mentioned within `span`, as a whole word.
    pub(super) fn mention(&self, span: Span, name: &str) -> Span {
        let text = self.source.slice(span);
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '?' | '!');
        let whole = |at: &usize| {
            let before = text.get(..*at).and_then(|t| t.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        };
        match text.match_indices(name).map(|(at, _)| at).find(whole).filter(|_| !name.is_empty()) {
            Some(at) => Span::new(span.start + at, span.start + at + name.len()),
            None => span,
        }
    }
}

/// A field that is a text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Integer(_) | Value::Float(_) | Value::Number(_) | Value::Boolean(_) => Some(value.to_text()),
        _ => None,
    }
}

/// What a value is, as a message calls it.
pub(super) fn article(value: &Value) -> String {
    match value.type_name() {
        "()" => "nothing".to_owned(),
        name if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {name}"),
        name => format!("a {name}"),
    }
}
