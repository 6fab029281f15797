//! What YAML would misread in an expression: it just works, or has a hint of its own.

use super::read;
use crate::definition::{DecisionDoc, Document, Scalar, StateKindDoc};

/// The scripts of the states of `text`, in order.
fn scripts(text: &str) -> Vec<String> {
    fn of(document: &Document) -> Vec<Scalar> {
        let mut found = Vec::new();
        for state in &document.states {
            match &state.kind {
                StateKindDoc::Action(action) => found.push(action.script.clone()),
                StateKindDoc::Decision(DecisionDoc::Boolean { condition, .. }) => found.push(condition.clone()),
                StateKindDoc::Decision(DecisionDoc::Branches(branches)) => {
                    found.extend(branches.iter().filter_map(|branch| branch.condition.clone()));
                }
                StateKindDoc::Result(expression) => found.extend(expression.clone()),
                StateKindDoc::Failure(expression) => found.push(expression.clone()),
                StateKindDoc::Start(start) => {
                    found.extend(start.for_each.clone());
                    found.extend(start.with.iter().map(|(_, value)| value.clone()));
                }
                _ => {}
            }
        }
        found
    }
    read(text).documents.iter().flat_map(of).map(|scalar| scalar.text.to_string()).collect()
}

/// The findings of `text`, but for the warnings that something is no YAML.
fn findings(text: &str) -> Vec<String> {
    super::findings(text).into_iter().filter(|finding| !finding.contains(NOT_YAML)).collect()
}

const NOT_YAML: &str = "not YAML: quote it";

/// The scalars of `text` by YAML alone; none if it is refused.
fn by_yaml(text: &str) -> Option<Vec<String>> {
    let parser = granit_parser::Parser::new_from_str(text);
    let mut scalars = Vec::new();
    for event in parser {
        if let granit_parser::Event::Scalar(text, ..) = event.ok()?.0 {
            scalars.push(text.into_owned());
        }
    }
    Some(scalars)
}

/// A file without a warning is YAML, and its scripts are scalars of it; after the layout there is no warning left.
#[track_caller]
fn hold_as_yaml(text: &str) {
    let is_meant_by_yaml = |text: &str| {
        by_yaml(text).is_some_and(|scalars| scripts(text).iter().all(|script| scalars.iter().any(|s| s == script)))
    };
    let warned = super::findings(text).iter().any(|finding| finding.contains(NOT_YAML));
    assert!(warned || is_meant_by_yaml(text), "no warning, and YAML reads something else:\n{text}");
    let source = std::sync::Arc::new(crate::diagnostic::Source::new("f.yml", text));
    let new = crate::definition::format(&source).unwrap();
    assert!(!super::findings(&new).iter().any(|finding| finding.contains(NOT_YAML)), "{text}\nbecame\n{new}");
    assert_eq!(scripts(&new), scripts(text), "{text}\nbecame\n{new}");
    assert!(is_meant_by_yaml(&new), "YAML reads something else:\n{new}");
}

/// A flow whose branch is written as `branch`.
fn branch(branch: &str) -> String {
    format!(
        "flow: a\nstates:\n  s:\n    decision:\n      - {branch}\n        go_to: s\n      - go_to: r\n  r: result\n"
    )
}

/// A flow whose branch is written in one line.
fn branch_line(branch: &str) -> String {
    format!("flow: a\nstates:\n  s:\n    decision:\n      - {branch}\n      - go_to: r\n  r: result\n")
}

