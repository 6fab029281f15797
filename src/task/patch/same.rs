//! Whether values are the same in type and notation: 1.0 is not 1.00.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::value::Value;

use super::diff::{BYTES_A_STEP, Steps};

/// Whether two values are the same. Also true once no steps are left: then nobody uses the answer.
pub(super) fn same(old: &Value, new: &Value, steps: &mut Steps) -> bool {
    if !steps.take(1) {
        return true;
    }
    match (old, new) {
        (Value::List(old), Value::List(new)) => {
            Arc::ptr_eq(old, new)
                || (old.len() == new.len() && old.iter().zip(new.iter()).all(|(old, new)| same(old, new, steps)))
        }
        (Value::Map(old), Value::Map(new)) => {
            let mut fields = old.iter().zip(new.iter());
            Arc::ptr_eq(old, new)
                || (old.len() == new.len() && fields.all(|(old, new)| old.0 == new.0 && same(old.1, new.1, steps)))
        }
        (Value::Text(old), Value::Text(new)) => {
            steps.take(old.len() / BYTES_A_STEP);
            old == new
        }
        (Value::Float(old), Value::Float(new)) => old.to_bits() == new.to_bits(),
        (Value::Number(old), Value::Number(new)) => old.to_string() == new.to_string(),
        (Value::Decimal(old), Value::Decimal(new)) => old.serialize() == new.serialize(),
        (Value::DateTime(old), Value::DateTime(new)) => old == new && old.offset() == new.offset(),
        (old, new) => old == new,
    }
}

/// Numbers that are equal if the parts are the same.
pub(super) fn fingerprints<T: Fingerprint>(parts: &[T], steps: &mut Steps) -> Vec<u64> {
    let of = |part: &T| {
        let mut hasher = DefaultHasher::new();
        part.feed(&mut hasher, steps);
        hasher.finish()
    };
    parts.iter().map(of).collect()
}

/// What has a fingerprint.
pub(super) trait Fingerprint {
    fn feed(&self, hasher: &mut DefaultHasher, steps: &mut Steps);
}

impl Fingerprint for &str {
    fn feed(&self, hasher: &mut DefaultHasher, steps: &mut Steps) {
        steps.take(1);
        self.hash(hasher);
    }
}

impl Fingerprint for Value {
    fn feed(&self, hasher: &mut DefaultHasher, steps: &mut Steps) {
        if !steps.take(1) {
            return;
        }
        std::mem::discriminant(self).hash(hasher);
        match self {
            Value::Unit => {}
            Value::Boolean(v) => v.hash(hasher),
            Value::Integer(v) => v.hash(hasher),
            Value::Float(v) => v.to_bits().hash(hasher),
            Value::Number(v) => v.to_string().hash(hasher),
            Value::Decimal(v) => v.serialize().hash(hasher),
            Value::Text(v) => {
                steps.take(v.len() / BYTES_A_STEP);
                v.hash(hasher);
            }
            Value::Date(v) => v.hash(hasher),
            Value::DateTime(v) => (v, v.offset().local_minus_utc()).hash(hasher),
            Value::Duration(v) => v.as_millis().hash(hasher),
            Value::List(items) => {
                items.len().hash(hasher);
                items.iter().for_each(|item| item.feed(hasher, steps));
            }
            Value::Map(map) => {
                map.len().hash(hasher);
                map.iter().for_each(|(name, part)| {
                    name.hash(hasher);
                    part.feed(hasher, steps);
                });
            }
        }
    }
}
