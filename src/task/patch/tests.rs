use proptest::prelude::*;

use super::*;
use crate::name::Name;
use crate::task::tests::properties;
use crate::value::Stored;

/// What becomes of `old` by what was found out and stored, and the patch as it is printed.
fn patched(old: &Value, new: &Value) -> (Value, String) {
    let operations = between(old, new);
    let stored = serde_json::to_string(&Short(&*operations)).unwrap();
    let Short(read): Short<Vec<Operation>> = serde_json::from_str(&stored).unwrap();
    assert_eq!(format!("{read:?}"), format!("{operations:?}"), "{stored}");
    let json = serde_json::to_string(&operations).unwrap();
    (apply(&read, old.clone()).unwrap_or_else(|| panic!("{json} does not fit {old:?}")), json)
}

/// Types and digits included.
fn exact(value: &Value) -> String {
    serde_json::to_string(&Stored(value)).unwrap()
}

fn texts(lines: &[&str]) -> Value {
    Value::list(lines.iter().map(Value::text).collect())
}

#[test]
fn each_change_is_its_operation() {
    let item = |n: i64| Value::map([("n", Value::Integer(n)), ("a/b~c", Value::text("as it was, and as it will be"))]);
    let long = "word ".repeat(40);
    for (old, new, expected) in [
        (texts(&["a", "b"]), texts(&["a", "b", "c"]), r#"[{"op":"add","path":"/2","value":"c"}]"#),
        (texts(&["a", "b", "c"]), texts(&["b", "c"]), r#"[{"op":"remove","path":"/0"}]"#),
        (
            texts(&["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]),
            texts(&["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]),
            r#"[{"op":"remove","path":"/0"},{"op":"add","path":"/10","value":"twelve"}]"#,
        ),
        (
            Value::list(vec![item(1), item(2)]),
            Value::list(vec![item(1), item(3)]),
            r#"[{"op":"replace","path":"/1/n","value":3}]"#,
        ),
        (
            Value::map([("a/b~c", Value::text("x".repeat(90))), ("b", Value::Unit)]),
            Value::map([("a/b~c", Value::text("x".repeat(91))), ("c", Value::Boolean(true))]),
            r#"[{"op":"remove","path":"/b"},{"op":"splice","path":"/a~1b~0c","at":90,"remove":0,"insert":"x"},{"op":"add","path":"/c","value":true}]"#,
        ),
        (
            Value::from(format!("ä{long}{long}")),
            Value::from(format!("ö{long}a new {long}")),
            r#"[{"op":"splice","path":"","at":0,"remove":1,"insert":"ö"},{"op":"splice","path":"","at":200,"remove":0,"insert":" a new"}]"#,
        ),
        (Value::Unit, Value::text("a"), r#"[{"op":"replace","path":"","value":"a"}]"#),
        (Value::text("a"), Value::Unit, r#"[{"op":"replace","path":"","value":null}]"#),
    ] {
        let (made, json) = patched(&old, &new);
        assert_eq!(made, new, "{json}");
        assert_eq!(json, expected);
        let read: Vec<Operation> = serde_json::from_str(&json).unwrap();
        assert_eq!(apply(&read, old), Some(new));
    }
}

#[test]
fn a_storage_keeps_it_short_and_with_its_types() {
    let price = Value::Decimal("1.10".parse().unwrap());
    let add = Operation::Add { path: "/0".into(), value: price.clone() };
    let splice = Operation::Splice { path: "".into(), at: 7, remove: 0, insert: "x".into() };
    let remove = Operation::Remove { path: "/a~1b".into() };
    let operations = [add, splice, remove];
    let stored = serde_json::to_string(&Short(operations.as_slice())).unwrap();
    assert_eq!(stored, r#"["+/0",{"$opsflow":"decimal 1.10"},"~",7,0,"x","-/a~1b"]"#);
    let Short(read): Short<Vec<Operation>> = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, operations);
    assert_eq!(exact(&apply(&read[..1], Value::list(Vec::new())).unwrap()), exact(&Value::list(vec![price])));
    for damaged in [r#"["+/0"]"#, r#"["?/0",1]"#, r#"["~",1,2]"#, r#"[""]"#, "3"] {
        assert!(serde_json::from_str::<Short<Vec<Operation>>>(damaged).is_err(), "{damaged}");
    }
    assert!(serde_json::from_str::<Operation>(r#"{"op":"move","path":""}"#).is_err());
}

#[test]
fn what_is_the_same_takes_nothing_and_what_is_new_no_more_than_itself() {
    let old = Value::list((0..1_000).map(Value::Integer).collect());
    assert_eq!(between(&old, &old.clone()), []);
    assert_eq!(between(&old, &Value::list((0..1_000).map(Value::Integer).collect())), []);
    let new = Value::list((0..1_000).map(|n| Value::Integer(n * 7 + 1)).collect());
    let (made, json) = patched(&old, &new);
    assert_eq!(made, new);
    assert!(json.len() < new.to_text().len() + 100, "{} bytes", json.len());
}

#[test]
fn a_window_that_slides_costs_what_slides() {
    let lines = |from: usize| (from..from + 300).map(|n| format!("line number {n}\n"));
    let (old, new) =
        (Value::list(lines(0).map(Value::from).collect()), Value::list(lines(3).map(Value::from).collect()));
    let (made, json) = patched(&old, &new);
    assert_eq!(made, new);
    assert!(json.len() < 500, "{json}");
    let (old, new) = (Value::from(lines(0).collect::<String>()), Value::from(lines(3).collect::<String>()));
    let (made, json) = patched(&old, &new);
    assert_eq!(made, new);
    assert!(json.len() < 500, "{json}");
}

#[test]
fn where_much_has_changed_it_costs_what_has() {
    let record = |n: usize, state: &str| {
        Value::map([
            ("id", Value::Integer(n as i64)),
            ("state", Value::text(state)),
            ("note", Value::text("ordered by mail")),
        ])
    };
    let old: Vec<Value> = (0..5_000).map(|n| record(n, "open")).collect();
    let mut new = old.clone();
    (0..5_000).step_by(10).for_each(|n| new[n] = record(n, "paid"));
    new.insert(0, record(7_000, "open"));
    new.drain(2_500..2_600);
    new.push(record(7_001, "open"));
    let (old, new) = (Value::list(old), Value::list(new));
    let (made, json) = patched(&old, &new);
    assert_eq!(made, new);
    assert!(json.len() < 40_000, "{} bytes", json.len());

    let line =
        |n: usize, word: &str| format!("{{\"id\":{n},\"state\":\"{word}\",\"note\":\"ordered by mail on a Monday\"}},");
    let old: String = (0..5_000).map(|n| line(n, "open")).collect();
    let new: String = (0..5_000).map(|n| line(n, if n % 10 == 3 { "paid" } else { "open" })).collect();
    let (old, new) = (Value::from(old), Value::from(format!("{{{new}}}")));
    let (made, json) = patched(&old, &new);
    assert_eq!(made, new);
    assert!(json.len() < 40_000, "{} bytes", json.len());
}

#[test]
fn it_takes_steps_in_proportion_to_the_value_and_gives_up_after_them() {
    /// Of something that is compared a few times at most.
    const STEPS_AN_ITEM: usize = 40;
    let cases: [fn(usize, bool) -> Value; 5] = [
        |n, is_new| Value::list((0..n as i64).map(|i| Value::Integer(if is_new { i * 3 } else { i })).collect()),
        |n, is_new| Value::list((0..n).map(|i| Value::Integer(((i * i + usize::from(is_new)) % 7) as i64)).collect()),
        |n, is_new| {
            Value::from(
                (0..n).map(|i| if (i / 3) % 2 == usize::from(is_new) { "a " } else { "b " }).collect::<String>(),
            )
        },
        |n, is_new| {
            Value::from((0..n).map(|i| format!("{} ", (i * i + usize::from(is_new)) % 101)).collect::<String>())
        },
        |n, is_new| Value::map((0..n).map(|i| (format!("k{i}"), Value::Integer((i + usize::from(is_new)) as i64)))),
    ];
    for (number, case) in cases.into_iter().enumerate() {
        for n in [1_000, 20_000] {
            let (old, new) = (case(n, false), case(n, true));
            let whole = [Operation::Replace { path: String::new(), value: new.clone() }];
            assert_eq!(diff::between(&old, &new, 100), whole, "{number} {n}");
            let mut steps = diff::Steps::new(usize::MAX);
            let found = diff::found(&old, &new, &mut steps);
            assert_eq!(exact(&apply(&found, old).unwrap()), exact(&new), "{number} {n}");
            assert!(steps.taken() < STEPS_AN_ITEM * n, "{number}: {} steps for {n}", steps.taken());
        }
    }
}

#[test]
fn what_is_nested_deep_ends_too() {
    let nested = |is_new: bool| {
        let filler = |n: i64| Value::list((0..n).map(|i| Value::Integer(if is_new { i + 1 } else { i })).collect());
        (0..90).fold(filler(2_000), |inner, level| Value::list(vec![filler(50), inner, Value::Integer(level)]))
    };
    let (made, _) = patched(&nested(false), &nested(true));
    assert_eq!(made, nested(true));
}

#[test]
fn a_type_is_part_of_a_value() {
    let decimal = |scale| Value::Decimal(rust_decimal::Decimal::new(10, scale));
    assert_eq!(between(&Value::list(vec![decimal(1)]), &Value::list(vec![decimal(1)])), []);
    for (old, new) in [
        (Value::Decimal("1.0".parse().unwrap()), Value::Decimal("1.00".parse().unwrap())),
        (Value::Integer(1), Value::Float(1.0)),
        (Value::text("2026-11-21"), Value::from_text(crate::value::Type::Date, "2026-11-21").unwrap()),
    ] {
        let (made, json) = patched(&Value::list(vec![old]), &Value::list(vec![new.clone()]));
        assert_eq!(format!("{made:?}"), format!("{:?}", Value::list(vec![new])), "{json}");
    }
}

#[test]
fn what_does_not_fit_is_not_done() {
    let splice = Operation::Splice { path: "/0".into(), at: 0, remove: 0, insert: "x".into() };
    let one = Value::list(vec![Value::Integer(1)]);
    for operation in
        [splice, Operation::Remove { path: "/3".into() }, Operation::Add { path: "/a/b".into(), value: Value::Unit }]
    {
        assert_eq!(apply(&[operation], one.clone()), None);
    }
    let map = Value::map([("a", one)]);
    for operation in
        [Operation::Remove { path: "/b".into() }, Operation::Replace { path: "/b".into(), value: Value::Unit }]
    {
        assert_eq!(apply(&[operation], map.clone()), None);
    }
}

fn value() -> BoxedStrategy<Value> {
    let text = prop_oneof!["[abä ]{0,12}", "([a-c]{1,3} ){0,30}", "日?本?[/~]{0,3}"];
    let leaf = prop_oneof![
        Just(Value::Unit),
        any::<bool>().prop_map(Value::Boolean),
        (-3..30_i64).prop_map(Value::Integer),
        text.prop_map(Value::from),
        (0..99_i64, 0..3_u32).prop_map(|(n, scale)| Value::Decimal(rust_decimal::Decimal::new(n, scale))),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::list),
            prop::collection::btree_map("[a-c/~]{1,2}".prop_map(Name::from), inner, 0..5).prop_map(Value::map),
        ]
    })
    .boxed()
}

proptest! {
    #[test]
    fn the_operations_make_the_new_value_of_the_old_one(values in prop::collection::vec(value(), 2..6)) {
        let mut made = values[0].clone();
        for (old, new) in values.iter().zip(values.iter().skip(1)) {
            let operations = between(old, new);
            made = apply(&operations, made).unwrap();
            prop_assert_eq!(exact(&made), exact(new));
        }
    }

    #[test]
    fn so_they_do_for_values_of_all_types(values in prop::collection::vec(properties::value(), 2..8)) {
        for (old, new) in values.iter().zip(values.iter().skip(1)) {
            prop_assert_eq!(exact(&patched(old, new).0), exact(new));
        }
        let (old, new) = (Value::list(values[1..].to_vec()), Value::list(values));
        prop_assert_eq!(exact(&patched(&old, &new).0), exact(&new));
        prop_assert_eq!(exact(&patched(&new, &old).0), exact(&old));
    }

    #[test]
    fn so_they_do_where_little_has_changed(
        parts in prop::collection::vec(value(), 0..40),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..3, value()), 0..6),
    ) {
        let mut changed = parts.clone();
        for (at, kind, value) in changes {
            let at = at.index(changed.len() + 1);
            match kind {
                0 => changed.insert(at, value),
                1 if at < changed.len() => drop(changed.remove(at)),
                _ if at < changed.len() => changed[at] = value,
                _ => {}
            }
        }
        let text = |parts: &[Value]| Value::from(parts.iter().map(|part| format!("{} ", part.to_text())).collect::<String>());
        for (old, new) in [(text(&parts), text(&changed)), (Value::list(parts), Value::list(changed))] {
            prop_assert_eq!(exact(&patched(&old, &new).0), exact(&new));
        }
    }
}
