use serde_json::json;

use super::*;

fn nested(depth: usize) -> serde_json::Value {
    (0..depth).fold(json!(1), |inside, level| if level % 2 == 0 { json!([inside]) } else { json!({ "a": inside }) })
}

#[test]
fn json_reads_as_values_and_back() {
    for json in [
        json!(null),
        json!(true),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(0.1),
        json!(-0.0),
        json!(1.0),
        json!(1e300),
        json!(f64::MIN_POSITIVE),
        json!("text, of more than twenty-three bytes \u{0} \u{1f355}"),
        json!([[], {}, [null]]),
        json!({ "": { "a b": [1, "x"] } }),
    ] {
        let value = Value::from_json(&json).unwrap();
        assert_eq!(value.to_json(), json);
        assert_eq!(serde_json::to_string(&value).unwrap(), json.to_string());
        assert_eq!(serde_json::from_str::<Value>(&json.to_string()).unwrap(), value, "{json}");
    }
}

#[test]
fn whole_numbers_stay_whole_and_others_keep_their_digits() {
    for (text, expected) in [
        ("1", Value::Integer(1)),
        ("1.0", Value::Number(Number::parse("1.0").unwrap())),
        ("1e2", Value::Number(Number::parse("100.0").unwrap())),
        ("9223372036854775807", Value::Integer(i64::MAX)),
        ("-9223372036854775808", Value::Integer(i64::MIN)),
    ] {
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), expected, "{text}");
        assert_eq!(Value::from_json_text(text).unwrap(), expected, "{text}");
    }
    let text = r#"{"a":[1234567890123456.78,1.10,0.30000000000000004],"b":"\u00e4\"","c":null}"#;
    let read = Value::from_json_text(text).unwrap();
    assert_eq!(read.to_json_text(), text.replace("\\u00e4", "ä"));
    assert_eq!(read.to_text(), read.to_json_text());
}

#[test]
fn a_text_is_read_as_json_is_read_elsewhere() {
    for text in
        ["[1,]", "[1 2]", "{\"a\":1,}", "{a:1}", "01", "-", "1.", ".5", "+1", "1e", "nul", "\"a", "\"\n\"", "", "[1]]"]
    {
        assert!(matches!(Value::from_json_text(text), Err(InvalidValue::NoJson(_))), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
    }
    for text in [" [ 1 , -0 , { } ] ", "\"\\ud83c\\udf55\"", "\t1e-2\n"] {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(Value::from_json_text(text).unwrap().to_json(), json, "{text}");
    }
    for (text, large) in
        [("[99223372036854775808992233720]", Large::Refused), ("[[-99223372036854775808992233720]]", Large::Refused)]
    {
        assert!(matches!(parse_json(text, large), Err(InvalidJson::Value(InvalidValue::TooLarge(_), at)) if at > 0));
    }
    let large = Value::from_json_text("9223372036854775808").unwrap();
    assert!(matches!(large, Value::Number(number) if number.decimal().unwrap().to_string() == "9223372036854775808"));
    let twice = "{\"a\":1, \"a\":2}";
    assert!(matches!(parse_json(twice, Large::Refused), Err(InvalidJson::Value(InvalidValue::Repeated(_), 8))));
    assert_eq!(parse_json(twice, Large::Text).unwrap().to_json(), json!({ "a": 2 }));
    assert_eq!(parse_json("9223372036854775808", Large::Text).unwrap(), Value::text("9223372036854775808"));
}

#[test]
fn a_whole_number_beyond_64_bits_keeps_its_digits() {
    for number in [9_223_372_036_854_775_808_u64, u64::MAX] {
        let value = Value::from_json(&json!([{ "a": number }])).unwrap();
        assert_eq!(value.to_text(), format!(r#"[{{"a":{number}}}]"#));
        assert_eq!(serde_json::from_str::<Stored>(&number.to_string()).unwrap().0.to_text(), number.to_string());
    }
    assert!(serde_json::from_str::<Value>("1e400").is_err());
}

#[test]
fn nesting_has_its_bound() {
    assert!(Value::from_json(&nested(MAX_VALUE_DEPTH)).is_ok());
    assert_eq!(Value::from_json(&nested(MAX_VALUE_DEPTH + 1)), Err(InvalidValue::TooDeep));
    assert!(InvalidValue::TooDeep.to_string().contains("MAX_VALUE_DEPTH"));
    let text = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    assert!(serde_json::from_str::<Value>(&text).is_err());
}

#[test]
fn texts_of_types_read_as_they_are_printed() {
    for (kind, text) in [
        (Type::Date, "2026-11-21"),
        (Type::Date, "0001-01-01"),
        (Type::Date, "+10000-01-01"),
        (Type::Date, "-0001-12-31"),
        (Type::Datetime, "2026-11-21T09:00:00Z"),
        (Type::Datetime, "2026-11-21T09:00:00.123+05:30"),
        (Type::Datetime, "+10000-01-01T00:00:00Z"),
        (Type::Duration, "1h 30m"),
        (Type::Duration, "-1h 30m"),
        (Type::Decimal, "-1.20"),
        (Type::Decimal, "79228162514264337593543950335"),
        (Type::Decimal, "0.0000000000000000000000000001"),
    ] {
        let value = Value::from_text(kind, text).unwrap_or_else(|| panic!("{text} is no {kind}"));
        assert_eq!((value.type_name(), value.to_text().as_str()), (kind.name(), text));
    }
}

#[test]
fn texts_that_are_nothing_of_the_type_are_none() {
    for (kind, texts) in [
        (Type::Date, ["", "2026-13-01", "2026-02-29", "2026-1-5", " 2026-01-05", "05.01.2026", "2026-11-21T09:00:00Z"]),
        (Type::Datetime, ["", "2026-11-21", "2026-11-21T09:00:00", "now", "2026-11-21T25:00:00Z", "12:00", "1"]),
        (Type::Duration, ["", "5", "h", "1.5h", "1y", "1 h", "-"]),
        (Type::Decimal, ["", "1e3", "1_000", ".5", "5.", "ten", "79228162514264337593543950336"]),
        (Type::Decimal, ["-", "+", "--1", "1,5", "1.2.3", " 1", "0.00000000000000000000000000001"]),
        (Type::String, ["", "a", "1", "2026-11-21", "1h", "true", "null"]),
    ] {
        for text in texts {
            assert_eq!(Value::from_text(kind, text), None, "`{text}` as {kind}");
        }
    }
}

#[test]
fn plain_data_is_left_alone_and_the_rest_becomes_text() {
    let date = Value::from_text(Type::Date, "2026-11-21").unwrap();
    let plain = Value::list(vec![Value::Integer(1), Value::map([("a", Value::text("x"))])]);
    assert_eq!(plain.plain(), None);
    let mixed = Value::list(vec![plain.clone(), date.clone(), Value::map([("b", date), ("c", Value::Unit)])]);
    let text = Value::text("2026-11-21");
    let expected = Value::list(vec![plain, text.clone(), Value::map([("b", text), ("c", Value::Unit)])]);
    assert_eq!(mixed.into_plain(), expected);
}
