//! The JSON Schema of flow files, for editors, generated from the reader's table of keys.

use serde_json::{Map, Value, json};

use super::keys::{
    ACTION, BRANCH, DECISION, EXPECT, FAILURE, FLOW, Form, INTERACTION, Key, MIGRATE, MIGRATED, ON_TIMEOUT, RESULT,
    RETRY, RULES, SCHEDULE, SCHEDULED, START, STATE, STEP, TEST, TESTS_FILE, Takes, WAIT, WAIT_BRANCH,
};
use super::trap::Role;
use crate::value::Type;

/// The schema of one flow, in draft 7, which editors support best. The checker handles what one key means for another.
pub fn schema() -> Value {
    let about = "A flowchart that opsflow runs; one in each YAML document.";
    root(object(&[FLOW], &["flow", "states"]), "opsflow flow", about, definitions())
}

/// The schema of the tests of one flow in a file beside it, `NAME.test.yml`.
pub fn tests_schema() -> Value {
    let about = "Tests of an opsflow flow, in a file beside it; those of one flow in each YAML document.";
    let mut needed = definitions();
    if let Value::Object(definitions) = &mut needed {
        definitions.retain(|name, _| {
            matches!(
                name.as_str(),
                "duration" | "tests" | "steps" | "interact" | "expect" | "migrated" | "scheduled" | "moments"
            )
        });
    }
    root(object(&[TESTS_FILE], &["flow", "tests"]), "opsflow tests", about, needed)
}

fn root(mut schema: Value, title: &str, about: &str, definitions: Value) -> Value {
    if let Value::Object(root) = &mut schema {
        root.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        root.insert("title".to_owned(), json!(title));
        root.insert("description".to_owned(), json!(about));
        root.insert("definitions".to_owned(), definitions);
    }
    schema
}

