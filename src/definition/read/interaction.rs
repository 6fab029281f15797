//! `interactions`, `on_timeout` and other things that happen to a task from outside.

use crate::diagnostic::Spanned;
use crate::name::Name;

use super::super::document::{InteractionDoc, OnTimeoutDoc};
use super::super::keys::{Form, INTERACTION, ON_TIMEOUT};
use super::super::node::Entry;
use super::super::shortened;
use super::super::trap::Role;
use super::Reader;

impl Reader<'_> {
    pub(super) fn interactions(&mut self, entry: Option<&Entry>) -> Vec<InteractionDoc> {
        let Some(entry) = entry else { return Vec::new() };
        let entries = self.entries(&entry.value, "`interactions`").unwrap_or_default();
        entries.into_iter().filter_map(|(text, entry)| self.interaction(text, entry)).collect()
    }

    fn interaction(&mut self, text: &str, entry: &Entry) -> Option<InteractionDoc> {
        let what = format!("interaction `{}`", shortened(text));
        let name = self.name(text, entry.key.span, "an interaction", Form::State);
        if entry.value.is_null() {
            let help = "say what it does, `action`, or where the task moves, `go_to`";
            self.missing(name.span, format!("{what} does nothing"), help);
            return None;
        }
        let fields = self.fields(&entry.value, &what, &[INTERACTION])?;
        if fields.lacks("action") && fields.lacks("go_to") {
            let help = "say what it does, `action`, or where the task moves, `go_to`";
            self.missing(name.span, format!("{what} has neither `action` nor `go_to`"), help);
        }
        let params = self.attributes("params", fields.get("params"), "a parameter");
        let when = fields.get("when").map(|entry| self.allowed_in(entry));
        let action = self.script("action", fields.any("action"), Role::Body);
        let go_to = self.state_behind("go_to", fields.any("go_to"));
        let description = self.prose("description", fields.any("description"));
        Some(InteractionDoc { name, params, when, action, go_to, description })
    }

    fn allowed_in(&mut self, entry: &Entry) -> Vec<Spanned<Name>> {
        let states = self.references("when", entry, "a state");
        let is_empty_list =
            matches!(&entry.value.content, super::super::node::Content::List(items) if items.is_empty());
        if is_empty_list {
            let help = "name a state, or leave `when` out to allow it in every state";
            self.error_with_help(entry.value.span, "`when` is an empty list: it would never be allowed", help);
        }
        states
    }

    pub(super) fn on_timeout(&mut self, entry: Option<&Entry>) -> Option<OnTimeoutDoc> {
        let entry = entry?;
        let fields = self.fields(&entry.value, "`on_timeout`", &[ON_TIMEOUT])?;
        if fields.lacks("action") && fields.lacks("go_to") {
            let help = "say what it does, `action`, where the task moves, `go_to`, or both";
            self.missing(entry.key.span, "`on_timeout` has neither `action` nor `go_to`", help);
        }
        let action = self.script("action", fields.any("action"), Role::Body);
        let go_to = self.state_behind("go_to", fields.any("go_to"));
        Some(OnTimeoutDoc { action, go_to, span: entry.value.span })
    }
}
