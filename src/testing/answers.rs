//! The answers of functions and started flows in a test, and what they were called with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock as _, VirtualClock};
use crate::diagnostic::{Span, Spanned};
use crate::duration::Duration;
use crate::expression::{Compute, Failure, Function, FunctionBody, Gives};
use crate::flow::{Answer, AnswerKind, CheckContext, Mock, MockFailure, PlacedScript, Test};
use crate::host::Checked;
use crate::mask::masked;
use crate::name::Name;
use crate::task::{Outcome, Step, StepFailure};
use crate::value::{Map, Value};

use super::scripts;

/// Why a test cannot go on, other than an expectation that fails.
#[derive(Clone, Debug)]
pub(super) struct Halt {
    /// What happened.
    pub(super) message: String,
    /// What to do.
    pub(super) help: Option<String>,
    /// The place in the test file, if it is not the current step.
    pub(super) span: Option<Span>,
}

impl Halt {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, span: None }
    }

    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The mocks of a test, and how far their answers are used up.
pub(super) struct Answers {
    test: Arc<Test>,
    clock: Arc<VirtualClock>,
    /// What scripts may call.
    functions: Arc<Vec<Function>>,
    so_far: Mutex<SoFar>,
}

#[derive(Default)]
struct SoFar {
    /// How often each function, and each flow, has answered.
    turns: BTreeMap<(bool, Name), usize>,
    calls: Vec<(Name, Vec<Value>)>,
    /// How many of the calls were made before the current body began.
    before_body: usize,
    /// The error in a pure function, if there was one.
    halt: Option<Halt>,
}

/// How a mocked sub-task ends.
pub(super) enum Ends {
    /// With the fields of this map.
    So(Map),
    /// It fails.
    Fails(MockFailure),
}

impl Answers {
    pub(super) fn new(test: &Arc<Test>, clock: &Arc<VirtualClock>, functions: &Arc<Vec<Function>>) -> Self {
        let (test, clock, functions) = (Arc::clone(test), Arc::clone(clock), Arc::clone(functions));
        Self { test, clock, functions, so_far: Mutex::default() }
    }

    fn so_far(&self) -> MutexGuard<'_, SoFar> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The arguments of every call of `function`, in order.
    pub(super) fn calls(&self, function: &str) -> Vec<Value> {
        let so_far = self.so_far();
        let own = so_far.calls.iter().filter(|(name, _)| *name == *function);
        own.map(|(_, arguments)| Value::list(arguments.clone())).collect()
    }

    /// A body begins: what it has called so far is called again if it is repeated.
    pub(super) fn begin_body(&self) {
        let mut so_far = self.so_far();
        so_far.before_body = so_far.calls.len();
    }

    /// The current body will be repeated, including the pure functions that it called.
    pub(super) fn repeat_body(&self) {
        let mut so_far = self.so_far();
        let before = so_far.before_body;
        so_far.calls.truncate(before);
    }

    /// Does something whose calls do not count.
    pub(super) fn aside<T>(&self, ask: impl FnOnce() -> T) -> T {
        let before = self.so_far().calls.len();
        let answer = ask();
        self.so_far().calls.truncate(before);
        answer
    }

    /// The mocks that nothing has called: of functions, then of flows.
    pub(super) fn uncalled(&self) -> impl Iterator<Item = &Spanned<Name>> {
        let so_far = self.so_far();
        let is_called = |mock: &&Mock| so_far.calls.iter().any(|(name, _)| *name == mock.name.value);
        let is_started = |mock: &&Mock| so_far.turns.contains_key(&(true, mock.name.value.clone()));
        let calls = self.test.mocks.iter().filter(|mock| !is_called(mock));
        let starts = self.test.starts.iter().filter(|mock| !is_started(mock));
        calls.chain(starts).map(|mock| &mock.name).collect::<Vec<_>>().into_iter()
    }

    /// The error that has occurred in a pure function, if any.
    pub(super) fn halted(&self) -> Option<Halt> {
        self.so_far().halt.take()
    }

