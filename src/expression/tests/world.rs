//! A scope and an outside for tests.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::{
    Answer, Assigned, Call, Expressions, Failure, Function, FunctionBody, Limits, Outside, OutsideRef, Ran, Role,
    Scope, Script, Variable, Vocabulary,
};
use crate::clock::Timestamp;
use crate::name::Name;
use crate::value::{Map, Shape, Value};

/// Attributes with their values, functions, limits.
#[derive(Clone, Default)]
pub(super) struct World {
    pub(super) attributes: Vec<(Name, Value)>,
    pub(super) variables: Vec<(Variable, Value)>,
    pub(super) functions: Vec<Function>,
    pub(super) own: Option<String>,
    pub(super) limits: Limits,
    pub(super) outside: Option<Rc<RefCell<Recorder>>>,
}

/// What reached outside.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) calls: Vec<Call>,
    pub(super) answers: Vec<Answer>,
    pub(super) started: Vec<(Name, Map)>,
    pub(super) logged: Vec<(Name, String, Map)>,
    pub(super) asked: usize,
}

impl Outside for Recorder {
    fn now(&mut self) -> Timestamp {
        crate::clock::from_millis(1_795_424_400_000)
    }

    fn random_bits(&mut self) -> u128 {
        self.asked += 1;
        0x0123_4567_89ab_cdef_0123_4567_89ab_cdef
    }

    fn call(&mut self, call: Call) -> Answer {
        self.calls.push(call);
        self.answers.get(self.calls.len() - 1).cloned().unwrap_or(Answer::Stop)
    }

    fn start(&mut self, flow: Name, attributes: Map) -> Result<String, Failure> {
        self.started.push((flow, attributes));
        Ok(format!("task-{}", self.started.len()))
    }

    fn log(&mut self, level: Name, text: String, fields: Map) -> Result<(), Failure> {
        self.logged.push((level, text, fields));
        Ok(())
    }
}

impl Scope for World {
    fn attribute(&self, slot: usize) -> &Value {
        &self.attributes[slot].1
    }

    fn variable(&self, variable: Variable) -> Value {
        self.variables.iter().find(|(own, _)| *own == variable).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

impl World {
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.push((Name::new(name), value.into()));
        self
    }

    pub(super) fn own(mut self, functions: &str) -> Self {
        self.own = Some(functions.to_owned());
        self
    }

    pub(super) fn reaching(mut self) -> Self {
        self.outside = Some(Rc::default());
        self
    }

    pub(super) fn effect(mut self, name: &str, arity: std::ops::RangeInclusive<usize>) -> Self {
        let body = FunctionBody::Effect { capability: None };
        self.functions.push(Function::new(name, arity, body));
        self
    }

    pub(super) fn expressions(&self) -> Expressions {
        let vocabulary = Vocabulary {
            attributes: self.attributes.iter().map(|(name, _)| (name.clone(), Shape::default())).collect(),
            functions: std::sync::Arc::new(self.functions.clone()),
            uses: Vec::new(),
            limits: self.limits.clone(),
            ..Vocabulary::default()
        };
        let (expressions, findings) = Expressions::new(vocabulary, self.own.as_deref());
        assert_eq!(findings, [], "functions");
        expressions
    }

    /// A script that the analysis finds nothing wrong with.
    #[track_caller]
    pub(super) fn script(&self, text: &str, role: Role) -> Script {
        match self.expressions().compile(text, role) {
            Ok(script) => script,
            Err(findings) => panic!("`{text}`: {findings:#?}"),
        }
    }

    /// A script that may be wrong: what the analysis finds, a run finds, too.
    #[track_caller]
    pub(super) fn wrong(&self, text: &str, role: Role) -> Script {
        match self.expressions().compile_anyway(text, role) {
            Ok(script) => script,
            Err(findings) => panic!("`{text}`: {findings:#?}"),
        }
    }

    fn reach(&self) -> Option<OutsideRef> {
        self.outside.clone().map(|recorder| recorder as OutsideRef)
    }

    /// What an expression gives.
    #[track_caller]
    pub(super) fn value(&self, text: &str) -> Ran<Value> {
        self.script(text, Role::Value).value(self, self.reach().as_ref())
    }

    /// What a body assigned.
    #[track_caller]
    pub(super) fn ran(&self, text: &str) -> Ran<Assigned> {
        self.script(text, Role::Action).run(self, self.reach().as_ref())
    }

    /// What an expression gives, as JSON.
    #[track_caller]
    pub(super) fn json(&self, text: &str) -> String {
        match self.value(text) {
            Ran::Done(value) => value.to_json().to_string(),
            other => panic!("`{text}`: {other:?}"),
        }
    }

    /// The failure of an expression.
    #[track_caller]
    pub(super) fn failure(&self, text: &str) -> Failure {
        match self.wrong(text, Role::Value).value(self, self.reach().as_ref()) {
            Ran::Failed(failure) => failure,
            other => panic!("`{text}`: {other:?}"),
        }
    }

    /// The failure of a body.
    #[track_caller]
    pub(super) fn body_failure(&self, text: &str) -> Failure {
        match self.wrong(text, Role::Action).run(self, self.reach().as_ref()) {
            Ran::Failed(failure) => failure,
            other => panic!("`{text}`: {other:?}"),
        }
    }

    /// What a body assigned, as JSON by name.
    #[track_caller]
    pub(super) fn assigned(&self, text: &str) -> String {
        match self.ran(text) {
            Ran::Done(assigned) => {
                let named = assigned.into_iter().map(|(slot, value)| (self.attributes[slot].0.clone(), value));
                Value::map(named).to_json().to_string()
            }
            other => panic!("`{text}`: {other:?}"),
        }
    }
}