#[test]
fn in_a_branch_on_its_own_line_these_just_work() {
    for (written, meant) in [
        ("if: !done", "!done"),
        ("if: !done && x # a comment", "!done && x"),
        ("if: !!done", "!!done"),
        ("if: ! done", "! done"),
        ("if: [1,2].len() > 1", "[1,2].len() > 1"),
        ("if: [1, \"a: b\"].len() > 1", "[1, \"a: b\"].len() > 1"),
        ("if: [1,\n 2].len() > 1", "[1,\n2].len() > 1"),
        ("if: \"a\" == b", "\"a\" == b"),
        ("if: 'a' == b", "'a' == b"),
        ("if: `x: ${y}`.len() > 1", "`x: ${y}`.len() > 1"),
        ("if: f(\"a: b\")", "f(\"a: b\")"),
        ("if: a == \"x #y\"", "a == \"x #y\""),
        ("if: a == \"x #y\" # z", "a == \"x #y\""),
        ("if: a == #{x: 1}", "a == #{x: 1}"),
        ("if: #{x: 1}.x == 1", "#{x: 1}.x == 1"),
        ("if:\n          !done", "!done"),
        ("if: !a &&\n            b", "!a &&\nb"),
        ("if: !a &&  \n            b\n\n              && `c\n            d`", "!a &&\nb\n\n  && `c\nd`"),
        ("if: a // b: c", "a // b: c"),
        ("if: a - b # : c", "a - b"),
        ("if: a\n          + b\n          #c", "a + b"),
        ("if: yes", "yes"),
        ("if: null", "null"),
        ("if: ~", "~"),
        ("if: true", "true"),
        ("if: 0x10", "0x10"),
        ("if: &x a > 5", "a > 5"),
        ("if: !!str a > 5", "a > 5"),
        ("if: \"a\" # b", "a"),
        ("if: |-\n          a: b", "a: b"),
        ("if: a:b", "a:b"),
        ("if: a#b", "a#b"),
    ] {
        let text = branch(written);
        assert_eq!(findings(&text), [""; 0], "{written}");
        assert_eq!(scripts(&text), [meant], "{written}");
        hold_as_yaml(&text);
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(findings(&crlf), [""; 0], "{written} with CRLF");
        assert_eq!(scripts(&crlf), [meant], "{written} with CRLF");
    }
}

#[test]
fn inside_of_braces_these_just_work() {
    for (written, meant) in [
        ("{ if: f(a, b), go_to: s }", "f(a, b)"),
        ("{ if: a in [1, 2], go_to: s }", "a in [1, 2]"),
        ("{ if: #{a: 1, b: 2}.a == 1, go_to: s }", "#{a: 1, b: 2}.a == 1"),
        ("{ if: !a, go_to: s }", "!a"),
        ("{if: !f(a, b), go_to: s}", "!f(a, b)"),
        ("{ if: \"a\" == b, go_to: s }", "\"a\" == b"),
        ("{ if: 'a', go_to: s }", "a"),
        ("{ if: a > 5, go_to: s }", "a > 5"),
        ("{ if: a == \"x, y\", go_to: s }", "a == \"x, y\""),
        ("{ if: a == \"x: y\", go_to: s }", "a == \"x: y\""),
        ("{ if: a == \"}\", go_to: s }", "a == \"}\""),
        ("{ if: `a, ${b[1]}` == c, go_to: s }", "`a, ${b[1]}` == c"),
        ("{ go_to: s, if: a[0] }", "a[0]"),
        ("{ if: a\n          && b, go_to: s }", "a && b"),
    ] {
        let text = branch_line(written);
        assert_eq!(findings(&text), [""; 0], "{written}");
        assert_eq!(scripts(&text), [meant], "{written}");
        hold_as_yaml(&text);
    }
}

