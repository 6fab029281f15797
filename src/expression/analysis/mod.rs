//! What a script reads, writes and calls, and everything that is wrong with it, before it runs.

use rhai::{AST, ASTNode, Expr, FnCallExpr, Stmt};

use super::{Role, ScriptFinding, StartedFlow, Variable, Vocabulary};
use crate::name::Name;

/// What is known of a script.
#[derive(Default)]
pub(super) struct Analysis {
    /// What is wrong, in order of the text.
    pub(super) findings: Vec<ScriptFinding>,
    /// The slots of the attributes it mentions, each once, in order.
    pub(super) reads: Vec<usize>,
    /// The slots it may change, by assignment, a method or a function, each once, in order. Conditions and values
    /// change their own copy only.
    pub(super) writes: Vec<usize>,
    /// The variables of the language it mentions, each once.
    pub(super) variables: Vec<Variable>,
    /// Whether it calls anything that needs an [`Outside`](super::Outside).
    pub(super) reaches_outside: bool,
    /// Whether it reads the clock or chance, or calls a function of the embedding program.
    pub(super) may_change_by_itself: bool,
    /// The flows it starts by a literal name, in the flow's functions too.
    pub(super) started: Vec<StartedFlow>,
}

/// What the flow's `functions` declare.
#[derive(Default)]
pub(super) struct Declared {
    functions: Vec<(Name, usize)>,
}

/// What is declared by the flow's `functions`, and what is wrong with them.
pub(super) fn declare(ast: Option<&AST>, text: &str, vocabulary: &Vocabulary) -> (Declared, Vec<ScriptFinding>) {
    let _ = (text, vocabulary);
    let functions = ast.into_iter().flat_map(AST::iter_fn_def).map(|f| (Name::new(f.name.as_str()), f.params.len()));
    (Declared { functions: functions.collect() }, Vec::new())
}

/// Looks through a script.
pub(super) fn analyse(ast: &AST, text: &str, vocabulary: &Vocabulary, declared: &Declared, role: Role) -> Analysis {
    let _ = (text, role);
    let mut analysis = Analysis::default();
    let mut node = |path: &[ASTNode<'_>]| {
        match path.last() {
            Some(ASTNode::Expr(expr)) => analysis.expression(expr, vocabulary, declared),
            Some(ASTNode::Stmt(Stmt::Assignment(it))) => analysis.write(&it.1.lhs, vocabulary),
            Some(ASTNode::Stmt(Stmt::FnCall(call, _))) => analysis.call(call, vocabulary, declared),
            _ => {}
        }
        true
    };
    ast.walk(&mut node);
    analysis.reads.sort_unstable();
    analysis.reads.dedup();
    analysis.writes.sort_unstable();
    analysis.writes.dedup();
    analysis
}

impl Analysis {
    fn expression(&mut self, expr: &Expr, vocabulary: &Vocabulary, declared: &Declared) {
        match expr {
            Expr::Variable(it, ..) if it.2.is_empty() => {
                self.reads.extend(slot(&it.1, vocabulary));
                if let Some(variable) = variable(&it.1).filter(|v| !self.variables.contains(v)) {
                    self.variables.push(variable);
                }
            }
            Expr::FnCall(call, _) => self.call(call, vocabulary, declared),
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) => self.write(&chain.lhs, vocabulary),
            _ => {}
        }
    }

    fn call(&mut self, call: &FnCallExpr, vocabulary: &Vocabulary, declared: &Declared) {
        if let Some(first) = call.args.first().filter(|_| !call.is_operator_call()) {
            self.write(first, vocabulary);
        }
        let name = if call.namespace.is_empty() {
            Name::new(call.name.as_str())
        } else {
            Name::from(format!("{}::{}", call.namespace, call.name))
        };
        let own = declared.functions.iter().any(|(own, _)| *own == name);
        let registered = vocabulary.functions.iter().any(|f| f.name == name);
        let clock = matches!(name.as_str(), "now" | "today" | "uuid" | "random");
        self.reaches_outside |= own || registered || clock || matches!(name.as_str(), "log" | "start");
        self.may_change_by_itself |= own || registered || clock;
    }

    fn write(&mut self, target: &Expr, vocabulary: &Vocabulary) {
        match target {
            Expr::Variable(it, ..) if it.2.is_empty() => self.writes.extend(slot(&it.1, vocabulary)),
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) => self.write(&chain.lhs, vocabulary),
            _ => {}
        }
    }
}

fn slot(name: &str, vocabulary: &Vocabulary) -> Option<usize> {
    vocabulary.attributes.iter().position(|(attribute, _)| *attribute == name)
}

fn variable(name: &str) -> Option<Variable> {
    Some(match name {
        "task" => Variable::Task,
        "params" => Variable::Params,
        "error" => Variable::Error,
        "item" => Variable::Item,
        "index" => Variable::Index,
        "sub_tasks" => Variable::SubTasks,
        "active_sub_tasks" => Variable::ActiveSubTasks,
        "completed_sub_tasks" => Variable::CompletedSubTasks,
        "failed_sub_tasks" => Variable::FailedSubTasks,
        _ => return None,
    })
}
