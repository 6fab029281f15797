//! Flows made by chance, written as untidily as YAML allows.

use super::{hold, source};
use crate::definition::format::laid_out;
use crate::definition::tree;

const FLOWS: u64 = 10_000;

/// Scripts, on one line or on several; `@` is the indentation of further lines.
const SCRIPTS: [&str; 14] = [
    "x = 1",
    "!done",
    "[1, 2].len() > 1",
    "`a: ${b}, c`",
    "#{ a: 1, b: [2, #{}] }.a",
    "a == \"x #y\"",
    "\"a: b\"",
    "'it''s\n@\n@so'",
    "\"x \\ \n@y \\\n@  z\"",
    "x +\n@y +\n\n@  z",
    "!x &&\n@y  \n@  && `{\n@z`",
    "&@ !!str x",
    "!!str x > 5",
    "~",
];
const TEXTS: [&str; 4] = ["A text", "\"a #text\"", "'a ''text''\n@goes on'", "a#b\n@   c\n@d"];

struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

struct Writer {
    chance: Chance,
    text: String,
    comments: usize,
    anchors: usize,
}

impl Writer {
    fn blanks(&mut self) -> String {
        " ".repeat(if self.chance.one_in(3) { self.chance.below(3) } else { 0 })
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("#{}c{}.", self.blanks(), self.comments)
    }

    /// Ends a line, maybe with a comment; blank lines and comments may follow.
    fn end(&mut self) {
        if self.chance.one_in(5) {
            let blanks = " ".repeat(1 + self.chance.below(4));
            let comment = self.comment();
            self.put(&format!("{blanks}{comment}"));
        }
        let blanks = self.blanks();
        self.put(&blanks);
        self.text.push('\n');
        self.between();
    }

    fn between(&mut self) {
        while self.chance.one_in(5) {
            let indent = " ".repeat(self.chance.below(9));
            let comment = if self.chance.one_in(2) { self.comment() } else { String::new() };
            self.text += &format!("{indent}{comment}\n");
        }
    }

    fn put(&mut self, text: &str) {
        self.text += text;
    }

    /// A key at `column`, which the line has reached.
    fn key(&mut self, key: &str) {
        let blanks = self.blanks();
        self.put(&format!("{key}{blanks}:"));
    }

    fn scalar(&mut self, of: &[&str], column: usize) {
        let text = of[self.chance.below(of.len())];
        self.anchors += 1;
        let deeper = " ".repeat(column + 1 + self.chance.below(5));
        let text = text.replace("&@", &format!("&a{}", self.anchors)).replace('@', &deeper);
        let blanks = self.blanks();
        self.put(&format!(" {blanks}{text}"));
    }

    /// A block scalar, or another one, below a key at `column`.
    fn script(&mut self, column: usize) {
        if self.chance.one_in(2) {
            self.scalar(&SCRIPTS, column);
            return self.end();
        }
        let style = ["|", ">", "|-", ">-", "|+"][self.chance.below(5)];
        let step = 1 + self.chance.below(5);
        let first_deeper = self.chance.one_in(3);
        let digit = if first_deeper { step.to_string() } else { String::new() };
        self.put(&format!(" {style}{digit}"));
        if self.chance.one_in(5) {
            let comment = self.comment();
            self.put(&format!("  {comment}"));
        }
        let indent = " ".repeat(column + step);
        self.put(&format!("\n{indent}{}x = 1;\n", if first_deeper { "  " } else { "" }));
        for _ in 0..self.chance.below(3) {
            let line = ["", "   ", "y  ", "  # z", "\tw", "`a: {"][self.chance.below(6)];
            let line = if line.trim().is_empty() { line.to_owned() } else { format!("{indent}{line}") };
            self.put(&format!("{line}\n"));
        }
        if style == "|+" {
            return;
        }
        // A comment as deep as the text would be a part of it.
        let comment = if self.chance.one_in(3) { self.comment() } else { String::new() };
        let indent = " ".repeat(column);
        self.put(&format!("{indent}{comment}\n"));
    }

    /// A gap between the parts of a list or map in brackets below `column`.
    fn gap(&mut self, column: usize, is_needed: bool) {
        if self.chance.one_in(6) {
            self.put(" ");
            self.end();
            let indent = " ".repeat(column + 1 + self.chance.below(6));
            return self.put(&indent);
        }
        let blanks = self.blanks();
        self.put(if is_needed && blanks.is_empty() { " " } else { &blanks });
    }

