//! Files that mean harm: refused at once, in little memory, by a bound that the message names.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::{findings, read};
use crate::definition::limits::*;

/// The findings of `text`, which are there within a second or two, unoptimised.
fn refused(text: &str) -> Vec<String> {
    let begun = Instant::now();
    let found = findings(text);
    assert!(begun.elapsed() < Duration::from_secs(10), "took {:?}", begun.elapsed());
    found
}

#[test]
fn a_file_is_bounded_in_size() {
    let found = refused(&format!("flow: a\ndescription: {}\n", "x".repeat(MAX_FILE_BYTES)));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("1:1 the file has 4194") && found[0].contains("MAX_FILE_BYTES"), "{found:?}");
}

#[test]
fn nesting_is_bounded() {
    for deep in ["- ".repeat(50_000), "[".repeat(50_000), "{a: ".repeat(50_000), "? ".repeat(50_000)] {
        let found = refused(&deep);
        assert!(found.len() == 1 && found[0].contains("MAX_DEPTH"), "{found:?}");
    }
    let mut steps = String::new();
    for depth in 0..5000 {
        writeln!(steps, "{}a:", " ".repeat(depth)).unwrap();
        if steps.len() > MAX_FILE_BYTES / 2 {
            break;
        }
    }
    assert!(refused(&steps)[0].contains("MAX_DEPTH"));
}

#[test]
fn aliases_cost_nothing_and_are_bounded() {
    let mut text = format!("flow: a\ndescription: &a {}\nattributes:\n", "x".repeat(100_000));
    for index in 0..20_000 {
        writeln!(text, "  a{index}: {{ default: *a }}").unwrap();
    }
    let found = refused(&text);
    assert!(found.len() == 1 && found[0].contains("MAX_TEXT_BYTES"), "{found:?}");

    let mut laughs = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for index in 1..40 {
        let before = format!("*a{}, ", index - 1).repeat(9);
        writeln!(laughs, "b{index}: &a{index} [{before}*a{}]", index - 1).unwrap();
    }
    let found = refused(&laughs);
    assert!(found.len() == 1 && found[0].contains("MAX_NODES"), "{found:?}");

    let mut tower = "a: &a0 [x]\n".to_owned();
    for index in 1..200 {
        writeln!(tower, "b{index}: &a{index} [*a{}]", index - 1).unwrap();
    }
    let found = refused(&tower);
    assert!(found.len() == 1 && found[0].contains("MAX_DEPTH"), "{found:?}");
}

#[test]
fn an_alias_within_itself_is_refused() {
    let found = refused("flow: a\nattributes: &x\n  y: { type: list, default: [*x] }\nstates: { s: result }\n");
    assert_eq!(found, ["3:30 an alias may not be inside what it refers to"]);
}

#[test]
fn nodes_documents_and_scripts_are_bounded() {
    let found = refused(&format!("flow: a\nx: [{}]\n", "1,".repeat(MAX_NODES)));
    assert!(found.len() == 1 && found[0].contains("MAX_NODES"), "{found:?}");
    let found = refused(&"--- x\n".repeat(MAX_DOCUMENTS + 1));
    assert!(found.len() == 1 && found[0].contains("MAX_DOCUMENTS"), "{found:?}");
    let found =
        refused(&format!("flow: a\nfunctions: |\n  {}\nstates: {{ s: result }}\n", "x".repeat(MAX_SCRIPT_BYTES)));
    assert!(found.len() == 1 && found[0].contains("MAX_SCRIPT_BYTES"), "{found:?}");
    assert!(found[0].starts_with("3:3 "), "{found:?}");
}

#[test]
fn findings_are_bounded() {
    let mut text = "flow: a\nstates: { s: result }\n".to_owned();
    for index in 0..100_000 {
        writeln!(text, "k{index}: 1").unwrap();
    }
    let parsed = read(&text);
    assert_eq!(parsed.findings.len(), MAX_FINDINGS + 1);
    let last = &parsed.findings[MAX_FINDINGS];
    assert!(last.message.contains("more") && last.message.contains("MAX_FINDINGS"), "{}", last.message);
    assert_eq!(last.position().line, 3 + MAX_FINDINGS);
}

