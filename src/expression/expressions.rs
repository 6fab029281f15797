//! A flow's scripting, built once and shared by all of its scripts.

use std::sync::Arc;

use rhai::Engine;

use super::analysis::{self, Declared};
use super::bodies::Bodies;
use super::code::Code;
use super::lower::{self, Source};
use super::parse::{self, What};
use super::script::Script;
use super::{Given, Role, ScriptFinding, Vocabulary};

/// A flow's scripting: parser, functions and vocabulary, shared by all of its scripts.
#[derive(Clone)]
pub(crate) struct Expressions(Arc<Scripting>);

/// What the scripts of a flow share.
pub(super) struct Scripting {
    engine: Engine,
    /// What the flow declares.
    pub(super) declared: Declared,
    /// What scripts may use.
    pub(super) vocabulary: Vocabulary,
    /// The flow's functions, in the order of their declaration.
    pub(super) functions: Vec<Arc<Code>>,
}

impl Expressions {
    /// Prepares the scripting of a flow; `functions` is its `functions:` text.
    pub(crate) fn new(vocabulary: Vocabulary, functions: Option<&str>) -> (Self, Vec<ScriptFinding>) {
        let mut engine = Engine::new_raw();
        parse::configure(&mut engine, &vocabulary.limits);
        let text = functions.unwrap_or_default();
        let parsed = parse::parse(&engine, text, What::Functions, &vocabulary.limits);
        let (bodies, mut findings) = match &parsed {
            Ok(ast) => (Bodies::of(ast), Vec::new()),
            Err(findings) => (Bodies::default(), findings.clone()),
        };
        let (mut declared, wrong) = analysis::declare(&bodies, text, &vocabulary);
        if parsed.is_err() {
            declared.cannot_be_read(text);
        }
        findings.extend(wrong);
        let source = Source { text, bodies: &bodies, declared: &declared, vocabulary: &vocabulary };
        let (functions, wrong) = lower::functions(source);
        if findings.is_empty() {
            findings = wrong;
        }
        (Self(Arc::new(Scripting { engine, declared, vocabulary, functions })), findings)
    }

    /// What in the flow's functions runs, and hardly does what its author wants.
    pub(crate) fn warnings(&self) -> &[ScriptFinding] {
        &self.0.declared.warnings
    }

    /// Compiles a script, or returns all findings.
    pub(crate) fn compile(&self, text: &str, role: Role) -> Result<Script, Vec<ScriptFinding>> {
        let (script, findings) = self.compiled(text, role, Given::default())?;
        if findings.is_empty() { Ok(script) } else { Err(findings) }
    }

    /// Compiles a script with known inputs or a known use of its value.
    pub(crate) fn compile_given(&self, text: &str, role: Role, given: Given<'_>) -> Result<Script, Vec<ScriptFinding>> {
        let (script, findings) = self.compiled(text, role, given)?;
        if findings.is_empty() { Ok(script) } else { Err(findings) }
    }

    /// Compiles a script despite findings, to test what happens when it runs.
    #[cfg(test)]
    pub(super) fn compile_anyway(&self, text: &str, role: Role) -> Result<Script, Vec<ScriptFinding>> {
        self.compiled(text, role, Given::default()).map(|(script, _)| script)
    }

    fn compiled(
        &self,
        text: &str,
        role: Role,
        given: Given<'_>,
    ) -> Result<(Script, Vec<ScriptFinding>), Vec<ScriptFinding>> {
        let Scripting { engine, declared, vocabulary, .. } = &*self.0;
        let ast = parse::parse(engine, text, What::Script, &vocabulary.limits)?;
        let bodies = Bodies::of(&ast);
        let mut analysis = analysis::analyse(&ast, &bodies, text, vocabulary, declared, (role, given));
        let mut findings = std::mem::take(&mut analysis.findings);
        let lowered = lower::script(&ast, Source { text, bodies: &bodies, declared, vocabulary }, role);
        if findings.is_empty() {
            findings.clone_from(&lowered.findings);
        }
        Ok((Script::new(Arc::clone(&self.0), lowered, analysis), findings))
    }
}
