//! Properties that hold for any script: seeds of the fuzzer, cut up and put together again.

use proptest::prelude::*;

use super::changes::{changed, changes};
use super::properties::scripts;

const SEEDS: [&str; 6] = [
    include_str!("../../../fuzz/seeds/expressions/party.rhai"),
    include_str!("../../../fuzz/seeds/expressions/loops.rhai"),
    include_str!("../../../fuzz/seeds/expressions/closures.rhai"),
    include_str!("../../../fuzz/seeds/expressions/values.rhai"),
    include_str!("../../../fuzz/seeds/expressions/outside.rhai"),
    include_str!("../../../fuzz/seeds/expressions/hostile.rhai"),
];

/// What Rhai, and what runs it, trips over.
const PIECES: [&str; 96] = [
    " ",
    "\n",
    ";",
    "; ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "#{",
    "|",
    "||",
    "|x| ",
    ",",
    ".",
    "?.",
    "?[",
    "::",
    "..",
    "..=",
    "=>",
    "=",
    "==",
    "!=",
    "<",
    ">=",
    "+",
    "+=",
    "-",
    "*",
    "**",
    "/",
    "%",
    "<<",
    "&",
    "^=",
    "!",
    "not ",
    " and ",
    " in ",
    " !in ",
    " ?? ",
    "`",
    "${",
    "\"",
    "'x'",
    "\\",
    "//",
    "/*",
    "*/",
    "n",
    "f",
    "d",
    "t",
    "l",
    "m",
    "u",
    "day",
    "at",
    "wait",
    "l[0]",
    "m.a",
    "m.x.y",
    "this",
    "let x = ",
    "x",
    "const c = 1;",
    "if ",
    " else ",
    "while ",
    "loop ",
    "for i in ",
    "switch ",
    "break",
    "return ",
    "throw ",
    "try ",
    " catch (e) ",
    "fn a(x) ",
    "()",
    "true",
    "0",
    "-1",
    "1.5",
    "9223372036854775807",
    "1e308",
    "0x7f",
    "ä😀",
    "\0",
    "own(n)",
    "deep(1)",
    "send(1)",
    "l.push(n)",
    "l.sort()",
    "t.pad(99, \"x\")",
];

/// A line of a seed by itself, so that more of them compile.
fn lines() -> Vec<&'static str> {
    SEEDS.iter().flat_map(|seed| seed.lines()).filter(|line| !line.trim().is_empty()).collect()
}

#[test]
fn the_seeds_hold() {
    SEEDS.iter().for_each(|seed| scripts(seed.as_bytes()));
    lines().iter().for_each(|line| scripts(line.as_bytes()));
    scripts(b"");
    scripts(b"\xff\xfe");
}

#[test]
fn every_seed_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/expressions");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), SEEDS.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_seed_breaks_a_promise(seed in 0..SEEDS.len(), changes in changes(&PIECES, 1..20, 1..80, 5)) {
        scripts(changed(SEEDS[seed], &changes).as_bytes());
    }

    #[test]
    fn no_change_of_a_line_breaks_a_promise(line in 0..lines().len(), changes in changes(&PIECES, 1..20, 1..80, 5)) {
        scripts(changed(lines()[line], &changes).as_bytes());
    }

    #[test]
    fn no_heap_of_pieces_breaks_a_promise(pieces in prop::collection::vec(0..PIECES.len(), 0..20)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        scripts(text.as_bytes());
    }
}
