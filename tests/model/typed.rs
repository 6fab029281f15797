//! Values of types that JSON does not have: how flows write them, and how they are told.

use opsflow::Value;
use opsflow::value::Stored;
use serde_json::{Value as Json, json};

/// A value, as scripts write it, with its type.
pub(super) struct Sample {
    pub(super) script: &'static str,
    pub(super) kind: &'static str,
    /// As a storage writes it, so that neither type nor digits can differ.
    told: &'static str,
}

/// What a task may keep.
pub(super) const SAMPLES: [Sample; 8] = [
    Sample { script: "decimal(\"1.10\")", kind: "decimal", told: r#"{"$opsflow":"decimal 1.10"}"# },
    Sample { script: "2.50", kind: "float", told: r#"{"$opsflow":"number 2.50"}"# },
    Sample { script: "date(\"2026-11-21\")", kind: "date", told: r#"{"$opsflow":"date 2026-11-21"}"# },
    Sample {
        script: "datetime(\"2026-11-21T09:00:00+01:00\")",
        kind: "datetime",
        told: r#"{"$opsflow":"datetime 2026-11-21T09:00:00+01:00"}"#,
    },
    Sample { script: "duration(\"1h 30m\")", kind: "duration", told: r#"{"$opsflow":"duration 1h 30m"}"# },
    Sample { script: "\"2026-11-21\"", kind: "string", told: r#""2026-11-21""# },
    Sample {
        script: "[decimal(\"0.50\"), [date(\"2026-11-22\")]]",
        kind: "list",
        told: r#"[{"$opsflow":"decimal 0.50"},[{"$opsflow":"date 2026-11-22"}]]"#,
    },
    Sample {
        script: "#{ at: #{ due: date(\"2026-11-23\") }, price: 1.10 }",
        kind: "map",
        told: r#"{"at":{"due":{"$opsflow":"date 2026-11-23"}},"price":{"$opsflow":"number 1.10"}}"#,
    },
];

impl Sample {
    pub(super) fn of(n: u8) -> &'static Self {
        &SAMPLES[usize::from(n) % SAMPLES.len()]
    }

    pub(super) fn value(&self) -> Json {
        serde_json::from_str(self.told).unwrap()
    }

    /// The type of what [`value`](Self::value) or [`decimal`] gives.
    pub(super) fn kind_of(value: &Json) -> &'static str {
        SAMPLES.iter().find(|sample| sample.value() == *value).map_or("decimal", |sample| sample.kind)
    }
}

/// What was told, as a value.
pub(super) fn value(told: Json) -> Value {
    serde_json::from_value::<Stored>(told).unwrap().0
}

/// A decimal of so many hundredths.
pub(super) fn decimal(hundredths: i64) -> Json {
    json!({ "$opsflow": format!("decimal {}.{:02}", hundredths / 100, hundredths % 100) })
}

/// A line of so many days and prices.
pub(super) fn line(n: i64) -> Json {
    json!({ "due": { "$opsflow": format!("date 2026-11-2{n}") }, "price": decimal(price(n)) })
}

/// The price of a line, in hundredths.
pub(super) const fn price(n: i64) -> i64 {
    n * 100 + 50
}
