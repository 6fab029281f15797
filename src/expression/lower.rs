//! From Rhai's tree to code: every name becomes a slot, every call is resolved.
//!
//! The analysis finds the errors in a script. Only what cannot be lowered at all is reported here.

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
use super::code::{At, Code, FreeVariable, Kind, Node, Use};
use super::parse::Text;
use super::{Role, ScriptFinding, Vocabulary};

pub(super) use literal::exact;
use names::Level;

/// A script as code, and the variables that it uses.
pub(super) struct Lowered {
    /// The code.
    pub(super) code: Code,
    /// The variables it uses from outside, by index.
    pub(super) free_variables: Vec<FreeVariable>,
    /// Their names.
    pub(super) names: Vec<Name>,
    /// What cannot be lowered.
    pub(super) findings: Vec<ScriptFinding>,
}

/// What is needed to lower a text.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Its functions and closures.
    pub(super) bodies: &'a Bodies,
    /// What the flow declares.
    pub(super) declared: &'a Declared,
    /// What scripts may use.
    pub(super) vocabulary: &'a Vocabulary,
}

/// The flow's functions as code, in the order of their declaration.
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
    let (names, free_variables) = lowering.free_variables.into_iter().unzip();
    Lowered { code, free_variables, names, findings: lowering.findings }
}

/// The state of lowering a tree.
struct Lowering<'a> {
    source: Source<'a>,
    text: Text<'a>,
    /// The role of the script; none for the flow's functions.
    role: Option<Role>,
    /// The nested functions, the innermost last.
    levels: Vec<Level>,
    free_variables: Vec<(Name, FreeVariable)>,
    findings: Vec<ScriptFinding>,
}

impl<'a> Lowering<'a> {
    fn new(source: Source<'a>, role: Option<Role>) -> Self {
        let (levels, free_variables, findings) = (Vec::new(), Vec::new(), Vec::new());
        Self { source, text: Text::new(source.text), role, levels, free_variables, findings }
    }

    /// Records that something cannot be lowered, and returns a replacement.
    fn cannot(&mut self, at: rhai::Position, message: impl Into<String>, help: Option<&str>) -> Node {
        let at = At::from(at);
        let end = Some(self.text.end_of_word(at.position()));
        self.findings.push(ScriptFinding::new(at.position(), end, message, help));
        Node { at, kind: Kind::Constant(crate::value::Value::Unit) }
    }
}
