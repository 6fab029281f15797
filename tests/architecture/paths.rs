//! The modules and crates that code names.

use super::code::Code;

/// What stands right below the root of the crate in every path, `crate::…` and `super::…` that leads there, with its
/// line: the rooms, and names that are none.
pub(super) fn rooms_named(code: &Code) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for (at, _) in code.text.match_indices("crate::") {
        if is_begin(&code.text, at) {
            named.extend(heads(&code.text, at + "crate::".len()));
        }
    }
    for (at, _) in code.text.match_indices("super::") {
        if is_begin(&code.text, at) {
            let rest = &code.text[at..];
            let steps = rest.as_bytes().chunks("super::".len()).take_while(|part| *part == b"super::").count();
            if steps >= code.depth() {
                named.extend(heads(&code.text, at + steps * "super::".len()));
            }
        }
    }
    named.into_iter().map(|(at, name)| (line(&code.text, at), name)).collect()
}

/// The lines that name the crate `name`.
pub(super) fn lines_naming(code: &Code, name: &str) -> Vec<usize> {
    let is_named = |at: &usize| {
        let after = code.text[at + name.len()..].trim_start();
        let before = code.text[..*at].trim_end();
        is_begin(&code.text, *at)
            && !word_follows(&code.text[at + name.len()..])
            && (after.starts_with("::") || before.ends_with("use") || before.ends_with("extern crate"))
    };
    code.text.match_indices(name).map(|(at, _)| at).filter(is_named).map(|at| line(&code.text, at)).collect()
}

/// The first parts of the path, or of each path of the group, that stands at `at`.
fn heads(text: &str, at: usize) -> Vec<(usize, String)> {
    let rest = &text[at..];
    if !rest.starts_with('{') {
        let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
        return vec![(at, name)];
    }
    let mut found = Vec::new();
    let (mut depth, mut is_head) = (0_usize, false);
    for (offset, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            _ if is_head && depth == 1 && is_word(c) => {
                found.push((at + offset, rest[offset..].chars().take_while(|c| is_word(*c)).collect()));
                is_head = false;
            }
            _ => {}
        }
        is_head = depth == 1 && (matches!(c, '{' | ',') || is_head && c.is_whitespace());
    }
    found
}

/// Whether a path begins at `at`, rather than going on.
fn is_begin(text: &str, at: usize) -> bool {
    let before = &text[..at];
    // A macro's `$crate` is for those outside.
    !before.ends_with("::") && !before.ends_with('$') && !before.ends_with(is_word)
}

fn word_follows(text: &str) -> bool {
    text.starts_with(is_word)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[test]
fn every_way_to_name_a_room_is_seen() {
    let code = |name: &str, text: &str| Code { name: name.to_owned(), text: text.to_owned() };
    let found =
        |code: &Code| rooms_named(code).into_iter().map(|(line, name)| format!("{line}:{name}")).collect::<Vec<_>>();
    let text = "use crate::flow::Flow;\nuse crate::{\n    name::Name,\n    task::{Task, Status}, value,\n};\nlet x: crate::clock::A;\n";
    assert_eq!(found(&code("src/cli/a.rs", text)), ["1:flow", "3:name", "4:task", "4:value", "6:clock"]);
    let text = "use super::b;\nuse super::super::flow::Flow;\nuse super::super::super::storage;\n";
    assert_eq!(found(&code("src/cli/mod.rs", text)), ["1:b", "2:flow", "3:storage"]);
    assert_eq!(found(&code("src/cli/a.rs", text)), ["2:flow", "3:storage"]);
    assert_eq!(found(&code("src/cli/a/b.rs", text)), ["3:storage"]);
    assert_eq!(found(&code("src/cli/a/b.rs", "use self::flow; use foo::crate::x; mycrate::y")), Vec::<String>::new());
}

#[test]
fn crates_are_seen_where_a_path_names_them() {
    let text = "use rhai::Engine;\nfn rhai() {}\nlet rhai = 1;\nrhai_codegen::x;\nlet y: rhai::Dynamic;\nuse rhai;\n";
    assert_eq!(lines_naming(&Code { name: "src/a.rs".to_owned(), text: text.to_owned() }, "rhai"), [1, 5, 6]);
}
