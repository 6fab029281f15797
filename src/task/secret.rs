//! Secret values are kept out of everything that is printed: [`SECRET`] replaces their text wherever it occurs.

mod call;
mod index;
mod reading;

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::mask::{Mask, Masking};
use crate::name::Name;
use crate::value::{Map, Value};

use index::Index;
use reading::readings;

use super::rules::Rules;
use super::{Attributes, SECRET, Task, TaskError};

/// The minimum length of a secret to be masked inside other texts. Masking shorter ones would hide half of the output;
/// they are masked only where they are the whole value.
pub const MIN_SECRET_CHARACTERS: usize = 4;

/// Characters that a key of a secret map must have to be masked. Shorter ones are mostly words like `name` and `user`, which
/// other maps hold too.
const MIN_KEY_CHARACTERS: usize = 6;

/// The texts that must not be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets {
    /// Masked wherever they occur.
    within: Index,
    /// Masked where they are the whole value.
    whole: BTreeSet<String>,
}

impl Secrets {
    /// The texts of all secret values of `attributes`, at every depth.
    pub(crate) fn of(attributes: &Attributes) -> Self {
        let mut secrets = Self::default();
        secrets.add(attributes);
        secrets
    }

    /// Adds those of `attributes`. Free if none is secret.
    pub(crate) fn add(&mut self, attributes: &Attributes) {
        for (rules, value) in attributes.secret() {
            self.gather(Some(rules), value);
        }
    }

    /// Adds what is secret in a value of an attribute that has `rules`.
    pub(crate) fn add_value(&mut self, rules: &Rules, value: &Value) {
        if rules.holds_secret() {
            self.gather(Some(rules), value);
        }
    }

    /// Adds what is secret in `value`: all of it if no rules are given.
    fn gather(&mut self, rules: Option<&Rules>, value: &Value) {
        if rules.is_none_or(|rules| rules.secret) {
            self.note_keys(rules, value);
        }
        let rules = rules.filter(|rules| !rules.secret);
        match value {
            Value::List(items) => {
                let of_item = rules.map(|rules| rules.items.as_deref());
                items.iter().for_each(|item| self.gather_part(of_item, item));
            }
            Value::Map(map) => {
                let fields = rules.map(|rules| rules.fields.as_deref().unwrap_or_default());
                for (name, part) in map.iter() {
                    let of_field =
                        fields.map(|fields| fields.iter().find(|field| field.name == *name).map(|field| &field.rules));
                    self.gather_part(of_field, part);
                }
            }
            Value::Unit | Value::Boolean(_) => {}
            value if rules.is_none() => forms(value).for_each(|text| self.note(&text)),
            _ => {}
        }
    }

    /// Adds the keys of a secret map that its rules do not declare: they came with the value.
    fn note_keys(&mut self, rules: Option<&Rules>, value: &Value) {
        let Value::Map(map) = value else { return };
        let declared = rules.and_then(|rules| rules.fields.as_deref()).unwrap_or_default();
        for name in map.keys().filter(|name| !declared.iter().any(|field| field.name == **name)) {
            if name.chars().count() >= MIN_KEY_CHARACTERS {
                self.note(name);
            }
        }
    }

    /// Adds what is secret in a part of a value: all of it inside a secret, else what its own rules say.
    fn gather_part(&mut self, rules: Option<Option<&Rules>>, part: &Value) {
        match rules {
            None => self.gather(None, part),
            Some(Some(rules)) if rules.holds_secret() => self.gather(Some(rules), part),
            Some(_) => {}
        }
    }

