//! Secrets as they are looked for: all of them in one pass, so that many secrets cost a long text little more than one.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;

/// Pairs of bytes that a secret may begin with.
const PAIRS: usize = 1 << 16;

/// Secret texts in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    texts: BTreeSet<String>,
    /// Made when it is first needed, and anew after a secret was added.
    sorted: OnceLock<Sorted>,
}

/// The texts, ready to be looked for.
#[derive(Clone, Debug)]
struct Sorted {
    texts: Vec<Sought>,
    /// A bit for each pair of bytes that a text begins with.
    begins: Vec<u64>,
}

/// A text that is looked for.
#[derive(Clone, Debug)]
struct Sought {
    bytes: Box<[u8]>,
    /// The longest other text that this one begins with.
    within: Option<usize>,
    /// Whether no other begins with this one.
    is_longest: bool,
}

impl Index {
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub(super) fn insert(&mut self, text: &str) {
        if !self.texts.contains(text) {
            self.texts.insert(text.to_owned());
            self.sorted.take();
        }
    }

    /// Adds all of `more`.
    pub(super) fn join(&mut self, more: Self) {
        let before = self.texts.len();
        self.texts.extend(more.texts);
        if self.texts.len() != before {
            self.sorted.take();
        }
    }

    /// Tells where texts stand in `bytes`, from left to right; what overlaps is told as one.
    pub(super) fn find(&self, bytes: &[u8], mut tell: impl FnMut(Range<usize>)) {
        let sorted = self.sorted.get_or_init(|| Sorted::of(&self.texts));
        let (mut open, mut last): (Option<Range<usize>>, Option<usize>) = (None, None);
        for (start, pair) in bytes.windows(2).enumerate() {
            if !sorted.may_begin(pair) {
                continue;
            }
            let rest = bytes.get(start..).unwrap_or_default();
            last = sorted.longest(rest, last);
            let Some(found) = last.and_then(|found| sorted.texts.get(found)) else { continue };
            let end = start + found.bytes.len();
            match &mut open {
                Some(open) if start < open.end => open.end = open.end.max(end),
                _ => open.replace(start..end).into_iter().for_each(&mut tell),
            }
        }
        open.into_iter().for_each(tell);
    }
}

impl Sorted {
    fn of(texts: &BTreeSet<String>) -> Self {
        let mut sorted: Vec<Sought> = Vec::with_capacity(texts.len());
        let mut begins = vec![0; PAIRS / 64];
        for text in texts {
            let bytes: Box<[u8]> = text.as_bytes().into();
            // In this order a text stands behind those that it begins with.
            let mut within = sorted.len().checked_sub(1);
            while let Some(sought) = within.and_then(|at| sorted.get(at)) {
                if bytes.starts_with(&sought.bytes) {
                    break;
                }
                within = sought.within;
            }
            if let Some(shorter) = within.and_then(|at| sorted.get_mut(at)) {
                shorter.is_longest = false;
            }
            if let Some((word, bit)) = place(&bytes)
                && let Some(word) = begins.get_mut(word)
            {
                *word |= bit;
            }
            sorted.push(Sought { bytes, within, is_longest: true });
        }
        Self { texts: sorted, begins }
    }

    fn may_begin(&self, pair: &[u8]) -> bool {
        place(pair).is_some_and(|(word, bit)| self.begins.get(word).is_some_and(|word| word & bit != 0))
    }

    /// The longest text that `bytes` begin with. `last` is what was found before: it often stands there again.
    fn longest(&self, bytes: &[u8], last: Option<usize>) -> Option<usize> {
        let is_again =
            last.and_then(|at| self.texts.get(at)).is_some_and(|it| it.is_longest && bytes.starts_with(&it.bytes));
        if is_again {
            return last;
        }
        let mut at = self.texts.partition_point(|it| *it.bytes <= *bytes).checked_sub(1);
        let nearest = at.and_then(|at| self.texts.get(at))?;
        let same = nearest.bytes.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        while let Some(it) = at.and_then(|at| self.texts.get(at)) {
            if it.bytes.len() <= same {
                return at;
            }
            at = it.within;
        }
        None
    }
}

/// Where the bit of the first two bytes stands.
fn place(bytes: &[u8]) -> Option<(usize, u64)> {
    let [first, second, ..] = bytes else { return None };
    let pair = usize::from(*first) << 8 | usize::from(*second);
    Some((pair / 64, 1 << (pair % 64)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is covered, by trying every text at every place.
    fn covered(texts: &[String], text: &str) -> Vec<bool> {
        let mut covered = vec![false; text.len()];
        for secret in texts {
            for start in 0..text.len() {
                if text.as_bytes()[start..].starts_with(secret.as_bytes()) {
                    covered[start..start + secret.len()].fill(true);
                }
            }
        }
        covered
    }

    proptest! {
        #[test]
        fn every_place_of_every_text_is_found(
            texts in proptest::collection::vec("[abä]{4,9}", 0..12),
            text in "[abä]{0,60}",
        ) {
            let mut index = Index::default();
            texts.iter().for_each(|text| index.insert(text));
            let mut found = vec![false; text.len()];
            let mut end = 0;
            index.find(text.as_bytes(), |range| {
                assert!(range.start >= end);
                end = range.end;
                found[range].fill(true);
            });
            prop_assert_eq!(found, covered(&texts, &text));
        }
    }
}
