//! `console` blocks: commands behind `$ `, each with what a terminal shows of it.
//!
//! In the output, ids, moments (`3m ago` too) and milliseconds match any other; `…` matches anything within a line, and
//! alone on a line any lines; runs of blanks match each other. Later commands may use an id of the output, whole or cut
//! short: the real one is put in its place.

use std::process::Stdio;

use regex_lite::{Captures, Regex};

use super::blocks::Block;
use crate::cli::Bench;

/// What may differ from run to run, each a group: ids, moments, milliseconds, anything, blanks.
const VARYING: &str = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{8}(?:-[0-9a-f]{4})*(?:…|\b))|(\bin \d+[a-z]+\b|\b\d+[a-z]+ ago\b|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)|(\b\d+ ms)|(…)|( {2,})";

/// A row of a history: its number, and when it was. The milliseconds in its columns vary.
const HISTORY_ROW: &str = r"^\d+ {2,}(?:\d{4}-\d\d-\d\dT|\d+s ago)";

/// An id in a command.
const ID: &str = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?\b";

/// A page's commands, in order.
#[derive(Default)]
pub struct Console {
    /// Ids as the page shows them, and as they are.
    ids: Vec<(String, String)>,
    /// How the last command ended.
    code: i32,
}

/// A command, and its output on the page.
struct Command {
    line: String,
    shown: Vec<String>,
}

fn commands(block: &Block) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut goes_on = false;
    for line in block.text.lines() {
        match (commands.last_mut(), line.strip_prefix("$ ")) {
            (Some(command), _) if goes_on => {
                command.line.push('\n');
                command.line.push_str(line);
            }
            (_, Some(line)) => commands.push(Command { line: line.to_owned(), shown: Vec::new() }),
            (Some(command), None) => command.shown.push(line.to_owned()),
            (None, None) => block.fail("it does not begin with a command behind `$ `"),
        }
        goes_on = line.ends_with('\\');
    }
    commands
}

impl Console {
    /// Runs a block's commands and compares what they show.
    pub fn run(&mut self, bench: &Bench, block: &Block) {
        for command in commands(block) {
            let line = self.with_ids(&command.line);
            let line = line.replace("cargo run --release -- ", "opsflow ");
            let shown = self.output(bench, &line);
            if let Err(pattern) = self.compare(&command.shown, &shown) {
                block.fail(format!("`{}` shows\n\n{shown}\nin place of what is written:\n\n{pattern}", command.line));
            }
        }
    }

    /// What a terminal shows of `line`: both streams, in order.
    fn output(&mut self, bench: &Bench, line: &str) -> String {
        let file = tempfile::tempfile().unwrap();
        let stream = || Stdio::from(file.try_clone().unwrap());
        let status = bench.shell(&format!("(exit {}); {line}", self.code)).stdout(stream()).stderr(stream()).status();
        self.code = status.unwrap().code().unwrap_or(-1);
        let mut text = String::new();
        let mut file = file;
        std::io::Seek::rewind(&mut file).unwrap();
        std::io::Read::read_to_string(&mut file, &mut text).unwrap();
        text
    }

    /// `line` with the ids there are in place of those the page shows.
    fn with_ids(&self, line: &str) -> String {
        let real = |found: &Captures<'_>| {
            let known = self.ids.iter().rev().find(|(written, _)| written.starts_with(&found[0]));
            known.map_or_else(|| found[0].to_owned(), |(_, real)| real.clone())
        };
        Regex::new(ID).unwrap().replace_all(line, real).into_owned()
    }

    /// Compares, and remembers ids. The error is what was expected.
    fn compare(&mut self, expected: &[String], shown: &str) -> Result<(), String> {
        let (varying, history_row) = (Regex::new(VARYING).unwrap(), Regex::new(HISTORY_ROW).unwrap());
        let column = Regex::new(r" \{2,\}\d+").unwrap();
        let (mut pattern, mut written) = (String::from("^"), Vec::new());
        for line in expected {
            if line.trim() == "…" {
                pattern.push_str(r"(?:.*\n)*?");
                continue;
            }
            let (mut end, start) = (0, pattern.len());
            for found in varying.captures_iter(line.trim_end()) {
                let whole = found.get(0).unwrap();
                pattern.push_str(&regex_lite::escape(&line[end..whole.start()]));
                end = whole.end();
                pattern.push_str(match (found.get(1), found.get(2), found.get(3), found.get(4)) {
                    (Some(id), ..) => {
                        written.push(id.as_str().trim_end_matches('…').to_owned());
                        "([0-9a-f]{8}[0-9a-f-]*)…?"
                    }
                    (_, Some(at), ..) if at.as_str().ends_with('Z') => r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                    (_, Some(_), ..) => r"(?:in \d+[a-z]+|\d+[a-z]+ ago|now)",
                    (_, _, Some(_), _) => r"\d+ ms",
                    (_, _, _, Some(_)) => ".*?",
                    _ => " {2,}",
                });
            }
            pattern.push_str(&regex_lite::escape(&line.trim_end()[end..]));
            if history_row.is_match(line) {
                let row = column.replace_all(&pattern[start..], r" {2,}\d+").into_owned();
                pattern.truncate(start);
                pattern.push_str(&row);
            }
            pattern.push_str(r" *\n");
        }
        pattern.push('$');
        let found = Regex::new(&pattern).unwrap();
        let found = found.captures(shown).ok_or_else(|| expected.join("\n"))?;
        for (written, real) in written.into_iter().zip(found.iter().skip(1).flatten()) {
            self.ids.push((written, real.as_str().to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Console;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn only_what_varies_may_differ() {
        let mut console = Console::default();
        let real = "0198c2f4-77aa-7bcd-8123-456789abcdef";
        let shown = format!("id   {real}\na → b  (action, 12 ms)\nx\ny\nend\n");
        let good = "id  aaaaaaaa-77aa-7bcd-8123-456789abcde0\na → b  (action, 0 ms)\n…\nend";
        assert_eq!(console.compare(&lines(good), &shown), Ok(()));
        assert_eq!(console.with_ids("opsflow show aaaaaaaa x"), format!("opsflow show {real} x"));
        assert_eq!(console.with_ids("opsflow show bbbbbbbb"), "opsflow show bbbbbbbb");
        let row = |ms: u32, to: &str| format!("1    2026-11-21T09:00:00.000Z  a  {to}  action  {ms}");
        assert_eq!(console.compare(&lines(&row(0, "b")), &format!("{}\n", row(17, "b"))), Ok(()));
        assert!(console.compare(&lines(&row(0, "b")), &format!("{}\n", row(0, "c"))).is_err());
        for bad in ["…\nx", "id …\na → c …\n…", "id …\na → b (action, 1 ms)\n…", "…\nend\nmore", ""] {
            assert!(console.compare(&lines(bad), &shown).is_err(), "{bad}");
        }
    }
}
