//! Numbers with a fraction as they were written outside.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A number with a fraction as JSON, YAML or a script wrote it, or computed of such numbers. Until something asks for a
/// float or a decimal, no digit is lost: `1.10` stays `1.10`. It counts as a float, and beside a decimal as a decimal.
#[derive(Clone, Copy)]
pub struct Number(Kept);

/// The representation, no larger than a decimal, so that values do not grow.
#[derive(Clone, Copy)]
enum Kept {
    /// Every digit.
    Exact(Decimal),
    /// As many digits as a decimal holds, of an outcome that has more: `1.0 / 3`. It shows and compares as a float.
    Near(Decimal),
    /// The bits of the nearest float, if a decimal cannot hold all digits.
    Rounded([u8; 8]),
}

/// The largest whole number that floats represent exactly, together with all below it.
const MAX_EXACT: u64 = 1 << 53;
/// The least number with more digits than a float keeps.
const FLOAT_DIGITS: u128 = 100_000_000_000_000_000;
/// Powers of ten that floats hold exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

impl Number {
    /// Reads digits with an optional sign, point and exponent. None for what is not a number, and for one that even a
    /// float cannot hold.
    pub fn parse(text: &str) -> Option<Self> {
        let float = text.parse::<f64>().ok().filter(|float| float.is_finite())?;
        // Decimals have no negative zero, floats do.
        let exact = if float == 0.0 && float.is_sign_negative() { None } else { exact(text) };
        Some(Self(exact.map_or(Kept::Rounded(float.to_le_bytes()), Kept::Exact)))
    }

    /// Reads the same where no digit may be lost: none, too, if there are more than a decimal holds. A number with an
    /// exponent, such as `1.5e300`, is the nearest float: its author knows that it is one.
    pub(crate) fn parse_all(text: &str) -> Option<Self> {
        Self::parse(text).filter(|number| number.has_all(text))
    }

    /// Whether no digit of `text`, which was read, is lost.
    pub(crate) fn has_all(&self, text: &str) -> bool {
        self.is_exact() || self.as_f64() == 0.0 || text.contains(['e', 'E'])
    }

    /// A number with exactly these digits.
    pub(crate) const fn exact(decimal: Decimal) -> Self {
        Self(Kept::Exact(decimal))
    }

    /// A number of which a decimal holds only the first digits. None if those are fewer than a float has.
    pub(crate) fn near(decimal: Decimal) -> Option<Self> {
        (decimal.mantissa().unsigned_abs() >= FLOAT_DIGITS).then_some(Self(Kept::Near(decimal)))
    }

    /// Whether no digit is missing.
    pub(crate) const fn is_exact(&self) -> bool {
        matches!(self.0, Kept::Exact(_))
    }

    /// The nearest float.
    pub fn as_f64(&self) -> f64 {
        match self.0 {
            Kept::Rounded(bits) => f64::from_le_bytes(bits),
            Kept::Exact(decimal) | Kept::Near(decimal) => {
                let digits =
                    u64::try_from(decimal.mantissa().unsigned_abs()).ok().filter(|digits| *digits <= MAX_EXACT);
                let power = POWERS.get(decimal.scale() as usize);
                match (digits, power) {
                    // Both are exact, so the quotient is the nearest float.
                    (Some(digits), Some(power)) => {
                        let float = digits as f64 / power;
                        if decimal.is_sign_negative() { -float } else { float }
                    }
                    _ => decimal.to_string().parse().ok().or_else(|| decimal.to_f64()).unwrap_or_default(),
                }
            }
        }
    }

    /// The number with all its digits; none, if a decimal cannot hold them. Of what was computed, as many as it holds.
    pub fn decimal(&self) -> Option<Decimal> {
        match self.0 {
            Kept::Exact(decimal) | Kept::Near(decimal) => Some(decimal),
            Kept::Rounded(bits) => (bits == (-0.0_f64).to_le_bytes()).then_some(Decimal::ZERO),
        }
    }

    /// The number with its sign changed.
    pub(crate) fn negated(self) -> Self {
        Self(match self.0 {
            Kept::Exact(decimal) if !decimal.is_zero() => Kept::Exact(-decimal),
            Kept::Near(decimal) => Kept::Near(-decimal),
            _ => Kept::Rounded((-self.as_f64()).to_le_bytes()),
        })
    }
}

