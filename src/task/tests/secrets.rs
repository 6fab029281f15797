//! A secret value is quoted nowhere.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::task::{AttributeSet, Attributes};

const PIN: &str = "hunter2";

fn secret(rules: Rules) -> Rules {
    Rules { secret: true, ..rules }
}

/// What is wrong with `value`, all of it.
fn complaint(rules: &Rules, value: &Value) -> String {
    let attribute = field("a", rules.clone());
    let result = attribute.rules.read(value).and_then(|read| attribute.rules.check(&read));
    let invalid = result.expect_err("it keeps its rules").of(&attribute);
    format!("{invalid} {:?}", invalid.help)
}

#[test]
fn no_rule_quotes_a_secret_at_any_depth() {
    let broken = |kind| {
        let text = of(kind);
        vec![
            of(Type::Integer),
            of(Type::Date),
            of(Type::Decimal),
            of(Type::Ref),
            of(Type::Refs),
            Rules { min: Some(Value::Integer(100)), ..text.clone() },
            Rules { max: Some(Value::Integer(1)), ..text.clone() },
            Rules { max: Some(Value::text("2026-01-01")), ..of(Type::Any) },
            Rules { one_of: Some(vec![Value::text("hunter3")]), ..text.clone() },
            Rules { pattern: pattern("[0-9]+"), ..text },
        ]
    };
    for rules in broken(Type::String) {
        let pin = Value::text(PIN);
        for (rules, value) in [
            (secret(rules.clone()), pin.clone()),
            (list_of(secret(rules.clone())), json(json!([PIN]))),
            (secret(list_of(rules.clone())), json(json!([PIN]))),
            (secret(map_of(vec![field("b", list_of(rules.clone()))])), json(json!({ "b": [PIN] }))),
            (map_of(vec![field("b", secret(rules.clone()))]), json(json!({ "b": PIN }))),
            // The type is wrong further out, and the value holds what would have been the secret.
            (map_of(vec![field("b", secret(rules.clone()))]), json(json!([{ "b": PIN }]))),
            (list_of(secret(rules.clone())), pin.clone()),
        ] {
            let complaint = complaint(&rules, &value);
            assert!(!complaint.contains("hunter"), "{complaint} of {rules:?}");
            assert!(complaint.starts_with("`a"), "{complaint}");
        }
    }
}

#[test]
fn the_names_inside_of_a_secret_are_part_of_it() {
    let vault = secret(map_of(vec![field("b", of(Type::String))]));
    let complaint = complaint(&vault, &json(json!({ PIN: 1 })));
    assert!(complaint.contains("holds a field that is not declared") && !complaint.contains(PIN), "{complaint}");
    let wrong = Rules { model: Some("person".into()), ..secret(of(Type::Ref)) };
    assert!(!self::complaint(&wrong, &json(json!({ "type": PIN, "id": PIN }))).contains(PIN));
}

#[test]
fn an_attribute_that_holds_a_secret_is_printed_as_one() {
    let rules = list_of(map_of(vec![field("pin", secret(of(Type::String)))]));
    let set = Arc::new(AttributeSet::new(vec![field("cards", rules), field("open", of(Type::Map))]));
    let values = json(json!({ "cards": [{ "pin": PIN }], "open": { "pin": "x" } }));
    let Value::Map(values) = values else { panic!() };
    let read: Attributes = set.read(&values).unwrap();
    let printed = serde_json::to_value(&read).unwrap();
    assert_eq!(printed, json!({ "cards": "[secret]", "open": { "pin": "x" } }));
    assert!(!format!("{read:?}").contains(PIN));
}
