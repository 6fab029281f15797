//! How a test begins: with a task of an earlier version that is moved, or with a start by the schedule.

use crate::definition::{MigratedDoc, ScheduledDoc, TestDoc};
use crate::name::Name;

use super::super::findings::listed;
use super::super::test::{Fires, Given, Migrated};
use super::TestChecker;

/// Whether the beginning of a test expects something.
pub(super) fn expects(doc: &TestDoc) -> bool {
    doc.migrate.as_ref().is_some_and(|migrate| migrate.expect.is_some())
        || doc.schedule.as_ref().is_some_and(|schedule| schedule.fires.is_some() || !schedule.given.is_empty())
}

impl TestChecker<'_> {
    /// Reports a test that begins in two ways, and a misplaced `given`.
    pub(super) fn begins_once(&mut self, doc: &TestDoc) {
        let ways = [
            ("state", doc.state.as_ref().map(|state| state.span)),
            ("migrate", doc.migrate.as_ref().map(|migrate| migrate.span)),
            ("schedule", doc.schedule.as_ref().map(|schedule| schedule.span)),
        ];
        let mut given = ways.iter().filter_map(|(key, span)| Some((*key, (*span)?)));
        if let (Some((first, _)), Some((second, span))) = (given.next(), given.next()) {
            let message = format!("a test has either `{first}` or `{second}`");
            self.findings.error(span, message, Some("write another test".to_owned()));
        }
        if let Some((name, _)) = doc.given.first() {
            let help = match (&doc.migrate, &doc.schedule) {
                (Some(_), _) => "write it within `migrate`",
                (None, Some(_)) => "the tasks of a schedule start with its own `given`",
                (None, None) => return,
            };
            self.findings.error(name.span, "`given` does not belong here", Some(help.to_owned()));
        }
    }

    /// `migrate`: there must be a way from that version, and from that state.
    pub(super) fn migrated(&mut self, doc: &MigratedDoc) -> Option<Migrated> {
        let expect = doc.expect.as_ref().map(|expect| (doc.span, self.expect(expect)));
        let (from, state) = (doc.from.as_ref()?, doc.state.as_ref()?);
        let document = self.document;
        let Some(entry) = document.migrate.iter().find(|entry| entry.from.iter().any(|v| v.value == from.value)) else {
            let versions: Vec<String> = document
                .migrate
                .iter()
                .flat_map(|entry| &entry.from)
                .map(|version| version.value.to_string())
                .collect();
            let message = format!("`migrate` of the flow says nothing of tasks of version {}", from.value);
            let help =
                (!versions.is_empty()).then(|| format!("it does of {}", listed(versions.iter().map(String::as_str))));
            self.findings.error(from.span, message, help);
            return None;
        };
        let old = entry.states.iter().map(|(old, _)| &old.value);
        let known: Vec<&Name> = old.chain(document.states.iter().map(|state| &state.name.value)).collect();
        if !known.iter().any(|known| **known == state.value) {
            let message = format!("a task of version {} in `{}` has nowhere to move", from.value, state.value);
            self.unknown(state.span, message, &state.value, known.iter().map(|known| known.as_str()));
        }
        let mut given = Given::default();
        for (name, plain) in &doc.given {
            given.values.insert(name.value.clone(), plain.value.value.clone());
            given.places.push((name.value.clone(), name.span));
        }
        Some(Migrated { from: from.value, state: state.value.clone(), given, expect, span: doc.span })
    }

    /// `schedule`: the flow must have one.
    pub(super) fn fires(&mut self, doc: &ScheduledDoc) -> Option<Fires> {
        if self.document.schedule.is_none() {
            self.findings.error(doc.span, "the flow has no `schedule`", None);
        }
        let times = doc.fires.as_ref().map(|fires| {
            let times = fires.value.iter().filter_map(|time| self.moment("fires", time)).collect();
            (fires.span, times)
        });
        Some(Fires {
            times,
            until: doc.until.as_ref().and_then(|until| self.moment("until", until)),
            given: self.expected_attributes(&doc.given),
            span: doc.span,
        })
    }
}
