//! `where`: an expression over the attributes of tasks.
//!
//! The tasks may be of several flows. A name that the flow of a task does not declare has no value there; one that none
//! of their flows declares is an error. A task for which the expression fails is left out, with a note; if it fails for
//! all of them, that is an error, too.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Finding, Position, Source, Span};
use crate::expression::{Expressions, Ran, Role, Scope, Script, ScriptFinding, Variable, Vocabulary};
use crate::name::Name;
use crate::opsflow::Opsflow;
use crate::task::{AttributeSet, Digest, Hidden, Secrets, Task};
use crate::value::{Shape, Value};

use super::error::RequestError;

/// Tasks that wait to be judged while no flow seen so far declares a name in the expression.
const MAX_UNJUDGED: usize = 10_000;

/// The expression, and its results so far.
pub struct Condition<'o> {
    /// Its name in messages, and its text.
    source: Arc<Source>,
    ops: &'o Opsflow,
    /// The attributes of the definitions seen so far.
    sets: HashMap<Digest, Option<Arc<AttributeSet>>>,
    /// All their names.
    names: Vec<Name>,
    /// The expression compiled for these names; none if there are new ones.
    compiled: Option<Result<Script, Vec<ScriptFinding>>>,
    /// Tasks that could not be judged yet.
    unjudged: Vec<Task>,
    /// Tasks that were judged, and those among them for which the expression failed.
    judged: usize,
    failed: usize,
    first_failure: Option<String>,
}

/// Tasks that were left out, since the condition fails for them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failed} of {judged} tasks left out, since `{name}` fails for them: {why}")]
#[non_exhaustive]
pub struct Skipped {
    /// What the condition is called.
    pub name: String,
    /// How many tasks it fails for.
    pub failed: usize,
    /// How many tasks it was asked about.
    pub judged: usize,
    /// The first failure.
    pub why: String,
}

impl<'o> Condition<'o> {
    /// The expression `source`, whose name is what messages call it.
    pub fn new(source: Arc<Source>, ops: &'o Opsflow) -> Self {
        Self {
            source,
            ops,
            sets: HashMap::new(),
            names: Vec::new(),
            compiled: None,
            unjudged: Vec::new(),
            judged: 0,
            failed: 0,
            first_failure: None,
        }
    }

    /// The tasks for which it holds: those of `page`, and of earlier pages that could not be judged before.
    pub async fn hold(&mut self, page: Vec<Task>) -> Result<Vec<Task>, RequestError> {
        for task in &page {
            self.learn(task).await;
        }
        self.unjudged.extend(page);
        let script = self.compiled.get_or_insert_with(|| compile(&self.source, &self.names));
        match script {
            Ok(script) => {
                let script = script.clone();
                let tasks = std::mem::take(&mut self.unjudged);
                Ok(tasks.into_iter().filter(|task| self.holds(&script, task)).collect())
            }
            // A later page may bring a flow that declares the name.
            Err(_) if self.unjudged.len() <= MAX_UNJUDGED => Ok(Vec::new()),
            Err(findings) => Err(RequestError::Condition(placed(&self.source, findings))),
        }
    }

    /// Adds the names that a task's definition declares.
    async fn learn(&mut self, task: &Task) {
        if self.sets.contains_key(&task.digest) {
            return;
        }
        // If the definition cannot be read any more, the stored values are plain data.
        let set = self.ops.flow_of(task).await.ok().map(|flow| Arc::clone(&flow.attributes));
        for attribute in set.as_ref().unwrap_or(task.attributes.set_of()).iter() {
            if !self.names.contains(&attribute.name) {
                self.names.push(attribute.name.clone());
                self.compiled = None;
            }
        }
        self.sets.insert(task.digest.clone(), set);
    }

