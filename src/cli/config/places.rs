//! Where things stand in `opsflow.yml`: the YAML reader knows places only roughly.

use std::ops::Range;

/// A key that begins a line of the file, with its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place<'t> {
    /// Its name.
    pub(super) key: &'t str,
    /// Where it begins.
    pub(super) start: usize,
    /// Where its value is; where one would be, if there is none.
    pub(super) value: Range<usize>,
}

/// The keys that begin a line, in order.
pub(super) fn keys(text: &str) -> Vec<Place<'_>> {
    let mut places: Vec<Place<'_>> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if let Some((key, behind)) = key(line) {
            let value = start + behind;
            if let Some(last) = places.last_mut() {
                last.value.end = start;
            }
            places.push(Place { key, start, value: value..text.len() });
        }
    }
    for place in &mut places {
        let blanks = blanks(text.get(place.value.clone()).unwrap_or_default());
        place.value.start += blanks;
    }
    places
}

/// The place of `item`, a text in the value of `key`; the place of the value, if it is not written like that.
pub(super) fn of_item(text: &str, key: &str, item: &str) -> Option<usize> {
    let place = keys(text).into_iter().find(|place| place.key == key)?;
    let found = text.get(place.value.clone()).and_then(|value| value.find(item)).unwrap_or_default();
    Some(place.value.start + found)
}

/// The key that begins a line, and where in the line its value may begin.
fn key(line: &str) -> Option<(&str, usize)> {
    let colon = line.find(':')?;
    let (key, behind) = (line.get(..colon)?, line.get(colon + 1..)?);
    let name = key.trim_end().trim_matches(['"', '\'']);
    let is_key = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !key.starts_with([' ', '\t']);
    (is_key && (behind.is_empty() || behind.starts_with(char::is_whitespace))).then_some((name, colon + 1))
}

/// How many bytes of blanks, line breaks and comments a value begins with; none, if there is nothing else.
fn blanks(value: &str) -> usize {
    let mut at = 0;
    for line in value.split_inclusive('\n') {
        let content = line.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return at + line.len() - content.len();
        }
        at += line.len();
    }
    0
}

#[cfg(test)]
mod tests {
    use super::{keys, of_item};

    #[test]
    fn keys_and_values_have_places() {
        let text = "# top\nallow: # these\n  - http=a\n  - env=B\n\"json\": true\n";
        let places: Vec<_> = keys(text).iter().map(|place| (place.key, place.start, place.value.start)).collect();
        assert_eq!(places, [("allow", 6, 23), ("json", 42, 50)]);
        assert_eq!(of_item(text, "allow", "env=B").and_then(|at| text.get(at..at + 5)), Some("env=B"));
        assert_eq!(of_item(text, "allow", "none"), Some(23));
        assert_eq!(of_item(text, "storage", "none"), None);
    }
}
