//! Checks attributes, parameters and fields: rules must fit the type, and defaults must keep the rules.

use crate::definition::{AttributeDoc, PlainValue, RulesDoc};
use crate::diagnostic::{Span, Spanned};
use crate::name::Name;
use crate::task::{Attribute, Invalid, Pattern, Rules};
use crate::value::{Type, Value};

use super::findings::{Findings, listed};

/// The variables of the language, whose names attributes may not have.
const VARIABLES: [&str; 9] = [
    "task",
    "params",
    "error",
    "item",
    "index",
    "sub_tasks",
    "active_sub_tasks",
    "completed_sub_tasks",
    "failed_sub_tasks",
];

/// Words of the script language: scripts could not refer to an attribute with such a name.
const WORDS: [&str; 28] = [
    "if", "else", "while", "loop", "for", "in", "do", "until", "break", "continue", "switch", "let", "const", "fn",
    "return", "throw", "try", "catch", "true", "false", "this", "private", "and", "or", "not", "as", "global",
    "import",
];

/// Checks the attributes a flow declares.
pub(super) fn attributes(docs: &[AttributeDoc], findings: &mut Findings) -> Vec<Attribute> {
    for AttributeDoc { name, .. } in docs {
        if VARIABLES.contains(&name.value.as_str()) {
            let message =
                format!("an attribute may not be called `{}`: that is a variable of the language", name.value);
            findings.error(name.span, message, Some(format!("call it `{}_`, for example", name.value)));
        } else if WORDS.contains(&name.value.as_str()) {
            let message = format!("an attribute may not be called `{}`: that is a word of scripts", name.value);
            findings.error(name.span, message, Some(format!("call it `{}_`, for example", name.value)));
        }
    }
    declared(docs, findings)
}

/// Checks the parameters of an interaction, which scripts read as `params.NAME`.
pub(super) fn parameters(docs: &[AttributeDoc], findings: &mut Findings) -> Vec<Attribute> {
    declared(docs, findings)
}

fn declared(docs: &[AttributeDoc], findings: &mut Findings) -> Vec<Attribute> {
    docs.iter().map(|doc| attribute(doc, findings)).collect()
}

fn attribute(doc: &AttributeDoc, findings: &mut Findings) -> Attribute {
    let rules = rules(&doc.rules, findings);
    let mut attribute = Attribute { name: doc.name.value.clone(), rules, default: None };
    if let Some(default) = doc.rules.default.as_ref().filter(|d| !d.value.value.is_unit()) {
        match read(&attribute, &default.value) {
            Ok(value) => attribute.default = Some(value),
            Err(_) => {
                for why in attribute.rules.wrong_parts(&default.value.value) {
                    let why = why.of(&attribute);
                    let help = why.help.clone().or_else(|| quote_it(&why));
                    findings.error(place(default, &attribute, &why), format!("`default`: {why}"), help);
                }
            }
        }
    }
    attribute
}

/// Reads a plain value as `attribute`'s type and checks it against the rules.
pub(super) fn read(attribute: &Attribute, plain: &PlainValue) -> Result<Value, Invalid> {
    let value = attribute.rules.read(&plain.value).map_err(|why| why.of(attribute))?;
    attribute.rules.check(&value).map_err(|why| why.of(attribute))?;
    Ok(value)
}

/// The place within a `default` that `why` refuses: the item of a list, the field of a map.
fn place(default: &Spanned<PlainValue>, attribute: &Attribute, why: &Invalid) -> Span {
    let inside = why.path.strip_prefix(attribute.name.as_str()).unwrap_or_default();
    // For an undeclared field, the place is its map.
    let inside = match inside.rsplit_once('.') {
        Some((map, _)) if why.reason == "is not declared" => map,
        _ => inside,
    };
    default.value.parts.find(inside).unwrap_or(default.span)
}

/// The help where YAML reads a text as a number or another type.
fn quote_it(why: &Invalid) -> Option<String> {
    let is_text = why.reason.starts_with("must be of type `string`");
    is_text.then(|| "if it is meant as text, quote it".to_owned())
}

/// The declared type, or the one that the other rules imply.
pub(super) fn kind_of(doc: &RulesDoc) -> Type {
    match &doc.kind {
        Some(kind) => kind.value,
        None if doc.items.is_some() => Type::List,
        None if doc.fields.is_some() => Type::Map,
        None => Type::Any,
    }
}

fn rules(doc: &RulesDoc, findings: &mut Findings) -> Rules {
    let kind = kind_of(doc);
    check_fit(doc, kind, findings);
    let mut rules = Rules {
        kind,
        required: doc.required.as_ref().is_some_and(|r| r.value),
        items: doc.items.as_ref().map(|items| Box::new(self::rules(items, findings))),
        fields: doc.fields.as_ref().map(|fields| declared(fields, findings)),
        pattern: doc.pattern.as_ref().and_then(|p| pattern(p, findings)),
        model: doc.model.as_ref().map(|m| m.value.clone()),
        secret: doc.secret.as_ref().is_some_and(|s| s.value),
        description: doc.description.as_ref().map(|d| d.value.clone()),
        ..Rules::default()
    };
    if let Some(default) = doc.items.as_ref().and_then(|items| items.default.as_ref()) {
        findings.error(default.span, "what a list holds has no `default`", None);
    }
    rules.one_of = doc.one_of.as_ref().map(|one_of| choices(kind, one_of, findings));
    rules.min = doc.min.as_ref().and_then(|min| bound("min", kind, min, findings));
    rules.max = doc.max.as_ref().and_then(|max| bound("max", kind, max, findings));
    check_order(&rules, doc, findings);
    rules
}