fn definitions() -> Value {
    json!({
        "duration": {
            "description": "Numbers with a unit: `90s`, `10m`, `1h 30m`, `7d`, `2w`.",
            "type": "string",
            "pattern": "^\\s*([0-9]+(w|d|h|ms|m|s)\\s*)+$",
        },
        "type": schemars::schema_for!(Type).to_value().get("oneOf").map_or(json!(true), |kinds| json!({ "oneOf": kinds })),
        "rules": { "anyOf": [reference("type"), object(&[RULES], &[])] },
        "fields": named(Form::Attribute, &reference("rules")),
        "states": states(),
        "state": state(),
        "branches": some(&object(&[BRANCH], &["go_to"])),
        "wait_branches": some(&object(&[WAIT_BRANCH], &["go_to"])),
        "retry": object(&[RETRY], &[]),
        "with": named(Form::Attribute, &script(Role::Value)),
        "interactions": named(Form::State, &one_of_keys(object(&[INTERACTION], &[]), &["action", "go_to"])),
        "on_timeout": one_of_keys(object(&[ON_TIMEOUT], &[]), &["action", "go_to"]),
        "schedule": object(&[SCHEDULE], &["cron"]),
        "migrate": list(&object(&[MIGRATE], &["from"])),
        "versions": { "anyOf": [version(), some(&version())] },
        "renamed": { "type": ["object", "null"], "additionalProperties": name(Form::State) },
        "tests": list(&one_of_keys(object(&[TEST], &["name"]), &["expect", "steps", "migrate", "schedule"])),
        "migrated": object(&[MIGRATED], &["from", "state"]),
        "scheduled": object(&[SCHEDULED], &[]),
        "moments": { "type": "array", "items": { "type": "string" } },
        "steps": some(&step()),
        "interact": interact(),
        "expect": not_empty(object(&[EXPECT], &[])),
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A map with the keys of `tables`; `required` ones must be present.
fn object(tables: &[&[Key]], required: &[&str]) -> Value {
    let properties: Map<String, Value> =
        tables.iter().flat_map(|table| table.iter()).map(|key| (key.name.to_owned(), property(key))).collect();
    let mut object = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if let (Value::Object(object), false) = (&mut object, required.is_empty()) {
        object.insert("required".to_owned(), json!(required));
    }
    object
}

/// `object`, with at least one of `keys`.
fn one_of_keys(mut object: Value, keys: &[&str]) -> Value {
    let any: Vec<Value> = keys.iter().map(|key| json!({ "required": [key] })).collect();
    if let Value::Object(object) = &mut object {
        object.insert("anyOf".to_owned(), Value::Array(any));
    }
    object
}

/// What a key takes, with its meaning. In draft 7 nothing is read beside a reference, so the reference is wrapped.
fn property(key: &Key) -> Value {
    let takes = takes(key.takes);
    let mut property = if takes.get("$ref").is_some() { json!({ "allOf": [takes] }) } else { takes };
    if let Value::Object(property) = &mut property {
        property.insert("description".to_owned(), json!(key.about));
    }
    property
}

fn takes(takes: Takes) -> Value {
    match takes {
        Takes::Text => json!({ "type": ["string", "number", "boolean"] }),
        Takes::Prose => json!({ "type": ["string", "number", "boolean", "null"] }),
        Takes::Name(form) => name(form),
        Takes::Names(form) => one_or_more(&name(form)),
        Takes::Word(words) => json!({ "enum": words }),
        Takes::Words(words) => one_or_more(&json!({ "enum": words })),
        Takes::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Takes::AtLeast(least) => json!({ "type": "number", "minimum": least }),
        Takes::Boolean => json!({ "type": "boolean" }),
        Takes::Duration => reference("duration"),
        Takes::Script(role) => script(role),
        Takes::Plain => json!({}),
        Takes::PlainScalar => json!({ "type": ["string", "number", "boolean"] }),
        Takes::PlainList => json!({ "type": "array", "minItems": 1 }),
        Takes::PlainMap(form) => named(form, &json!(true)),
        Takes::Def(name) => reference(name),
    }
}

fn name(form: Form) -> Value {
    json!({ "type": "string", "pattern": pattern(form) })
}

const fn pattern(form: Form) -> &'static str {
    match form {
        Form::Flow => "^[a-z][a-z0-9_]*([./][a-z][a-z0-9_]*)*$",
        Form::State => "^[a-z_][a-z0-9_]*[?!]?$",
        Form::Attribute => "^[a-z_][a-z0-9_]*$",
        Form::Label => "^\\S+$",
        Form::Function => "^[a-z_][a-z0-9_]*(::[a-z_][a-z0-9_]*)*$",
    }
}

/// An expression or a body as YAML sees it: `true` and `1` are scripts too, and so is a list, whose source text the
/// reader takes.
fn script(role: Role) -> Value {
    match role {
        Role::Body => json!({ "type": ["string", "number", "boolean"] }),
        Role::Condition | Role::Message => json!({ "type": ["string", "number", "boolean"], "minLength": 1 }),
        Role::Value | Role::Items => json!({ "type": ["string", "number", "boolean", "array"], "minLength": 1 }),
    }
}

/// A map from names of this form.
fn named(form: Form, value: &Value) -> Value {
    json!({
        "type": ["object", "null"],
        "propertyNames": { "pattern": pattern(form) },
        "additionalProperties": value,
    })
}

fn list(item: &Value) -> Value {
    json!({ "type": ["array", "null"], "items": item })
}

/// A list with at least one item.
fn some(item: &Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": item })
}

/// One item alone, or a list.
fn one_or_more(item: &Value) -> Value {
    json!({ "anyOf": [item, list(item)] })
}

fn version() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
}

fn states() -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": { "pattern": pattern(Form::State) },
        "additionalProperties": reference("state"),
    })
}

/// A state: one shape per kind, so that two kinds together, or keys of another kind, match none.
fn state() -> Value {
    let mut branching = object(&[STATE, DECISION], &["decision"]);
    let mut asking = object(&[STATE, DECISION], &["decision", "if_true", "if_false"]);
    if let Some(Value::Object(properties)) = branching.get_mut("properties") {
        properties.remove("if_true");
        properties.remove("if_false");
        properties.insert("decision".to_owned(), reference("branches"));
    }
    if let Some(Value::Object(properties)) = asking.get_mut("properties") {
        properties.insert("decision".to_owned(), script(Role::Condition));
    }
    json!({ "anyOf": [
        { "const": "result", "description": "Ends the task as completed." },
        object(&[STATE, ACTION], &["action", "go_to"]),
        branching,
        asking,
        object(&[STATE, WAIT], &["wait_until"]),
        object(&[STATE, START], &["start", "go_to"]),
        object(&[STATE, RESULT], &["result"]),
        object(&[STATE, FAILURE], &["failure"]),
    ] })
}

fn step() -> Value {
    json!({ "anyOf": [{ "enum": ["wake", "restart"] }, not_empty(object(&[STEP], &[]))] })
}

/// `object`, with at least one key.
fn not_empty(mut object: Value) -> Value {
    if let Value::Object(object) = &mut object {
        object.insert("minProperties".to_owned(), json!(1));
    }
    object
}

fn interact() -> Value {
    let params = named(Form::Attribute, &json!(true));
    json!({ "anyOf": [
        name(Form::State),
        { "type": "object", "minProperties": 1, "propertyNames": { "pattern": pattern(Form::State) }, "additionalProperties": params },
    ] })
}
