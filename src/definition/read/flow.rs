//! A flow's own keys.

use crate::diagnostic::{Span, Spanned};
use crate::name::Name;

use super::super::document::{Document, MigrateDoc, ScheduleDoc};
use super::super::keys::{FLOW, Form, MIGRATE, OVERLAPS, SCHEDULE};
use super::super::node::{Content, Entry};
use super::super::trap::Role;
use super::Reader;
use super::fields::Fields;

impl Reader<'_> {
    /// The whole document; none if it is not a map of keys.
    pub(super) fn flow(&mut self) -> Option<Document> {
        let tree = self.tree;
        let root = &*tree.root;
        if !matches!(root.content, Content::Map(_)) {
            let message = format!("a flow is a map of keys, found {}", root.describe());
            self.misshapen(root.span, message, "a flow begins with `flow: its_name`");
            return None;
        }
        let fields = self.fields(root, "the flow", &[FLOW])?;
        let name = self.flow_name(&fields);
        let (subject, place) = match &name {
            Some(name) => (format!("flow `{}`", name.value), name.span),
            None => ("the flow".to_owned(), self.nameless),
        };
        let attributes = self.attributes("attributes", fields.get("attributes"), "an attribute");
        let states = self.states(&fields, &subject, place);
        Some(Document {
            source: std::sync::Arc::clone(self.source),
            span: tree.span,
            flow: name,
            version: fields
                .any("version")
                .and_then(|e| self.whole("version", e.key.span, &e.value, 1, i64::from(u32::MAX))),
            description: self.prose("description", fields.any("description")),
            attributes,
            index: fields.get("index").map(|e| self.references("index", e, "an attribute")).unwrap_or_default(),
            starts_with: self.state_behind("starts_with", fields.any("starts_with")),
            states_span: fields.any("states").map_or(place, |entry| entry.key.span),
            states,
            interactions: self.interactions(fields.get("interactions")),
            delay: self.duration("delay", fields.any("delay")),
            timeout: self.duration("timeout", fields.any("timeout")),
            delete_after: self.duration("delete_after", fields.any("delete_after")),
            on_timeout: self.on_timeout(fields.any("on_timeout")),
            queue: fields.any("queue").and_then(|e| self.reference("queue", e.key.span, &e.value, "a queue")),
            priority: fields
                .any("priority")
                .and_then(|e| self.whole("priority", e.key.span, &e.value, i64::from(i32::MIN), i64::from(i32::MAX))),
            runs_on: fields.any("runs_on").and_then(|e| self.reference("runs_on", e.key.span, &e.value, "an executor")),
            recoveries: fields
                .any("recoveries")
                .and_then(|e| self.whole("recoveries", e.key.span, &e.value, 0, i64::from(u32::MAX))),
            uses: self.uses(fields.get("uses")),
            functions: self.script("functions", fields.any("functions"), Role::Body),
            schedule: self.schedule(fields.any("schedule")),
            migrate: self.migrations(fields.get("migrate")),
            tests: self.tests(fields.get("tests")),
            unread: self.unread,
        })
    }

    fn flow_name(&mut self, fields: &Fields<'_>) -> Option<Spanned<Name>> {
        if fields.lacks("flow") {
            self.missing(self.nameless, "the flow has no name", "give it one: `flow: its_name`");
        }
        self.named("flow", fields.any("flow"), "a flow", Form::Flow)
    }

    fn states(&mut self, fields: &Fields<'_>, subject: &str, place: Span) -> Vec<super::super::document::StateDoc> {
        let Some(entry) = fields.any("states") else {
            if fields.lacks("states") {
                self.missing(place, format!("{subject} has no `states`"), "add `states:` with at least one state");
            }
            return Vec::new();
        };
        let is_empty =
            entry.value.is_null() || matches!(&entry.value.content, Content::Map(states) if states.is_empty());
        if is_empty {
            self.missing(entry.key.span, format!("{subject} has no states"), "add at least one");
            return Vec::new();
        }
        let entries = self.entries(&entry.value, "`states`").unwrap_or_default();
        entries.into_iter().map(|(text, entry)| self.state(text, entry)).collect()
    }

    fn uses(&mut self, entry: Option<&Entry>) -> Vec<Spanned<Name>> {
        // The checker knows which there are: the embedding program may add its own.
        entry.map(|entry| self.references("uses", entry, "a capability")).unwrap_or_default()
    }

    fn schedule(&mut self, entry: Option<&Entry>) -> Option<ScheduleDoc> {
        let entry = entry?;
        let fields = self.fields(&entry.value, "`schedule`", &[SCHEDULE])?;
        if fields.lacks("cron") {
            self.missing(entry.key.span, "`schedule` has no `cron`", "say when: `cron: \"0 9 * * MON\"`");
        }
        let cron = fields.any("cron").and_then(|e| self.text("cron", e.key.span, &e.value));
        let timezone = fields.any("timezone").and_then(|e| self.text("timezone", e.key.span, &e.value));
        let given = self.values("given", fields.get("given"), "an attribute", Form::Attribute);
        let overlap = fields.any("overlap").and_then(|e| self.word("overlap", e.key.span, &e.value, &OVERLAPS));
        Some(ScheduleDoc { cron, span: entry.key.span, timezone, given, overlap })
    }

    fn migrations(&mut self, entry: Option<&Entry>) -> Vec<MigrateDoc> {
        let Some(entry) = entry else { return Vec::new() };
        let items = self.items(&entry.value, "`migrate`").unwrap_or_default();
        items.iter().filter_map(|item| self.migration(entry.key.span, item)).collect()
    }

    fn migration(&mut self, at: Span, node: &super::super::node::Node) -> Option<MigrateDoc> {
        let fields = self.fields(node, "an entry of `migrate`", &[MIGRATE])?;
        let mut from = Vec::new();
        match fields.any("from") {
            None => self.missing(at, "an entry of `migrate` has no `from`", "say from which versions: `from: [1, 2]`"),
            Some(entry) => {
                let versions = match &entry.value.content {
                    Content::List(_) => self.some_items("from", entry.value.span, &entry.value).unwrap_or_default(),
                    _ => std::slice::from_ref(&entry.value),
                };
                let most = i64::from(u32::MAX);
                from.extend(versions.iter().filter_map(|version| self.whole("from", entry.key.span, version, 1, most)));
            }
        }
        let states = fields.get("states").and_then(|entry| self.entries(&entry.value, "`states`")).unwrap_or_default();
        let states = states.into_iter().filter_map(|(old, entry)| {
            let new = self.reference(old, entry.key.span, &entry.value, "a state")?;
            Some((Spanned::new(Name::new(old), entry.key.span), new))
        });
        let states = states.collect();
        let action = self.script("action", fields.any("action"), Role::Body);
        Some(MigrateDoc { from, states, action })
    }
}
