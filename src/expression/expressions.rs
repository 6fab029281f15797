//! A flow's scripting: made once, shared by all of its scripts.

use std::sync::Arc;

use rhai::Engine;

use super::analysis::{self, Declared};
use super::code::Code;
use super::lower::{self, Callable};
use super::parse::{self, What};
use super::script::Script;
use super::{Role, ScriptFinding, Vocabulary};

/// A flow's scripting: parser, functions and vocabulary, shared by all of its scripts.
#[derive(Clone)]
pub struct Expressions(Arc<Scripting>);

/// What the scripts of a flow share.
pub(super) struct Scripting {
    engine: Engine,
    declared: Declared,
    /// What scripts may mention.
    pub(super) vocabulary: Vocabulary,
    /// What they may call, by name.
    pub(super) callable: Callable,
    /// The flow's functions, by number.
    pub(super) functions: Vec<Arc<Code>>,
}

impl Expressions {
    /// Prepares the scripting of a flow; `functions` is its `functions:` text.
    pub(crate) fn new(vocabulary: Vocabulary, functions: Option<&str>) -> (Self, Vec<ScriptFinding>) {
        let mut engine = Engine::new_raw();
        parse::configure(&mut engine, &vocabulary.limits);
        let text = functions.unwrap_or_default();
        let (ast, mut findings) = match parse::parse(&engine, text, What::Functions, &vocabulary.limits) {
            Ok(ast) => (Some(ast), Vec::new()),
            Err(findings) => (None, findings),
        };
        let (declared, wrong) = analysis::declare(ast.as_ref(), text, &vocabulary);
        findings.extend(wrong);
        let callable = Callable::new(&vocabulary, ast.as_ref());
        let (functions, wrong) = match &ast {
            Some(ast) => lower::functions(ast, text, &callable),
            None => (Vec::new(), Vec::new()),
        };
        if findings.is_empty() {
            findings = wrong;
        }
        (Self(Arc::new(Scripting { engine, declared, vocabulary, callable, functions })), findings)
    }

    /// Compiles a script. All findings at once.
    pub(crate) fn compile(&self, text: &str, role: Role) -> Result<Script, Vec<ScriptFinding>> {
        let Scripting { engine, declared, vocabulary, callable, .. } = &*self.0;
        let ast = parse::parse(engine, text, What::Script, &vocabulary.limits)?;
        let analysis = analysis::analyse(&ast, text, vocabulary, declared, role);
        if !analysis.findings.is_empty() {
            return Err(analysis.findings);
        }
        let lowered = lower::script(&ast, text, callable, role);
        if !lowered.findings.is_empty() {
            return Err(lowered.findings);
        }
        Ok(Script::new(Arc::clone(&self.0), lowered, analysis))
    }
}
