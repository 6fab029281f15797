//! What a script reads, writes and calls, and all of its errors, before it runs.
//!
//! Only certain errors are reported. A value that may be of any type is never judged. If an attribute is assigned a
//! value of another type, or something is added into it, its type is no longer known in that script.

mod builtins;
mod calls;
mod chains;
mod declared;
mod doubtful;
mod expressions;
mod fits;
mod habits;
mod literals;
mod locals;
mod names;
mod operators;
mod options;
mod passed;
mod reach;
mod secrets;
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

/// The result of analysing a script.
#[derive(Default)]
pub(super) struct Analysis {
    /// The findings, in order of the text.
    pub(super) findings: Vec<ScriptFinding>,
    /// What runs, and hardly does what its author wants.
    pub(super) warnings: Vec<ScriptFinding>,
    /// The slots of the attributes it uses, each once, in order.
    #[cfg_attr(not(test), expect(dead_code, reason = "a run knows it; here it is what the tests look at"))]
    pub(super) reads: Vec<usize>,
    /// The slots it may change, by assignment or a method, each once, in order. Conditions and values change only a
    /// copy.
    #[cfg_attr(not(test), expect(dead_code, reason = "a run knows it; here it is what the tests look at"))]
    pub(super) writes: Vec<usize>,
    /// Where attributes are assigned, in order of the text.
    pub(super) assigned: Vec<AssignedAt>,
    /// Where `error` is read first.
    pub(super) error_at: Option<Position>,
    /// The variables of the language it uses, each once.
    pub(super) variables: Vec<Variable>,
    /// Whether it calls anything that needs an [`Outside`](super::Outside).
    pub(super) reaches_outside: bool,
    /// Whether it reads the clock or random values, or calls a function of the embedding program.
    pub(super) may_change_by_itself: bool,
    /// The flows it starts by a literal name, including those started in the flow's functions.
    pub(super) started: Vec<StartedFlow>,
}

/// Analyses a script whose syntax tree is `ast`. `params` are those of an interaction.
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
        warnings: found.warnings,
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