/// All digits of a number as a decimal, if one can hold them.
fn exact(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (unsigned, minus) = match mantissa.strip_prefix('-') {
        Some(unsigned) => (unsigned, true),
        None => (mantissa.strip_prefix('+').unwrap_or(mantissa), false),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut number = 0_i128;
    for digit in whole.bytes().chain(fraction.bytes()) {
        let digit = char::from(digit).to_digit(10)?;
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    let mut scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let most = i64::from(Decimal::MAX_SCALE);
    while scale > most && number % 10 == 0 && number != 0 {
        (number, scale) = (number / 10, scale - 1);
    }
    while scale < 0 && number != 0 {
        (number, scale) = (number.checked_mul(10)?, scale + 1);
    }
    let scale = if number == 0 { scale.clamp(0, most) } else { scale };
    Decimal::try_from_i128_with_scale(if minus { -number } else { number }, u32::try_from(scale).ok()?).ok()
}

/// Two are equal if they are the same number, whatever trailing zeros they have.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.decimal(), other.decimal()) {
            (Some(a), Some(b)) => a == b,
            _ => self.as_f64() == other.as_f64(),
        }
    }
}

/// As it was written, but with a fraction, so that it is read as a float again: `1e2` is `100.0`. A whole number beyond 64
/// bits cannot be mistaken for an integer and stays as it is.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kept::Exact(decimal) if decimal.scale() == 0 && decimal.to_i64().is_some() => write!(f, "{decimal}.0"),
            Kept::Exact(decimal) => decimal.fmt(f),
            Kept::Near(_) | Kept::Rounded(_) => write!(f, "{:?}", self.as_f64()),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A number of JSON with all its digits.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (float, digits) = (self.as_f64(), self.to_string());
        // Most numbers are the same as floats, which every format can write; only the others need raw digits.
        match RawValue::from_string(digits) {
            Ok(raw) if raw.get() != format!("{float:?}") => raw.serialize(serializer),
            _ => serializer.serialize_f64(float),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_stays() {
        for (text, shown) in [
            ("1.10", "1.10"),
            ("-1.10", "-1.10"),
            ("+1.5", "1.5"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("0.00", "0.00"),
            ("1234567890123456.78", "1234567890123456.78"),
            ("1e2", "100.0"),
            ("1.5e-7", "0.00000015"),
            ("12.50E1", "125.0"),
            ("0.0e9", "0.0"),
            ("0e99", "0.0"),
            ("12345678901234567890", "12345678901234567890"),
            ("7.9228162514264337593543950335", "7.9228162514264337593543950335"),
        ] {
            let number = Number::parse(text).unwrap();
            assert_eq!((number.to_string().as_str(), number.decimal().is_some()), (shown, true), "{text}");
            assert_eq!(number.as_f64(), text.parse::<f64>().unwrap(), "{text}");
            assert_eq!(serde_json::to_string(&number).unwrap(), shown);
        }
        assert_eq!(Number::parse("12.50E1").unwrap().decimal().unwrap().to_string(), "125.0");
        assert_eq!(Number::parse("1e2").unwrap().decimal().unwrap().to_string(), "100");
    }

    #[test]
    fn what_no_decimal_can_hold_is_the_nearest_float() {
        for text in ["1e300", "0.12345678901234567890123456789", "1e-40", "99999999999999999999999999999.5"] {
            let number = Number::parse(text).unwrap();
            assert_eq!((number.decimal(), number.as_f64()), (None, text.parse().unwrap()), "{text}");
            assert_eq!(number.to_string(), format!("{:?}", text.parse::<f64>().unwrap()));
        }
        let zero = Number::parse("-0.0").unwrap();
        assert_eq!((zero.decimal(), zero.to_string().as_str()), (Some(Decimal::ZERO), "-0.0"));
        for text in ["1e400", "", ".", "-", "ten", "NaN", "inf"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn equal_is_what_counts_the_same() {
        let number = |text| Number::parse(text).unwrap();
        assert_eq!(number("1.10"), number("1.1"));
        assert_ne!(number("1234567890123456.78"), number("1234567890123456.79"));
        assert_eq!(
            (number("1.10").negated(), number("0.0").negated().to_string()),
            (number("-1.1"), "-0.0".to_owned())
        );
    }
}
