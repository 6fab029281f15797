//! Numbers, names and values as bytes.

use crate::name::Name;
use crate::value::Value;

const UNIT: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INTEGER: u8 = 3;
const FLOAT: u8 = 4;
const TEXT: u8 = 5;

/// Bytes of a length that is not known before what it is the length of.
const ROOM: usize = size_of::<u32>();

/// Writes bytes.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// All of them, in exactly the room they need.
    pub(super) fn done(self) -> Box<[u8]> {
        self.0.as_slice().into()
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Leaves room for the number of bytes that follow. Returns where.
    pub(super) fn room(&mut self) -> usize {
        self.0.extend_from_slice(&[0; ROOM]);
        self.0.len()
    }

    /// Fills the room that was left before `start`.
    pub(super) fn fill_room(&mut self, start: usize) {
        let length = u32::try_from(self.0.len() - start).unwrap_or(u32::MAX).to_le_bytes();
        if let Some(room) = self.0.get_mut(start - ROOM..start) {
            room.copy_from_slice(&length);
        }
    }

    /// A small number in few bytes.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn signed(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) -> Option<()> {
        self.0.push(u8::try_from(text.len()).ok()?);
        self.0.extend_from_slice(text.as_bytes());
        Some(())
    }

    /// What every entry begins with.
    pub(super) fn head(&mut self, flags: u8, cause: u8, at: i64) {
        let [a, b, c, d, e, f, g, h] = at.to_le_bytes();
        self.0.extend_from_slice(&[flags, cause, a, b, c, d, e, f, g, h]);
    }

    /// None if the name is too long.
    pub(super) fn name(&mut self, name: &Name) -> Option<()> {
        self.text(name)
    }

    /// None if the value is no short one.
    pub(super) fn value(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Unit => self.0.push(UNIT),
            Value::Boolean(holds) => self.0.push(if *holds { TRUE } else { FALSE }),
            Value::Integer(number) => {
                self.0.push(INTEGER);
                self.signed(*number);
            }
            Value::Float(number) => {
                self.0.push(FLOAT);
                self.0.extend_from_slice(&number.to_le_bytes());
            }
            Value::Text(text) => {
                self.0.push(TEXT);
                self.text(text)?;
            }
            _ => return None,
        }
        Some(())
    }
}

/// Reads what a [`Writer`] wrote. None where the bytes end.
pub(super) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const COUNT: usize>(&mut self) -> Option<[u8; COUNT]> {
        self.take(COUNT)?.try_into().ok()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// The bytes whose number was written before them.
    pub(super) fn part(&mut self) -> Option<Self> {
        let length = u32::from_le_bytes(self.array()?);
        self.take(usize::try_from(length).ok()?).map(Self)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.byte()?;
        std::str::from_utf8(self.take(length.into())?).ok()
    }

    pub(super) fn name(&mut self) -> Option<Name> {
        self.text().map(Name::new)
    }

    pub(super) fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            UNIT => Value::Unit,
            FALSE => Value::Boolean(false),
            TRUE => Value::Boolean(true),
            INTEGER => Value::Integer(self.signed()?),
            FLOAT => Value::Float(f64::from_le_bytes(self.array()?)),
            TEXT => Value::text(self.text()?),
            _ => return None,
        })
    }
}
