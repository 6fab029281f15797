//! Tests: what they name must exist, and their scripts must compile. They are in the flow or in a file beside it.

mod begins;
mod expect;
mod fields;
mod mocks;

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::definition::{
    AttributeDoc, Document, InteractionDoc, PlainValue, PlainValues, StateKindDoc, StepDoc, StepKindDoc, TestDoc,
    TestsDoc,
};
use crate::diagnostic::{Finding, Source, Span, Spanned};
use crate::expression::{Expressions, Role, ScriptFinding};
use crate::name::Name;
use crate::value::{Type, Value};

pub(crate) use mocks::nothing_calls;

use super::check::Checker;
use super::findings::{Findings, meant};
use super::scripts::span_between;
use super::test::{Given, Test, TestStep, TestStepKind};
use super::{CheckContext, Flow, PlacedScript, Signature, StateId};

/// Checks the tests of `flow` in a file of their own; `document` is the flow as authored. Tests with mistakes are left out.
/// `earlier` are the flow's other tests.
pub(crate) fn check_tests(
    tests: &TestsDoc,
    earlier: &[Arc<Test>],
    (document, flow): (&Document, &Flow),
    known: &[Signature],
    context: &CheckContext,
) -> (Vec<Arc<Test>>, Vec<Finding>) {
    let mut checker = TestChecker {
        document,
        known,
        context,
        expressions: &flow.expressions,
        source: &tests.source,
        mocking: OnceCell::new(),
        findings: Findings::new(&tests.source),
    };
    let tests = checker.tests(&tests.tests, earlier.iter().map(|test| test.name.value.as_str()).collect());
    (tests, checker.findings.finish())
}

/// What the check of tests works with.
struct TestChecker<'a> {
    document: &'a Document,
    known: &'a [Signature],
    context: &'a CheckContext,
    /// The scripting of the flow, for what is expected of its tasks.
    expressions: &'a Expressions,
    /// The file that contains the tests.
    source: &'a Arc<Source>,
    /// The scripting of mocks, which see `args` and the flow's functions.
    mocking: OnceCell<Expressions>,
    findings: Findings,
}

impl Checker<'_> {
    /// Checks the tests in the flow. A pinned definition has none: its tests have been run.
    pub(super) fn own_tests(&mut self) -> Vec<Arc<Test>> {
        let Some(known) = self.known else { return Vec::new() };
        let mut checker = TestChecker {
            document: self.document,
            known,
            context: self.context,
            expressions: &self.expressions,
            source: &self.document.source,
            mocking: OnceCell::new(),
            findings: Findings::new(&self.document.source),
        };
        let tests = checker.tests(&self.document.tests, HashSet::new());
        self.findings.extend(checker.findings);
        tests
    }
}