    /// Adds a secret text and each of its lines, since a message may show a single line.
    fn note(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if is_short(text) {
            self.whole.insert(text.to_owned());
            return;
        }
        self.within.insert(text);
        // Whoever quotes a line of output drops the blanks around it.
        let trimmed = text.trim();
        if trimmed.len() < text.len() && !is_short(trimmed) {
            self.within.insert(trimmed);
        }
        if text.contains(['\n', '\r']) {
            let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !is_short(line));
            lines.for_each(|line| self.within.insert(line));
        }
    }

    /// Whether nothing is secret.
    pub(crate) fn is_empty(&self) -> bool {
        self.within.is_empty() && self.whole.is_empty()
    }

    /// Masks `text`.
    pub(crate) fn text(&self, text: String) -> String {
        self.mask(&text).unwrap_or(text)
    }

    /// Masks a name: the kind of an error may contain a secret.
    pub(crate) fn name(&self, name: Name) -> Name {
        self.mask(&name).map_or(name, Name::from)
    }

    /// Masks `value`, including keys of maps.
    pub(crate) fn value(&self, value: Value) -> Value {
        if self.is_empty() {
            return value;
        }
        match value {
            Value::List(items) => Value::list(items.iter().map(|item| self.value(item.clone())).collect()),
            Value::Map(map) => Value::map(self.fields(map.iter())),
            Value::Unit | Value::Boolean(_) => value,
            value => {
                let text = value.to_text();
                let shown = self.text(text.clone());
                if shown == text { value } else { Value::from(shown) }
            }
        }
    }

    /// Masks `map`.
    pub(crate) fn map(&self, map: Map) -> Map {
        if self.is_empty() { map } else { self.fields(map.iter()).collect() }
    }

    fn fields<'m>(&self, fields: impl Iterator<Item = (&'m Name, &'m Value)>) -> impl Iterator<Item = (Name, Value)> {
        fields.map(|(name, value)| (self.text(name.to_string()).into(), self.value(value.clone())))
    }

    fn error(&self, error: &TaskError) -> TaskError {
        TaskError {
            kind: self.name(error.kind.clone()),
            message: self.text(error.message.clone()),
            data: self.value(error.data.clone()),
            ..error.clone()
        }
    }
}

impl Mask for Secrets {
    fn mask(&self, text: &str) -> Option<String> {
        if self.whole.contains(text) {
            return Some(SECRET.to_owned());
        }
        if self.within.is_empty() {
            return None;
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        for reading in readings(text) {
            reading.find(&self.within, &mut found);
        }
        (!found.is_empty()).then(|| without(text, found))
    }
}

impl Mask for Arc<Secrets> {
    fn mask(&self, text: &str) -> Option<String> {
        self.as_ref().mask(text)
    }
}

impl Mask for RefCell<Secrets> {
    fn mask(&self, text: &str) -> Option<String> {
        self.borrow().mask(text)
    }
}

/// Secrets in force on this thread: while this lives, messages written on the thread do not show them. Most tasks have
/// none, so nothing is put in force before there is one.
#[derive(Default)]
pub(crate) struct Hidden(OnceCell<InForce>);

struct InForce {
    secrets: Rc<RefCell<Secrets>>,
    _masking: Masking,
}

impl Hidden {
    /// Puts `secrets` in force.
    pub(crate) fn new(secrets: Secrets) -> Self {
        let hidden = Self::default();
        hidden.join(secrets);
        hidden
    }

    fn in_force(&self) -> RefMut<'_, Secrets> {
        let put = || {
            let secrets = Rc::<RefCell<Secrets>>::default();
            InForce { _masking: Masking::new(Rc::<RefCell<Secrets>>::clone(&secrets)), secrets }
        };
        self.0.get_or_init(put).secrets.borrow_mut()
    }

    /// `value`, masked by `mask` if there are secrets.
    fn masked<T>(&self, value: T, mask: impl FnOnce(&Secrets, T) -> T) -> T {
        match self.0.get() {
            Some(in_force) => mask(&in_force.secrets.borrow(), value),
            None => value,
        }
    }

    /// Adds the secrets of `attributes`.
    pub(crate) fn add(&self, attributes: &Attributes) {
        if attributes.set_of().holds_secret() {
            self.in_force().add(attributes);
        }
    }

