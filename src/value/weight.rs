//! The weight of a value: the bytes it takes when it is written, with shared parts counted each time. A list with the
//! same text a thousand times is cheap to hold, but writing it can exhaust the memory.

use super::{Map, Value};

/// Bytes of a value that is kept in an attribute, passed on, logged, thrown or returned.
pub const MAX_VALUE_BYTES: usize = 8 * 1024 * 1024;

/// Approximate bytes of a number with a fraction, a date and the like.
const SCALAR_BYTES: usize = 12;
/// Bytes of the longest whole number, which is the heaviest of all values that are neither texts nor have parts.
const MAX_SCALAR_BYTES: usize = 20;
/// Bytes of an escaped character.
const ESCAPE_BYTES: usize = 6;

impl Value {
    /// Whether its weight is surely within `most`, as far as a single look tells. Of a list or a map, and of a text that
    /// would fit only without escapes, nothing is sure.
    pub(crate) fn is_surely_within(&self, most: usize) -> bool {
        match self {
            Self::Text(text) => text.len().saturating_mul(ESCAPE_BYTES).saturating_add(2) <= most,
            Self::List(_) | Self::Map(_) => false,
            _ => most >= MAX_SCALAR_BYTES,
        }
    }

    /// Whether its weight is within `most`.
    pub(crate) fn is_within(&self, most: usize) -> bool {
        self.is_surely_within(most) || self.weight(most).is_some()
    }

    /// Approximate bytes of its JSON, found without writing it. None if they exceed `most`: the rest is not looked at
    /// then, so the cost is bounded by `most` however often parts are shared.
    pub fn weight(&self, most: usize) -> Option<usize> {
        let mut left = most;
        weigh(self, &mut left)?;
        Some(most - left)
    }
}

/// The same for the entries of a map.
pub(crate) fn weight_of_map(map: &Map, most: usize) -> Option<usize> {
    let mut left = most;
    weigh_map(map, &mut left)?;
    Some(most - left)
}

/// Subtracts the weight of a value from `left`; none if not enough is left.
fn weigh(value: &Value, left: &mut usize) -> Option<()> {
    match value {
        Value::Text(text) => take(left, text_bytes(text, *left)),
        Value::List(items) => {
            take(left, items.len().saturating_add(2))?;
            items.iter().try_for_each(|item| weigh(item, left))
        }
        Value::Map(map) => weigh_map(map, left),
        Value::Unit | Value::Boolean(_) => take(left, 4),
        Value::Integer(number) => take(left, digits(*number)),
        _ => take(left, SCALAR_BYTES),
    }
}

fn weigh_map(map: &Map, left: &mut usize) -> Option<()> {
    take(left, 2)?;
    map.iter().try_for_each(|(name, value)| {
        take(left, text_bytes(name, *left).saturating_add(2))?;
        weigh(value, left)
    })
}

/// The digits of a whole number, and its sign.
fn digits(number: i64) -> usize {
    let digits = number.unsigned_abs().checked_ilog10().unwrap_or(0).saturating_add(1);
    usize::try_from(digits).unwrap_or(1).saturating_add(usize::from(number < 0))
}

fn take(left: &mut usize, bytes: usize) -> Option<()> {
    *left = left.checked_sub(bytes)?;
    Some(())
}

/// A quoted text. If it is longer than `most` anyway, it is not searched for escapes.
fn text_bytes(text: &str, most: usize) -> usize {
    let plain = text.len().saturating_add(2);
    if plain > most {
        return plain;
    }
    // Most texts have nothing to escape, which is found several characters at a time.
    if !text.bytes().fold(false, |any, byte| any | (byte < 0x20) | (byte == b'"') | (byte == b'\\')) {
        return plain;
    }
    text.bytes().fold(plain, |bytes, byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => bytes.saturating_add(1),
        0..0x20 => bytes.saturating_add(5),
        _ => bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_about_the_bytes_of_its_json() {
        let list = Value::from(vec![Value::text("a\n\"b\"\u{1}"), Value::Integer(i64::MIN), Value::Unit, true.into()]);
        for value in [Value::text("plain"), Value::map([("name", list.clone())]), list] {
            let (weight, json) = (value.weight(usize::MAX).unwrap(), value.to_json().to_string().len());
            assert!(weight.abs_diff(json) <= 12, "{weight} for {json}: {value:?}");
        }
        assert_eq!(Value::text("a\n\u{1}").weight(100), Some(11));
    }

    #[test]
    fn what_is_shared_counts_each_time_and_is_looked_at_up_to_the_bound() {
        let mut value = Value::text("x".repeat(1000));
        for _ in 0..60 {
            value = Value::list(vec![value.clone(), value]);
        }
        assert_eq!(value.weight(1_000_000), None);
        assert_eq!(Value::text("abc").weight(4), None);
        assert_eq!(weight_of_map(&Map::from([("a".into(), Value::text("b"))]), 100), Some(10));
    }
}