    /// The outcome of a step that is called in `place`, and how long it takes.
    pub(super) fn perform(&self, step: &Step, place: &str) -> Result<(Outcome, Duration), Halt> {
        let function = &step.function;
        self.so_far().calls.push((function.clone(), step.arguments.clone()));
        let Some(mock) = self.test.mocks.iter().find(|mock| mock.name.value == *function) else {
            return Err(Halt::new(format!("`{function}` is called in {place}, and is not mocked"))
                .with_help(format!("say what it gives: `mocks: {{ {function}: … }}`")));
        };
        let called = self.functions.iter().find(|known| known.name == *function);
        // A call that fails in life for what it is given fails here too, before anything is asked.
        let call = match called.map(|called| Checked::read(called, &step.arguments)).transpose() {
            Ok(call) => call,
            Err(failure) => return Ok((Err(failure), Duration::ZERO)),
        };
        let Some((answer, turn)) = self.next(mock, false) else { return Err(nothing(function)) };
        if let Some((limit, failure)) = call.as_ref().and_then(|call| call.cut_off(answer.takes)) {
            return Ok((Err(failure), limit));
        }
        let outcome = match &answer.kind {
            AnswerKind::Give(value) => Ok(value.clone()),
            AnswerKind::Fail(failure) => Err(step_failure(function, failure)),
            AnswerKind::Script(script) => self.scripted(function, script, &step.arguments, turn)?,
        };
        let outcome = match (outcome, call) {
            (Ok(given), Some(call)) => {
                let gives = called.and_then(|called| called.takes.gives);
                call.judged(as_in_life(function, gives, given, answer.span)?)
            }
            (outcome, _) => outcome,
        };
        Ok((outcome, answer.takes))
    }

    /// How a sub-task of `flow` started with `given` ends, how long that takes, and the place of the mock; none if it
    /// is not mocked.
    pub(super) fn start(&self, flow: &Name, given: &Value) -> Result<Option<(Ends, Duration, Span)>, Halt> {
        let Some(mock) = self.test.starts.iter().find(|mock| mock.name.value == *flow) else { return Ok(None) };
        let Some((answer, turn)) = self.next(mock, true) else { return Err(nothing(flow)) };
        let ends = match &answer.kind {
            AnswerKind::Give(value) => Ends::So(fields(value)),
            AnswerKind::Fail(failure) => Ends::Fails(failure.clone()),
            AnswerKind::Script(script) => match self.scripted(flow, script, std::slice::from_ref(given), turn)? {
                Ok(value @ Value::Map(_)) => Ends::So(fields(&value)),
                Ok(other) => {
                    let message = format!("the mock of `{flow}` gives {}", super::shown::shown(&other));
                    let halt = Halt { span: Some(answer.span), ..Halt::new(message) };
                    return Err(halt.with_help("the outcome of a sub-task is a map: `#{ status: \"completed\" }`"));
                }
                Err(StepFailure { kind, message, data }) => {
                    Ends::Fails(MockFailure { kind: Some(kind), message: Some(message), data })
                }
            },
        };
        Ok(Some((ends, answer.takes, answer.span)))
    }

