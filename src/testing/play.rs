//! Runs a test step by step, until its end or until it cannot go on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use uuid::Uuid;

use crate::clock::{Timestamp, VirtualClock, after};
use crate::diagnostic::{Finding, Span, Spanned};
use crate::flow::{Flow, Given, StateKind, Test, TestStepKind, nothing_calls};
use crate::interpreter::{NewTask, Trigger, begin};
use crate::library::{Entry, Library};
use crate::name::{Name, nearest};
use crate::task::{Attributes, Invalid, InvalidInput, Task, TaskId};
use crate::value::Map;

use super::answers::{Answers, Halt};
use super::coverage::{Recorded, Recorder};
use super::report::{PathStep, TestFailure, TestResult};
use super::stage::{Stage, Stopped};

/// The default start time of a test: a Monday.
const NOW: &str = "2026-11-23T09:00:00Z";

/// A refusal that no step has expected yet.
pub(super) struct Refused {
    pub(super) span: Span,
    pub(super) kind: Name,
    pub(super) message: String,
}

/// A running test.
pub(super) struct Play<'t> {
    pub(super) test: &'t Test,
    pub(super) stage: Stage,
    pub(super) refused: Option<Refused>,
    pub(super) failures: Vec<TestFailure>,
}

/// Runs a test of `flow`, which belongs to `library`.
pub(super) fn play(library: &Library, flow: &Arc<Flow>, test: &Arc<Test>) -> (TestResult, Recorded) {
    let began = Instant::now();
    let clock = Arc::new(VirtualClock::new(test.now.or_else(|| NOW.parse().ok()).unwrap_or_default()));
    let context = library.context();
    let answers = Arc::new(Answers::new(test, &clock, &context.functions));
    let (library, flow) = match answers.computing(&context) {
        Some(context) => {
            let library = library.under(&context);
            match library.get(&flow.name) {
                Some(Entry::Good(flow)) => (library, flow),
                _ => (library, Arc::clone(flow)),
            }
        }
        None => (library.clone(), Arc::clone(flow)),
    };
    let recorder = Recorder::new(&answers, test.state.is_some());
    let stage = Stage::new(&library, (clock, answers), recorder, context.limits);
    let mut play = Play { test, stage, refused: None, failures: Vec::new() };
    match (&test.migrate, &test.schedule) {
        (Some(migrate), _) => play.begin_migrated(&flow, migrate),
        (None, Some(schedule)) => play.begin_scheduled(&flow, schedule),
        (None, None) => play.begin(&flow),
    }
    for step in &test.steps {
        if !play.failures.is_empty() {
            break;
        }
        play.step(&flow, &step.kind, step.span);
    }
    play.not_refused();
    let mut result = play.result(&flow, began.elapsed());
    // What a test that failed did not come to is no surprise.
    if result.passed() {
        result.warnings = play.uncalled();
    }
    (result, play.stage.recorder.into_recorded())
}

