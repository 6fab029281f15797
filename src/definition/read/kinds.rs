//! The kinds of state.

use std::sync::Arc;

use crate::diagnostic::Spanned;
use crate::duration::Duration;
use crate::name::{Name, is_attribute_name, is_state_name};

use super::super::document::{ActionDoc, BranchDoc, DecisionDoc, RetryDoc, StartDoc, StateKindDoc, WaitDoc};
use super::super::keys::{BRANCH, Key, MAX_ATTEMPTS, RETRY, WAIT_BRANCH};
use super::super::node::{Content, Entry, Node};
use super::super::scalar::{Scalar, ScalarStyle};
use super::super::shortened;
use super::super::trap::Role;
use super::Reader;
use super::state::Subject;

impl Reader<'_> {
    pub(super) fn action(&mut self, state: &Subject<'_>) -> StateKindDoc {
        let fields = &state.fields;
        let script = self.script("action", fields.any("action"), Role::Body);
        let go_to = self.required_state(state, "go_to", "an action leads on: `go_to: next_state`");
        let time_limit = self.duration("time_limit", fields.any("time_limit"));
        let retry = fields.any("retry").and_then(|entry| self.retry(entry));
        let on_error =
            fields.any("on_error").map(|entry| self.branches(state, "on_error", entry, BRANCH)).unwrap_or_default();
        match script {
            Some(script) => StateKindDoc::Action(ActionDoc { script, go_to, time_limit, retry, on_error }),
            None => StateKindDoc::Broken,
        }
    }

    fn required_state(&mut self, state: &Subject<'_>, key: &str, help: &str) -> Option<Spanned<Name>> {
        if state.fields.lacks(key) {
            self.missing(state.name.span, format!("{} has no `{key}`", state.what()), help);
        }
        self.state_behind(key, state.fields.any(key))
    }

    fn retry(&mut self, entry: &Entry) -> Option<RetryDoc> {
        let fields = self.fields(&entry.value, "`retry`", &[RETRY])?;
        Some(RetryDoc {
            attempts: fields
                .any("attempts")
                .and_then(|e| self.whole("attempts", e.key.span, &e.value, 1, MAX_ATTEMPTS)),
            delay: self.duration("delay", fields.any("delay")),
            backoff: self.number("backoff", fields.any("backoff"), 1.0),
            max_delay: self.duration("max_delay", fields.any("max_delay")),
            jitter: self.boolean("jitter", fields.any("jitter")),
            condition: self.script("if", fields.any("if"), Role::Condition),
        })
    }

    pub(super) fn decision(&mut self, state: &Subject<'_>) -> StateKindDoc {
        let Some(entry) = state.fields.any("decision") else { return StateKindDoc::Broken };
        if let Content::List(_) = &entry.value.content {
            let branches = self.branches(state, "decision", entry, BRANCH);
            for key in ["if_true", "if_false"] {
                if let Some(entry) = state.fields.any(key) {
                    let message = format!("`{key}` belongs to `decision` with one expression, not with branches");
                    self.error_with_help(entry.key.span, message, "each branch has its own `go_to`");
                }
            }
            return StateKindDoc::Decision(DecisionDoc::Branches(branches));
        }
        if let Content::Map(_) = &entry.value.content {
            let message = "`decision` takes an expression or a list of branches, found a map";
            self.error_with_help(entry.value.span, message, "write `- ` before each branch");
            return StateKindDoc::Broken;
        }
        let condition = self.script("decision", Some(entry), Role::Condition);
        if entry.value.is_absent() {
            return StateKindDoc::Broken;
        }
        let help = "an expression leads to `if_true` or to `if_false`; branches are a list, each with `go_to`";
        let if_true = self.required_state(state, "if_true", help);
        let if_false = self.required_state(state, "if_false", help);
        match condition {
            Some(condition) => StateKindDoc::Decision(DecisionDoc::Boolean { condition, if_true, if_false }),
            None => StateKindDoc::Broken,
        }
    }

    pub(super) fn wait(&mut self, state: &Subject<'_>) -> StateKindDoc {
        let Some(entry) = state.fields.any("wait_until") else { return StateKindDoc::Broken };
        let branches = self.branches(state, "wait_until", entry, WAIT_BRANCH);
        let delay = self.duration("delay", state.fields.any("delay"));
        let timeout = self.duration("timeout", state.fields.any("timeout"));
        StateKindDoc::WaitUntil(WaitDoc { branches, delay, timeout })
    }

    pub(super) fn start(&mut self, state: &Subject<'_>) -> StateKindDoc {
        let fields = &state.fields;
        let flow =
            fields.any("start").and_then(|entry| self.reference("start", entry.key.span, &entry.value, "a flow"));
        let for_each = fields.any("for_each").and_then(|entry| self.for_each(entry));
        let with = fields.get("with").and_then(|entry| self.entries(&entry.value, "`with`")).unwrap_or_default();
        let with = with.into_iter().filter_map(|(text, entry)| {
            let value = self.script(text, Some(entry), Role::Value)?;
            Some((Spanned::new(Name::new(text), entry.key.span), value))
        });
        let with = with.collect();
        let go_to = self.required_state(state, "go_to", "a start goes on at once: `go_to: next_state`");
        StateKindDoc::Start(StartDoc { flow, for_each, with, go_to })
    }

    /// `for_each`: a list. `item in list` is a condition to Rhai, and never meant as one here.
    fn for_each(&mut self, entry: &Entry) -> Option<Scalar> {
        if let Some(text) = entry.value.text()
            && let Some((name, list)) = text.trim().trim_start_matches("for ").split_once(" in ")
            && is_attribute_name(name.trim())
        {
            let message = "`for_each` takes the list alone";
            let list = shortened(list.trim());
            let help = format!("write `for_each: {list}`; in `with` each one is called `item`");
            self.error_with_help(entry.value.span, message, help);
            return Some(Scalar {
                text: Arc::from(Role::Items.stand_in()),
                span: entry.value.span,
                style: ScalarStyle::Plain,
            });
        }
        self.script("for_each", Some(entry), Role::Items)
    }

    pub(super) fn result(&mut self, state: &Subject<'_>) -> StateKindDoc {
        let Some(entry) = state.fields.any("result") else { return StateKindDoc::Broken };
        match self.script("result", Some(entry), Role::Value) {
            Some(expression) => StateKindDoc::Result(Some(expression)),
            None => StateKindDoc::Broken,
        }
    }

    /// The branches of `key`; a branch without a condition must be the last.
    fn branches(&mut self, state: &Subject<'_>, key: &str, entry: &Entry, keys: &'static [Key]) -> Vec<BranchDoc> {
        if entry.value.is_null() {
            let message = format!("`{key}` of {} has no branches", state.what());
            self.missing(entry.key.span, message, "write `- if: …` and `go_to: …` below it");
            return Vec::new();
        }
        if let Some(help) = branch_of(key, &entry.value)
            && !self.is_reported(&entry.value)
        {
            let message = format!("`{key}` takes a list, found {}", entry.value.describe());
            self.misshapen(entry.value.span, message, help);
            self.unread = true;
            return Vec::new();
        }
        let Some(items) = self.some_items(key, entry.value.span, &entry.value) else {
            self.unread = true;
            return Vec::new();
        };
        let mut branches = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let Some(branch) = self.branch(state, key, item, keys, index + 1) else {
                self.unread = true;
                continue;
            };
            if branch.is_otherwise && index + 1 < items.len() {
                let conditions = if keys.iter().any(|key| key.name == "after") { "`if` and `after`" } else { "`if`" };
                let message =
                    format!("a branch without {conditions} is always taken, so it must be the last of `{key}`");
                self.error_with_help(item.span, message, "move it to the end, or give it a condition");
            }
            branches.push(branch.document);
        }
        branches
    }

    fn branch(
        &mut self,
        state: &Subject<'_>,
        key: &str,
        node: &Node,
        keys: &'static [Key],
        number: usize,
    ) -> Option<Branch> {
        let fields = self.fields(node, &format!("a branch of `{key}`"), &[keys])?;
        if fields.lacks("go_to") {
            let message = format!("{} has no `go_to` in branch {number} of `{key}`", state.what());
            let help = format!("the branch is in line {}; say where it leads", self.line_of(node.span));
            self.missing(state.name.span, message, help);
        }
        let has_after = keys.iter().any(|key| key.name == "after");
        let after = if has_after { fields.any("after") } else { None };
        let document = BranchDoc {
            condition: self.script("if", fields.any("if"), Role::Condition),
            after: self.duration("after", after),
            label: self.prose("label", fields.any("label")),
            go_to: self.state_behind("go_to", fields.any("go_to")),
            span: node.span,
        };
        Some(Branch { document, is_otherwise: fields.lacks("if") && (!has_after || fields.lacks("after")) })
    }
}

/// A branch, and whether it is always taken.
struct Branch {
    document: BranchDoc,
    is_otherwise: bool,
}

/// A text or a map in place of a list of branches, as a branch.
fn branch_of(key: &str, node: &Node) -> Option<String> {
    if let Content::Map(entries) = &node.content {
        let to = entries.iter().find(|entry| entry.key.text().is_some_and(|key| &**key == "go_to"))?.value.text()?;
        let has_more = entries.len() > 1;
        let more = if has_more { "if: …, " } else { "" };
        return Some(format!("branches are a list: write `{key}: [{{ {more}go_to: {to} }}]`"));
    }
    let text = node.text()?;
    if is_state_name(text) && key == "on_error" {
        return Some(format!("write `{key}: [{{ go_to: {text} }}]`"));
    }
    let is_duration = text.parse::<Duration>().is_ok();
    let condition = if is_duration { format!("after: {text}") } else { "if: …".to_owned() };
    Some(format!("write `- ` before each branch: `{key}: [{{ {condition}, go_to: next_state }}]`"))
}
