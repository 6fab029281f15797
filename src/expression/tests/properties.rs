//! Properties that scripts must have for any text.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use crate::clock::{Timestamp, from_millis};
use crate::diagnostic::Position;
use crate::name::Name;
use crate::value::{Map, Shape, Stored, Value};

use crate::expression::{
    Answer, Assigned, Call, Expressions, Failure, Function, FunctionBody, Limits, Outside, OutsideRef, Ran, Role,
    Scope, ScriptFinding, Variable, Vocabulary,
};

/// Attributes that scripts may use.
fn attributes() -> Vec<(Name, Value)> {
    let list: Vec<Value> = vec![3i64.into(), 1i64.into(), "x".into()];
    let map = Value::map([("a", Value::from(list.clone())), ("b", Value::from(true))]);
    let named = [
        ("n", 5i64.into()),
        ("f", 1.5.into()),
        ("d", Value::Decimal(rust_decimal::Decimal::new(1990, 2))),
        ("t", " some text ".into()),
        ("l", list.into()),
        ("m", map),
        ("u", Value::Unit),
        ("day", from_millis(0).date_naive().pred_opt().map(Value::Date).unwrap_or_default()),
        ("at", Value::DateTime(from_millis(0).fixed_offset())),
        ("wait", Value::Duration(crate::duration::Duration::from_secs(90))),
    ];
    named.into_iter().map(|(name, value)| (Name::new(name), value)).collect()
}

/// The bounds for scripts: as strict as for users, but faster to reach.
fn limits() -> Limits {
    Limits {
        max_operations: 20_000,
        max_string_bytes: 64 * 1024,
        max_list_items: 5_000,
        max_map_entries: 1_000,
        ..Limits::default()
    }
}

struct World(Vec<(Name, Value)>);

impl Scope for World {
    fn attribute(&self, slot: usize) -> &Value {
        const NOTHING: &Value = &Value::Unit;
        self.0.get(slot).map_or(NOTHING, |(_, value)| value)
    }

    fn variable(&self, variable: Variable) -> Value {
        Value::map([("state", Value::text(format!("{variable:?}"))), ("attempt", Value::Integer(1))])
    }
}

/// Answers this many calls and stops at the next.
struct Answering(usize);

impl Outside for Answering {
    fn now(&mut self) -> Timestamp {
        from_millis(1_795_424_400_000)
    }

    fn random_bits(&mut self) -> u128 {
        7
    }

    fn call(&mut self, call: Call) -> Answer {
        match self.0.checked_sub(1) {
            None => Answer::Stop,
            Some(left) => {
                self.0 = left;
                Answer::Known(Ok(Value::list(call.arguments)))
            }
        }
    }

    fn start(&mut self, flow: Name, _: Map) -> Result<String, Failure> {
        Ok(flow.to_string())
    }

    fn log(&mut self, _: Name, _: String, _: Map) -> Result<(), Failure> {
        Ok(())
    }
}

/// The functions of the flow under test.
const OWN: &str = "fn own(x) { this ?? x }\nfn deep(x) { deep([x]) }";

fn expressions() -> &'static Expressions {
    static SHARED: OnceLock<Expressions> = OnceLock::new();
    SHARED.get_or_init(|| {
        let body = FunctionBody::Effect { capability: None };
        let effect = Function::new("send", 0..=3, body);
        let vocabulary = Vocabulary {
            attributes: attributes().into_iter().map(|(name, _)| (name, Shape::default())).collect(),
            functions: Arc::new(vec![effect]),
            uses: Vec::new(),
            flows: std::sync::Arc::default(),
            limits: limits(),
        };
        Expressions::new(vocabulary, Some(OWN)).0
    })
}

/// Compiles `data` as a script of each kind, runs it, and checks the promises of both.
pub(super) fn scripts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let world = World(attributes());
    for role in [Role::Action, Role::Value, Role::Condition] {
        match expressions().compile(text, role) {
            Ok(script) => {
                for answers in [0, 2] {
                    let outside = || Rc::new(RefCell::new(Answering(answers))) as OutsideRef;
                    let first = script.run(&world, Some(&outside()));
                    let again = script.run(&world, Some(&outside()));
                    held(text, &first);
                    assert_eq!(said(&first), said(&again), "the same again differs: {text:?}");
                }
                if let Ran::Failed(failure) = script.condition(&world, None) {
                    failed(text, &failure);
                }
            }
            Err(findings) => {
                assert!(!findings.is_empty(), "refused without a finding: {text:?}");
                findings.iter().for_each(|finding| found(text, finding));
            }
        }
        let functions = Expressions::new(Vocabulary { limits: limits(), ..Vocabulary::default() }, Some(text));
        functions.1.iter().for_each(|finding| found(text, finding));
    }
}

fn said(ran: &Ran<Assigned>) -> String {
    format!("{ran:?}")
}

/// What was assigned can be stored and read again.
fn held(text: &str, ran: &Ran<Assigned>) {
    match ran {
        Ran::Done(assigned) => {
            for (_, value) in assigned {
                let stored = serde_json::to_string(&Stored(value)).unwrap_or_default();
                let again = serde_json::from_str::<Stored>(&stored).ok().map(|Stored(again)| again);
                assert_eq!(again.as_ref(), Some(value), "not as it was stored: {text:?}");
            }
        }
        Ran::Stopped => {}
        Ran::Failed(failure) => failed(text, failure),
    }
}

fn failed(text: &str, failure: &Failure) {
    assert!(!failure.message.contains("panicked"), "{failure:?}: {text:?}");
    if let Some(place) = failure.at {
        within(if place.in_functions { OWN } else { text }, place.at);
    }
}

fn found(text: &str, finding: &ScriptFinding) {
    assert!(!finding.message.is_empty() && !finding.message.contains('\n'), "message {finding:?}: {text:?}");
    within(text, finding.at);
}

/// A place is within the text, or directly after its end.
fn within(text: &str, at: Position) {
    let lines: Vec<&str> = text.split('\n').collect();
    let line = at.line.checked_sub(1).and_then(|index| lines.get(index));
    let is_place = at.column >= 1 && line.is_some_and(|line| at.column <= line.chars().count() + 1);
    assert!(is_place, "{at:?} is no place in {text:?}");
}
