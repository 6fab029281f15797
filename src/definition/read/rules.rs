//! Attributes, parameters and fields, with their rules.

use crate::diagnostic::{Span, Spanned};
use crate::value::Type;

use super::super::document::{AttributeDoc, PlainValue, RulesDoc};
use super::super::keys::{Form, RULES, names};
use super::super::node::{Content, Entry, Node};
use super::super::{shortened, usual_types};
use super::Reader;

impl Reader<'_> {
    /// Names with their rules. Messages call each of them `what`.
    pub(super) fn attributes(&mut self, key: &str, entry: Option<&Entry>, what: &str) -> Vec<AttributeDoc> {
        let Some(entry) = entry else { return Vec::new() };
        let entries = self.entries(&entry.value, &format!("`{key}`")).unwrap_or_default();
        entries
            .into_iter()
            .map(|(text, entry)| {
                let name = self.name(text, entry.key.span, what, Form::Attribute);
                let noun = what.split(' ').next_back().unwrap_or(what);
                let rules = self.rules(&format!("{noun} `{}`", shortened(text)), entry.key.span, &entry.value);
                AttributeDoc { name, rules }
            })
            .collect()
    }

    fn rules(&mut self, what: &str, at: Span, node: &Node) -> RulesDoc {
        let span = if node.is_absent() { at } else { node.span };
        let mut rules = RulesDoc { span, ..RulesDoc::default() };
        match &node.content {
            _ if self.is_reported(node) => {}
            Content::Scalar(..) if node.is_null() => {
                let help = format!("write its type, {}", Self::list(Type::ALL.iter().map(|kind| kind.name())));
                self.missing(span, format!("{what} has no type"), help);
            }
            Content::Scalar(text, _) => {
                self.no_tag(node);
                rules.kind = self.kind(text, node.span);
            }
            Content::List(items) => {
                let message = format!("{what} takes a type or a map of rules, found a list");
                let help = match items.as_slice() {
                    [only] => only.text().and_then(|text| usual_types::named(text)),
                    _ => None,
                };
                let help = help.map_or_else(
                    || "write `list`, or `{ type: list, items: … }`".to_owned(),
                    |kind| format!("write `{{ type: list, items: {kind} }}`"),
                );
                self.error_with_help(node.span, message, help);
            }
            Content::Map(entries) if are_fields(entries) => {
                let message = format!("{what} takes a type or a map of rules, found names with types");
                let written = self.source.slice(node.span).trim();
                let help = match written.starts_with('{') && !written.contains('\n') {
                    true => format!("write `{{ type: map, fields: {} }}`", shortened(written)),
                    false => "write `type: map`, and the names below `fields:`".to_owned(),
                };
                self.error_with_help(node.span, message, help);
            }
            Content::Map(_) => self.written_rules(what, node, &mut rules),
        }
        rules
    }

    fn kind(&mut self, text: &str, span: Span) -> Option<Spanned<Type>> {
        if let Some(kind) = Type::ALL.into_iter().find(|kind| kind.name() == text) {
            return Some(Spanned::new(kind, span));
        }
        let help =
            usual_types::cure(text).unwrap_or_else(|| Self::help_among(text, Type::ALL.iter().map(|kind| kind.name())));
        self.error_with_help(span, format!("`{}` is not a type", shortened(text)), help);
        None
    }

    fn written_rules(&mut self, what: &str, node: &Node, rules: &mut RulesDoc) {
        let Some(fields) = self.fields(node, what, &[RULES]) else { return };
        if let Some(entry) = fields.any("type")
            && let Some(name) = self.reference("type", entry.key.span, &entry.value, "a type")
        {
            rules.kind = self.kind(&name.value, name.span);
        }
        rules.required = self.boolean("required", fields.any("required"));
        rules.default = fields.get("default").map(|entry| self.plain(&entry.value));
        rules.one_of = fields.any("one_of").and_then(|entry| self.choices(entry));
        rules.min = self.bound("min", fields.any("min"));
        rules.max = self.bound("max", fields.any("max"));
        rules.pattern = fields.any("pattern").and_then(|entry| self.text("pattern", entry.key.span, &entry.value));
        rules.items = fields
            .any("items")
            .map(|entry| Box::new(self.rules(&format!("`items` of {what}"), entry.key.span, &entry.value)));
        rules.fields = fields.any("fields").map(|entry| self.attributes("fields", Some(entry), "a field"));
        rules.model = self.named("model", fields.any("model"), "a type of record", Form::Label);
        rules.secret = self.boolean("secret", fields.any("secret"));
        rules.description = self.prose("description", fields.any("description"));
    }

    fn choices(&mut self, entry: &Entry) -> Option<Spanned<Vec<Spanned<PlainValue>>>> {
        let items = self.some_items("one_of", entry.value.span, &entry.value)?;
        let choices = items.iter().map(|item| self.plain(item)).collect();
        Some(Spanned::new(choices, entry.value.span))
    }

    /// A bound: a number, a date, or a duration. The checker decides whether it fits the type.
    fn bound(&mut self, key: &str, entry: Option<&Entry>) -> Option<Spanned<PlainValue>> {
        let entry = entry?;
        self.written(key, entry.key.span, &entry.value, "a number, a date or a length")?;
        Some(self.plain(&entry.value))
    }
}

/// Whether a map names types, and no rule: its author means fields.
fn are_fields(entries: &[Entry]) -> bool {
    let is_field = |entry: &Entry| {
        let is_rule = entry.key.text().is_none_or(|key| names(RULES).any(|name| name == &**key));
        !is_rule && entry.value.text().is_some_and(|text| usual_types::named(text).is_some())
    };
    !entries.is_empty() && entries.iter().all(is_field)
}