    fn in_braces(&mut self, column: usize, entries: &[(&str, &[&str])]) {
        self.put("{");
        for (number, (key, of)) in entries.iter().enumerate() {
            if number > 0 {
                self.put(",");
            }
            self.gap(column, false);
            self.put(&format!("{key}:"));
            self.scalar(of, column + 4);
            self.gap(column, false);
        }
        self.put("}");
    }

    fn branches(&mut self, column: usize) {
        self.end();
        let column = column + self.chance.below(4);
        for _ in 0..=self.chance.below(3) {
            let wide = 1 + self.chance.below(3);
            self.put(&format!("{}-{}", " ".repeat(column), " ".repeat(wide)));
            if self.chance.one_in(3) {
                self.in_braces(column, &[("if", &SCRIPTS[..7]), ("go_to", &["s1"])]);
                self.end();
                continue;
            }
            let inner = column + 1 + wide;
            self.key("if");
            self.scalar(&SCRIPTS, inner);
            self.end();
            self.put(&" ".repeat(inner));
            self.key("go_to");
            self.put(" s1");
            self.end();
        }
    }

    fn state(&mut self, column: usize) {
        let indent = " ".repeat(column);
        match self.chance.below(5) {
            0 => {
                self.key("action");
                self.script(column);
                self.put(&indent);
                self.key("go_to");
                self.put(" s2");
                self.end();
            }
            1 => {
                self.key("decision");
                self.branches(column);
            }
            2 => {
                self.key("wait_until");
                self.branches(column);
            }
            3 => {
                self.key("description");
                self.scalar(&TEXTS, column);
                self.end();
                self.put(&indent);
                self.key("result");
                self.script(column);
            }
            _ => {
                self.key("start");
                self.put(" b");
                self.end();
                self.put(&format!("{indent}with: "));
                self.in_braces(column, &[("a", &SCRIPTS[..7]), ("b", &SCRIPTS[..9])]);
                self.end();
                self.put(&indent);
                self.key("go_to");
                self.put(" s1");
                self.end();
            }
        }
    }

    fn flow(&mut self) {
        self.between();
        self.key("flow");
        self.put(" a");
        self.end();
        if self.chance.one_in(2) {
            self.key("description");
            self.scalar(&TEXTS, 0);
            self.end();
        }
        self.key("states");
        self.end();
        let column = 1 + self.chance.below(4);
        for number in 0..=self.chance.below(3) {
            self.put(&" ".repeat(column));
            self.key(&format!("s{number}"));
            if self.chance.one_in(4) {
                self.put(" ");
                self.in_braces(column, &[("failure", &SCRIPTS[..9]), ("label", &TEXTS[..2])]);
                self.end();
                continue;
            }
            self.end();
            let column = column + 1 + self.chance.below(4);
            self.put(&" ".repeat(column));
            self.state(column);
        }
    }
}

fn text(seed: u64) -> String {
    let chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut writer = Writer { chance, text: String::new(), comments: 0, anchors: 0 };
    writer.flow();
    if writer.chance.one_in(6) {
        writer.put("---\n");
        writer.flow();
    }
    if writer.chance.one_in(4) { writer.text.replace('\n', "\r\n") } else { writer.text }
}

/// The comments that were made, in the order of the text.
fn comments(text: &str) -> Vec<&str> {
    text.split('#')
        .skip(1)
        .filter_map(|part| Some(part.split_once('.')?.0.trim()))
        .filter(|c| c.starts_with('c'))
        .collect()
}

#[test]
fn flows_made_by_chance_say_the_same_in_their_layout() {
    let mut good = 0;
    for seed in 0..FLOWS {
        let text = text(seed);
        let Ok(new) = laid_out(&source(&text)) else { continue };
        let new = new.unwrap_or_else(|| panic!("given up:\n{text}"));
        good += 1;
        assert_eq!(comments(&new), comments(&text), "{text}");
        assert!(tree::read(&source(&new)).unquoted.is_empty(), "{text}\nbecame\n{new}");
        // The layout has compared what YAML makes of both. That the flow is the same follows; this shows it.
        if seed % 10 == 0 {
            assert_eq!(hold(&text), new);
        }
    }
    assert!(good > FLOWS * 9 / 10, "only {good} were good");
}
