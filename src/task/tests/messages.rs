//! What messages say: the path, the rule, the value, and what to do.

use serde_json::json;

use super::*;
use crate::task::Invalid;

/// A message and its help, of what is given to the attribute `a`.
fn refused(rules: Rules, value: &serde_json::Value) -> String {
    let attribute = field("a", rules);
    let value = json(value.clone());
    let read = attribute.rules.read(&value).and_then(|read| attribute.rules.check(&read));
    told(read.expect_err("it keeps its rules").of(&attribute))
}

fn told(invalid: Invalid) -> String {
    let help = invalid.help.as_ref().map(|help| format!(" | {help}")).unwrap_or_default();
    format!("{invalid}{help}")
}

#[test]
fn messages_name_attribute_rule_and_value() {
    let required = |kind| Rules { required: true, ..of(kind) };
    let min = |kind, min| Rules { min: Some(min), ..of(kind) };
    let max = |kind, max| Rules { max: Some(max), ..of(kind) };
    let one_of = || Rules { one_of: Some(vec![json(json!("red")), json(json!("blue"))]), ..of(Type::String) };
    let person = || Rules { model: Some("person".into()), ..of(Type::Ref) };
    for (rules, value, expected) in [
        (of(Type::Integer), json!("many"), "`a` must be of type `integer`, but is `\"many\"`, a string"),
        (of(Type::Integer), json!(1.0), "`a` must be of type `integer`, but is `1.0`, a float"),
        (of(Type::String), json!(5), "`a` must be of type `string`, but is `5`, an integer"),
        (of(Type::Boolean), json!("true"), "`a` must be of type `boolean`, but is `\"true\"`, a string"),
        (
            of(Type::Date),
            json!("2026-13-01"),
            "`a` must be of type `date`, but is `\"2026-13-01\"`, a string | there is no such day: write it like `2026-11-21`",
        ),
        (of(Type::List), json!({}), "`a` must be of type `list`, but is `{}`, a map"),
        (required(Type::Date), json!(null), "`a` is required, but has no value"),
        (required(Type::String), json!(""), "`a` is required, but is empty"),
        (min(Type::Integer, Value::Integer(3)), json!(2), "`a` must be at least `3` (`min`), but is `2`"),
        (
            max(Type::Date, typed(Type::Date, "2026-01-01")),
            json!("2026-01-02"),
            "`a` must be at most `2026-01-01` (`max`), but is `2026-01-02`",
        ),
        (
            min(Type::String, Value::Integer(3)),
            json!("ab"),
            "`a` must have at least 3 characters (`min`), but is `\"ab\"`, which has 2",
        ),
        (max(Type::List, Value::Integer(1)), json!([1, 2]), "`a` must have at most 1 item (`max`), but has 2"),
        (
            min(Type::Any, Value::Integer(3)),
            json!(true),
            "`a` must be at least `3` (`min`), but is `true`, which does not compare with it",
        ),
        (
            one_of(),
            json!("rde"),
            "`a` must be one of `\"red\"` or `\"blue\"` (`one_of`), but is `\"rde\"` | did you mean `red`?",
        ),
        (
            Rules { pattern: pattern("[a-z]+"), ..of(Type::String) },
            json!("A"),
            "`a` must match `[a-z]+` as a whole (`pattern`), but is `\"A\"`",
        ),
        (
            person(),
            json!({ "type": "dog", "id": "1" }),
            "`a` must name a record of type `person` (`model`), but names `\"dog\"`",
        ),
        (
            map_of(vec![field("vip", of(Type::Boolean))]),
            json!({ "vpi": true }),
            "`a.vpi` is not declared | did you mean `vip`?",
        ),
        (
            list_of(one_of()),
            json!(["red", "green"]),
            "`a[1]` must be one of `\"red\"` or `\"blue\"` (`one_of`), but is `\"green\"`",
        ),
        (
            list_of(map_of(vec![field("tags", list_of(required(Type::String)))])),
            json!([{}, { "tags": ["x", ""] }]),
            "`a[1].tags[1]` is required, but is empty",
        ),
    ] {
        assert_eq!(refused(rules, &value), expected);
    }
}

#[test]
fn a_script_is_told_how_to_make_what_is_written_as_text() {
    let invalid = of(Type::Date).settle(&Value::text("2026-11-21")).unwrap_err();
    assert_eq!(
        told(invalid),
        "must be of type `date`, but is `\"2026-11-21\"`, a string | a script makes one by `date(\"2026-11-21\")`"
    );
}

#[test]
fn a_long_value_is_shortened_and_stays_on_its_line() {
    let long = "x".repeat(1_000_000);
    for value in [
        json!(long),
        json!([long, long]),
        json!(vec![1; 100_000]),
        json!({ long.as_str(): 1 }),
        json!("\u{1}".repeat(1000)),
    ] {
        let message = refused(of(Type::Integer), &value);
        assert!(message.chars().count() < 150 && message.contains("…`, a"), "{message}");
    }
    assert!(!refused(of(Type::Integer), &json!("a\nb\u{2028}\u{85}")).contains(['\n', '\u{85}']));
    let unknown = Invalid::unknown(&format!("{long}\n"), ["a"]).to_string();
    assert!(unknown.chars().count() < 150 && !unknown.contains('\n'), "{unknown}");
    let many = Rules { one_of: Some((0..1000).map(Value::Integer).collect()), ..of(Type::Integer) };
    let message = refused(many, &json!(-1));
    assert!(message.contains("`9` and 990 more (`one_of`)"), "{message}");
}