/// Reports rules that do not apply to the type.
fn check_fit(doc: &RulesDoc, kind: Type, findings: &mut Findings) {
    let mut refuse = |rule: &str, span: Span, fits: &[Type]| {
        if !fits.contains(&kind) {
            let fits = listed(fits.iter().map(|t| t.name()));
            findings.error(span, format!("`{rule}` does not go with type `{kind}`, only with {fits}"), None);
        }
    };
    if let Some(pattern) = &doc.pattern {
        refuse("pattern", pattern.span, &[Type::String, Type::Any]);
    }
    if let Some(items) = &doc.items {
        refuse("items", items.span, &[Type::List]);
    }
    if let Some(fields) = &doc.fields {
        refuse("fields", fields.first().map_or(doc.span, |f| f.name.span), &[Type::Map]);
    }
    if let Some(model) = &doc.model {
        refuse("model", model.span, &[Type::Ref, Type::Refs]);
    }
}

fn pattern(pattern: &Spanned<String>, findings: &mut Findings) -> Option<Pattern> {
    match Pattern::new(&pattern.value) {
        Ok(compiled) => Some(compiled),
        Err(why) => {
            let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
            findings.error(pattern.span, format!("`pattern` is not a regular expression: {why}"), None);
            None
        }
    }
}

/// The values of `one_of`, each of the attribute's type.
fn choices(kind: Type, one_of: &Spanned<Vec<Spanned<PlainValue>>>, findings: &mut Findings) -> Vec<Value> {
    let typed = Rules { kind, ..Rules::default() };
    let mut choices = Vec::with_capacity(one_of.value.len());
    for choice in &one_of.value {
        match typed.read(&choice.value.value) {
            Ok(value) => choices.push(value),
            Err(why) => findings.error(choice.span, format!("a value of `one_of` {}", why.reason), why.help),
        }
    }
    choices
}

/// `min` or `max`: a value of the type, or a length.
fn bound(rule: &str, kind: Type, given: &Spanned<PlainValue>, findings: &mut Findings) -> Option<Value> {
    let read = match kind {
        Type::Integer | Type::Float | Type::Decimal | Type::Date | Type::Datetime | Type::Duration => {
            Rules { kind, ..Rules::default() }.read(&given.value.value)
        }
        Type::String | Type::List | Type::Refs => match given.value.value {
            Value::Integer(length) if length >= 0 => Ok(Value::Integer(length)),
            _ => Err(Invalid::new(format!("bounds the length of a `{kind}`: expected a whole number, 0 or more"))),
        },
        Type::Any => Ok(given.value.value.clone()),
        Type::Boolean | Type::Map | Type::Ref => Err(Invalid::new(format!(
            "does not go with type `{kind}`: it bounds numbers, dates, and the length of strings and lists"
        ))),
    };
    match read {
        Ok(Value::Unit) => None,
        Ok(value) => Some(value),
        Err(why) => {
            findings.error(given.span, format!("`{rule}` {}", why.reason), why.help);
            None
        }
    }
}

fn check_order(rules: &Rules, doc: &RulesDoc, findings: &mut Findings) {
    if let (Some(min), Some(max), Some(place)) = (&rules.min, &rules.max, &doc.min) {
        let upper = Rules { max: Some(max.clone()), ..Rules::default() };
        if min.as_str().is_none() && upper.check(min).is_err() {
            let message =
                format!("`min` of {} is more than `max` of {}: no value keeps both", min.to_text(), max.to_text());
            findings.error(place.span, message, None);
        }
    }
}

/// The slots of the `index` attributes, by which tasks can be found.
pub(super) fn index(names: &[Spanned<Name>], attributes: &[Attribute], findings: &mut Findings) -> Vec<usize> {
    let mut slots = Vec::with_capacity(names.len());
    for name in names {
        let Some(slot) = attributes.iter().position(|a| a.name == name.value) else {
            let help = super::findings::meant(&name.value, attributes.iter().map(|a| a.name.as_str()));
            findings.error(
                name.span,
                format!("`index` names `{}`, which is not an attribute of the flow", name.value),
                help,
            );
            continue;
        };
        let kind = attributes.get(slot).map_or(Type::Any, |a| a.rules.kind);
        if !matches!(kind, Type::Ref | Type::Refs) {
            let message = format!("`index` names `{}`, which is of type `{kind}`, not `ref` or `refs`", name.value);
            findings.error(name.span, message, None);
        } else if slots.contains(&slot) {
            findings.error(name.span, format!("`index` names `{}` twice", name.value), None);
        } else {
            slots.push(slot);
        }
    }
    slots
}