    fn holds(&mut self, script: &Script, task: &Task) -> bool {
        self.judged += 1;
        let set = self.sets.get(&task.digest).and_then(Option::as_ref);
        let adopted = set.and_then(|set| task.attributes.adopt(set).ok());
        let attributes = adopted.as_ref().unwrap_or(&task.attributes);
        let values = self.names.iter().map(|name| attributes.by_name(name).cloned().unwrap_or_default()).collect();
        let secrets = Hidden::new(Secrets::of(attributes));
        match script.condition(&OfTask { task, values }, None) {
            Ran::Done(holds) => holds,
            Ran::Stopped => false,
            Ran::Failed(failure) => {
                self.failed += 1;
                let message = secrets.text(failure.message);
                self.first_failure.get_or_insert(message);
                false
            }
        }
    }

    /// What was wrong with it in the end.
    pub fn finish(self) -> Result<Option<Skipped>, RequestError> {
        if let Some(Err(mut findings)) = self.compiled {
            // Without any task no name could be known.
            if self.sets.is_empty() {
                findings.retain(|finding| finding.unknown.is_none());
            }
            let findings = placed(&self.source, &findings);
            return if findings.is_empty() { Ok(None) } else { Err(RequestError::Condition(findings)) };
        }
        let name = self.source.name().to_owned();
        match self.first_failure {
            Some(why) if self.failed == self.judged => Err(RequestError::ConditionFails { name, why }),
            why => Ok(why.map(|why| Skipped { name, failed: self.failed, judged: self.judged, why })),
        }
    }
}

/// The attributes that an expression uses.
pub fn attributes_in(source: &Source) -> Vec<Name> {
    // As none are declared, each is reported as unknown.
    let mut names: Vec<Name> =
        compile(source, &[]).err().unwrap_or_default().into_iter().filter_map(|finding| finding.unknown).collect();
    names.sort();
    names.dedup();
    names
}

fn compile(source: &Source, names: &[Name]) -> Result<Script, Vec<ScriptFinding>> {
    let attributes = names.iter().map(|name| (name.clone(), Shape::default())).collect();
    let (expressions, findings) = Expressions::new(Vocabulary { attributes, ..Vocabulary::default() }, None);
    if !findings.is_empty() {
        return Err(findings);
    }
    let script = expressions.compile(source.text(), Role::Condition)?;
    if script.variables().iter().any(|variable| *variable != Variable::Task) {
        let message = "the expression sees the attributes of tasks and `task`, and nothing else of the language";
        let help = format!("the filter `{}` finds the sub-tasks of a task", filter_like(source, "parent"));
        return Err(vec![ScriptFinding::new(Position { line: 1, column: 1 }, None, message, Some(&help))]);
    }
    if script.reaches_outside() {
        let message = "the expression may only look at the task: no clock, no chance, no log, no capability";
        let (at, help) = (Position { line: 1, column: 1 }, Some("give the moment as a literal"));
        return Err(vec![ScriptFinding::new(at, None, message, help)]);
    }
    Ok(script)
}

fn placed(source: &Arc<Source>, findings: &[ScriptFinding]) -> Vec<Finding> {
    let place = |finding: &ScriptFinding| {
        let start = source.byte(finding.at);
        let end = finding.end.map_or(start, |end| source.byte(end));
        let placed = Finding::error(source, Span::new(start, end.max(start)), &finding.message);
        let help = filter_for(finding, source).or_else(|| finding.help.clone());
        Finding { help, ..placed }
    };
    findings.iter().map(place).collect()
}

/// What to write for something of the task itself that was asked for like an attribute.
fn filter_for(finding: &ScriptFinding, source: &Source) -> Option<String> {
    let filter = |name: &str| format!("that is not an attribute: use the filter `{}`", filter_like(source, name));
    match finding.unknown.as_deref() {
        Some(name @ ("id" | "flow" | "version" | "state" | "created_at" | "parent_id" | "attempt" | "visits")) => {
            Some(format!("that is not an attribute: write `task.{name}`"))
        }
        Some(name @ ("status" | "queue")) => Some(filter(name)),
        _ if source.text().contains("task.status") => Some(filter("status")),
        _ if source.text().contains("task.queue") => Some(filter("queue")),
        _ => None,
    }
}

/// The filter `name`, written as the condition is: `--status` beside a `--where`.
fn filter_like(source: &Source, name: &str) -> String {
    let before = source.name().strip_suffix("where").unwrap_or_default();
    format!("{before}{name}")
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