#[test]
fn in_other_places_of_scripts_they_work_too() {
    for (written, meant) in [
        ("s: { result: #{ a: 1 } }", vec!["#{ a: 1 }"]),
        ("s: { result: [a, b] }", vec!["[a, b]"]),
        ("s:\n    result: #{ a: 1,\n      b: 2 }", vec!["#{ a: 1,\nb: 2 }"]),
        ("s: { failure: `x: ${y}, z` }", vec!["`x: ${y}, z`"]),
        ("s:\n    failure: `x #5`", vec!["`x #5`"]),
        ("s:\n    action: x = #{ a: 1 }\n    go_to: s", vec!["x = #{ a: 1 }"]),
        ("s:\n    action: log(\"a: b\"); x = \"c #d\" # e\n    go_to: s", vec!["log(\"a: b\"); x = \"c #d\""]),
        (
            "s: { start: a, for_each: [1,2], with: { a: [1], b: #{x: 1}, c: !d }, go_to: s }",
            vec!["[1,2]", "[1]", "#{x: 1}", "!d"],
        ),
        ("s: { decision: [1].len() > 0, if_true: s, if_false: s}", vec!["[1].len() > 0"]),
        ("s:\n    decision: [{if: !a, go_to: s}, {go_to: s}]", vec!["!a"]),
        ("s:\n    decision: [1, 2].contains(x)\n    if_true: s\n    if_false: s", vec!["[1, 2].contains(x)"]),
    ] {
        let text = format!("flow: a\nstates:\n  {written}\n  zz: result\n");
        assert_eq!(findings(&text), [""; 0], "{written}");
        assert_eq!(scripts(&text), meant, "{written}");
        hold_as_yaml(&text);
    }
}

#[test]
fn what_cannot_be_meant_has_a_hint_at_its_place() {
    const QUOTE: &str = " | quote the expression, or write it in a block scalar: `|` and the text on the next line";
    for (written, place) in [
        ("if: %a", "5:13 `%` cannot begin a text without quotes in YAML"),
        ("if: @a", "5:13 `@` cannot begin a text without quotes in YAML"),
        ("if: *x > 5", "5:13 `*` begins an alias in YAML, not an expression"),
        ("if: &x", "5:13 `&` begins an anchor in YAML, not an expression"),
        ("if: a: b", "5:14 `: ` inside an expression makes YAML read a map"),
        ("if: \"a\": b", "5:16 `: ` inside an expression makes YAML read a map"),
    ] {
        assert_eq!(findings(&branch(written)), [format!("{place}{QUOTE}")], "{written}");
    }
    let map = "`{` begins a map in YAML, where an expression was expected \
        | a map of an expression is written `#{ … }`, in quotes or in a block scalar";
    assert_eq!(findings(&branch("if: { a; b }.c")), [format!("5:13 {map}")]);
    assert_eq!(findings(&branch_line("{ if: {a: 1}, go_to: s }")), [format!("5:15 {map}")]);
    assert_eq!(
        findings(&branch("if: *x")),
        ["5:13 `*x` is a YAML alias, and nothing is called `&x` above | if it is meant as text, quote it"]
    );
    assert_eq!(
        findings(&branch_line("{ if: a, b, go_to: s }")),
        ["5:18 unknown key `b` in a branch of `decision` \
            | inside `{ … }` a `,` ends a value: if it belongs to the value, quote the value"]
    );
    assert_eq!(
        findings(&branch_line("{ if: a: b, go_to: s }")),
        [format!("5:16 `: ` inside an expression makes YAML read a map{QUOTE}")]
    );
}

#[test]
fn a_doubtful_comment_is_a_warning() {
    let text = branch("if: name == \"a\" #b");
    let parsed = read(&text);
    assert_eq!(
        findings(&text),
        ["5:25 ` #` begins a comment in YAML: what follows is not part of the expression \
            | write a blank after the `#` if it is a comment; quote the expression if it is not"]
    );
    assert!(!parsed.findings[0].is_error());
    assert_eq!(scripts(&text), ["name == \"a\""]);
}

