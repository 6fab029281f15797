//! Scalars: texts, numbers, durations, scripts, plain values.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::diagnostic::{Finding, Span, Spanned};
use crate::duration::{Duration, InvalidDuration};
use crate::name::Name;
use crate::value::Value;

use super::super::comments;
use super::super::document::PlainValue;
use super::super::keys::MAX_ATTEMPTS;
use super::super::limits::{MAX_NAME_BYTES, MAX_SCRIPT_BYTES};
use super::super::node::{Content, Entry, Node};
use super::super::parts::Parts;
use super::super::plain;
use super::super::scalar::{Scalar, ScalarStyle};
use super::super::shortened;
use super::super::trap::{QUOTE_IT, Role};
use super::Reader;

/// A scalar's text and how it is written.
type Written<'n> = (&'n Arc<str>, ScalarStyle);

impl Reader<'_> {
    /// The scalar of a key that takes `expected`. A missing value, a list or a map is reported.
    pub(super) fn written<'n>(&mut self, key: &str, at: Span, node: &'n Node, expected: &str) -> Option<Written<'n>> {
        if self.is_reported(node) {
            return None;
        }
        self.no_tag(node);
        match &node.content {
            Content::Scalar(..) if node.is_null() => {
                self.empty(key, at, node, expected);
                None
            }
            Content::Scalar(text, style) => Some((text, *style)),
            Content::List(_) | Content::Map(_) => {
                self.error(node.span, format!("`{key}` takes {expected}, found {}", node.describe()));
                None
            }
        }
    }

    fn empty(&mut self, key: &str, at: Span, node: &Node, expected: &str) {
        let span = if node.is_absent() { at } else { node.span };
        let message = format!("`{key}` has no value; expected {expected}");
        self.missing(span, message, "write it after the `:`");
    }

    /// Text. An empty value counts as absent.
    pub(super) fn prose(&mut self, key: &str, entry: Option<&Entry>) -> Option<Spanned<String>> {
        let entry = entry.filter(|entry| !entry.value.is_null())?;
        self.text(key, entry.key.span, &entry.value)
    }

    /// Text.
    pub(super) fn text(&mut self, key: &str, at: Span, node: &Node) -> Option<Spanned<String>> {
        let (text, _) = self.written(key, at, node, "a text")?;
        Some(Spanned::new(text.to_string(), node.span))
    }

    /// A name that is defined elsewhere: the checker decides whether it exists.
    pub(super) fn reference(&mut self, key: &str, at: Span, node: &Node, of: &str) -> Option<Spanned<Name>> {
        let (text, _) = self.written(key, at, node, &format!("the name of {of}"))?;
        if text.len() > MAX_NAME_BYTES {
            self.too_long(node.span, text);
            return None;
        }
        Some(Spanned::new(Name::new(text), node.span))
    }

    /// One of `words`.
    pub(super) fn word(&mut self, key: &str, at: Span, node: &Node, words: &[&'static str]) -> Option<Spanned<Name>> {
        let expected = Self::list(words.iter().copied());
        let (text, _) = self.written(key, at, node, &expected)?;
        if !words.contains(&&**text) {
            let help = Self::help_among(text, words.iter().copied());
            self.error_with_help(node.span, format!("`{}` is nothing that `{key}` takes", shortened(text)), help);
            return None;
        }
        Some(Spanned::new(Name::new(text), node.span))
    }

    /// A duration.
    pub(super) fn duration(&mut self, key: &str, entry: Option<&Entry>) -> Option<Spanned<Duration>> {
        let entry = entry?;
        let (text, _) = self.written(key, entry.key.span, &entry.value, "a duration, like `10m`")?;
        match text.parse() {
            Ok(duration) => Some(Spanned::new(duration, entry.value.span)),
            Err(_) => {
                let invalid = InvalidDuration(shortened(text));
                let finding = Finding::error(self.source, entry.value.span, format!("`{key}`: {invalid}"));
                let is_expression = key == "after" && text.starts_with(|c: char| c.is_alphabetic() || c == '_');
                let help = Duration::meant_by(text).or_else(|| is_expression.then(|| WRITTEN_OUT.to_owned()));
                self.report(Finding { help, ..finding });
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, key: &str, entry: Option<&Entry>) -> Option<Spanned<bool>> {
        let entry = entry?;
        let (text, style) = self.written(key, entry.key.span, &entry.value, "`true` or `false`")?;
        let value = if style == ScalarStyle::Plain { plain::resolve(text) } else { None };
        if let Some(Value::Boolean(value)) = value {
            return Some(Spanned::new(value, entry.value.span));
        }
        let message = format!("`{key}` takes `true` or `false`, found {}", shown(text, style));
        let help = match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "on" | "1" => Some("write `true`".to_owned()),
            "false" | "no" | "n" | "off" | "0" => Some("write `false`".to_owned()),
            _ => None,
        };
        self.report(Finding { help, ..Finding::error(self.source, entry.value.span, message) });
        None
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole<T: TryFrom<i64>>(
        &mut self,
        key: &str,
        at: Span,
        node: &Node,
        least: i64,
        most: i64,
    ) -> Option<Spanned<T>> {
        let (text, style) = self.written(key, at, node, "a whole number")?;
        let number = if style == ScalarStyle::Plain && !node.is_tagged_text() { plain::whole(text) } else { None };
        let text = shown(text, style);
        match number {
            None => {
                let finding =
                    Finding::error(self.source, node.span, format!("`{key}` takes a whole number, found {text}"));
                let help = whole_meant(node).map(|number| format!("write `{number}`"));
                self.report(Finding { help, ..finding });
            }
            Some(Some(number)) if (least..=most).contains(&number) => {
                return T::try_from(number).ok().map(|number| Spanned::new(number, node.span));
            }
            Some(Some(number)) if number < least => {
                self.error(node.span, format!("`{key}` must be {least} or more, found {text}"));
            }
            Some(_) if most == MAX_ATTEMPTS => {
                self.error(node.span, format!("`{key}` must be {most} or less (MAX_ATTEMPTS), found {text}"));
            }
            Some(_) => self.error(node.span, format!("`{key}` must lie between {least} and {most}, found {text}")),
        }
        None
    }

    /// A number of at least `least`.
    pub(super) fn number(&mut self, key: &str, entry: Option<&Entry>, least: f64) -> Option<Spanned<f64>> {
        let entry = entry?;
        let node = &*entry.value;
        let (text, style) = self.written(key, entry.key.span, node, "a number")?;
        let number = match (style, plain::resolve(text)) {
            (ScalarStyle::Plain, Some(Value::Integer(_) | Value::Float(_) | Value::Number(_))) => {
                text.parse::<f64>().ok()
            }
            _ => None,
        };
        match number {
            None => self.error(node.span, format!("`{key}` takes a number, found {}", shown(text, style))),
            Some(number) if number < least => {
                self.error(node.span, format!("`{key}` must be {least} or more, found `{text}`"));
            }
            Some(number) => return Some(Spanned::new(number, node.span)),
        }
        None
    }

    /// An expression or a body, as it was written.
    pub(super) fn script(&mut self, key: &str, entry: Option<&Entry>, role: Role) -> Option<Scalar> {
        let entry = entry?;
        let node = &*entry.value;
        let what = if role == Role::Body { "a script" } else { "an expression" };
        if let Some(stand_in) = self.tree.stand_ins.get(&node.span.start) {
            return Some(Scalar { text: Arc::from(*stand_in), span: node.span, style: ScalarStyle::Plain });
        }
        self.no_tag(node);
        let Content::Scalar(text, style) = &node.content else {
            let message = format!("`{key}` takes {what}, found {}", node.describe());
            let help = if key == "functions" {
                "write all of them in one text: `functions: |`, and each `fn name(argument) { … }` on the lines below"
            } else {
                QUOTE_IT
            };
            self.error_with_help(node.span, message, help);
            return None;
        };
        let is_written = *style != ScalarStyle::Plain && role == Role::Body;
        if text.trim().is_empty() && !is_written {
            self.empty(key, entry.key.span, node, what);
            return None;
        }
        if text.len() > MAX_SCRIPT_BYTES {
            let message =
                format!("`{key}` has {} bytes; a script has at most {MAX_SCRIPT_BYTES} (MAX_SCRIPT_BYTES)", text.len());
            self.error(node.span, message);
            return None;
        }
        let scalar = Scalar { text: Arc::clone(text), span: node.span, style: *style };
        if let Some(comment) = comments::swallowing(self.source, &scalar) {
            let message = "this comment swallows the lines below it: YAML folds these lines into one";
            let help = "keep the lines: write `|` after the key, and the script on the lines below";
            self.error_with_help(comment, message, help);
            return Some(Scalar { text: Arc::from(role.stand_in()), style: ScalarStyle::Plain, ..scalar });
        }
        Some(scalar)
    }

    /// A plain value.
    pub(super) fn plain(&mut self, node: &Node) -> Spanned<PlainValue> {
        let text = node.text().map(|text| text.to_string());
        let mut parts = Parts::default();
        let value = self.plain_value(node, &mut parts);
        Spanned::new(PlainValue { value, text, parts }, node.span)
    }

    /// A part of a plain value, and its place among the parts.
    fn part(&mut self, name: Option<&str>, node: &Node, among: &mut Parts) -> Value {
        let mut parts = Parts::default();
        let value = self.plain_value(node, &mut parts);
        among.push(name, node.span, parts);
        value
    }

    fn plain_value(&mut self, node: &Node, parts: &mut Parts) -> Value {
        self.no_tag(node);
        match &node.content {
            Content::Scalar(text, _) if node.tag.is_some_and(|tag| tag.kind.is_some()) => {
                let kind = node.tag.and_then(|tag| tag.kind);
                kind.and_then(|kind| plain::tagged(kind, text)).unwrap_or_default()
            }
            Content::Scalar(text, ScalarStyle::Plain) if !node.is_tagged_text() => match plain::resolve(text) {
                Some(value) => value,
                None => {
                    let message = format!("`{}` is a number that no value can hold", shortened(text));
                    let digits = text.bytes().filter(u8::is_ascii_digit).count();
                    let help = if plain::whole(text).is_some() || digits > Decimal::MAX_SCALE as usize {
                        "it has too many digits: quote it as text, or write a float, like `1.5e30`"
                    } else {
                        "if it is meant as text, quote it"
                    };
                    self.error_with_help(node.span, message, help);
                    Value::Unit
                }
            },
            Content::Scalar(text, _) => Value::text(text),
            Content::List(items) => Value::list(items.iter().map(|item| self.part(None, item, parts)).collect()),
            Content::Map(_) => {
                let entries = self.entries(node, "this map").unwrap_or_default();
                let map: BTreeMap<Name, Value> = entries
                    .iter()
                    .map(|(key, entry)| (Name::new(key), self.part(Some(key), &entry.value, parts)))
                    .collect();
                Value::Map(Arc::new(map))
            }
        }
    }
}

/// How to wait for a moment that an expression gives.
const WRITTEN_OUT: &str = "a duration is written out, like `3d`; for a moment that an attribute holds, write \
                           `if: now() >= due` in its place";

/// A scalar as it is written, for messages.
fn shown(text: &str, style: ScalarStyle) -> String {
    match style {
        ScalarStyle::Plain => format!("`{}`", shortened(text)),
        _ => format!("the text `{}` in quotes", shortened(text)),
    }
}

/// The whole number meant by `1.0`, or by a quoted one.
fn whole_meant(node: &Node) -> Option<i64> {
    let text = node.text()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    whole.trim().parse().ok().filter(|_| fraction.bytes().all(|b| b == b'0'))
}