impl TestChecker<'_> {
    /// The tests of `docs`; `names` are the names already used.
    fn tests<'d>(&mut self, docs: &'d [TestDoc], mut names: HashSet<&'d str>) -> Vec<Arc<Test>> {
        for doc in docs {
            if !names.insert(&doc.name.value) {
                let message = format!("a test is called `{}` already", doc.name.value);
                self.findings.error(doc.name.span, message, Some("say what this one shows".to_owned()));
            }
        }
        docs.iter().filter_map(|doc| self.test(doc)).map(Arc::new).collect()
    }

    /// A test; none if it has a mistake. All of it is checked, even after a mistake in its first parts.
    fn test(&mut self, doc: &TestDoc) -> Option<Test> {
        let document = self.document;
        let before = self.findings.errors();
        let state = doc.state.as_ref().and_then(|state| self.state(state));
        let given =
            self.values(&doc.given, &document.attributes, &|name| format!("unknown attribute `{name}` in a test"));
        let now = doc.now.as_ref().and_then(|now| self.moment("now", now));
        self.begins_once(doc);
        let migrate = doc.migrate.as_ref().and_then(|migrate| self.migrated(migrate));
        let schedule = doc.schedule.as_ref().and_then(|schedule| self.fires(schedule));
        let mocks = doc.mocks.iter().filter_map(|mock| self.mock(mock)).collect();
        let starts = doc.starts.iter().filter_map(|mock| self.start(mock)).collect();
        let mut steps = Vec::with_capacity(doc.steps.len() + 1);
        for step in &doc.steps {
            let kind = match &step.kind {
                StepKindDoc::Expect(expect) => TestStepKind::Expect(Box::new(self.expect(expect))),
                StepKindDoc::Advance(by) => TestStepKind::Advance(by.value),
                StepKindDoc::Interact(name, params) => {
                    TestStepKind::Interact(name.value.clone(), self.params(name, params))
                }
                StepKindDoc::Wake => TestStepKind::Wake,
                StepKindDoc::Restart => TestStepKind::Restart,
            };
            steps.push(TestStep { kind, span: step.span });
        }
        if let Some(expect) = &doc.expect {
            let span = expect.keys.first().map_or(doc.name.span, |(_, span)| *span);
            steps.push(TestStep { kind: TestStepKind::Expect(Box::new(self.expect(expect))), span });
        }
        let expects = |step: &StepDoc| matches!(&step.kind, StepKindDoc::Expect(_));
        let is_told = begins::expects(doc);
        if doc.expect.is_none() && !is_told && !doc.steps.is_empty() && !doc.steps.iter().any(expects) {
            let message = "the test expects nothing: it passes whatever the task does";
            self.findings.error(doc.name.span, message, Some("say what must hold: `expect: …`".to_owned()));
        }
        self.ends_elsewhere(doc, state);
        self.uncalled(doc);
        let is_whole = self.findings.errors() == before;
        is_whole.then(|| Test {
            name: doc.name.clone(),
            source: Arc::clone(self.source),
            state,
            migrate,
            schedule,
            given,
            now,
            mocks,
            starts,
            steps,
        })
    }

    /// `state: pay` with `expect: { status: completed }`: one state runs alone, and the task ends in another.
    fn ends_elsewhere(&mut self, doc: &TestDoc, state: Option<StateId>) {
        let (Some(state), Some(expect)) = (state.and_then(|id| self.document.states.get(id)), &doc.expect) else {
            return;
        };
        let Some(status) = expect.status.as_ref().filter(|status| status.value == *"completed") else { return };
        let leads_on = matches!(
            state.kind,
            StateKindDoc::Action(_) | StateKindDoc::Decision(_) | StateKindDoc::WaitUntil(_) | StateKindDoc::Start(_)
        );
        if leads_on {
            let name = &state.name.value;
            let message = format!("this test runs `{name}` alone, and no task is completed there");
            let help = "say where it leads, `expect: { state: … }`; without `state:` the test runs the whole flow";
            self.findings.error(status.span, message, Some(help.to_owned()));
        }
    }

    fn state(&mut self, name: &Spanned<Name>) -> Option<StateId> {
        let states = &self.document.states;
        let found = states.iter().position(|state| state.name.value == name.value);
        if found.is_none() {
            let known = states.iter().map(|state| state.name.value.as_str());
            self.unknown(name.span, format!("unknown state `{}` in a test", name.value), &name.value, known);
        }
        found
    }

    fn params(&mut self, name: &Spanned<Name>, params: &PlainValues) -> Given {
        let interactions = &self.document.interactions;
        let Some(InteractionDoc { params: declared, .. }) = interactions.iter().find(|i| i.name.value == name.value)
        else {
            let help = meant(&name.value, interactions.iter().map(|i| i.name.value.as_str())).or_else(|| {
                let starts = self.document.states.iter().any(|s| matches!(s.kind, StateKindDoc::Start(_)));
                let of_main = "steps act on the task of this flow alone; what its sub-tasks become is said under \
                               `mocks: { start: … }`";
                starts.then(|| of_main.to_owned())
            });
            self.findings.error(name.span, format!("unknown interaction `{}` in a test", name.value), help);
            return Given::default();
        };
        self.values(params, declared, &|param| format!("`{}` has no parameter `{param}`", name.value))
    }

    /// Values for what is `declared`. Rules are checked when the test runs: a test may show that values break them.
    fn values(&mut self, given: &PlainValues, declared: &[AttributeDoc], wrong: &dyn Fn(&Name) -> String) -> Given {
        let mut values = Given::default();
        for (name, plain) in given {
            match declared.iter().find(|a| a.name.value == name.value) {
                Some(attribute) => {
                    self.needs_quotes(attribute, plain);
                    values.values.insert(name.value.clone(), plain.value.value.clone());
                    values.places.push((name.value.clone(), name.span));
                }
                None => {
                    let known = declared.iter().map(|a| a.name.value.as_str());
                    self.unknown(name.span, wrong(&name.value), &name.value, known);
                }
            }
        }
        values
    }

    /// `cc: 1234` for a text: YAML makes a number of it. No test can want that.
    fn needs_quotes(&mut self, attribute: &AttributeDoc, plain: &Spanned<PlainValue>) {
        let is_text = attribute.rules.kind.as_ref().is_some_and(|kind| kind.value == Type::String);
        let value = &plain.value.value;
        let is_other = matches!(value, Value::Integer(_) | Value::Number(_) | Value::Float(_) | Value::Boolean(_));
        if is_text && is_other {
            let name = &attribute.name.value;
            let message = format!("`{name}` is a string, and this is {}", fields::article(value));
            let help = plain.value.text.as_ref().map(|text| format!("quote it: `\"{text}\"`"));
            self.findings.error(plain.span, message, help);
        }
    }

    fn unknown<'k>(&mut self, span: Span, message: String, name: &str, known: impl IntoIterator<Item = &'k str>) {
        self.findings.error(span, message, meant(name, known));
    }

    fn moment(&mut self, key: &str, now: &Spanned<String>) -> Option<Timestamp> {
        match now.value.parse::<Timestamp>() {
            Ok(moment) => Some(moment),
            Err(_) => {
                let help = Some("write it like `2026-11-23T09:00:00Z`".to_owned());
                self.findings.error(now.span, format!("`{key}`: `{}` is not a moment with an offset", now.value), help);
                None
            }
        }
    }

    /// Compiles a script of a test.
    fn script(
        &mut self,
        scalar: &crate::definition::Scalar,
        compiled: Result<crate::expression::Script, Vec<ScriptFinding>>,
    ) -> Option<PlacedScript> {
        match compiled {
            Ok(script) => Some(PlacedScript { script, scalar: scalar.clone() }),
            Err(wrong) => {
                for finding in wrong {
                    let span = span_between(self.source, scalar, finding.at, finding.end);
                    self.findings.error(span, finding.message, finding.help);
                }
                None
            }
        }
    }

    /// Compiles an `expect`.
    fn condition(&mut self, scalar: &crate::definition::Scalar) -> Option<PlacedScript> {
        let compiled = self.expressions.compile(&scalar.text, Role::ErrorCondition);
        self.script(scalar, compiled)
    }
}
