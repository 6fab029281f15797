//! The fuzzer's work within bounds: its seeds, cut up and put together again.

use proptest::prelude::*;

use crate::definition::fuzz::reader;

const SEEDS: [&str; 6] = [
    include_str!("../../../fuzz/seeds/reader/party.yml"),
    include_str!("../../../fuzz/seeds/reader/everything.yml"),
    include_str!("../../../fuzz/seeds/reader/traps.yml"),
    include_str!("../../../fuzz/seeds/reader/broken.yml"),
    include_str!("../../../fuzz/seeds/reader/styles.yml"),
    include_str!("../../../fuzz/seeds/reader/aliases.yml"),
];

/// What YAML and Rhai trip over.
const PIECES: [&str; 62] = [
    "\n",
    "\r\n",
    " ",
    "  ",
    "\t",
    ":",
    ": ",
    " #",
    "#{",
    "#",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ",",
    "- ",
    "? ",
    "| ",
    "|\n",
    ">-\n",
    "|2\n",
    "\"",
    "'",
    "''",
    "\\\"",
    "\\",
    "\\u00e4",
    "\\ud83d\\ude00",
    "`",
    "${",
    "!",
    "!!str ",
    "!x ",
    "&a ",
    "*a ",
    "*b",
    "%",
    "@",
    "~",
    "null",
    "true",
    "if: ",
    "action: ",
    "result: ",
    "decision: ",
    "go_to: ",
    "states:\n",
    "flow: b\n",
    "---\n",
    "...\n",
    "<<: ",
    "\u{feff}",
    "ä",
    "😀",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "\0",
    "999999999999999999999",
    "1.5e3",
    "90s",
];

/// A change: where (in thousandths of the text), how much is taken out, and what is put in.
#[derive(Debug, Clone)]
enum Change {
    Cut(usize, usize),
    Put(usize, usize),
    Copy(usize, usize, usize),
    Indent(usize, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        (0usize..1000, 1usize..40).prop_map(|(at, length)| Change::Cut(at, length)),
        (0usize..1000, 0..PIECES.len()).prop_map(|(at, piece)| Change::Put(at, piece)),
        (0usize..1000, 1usize..200, 0usize..1000).prop_map(|(from, length, to)| Change::Copy(from, length, to)),
        (0usize..1000, 0usize..6).prop_map(|(at, by)| Change::Indent(at, by)),
    ];
    prop::collection::vec(change, 0..8)
}

fn changed(seed: &str, changes: &[Change]) -> String {
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
                text.splice(to..to, PIECES[piece].chars());
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

#[test]
fn the_seeds_hold() {
    SEEDS.iter().for_each(|seed| reader(seed.as_bytes()));
    reader(b"");
    reader(b"\xff\xfe");
}

#[test]
fn every_seed_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/reader");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), SEEDS.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_seed_breaks_a_promise(seed in 0..SEEDS.len(), changes in changes()) {
        reader(changed(SEEDS[seed], &changes).as_bytes());
    }

    #[test]
    fn no_heap_of_pieces_breaks_a_promise(pieces in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        reader(text.as_bytes());
        reader(format!("flow: a\nstates:\n  s:\n    result: {text}").as_bytes());
        reader(format!("flow: a\nstates:\n  s: {{ result: {text}").as_bytes());
    }
}
