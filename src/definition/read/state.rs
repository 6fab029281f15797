//! A state: its name, its one kind, and the keys of that kind.

use crate::diagnostic::Spanned;
use crate::name::{Name, nearest};

use super::super::document::{StateDoc, StateKindDoc};
use super::super::keys::{Form, KINDS, Key, STATE, names};
use super::super::node::{Content, Entry, Node};
use super::super::shortened;
use super::super::trap::Role;
use super::super::usual;
use super::Reader;
use super::fields::Fields;

/// All keys that states of any kind may have.
const TABLES: [&[Key]; 7] = [STATE, KINDS[0].1, KINDS[1].1, KINDS[2].1, KINDS[3].1, KINDS[4].1, KINDS[5].1];

/// A state that is being read.
pub(super) struct Subject<'n> {
    pub(super) name: Spanned<Name>,
    pub(super) fields: Fields<'n>,
}

impl Subject<'_> {
    pub(super) fn what(&self) -> String {
        format!("state `{}`", shortened(&self.name.value))
    }
}

impl Reader<'_> {
    pub(super) fn state(&mut self, text: &str, entry: &Entry) -> StateDoc {
        let name = self.name(text, entry.key.span, "a state", Form::State);
        match &entry.value.content {
            Content::Map(_) => self.written_state(name, &entry.value),
            Content::Scalar(..) => {
                let kind = self.short_form(&name, &entry.value);
                StateDoc { name, label: None, description: None, kind }
            }
            Content::List(_) => {
                let message = format!("state `{}` takes keys with values, found a list", shortened(text));
                self.error_with_help(entry.value.span, message, "branches belong below `decision:` or `wait_until:`");
                StateDoc { name, label: None, description: None, kind: StateKindDoc::Broken }
            }
        }
    }

    /// `done: result`.
    fn short_form(&mut self, name: &Spanned<Name>, node: &Node) -> StateKindDoc {
        if self.is_reported(node) {
            return StateKindDoc::Broken;
        }
        self.no_tag(node);
        let text = node.text().map(|text| text.to_string()).unwrap_or_default();
        let what = format!("state `{}`", shortened(&name.value));
        if node.is_null() {
            let help = format!("a state has one of {}", Self::list(KINDS.iter().map(|(kind, _)| *kind)));
            self.missing(name.span, format!("{what} has no kind"), help);
        } else if text == "result" {
            return StateKindDoc::Result(None);
        } else if text == "failure" {
            let help = format!("write `{{ failure: \"`why it failed`\" }}` behind `{}:`", name.value);
            self.error_with_help(node.span, format!("{what} has no message"), help);
        } else {
            let help = match nearest(&text, ["result"]) {
                Some(_) => "did you mean `result`?".to_owned(),
                None if usual::is_end(&text) => format!("write `{}: result`", shortened(&name.value)),
                None if usual::is_failure(&text) => {
                    format!("write `{{ failure: \"`why it failed`\" }}` behind `{}:`", shortened(&name.value))
                }
                None => "only `result` may stand alone; every other kind is a key with a value".to_owned(),
            };
            self.error_with_help(node.span, format!("`{}` is not a kind of state", shortened(&text)), help);
        }
        StateKindDoc::Broken
    }

    fn written_state(&mut self, name: Spanned<Name>, node: &Node) -> StateDoc {
        let what = format!("state `{}`", shortened(&name.value));
        let fields = self.fields(node, &what, &TABLES).unwrap_or_else(Fields::none);
        let label = self.prose("label", fields.any("label"));
        let description = self.prose("description", fields.any("description"));
        let kinds: Vec<&'static str> = KINDS.iter().map(|(kind, _)| *kind).filter(|kind| fields.has(kind)).collect();
        let state = Subject { name, fields };
        let kind = match kinds.as_slice() {
            [] => self.no_kind(&state),
            [kind] => {
                self.foreign_keys(&state, kind);
                self.state_kind(&state, kind)
            }
            [_, _, ..] => self.several_kinds(&state, &kinds),
        };
        StateDoc { name: state.name, label, description, kind }
    }

    fn state_kind(&mut self, state: &Subject<'_>, kind: &str) -> StateKindDoc {
        match kind {
            "action" => self.action(state),
            "decision" => self.decision(state),
            "wait_until" => self.wait(state),
            "start" => self.start(state),
            "result" => self.result(state),
            _ => match self.script("failure", state.fields.any("failure"), Role::Message) {
                Some(message) => StateKindDoc::Failure(message),
                None => StateKindDoc::Broken,
            },
        }
    }

    fn no_kind(&mut self, state: &Subject<'_>) -> StateKindDoc {
        let help = format!("a state has one of {}", Self::list(KINDS.iter().map(|(kind, _)| *kind)));
        if KINDS.iter().all(|(kind, _)| state.fields.lacks(kind)) {
            self.missing(state.name.span, format!("{} has no kind", state.what()), help);
        }
        StateKindDoc::Broken
    }

    fn several_kinds(&mut self, state: &Subject<'_>, kinds: &[&'static str]) -> StateKindDoc {
        let found: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
        let count = if found.len() == 2 { "two kinds".to_owned() } else { format!("{} kinds", found.len()) };
        let message = format!("{} has {count}, {}; a state has exactly one", state.what(), found.join(" and "));
        self.error_with_help(
            state.name.span,
            message,
            "make a state of each, and lead from one to the other by `go_to`",
        );
        // Each is read to find errors inside it. Which one was meant, and so what is missing, is unknown.
        let lacks_matter = std::mem::replace(&mut self.lacks_matter, false);
        for kind in kinds {
            self.state_kind(state, kind);
        }
        self.lacks_matter = lacks_matter;
        StateKindDoc::Broken
    }

    /// Reports keys that only states of other kinds have.
    fn foreign_keys(&mut self, state: &Subject<'_>, kind: &str) {
        let own = KINDS.iter().find(|(name, _)| *name == kind).map(|(_, keys)| *keys).unwrap_or_default();
        let foreign = state.fields.iter().filter(|(key, _)| !names(own).chain(names(STATE)).any(|name| name == *key));
        for (key, entry) in foreign.collect::<Vec<_>>() {
            let owners: Vec<&str> =
                KINDS.iter().filter(|(_, keys)| names(keys).any(|name| name == key)).map(|(owner, _)| *owner).collect();
            let only = if owners.len() == 1 { " only" } else { "" };
            let owners: Vec<String> = owners.iter().map(|owner| plural(owner)).collect();
            let message = format!("`{key}` belongs to {}{only}; {} is a `{kind}`", owners.join(" and "), state.what());
            let help = match (kind, key) {
                ("decision" | "wait_until", "go_to") => "each branch has its own `go_to`".to_owned(),
                ("action", "timeout") => "write `time_limit`, the longest that a try may take".to_owned(),
                ("result" | "failure", "go_to") => "the task ends here".to_owned(),
                _ => format!("leave `{key}` out, or make this state another kind"),
            };
            self.error_with_help(entry.key.span, message, help);
        }
    }
}

/// The plural name for states of a kind.
fn plural(kind: &str) -> String {
    match kind {
        "action" => "actions".to_owned(),
        "decision" => "decisions".to_owned(),
        "wait_until" => "waits (`wait_until`)".to_owned(),
        "start" => "starts of sub-tasks (`start`)".to_owned(),
        other => format!("states with `{other}`"),
    }
}