impl Play<'_> {
    /// Warnings of the mocks that nothing has called.
    fn uncalled(&self) -> Vec<Finding> {
        let warn = |name: &Spanned<Name>| {
            let (message, help) = nothing_calls(&name.value);
            let finding = Finding::warning(&self.test.source, name.span, message);
            Finding { help: Some(help), ..finding }
        };
        self.stage.answers.uncalled().map(warn).collect()
    }

    /// Starts the task, and runs it until it rests.
    fn begin(&mut self, flow: &Arc<Flow>) {
        let (span, given) = (self.test.name.span, &self.test.given);
        let attributes = match self.test.state {
            None => flow.attributes.read(&given.values),
            Some(_) => some(flow, &given.values).map_err(InvalidInput::from),
        };
        let attributes = match attributes {
            Ok(attributes) => attributes,
            Err(why) => {
                let span = place(given, &why.first).unwrap_or(span);
                let message = format!("the task cannot be started: {}", why.with_help());
                self.refused = Some(Refused { span, kind: "validation".into(), message });
                return;
            }
        };
        let id = id_of(flow, self.test);
        let new = NewTask { id, attributes, parent: None, now: self.stage.now(), later: false };
        let mut task = *begin(flow, self.stage.flows(), new);
        if let Some(state) = self.test.state.and_then(|id| flow.states.get(id)) {
            task.state = state.name.clone();
            task.progress.visits = vec![(state.name.clone(), 1)];
            task.timeout_at = Some(timeout(flow, &state.kind, self.stage.now()));
        }
        self.stage.add(task, Arc::clone(flow), false);
        self.run(id, Trigger::Due, span);
    }

    pub(super) fn run(&mut self, id: TaskId, trigger: Trigger, span: Span) {
        let done = self.stage.drive(id, trigger);
        self.note(done, span);
    }

    /// Records the result of a step.
    fn note(&mut self, done: Result<(), Stopped>, span: Span) {
        match done {
            Ok(()) => {}
            Err(Stopped::Refused(refusal)) => {
                self.refused = Some(Refused { span, kind: refusal.kind, message: refusal.message });
            }
            Err(Stopped::Halted(halt)) => self.halt(halt, span),
        }
    }

    fn halt(&mut self, halt: Halt, span: Span) {
        let Halt { message, help, span: own } = halt;
        self.fail(own.unwrap_or(span), message, help);
    }

    pub(super) fn fail(&mut self, span: Span, message: String, help: Option<String>) {
        let source = Arc::clone(&self.test.source);
        self.failures.push(TestFailure { source, span, message, expected: None, got: None, help });
    }

    /// Fails if an earlier refusal was not expected by the next step.
    pub(super) fn not_refused(&mut self) {
        if let Some(Refused { span, kind, message }) = self.refused.take() {
            let help = format!("if that is what the test shows, expect it next: `error: {{ kind: {kind} }}`");
            self.fail(span, message, Some(help));
        }
    }

    /// Reports that the subject of a step does not exist.
    pub(super) fn nothing_started(&mut self, span: Span) {
        let help = "if a start is refused, only `error` can be expected".to_owned();
        self.fail(span, "there is no task: its start was refused".to_owned(), Some(help));
    }

    fn step(&mut self, flow: &Flow, kind: &TestStepKind, span: Span) {
        if let TestStepKind::Expect(expect) = kind {
            self.expect(expect);
            return;
        }
        self.not_refused();
        if !self.failures.is_empty() {
            return;
        }
        let Some(id) = self.stage.first().map(|held| held.task.id) else {
            self.nothing_started(span);
            return;
        };
        if self.stage.is_left {
            let state = self.test.state.and_then(|state| flow.states.get(state));
            let name = state.map(|state| state.name.clone()).unwrap_or_default();
            let message = format!("the task has left `{name}`, the one state that this test runs");
            self.fail(span, message, Some("leave `state` out to test what comes after".to_owned()));
            return;
        }
        match kind {
            TestStepKind::Advance(by) => {
                let done = self.stage.advance(*by);
                self.note(done, span);
            }
            TestStepKind::Interact(name, params) => self.interact(id, flow, name, params, span),
            TestStepKind::Wake => self.run(id, Trigger::Wake, span),
            TestStepKind::Restart => {
                let done = self.stage.restart().map_err(Stopped::Halted);
                self.note(done, span);
            }
            TestStepKind::Expect(_) => {}
        }
    }

    fn interact(&mut self, id: TaskId, flow: &Flow, name: &Name, given: &Given, span: Span) {
        let Some((number, interaction)) = flow.interactions.iter().enumerate().find(|(_, i)| i.name == *name) else {
            return;
        };
        match interaction.params.read(&given.values) {
            Ok(params) => self.run(id, Trigger::Interact { interaction: number, params, applied: None }, span),
            Err(why) => {
                let span = place(given, &why.first).unwrap_or(span);
                let message = format!("interaction `{name}`: {}", why.with_help());
                self.refused = Some(Refused { span, kind: "validation".into(), message });
            }
        }
    }

    fn result(&mut self, flow: &Flow, took: std::time::Duration) -> TestResult {
        let at = self.test.source.position(self.test.name.span.start);
        let mut path: Vec<PathStep> = Vec::new();
        let mut stands = None;
        let failures = std::mem::take(&mut self.failures);
        if let Some(held) = self.stage.first() {
            let Task { state, status, .. } = &held.task;
            stands = Some((state.clone(), *status));
            path.extend(held.history.iter().map(PathStep::from));
        }
        TestResult {
            flow: flow.name.clone(),
            name: self.test.name.value.clone(),
            file: self.test.source.name().to_owned(),
            line: at.line,
            failures: failures.into_iter().map(|failure| self.told(failure)).collect(),
            warnings: Vec::new(),
            path,
            stands,
            ended: self.stage.now(),
            took,
        }
    }

    /// A failure for the report, with every secret of the test's tasks masked.
    fn told(&self, failure: TestFailure) -> TestFailure {
        let hidden = &self.stage.hidden;
        let masked = |text: Option<String>| text.map(|text| hidden.text(text));
        TestFailure {
            message: hidden.text(failure.message),
            expected: masked(failure.expected),
            got: masked(failure.got),
            help: masked(failure.help),
            ..failure
        }
    }
}

/// The attributes for a single state: each value is read and checked, and required ones may be missing.
fn some(flow: &Flow, given: &Map) -> Result<Attributes, Invalid> {
    let mut attributes = Attributes::new(Arc::clone(&flow.attributes));
    let slots: BTreeMap<usize, _> =
        given.iter().filter_map(|(name, v)| Some((flow.attributes.slot(name)?, v))).collect();
    if let Some(name) = given.keys().find(|name| flow.attributes.slot(name).is_none()) {
        let near = nearest(name, flow.attributes.iter().map(|a| a.name.as_str())).map(str::to_owned);
        let invalid = Invalid::new(format!("`{name}` is not declared"));
        return Err(near.map_or(invalid.clone(), |near| invalid.with_help(format!("did you mean `{near}`?"))));
    }
    for (slot, value) in slots {
        let Some(attribute) = flow.attributes.get(slot) else { continue };
        let value = attribute.rules.read(value).map_err(|why| why.of(attribute))?;
        attribute.rules.check(&value).map_err(|why| why.of(attribute))?;
        attributes.set(slot, value);
    }
    Ok(attributes)
}

/// The place of the refused value, if it is one of those given.
fn place(given: &Given, why: &Invalid) -> Option<Span> {
    let outer = why.path.split(['.', '[']).next()?;
    given.places.iter().find(|(name, _)| name == outer).map(|(_, span)| *span)
}

/// When a task that begins in a state times out.
fn timeout(flow: &Flow, kind: &StateKind, now: Timestamp) -> Timestamp {
    match kind {
        StateKind::Wait(wait) => after(now, wait.timeout.unwrap_or(flow.timeout)),
        _ => after(now, flow.timeout),
    }
}

/// The id of the task of a test: the same whenever it is played.
pub(super) fn id_of(flow: &Flow, test: &Test) -> TaskId {
    Uuid::new_v5(&Uuid::nil(), format!("{}:{}", flow.name, test.name.value).as_bytes())
}
