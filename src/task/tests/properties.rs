//! What holds for any rules and any value.

use proptest::prelude::*;

use super::*;

/// A value of a type, as scripts make them.
fn of_type(kind: Type) -> BoxedStrategy<Value> {
    match kind {
        Type::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        Type::Integer => prop_oneof![any::<i64>(), -5..5_i64].prop_map(Value::Integer).boxed(),
        Type::Float => {
            let short = (-500..500_i64).prop_map(|n| n as f64 / 10.0);
            prop_oneof![proptest::num::f64::NORMAL, short].prop_map(Value::Float).boxed()
        }
        Type::Decimal => (any::<i64>(), 0..12_u32)
            .prop_map(|(n, scale)| Value::Decimal(rust_decimal::Decimal::new(n, scale)))
            .boxed(),
        Type::Date => (-800_000..4_000_000_i32)
            .prop_filter_map("no day", chrono::NaiveDate::from_epoch_days)
            .prop_map(Value::Date)
            .boxed(),
        Type::Datetime => (any::<i32>(), -720..720_i32)
            .prop_filter_map("no moment", |(seconds, minutes)| {
                let offset = chrono::FixedOffset::east_opt(minutes * 60)?;
                let moment = chrono::DateTime::from_timestamp(i64::from(seconds) * 200, 5_000_000)?;
                Some(Value::DateTime(moment.with_timezone(&offset)))
            })
            .boxed(),
        Type::Duration => prop_oneof![any::<i64>(), any::<i32>().prop_map(i64::from)]
            .prop_map(|ms| Value::Duration(crate::duration::Duration::from_millis(ms)))
            .boxed(),
        Type::Ref => (prop::sample::select(vec!["order", "person"]), 0..9_i64, any::<bool>())
            .prop_map(|(kind, id, whole)| {
                let id = if whole { Value::Integer(id) } else { Value::text(id.to_string()) };
                Value::map([("type", Value::text(kind)), ("id", id)])
            })
            .boxed(),
        Type::Refs => prop::collection::vec(of_type(Type::Ref), 0..3).prop_map(Value::list).boxed(),
        Type::List => prop::collection::vec(value(), 0..3).prop_map(Value::list).boxed(),
        Type::Map => {
            prop::collection::vec((prop::sample::select(vec!["a", "b"]), value()), 0..3).prop_map(Value::map).boxed()
        }
        Type::Any => value().boxed(),
        Type::String => prop_oneof![
            prop::sample::select(vec!["", "a", "abc", "5", "1.5", "2026-11-21", "2026-11-21T09:00:00Z", "1h", "🍕"])
                .prop_map(Value::text),
            ".{0,4}".prop_map(Value::text),
        ]
        .boxed(),
    }
}

/// Any value.
pub(in crate::task) fn value() -> impl Strategy<Value = Value> {
    let scalars = [
        Type::Boolean,
        Type::Integer,
        Type::Float,
        Type::Decimal,
        Type::Date,
        Type::Datetime,
        Type::Duration,
        Type::Ref,
        Type::String,
    ];
    let number = (any::<i64>(), 1..12_u32).prop_map(|(digits, scale)| {
        Value::Number(crate::value::Number::parse(&rust_decimal::Decimal::new(digits, scale).to_string()).unwrap())
    });
    let leaf = prop_oneof![1 => Just(Value::Unit), 1 => number, 9 => prop::sample::select(scalars.to_vec()).prop_flat_map(of_type)];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop::sample::select(vec!["a", "b", "c/d", "~e", "type", "id", "$opsflow"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            prop::collection::vec((name, inner), 0..4).prop_map(Value::map),
        ]
    })
}

/// A value that is likely to keep `rules`.
fn fitting(rules: &Rules) -> BoxedStrategy<Value> {
    if let Some(items) = &rules.items {
        return prop::collection::vec(fitting(items), 0..3).prop_map(Value::list).boxed();
    }
    let Some(fields) = &rules.fields else { return of_type(rules.kind) };
    let fields: Vec<_> = fields
        .iter()
        .map(|field| (Just(field.name.clone()), prop::option::weighted(0.8, fitting(&field.rules))))
        .collect();
    fields.prop_map(|fields| Value::map(fields.into_iter().filter_map(|(name, value)| Some((name, value?))))).boxed()
}

/// Rules and a value, which often keeps them: plain rules as often as nested ones.
fn pair() -> impl Strategy<Value = (Rules, Value)> {
    prop_oneof![plain_rules().boxed(), rules().boxed()].prop_flat_map(|rules| {
        let value = prop_oneof![4 => fitting(&rules), 1 => value()];
        (Just(rules), value)
    })
}

/// Rules of a type without anything declared inside.
fn plain_rules() -> impl Strategy<Value = Rules> {
    (
        prop::sample::select(Type::ALL.to_vec()),
        any::<bool>(),
        prop::option::weighted(0.05, prop::collection::vec(value(), 1..3)),
        prop::option::weighted(0.05, value()),
        prop::option::weighted(0.05, value()),
        prop::option::weighted(0.05, prop::sample::select(vec!["[a-z]+", "a|b", ".*"])),
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
        })
}

/// Rules, nested.
fn rules() -> impl Strategy<Value = Rules> {
    plain_rules().prop_recursive(3, 12, 3, |inner| {
        let default = prop::option::of(value());
        let fields = prop::collection::vec((prop::sample::select(vec!["a", "b", "c"]), inner.clone(), default), 0..3);
        prop_oneof![
            inner.prop_map(list_of),
            fields.prop_map(|fields| map_of(fields.into_iter().map(with_default).collect())),
        ]
    })
}

/// A field with a default as the checker keeps it: read; none, if it is not of the type.
fn with_default((name, rules, default): (&'static str, Rules, Option<Value>)) -> Attribute {
    let default = default.and_then(|default| given(&rules, &default).ok());
    Attribute { default, ..field(name, rules) }
}

/// Every rule that a message may name, and the name of a type.
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
    fn what_is_read_keeps_its_rules_or_a_message_names_one((rules, value) in pair()) {
        for result in [rules.read(&value).and_then(|read| rules.check(&read)), rules.settle(&value).map(drop)] {
            if let Err(invalid) = result {
                prop_assert!(NAMED.iter().any(|rule| invalid.reason.contains(rule)), "{}", invalid);
                prop_assert!(invalid.to_string().chars().count() < 1000, "{}", invalid);
            }
        }
    }

    #[test]
    fn what_is_kept_is_the_same_after_it_was_stored((rules, value) in pair()) {
        for kept in [given(&rules, &value), left(&rules, &value)].into_iter().flatten() {
            let stored = serde_json::to_string(&Stored(&kept)).unwrap();
            let Stored(back) = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!((&back, back.to_text()), (&kept, kept.to_text()));
            prop_assert_eq!(rules.restore(&back).map_err(|why| why.to_string()), Ok(kept.clone()));
            prop_assert_eq!(rules.check(&kept), Ok(()));
            prop_assert_eq!(left(&rules, &kept), Ok(kept));
        }
    }

    #[test]
    fn any_value_is_the_same_after_it_was_stored(value in value()) {
        let stored = serde_json::to_string(&Stored(&value)).unwrap();
        let Stored(back) = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!((&back, back.to_text()), (&value, value.to_text()));
    }

    #[test]
    fn a_default_of_a_type_is_read_once(value in value(), kind in prop::sample::select(Type::ALL.to_vec())) {
        if let Ok(read) = of(kind).read(&value) {
            prop_assert_eq!(of(kind).read(&read), Ok(read));
        }
    }
}
