//! What each rule refuses.

use serde_json::json;

use super::*;

/// Each value with whether it keeps the rules.
fn hold(rules: &Rules, rows: &[(serde_json::Value, bool)]) {
    for (value, keeps) in rows {
        let result = given(rules, &json(value.clone()));
        assert_eq!(result.is_ok(), *keeps, "{value} under {rules:?} gives {result:?}");
    }
}

fn bounded(kind: Type, min: Value, max: Value) -> Rules {
    Rules { min: Some(min), max: Some(max), ..of(kind) }
}

#[test]
fn required_is_present_and_no_empty_string() {
    for kind in [Type::String, Type::Any] {
        let rules = Rules { required: true, ..of(kind) };
        hold(&rules, &[(json!(null), false), (json!(""), false), (json!("x"), true), (json!(" "), true)]);
    }
    let list = Rules { required: true, ..of(Type::List) };
    hold(&list, &[(json!(null), false), (json!([]), true), (json!([null]), true)]);
    let items = list_of(Rules { required: true, ..of(Type::String) });
    hold(&items, &[(json!(null), true), (json!([null]), false), (json!([""]), false), (json!(["x"]), true)]);
}

#[test]
fn rules_say_nothing_about_what_is_absent() {
    let choices = Some(vec![json(json!("a"))]);
    let rules =
        Rules { one_of: choices, min: Some(Value::Integer(3)), pattern: pattern("[a-z]{3}"), ..of(Type::String) };
    assert_eq!(given(&rules, &Value::Unit), Ok(Value::Unit));
}

#[test]
fn bounds_hold_for_numbers_dates_and_durations() {
    let int = |n| Value::Integer(n);
    let rows = [(json!(0), false), (json!(1), true), (json!(3), true), (json!(4), false), (json!(null), true)];
    hold(&bounded(Type::Integer, int(1), int(3)), &rows);
    hold(&bounded(Type::Any, int(1), int(3)), &rows);
    hold(&bounded(Type::Float, Value::Float(1.0), Value::Float(3.0)), &rows);
    hold(&bounded(Type::Float, Value::Float(1.0), Value::Float(3.0)), &[(json!(3.01), false), (json!(2.5), true)]);
    let decimals = bounded(Type::Decimal, typed(Type::Decimal, "1"), typed(Type::Decimal, "3.00"));
    hold(&decimals, &rows);
    hold(&decimals, &[(json!("3.001"), false), (json!("3"), true), (json!(2.5), true)]);
    for (kind, below, least, most, above) in [
        (Type::Date, "2026-01-01", "2026-01-02", "2026-12-30", "2026-12-31"),
        (
            Type::Datetime,
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:01Z",
            "2026-01-01T00:30:00Z",
            "2026-01-01T00:00:00-01:00",
        ),
        (Type::Duration, "59s", "1m", "90m", "1h 30m 1s"),
        (Type::Decimal, "0.99", "1.0", "1.20", "1.21"),
    ] {
        let rows = [(json!(below), false), (json!(least), true), (json!(most), true), (json!(above), false)];
        hold(&bounded(kind, typed(kind, least), typed(kind, most)), &rows);
        let inside = list_of(bounded(kind, typed(kind, least), typed(kind, most)));
        hold(&inside, &rows.clone().map(|(value, keeps)| (json!([value]), keeps)));
        if kind != Type::Decimal {
            hold(&bounded(Type::Any, Value::text(least), Value::text(most)), &rows);
        }
    }
}

#[test]
fn bounds_hold_for_lengths_in_characters_and_items() {
    let bounds = |kind| bounded(kind, Value::Integer(2), Value::Integer(3));
    let texts = [(json!("a"), false), (json!("äö"), true), (json!("🍕🍕🍕"), true), (json!("abcd"), false)];
    let lists = [(json!([1]), false), (json!([1, null]), true), (json!([1, 2, 3, 4]), false)];
    hold(&bounds(Type::String), &texts);
    hold(&bounds(Type::List), &lists);
    hold(&bounds(Type::Any), &texts);
    hold(&bounds(Type::Any), &lists);
    let order = |id: u32| json!({ "type": "order", "id": id });
    hold(&bounds(Type::Refs), &[(json!([order(1)]), false), (json!([order(1), order(2)]), true)]);
}

