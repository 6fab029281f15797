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

use std::collections::HashMap;
use std::sync::Arc;

use rhai::{AST, ASTNode, Stmt};

use crate::name::Name;

use super::code::{At, Code, Kind, Mention, Node, Use};
use super::parse::Text;
use super::{Role, ScriptFinding, Vocabulary};

pub(super) use literal::exact;
use names::Level;

/// What scripts of a flow may call, by name.
#[derive(Default)]
pub(super) struct Callable {
    /// The flow's functions: parameters and number.
    own: HashMap<Name, Vec<(usize, usize)>>,
    /// The vocabulary's functions, by number.
    outside: HashMap<Name, usize>,
    /// The attributes, by slot.
    slots: HashMap<Name, usize>,
}

impl Callable {
    /// What `vocabulary` holds, and what `functions` defines.
    pub(super) fn new(vocabulary: &Vocabulary, functions: Option<&AST>) -> Self {
        let mut own: HashMap<Name, Vec<(usize, usize)>> = HashMap::new();
        for (number, function) in functions.into_iter().flat_map(named).enumerate() {
            own.entry(Name::new(&*function.name)).or_default().push((function.params.len(), number));
        }
        let outside = vocabulary.functions.iter().enumerate().map(|(number, f)| (f.name.clone(), number)).collect();
        let slots = vocabulary.attributes.iter().enumerate().map(|(slot, (name, _))| (name.clone(), slot)).collect();
        Self { own, outside, slots }
    }

    /// The number of the flow's function `name` that takes `arguments`.
    pub(super) fn own(&self, name: &str, arguments: usize) -> Option<usize> {
        let (_, number) = self.own.get(name)?.iter().find(|(parameters, _)| *parameters == arguments)?;
        Some(*number)
    }

    /// The flow's functions of this name: parameters and number.
    pub(super) fn all_own(&self, name: &str) -> &[(usize, usize)] {
        self.own.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The functions with a name, in the tree's order.
fn named(ast: &AST) -> impl Iterator<Item = &Arc<rhai::ScriptFuncDef>> {
    ast.iter_fn_def().filter(|function| rhai::is_valid_identifier(&function.name))
}

/// The statements of a function.
fn statements_of(ast: &AST, name: &str, parameters: usize) -> Vec<Stmt> {
    // Cloning with a filter (`clone_functions_only_filtered`) forgets the filter.
    let mut alone = ast.clone_functions_only();
    alone.retain_functions(|_, _, own, count| own == name && count == parameters);
    let mut statements = Vec::new();
    alone.walk(&mut |path: &[ASTNode<'_>]| {
        if let [ASTNode::Stmt(statement)] = path {
            statements.push((*statement).clone());
        }
        true
    });
    statements
}

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

/// The flow's functions as code, in the tree's order.
pub(super) fn functions(ast: &AST, text: &str, callable: &Callable) -> (Vec<Arc<Code>>, Vec<ScriptFinding>) {
    let mut findings = Vec::new();
    let mut codes = Vec::new();
    for function in named(ast) {
        let mut lowering = Lowering::new(ast, text, callable, None);
        lowering.levels.push(Level::default());
        for parameter in &function.params {
            lowering.declare(parameter, false);
        }
        let statements = statements_of(ast, &function.name, function.params.len());
        let body = lowering.block(&statements, Use::ChangeAndGive, At::default());
        let level = lowering.levels.pop().unwrap_or_default();
        codes.push(Arc::new(Code {
            parameters: function.params.len(),
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
pub(super) fn script(ast: &AST, text: &str, callable: &Callable, role: Role) -> Lowered {
    let mut lowering = Lowering::new(ast, text, callable, Some(role));
    lowering.levels.push(Level::default());
    let last = match role {
        Role::Action | Role::Interaction | Role::OnTimeout | Role::Migrate => Use::Change,
        Role::Condition | Role::ErrorCondition | Role::Value | Role::With { .. } => Use::Give,
    };
    let body = lowering.block(ast.statements(), last, At::default());
    let level = lowering.levels.pop().unwrap_or_default();
    let code = Code { parameters: 0, slots: level.slots(), body, in_functions: false, captures: false };
    let (names, mentions) = lowering.mentions.into_iter().unzip();
    Lowered { code, mentions, names, findings: lowering.findings }
}

/// A tree on its way to code.
struct Lowering<'a> {
    ast: &'a AST,
    text: Text<'a>,
    callable: &'a Callable,
    /// What the script is for; none for the flow's functions.
    role: Option<Role>,
    /// The functions within each other, the innermost last.
    levels: Vec<Level>,
    mentions: Vec<(Name, Mention)>,
    findings: Vec<ScriptFinding>,
}

impl<'a> Lowering<'a> {
    fn new(ast: &'a AST, text: &'a str, callable: &'a Callable, role: Option<Role>) -> Self {
        let (levels, mentions, findings) = (Vec::new(), Vec::new(), Vec::new());
        Self { ast, text: Text::new(text), callable, role, levels, mentions, findings }
    }

    /// Notes what cannot be lowered, and gives what stands in its place.
    fn cannot(&mut self, at: rhai::Position, message: impl Into<String>, help: Option<&str>) -> Node {
        let at = At::from(at);
        let message = message.into();
        self.findings.push(ScriptFinding {
            at: at.position(),
            end: Some(self.text.end_of_word(at.position())),
            message,
            help: help.map(str::to_owned),
        });
        Node { at, kind: Kind::Constant(crate::value::Value::Unit) }
    }
}
