//! Properties that hold for any input: seeds of the fuzzer, cut up and put together again.

use proptest::prelude::*;

use super::properties::reader;
use crate::expression::{changed, changes};

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
    fn no_change_of_a_seed_breaks_a_promise(seed in 0..SEEDS.len(), changes in changes(&PIECES, 1..40, 1..200, 7)) {
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
