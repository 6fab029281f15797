//! Everything that is wrong with a value from outside, part by part.

use crate::value::{Type, Value};

use super::check::MISSING;
use super::{Attribute, Invalid, Rules};

/// The most parts of one value that are reported as wrong.
const MAX_WRONG_PARTS: usize = 20;

/// What is wrong with `value`, each part by itself. Nothing, if it can be read and keeps the rules.
pub(super) fn wrong_parts(rules: &Rules, value: &Value) -> Vec<Invalid> {
    let mut wrong = parts(rules, value);
    if wrong.len() > MAX_WRONG_PARTS {
        wrong.truncate(MAX_WRONG_PARTS);
        let more = format!("holds more that is wrong; {MAX_WRONG_PARTS} parts are reported (MAX_WRONG_PARTS)");
        wrong.push(Invalid::new(more));
    }
    wrong
}

/// The same. Beyond one more than the bound, no part is looked for.
fn parts(rules: &Rules, value: &Value) -> Vec<Invalid> {
    let Err(whole) = rules.read(value).and_then(|read| rules.check(&read)) else { return Vec::new() };
    let mut wrong = Vec::new();
    match (rules.kind, value) {
        // What is inside of a secret is not told apart.
        _ if rules.secret => {}
        (Type::List, Value::List(items)) => {
            for (at, item) in items.iter().enumerate() {
                let Some(inner) = rules.items.as_ref().filter(|_| wrong.len() <= MAX_WRONG_PARTS) else { break };
                wrong.extend(parts(inner, item).into_iter().map(|why| why.at(at)));
            }
        }
        (Type::Map, Value::Map(map)) => {
            if let Some(fields) = &rules.fields {
                let unknown = map.keys().filter(|name| !fields.iter().any(|field| field.name == **name));
                let names = || fields.iter().map(|field| field.name.as_str());
                wrong.extend(unknown.map(|name| Invalid::unknown(name, names())).take(MAX_WRONG_PARTS + 1));
                wrong.extend(fields.iter().flat_map(|field| of_field(field, map.get(&field.name))));
            }
        }
        _ => {}
    }
    // With its parts in order, it is the whole that breaks a rule.
    if wrong.is_empty() {
        wrong.push(whole);
    }
    wrong
}

fn of_field(field: &Attribute, value: Option<&Value>) -> Vec<Invalid> {
    match value {
        Some(value) => parts(&field.rules, value).into_iter().map(|why| why.of(field)).collect(),
        None if field.rules.required && field.default.is_none() => vec![Invalid::new(MISSING).of(field)],
        None => Vec::new(),
    }
}
