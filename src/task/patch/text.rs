//! How a text changed: cuts and insertions.

use super::Operation;
use super::diff::{BYTES_A_STEP, Diff};
use super::edits::{Hunk, MAX_PARTS, hunks, part};
use super::same::fingerprints;

/// Two changes with at most this many bytes between them become one: a change of its own takes about as many.
const MIN_BYTES_BETWEEN: usize = 32;

impl Diff<'_> {
    pub(super) fn text(&mut self, old: &str, new: &str) {
        if !self.steps.take((old.len() + new.len()) / BYTES_A_STEP) {
            return;
        }
        let (start, old, new) = without_same_ends(old, new);
        let mut at = start.chars().count();
        let (old_words, new_words) = match (words(old), words(new)) {
            (Some(old_words), Some(new_words)) if !old.is_empty() && !new.is_empty() => (old_words, new_words),
            _ => return self.splice(at, old, new),
        };
        let numbers = (fingerprints(&old_words, self.steps), fingerprints(&new_words, self.steps));
        let found = hunks(&numbers.0, &numbers.1, self.steps);
        let mut seen = 0;
        for hunk in joined(found, &new_words) {
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

/// The common begin of two texts, and what is between it and their common end.
fn without_same_ends<'t>(old: &'t str, new: &'t str) -> (&'t str, &'t str, &'t str) {
    let start = same_bytes(old.as_bytes(), new.as_bytes());
    let start = old.floor_char_boundary(start);
    let (same_start, old) = old.split_at_checked(start).unwrap_or(("", old));
    let new = new.get(start..).unwrap_or(new);
    let end = old.bytes().rev().zip(new.bytes().rev()).take_while(|(old, new)| old == new).count();
    // From here, or from the next character, the ends of both are equal.
    let end = old.len().saturating_sub(old.ceil_char_boundary(old.len().saturating_sub(end)));
    let without = |text: &'t str| text.get(..text.len().saturating_sub(end)).unwrap_or(text);
    (same_start, without(old), without(new))
}

/// The length of the common begin of two texts, in bytes.
fn same_bytes(old: &[u8], new: &[u8]) -> usize {
    /// Bytes that are compared at once.
    const CHUNK: usize = 64;
    let chunks = old.chunks(CHUNK).zip(new.chunks(CHUNK)).take_while(|(old, new)| old == new);
    // The last chunk of a text may be shorter.
    let alike = (chunks.count() * CHUNK).min(old.len()).min(new.len());
    let rest = old.iter().skip(alike).zip(new.iter().skip(alike));
    alike + rest.take_while(|(old, new)| old == new).count()
}

/// A text in words, each with the sign or blank after it; none if there are too many.
fn words(text: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> = text.split_inclusive(|c: char| !c.is_alphanumeric()).take(MAX_PARTS + 1).collect();
    (words.len() <= MAX_PARTS).then_some(words)
}

fn characters(words: &[&str]) -> usize {
    words.iter().map(|word| word.chars().count()).sum()
}

/// The hunks of a text; neighbouring ones are joined.
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
