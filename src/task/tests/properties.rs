//! What holds for any rules and any value.

use proptest::prelude::*;

use super::*;

fn value() -> impl Strategy<Value = Value> {
    let day = (-400_000..400_000_i32).prop_filter_map("no day", chrono::NaiveDate::from_epoch_days);
    let leaf = prop_oneof![
        Just(Value::Unit),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        (-5..5_i64).prop_map(Value::Integer),
        proptest::num::f64::NORMAL.prop_map(Value::Float),
        (-500..500_i64).prop_map(|n| Value::Float(n as f64 / 10.0)),
        (any::<i64>(), 0..12_u32).prop_map(|(n, scale)| Value::Decimal(rust_decimal::Decimal::new(n, scale))),
        day.prop_map(Value::Date),
        (any::<i32>(), -720..720_i32).prop_filter_map("no moment", |(seconds, minutes)| {
            let offset = chrono::FixedOffset::east_opt(minutes * 60)?;
            Some(Value::DateTime(chrono::DateTime::from_timestamp(seconds.into(), 5_000_000)?.with_timezone(&offset)))
        }),
        any::<i64>().prop_map(|ms| Value::Duration(crate::duration::Duration::from_millis(ms))),
        prop::sample::select(vec!["", "a", "abc", "5", "1.5", "2026-11-21", "2026-11-21T09:00:00Z", "1h", "🍕"])
            .prop_map(Value::text),
        ".{0,4}".prop_map(Value::text),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop::sample::select(vec!["a", "b", "c", "type", "id"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            prop::collection::vec((name, inner), 0..4).prop_map(Value::map),
        ]
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    let plain = |value: Value| value.into_plain();
    let leaf = (
        prop::sample::select(Type::ALL.to_vec()),
        any::<bool>(),
        prop::option::weighted(0.2, prop::collection::vec(value(), 1..3)),
        prop::option::weighted(0.2, value()),
        prop::option::weighted(0.2, value()),
        prop::option::weighted(0.2, prop::sample::select(vec!["[a-z]+", "a|b", ".*"])),
        any::<bool>(),
    )
        .prop_map(|(kind, required, one_of, min, max, text, secret)| Rules {
            required,
            one_of,
            min,
            max,
            pattern: text.and_then(pattern),
            secret,
            ..of(kind)
        });
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let default = prop::option::of(value().prop_map(plain));
        let fields = prop::collection::vec((prop::sample::select(vec!["a", "b", "c"]), inner.clone(), default), 0..3);
        prop_oneof![
            inner.prop_map(list_of),
            fields.prop_map(|fields| map_of(
                fields.into_iter().map(|(name, rules, default)| Attribute { default, ..field(name, rules) }).collect()
            )),
        ]
    })
}

/// Every rule that a message may name, and what stands for a type.
const NAMED: [&str; 13] = [
    "must be of type `",
    "is required",
    "`one_of`",
    "(`min`)",
    "(`max`)",
    "(`pattern`)",
    "(`model`)",
    "must be a `ref`",
    "is not declared",
    "that is not declared",
    "finite",
    "MAX_VALUE_DEPTH",
    "`type`",
];

proptest! {
    #[test]
    fn what_is_read_keeps_its_rules_or_a_message_names_one(rules in rules(), value in value()) {
        for result in [rules.read(&value).and_then(|read| rules.check(&read)), rules.settle(&value).map(drop)] {
            if let Err(invalid) = result {
                prop_assert!(NAMED.iter().any(|rule| invalid.reason.contains(rule)), "{}", invalid);
                prop_assert!(invalid.to_string().chars().count() < 1000, "{}", invalid);
            }
        }
    }

    #[test]
    fn what_is_kept_is_the_same_after_json(rules in rules(), value in value()) {
        for kept in [given(&rules, &value), left(&rules, &value)].into_iter().flatten() {
            let stored = serde_json::to_string(&kept).unwrap();
            let back: Value = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(rules.restore(&back).map_err(|why| why.to_string()), Ok(kept.clone()));
            prop_assert_eq!(rules.check(&kept), Ok(()));
            prop_assert_eq!(left(&rules, &kept), Ok(kept));
        }
    }

    #[test]
    fn a_default_of_a_type_is_read_once(value in value(), kind in prop::sample::select(Type::ALL.to_vec())) {
        if let Ok(read) = of(kind).read(&value) {
            prop_assert_eq!(of(kind).read(&read), Ok(read));
        }
    }
}
