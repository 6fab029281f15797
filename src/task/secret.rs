//! Secret values, which stay out of everything that is printed: wherever their text occurs, [`SECRET`] stands.

use std::borrow::Cow;

use crate::value::{Map, Value};

use super::rules::Rules;
use super::{Attributes, SECRET, Task, TaskError};

/// Characters that a secret text must have to be masked inside of other texts. A shorter one would mask half of what is
/// printed; only a value that is nothing else is masked for it.
pub const MIN_SECRET_CHARACTERS: usize = 4;

/// The texts that must not be seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets {
    /// Masked wherever they occur. Longest first, so that one that holds another is masked as a whole.
    within: Vec<String>,
    /// Masked where they are the whole value.
    whole: Vec<String>,
}

impl Secrets {
    /// The texts of all secret values of `attributes`, all the way down.
    pub(crate) fn of(attributes: &Attributes) -> Self {
        let mut secrets = Self::default();
        secrets.add(attributes);
        secrets
    }

    /// Adds those of `attributes`. Costs nothing where none is secret.
    pub(crate) fn add(&mut self, attributes: &Attributes) {
        let mut secret = attributes.secret().peekable();
        if secret.peek().is_none() {
            return;
        }
        for (rules, value) in secret {
            self.gather(Some(rules), value);
        }
        self.within.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.within.dedup();
    }

    /// Adds what is secret in `value`: all of it, where no rules are given.
    fn gather(&mut self, rules: Option<&Rules>, value: &Value) {
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
            value if rules.is_none() => self.note(value.to_text()),
            _ => {}
        }
    }

    /// Adds what is secret in a part: all of it inside of a secret, else what its own rules say, if it has any.
    fn gather_part(&mut self, rules: Option<Option<&Rules>>, part: &Value) {
        match rules {
            None => self.gather(None, part),
            Some(Some(rules)) if rules.holds_secret() => self.gather(Some(rules), part),
            Some(_) => {}
        }
    }

    fn note(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        if text.chars().nth(MIN_SECRET_CHARACTERS.saturating_sub(1)).is_none() {
            self.whole.push(text);
            return;
        }
        // As it stands in a text that was made of JSON.
        let quoted = serde_json::to_string(&text).unwrap_or_default();
        let escaped = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        if !escaped.is_empty() && escaped != text {
            self.within.push(escaped.to_owned());
        }
        self.within.push(text);
    }

    /// Whether nothing is secret.
    pub(crate) fn is_empty(&self) -> bool {
        self.within.is_empty() && self.whole.is_empty()
    }

    /// `text` without any secret.
    pub(crate) fn text(&self, text: String) -> String {
        if self.whole.contains(&text) {
            return SECRET.to_owned();
        }
        // In pieces, so that what stands for one secret is not taken for another.
        let mut pieces = vec![text.as_str()];
        for secret in self.within.iter().filter(|secret| text.contains(secret.as_str())) {
            pieces = pieces.into_iter().flat_map(|piece| piece.split(secret.as_str())).collect();
        }
        if pieces.len() > 1 { pieces.join(SECRET) } else { text }
    }

    /// `value` without any secret, keys of maps included.
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

    /// `map` without any secret.
    pub(crate) fn map(&self, map: Map) -> Map {
        if self.is_empty() { map } else { self.fields(map.iter()).collect() }
    }

    fn fields<'m>(
        &self,
        fields: impl Iterator<Item = (&'m crate::name::Name, &'m Value)>,
    ) -> impl Iterator<Item = (crate::name::Name, Value)> {
        fields.map(|(name, value)| (self.text(name.to_string()).into(), self.value(value.clone())))
    }

    fn error(&self, error: &TaskError) -> TaskError {
        TaskError { message: self.text(error.message.clone()), data: self.value(error.data.clone()), ..error.clone() }
    }
}

impl Task {
    /// The task as it may be shown: [`SECRET`] stands in place of each secret value, and wherever the text of one occurs
    /// in other attributes, in the output and in the error. A secret text of fewer than [`MIN_SECRET_CHARACTERS`]
    /// characters is masked only where it is the whole value. What is secret is known by the values that the secret
    /// attributes have now. Costs nothing where none is secret; for showing only, since the values have lost their types.
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
