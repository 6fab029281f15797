//! `migrate`: how tasks of earlier versions move to this one.

use crate::definition::MigrateDoc;
use crate::diagnostic::Span;
use crate::expression::Role;
use crate::name::Name;

use super::check::Checker;
use super::{Migration, StateId};

impl Checker<'_> {
    /// All migrations, if none has errors.
    pub(super) fn migrations(&mut self) -> Option<Vec<Migration>> {
        let document = self.document;
        self.check_versions();
        let all: Vec<Option<Migration>> = document.migrate.iter().map(|doc| self.migration(doc)).collect();
        all.into_iter().collect()
    }

    fn migration(&mut self, doc: &MigrateDoc) -> Option<Migration> {
        let states: Vec<Option<(Name, StateId)>> =
            doc.states.iter().map(|(old, new)| Some((old.value.clone(), self.state("migrate", new)?))).collect();
        let action = self.optional_script(doc.action.as_ref(), Role::Migrate);
        Some(Migration {
            from: doc.from.iter().map(|version| version.value).collect(),
            states: states.into_iter().collect::<Option<_>>()?,
            action: action?,
            span: doc.from.first().map_or_else(Span::default, |version| version.span),
        })
    }

    /// Checks that each version in `from` is below the flow's own, and occurs once.
    fn check_versions(&mut self) {
        let own = self.document.version.as_ref().map_or(1, |v| v.value);
        let mut seen = Vec::new();
        for from in self.document.migrate.iter().flat_map(|doc| &doc.from) {
            if from.value >= own {
                let message = format!("`from` names version {}, but the flow is at version {own}", from.value);
                let help = format!("raise `version`, or name versions below {own}");
                self.findings.error(from.span, message, Some(help));
            } else if seen.contains(&from.value) {
                self.findings.error(from.span, format!("version {} is moved twice", from.value), None);
            }
            seen.push(from.value);
        }
    }
}
