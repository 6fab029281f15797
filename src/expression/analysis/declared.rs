//! The functions of a flow: their names and arguments, their errors, and what each reaches.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::bodies::Bodies;
use super::super::parse::Text;
use super::super::{Given, ScriptFinding, Vocabulary};
use super::calls::is_of_language;
use super::names::{Slots, shown};
use super::reach::Reach;
use super::walk::{Known, Place, walked};
use crate::diagnostic::Position;
use crate::name::Name;

/// What all scripts of a flow share: its attributes by name, and the functions it declares.
#[derive(Default)]
pub(in crate::expression) struct Declared {
    /// The slots of attributes.
    pub(in crate::expression) slots: Slots,
    /// The functions.
    pub(super) functions: Vec<Own>,
    /// The functions by name; those of one name differ in their number of arguments.
    pub(super) by_name: HashMap<Name, Vec<usize>>,
    /// The words in `functions` text that cannot be read: each may be the name of a function.
    pub(super) broken: HashSet<String>,
    /// How many names that are not known were compared with all that are.
    compared: AtomicUsize,
    /// What in the functions runs, and hardly does what its author wants.
    pub(in crate::expression) warnings: Vec<ScriptFinding>,
}

/// Unknown names of a flow that are compared with all known ones: more findings are not shown.
const MAX_COMPARED: usize = 1_000;

/// A function of the flow.
pub(super) struct Own {
    /// How many arguments it takes.
    pub(super) arity: usize,
    /// What it reaches, directly and through other functions.
    pub(super) reach: Reach,
}

impl Declared {
    /// How many arguments the functions called `name` take.
    pub(in crate::expression) fn arities(&self, name: &str) -> impl Iterator<Item = usize> {
        let indices = self.by_name.get(name).into_iter().flatten();
        indices.filter_map(|index| self.functions.get(*index)).map(|own| own.arity)
    }

    /// Whether an unknown name is compared with all known ones, to find the one that was meant.
    pub(super) fn may_compare(&self) -> bool {
        self.compared.fetch_add(1, Ordering::Relaxed) < MAX_COMPARED
    }

    /// The function `name` that takes `given` arguments.
    pub(in crate::expression) fn own(&self, name: &str, given: usize) -> Option<usize> {
        let indices = self.by_name.get(name)?;
        indices.iter().copied().find(|index| self.functions.get(*index).is_some_and(|own| own.arity == given))
    }
}

/// The declarations of the flow's attributes and of its `functions`, whose text is `text`, with the findings about the
/// functions.
pub(in crate::expression) fn declare(
    bodies: &Bodies,
    text: &str,
    vocabulary: &Vocabulary,
) -> (Declared, Vec<ScriptFinding>) {
    let mut declared = Declared::default();
    for (slot, (name, _)) in vocabulary.attributes.iter().enumerate() {
        declared.slots.entry(name.clone()).or_insert(slot);
    }
    let text = Text::new(text);
    for (index, body) in bodies.functions.iter().enumerate() {
        declared.functions.push(Own { arity: body.arguments.len(), reach: Reach::default() });
        declared.by_name.entry(Name::new(&body.name)).or_default().push(index);
    }
    let (mut findings, mut warnings) = (Vec::new(), Vec::new());
    let (mut reached, mut calls) = (Vec::new(), Vec::new());
    for body in &bodies.functions {
        if is_of_language(&body.name) || vocabulary.functions.iter().any(|f| f.name == *body.name) {
            findings.push(taken(&body.name, &text));
        }
        let known = Known { vocabulary, declared: &declared, bodies, text: &text, given: Given::default() };
        let found = walked(known, Place::Function, &body.arguments, &body.statements);
        findings.extend(found.findings);
        warnings.extend(found.warnings);
        reached.push(found.reach);
        calls.push(found.calls.into_iter().collect());
    }
    for (index, own) in declared.functions.iter_mut().enumerate() {
        own.reach = through(index, &reached, &calls);
    }
    findings.sort_by_key(|finding| finding.at);
    declared.warnings = warnings;
    (declared, findings)
}

impl Declared {
    /// Records that the text of the functions cannot be read.
    pub(in crate::expression) fn cannot_be_read(&mut self, text: &str) {
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
        self.broken = words.map(str::to_owned).collect();
    }
}

/// What a function reaches, with all that it calls.
fn through(index: usize, reached: &[Reach], calls: &[Vec<usize>]) -> Reach {
    let mut seen = vec![false; reached.len()];
    let mut open = vec![index];
    let mut total = Reach::default();
    while let Some(next) = open.pop() {
        let Some(seen) = seen.get_mut(next).filter(|seen| !**seen) else { continue };
        *seen = true;
        if let Some(reach) = reached.get(next) {
            total.add(reach);
            total.started.extend(reach.started.iter().cloned());
        }
        open.extend(calls.get(next).into_iter().flatten());
    }
    total
}

/// The finding for a function whose name is taken.
fn taken(name: &str, text: &Text<'_>) -> ScriptFinding {
    let at = text.definition(name).unwrap_or(Position { line: 1, column: 1 });
    let message = format!("there is a function `{}` already", shown(name));
    ScriptFinding::new(
        at,
        Some(text.end_of_word(at)),
        message,
        Some(format!("call it `my_{}`, for example", shown(name))),
    )
}
