//! Looks ahead, line by line, for traps like one just found, so that a file with many of them need not be reread for
//! each. The results are guesses. A guess that turns out not to be at a script is taken back.

use super::extent::flow_keys;
use super::trap::{Place, SCRIPTS};

/// The values after what look like keys of scripts, in the lines of `text` from `from` on. Block scalars and the
/// further lines of bracketed text are left out: their lines do not show where a value ends.
pub(super) fn places(text: &str, from: usize) -> impl Iterator<Item = Place<'_>> {
    let mut at = from;
    let mut block = None;
    text.get(from..).unwrap_or_default().split_inclusive('\n').flat_map(move |line| {
        let start = at;
        at += line.len();
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        if content.trim().is_empty() || content.starts_with('#') || block.is_some_and(|column| indent > column) {
            return Vec::new();
        }
        block = None;
        let entry = without_dashes(content);
        let column = line.len() - entry.len();
        if leaves_brackets_open(entry) {
            block = Some(indent);
        }
        if opens_block_scalar(entry) {
            block = Some(column);
            return Vec::new();
        }
        in_line(text, start, column, entry)
    })
}

/// The places in a line whose entry begins at `column`.
fn in_line<'t>(text: &'t str, start: usize, column: usize, entry: &str) -> Vec<Place<'t>> {
    let mut places = Vec::new();
    let at = start + column;
    let mut add = |key: (usize, usize), in_flow: bool| {
        let name = entry.get(key.0..key.1).unwrap_or_default();
        if is_script(name) {
            let column = if in_flow { 0 } else { column };
            places.push(Place { text, key_end: at + key.1, column, in_flow, list_allowed: name == "decision" });
        }
    };
    if let Some((key, _)) = entry.split_once(": ") {
        add((0, key.len()), false);
    }
    if let Some(brace) = entry.find('{') {
        flow_keys(entry).filter(|key| key.start > brace).for_each(|key| add((key.start, key.end), true));
    }
    places
}

/// The text after the dashes of list items.
fn without_dashes(content: &str) -> &str {
    let mut entry = content;
    while let Some(rest) = entry.strip_prefix("- ") {
        entry = rest.trim_start_matches(' ');
    }
    entry
}

fn is_script(name: &str) -> bool {
    SCRIPTS.iter().any(|(path, _)| path.last() == Some(&name))
}

/// Whether the lines below may be inside brackets that are opened on this one.
fn leaves_brackets_open(entry: &str) -> bool {
    let entry = entry.split(" #").next().unwrap_or_default().trim_end();
    let count = |brackets: [char; 2]| entry.matches(brackets).count();
    entry.ends_with(['{', '[', ',']) || count(['{', '[']) > count(['}', ']'])
}

/// Whether the lines below belong to a block scalar.
fn opens_block_scalar(entry: &str) -> bool {
    let entry = entry.split(" #").next().unwrap_or_default().trim_end();
    let header = entry.rsplit(' ').next().unwrap_or_default();
    header.starts_with(['|', '>']) && header.chars().skip(1).all(|c| matches!(c, '+' | '-' | '0'..='9'))
}
