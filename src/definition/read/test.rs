//! The tests of a flow: reads their keys. The checker looks up what they name.

use crate::diagnostic::{Span, Spanned};
use crate::name::Name;

use super::super::keys::{EXPECT, Form, MIGRATED, SCHEDULED, STATUSES, STEP, TEST, TESTS_FILE};
use super::super::node::{Content, Entry, Node};
use super::super::shortened;
use super::super::test_document::{ExpectDoc, MigratedDoc, ScheduledDoc, StepDoc, StepKindDoc, TestDoc, TestsDoc};
use super::super::trap::Role;
use super::Reader;

impl Reader<'_> {
    /// A document of a test file; none if it is not a map of keys.
    pub(super) fn tests_file(&mut self) -> Option<TestsDoc> {
        let root = &*self.tree.root;
        let fields = self.fields(root, "a file of tests", &[TESTS_FILE])?;
        if fields.lacks("flow") {
            self.missing(self.nameless, "the tests name no flow", "say whose they are: `flow: its_name`");
        }
        if fields.lacks("tests") {
            let place = fields.any("flow").map_or(self.nameless, |entry| entry.value.span);
            self.missing(place, "the file has no `tests`", "write them under `tests:`, as in a flow");
        }
        Some(TestsDoc {
            source: std::sync::Arc::clone(self.source),
            flow: fields.any("flow").and_then(|e| self.reference("flow", e.key.span, &e.value, "a flow")),
            tests: self.tests(fields.get("tests")),
        })
    }

    pub(super) fn tests(&mut self, entry: Option<&Entry>) -> Vec<TestDoc> {
        let Some(entry) = entry else { return Vec::new() };
        let items = self.items(&entry.value, "`tests`").unwrap_or_default();
        items.iter().filter_map(|item| self.test(item)).collect()
    }

    fn test(&mut self, node: &Node) -> Option<TestDoc> {
        let fields = self.fields(node, "a test", &[TEST])?;
        let start = Span::new(node.span.start, node.span.start);
        if fields.lacks("name") {
            self.missing(start, "a test has no `name`", "say what it shows: `name: …`");
        }
        let (migrate, schedule) = (self.migrated(fields.any("migrate")), self.scheduled(fields.any("schedule")));
        let says = migrate.as_ref().is_some_and(|migrate| migrate.expect.is_some())
            || schedule.as_ref().is_some_and(|schedule| schedule.fires.is_some() || !schedule.given.is_empty());
        if fields.lacks("expect") && fields.lacks("steps") && !says {
            let place = fields.any("name").map_or(start, |entry| entry.value.span);
            self.missing(place, "a test has neither `expect` nor `steps`", "say what must hold: `expect: …`");
        }
        let name = fields.any("name").and_then(|entry| self.text("name", entry.key.span, &entry.value));
        if let Some(name) = name.as_ref().filter(|name| name.value.trim().is_empty()) {
            self.missing(name.span, "a test has no `name`", "say what it shows: `name: …`");
        }
        let (mocks, starts) = fields.get("mocks").map(|entry| self.mocks(entry)).unwrap_or_default();
        Some(TestDoc {
            name: name.unwrap_or_else(|| Spanned::new(String::new(), start)),
            state: self.state_behind("state", fields.any("state")),
            migrate,
            schedule,
            given: self.values("given", fields.get("given"), "an attribute", Form::Attribute),
            now: fields.any("now").and_then(|entry| self.text("now", entry.key.span, &entry.value)),
            mocks,
            starts,
            steps: fields.get("steps").map(|entry| self.steps(entry)).unwrap_or_default(),
            expect: fields.any("expect").and_then(|entry| self.expect(entry)),
        })
    }

    /// `migrate` of a test.
    fn migrated(&mut self, entry: Option<&Entry>) -> Option<MigratedDoc> {
        let entry = entry?;
        let fields = self.fields(&entry.value, "`migrate` of a test", &[MIGRATED])?;
        if fields.lacks("from") {
            self.missing(
                entry.key.span,
                "`migrate` of a test has no `from`",
                "say of which version the task is: `from: 1`",
            );
        }
        if fields.lacks("state") {
            let help = "say in which state the task is: `state: its_name`";
            self.missing(entry.key.span, "`migrate` of a test has no `state`", help);
        }
        let most = i64::from(u32::MAX);
        Some(MigratedDoc {
            from: fields.any("from").and_then(|e| self.whole("from", e.key.span, &e.value, 1, most)),
            state: self.state_behind("state", fields.any("state")),
            given: self.values("given", fields.get("given"), "an attribute", Form::Attribute),
            expect: fields.any("expect").and_then(|entry| self.expect(entry)),
            span: entry.key.span,
        })
    }

    /// `schedule` of a test.
    fn scheduled(&mut self, entry: Option<&Entry>) -> Option<ScheduledDoc> {
        let entry = entry?;
        let fields = self.fields(&entry.value, "`schedule` of a test", &[SCHEDULED])?;
        let fires = fields.any("fires").and_then(|entry| {
            let items = self.items(&entry.value, "`fires`")?;
            let times = items.iter().filter_map(|item| self.text("fires", entry.key.span, item)).collect();
            if items.is_empty() && fields.any("until").is_none() {
                let message =
                    "this expects nothing: without `until` the schedule is looked at no further than `fires` goes";
                self.missing(entry.value.span, message, "say until when it must not fire: `until: 2026-12-31`");
            }
            Some(Spanned::new(times, entry.key.span))
        });
        Some(ScheduledDoc {
            fires,
            until: fields.any("until").and_then(|entry| self.text("until", entry.key.span, &entry.value)),
            given: self.values("given", fields.get("given"), "an attribute", Form::Attribute),
            span: entry.key.span,
        })
    }

    fn steps(&mut self, entry: &Entry) -> Vec<StepDoc> {
        let items = self.items(&entry.value, "`steps`");
        if items.is_some_and(|items| items.is_empty()) {
            self.missing(entry.value.span, "`steps` holds no step", "say what happens, or leave it out");
        }
        let items = items.unwrap_or_default();
        let mut steps = Vec::new();
        for item in items {
            match item.text() {
                _ if self.is_reported(item) => {}
                Some(text) => steps.extend(self.short_step(text, item)),
                None => self.step(item, &mut steps),
            }
        }
        steps
    }

    /// `- wake` and `- restart`.
    fn short_step(&mut self, text: &str, node: &Node) -> Option<StepDoc> {
        let kind = match text {
            "wake" => StepKindDoc::Wake,
            "restart" => StepKindDoc::Restart,
            _ if STEP.iter().any(|key| key.name == text) => {
                let example = if text == "advance" { "3d" } else { "…" };
                let help = format!("write it like `{text}: {example}`");
                self.error_with_help(node.span, format!("`{text}` takes a value"), help);
                return None;
            }
            _ => {
                let help = Self::help_among(text, STEP.iter().map(|key| key.name));
                self.error_with_help(node.span, format!("`{}` is not a step of a test", shortened(text)), help);
                return None;
            }
        };
        Some(StepDoc { kind, span: node.span })
    }

    /// A step with a value; several keys are several steps, in order.
    fn step(&mut self, node: &Node, steps: &mut Vec<StepDoc>) {
        let Some(fields) = self.fields(node, "a step of a test", &[STEP]) else { return };
        for (key, entry) in fields.iter() {
            let span = entry.key.span;
            let kind = match key {
                "expect" => self.expect(entry).map(|expect| StepKindDoc::Expect(Box::new(expect))),
                "advance" => self.duration("advance", Some(entry)).map(StepKindDoc::Advance),
                "interact" => {
                    self.interact(entry, steps);
                    None
                }
                "wake" => Some(StepKindDoc::Wake),
                _ => Some(StepKindDoc::Restart),
            };
            steps.extend(kind.map(|kind| StepDoc { kind, span }));
        }
    }

    /// `interact: name`, or `interact: { name: { … } }`.
    fn interact(&mut self, entry: &Entry, steps: &mut Vec<StepDoc>) {
        if let Content::Scalar(..) = &entry.value.content {
            let name = self.reference("interact", entry.key.span, &entry.value, "an interaction");
            steps.extend(name.map(|name| StepDoc { span: name.span, kind: StepKindDoc::Interact(name, Vec::new()) }));
            return;
        }
        let written = self.entries(&entry.value, "`interact`").unwrap_or_default();
        if let Some(help) = self.interaction_meant(&written) {
            let message = "`interact` takes the interaction's name as its key";
            self.error_with_help(entry.value.span, message, help);
            return;
        }
        for (text, entry) in written {
            let name = Spanned::new(Name::new(text), entry.key.span);
            let given = if entry.value.is_null() { None } else { Some(entry) };
            let params = self.values(text, given, "a parameter", Form::Attribute);
            steps.push(StepDoc { kind: StepKindDoc::Interact(name, params), span: entry.key.span });
        }
    }

    /// `interact: { name: approve!, params: { … } }`: how it is written here.
    fn interaction_meant(&self, written: &[(&str, &Entry)]) -> Option<String> {
        const NAMES: [&str; 5] = ["name", "interaction", "event", "signal", "id"];
        const PARAMS: [&str; 8] = ["params", "parameters", "with", "given", "args", "input", "data", "values"];
        let name = written.iter().find(|(key, _)| NAMES.contains(key)).and_then(|(_, entry)| entry.value.text())?;
        let is_other = |key: &str| !NAMES.contains(&key) && !PARAMS.contains(&key);
        if written.iter().any(|(key, _)| is_other(key)) {
            return None;
        }
        let params = written.iter().find(|(key, _)| PARAMS.contains(key)).map(|(_, entry)| &entry.value);
        let params = params.map(|params| self.source.slice(params.span).trim());
        Some(match params {
            None => format!("write `interact: {}`", shortened(name)),
            Some(params) if params.starts_with('{') && !params.contains('\n') => {
                format!("write `interact: {{ {}: {} }}`", shortened(name), shortened(params))
            }
            Some(_) => format!("write `interact: {{ {}: {{ param: value }} }}`", shortened(name)),
        })
    }

    fn expect(&mut self, entry: &Entry) -> Option<ExpectDoc> {
        let fields = self.fields(&entry.value, "`expect`", &[EXPECT])?;
        if fields.is_empty || (fields.iter().count() > 0 && fields.iter().all(says_nothing)) {
            let message = "this expects nothing: it holds whatever the task does";
            self.missing(entry.value.span, message, "say what must hold: `expect: { status: completed }`");
        }
        Some(ExpectDoc {
            status: fields.any("status").and_then(|e| self.word("status", e.key.span, &e.value, &STATUSES)),
            state: self.state_behind("state", fields.any("state")),
            attributes: self.values("attributes", fields.get("attributes"), "an attribute", Form::Attribute),
            output: fields.any("output").map(|entry| self.plain(&entry.value)),
            error: fields.any("error").map(|entry| self.plain(&entry.value)),
            visited: fields.get("visited").map(|e| self.references("visited", e, "a state")).unwrap_or_default(),
            calls: self.values("calls", fields.get("calls"), "a function", Form::Function),
            started: self.values("started", fields.get("started"), "a flow", Form::Flow),
            condition: self.script("if", fields.any("if"), Role::Condition),
            keys: fields.iter().map(|(name, entry)| (name, entry.key.span)).collect(),
        })
    }
}

/// Whether a key of `expect` expects nothing: it names nothing.
fn says_nothing((name, entry): (&'static str, &Entry)) -> bool {
    let is_empty = match &entry.value.content {
        Content::Map(entries) => entries.is_empty(),
        Content::List(items) => items.is_empty(),
        Content::Scalar(..) => false,
    };
    is_empty && matches!(name, "attributes" | "calls" | "started" | "visited")
}