    /// The next answer, and how many came before; the last one repeats.
    fn next<'m>(&self, mock: &'m Mock, starts: bool) -> Option<(&'m Answer, usize)> {
        let mut so_far = self.so_far();
        let turns = so_far.turns.entry((starts, mock.name.value.clone())).or_default();
        let turn = *turns;
        *turns += 1;
        mock.answers.get(turn).or(mock.answers.last()).map(|answer| (answer, turn))
    }

    fn scripted(
        &self,
        function: &Name,
        script: &PlacedScript,
        arguments: &[Value],
        turn: usize,
    ) -> Result<Outcome, Halt> {
        let seed = format!("{}:{function}:{turn}", self.test.name.value);
        match scripts::run(script, Value::list(arguments.to_vec()), self.clock.now(), seed) {
            Ok(value) => Ok(Ok(value)),
            // An error in the script, rather than a failure that it gives on purpose.
            Err(Failure { kind, message, at, .. }) if kind == "script" || kind == "limit" => {
                let span = at.filter(|at| !at.in_functions).map(|at| self.test.place(&script.scalar, at.at));
                let message = format!("the mock of `{function}` failed: {message}");
                Err(Halt { span: Some(span.unwrap_or(script.scalar.span)), ..Halt::new(message) })
            }
            Err(Failure { kind, message, data, .. }) => Ok(Err(StepFailure { kind, message, data })),
        }
    }

    /// `context` in which pure functions that the test mentions are mocked and counted; none if it mentions none.
    pub(super) fn computing(self: &Arc<Self>, context: &CheckContext) -> Option<CheckContext> {
        let is_pure = |function: &Function| matches!(function.body, FunctionBody::Pure(_));
        let is_meant = |function: &Function| is_pure(function) && self.test.speaks_of(&function.name);
        let functions = &context.functions;
        if !functions.iter().any(is_meant) {
            return None;
        }
        let replaced = functions.iter().map(|function| match &function.body {
            FunctionBody::Pure(own) if is_meant(function) => {
                let (answers, name, own) = (Arc::clone(self), function.name.clone(), Arc::clone(own));
                let compute = move |arguments: &[Value]| answers.compute(&name, arguments, &*own);
                Function { body: FunctionBody::Pure(Arc::new(compute)), ..function.clone() }
            }
            _ => function.clone(),
        });
        Some(CheckContext { functions: Arc::new(replaced.collect()), limits: context.limits.clone() })
    }

    /// The result of a pure function: that of `own` if it is not mocked. Its turn is the number of calls before,
    /// whatever was repeated.
    fn compute(&self, function: &Name, arguments: &[Value], own: &Compute) -> Result<Value, Failure> {
        let turn = {
            let mut so_far = self.so_far();
            let turn = so_far.calls.iter().filter(|(name, _)| name == function).count();
            so_far.calls.push((function.clone(), arguments.to_vec()));
            turn
        };
        let Some(mock) = self.test.mocks.iter().find(|mock| mock.name.value == *function) else {
            return own(arguments);
        };
        let Some(answer) = mock.answers.get(turn).or(mock.answers.last()) else { return Ok(Value::Unit) };
        match &answer.kind {
            AnswerKind::Give(value) => Ok(value.clone()),
            AnswerKind::Fail(failure) => Err(step_failure(function, failure).into()),
            AnswerKind::Script(script) => match self.scripted(function, script, arguments, turn) {
                Ok(outcome) => outcome.map_err(Failure::from),
                Err(halt) => {
                    let failure = Failure::new("script", halt.message.clone());
                    self.so_far().halt.get_or_insert(halt);
                    Err(failure)
                }
            },
        }
    }
}

/// The result that a mock gives, if the function can give it.
fn as_in_life(function: &Name, gives: Option<Gives>, given: Value, span: Span) -> Result<Value, Halt> {
    let Some(gives) = gives else { return Ok(given) };
    let Some(misfit) = gives.misfits(function, &given).into_iter().next() else { return Ok(gives.filled(given)) };
    let message = format!("the mock gives what `{function}` never gives: {}", masked(&misfit.message));
    Err(Halt { message, help: misfit.help, span: Some(span) })
}

fn nothing(name: &Name) -> Halt {
    Halt::new(format!("the mock of `{name}` has no answer"))
}

fn fields(value: &Value) -> Map {
    if let Value::Map(map) = value { Map::clone(map) } else { Map::new() }
}

/// A failure as the capability itself would make it, unless the mock says more.
fn step_failure(function: &Name, failure: &MockFailure) -> StepFailure {
    let module = function.split_once("::").map_or("script", |(module, _)| module);
    StepFailure {
        kind: failure.kind.clone().unwrap_or_else(|| module.into()),
        message: failure.message.clone().unwrap_or_else(|| format!("`{function}` failed, as its mock says")),
        data: failure.data.clone(),
    }
}
