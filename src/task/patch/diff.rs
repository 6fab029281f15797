//! Finds out what became of a value: in time that grows with the value, in operations that grow with what changed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::value::{Map, Value};

use super::edits::{Hunk, hunks};
use super::{Operation, escaped};

/// Two changes of a text with no more bytes between them than this are one: each takes as much for itself.
const MIN_BYTES_BETWEEN: usize = 64;

/// The operations that make `new` of `old`, in order.
pub(super) fn between(old: &Value, new: &Value) -> Vec<Operation> {
    let mut diff = Diff { operations: Vec::new(), bytes: 0, path: String::new() };
    diff.value(old, new);
    diff.operations
}

struct Diff {
    operations: Vec<Operation>,
    /// Bytes that they take.
    bytes: usize,
    /// Where it looks.
    path: String,
}

impl Diff {
    fn value(&mut self, old: &Value, new: &Value) {
        match (old, new) {
            (Value::List(old), Value::List(new_items)) => {
                if !Arc::ptr_eq(old, new_items) {
                    self.or_replace(new, |diff| diff.list(old, new_items));
                }
            }
            (Value::Map(old), Value::Map(new_map)) => {
                if !Arc::ptr_eq(old, new_map) {
                    self.or_replace(new, |diff| diff.map(old, new_map));
                }
            }
            (Value::Text(old), Value::Text(text)) => {
                if old != text {
                    self.or_replace(new, |diff| diff.text(old, text));
                }
            }
            _ if same(old, new) => {}
            _ => self.push(Operation::Replace { path: self.path.clone(), value: new.clone() }),
        }
    }

    fn push(&mut self, operation: Operation) {
        self.bytes = self.bytes.saturating_add(operation.bytes());
        self.operations.push(operation);
    }

    /// What `find` finds out, or the whole value, if that takes less.
    fn or_replace(&mut self, new: &Value, find: impl FnOnce(&mut Self)) {
        let (count, bytes) = (self.operations.len(), self.bytes);
        find(self);
        let found = self.bytes.saturating_sub(bytes);
        let whole = Operation::Replace { path: self.path.clone(), value: Value::Unit }.bytes();
        if found.checked_sub(whole).is_some_and(|most| new.weight(most).is_some()) {
            self.operations.truncate(count);
            self.bytes = bytes;
            self.push(Operation::Replace { path: self.path.clone(), value: new.clone() });
        }
    }

    /// Does `find` one level below.
    fn below(&mut self, token: &str, find: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(token);
        find(self);
        self.path.truncate(length);
    }

    fn map(&mut self, old: &Map, new: &Map) {
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            self.below(&escaped(name), |diff| diff.push(Operation::Remove { path: diff.path.clone() }));
        }
        for (name, value) in new {
            self.below(&escaped(name), |diff| match old.get(name) {
                Some(before) => diff.value(before, value),
                None => diff.push(Operation::Add { path: diff.path.clone(), value: value.clone() }),
            });
        }
    }

    fn list(&mut self, old: &[Value], new: &[Value]) {
        let start = old.iter().zip(new).take_while(|(old, new)| same(old, new)).count();
        let (old, new) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
        let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| same(old, new)).count();
        let old = old.get(..old.len().saturating_sub(end)).unwrap_or_default();
        let new = new.get(..new.len().saturating_sub(end)).unwrap_or_default();
        // One for one, or nothing on one side: nothing has to be found out.
        let hunks = match (old.len(), new.len()) {
            (0, _) | (_, 0) | (1, 1) => vec![Hunk { old: 0..old.len(), new: 0..new.len() }],
            _ => hunks(&fingerprints(old), &fingerprints(new)),
        };
        for hunk in hunks {
            // All before this place is as it will be.
            self.items(start + hunk.new.start, part(old, &hunk.old), part(new, &hunk.new));
        }
    }

    /// Items that came in the place of others, from the item `at` on.
    fn items(&mut self, at: usize, old: &[Value], new: &[Value]) {
        for (number, (old, new)) in old.iter().zip(new).enumerate() {
            self.below(&(at + number).to_string(), |diff| diff.value(old, new));
        }
        let both = old.len().min(new.len());
        for _ in new.len()..old.len() {
            self.below(&(at + both).to_string(), |diff| diff.push(Operation::Remove { path: diff.path.clone() }));
        }
        for (number, value) in new.iter().enumerate().skip(both) {
            let add = |diff: &mut Self| diff.push(Operation::Add { path: diff.path.clone(), value: value.clone() });
            self.below(&(at + number).to_string(), add);
        }
    }

    fn text(&mut self, old: &str, new: &str) {
        let (start, old, new) = without_same_ends(old, new);
        let mut at = start.chars().count();
        if old.is_empty() || new.is_empty() {
            return self.splice(at, old, new);
        }
        let (old_words, new_words) = (words(old), words(new));
        let hunks = hunks(&fingerprints(&old_words), &fingerprints(&new_words));
        let mut seen = 0;
        for hunk in joined(hunks, &new_words) {
            at += characters(part(&new_words, &(seen..hunk.new.start)));
            let (before, after) = (part(&old_words, &hunk.old).concat(), part(&new_words, &hunk.new).concat());
            let (same_start, cut, insert) = without_same_ends(&before, &after);
            self.splice(at + same_start.chars().count(), cut, insert);
            at += after.chars().count();
            seen = hunk.new.end;
        }
    }

    fn splice(&mut self, at: usize, cut: &str, insert: &str) {
        if !cut.is_empty() || !insert.is_empty() {
            let remove = cut.chars().count();
            self.push(Operation::Splice { path: self.path.clone(), at, remove, insert: insert.to_owned() });
        }
    }
}

