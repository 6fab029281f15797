//! From Rhai's tree to code: every name becomes a slot, every call what it calls.
//!
//! What is wrong in a script is found by the analysis. What is found here is only what cannot be lowered at all.

mod assign;
mod call;
mod chain;
mod closure;
mod expression;
mod literal;
mod names;
mod statement;

use std::sync::Arc;

use rhai::AST;

use crate::name::Name;

use super::analysis::Declared;
use super::bodies::Bodies;
use super::code::{At, Code, Kind, Mention, Node, Use};
use super::parse::Text;
use super::{Role, ScriptFinding, Vocabulary};

pub(super) use literal::exact;
use names::Level;

/// A script as code, with what it mentions.
pub(super) struct Lowered {
    /// The code.
    pub(super) code: Code,
    /// What it mentions, by number.
    pub(super) mentions: Vec<Mention>,
    /// The names of what it mentions.
    pub(super) names: Vec<Name>,
    /// What cannot be lowered.
    pub(super) findings: Vec<ScriptFinding>,
}

/// What a text is lowered with.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Its functions and closures.
    pub(super) bodies: &'a Bodies,
    /// What the flow declares.
    pub(super) declared: &'a Declared,
    /// What scripts may mention.
    pub(super) vocabulary: &'a Vocabulary,
}

/// The flow's functions as code, in the order in which they are declared.
pub(super) fn functions(source: Source<'_>) -> (Vec<Arc<Code>>, Vec<ScriptFinding>) {
    let mut findings = Vec::new();
    let mut codes = Vec::new();
    for function in &source.bodies.functions {
        let mut lowering = Lowering::new(source, None);
        lowering.levels.push(Level::default());
        for parameter in &function.arguments {
            lowering.declare(parameter, false);
        }
        let body = lowering.block(&function.statements, Use::ChangeAndGive, At::default());
        let level = lowering.levels.pop().unwrap_or_default();
        codes.push(Arc::new(Code {
            parameters: function.arguments.len(),
            slots: level.slots(),
            body,
            in_functions: true,
            captures: false,
        }));
        findings.extend(lowering.findings);
    }
    (codes, findings)
}

/// A script as code.
pub(super) fn script(ast: &AST, source: Source<'_>, role: Role) -> Lowered {
    let mut lowering = Lowering::new(source, Some(role));
    lowering.levels.push(Level::default());
    let last = match role {
        Role::Action | Role::Interaction | Role::OnTimeout | Role::Migrate => Use::Change,
        Role::Condition | Role::ErrorCondition | Role::Value | Role::With { .. } | Role::ForEach => Use::Give,
    };
    let body = lowering.block(ast.statements(), last, At::default());
    let level = lowering.levels.pop().unwrap_or_default();
    let code = Code { parameters: 0, slots: level.slots(), body, in_functions: false, captures: false };
    let (names, mentions) = lowering.mentions.into_iter().unzip();
    Lowered { code, mentions, names, findings: lowering.findings }
}

/// A tree on its way to code.
struct Lowering<'a> {
    source: Source<'a>,
    text: Text<'a>,
    /// What the script is for; none for the flow's functions.
    role: Option<Role>,
    /// The functions within each other, the innermost last.
    levels: Vec<Level>,
    mentions: Vec<(Name, Mention)>,
    findings: Vec<ScriptFinding>,
}

impl<'a> Lowering<'a> {
    fn new(source: Source<'a>, role: Option<Role>) -> Self {
        let (levels, mentions, findings) = (Vec::new(), Vec::new(), Vec::new());
        Self { source, text: Text::new(source.text), role, levels, mentions, findings }
    }

    /// Notes what cannot be lowered, and gives what stands in its place.
    fn cannot(&mut self, at: rhai::Position, message: impl Into<String>, help: Option<&str>) -> Node {
        let at = At::from(at);
        let end = Some(self.text.end_of_word(at.position()));
        self.findings.push(ScriptFinding::new(at.position(), end, message, help));
        Node { at, kind: Kind::Constant(crate::value::Value::Unit) }
    }
}
