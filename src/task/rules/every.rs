//! Everything that is wrong with a value from outside, part by part.

use crate::value::{Type, Value};

use super::check::MISSING;
use super::{Attribute, Invalid, Rules};

/// The most parts of one value that are reported as wrong.
const MAX_WRONG_PARTS: usize = 20;

/// What is wrong with `value`, each part by itself. Nothing, if it can be read and keeps the rules.
pub(super) fn wrong_parts(rules: &Rules, value: &Value) -> Vec<Invalid> {
    let mut wrong: Vec<Invalid> = parts(rules, value).take(MAX_WRONG_PARTS + 1).collect();
    if wrong.len() > MAX_WRONG_PARTS {
        wrong.truncate(MAX_WRONG_PARTS);
        let more = format!("holds more that is wrong; {MAX_WRONG_PARTS} parts are reported (MAX_WRONG_PARTS)");
        wrong.push(Invalid::new(more));
    }
    wrong
}

fn parts<'p>(rules: &'p Rules, value: &'p Value) -> Box<dyn Iterator<Item = Invalid> + 'p> {
    let whole = rules.read(value).and_then(|read| rules.check(&read)).err();
    let Some(whole) = whole else { return Box::new(std::iter::empty()) };
    // What is inside of a secret is not told apart.
    let inner: Box<dyn Iterator<Item = Invalid> + 'p> = match (rules.kind, value) {
        _ if rules.secret => Box::new(std::iter::empty()),
        (Type::List, Value::List(items)) => match &rules.items {
            Some(inner) => {
                let of = |(at, item): (usize, &'p Value)| parts(inner, item).map(move |why| why.at(at));
                Box::new(items.iter().enumerate().flat_map(of))
            }
            None => Box::new(std::iter::empty()),
        },
        (Type::Map, Value::Map(map)) => match &rules.fields {
            Some(fields) => {
                let known = move |name: &str| fields.iter().any(|field| field.name == *name);
                let names = move || fields.iter().map(|field| field.name.as_str());
                let unknown =
                    map.keys().filter(move |name| !known(name)).map(move |name| Invalid::unknown(name, names()));
                Box::new(unknown.chain(fields.iter().flat_map(move |field| of_field(field, map.get(&field.name)))))
            }
            None => Box::new(std::iter::empty()),
        },
        _ => Box::new(std::iter::empty()),
    };
    let mut inner = inner.peekable();
    // With its parts in order, it is the whole that breaks a rule.
    let whole = if inner.peek().is_none() { Some(whole) } else { None };
    Box::new(inner.chain(whole))
}

fn of_field<'p>(field: &'p Attribute, value: Option<&'p Value>) -> Box<dyn Iterator<Item = Invalid> + 'p> {
    match value {
        Some(value) => Box::new(parts(&field.rules, value).map(|why| why.of(field))),
        None if field.rules.required && field.default.is_none() => {
            Box::new(std::iter::once(Invalid::new(MISSING).of(field)))
        }
        None => Box::new(std::iter::empty()),
    }
}
