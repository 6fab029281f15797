//! Reads JSON texts into values without losing a digit. serde_json turns fractions and large whole numbers into floats.
//! So numbers are read here, and serde_json is used for strings and for error messages.

use crate::name::Name;

use super::{InvalidValue, MAX_VALUE_DEPTH, Map, Number, Value};

/// Why a text is not a value.
#[derive(Debug)]
pub(crate) enum InvalidJson {
    /// It is not JSON.
    Syntax(serde_json::Error),
    /// It has something that no value can hold, at this byte.
    Value(
        InvalidValue,
        #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "the command line shows the place"))] usize,
    ),
}

impl std::fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Syntax(why) => write!(f, "this is not JSON: {why}"),
            Self::Value(why, _) => why.fmt(f),
        }
    }
}

/// How strictly a text is read, and what becomes of whole numbers beyond 64 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Large {
    /// They are numbers as long as a decimal holds them, and refused beyond that. So are fractions with more digits, and
    /// a name that stands twice.
    Refused,
    /// They become text, so that no digit is lost. Of a name that stands twice the last counts: services may send that.
    #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "answers of services are read so"))]
    Text,
}

/// Reads a JSON text.
pub(crate) fn parse(text: &str, large: Large) -> Result<Value, InvalidJson> {
    let mut reader = Reader { text, at: 0, large };
    match reader.document() {
        Ok(value) => Ok(value),
        Err(Wrong::Value(why)) => Err(InvalidJson::Value(why, reader.at)),
        Err(Wrong::Syntax) => match serde_json::from_str::<serde_json::Value>(text) {
            Err(why) => Err(InvalidJson::Syntax(why)),
            // Both readers agree on what JSON is; they differ in numbers only.
            Ok(json) => Value::from_json(&json).map_err(|why| InvalidJson::Value(why, 0)),
        },
    }
}

/// Why reading ended.
enum Wrong {
    /// It is not JSON; serde_json words the error.
    Syntax,
    /// No value can hold what begins here.
    Value(InvalidValue),
}

struct Reader<'t> {
    text: &'t str,
    /// The position of the next byte.
    at: usize,
    large: Large,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Result<Value, Wrong> {
        let value = self.value(0)?;
        self.blanks();
        if self.at == self.text.len() { Ok(value) } else { Err(Wrong::Syntax) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Consumes `byte`, if it is next.
    fn takes(&mut self, byte: u8) -> bool {
        let stands = self.peek() == Some(byte);
        self.at += usize::from(stands);
        stands
    }

    fn value(&mut self, depth: usize) -> Result<Value, Wrong> {
        self.blanks();
        match self.peek() {
            Some(b'[' | b'{') if depth >= MAX_VALUE_DEPTH => Err(Wrong::Value(InvalidValue::TooDeep)),
            Some(b'[') => self.list(depth + 1),
            Some(b'{') => self.map(depth + 1),
            Some(b'"') => self.string().map(Value::from),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Wrong> {
        let mut items = Vec::new();
        self.at += 1;
        self.blanks();
        if self.takes(b']') {
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.blanks();
            if self.takes(b']') {
                return Ok(Value::list(items));
            }
            if !self.takes(b',') {
                return Err(Wrong::Syntax);
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, Wrong> {
        let mut map = Map::new();
        self.at += 1;
        self.blanks();
        if self.takes(b'}') {
            return Ok(map.into());
        }
        loop {
            self.blanks();
            let start = self.at;
            let name = self.string()?;
            self.blanks();
            if !self.takes(b':') {
                return Err(Wrong::Syntax);
            }
            let value = self.value(depth)?;
            let name = Name::from(name);
            if map.insert(name.clone(), value).is_some() && self.large == Large::Refused {
                self.at = start;
                return Err(Wrong::Value(InvalidValue::Repeated(name)));
            }
            self.blanks();
            if self.takes(b'}') {
                return Ok(map.into());
            }
            if !self.takes(b',') {
                return Err(Wrong::Syntax);
            }
        }
    }

    /// Reads a string, if one is next.
    fn string(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        if !self.takes(b'"') {
            return Err(Wrong::Syntax);
        }
        let mut is_plain = true;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain = false;
                    self.at += 2;
                }
                Some(byte) => {
                    is_plain &= byte >= b' ';
                    self.at += 1;
                }
                None => return Err(Wrong::Syntax),
            }
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at).ok_or(Wrong::Syntax)?;
        if is_plain {
            return Ok(quoted.trim_matches('"').to_owned());
        }
        serde_json::from_str(quoted).map_err(|_| Wrong::Syntax)
    }

    fn number(&mut self) -> Result<Value, Wrong> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            let start = reader.at;
            while matches!(reader.peek(), Some(b'0'..=b'9')) {
                reader.at += 1;
            }
            reader.at - start
        };
        self.takes(b'-');
        let leads_with_zero = self.peek() == Some(b'0');
        let whole = digits(self);
        let mut is_whole = true;
        let mut is_number = whole == 1 || whole > 1 && !leads_with_zero;
        if self.takes(b'.') {
            is_whole = false;
            is_number &= digits(self) > 0;
        }
        if self.takes(b'e') || self.takes(b'E') {
            is_whole = false;
            let _ = self.takes(b'+') || self.takes(b'-');
            is_number &= digits(self) > 0;
        }
        let number = self.text.get(start..self.at).filter(|_| is_number).ok_or(Wrong::Syntax)?;
        if !is_whole {
            let read = Number::parse(number).ok_or(Wrong::Syntax)?;
            if self.large == Large::Text || read.has_all(number) {
                return Ok(Value::Number(read));
            }
            self.at = start;
            return Err(Wrong::Value(InvalidValue::TooLarge(number.to_owned())));
        }
        match (number.parse(), self.large) {
            // Whole numbers have no negative zero, floats do.
            (Ok(0), _) if number.starts_with('-') => Ok(Value::Float(-0.0)),
            (Ok(whole), _) => Ok(Value::Integer(whole)),
            (Err(_), Large::Text) => Ok(Value::text(number)),
            (Err(_), Large::Refused) => match Number::parse(number).filter(Number::is_exact) {
                Some(exact) => Ok(Value::Number(exact)),
                None => {
                    self.at = start;
                    Err(Wrong::Value(InvalidValue::TooLarge(number.to_owned())))
                }
            },
        }
    }

    fn word(&mut self) -> Result<Value, Wrong> {
        let rest: &'t str = self.text.get(self.at..).unwrap_or_default();
        for (word, value) in [("null", Value::Unit), ("true", Value::Boolean(true)), ("false", Value::Boolean(false))] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(Wrong::Syntax)
    }
}
