//! Secrets in what is said about a call. A message about an argument often shows a part of it, or another form: a URL without
//! its query, a host in lower case, the folder of a path. There a secret is not recognised as a whole, so its pieces are masked.

use std::collections::BTreeSet;

use crate::value::Value;

use super::super::StepFailure;
use super::Secrets;
use super::reading::readings;

/// Characters of the pieces: no message about a call shows so many of a secret that it was given.
const PIECE_CHARACTERS: usize = 6;
/// Characters of secrets that are cut into pieces for a call, at most. What exceeds them is masked as a whole only.
const PIECED_CHARACTERS: usize = 1 << 15;

impl Secrets {
    /// The secrets for messages about a call with `arguments`: these, and the pieces of those that occur in the arguments.
    pub(crate) fn of_call(&self, arguments: &[Value]) -> Self {
        let mut secrets = self.clone();
        if !self.within.is_empty() {
            let mut found = BTreeSet::new();
            arguments.iter().for_each(|argument| self.found_in(argument, &mut found));
            let mut left = PIECED_CHARACTERS;
            found.iter().for_each(|text| secrets.note_pieces(text, &mut left));
        }
        secrets
    }

    /// Collects the secrets that occur in a value, at every depth.
    fn found_in(&self, value: &Value, found: &mut BTreeSet<String>) {
        let mut look = |text: &str| readings(text).iter().for_each(|reading| reading.collect(&self.within, found));
        match value {
            Value::Unit | Value::Boolean(_) => {}
            Value::List(items) => items.iter().for_each(|item| self.found_in(item, found)),
            Value::Map(map) => {
                map.keys().for_each(|name| look(name));
                map.values().for_each(|value| self.found_in(value, found));
            }
            Value::Text(text) => look(text),
            other => look(&other.to_text()),
        }
    }

    fn note_pieces(&mut self, text: &str, left: &mut usize) {
        // The parser of URLs drops line ends and tabs.
        let characters: Vec<char> = text.chars().filter(|c| !c.is_control()).take(*left).collect();
        *left -= characters.len();
        for piece in characters.windows(PIECE_CHARACTERS.min(characters.len().max(1))) {
            if piece.iter().any(|c| c.is_alphanumeric()) {
                let piece: String = piece.iter().collect();
                self.within.insert(&piece.to_lowercase());
                self.within.insert(&piece);
            }
        }
    }

    /// The failure of a call, masked. What a denied call lacks is masked too: that is shown while its task waits.
    pub(crate) fn failure(&self, failure: StepFailure) -> StepFailure {
        let StepFailure { kind, message, data } = failure;
        let data = if kind == *"denied" { self.value(data) } else { data };
        StepFailure { kind: self.name(kind), message: self.text(message), data }
    }
}
