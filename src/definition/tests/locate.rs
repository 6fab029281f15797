//! Places inside scripts: the n-th visible character of the text is the n-th of the source.

use std::sync::Arc;

use proptest::prelude::*;

use crate::definition::{Scalar, StateKindDoc, parse};
use crate::diagnostic::{Position, Source};

/// A document whose one script is written as `style` says, with the text that is meant.
#[derive(Debug, Clone)]
struct Written {
    file: String,
    text: String,
}

const STYLES: [&str; 9] =
    ["plain", "plain lines", "single", "double", "double escaped", "literal", "literal deep", "folded", "flow double"];

fn words() -> impl Strategy<Value = Vec<Vec<String>>> {
    let word = prop_oneof![
        4 => "[a-z]{1,6}",
        1 => Just("'".to_owned()),
        1 => Just("\"".to_owned()),
        1 => Just("\\".to_owned()),
        1 => Just("äöü".to_owned()),
        1 => Just("😀".to_owned()),
        1 => Just("e\u{301}".to_owned()),
        1 => Just("+=".to_owned()),
        1 => Just("(1)".to_owned()),
    ];
    let line = prop::collection::vec(word, 1..6);
    prop::collection::vec(line, 1..5)
}

/// Writes lines of words in a style of YAML.
fn written(style: &str, lines: &[Vec<String>], crlf: bool, bom: bool) -> Written {
    let plain = |words: &[String]| format!("a{}", words.join(" ").replace(['\'', '"'], "q"));
    let (value, text) = match style {
        "plain" => (plain(&lines[0]), plain(&lines[0])),
        "plain lines" => {
            let lines: Vec<String> = lines.iter().map(|words| plain(words)).collect();
            (lines.join("\n        "), lines.join(" "))
        }
        "single" => {
            let text = lines.concat().join(" ");
            (format!("'{}'", text.replace('\'', "''")), text)
        }
        "double" | "flow double" => {
            let text = lines.concat().join(" ");
            (format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")), text)
        }
        "double escaped" => {
            let text = lines.iter().map(|words| words.join("\t")).collect::<Vec<_>>().join("\n");
            let value: String = text.chars().enumerate().map(escaped).collect();
            (format!("\"{value}\""), text)
        }
        "literal" => {
            let lines: Vec<String> = lines.iter().map(|words| words.join(" ")).collect();
            (format!("|\n      {}\n", lines.join("\n\n      ")), lines.join("\n\n") + "\n")
        }
        "literal deep" => {
            let lines: Vec<String> = lines.iter().map(|words| words.join("  ")).collect();
            (format!("|2-\n        {}", lines.join("\n          ")), format!("  {}", lines.join("\n    ")))
        }
        _ => {
            let lines: Vec<String> = lines.iter().map(|words| words.join(" ")).collect();
            (format!(">-\n      {}", lines.join("\n      ")), lines.join(" "))
        }
    };
    let state = match style {
        "flow double" => format!("  s: {{ action: {value}, go_to: s }}\n"),
        _ => format!("  s:\n    action: {value}\n    go_to: s\n"),
    };
    let mut file = format!("flow: größe\nstates:\n{state}");
    if crlf {
        file = file.replace('\n', "\r\n");
    }
    if bom {
        file.insert(0, '\u{feff}');
    }
    Written { file, text }
}

/// A character as it may be escaped in double quotes.
fn escaped((index, c): (usize, char)) -> String {
    let code = u32::from(c);
    match (c, index % 4) {
        ('\n', _) => "\\n".to_owned(),
        ('\t', _) => "\\t".to_owned(),
        ('"' | '\\', _) => format!("\\{c}"),
        (_, 0) if code < 0x100 => format!("\\x{code:02x}"),
        (_, 1) if code < 0x10000 => format!("\\u{code:04X}"),
        (_, 1) => {
            let mut units = [0; 2];
            c.encode_utf16(&mut units);
            format!("\\u{:04x}\\u{:04x}", units[0], units[1])
        }
        (_, 2) => format!("\\U{code:08x}"),
        _ => c.to_string(),
    }
}

fn script(file: &str) -> (Arc<Source>, Scalar) {
    let source = Arc::new(Source::new("f.yml", file));
    let parsed = parse(&source);
    let Some(document) = parsed.documents.first() else { panic!("{file}\n{:?}", parsed.findings) };
    let StateKindDoc::Action(action) = &document.states[0].kind else { panic!("{file}\n{:?}", parsed.findings) };
    let scalar = action.script.clone();
    (source, scalar)
}

/// What stands for `c` in the source is `c`, or an escape of it.
fn is_written_as(c: char, slice: &str) -> bool {
    match slice.strip_prefix('\\') {
        Some(escape) if escape.starts_with(['x', 'u', 'U']) && slice.len() > 2 => {
            let codes: Vec<u16> = escape.split("\\u").map(|h| h.trim_start_matches(['x', 'u', 'U'])).fold(
                Vec::new(),
                |mut units, hex| {
                    let code = u32::from_str_radix(hex, 16).unwrap();
                    if let Ok(unit) = u16::try_from(code) {
                        units.push(unit);
                    } else {
                        units.extend(char::from_u32(code).unwrap().encode_utf16(&mut [0; 2]).iter());
                    }
                    units
                },
            );
            String::from_utf16(&codes).unwrap() == c.to_string()
        }
        Some(escape) if slice.len() > 1 => escape == c.to_string(),
        _ => slice == c.to_string() || (c == '\'' && slice == "''"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_visible_character_is_found(lines in words(), style in 0..STYLES.len(), crlf: bool, bom: bool) {
        let Written { file, text } = written(STYLES[style], &lines, crlf, bom);
        let (source, scalar) = script(&file);
        prop_assert_eq!(&*scalar.text, &text, "{}", file);
        let mut before = 0;
        for (line, content) in text.split('\n').enumerate() {
            for (column, c) in content.chars().enumerate().filter(|(_, c)| !c.is_whitespace()) {
                let span = scalar.locate(&source, Position { line: line + 1, column: column + 1 });
                let slice = source.slice(span);
                prop_assert!(is_written_as(c, slice), "{c:?} is not {slice:?} at {}:{} in\n{file}", line + 1, column + 1);
                prop_assert!(span.start >= before, "places go backwards in\n{file}");
                before = span.end;
            }
        }
    }

    #[test]
    fn no_place_is_outside_of_the_script(lines in words(), style in 0..STYLES.len(), line in 0usize..9, column in 0usize..60) {
        let Written { file, .. } = written(STYLES[style], &lines, false, false);
        let (source, scalar) = script(&file);
        let span = scalar.locate(&source, Position { line, column });
        prop_assert!(scalar.span.start <= span.start && span.start < span.end && span.end <= scalar.span.end, "{span:?} in {:?}", scalar.span);
        let past = scalar.locate(&source, Position { line: 99, column: 1 });
        let last = scalar.text.chars().rfind(|c| !c.is_whitespace()).unwrap();
        prop_assert!(is_written_as(last, source.slice(past)));
    }
}

#[test]
fn a_blank_stands_for_the_next_visible_character_of_its_line_or_the_one_before() {
    let (source, scalar) = script("flow: a\nstates:\n  s:\n    action: |\n      ab cd\n\n      ef\n    go_to: s\n");
    let at = |line, column| source.slice(scalar.locate(&source, Position { line, column }));
    assert_eq!(at(1, 3), "c");
    assert_eq!(at(1, 6), "d", "the end of a line is its last character");
    assert_eq!(at(2, 1), "d", "an empty line is what stands before it");
    assert_eq!(at(3, 1), "e");
    assert_eq!(at(3, 9), "f");
    assert_eq!(at(9, 9), "f");
}

#[test]
fn places_in_recovered_expressions_are_those_of_the_source() {
    let (source, scalar) = script("flow: a\nstates:\n  s:\n    action: x = #{ a: 1 }; y = \"b: c #d\"\n    go_to: s\n");
    assert_eq!(&*scalar.text, "x = #{ a: 1 }; y = \"b: c #d\"");
    let span = scalar.locate(&source, Position { line: 1, column: 16 });
    assert_eq!(source.slice(span), "y");
    assert_eq!(source.position(span.start), Position { line: 4, column: 28 });
}
