//! What a script reads, writes and calls, and everything that is wrong with it, before it runs.
//!
//! A finding is only made of what is certain. What may be of any type is never judged, and an attribute that is given
//! a value of another type, or into which something is put, is not known any more in that script.

mod builtins;
mod calls;
mod chains;
mod declared;
mod expressions;
mod fits;
mod habits;
mod literals;
mod locals;
mod names;
mod operators;
mod reach;
#[cfg(test)]
mod tests;
mod types;
mod walk;

use rhai::AST;

use super::bodies::Bodies;
use super::parse::Text;
use super::{Given, Role, ScriptFinding, StartedFlow, Variable, Vocabulary};
use crate::diagnostic::Position;

use walk::{AssignedAt, Known, Place, walked};

#[cfg(test)]
pub(super) use builtins::BUILTINS;
pub(super) use builtins::properties_of;
pub(super) use declared::{Declared, declare};
pub(super) use names::variable;

/// What is known of a script.
#[derive(Default)]
pub(super) struct Analysis {
    /// What is wrong, in order of the text.
    pub(super) findings: Vec<ScriptFinding>,
    /// The slots of the attributes it mentions, each once, in order.
    #[cfg_attr(not(test), expect(dead_code, reason = "a run knows it; here it is what the tests look at"))]
    pub(super) reads: Vec<usize>,
    /// The slots it may change, by assignment or a method, each once, in order. Conditions and values change their own
    /// copy only.
    #[cfg_attr(not(test), expect(dead_code, reason = "a run knows it; here it is what the tests look at"))]
    pub(super) writes: Vec<usize>,
    /// Where attributes are assigned, in order of the text.
    pub(super) assigned: Vec<AssignedAt>,
    /// Where `error` is read first.
    pub(super) error_at: Option<Position>,
    /// The variables of the language it mentions, each once.
    pub(super) variables: Vec<Variable>,
    /// Whether it calls anything that needs an [`Outside`](super::Outside).
    pub(super) reaches_outside: bool,
    /// Whether it reads the clock or chance, or calls a function of the embedding program.
    pub(super) may_change_by_itself: bool,
    /// The flows it starts by a literal name, in the flow's functions too.
    pub(super) started: Vec<StartedFlow>,
}

/// Looks through a script, of which `ast` is the tree as it was parsed. `params` are those of an interaction.
pub(super) fn analyse(
    ast: &AST,
    bodies: &Bodies,
    text: &str,
    vocabulary: &Vocabulary,
    declared: &Declared,
    (role, given): (Role, Given<'_>),
) -> Analysis {
    let text = Text::new(text);
    let known = Known { vocabulary, declared, bodies, text: &text, given };
    let found = walked(known, Place::Script(role), &[], ast.statements());
    let (mut reach, mut findings) = (found.reach, found.findings);
    for function in found.calls.iter().filter_map(|index| declared.functions.get(*index)) {
        reach.add(&function.reach);
        for started in &function.reach.started {
            if !reach.started.contains(started) {
                reach.started.push(started.clone());
            }
        }
    }
    findings.sort_by_key(|finding| finding.at);
    Analysis {
        findings,
        reads: found.reads.into_iter().collect(),
        writes: found.writes.into_iter().collect(),
        assigned: found.assigned,
        error_at: found.error_at,
        variables: found.variables,
        reaches_outside: reach.outside,
        may_change_by_itself: reach.changes,
        started: reach.started,
    }
}
