//! What each type takes, from outside and from a handler.

use serde_json::json;

use super::*;

/// One value of each form.
fn samples() -> Vec<Value> {
    vec![
        json(json!(true)),
        json(json!(5)),
        json(json!(5.0)),
        json(json!(1.5)),
        json(json!("many")),
        json(json!("5")),
        json(json!("true")),
        json(json!("2026-11-21")),
        json(json!("2026-11-21T09:00:00+01:00")),
        json(json!("1h 30m")),
        json(json!([])),
        json(json!({})),
        json(json!({ "type": "order", "id": "17" })),
        json(json!([{ "type": "order", "id": "17" }])),
        typed(Type::Decimal, "1.20"),
        typed(Type::Date, "2026-11-21"),
        typed(Type::Datetime, "2026-11-21T09:00:00+01:00"),
        typed(Type::Duration, "90s"),
    ]
}

/// The samples that `rules` take, each as `type:text` of what is kept.
fn taken(take: impl Fn(&Value) -> Result<Value, String>) -> Vec<String> {
    samples().iter().filter_map(|v| take(v).ok()).map(|v| format!("{}:{}", v.type_name(), v.to_text())).collect()
}

#[test]
fn what_is_given_is_read_as_its_type() {
    for (kind, expected) in [
        (Type::Boolean, vec!["boolean:true"]),
        (Type::Integer, vec!["integer:5"]),
        (Type::Float, vec!["float:5.0", "float:5.0", "float:1.5"]),
        (Type::Decimal, vec!["decimal:5", "decimal:5.0", "decimal:1.5", "decimal:5", "decimal:1.20"]),
        (Type::Date, vec!["date:2026-11-21", "date:2026-11-21"]),
        (Type::Datetime, vec!["datetime:2026-11-21T09:00:00+01:00", "datetime:2026-11-21T09:00:00+01:00"]),
        (Type::Duration, vec!["duration:1h 30m", "duration:1m 30s"]),
        (Type::List, vec!["list:[]", r#"list:[{"id":"17","type":"order"}]"#]),
        (Type::Refs, vec!["list:[]", r#"list:[{"id":"17","type":"order"}]"#]),
        (Type::Map, vec!["map:{}", r#"map:{"id":"17","type":"order"}"#]),
        (Type::Ref, vec![r#"map:{"id":"17","type":"order"}"#]),
    ] {
        assert_eq!(taken(|v| given(&of(kind), v)), expected, "{kind}");
    }
    let strings: Vec<Value> = samples().into_iter().filter(|v| v.as_str().is_some()).collect();
    assert!(strings.iter().all(|v| given(&of(Type::String), v).as_ref() == Ok(v)));
    assert_eq!(taken(|v| given(&of(Type::String), v)).len(), strings.len());
}

#[test]
fn what_a_handler_leaves_keeps_its_type_and_no_text_becomes_another() {
    for (kind, expected) in [
        (Type::Integer, vec!["integer:5"]),
        (Type::Float, vec!["float:5.0", "float:5.0", "float:1.5"]),
        // A number with a fraction in JSON becomes the decimal that is written; a computed float does not.
        (Type::Decimal, vec!["decimal:5", "decimal:5.0", "decimal:1.5", "decimal:1.20"]),
        (Type::Date, vec!["date:2026-11-21"]),
        (Type::Datetime, vec!["datetime:2026-11-21T09:00:00+01:00"]),
        (Type::Duration, vec!["duration:1m 30s"]),
    ] {
        assert_eq!(taken(|v| left(&of(kind), v)), expected, "{kind}");
    }
}

#[test]
fn any_takes_everything_as_it_is() {
    for rules in [of(Type::Any), Rules::default()] {
        let read: Vec<Value> = samples().iter().map(|v| given(&rules, v).unwrap()).collect();
        let settled: Vec<Value> = samples().iter().map(|v| left(&rules, v).unwrap()).collect();
        assert_eq!((&read, &settled), (&samples(), &samples()));
    }
}

#[test]
fn nothing_is_a_value_of_every_type() {
    for kind in Type::ALL {
        assert_eq!(given(&of(kind), &Value::Unit), Ok(Value::Unit), "{kind}");
        assert_eq!(left(&of(kind), &Value::Unit), Ok(Value::Unit), "{kind}");
    }
}

#[test]
fn a_float_from_json_is_the_decimal_that_was_written() {
    for (text, expected) in [
        ("0.1", "0.1"),
        ("1.20", "1.20"),
        ("1234567890123456.78", "1234567890123456.78"),
        ("1e-7", "0.0000001"),
        ("-1234567.891", "-1234567.891"),
    ] {
        let number = Value::from_json_text(text).unwrap();
        let read = given(&of(Type::Decimal), &number).unwrap();
        assert_eq!((read.to_text().as_str(), &read), (expected, &typed(Type::Decimal, expected)));
        assert_eq!(left(&list_of(of(Type::Decimal)), &Value::list(vec![number])), Ok(Value::list(vec![read])));
    }
    for text in ["1e30", "1e-30"] {
        let number = Value::from_json_text(text).unwrap();
        let message = given(&of(Type::Decimal), &number).unwrap_err();
        assert!(message.contains("must be of type `decimal`"), "{message}");
    }
}

#[test]
fn inside_of_lists_and_maps_values_are_of_their_type() {
    let (day, net) = (typed(Type::Date, "2026-11-21"), typed(Type::Decimal, "1.20"));
    let list = Value::list;
    for (rules, value, expected) in [
        (of(Type::List), list(vec![day.clone(), net.clone()]), list(vec![day.clone(), net.clone()])),
        (list_of(of(Type::Date)), list(vec![day.clone()]), list(vec![day.clone()])),
        (list_of(of(Type::Date)), json(json!(["2026-11-21", null])), list(vec![day.clone(), Value::Unit])),
        (list_of(of(Type::Decimal)), json(json!([1, "1.20"])), list(vec![typed(Type::Decimal, "1"), net.clone()])),
        (list_of(of(Type::Float)), json(json!([1, 1.5])), list(vec![Value::Float(1.0), Value::Float(1.5)])),
        (list_of(of(Type::Duration)), json(json!(["1h30m"])), list(vec![typed(Type::Duration, "1h 30m")])),
        (list_of(of(Type::Any)), list(vec![day.clone()]), list(vec![day.clone()])),
        (list_of(list_of(of(Type::Float))), json(json!([[], [1]])), list(vec![list(vec![]), list(vec![1.0.into()])])),
        (
            map_of(vec![field("day", of(Type::Date)), field("net", of(Type::Decimal))]),
            Value::map([("day", Value::text("2026-11-21")), ("net", Value::Integer(5))]),
            Value::map([("day", day), ("net", typed(Type::Decimal, "5"))]),
        ),
    ] {
        assert_eq!(given(&rules, &value), Ok(expected.clone()), "given {expected:?}");
        assert_eq!(left(&rules, &value), Ok(expected.clone()), "left {expected:?}");
    }
    for (kind, wrong) in [
        (Type::Date, json!("2026-13-01")),
        (Type::Datetime, json!("2026-11-21")),
        (Type::Duration, json!("5")),
        (Type::Decimal, json!("ten")),
        (Type::Date, json!(5)),
        (Type::Integer, json!(1.0)),
    ] {
        let message = given(&list_of(of(kind)), &json(json!([null, wrong]))).unwrap_err();
        assert!(message.starts_with(&format!("`[1]` must be of type `{kind}`, but is")), "{message}");
    }
}

#[test]
fn a_computed_float_inside_is_no_decimal() {
    let (rules, float) = (list_of(of(Type::Decimal)), Value::list(vec![Value::Float(1.5)]));
    assert_eq!(given(&rules, &float), Ok(Value::list(vec![typed(Type::Decimal, "1.5")])));
    assert!(left(&rules, &float).unwrap_err().starts_with("`[0]` must be of type `decimal`"));
}

#[test]
fn a_reference_is_a_type_and_an_id_and_nothing_else() {
    let kept = json(json!({ "type": "order", "id": "17" }));
    for good in [json!({ "type": "order", "id": "17" }), json!({ "type": "order", "id": 17 })] {
        assert_eq!(given(&of(Type::Ref), &json(good.clone())), Ok(kept.clone()), "{good}");
        assert_eq!(left(&of(Type::Ref), &json(good.clone())), Ok(kept.clone()), "{good}");
        assert_eq!(given(&of(Type::Refs), &json(json!([good]))), Ok(Value::list(vec![kept.clone()])));
    }
    for bad in [
        json!({}),
        json!({ "id": "17" }),
        json!({ "type": "order" }),
        json!({ "type": "", "id": "17" }),
        json!({ "type": "order", "id": "" }),
        json!({ "type": "order", "id": 1.5 }),
        json!({ "type": 5, "id": "17" }),
        json!({ "type": "order", "id": null }),
        json!({ "type": "order", "id": "17", "name": "x" }),
    ] {
        let message = given(&of(Type::Ref), &json(bad.clone())).unwrap_err();
        assert!(message.starts_with("must be a `ref`: a map of `type` and `id`, both text, but is `{"), "{message}");
        let message = given(&of(Type::Refs), &json(json!([{ "type": "order", "id": "17" }, bad]))).unwrap_err();
        assert!(message.starts_with("`[1]` must be a `ref`"), "{message}");
    }
    assert!(given(&of(Type::Refs), &json(json!([null]))).is_err());
}

#[test]
fn what_no_storage_could_keep_is_refused() {
    for kind in [Type::Float, Type::Any] {
        for number in [f64::NAN, f64::INFINITY] {
            assert_eq!(given(&of(kind), &Value::Float(number)).unwrap_err(), "must be a finite number");
        }
    }
    assert!(given(&of(Type::Decimal), &Value::Float(f64::NAN)).is_err());
    let inside = Value::list(vec![Value::map([("a", Value::Float(f64::NAN))])]);
    assert!(given(&of(Type::List), &inside).is_err());
    let nested = |depth| (0..depth).fold(Value::Integer(1), |inside, _| Value::list(vec![inside]));
    assert!(given(&of(Type::Any), &nested(crate::value::MAX_VALUE_DEPTH)).is_ok());
    let message = given(&of(Type::Any), &nested(crate::value::MAX_VALUE_DEPTH + 1)).unwrap_err();
    assert!(message.contains("MAX_VALUE_DEPTH"), "{message}");
}

#[test]
fn what_is_known_inside_is_what_is_declared() {
    let rules = map_of(vec![field("day", of(Type::Date)), field("lines", list_of(of(Type::Integer)))]);
    let shape = rules.shape();
    let fields = shape.fields.unwrap();
    assert_eq!((shape.kind, fields["day"].kind), (Type::Map, Type::Date));
    assert_eq!(fields["lines"].items.as_ref().map(|items| items.kind), Some(Type::Integer));
    assert_eq!(of(Type::Date).shape().kind, Type::Date);
}