    /// Adds what is secret in a value of an attribute that has `rules`.
    pub(crate) fn add_value(&self, rules: &Rules, value: &Value) {
        if rules.holds_secret() {
            self.in_force().add_value(rules, value);
        }
    }

    /// Adds all of `more`.
    pub(crate) fn join(&self, more: Secrets) {
        if !more.is_empty() {
            let mut secrets = self.in_force();
            secrets.within.join(more.within);
            secrets.whole.extend(more.whole);
        }
    }

    /// Masks `text`.
    pub(crate) fn text(&self, text: String) -> String {
        self.masked(text, Secrets::text)
    }

    /// Masks a name.
    pub(crate) fn name(&self, name: Name) -> Name {
        self.masked(name, Secrets::name)
    }

    /// Masks `value`.
    pub(crate) fn value(&self, value: Value) -> Value {
        self.masked(value, Secrets::value)
    }

    /// Masks `map`.
    pub(crate) fn map(&self, map: Map) -> Map {
        self.masked(map, Secrets::map)
    }

    /// The secrets known so far.
    pub(crate) fn secrets(&self) -> Secrets {
        self.0.get().map(|in_force| in_force.secrets.borrow().clone()).unwrap_or_default()
    }
}

fn is_short(text: &str) -> bool {
    text.chars().nth(MIN_SECRET_CHARACTERS.saturating_sub(1)).is_none()
}

/// The forms in which a value may occur in texts: numbers also without sign and without trailing zeros.
fn forms(value: &Value) -> impl Iterator<Item = String> {
    let text = value.to_text();
    let is_number = matches!(value, Value::Integer(_) | Value::Float(_) | Value::Number(_) | Value::Decimal(_));
    let unsigned = text.strip_prefix('-').filter(|_| is_number).map(str::to_owned);
    let other = match value {
        Value::Decimal(number) => Some(number.abs().normalize().to_string()),
        Value::Number(number) => number.decimal().map(|number| number.abs().normalize().to_string()),
        Value::DateTime(at) => Some(at.to_utc().format("%Y-%m-%dT%H:%M").to_string()),
        _ => None,
    };
    std::iter::once(text).chain(unsigned).chain(other)
}

/// `text` with [`SECRET`] in place of the ranges found. Overlapping ranges are merged.
fn without(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_by_key(|range| range.start);
    let mut masked = String::with_capacity(text.len());
    let (mut kept, mut open): (usize, Option<Range<usize>>) = (0, None);
    for range in found.into_iter().map(Some).chain([None]) {
        if let (Some(first), Some(next)) = (&mut open, &range)
            && next.start < first.end
        {
            first.end = first.end.max(next.end);
            continue;
        }
        if let Some(done) = std::mem::replace(&mut open, range) {
            masked.push_str(text.get(kept..done.start).unwrap_or_default());
            masked.push_str(SECRET);
            kept = done.end;
        }
    }
    masked.push_str(text.get(kept..).unwrap_or_default());
    masked
}

impl Task {
    /// The task as it may be shown: [`SECRET`] replaces each secret value, and its text wherever that occurs in other
    /// attributes, in the output and in the error. A secret shorter than [`MIN_SECRET_CHARACTERS`] is masked only where
    /// it is the whole value. Secrets are the current values of the secret attributes. Free if none is secret. For
    /// display only, since masked values lose their types.
    pub fn printed(&self) -> Cow<'_, Self> {
        let secrets = Secrets::of(&self.attributes);
        if secrets.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut task = self.clone();
        task.attributes = self.attributes.printed(&secrets);
        task.output = secrets.value(task.output);
        task.error = self.error.as_ref().map(|error| Box::new(secrets.error(error)));
        task.progress.error = self.progress.error.as_ref().map(|error| Box::new(secrets.error(error)));
        Cow::Owned(task)
    }
}
