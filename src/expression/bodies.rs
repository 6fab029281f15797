//! The bodies of functions and closures, which Rhai keeps apart from the statements that use them.

use std::collections::HashMap;

use rhai::{AST, ASTNode, Expr, FnPtr, Stmt};

/// The prefix of Rhai's names for closures.
const CLOSURE: &str = "anon$";

/// The arguments and statements of a function or a closure.
pub(super) struct Body {
    /// Its name; Rhai makes one up for a closure.
    pub(super) name: String,
    /// The names of its arguments. Those of a closure begin with what it captures.
    pub(super) arguments: Vec<String>,
    /// What it does.
    pub(super) statements: Vec<Stmt>,
}

/// All bodies of a text.
#[derive(Default)]
pub(super) struct Bodies {
    /// Functions, in order of the text.
    pub(super) functions: Vec<Body>,
    /// Closures, by the name Rhai gave them.
    pub(super) closures: HashMap<String, Body>,
}

/// A closure at the place where it is used.
pub(super) struct Closure {
    /// The name Rhai gave it.
    pub(super) name: String,
    /// How many of its first arguments are captures.
    pub(super) captured: usize,
}

impl Bodies {
    /// The bodies in a tree.
    pub(super) fn of(ast: &AST) -> Self {
        let mut bodies = Self::default();
        for function in ast.iter_fn_def() {
            let (name, count) = (function.name.as_str(), function.params.len());
            // The type of a body cannot be named outside of Rhai, but a tree of this function alone can be walked.
            let mut alone = ast.clone_functions_only();
            // Not `clone_functions_only_filtered`, which does not filter in this version.
            alone.retain_functions(|_, _, other, n| other == name && n == count);
            let body = Body {
                name: name.to_owned(),
                arguments: function.params.iter().map(ToString::to_string).collect(),
                statements: statements(&alone),
            };
            if name.starts_with(CLOSURE) {
                bodies.closures.insert(body.name.clone(), body);
            } else {
                bodies.functions.push(body);
            }
        }
        bodies.functions.sort_by(|a, b| (&a.name, a.arguments.len()).cmp(&(&b.name, b.arguments.len())));
        bodies
    }
}

fn statements(alone: &AST) -> Vec<Stmt> {
    let mut found = Vec::new();
    alone.walk(&mut |path: &[ASTNode<'_>]| {
        if let [ASTNode::Stmt(statement)] = path {
            found.push((*statement).clone());
        }
        true
    });
    found
}

/// The closure an expression is, if it is one.
pub(super) fn closure(expr: &Expr) -> Option<Closure> {
    match expr {
        Expr::DynamicConstant(value, _) if value.is_fnptr() => {
            let pointer = value.as_ref().clone().try_cast::<FnPtr>()?;
            Some(Closure { name: pointer.fn_name().to_owned(), captured: 0 })
        }
        // One with captures: its variables are shared, and then bound to it.
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Share(_), Stmt::Expr(bound)] => match &**bound {
                Expr::FnCall(call, _) => {
                    let (pointer, captured) = call.args.split_first()?;
                    Some(Closure { captured: captured.len(), ..closure(pointer)? })
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
