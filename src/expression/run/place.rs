//! Parts of values, read and changed in place.

use std::sync::Arc;

use crate::name::Name;
use crate::value::Value;

use super::super::builtin;
use super::super::code::{Root, Segment, Step};
use super::interrupt::{failed, limit};
use super::operand::described;
use super::{Eval, Machine, Operand};

/// A step into a value, with its index evaluated.
#[derive(Debug)]
pub(super) enum Key<'k> {
    /// `.name`
    Field(&'k Name),
    /// `[index]`
    Index(Operand),
}

/// The steps of a path.
pub(super) type Keys<'k> = rhai::StaticVec<Key<'k>>;

const NOTHING: &Value = &Value::Unit;

impl Machine<'_> {
    /// The steps of a path without methods, with indexes evaluated in order.
    pub(super) fn keys<'k>(&mut self, segments: &'k [Segment]) -> Eval<Keys<'k>> {
        let mut keys = Keys::new();
        for segment in segments {
            match &segment.step {
                Step::Field(name) => keys.push(Key::Field(name)),
                Step::Index(index) => {
                    let index = self.evaluate(index)?;
                    keys.push(Key::Index(index));
                }
                Step::Method(call) => return Err(failed(format!("`{}` is in the way", call.name))),
            }
        }
        Ok(keys)
    }

    /// The value at the end of a path from a variable. None if a `?.` ended it.
    pub(super) fn read(&mut self, root: Root, segments: &[Segment], keys: &[Key<'_>]) -> Eval<Option<Operand>> {
        let (mut current, done) = match self.peek(root) {
            Ok(value) => {
                let (found, done) = advance(value, keys);
                (Operand::Value(found.clone()), done)
            }
            Err(other) => (other, 0),
        };
        for (segment, key) in segments.iter().zip(keys).skip(done) {
            if segment.optional && current.is_unit() {
                return Ok(None);
            }
            current = self.step(current, key).map_err(|stop| self.placed(stop, segment.at))?;
        }
        Ok(Some(current))
    }

    /// One step.
    pub(super) fn step(&mut self, from: Operand, key: &Key<'_>) -> Eval {
        if let (Operand::Value(value), Some(name)) = (&from, key.name())
            && let Value::Map(map) = value
        {
            return Ok(map.get(name).cloned().unwrap_or_default().into());
        }
        match (from, key) {
            (from, Key::Field(name)) => self.property(from, name),
            (Operand::Value(Value::List(items)), Key::Index(Operand::Value(Value::Integer(index)))) => {
                match place_in(*index, items.len()).and_then(|place| items.get(place)) {
                    Some(item) => Ok(item.clone().into()),
                    None => Err(failed(outside_of(*index, items.len()))),
                }
            }
            (mut from @ Operand::Value(Value::List(_) | Value::Text(_)), Key::Index(Operand::Range(range))) => {
                let part = if matches!(from, Operand::Value(Value::List(_))) { "extract" } else { "sub_string" };
                let mut arguments = std::iter::once(Operand::Range(*range)).collect();
                match builtin::find(part) {
                    Some(part) => self.apply(part, &mut from, &mut arguments),
                    None => Ok(Operand::UNIT),
                }
            }
            (Operand::Value(Value::Text(text)), Key::Index(Operand::Value(Value::Integer(index)))) => {
                self.charge_reading(text.len())?;
                let length = text.chars().count();
                match place_in(*index, length).and_then(|place| text.chars().nth(place)) {
                    Some(c) => Ok(Value::text(c.encode_utf8(&mut [0; 4])).into()),
                    None => Err(failed(outside_of(*index, length))),
                }
            }
            (from, Key::Index(index)) => {
                Err(failed(format!("{} has nothing at {}", from.described(), index.described())))
            }
        }
    }

    /// A variable's value, to be changed.
    pub(super) fn value_of(&mut self, root: Root) -> Eval<&mut Value> {
        let operand = self.slot(root);
        if let Operand::Growing(text) = operand {
            *operand = Operand::Value(Value::Text(std::mem::take(text).into()));
        }
        match operand {
            Operand::Value(value) => Ok(value),
            other => Err(failed(format!("{} has no parts", other.described()))),
        }
    }

    /// Takes the value at the end of a path out of its variable.
    pub(super) fn take(&mut self, root: Root, keys: &[Key<'_>]) -> Eval {
        if keys.is_empty() {
            // Turns a growing text into a value first.
            let _ = self.peek(root);
            return Ok(std::mem::replace(self.slot(root), Operand::UNIT));
        }
        let most = self.limits().max_map_entries;
        let (value, mut copied) = (self.value_of(root)?, 0);
        let taken = std::mem::take(part(value, keys, false, most, &mut copied)?);
        self.charge_entries(copied)?;
        Ok(taken.into())
    }

    /// Puts a value at the end of a path.
    pub(super) fn put(&mut self, root: Root, keys: &[Key<'_>], operand: Operand) -> Eval<()> {
        if keys.is_empty() {
            if let (Root::FreeVariable(number), Operand::Value(value)) = (root, &operand) {
                self.tell_assigned(number, value);
            }
            *self.slot(root) = operand;
            return Ok(());
        }
        let value = operand
            .into_value()
            .map_err(|other| failed(format!("{} cannot be put into a list or a map", other.described())))?;
        self.check(&value, keys.len())?;
        let most = self.limits().max_map_entries;
        let (whole, mut copied) = (self.value_of(root)?, 0);
        *part(whole, keys, true, most, &mut copied)? = value;
        self.charge_entries(copied)
    }
}

impl Key<'_> {
    /// The name of an entry, if it may be one.
    fn name(&self) -> Option<&str> {
        match self {
            Self::Field(name) => Some(name),
            Self::Index(Operand::Value(Value::Text(name))) => Some(name),
            Self::Index(_) => None,
        }
    }
}

/// Goes into lists and maps as far as nothing must be built.
fn advance<'v>(value: &'v Value, keys: &[Key<'_>]) -> (&'v Value, usize) {
    let mut value = value;
    for (done, key) in keys.iter().enumerate() {
        let next = match (value, key) {
            (Value::Map(map), key) => key.name().map(|name| map.get(name).unwrap_or(NOTHING)),
            (Value::List(items), Key::Index(Operand::Value(Value::Integer(index)))) => {
                place_in(*index, items.len()).and_then(|place| items.get(place))
            }
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return (value, done),
        }
    }
    (value, keys.len())
}

/// The part of a value at the end of a path. With `insert`, a missing last entry of a map is created. Counts the items
/// and entries that are copied because they are shared.
fn part<'v>(
    value: &'v mut Value,
    keys: &[Key<'_>],
    insert: bool,
    most: usize,
    copied: &mut usize,
) -> Eval<&'v mut Value> {
    let mut value = value;
    for (number, key) in keys.iter().enumerate() {
        let last = number + 1 == keys.len();
        value = match (value, key) {
            (Value::Map(map), key) => {
                let Some(name) = key.name() else {
                    return Err(failed("a map's entries have names, not numbers"));
                };
                let is_new = !map.contains_key(name);
                if is_new && !(insert && last) {
                    return Err(failed(format!("the map has no `{name}`")));
                }
                if is_new && map.len() >= most {
                    return Err(limit("a map has too many entries", most, "max_map_entries"));
                }
                *copied = copied.saturating_add(if Arc::strong_count(map) > 1 { map.len() } else { 0 });
                Arc::make_mut(map).entry(Name::new(name)).or_default()
            }
            (Value::List(items), Key::Index(Operand::Value(Value::Integer(index)))) => {
                let length = items.len();
                let place = place_in(*index, length).ok_or_else(|| failed(outside_of(*index, length)))?;
                *copied = copied.saturating_add(if Arc::strong_count(items) > 1 { length / 2 } else { 0 });
                Arc::make_mut(items).get_mut(place).ok_or_else(|| failed(outside_of(*index, length)))?
            }
            (Value::Unit, key) => {
                let what = key.name().map_or_else(|| "an item".to_owned(), |name| format!("`{name}`"));
                return Err(failed(format!(
                    "there is no map or list here that could hold {what}: assign `#{{}}` or `[]` first"
                )));
            }
            (other, key) => {
                let what = key.name().map_or_else(|| "an item".to_owned(), |name| format!("`{name}`"));
                return Err(failed(format!("{what} of {} cannot be changed", described(other.type_name()))));
            }
        };
    }
    Ok(value)
}

/// The position of an index in `length`: a negative one counts from the end.
pub(in super::super) fn place_in(index: i64, length: usize) -> Option<usize> {
    let place = if index < 0 {
        length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(index).ok()?
    };
    (place < length).then_some(place)
}

fn outside_of(index: i64, length: usize) -> String {
    match length {
        0 => format!("there is nothing at {index}: it is empty"),
        _ => format!("there is nothing at {index}: it has {length}, from 0 to {}", length.saturating_sub(1)),
    }
}
