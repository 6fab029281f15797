use std::sync::Arc;

use serde_json::json;

use super::dev::fit;
use super::exit::{Exit, Failure};
use super::findings;
use super::input;
use super::moves::line;
use crate::diagnostic::{Finding, Source, Span};
use crate::error::Error;
use crate::task::{Cause, Transition};
use crate::wire::tests::{entry, task};

#[test]
fn a_held_task_is_free_again_by_itself() {
    let failure = Failure::from(Error::Conflict(task().id));
    assert_eq!(failure.exit, Exit::Refused);
    let help = failure.help.unwrap();
    assert!(help.contains("within 10 s (PATIENCE)") && help.contains("within 30 s (LEASE)"), "{help}");
}

#[test]
fn a_move_is_one_line() {
    let plain =
        |entry: &Transition, other| anstream::adapter::strip_str(&line(&task(), entry, None, other)).to_string();
    assert_eq!(plain(&entry(3, "a", "b", Cause::Action), false), "✓ a → b  (action ann, 12 ms)\n");
    assert_eq!(plain(&entry(7, "b", "b", Cause::Action), false), "✗ b  (action ann, 12 ms)\n");
    assert_eq!(plain(&entry(3, "a", "b", Cause::Error), true), "✗ hello 0198c2aa… a → b  (error ann, 12 ms)\n");
    assert_eq!(
        plain(&entry(7, "a", "b", Cause::Action), true),
        "✗ hello 0198c2aa… a → b  (action ann, 12 ms)  in `greet`: no luck (script)\n"
    );
}

fn shown(text: &str, span: Span) -> String {
    let finding = Finding::error(&Arc::new(Source::new("f.yml", text)), span, "wrong").with_help("right it");
    anstream::adapter::strip_str(&findings::within(&finding, None)).to_string()
}

#[test]
fn a_finding_is_shown_with_its_mark() {
    let text = "flow: a\nstates: nonsense\n";
    assert_eq!(
        shown(text, Span::new(16, 24)),
        "f.yml:2:9: wrong\n  |\n2 | states: nonsense\n  |         ^^^^^^^^\nhelp: right it\n"
    );
    assert_eq!(shown(text, Span::new(8, 8)), "f.yml:2:1: wrong\n  |\n2 | states: nonsense\n  | ^\nhelp: right it\n");
}

#[test]
fn an_excerpt_fits_the_screen_and_its_mark_stands_below_what_it_marks() {
    // A tab takes four columns, a wide character two.
    for (line, part, before) in [
        ("a: 日本語 x", "x", 10),
        ("\ta: x", "x", 7),
        ("a: 日本\t語 x", "語", 11),
        ("a: e\u{301} x", "x", 5),
        ("a: 👩 x", "x", 6),
    ] {
        let at = line.find(part).unwrap();
        let finding = Finding::error(&Arc::new(Source::new("f.yml", line)), Span::new(at, at + part.len()), "wrong");
        for columns in [None, Some(40), Some(80)] {
            let text = anstream::adapter::strip_str(&findings::within(&finding, columns)).to_string();
            let mark = text.lines().nth(3).unwrap();
            assert_eq!(mark.find('^').unwrap() - "  | ".len(), before, "{line:?}\n{text}");
        }
    }
    let long = format!("{}x{}", "日本 ".repeat(40), " 語".repeat(60));
    let at = long.find('x').unwrap();
    let finding = Finding::error(&Arc::new(Source::new("f.yml", long)), Span::new(at, at + 1), "wrong");
    for columns in [60, 80, 120] {
        let text = anstream::adapter::strip_str(&findings::within(&finding, Some(columns))).to_string();
        for line in text.lines().skip(1) {
            assert!(fit::width(line) <= columns, "{columns}: {line}\n{text}");
        }
        let (line, mark) = (text.lines().nth(2).unwrap(), text.lines().nth(3).unwrap());
        let column = fit::width(line.split('x').next().unwrap());
        assert_eq!(mark.find('^').unwrap(), column, "{columns}\n{text}");
    }
}

#[test]
fn no_span_is_too_odd_to_be_shown() {
    for text in ["", "\n", "äöü", "\u{feff}a: 1\r\nb: 2", "\t\u{1b}[2J", &"x".repeat(10_000)] {
        for start in 0..text.len().min(20) + 2 {
            for end in start..text.len().min(20) + 3 {
                let shown = shown(text, Span::new(start, end));
                assert!(shown.starts_with("f.yml:") && shown.ends_with("help: right it\n"), "{shown}");
                assert!(!shown.contains('\u{1b}') && shown.len() < 1_000, "{shown}");
            }
        }
    }
}

#[test]
fn json_from_outside_is_held_to_what_a_value_can_be() {
    let value = |text: &str| input::json(text).map(|value| value.to_json());
    assert_eq!(
        value("[1, -9223372036854775808, 1.5, \"99999999999999999999\"]").unwrap(),
        json!([1, i64::MIN, 1.5, "99999999999999999999"])
    );
    for (text, line, column, part) in [
        ("[1,\n 99999999999999999999999999999999]", 2, 2, "too many digits"),
        ("{\"ä\": -99999999999999999999999999999999}", 1, 7, "too many digits"),
        ("[\"\\\"\", 99999999999999999999999999999999]", 1, 8, "too many digits"),
        ("[1,,2]", 1, 4, "expected value"),
    ] {
        let why = input::json(text).unwrap_err();
        assert_eq!((why.at.line, why.at.column), (line, column), "{text}");
        assert!(why.message.contains(part), "{}", why.message);
    }
    let deep = format!("{}{}", "[".repeat(101), "]".repeat(101));
    assert!(input::json(&deep).unwrap_err().message.contains("MAX_VALUE_DEPTH"));
    assert!(input::json(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_ok());
}