#[test]
fn what_a_bound_cannot_measure_breaks_it() {
    let rules = bounded(Type::Any, Value::Integer(1), Value::Integer(3));
    hold(&rules, &[(json!(true), false), (json!({}), false), (json!(2.5), true)]);
    let dates = bounded(Type::Any, Value::text("2026-01-01"), Value::text("2026-12-31"));
    hold(&dates, &[(json!(5), false), (json!("soon"), false)]);
}

#[test]
fn one_of_compares_values_not_how_they_are_written() {
    let choices = |kind, choices: Vec<Value>| Rules { one_of: Some(choices), ..of(kind) };
    let rows = [(json!("a"), true), (json!("A"), false), (json!(""), false), (json!(null), true)];
    hold(&choices(Type::String, vec![json(json!("a")), json(json!("b"))]), &rows);
    hold(&choices(Type::Decimal, vec![typed(Type::Decimal, "1.20")]), &[(json!("1.2"), true), (json!(1), false)]);
    hold(
        &list_of(choices(Type::Decimal, vec![typed(Type::Decimal, "1.20")])),
        &[(json!(["1.2"]), true), (json!([1]), false)],
    );
    let noon = vec![typed(Type::Datetime, "2026-11-21T12:00:00Z")];
    hold(&choices(Type::Datetime, noon), &[(json!("2026-11-21T13:00:00+01:00"), true)]);
    hold(
        &choices(Type::Any, vec![json(json!(1)), json(json!("x")), json(json!([1]))]),
        &[(json!(1.0), true), (json!("1"), false), (json!([1]), true), (json!(true), false)],
    );
}

#[test]
fn a_pattern_matches_the_whole_string() {
    let rules = |text| Rules { pattern: pattern(text), ..of(Type::String) };
    let rows = [(json!("abc"), true), (json!("abcd"), false), (json!("abc\n"), false), (json!("xabc"), false)];
    hold(&rules("[a-c]+"), &rows);
    hold(&rules("abc|b"), &[(json!("abc"), true), (json!("b"), true), (json!("abcb"), false)]);
    hold(&Rules { pattern: pattern("[0-9]+"), ..of(Type::Any) }, &[(json!("5"), true), (json!(5), false)]);
    for broken in ["a)|(b", "[a", "("] {
        assert!(Pattern::new(broken).is_err(), "{broken}");
    }
}

#[test]
fn a_model_restricts_the_type_of_record() {
    for kind in [Type::Ref, Type::Refs] {
        let rules = Rules { model: Some("person".into()), ..of(kind) };
        let value = |kind_of: &str| {
            let one = json!({ "type": kind_of, "id": "1" });
            if kind == Type::Ref { one } else { json!([one]) }
        };
        hold(&rules, &[(value("person"), true), (value("dog"), false)]);
    }
}

#[test]
fn fields_are_filled_at_the_start_only_and_none_is_unknown() {
    let rules = map_of(vec![
        Attribute { default: Some(json(json!("de"))), ..field("country", of(Type::String)) },
        field("street", Rules { required: true, ..of(Type::String) }),
        field("geo", map_of(vec![Attribute { default: Some(Value::Float(0.0)), ..field("lat", of(Type::Float)) }])),
    ]);
    let full = json(json!({ "street": "x", "geo": {} }));
    let geo = Value::map([("lat", Value::Float(0.0))]);
    let filled = Value::map([("street", Value::text("x")), ("country", Value::text("de")), ("geo", geo)]);
    assert_eq!(given(&rules, &full), Ok(filled));
    assert_eq!(left(&rules, &full), Ok(full.clone()));
    assert_eq!(rules.restore(&full), Ok(full));
    let null = json(json!({ "street": "x", "country": null }));
    assert_eq!(given(&rules, &null), Ok(null));
    hold(&rules, &[(json!({}), false), (json!({ "street": "" }), false), (json!({ "street": "x", "zip": 1 }), false)]);
    hold(&rules, &[(json!({ "street": "x", "geo": { "lng": 1 } }), false), (json!(null), true)]);
}
