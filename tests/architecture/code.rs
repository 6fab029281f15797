//! A file's code: comments, texts and test modules blanked out, line for line.

use std::path::Path;

/// A file of `src`.
pub(super) struct Code {
    /// `src/flow/check.rs`, with slashes on every system.
    pub(super) name: String,
    /// What is left of it.
    pub(super) text: String,
}

impl Code {
    /// Reads a file below `root`.
    pub(super) fn read(root: &Path, path: &Path) -> Self {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        Self { name, text: code_of(&std::fs::read_to_string(path).unwrap()) }
    }

    /// Whether it is compiled for tests only, by where it stands.
    pub(super) fn is_test(&self) -> bool {
        self.name.contains("/tests/") || self.name.ends_with("/tests.rs")
    }

    /// The room it belongs to; none for `lib.rs` and `main.rs`, which stand above all of them.
    pub(super) fn room(&self) -> Option<&str> {
        let room = self.name.strip_prefix("src/")?.split('/').next()?;
        let room = room.strip_suffix(".rs").unwrap_or(room);
        (!matches!(room, "lib" | "main")).then_some(room)
    }

    /// How many modules it stands below the root of the crate.
    pub(super) fn depth(&self) -> usize {
        let parts = self.name.matches('/').count();
        if self.name.ends_with("/mod.rs") { parts - 1 } else { parts }
    }

    /// Its lines, counted from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, line))
    }
}

/// The code of `text`: what is no code is blank, and every line stays where it is.
pub(super) fn code_of(text: &str) -> String {
    without_tests(&without_texts(text))
}

fn without_texts(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match end_of_text(&chars, at) {
            Some(end) => end.min(chars.len()),
            None => {
                code.push(chars[at]);
                at += 1;
                continue;
            }
        };
        code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// Where the comment, the text or the character that begins at `at` ends, if one begins there.
fn end_of_text(chars: &[char], at: usize) -> Option<usize> {
    let from = |at: usize, what: &str| chars[at..].iter().copied().take(what.len()).eq(what.chars());
    let find = |start: usize, what: &str| (start..chars.len()).find(|at| from(*at, what));
    let is_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match chars[at] {
        '/' if from(at, "//") => Some(find(at, "\n").unwrap_or(chars.len())),
        '/' if from(at, "/*") => Some(find(at + 2, "*/").map_or(chars.len(), |end| end + 2)),
        'r' if !is_word || (at > 0 && chars[at - 1] == 'b') => {
            let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            if chars.get(at + 1 + hashes) != Some(&'"') {
                return None;
            }
            let close = format!("\"{}", "#".repeat(hashes));
            Some(find(at + 2 + hashes, &close).map_or(chars.len(), |end| end + close.len()))
        }
        '"' => Some(end_of_quote(chars, at + 1, '"')),
        // A lifetime has no closing quote after one character.
        '\'' if chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'') => {
            Some(end_of_quote(chars, at + 1, '\''))
        }
        _ => None,
    }
}

fn end_of_quote(chars: &[char], mut at: usize, quote: char) -> usize {
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// Blanks `#[cfg(test)] mod … { … }`.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut rest = code;
    let mut kept = String::with_capacity(code.len());
    while let Some(start) = rest.find(MARK) {
        let item = &rest[start + MARK.len()..];
        let end = match (item.find('{'), item.find(';')) {
            (Some(open), semicolon) if semicolon.is_none_or(|semicolon| open < semicolon) => {
                start + MARK.len() + open + closing(&item[open..])
            }
            (_, Some(semicolon)) => start + MARK.len() + semicolon + 1,
            _ => rest.len(),
        };
        kept.push_str(&rest[..start]);
        kept.extend(rest[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    kept + rest
}

/// The length of the block that `text` begins with.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn comments_texts_and_tests_are_no_code() {
    let code = code_of(
        "use crate::a; // crate::b\n/* crate::c */ let x = \"crate::d \\\" crate::e\"; let r = r#\"crate::f \"quoted\" \"#;\n\
         fn f<'a>(x: &'a str) -> char { '\"' }\n#[cfg(test)]\nmod tests {\n    use crate::g; fn g() { }\n}\nuse crate::h;\n",
    );
    for (name, is_code) in
        [("a", true), ("b", false), ("c", false), ("d", false), ("e", false), ("f", false), ("g", false), ("h", true)]
    {
        assert_eq!(code.contains(&format!("crate::{name}")), is_code, "crate::{name} in:\n{code}");
    }
    assert_eq!(code.lines().count(), 8);
}
