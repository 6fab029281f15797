//! Tests of the analysis: what it reports, where, and what it accepts.

mod bounds;
mod findings;
mod known;
mod parsing;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::bodies::Bodies;
use super::super::parse::{What, configure, parse};
use super::super::{Function, FunctionBody, Given, Limits, Role, ScriptFinding, Vocabulary};
use super::{Analysis, Declared, analyse, declare};
use crate::name::Name;
use crate::value::{Shape, Type, Value};

/// A flow with an attribute of each type, the capabilities of the program, and some functions of an embedder.
fn vocabulary() -> Vocabulary {
    let mut attributes: Vec<(Name, Shape)> =
        Type::ALL.iter().map(|t| (Name::new(format!("a_{t}")), Shape::of(*t))).collect();
    let fields = BTreeMap::from([("vip".into(), Shape::of(Type::Boolean)), ("name".into(), Shape::of(Type::String))]);
    let customer = Shape { kind: Type::Map, items: None, fields: Some(fields), ..Shape::default() };
    let customers = Shape { kind: Type::List, items: Some(Box::new(customer.clone())), ..Shape::default() };
    for (name, shape) in [
        ("total", Shape::of(Type::Integer)),
        ("price", Shape::of(Type::Decimal)),
        ("name", Shape::of(Type::String)),
        ("guests", Shape::of(Type::List)),
        ("date", Shape::of(Type::Date)),
        ("paid", Shape::of(Type::Boolean)),
        ("x", Shape::of(Type::Any)),
        ("default", Shape::of(Type::String)),
        ("customer", customer),
        ("customers", customers),
    ] {
        attributes.push((name.into(), shape));
    }
    let effect = |name: &str, arity, capability: Option<&str>| {
        Function::new(name, arity, FunctionBody::Effect { capability: capability.map(Name::new) })
    };
    let functions = vec![
        effect("http::get", 1..=2, Some("http")),
        effect("http::post", 1..=2, Some("http")),
        effect("shell::run", 1..=3, Some("shell")),
        effect("send_email", 2..=3, None),
        Function::new("vat", 1..=1, FunctionBody::Pure(Arc::new(|_| Ok(Value::Unit)))),
    ];
    let (functions, limits) = (Arc::new(functions), Limits::default());
    Vocabulary { attributes, functions, uses: vec!["http".into()], limits, ..Vocabulary::default() }
}

/// An engine that can do nothing but parse.
fn engine() -> rhai::Engine {
    let mut engine = rhai::Engine::new_raw();
    configure(&mut engine, &Limits::default());
    engine
}

/// Declares functions, which must be right.
fn declared(functions: &str) -> Declared {
    let (declared, findings) = declare_any(functions);
    assert_eq!(findings, [], "{functions}");
    declared
}

fn declare_any(functions: &str) -> (Declared, Vec<ScriptFinding>) {
    match parse(&engine(), functions, What::Functions, &Limits::default()) {
        Ok(ast) => declare(&Bodies::of(&ast), functions, &vocabulary()),
        Err(findings) => (Declared::default(), findings),
    }
}

fn analysed_with(functions: &str, text: &str, role: Role) -> Analysis {
    match parse(&engine(), text, What::Script, &Limits::default()) {
        Ok(ast) => {
            analyse(&ast, &Bodies::of(&ast), text, &vocabulary(), &declared(functions), (role, Given::default()))
        }
        Err(findings) => Analysis { findings, ..Analysis::default() },
    }
}

fn analysed(text: &str, role: Role) -> Analysis {
    analysed_with("", text, role)
}

/// A finding on one line: `line:column-end message | help`.
fn line(finding: &ScriptFinding) -> String {
    let end = finding.end.map_or(String::new(), |end| format!("-{}", end.column));
    let help = finding.help.as_ref().map_or(String::new(), |help| format!(" | {help}"));
    format!("{}:{}{end} {}{help}", finding.at.line, finding.at.column, finding.message)
}

fn lines(findings: &[ScriptFinding]) -> Vec<String> {
    findings.iter().map(line).collect()
}

/// The names of slots.
fn names(slots: &[usize]) -> Vec<String> {
    let vocabulary = vocabulary();
    slots.iter().map(|slot| vocabulary.attributes[*slot].0.to_string()).collect()
}