/// What two texts begin with alike, and what is between that and what they end with alike.
fn without_same_ends<'t>(old: &'t str, new: &'t str) -> (&'t str, &'t str, &'t str) {
    let start = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
    let start = old.floor_char_boundary(start);
    let (same_start, old) = old.split_at_checked(start).unwrap_or(("", old));
    let new = new.get(start..).unwrap_or(new);
    let end = old.bytes().rev().zip(new.bytes().rev()).take_while(|(old, new)| old == new).count();
    // The last characters of both are alike from here on, or from the next character on.
    let end = old.len().saturating_sub(old.ceil_char_boundary(old.len().saturating_sub(end)));
    let without = |text: &'t str| text.get(..text.len().saturating_sub(end)).unwrap_or(text);
    (same_start, without(old), without(new))
}

/// A text in pieces: each ends with a blank.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

fn characters(words: &[&str]) -> usize {
    words.iter().map(|word| word.chars().count()).sum()
}

fn part<'p, T>(of: &'p [T], range: &Range<usize>) -> &'p [T] {
    of.get(range.clone()).unwrap_or_default()
}

/// The hunks of a text, those that are close to each other as one.
fn joined(hunks: Vec<Hunk>, new_words: &[&str]) -> Vec<Hunk> {
    let mut all: Vec<Hunk> = Vec::with_capacity(hunks.len());
    for hunk in hunks {
        let is_close = |last: &&mut Hunk| {
            let between = part(new_words, &(last.new.end..hunk.new.start));
            between.iter().map(|word| word.len()).sum::<usize>() <= MIN_BYTES_BETWEEN
        };
        match all.last_mut().filter(is_close) {
            Some(last) => (last.old.end, last.new.end) = (hunk.old.end, hunk.new.end),
            None => all.push(hunk),
        }
    }
    all
}

/// Whether two values are the same, in type and as they are written: 1.0 is not 1.00.
fn same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::List(old), Value::List(new)) => {
            Arc::ptr_eq(old, new)
                || (old.len() == new.len() && old.iter().zip(new.iter()).all(|(old, new)| same(old, new)))
        }
        (Value::Map(old), Value::Map(new)) => {
            let fields = || old.iter().zip(new.iter());
            Arc::ptr_eq(old, new)
                || (old.len() == new.len() && fields().all(|(old, new)| old.0 == new.0 && same(old.1, new.1)))
        }
        (Value::Float(old), Value::Float(new)) => old.to_bits() == new.to_bits(),
        (Value::Number(old), Value::Number(new)) => old.to_string() == new.to_string(),
        (Value::Decimal(old), Value::Decimal(new)) => old.serialize() == new.serialize(),
        (Value::DateTime(old), Value::DateTime(new)) => old == new && old.offset() == new.offset(),
        (old, new) => old == new,
    }
}

/// Numbers that are alike where the parts are.
fn fingerprints<T: Fingerprint>(parts: &[T]) -> Vec<u64> {
    let of = |part: &T| {
        let mut hasher = DefaultHasher::new();
        part.feed(&mut hasher);
        hasher.finish()
    };
    parts.iter().map(of).collect()
}

trait Fingerprint {
    fn feed(&self, hasher: &mut DefaultHasher);
}

impl Fingerprint for &str {
    fn feed(&self, hasher: &mut DefaultHasher) {
        self.hash(hasher);
    }
}

impl Fingerprint for Value {
    fn feed(&self, hasher: &mut DefaultHasher) {
        std::mem::discriminant(self).hash(hasher);
        match self {
            Value::Unit => {}
            Value::Boolean(v) => v.hash(hasher),
            Value::Integer(v) => v.hash(hasher),
            Value::Float(v) => v.to_bits().hash(hasher),
            Value::Number(v) => v.to_string().hash(hasher),
            Value::Decimal(v) => v.serialize().hash(hasher),
            Value::Text(v) => v.hash(hasher),
            Value::Date(v) => v.hash(hasher),
            Value::DateTime(v) => (v, v.offset().local_minus_utc()).hash(hasher),
            Value::Duration(v) => v.as_millis().hash(hasher),
            Value::List(items) => {
                items.len().hash(hasher);
                items.iter().for_each(|item| item.feed(hasher));
            }
            Value::Map(map) => {
                map.len().hash(hasher);
                map.iter().for_each(|(name, part)| {
                    name.hash(hasher);
                    part.feed(hasher);
                });
            }
        }
    }
}
