//! A task's values: given, default, stored.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::task::{AttributeSet, Attributes};
use crate::value::Map;

fn map(value: serde_json::Value) -> Map {
    let Value::Map(map) = json(value) else { panic!("no map") };
    Map::clone(&map)
}

fn set() -> Arc<AttributeSet> {
    let required = |kind| Rules { required: true, ..of(kind) };
    Arc::new(AttributeSet::new(vec![
        field("z", Rules { max: Some(Value::Integer(9)), ..of(Type::Integer) }),
        field("day", required(Type::Date)),
        Attribute { default: Some(Value::text("x")), ..field("name", required(Type::String)) },
        field("who", required(Type::String)),
        Attribute { default: Some(Value::Integer(5)), ..field("a", of(Type::Integer)) },
    ]))
}

fn printed(attributes: &Attributes) -> serde_json::Value {
    serde_json::to_value(attributes).unwrap()
}

#[test]
fn defaults_fill_what_was_not_given_and_not_an_explicit_null() {
    let read = set().read(&map(json!({ "day": "2026-11-21", "who": "Ann" }))).unwrap();
    assert_eq!(printed(&read), json!({ "day": "2026-11-21", "name": "x", "who": "Ann", "a": 5 }));
    assert_eq!(read.by_name("day"), Some(&typed(Type::Date, "2026-11-21")));
    let read = set().read(&map(json!({ "day": "2026-11-21", "who": "Ann", "a": null }))).unwrap();
    assert_eq!(printed(&read), json!({ "day": "2026-11-21", "name": "x", "who": "Ann" }));
}

#[test]
fn all_that_is_wrong_is_told_in_order_of_the_attributes() {
    let (day, who) = ("`day` is required, but has no value", "`who` is required, but has no value");
    let large = "`z` must be at most `9` (`max`), but is `10`";
    let number = "`a` must be of type `integer`, but is `\"x\"`, a string";
    for (given, expected) in [
        (json!({}), &[day, who][..]),
        (json!({ "z": 10 }), &[large, day, who]),
        (json!({ "a": "x" }), &[day, who, number]),
        (json!({ "a": "x", "day": "2026-11-21" }), &[who, number]),
        (json!({ "a": 1, "day": "2026-11-21", "who": "" }), &["`who` is required, but is empty"]),
        (json!({ "day": null, "who": "Ann" }), &[day]),
        (json!({ "day": "2026-11-21", "who": "Ann", "name": null }), &["`name` is required, but has no value"]),
        (json!({ "z": 10, "dya": 1, "who": "Ann" }), &["`dya` is not declared", large, day]),
    ] {
        let invalid = set().read(&map(given.clone())).unwrap_err();
        let told: Vec<String> = invalid.iter().map(ToString::to_string).collect();
        assert_eq!(told, expected, "{given}");
        let text = match expected {
            [one] => (*one).to_owned(),
            many => format!("{} things are wrong\n  {}", many.len(), many.join("\n  ")),
        };
        assert_eq!(invalid.to_string(), text, "{given}");
    }
    assert_eq!(set().read(&map(json!({ "dya": 1 }))).unwrap_err().first.help.as_deref(), Some("did you mean `day`?"));
}

#[test]
fn only_what_was_given_is_kept_apart_from_the_defaults() {
    let many =
        (0..200).map(|n| Attribute { default: Some(Value::Integer(n)), ..field(&format!("a{n}"), of(Type::Integer)) });
    let set = Arc::new(AttributeSet::new(many.collect()));
    let read = set.read(&map(json!({ "a7": 1, "a150": 2 }))).unwrap();
    assert_eq!(read.own_slots(), [7, 150]);
    assert_eq!((read.get(7), read.get(8), read.get(150)), (&Value::Integer(1), &Value::Integer(8), &Value::Integer(2)));
}

#[test]
fn what_was_stored_is_adopted_with_its_types_and_without_defaults() {
    let mut before = set().read(&map(json!({ "day": "2026-11-21", "who": "Ann", "z": 1 }))).unwrap();
    before.set(4, Value::Unit);
    let stored = Attributes::from_stored(map(printed(&before)), &[]);
    let set = set();
    let after = stored.adopt(&set).unwrap();
    assert_eq!(after, before);
    assert_eq!(after.by_name("a"), Some(&Value::Unit));
    assert!(Arc::ptr_eq(after.set_of(), &set));
    let other = Arc::new(AttributeSet::new(vec![field("who", of(Type::String)), field("day", of(Type::Integer))]));
    assert!(after.adopt(&other).unwrap_err().to_string().starts_with("`day` must be of type `integer`"));
}

#[test]
fn what_a_handler_left_is_settled_where_it_was_changed() {
    let set = Arc::new(AttributeSet::new(vec![
        field("price", of(Type::Float)),
        field("days", list_of(of(Type::Date))),
        field("name", Rules { required: true, ..of(Type::String) }),
    ]));
    let mut attributes = Attributes::new(set);
    attributes.set(0, Value::Integer(5));
    attributes.set(1, Value::list(vec![typed(Type::Date, "2026-11-21")]));
    assert_eq!((attributes.settle(0), attributes.settle(1)), (Ok(()), Ok(())));
    assert_eq!(printed(&attributes), json!({ "price": 5.0, "days": ["2026-11-21"] }));
    assert_eq!(attributes.settle(2).unwrap_err().to_string(), "`name` is required, but has no value");
    assert!(attributes.check_all().is_err());
    attributes.set(0, Value::text("x"));
    assert!(attributes.settle(0).is_err());
}