#[test]
fn what_only_looks_like_a_script_is_left_alone() {
    let text = "flow: a
description: |
  - { if: a in [1, 2], go_to: s }
  if: !done
attributes:
  action: { type: list, default: [!!str 1, \"a\"] }
  if: { type: map, default: { if: [1, 2], result: \"x\" } }
  prose: { default: \"lines
    - { if: !a, go_to: b }
    if: 'a' == b\" }
states:
  s:
    decision:
      - { if: a in [1, 2], go_to: s }
      - go_to: s
tests:
  - name: given
    given: { action: [1, 2], result: \"x\" }
    mocks: { a: { script: [args, 1] }, b: [{ script: !x }] }
    expect: { attributes: { if: [1] }, if: !a }
";
    assert_eq!(findings(text), [""; 0]);
    let parsed = read(text);
    let document = &parsed.documents[0];
    assert_eq!(
        document.description.as_ref().unwrap().value,
        "- { if: a in [1, 2], go_to: s }\nif: !done\n",
        "prose is as it was written"
    );
    let prose = document.attributes[2].rules.default.as_ref().unwrap();
    assert_eq!(prose.value.text.as_deref(), Some("lines - { if: !a, go_to: b } if: 'a' == b"));
    assert_eq!(scripts(text), ["a in [1, 2]"]);
    assert_eq!(&*document.tests[0].expect.as_ref().unwrap().condition.as_ref().unwrap().text, "!a");
}

#[test]
fn blanks_behind_dashes_hide_no_trap() {
    let text = "flow: a
states:
  s:
    wait_until:
      -   {if: [1, 2].len() > 1, go_to: s}
      -  if  : [1, 2].len() > 1
         go_to: s
  t:
    decision:
      -  if: #{ a: 1, b: [2, #{}] }.a
         go_to: s
      -   if: #{ a: 1, b: [2, #{}] }.b
          go_to: s
";
    assert_eq!(findings(text), [""; 0]);
    assert_eq!(scripts(text), ["#{ a: 1, b: [2, #{}] }.a", "#{ a: 1, b: [2, #{}] }.b"]);
}

#[test]
fn what_stands_in_braces_of_several_lines_is_not_taken_for_a_line_of_its_own() {
    let text = "flow: a
states:
  s: { decision: [1].len() > 0, if_true: t, if_false: u }
  t: {
    failure: \"x\", label: \"b\" }
  u: {
    result: \"x
      y\", label: !!str b }
  v: { start: a, go_to: s, with: {
    a: 1, b: [1, 2],
    c: \"d\", e: !f } }
  w:
    decision:
      - {
        if: `a: ${b}, c`, go_to: s }
      - { label: \"}\", go_to: s,
        if: `a: ${b}, c` }
";
    assert_eq!(findings(text), [""; 0]);
    assert_eq!(scripts(text), ["[1].len() > 0", "x", "x y", "1", "[1, 2]", "d", "!f", "`a: ${b}, c`", "`a: ${b}, c`"]);
}

#[test]
fn many_traps_in_a_file_are_all_got_past() {
    let branches =
        "      - { if: a in [\"x\", \"y\"], go_to: s }\n      - if: \"a\" == b\n        go_to: s\n".repeat(100);
    let text = format!("flow: a\nstates:\n  s:\n    decision:\n{branches}      - {{ if: *x, go_to: s }}\n");
    assert_eq!(findings(&text).len(), 1);
    assert_eq!(scripts(&text).len(), 201);
}

#[test]
fn a_broken_value_does_not_hide_the_rest_of_the_file() {
    for (written, place) in [
        ("label: Step 1: do it", "4:18 a second `: ` on this line is not valid YAML"),
        ("label: `x`", "4:12 a backtick cannot begin a text without quotes in YAML"),
        ("label: \"a\" b", "4:16 nothing may follow the closing quote"),
        ("label: \"a", "4:12 the quote that opens here is not closed"),
        ("label: \"\\q\"", "4:13 unknown escape in a text in double quotes"),
        ("label: !important", "4:12 `!important` is read as a YAML tag, and tags mean nothing here"),
        ("label: *x", "4:12 `*x` is a YAML alias, and nothing is called `&x` above"),
        ("label: [a", "4:12 the `[` that opens here is not closed"),
    ] {
        let found = findings(&format!("flow: a\nstates:\n  s:\n    {written}\n    result: 1\n  zz: resul\n"));
        assert_eq!(found.len(), 2, "{written}: {found:?}");
        assert!(found[0].starts_with(place), "{written}: {found:?}");
        assert!(found[1].starts_with("6:7 `resul` is not a kind of state"), "{written}: {found:?}");
    }
}
