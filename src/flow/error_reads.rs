//! Warns of scripts that read `error` in states which tasks also reach without an error.

use crate::definition::StateKindDoc;
use crate::diagnostic::Spanned;
use crate::name::Name;

use super::check::Checker;
use super::reach::{search, targets};
use super::reads::scripts_of;
use super::scripts::span_between;
use super::{PlacedScript, State, StateId, StateKind};

/// Texts that show that a script handles the absence of an error.
const GUARDS: [&str; 7] = ["error?", "error ==", "error !=", "error==", "error!=", "error ??", "type_of(error)"];

impl Checker<'_> {
    /// Warns of `error` where it may have no value. Skipped while state names are unknown, since that explains
    /// everything.
    pub(super) fn check_error_reads(&mut self, start: Option<StateId>, states: Option<&[State]>) {
        let (Some(start), Some(states)) = (start.filter(|_| !self.dangling), states) else { return };
        let entries = self.document.migrate.iter().flat_map(|doc| &doc.states);
        let mut entries: Vec<StateId> = entries.filter_map(|(_, new)| self.id(new)).collect();
        entries.push(start);
        let reached = search(&self.edges_by(targets), entries.iter().copied());
        let edges = self.edges_by(without_error);
        for (id, state) in states.iter().enumerate() {
            let Some((script, place)) = reading(&state.kind) else { continue };
            let is_from = |from: StateId| {
                reached.get(from) == Some(&true) && edges.get(from).is_some_and(|targets| targets.contains(&id))
            };
            let from = (0..states.len()).find(|from| is_from(*from)).and_then(|from| states.get(from));
            let why = match from {
                Some(from) => format!("when the task comes from `{}`", from.name),
                None if entries.contains(&id) => "when the task begins here".to_owned(),
                None => continue,
            };
            let end = Some(crate::diagnostic::Position { column: place.column + "error".len(), ..place });
            let span = span_between(&self.document.source, &script.scalar, place, end);
            let message = format!("`error` has no value in `{}` {why}", state.name);
            let help = "read it as `error?.message`, or lead here by `on_error` alone";
            self.findings.warning(span, message, Some(help.to_owned()));
        }
    }
}

/// The names of the states that a state leads to other than by `on_error`.
fn without_error(kind: &StateKindDoc) -> Box<dyn Iterator<Item = &Spanned<Name>> + '_> {
    match kind {
        StateKindDoc::Action(action) => Box::new(action.go_to.iter()),
        other => targets(other),
    }
}

/// The first script of a state that reads `error` unconditionally. Scripts of `retry` and `on_error` always have one.
fn reading(kind: &StateKind) -> Option<(&PlacedScript, crate::diagnostic::Position)> {
    let mut scripts = Vec::new();
    match kind {
        StateKind::Action(action) => scripts.push(&action.script),
        other => scripts_of(other, &mut scripts),
    }
    scripts.into_iter().find_map(|script| {
        let is_guarded = GUARDS.iter().any(|guard| script.scalar.text.contains(guard));
        script.script.error_at().filter(|_| !is_guarded).map(|place| (script, place.at))
    })
}
