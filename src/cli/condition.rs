//! `--where`: an expression over the attributes of tasks.
//!
//! Tasks of several flows may be looked at. A name that the flow of a task does not declare has no value there; one that
//! no task looked at has is a mistake. A task for which the expression fails is left out, and said so; if it fails for
//! all of them, that is a mistake, too.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Finding, Source};
use crate::expression::{Expressions, Ran, Role, Scope, Script, ScriptFinding, Variable, Vocabulary};
use crate::name::Name;
use crate::task::Task;
use crate::value::{Shape, Value};

use super::exit::{Failure, byte_of};
use super::screen::{Screen, plain};

/// What stands for the file in findings.
const SOURCE: &str = "--where";

/// The expression, and what came of it so far.
pub(super) struct Condition<'a> {
    text: &'a str,
    /// Tasks for which it was evaluated, and those for which it failed.
    looked_at: usize,
    failed: usize,
    first_failure: Option<String>,
    /// Why it does not compile with the names of the tasks seen so far.
    broken: Option<Vec<ScriptFinding>>,
    /// Whether it did compile with the names of some page.
    compiled_once: bool,
    /// Compiled for the names of a set of attributes.
    compiled: HashMap<Vec<Name>, Result<Script, Vec<ScriptFinding>>>,
    /// All names seen so far.
    names: Vec<Name>,
}

impl<'a> Condition<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            looked_at: 0,
            failed: 0,
            first_failure: None,
            broken: None,
            compiled_once: false,
            compiled: HashMap::new(),
            names: Vec::new(),
        }
    }

    /// Those of `page` for which it holds.
    pub(super) fn hold(&mut self, page: Vec<Task>) -> Result<Vec<Task>, Failure> {
        for task in &page {
            for attribute in task.attributes.set_of().iter() {
                if !self.names.contains(&attribute.name) {
                    self.names.push(attribute.name.clone());
                }
            }
        }
        let names = self.names.clone();
        let text = self.text;
        let script = self.compiled.entry(names.clone()).or_insert_with(|| compile(text, &names));
        let script = match script {
            Ok(script) => script.clone(),
            Err(findings) => {
                // A later page may bring a flow that has the name.
                self.broken = Some(findings.clone());
                return Ok(Vec::new());
            }
        };
        self.compiled_once = true;
        Ok(page.into_iter().filter(|task| self.holds(&script, &names, task)).collect())
    }

    fn holds(&mut self, script: &Script, names: &[Name], task: &Task) -> bool {
        self.looked_at += 1;
        let values = names.iter().map(|name| task.attributes.by_name(name).cloned().unwrap_or_default()).collect();
        match script.condition(&OfTask { task, values }, None) {
            Ran::Done(holds) => holds,
            Ran::Stopped => false,
            Ran::Failed(failure) => {
                self.failed += 1;
                self.first_failure.get_or_insert(failure.message);
                false
            }
        }
    }

    /// Says what was wrong with it.
    pub(super) fn finish(self, screen: Screen) -> Result<(), Failure> {
        if !self.compiled_once {
            let Some(findings) = self.broken else { return Ok(()) };
            return Err(Failure::findings(placed(self.text, findings)));
        }
        let Some(why) = self.first_failure else { return Ok(()) };
        if self.failed == self.looked_at {
            return Err(Failure::usage(format!("the expression of `--where` fails for every task: {why}")));
        }
        screen.note(&plain(&format!(
            "{} of {} tasks left out, since `--where` fails for them: {why}\n",
            self.failed, self.looked_at
        )));
        Ok(())
    }
}

fn compile(text: &str, names: &[Name]) -> Result<Script, Vec<ScriptFinding>> {
    let attributes = names.iter().map(|name| (name.clone(), Shape::default())).collect();
    let (expressions, findings) = Expressions::new(Vocabulary { attributes, ..Vocabulary::default() }, None);
    if !findings.is_empty() {
        return Err(findings);
    }
    let script = expressions.compile(text, Role::Condition)?;
    if script.reaches_outside() {
        let message = "the expression may only look at the task: no clock, no chance, no log, no capability".to_owned();
        let at = crate::diagnostic::Position { line: 1, column: 1 };
        return Err(vec![ScriptFinding {
            at,
            end: None,
            message,
            help: Some("give the moment as a literal".to_owned()),
        }]);
    }
    Ok(script)
}

fn placed(text: &str, findings: Vec<ScriptFinding>) -> Vec<Finding> {
    let source = Arc::new(Source::new(SOURCE, text));
    let place = |finding: ScriptFinding| {
        let start = byte_of(&source, finding.at);
        let end = finding.end.map_or(start, |end| byte_of(&source, end));
        let placed = Finding::error(&source, crate::diagnostic::Span::new(start, end.max(start)), finding.message);
        Finding { help: finding.help, ..placed }
    };
    findings.into_iter().map(place).collect()
}

/// A task as the expression sees it.
struct OfTask<'t> {
    task: &'t Task,
    values: Vec<Value>,
}

impl Scope for OfTask<'_> {
    fn attribute(&self, slot: usize) -> &Value {
        const NOTHING: &Value = &Value::Unit;
        self.values.get(slot).unwrap_or(NOTHING)
    }

    fn variable(&self, variable: Variable) -> Value {
        match variable {
            Variable::Task => Value::map([
                ("id", Value::text(self.task.id.to_string())),
                ("flow", Value::text(&self.task.flow)),
                ("version", Value::Integer(self.task.version.into())),
                ("state", Value::text(&self.task.state)),
                ("created_at", Value::DateTime(self.task.created_at.fixed_offset())),
                ("parent_id", self.task.parent_id.map(|id| Value::text(id.to_string())).unwrap_or_default()),
                ("attempt", Value::Integer(self.task.progress.attempt.into())),
            ]),
            _ => Value::Unit,
        }
    }
}
