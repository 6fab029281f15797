//! Seeds of a fuzzer, cut up and put together again.

use std::ops::Range;

use proptest::prelude::*;

/// A change: where (in thousandths of the text), how much is taken out, and what is put in.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Cut(usize, usize),
    Put(usize, &'static str),
    Copy(usize, usize, usize),
    Indent(usize, usize),
}

/// Up to `most` changes: cuts and copies of so many characters, and some of `pieces` put in.
pub(crate) fn changes(
    pieces: &'static [&'static str],
    cut: Range<usize>,
    copied: Range<usize>,
    most: usize,
) -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        (0usize..1000, cut).prop_map(|(at, length)| Change::Cut(at, length)),
        (0usize..1000, 0..pieces.len()).prop_map(|(at, piece)| Change::Put(at, pieces[piece])),
        (0usize..1000, copied, 0usize..1000).prop_map(|(from, length, to)| Change::Copy(from, length, to)),
        (0usize..1000, 0usize..6).prop_map(|(at, by)| Change::Indent(at, by)),
    ];
    prop::collection::vec(change, 0..=most)
}

/// `seed` with the changes made, one after the other.
pub(crate) fn changed(seed: &str, changes: &[Change]) -> String {
    let mut text: Vec<char> = seed.chars().collect();
    for change in changes {
        let at = |thousandth: usize| thousandth * text.len() / 1000;
        match *change {
            Change::Cut(from, length) => {
                let from = at(from);
                text.drain(from..(from + length).min(text.len()));
            }
            Change::Put(to, piece) => {
                let to = at(to);
                text.splice(to..to, piece.chars());
            }
            Change::Copy(from, length, to) => {
                let (from, to) = (at(from), at(to));
                let part: Vec<char> = text[from..(from + length).min(text.len())].to_vec();
                text.splice(to..to, part);
            }
            Change::Indent(line, by) => {
                let start = text[..at(line)].iter().rposition(|c| *c == '\n').map_or(0, |newline| newline + 1);
                let end = start + text[start..].iter().take_while(|c| **c == ' ').count();
                text.splice(start..end, std::iter::repeat_n(' ', by));
            }
        }
    }
    text.into_iter().collect()
}