#[test]
fn traps_without_end_are_read_in_bounded_time() {
    let branch = "      - { if: a in [\"x\", \"y\"], go_to: s }\n";
    let head = "flow: a\nstates:\n  s:\n    decision:\n";
    for trap in [
        branch.to_owned(),
        "      - if: \"a\" == b\n        go_to: s\n".to_owned(),
        "      - if: !a\n        go_to: s\n".to_owned(),
        "      - { if: #{a: 1} }\n".to_owned(),
        "      - { label: a: b, label: `x, if: {{ }\n".to_owned(),
    ] {
        refused(&format!("{head}{}", trap.repeat(1_000_000 / trap.len())));
    }
    let one_line = [
        "{if: (, ".to_owned(),
        "{if: \"\\\"\\\" , ".to_owned(),
        "if: `, ".to_owned(),
        "if: \"\\\"\\\"\\\" ".to_owned(),
        "if: [((( ".to_owned(),
        "if: #{ ".to_owned(),
        "{if: a}, ".to_owned(),
        "{if: !a}, ".to_owned(),
        "if: '\\x".to_owned(),
    ];
    for part in one_line {
        refused(&format!("flow: a\nstates:\n  s:\n    decision: [{}", part.repeat(500_000 / part.len())));
        refused(&format!("flow: a\nstates:\n  s:\n    decision: [{{ {}", part.repeat(500_000 / part.len())));
    }
    refused(&format!("{head}      - if: a\n{}b\n", " \n".repeat(200_000)));
    refused(&format!("{head}      - if: {}", "a\n\n\n\n\n\n\n\n\n         ".repeat(100_000)));
    refused(&format!("{head}      - if: {}", "a\n          ".repeat(200_000)));
}

#[test]
fn long_keys_and_many_of_them_cost_little() {
    let half = MAX_FILE_BYTES / 2;
    let found = refused(&format!("flow: a\nstates: {{ s: result }}\n? {}\n: 1\n", "x".repeat(half)));
    assert!(found.len() == 1 && found[0].len() < 500, "{found:?}");
    let found = refused(&format!("flow: a\nstates: {{ s: {} }}\n", "x".repeat(half)));
    assert!(found.len() == 1 && found[0].len() < 500, "{found:?}");
    let found = refused(&format!("flow: {}\nstates: {{ s: result }}\n", "X".repeat(half)));
    assert!(found.len() == 1 && found[0].len() < 500, "{found:?}");
    for part in ["a: 1, ", "a: {}, ", "[a]: 1, ", "!x a: !y z, ", "b c, ", "*x : *y, "] {
        let many = part.repeat(1_000_000 / part.len());
        assert_eq!(refused(&format!("flow: a\nstates: {{ {many} s: result }}\n")).len(), MAX_FINDINGS + 1, "{part}");
        assert_eq!(
            refused(&format!("flow: a\nattributes: {{ {many} s: result }}\n")).len(),
            MAX_FINDINGS + 1,
            "{part}"
        );
        refused(&format!("{{flow: a, {many} states: {{ s: result }} }}\n"));
    }
    let unknown: String = (0..100_000).map(|index| format!("statez{index}: 1, ")).collect();
    assert_eq!(refused(&format!("{{flow: a, {unknown} states: {{ s: result }} }}\n")).len(), MAX_FINDINGS + 1);
}

#[test]
fn an_honest_large_file_is_read() {
    let mut text = "flow: a\nstates:\n".to_owned();
    for index in 0..5000 {
        writeln!(
            text,
            "  s{index}:\n    decision:\n      - {{ if: 'a in [\"x\", \"y\"]', go_to: s{index} }}\n      - go_to: s0"
        )
        .unwrap();
        if index > 200 {
            writeln!(text, "  t{index}:\n    action: n += 1\n    go_to: s{index}").unwrap();
        }
    }
    assert_eq!(refused(&text), [""; 0]);
    assert_eq!(read(&text).documents[0].states.len(), 9798 + 1);
}
