//! The ways to read a text: as it is, without JSON escapes, and without URL escapes. A secret is looked for in each of
//! them, and masked where it is found.

use std::collections::BTreeSet;
use std::ops::Range;

use super::index::Index;

/// How many levels of escapes are removed: JSON inside a JSON string is escaped twice.
const MAX_ESCAPED: usize = 3;

/// A text, read in one way.
pub(super) struct Reading {
    bytes: Vec<u8>,
    /// For each byte its position in the original text, and at last the end. None if the text is read as it is.
    places: Option<Vec<usize>>,
}

/// The text in all the ways to read it.
pub(super) fn readings(text: &str) -> Vec<Reading> {
    let mut readings = vec![Reading { bytes: text.as_bytes().to_vec(), places: None }];
    for level in 0..MAX_ESCAPED {
        match readings.get(level).and_then(|reading| reading.decoded(b"\\", unescaped)) {
            Some(reading) => readings.push(reading),
            None => break,
        }
    }
    let urls = readings.iter().flat_map(|reading| {
        // In a query, a plus is a space.
        [reading.decoded(b"%", percent), reading.decoded(b"+", in_query)]
    });
    let urls: Vec<Reading> = urls.flatten().collect();
    readings.extend(urls);
    readings
}

/// Decodes an escape at the start of some bytes: what it stands for, and its length. None if there is no escape.
type Decode = fn(&[u8]) -> Option<(Vec<u8>, usize)>;

impl Reading {
    /// Adds the positions of secrets in the text.
    pub(super) fn find(&self, secrets: &Index, found: &mut Vec<Range<usize>>) {
        secrets.find(&self.bytes, |range| found.push(self.place(range.start)..self.place(range.end)));
    }

    /// Adds the texts of secrets, as they stand here.
    pub(super) fn collect(&self, secrets: &Index, texts: &mut BTreeSet<String>) {
        secrets.find(&self.bytes, |range| {
            let text = self.bytes.get(range).map(String::from_utf8_lossy);
            texts.extend(text.filter(|text| !texts.contains(&**text)).map(std::borrow::Cow::into_owned));
        });
    }

    fn place(&self, at: usize) -> usize {
        match &self.places {
            Some(places) => places.get(at).copied().unwrap_or_default(),
            None => at,
        }
    }

    /// The text without one kind of escapes; none if it has no `mark` of them.
    fn decoded(&self, mark: &[u8], decode: Decode) -> Option<Self> {
        if !self.bytes.iter().any(|byte| mark.contains(byte)) {
            return None;
        }
        let (mut bytes, mut places) = (Vec::with_capacity(self.bytes.len()), Vec::with_capacity(self.bytes.len() + 1));
        let mut at = 0;
        while let Some(rest @ [first, ..]) = self.bytes.get(at..) {
            let place = self.place(at);
            match decode(rest) {
                Some((decoded, length)) => {
                    places.extend(std::iter::repeat_n(place, decoded.len()));
                    bytes.extend(decoded);
                    at += length;
                }
                None => {
                    places.push(place);
                    bytes.push(*first);
                    at += 1;
                }
            }
        }
        places.push(self.place(self.bytes.len()));
        Some(Self { bytes, places: Some(places) })
    }
}

/// An escape of JSON, or of a string in a program.
fn unescaped(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let [b'\\', kind, rest @ ..] = bytes else { return None };
    let plain = match kind {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b'0' => 0,
        b'"' | b'\\' | b'/' | b'\'' | b'`' => *kind,
        b'u' => return unicode(rest).map(|(character, length)| (character.to_string().into_bytes(), length + 2)),
        _ => return None,
    };
    Some((vec![plain], 2))
}

/// What follows `\u`: `{1f600}`, `00e4`, or the two halves of a character.
fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    if let [b'{', rest @ ..] = bytes {
        let end = rest.iter().position(|byte| *byte == b'}')?;
        return Some((char::from_u32(hexadecimal(rest.get(..end)?)?)?, end + 2));
    }
    let first = hexadecimal(bytes.get(..4)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 4));
    }
    let second = hexadecimal(bytes.get(4..).and_then(|rest| rest.strip_prefix(b"\\u"))?.get(..4)?)?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    Some((char::decode_utf16(units).next()?.ok()?, 10))
}

fn percent(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let [b'%', digits @ ..] = bytes else { return None };
    let byte = u8::try_from(hexadecimal(digits.get(..2)?)?).ok()?;
    Some((vec![byte], 3))
}

fn in_query(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    if bytes.first() == Some(&b'+') { Some((vec![b' '], 1)) } else { percent(bytes) }
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
