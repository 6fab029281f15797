//! A unified diff of texts that differ only in white space.

use std::fmt::Write as _;

use super::screen::{BAD, FAINT, GOOD, plain};

/// Lines that are shown before and after a change.
const CONTEXT: usize = 3;

/// A line of either text, or of both.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change<'t> {
    Same(&'t str),
    Gone(&'t str),
    New(&'t str),
}

/// The diff from `old` to `new`. Lines that are not blank must be the same in both, in the same order.
pub(super) fn unified(file: &str, old: &str, new: &str) -> String {
    let changes = changes(old, new);
    let file = plain(file);
    let mut text = format!("{FAINT}--- {file}{FAINT:#}\n{FAINT}+++ {file}{FAINT:#}\n");
    let mut start = 0;
    while let Some(first) = changes.iter().skip(start).position(is_change) {
        let from = (start + first).saturating_sub(CONTEXT).max(start);
        let end = end_of_hunk(&changes, start + first);
        let (before, hunk) = (changes.get(..from).unwrap_or_default(), changes.get(from..end).unwrap_or_default());
        write_hunk(&mut text, before, hunk);
        start = end;
    }
    text
}

const fn is_change(change: &Change<'_>) -> bool {
    !matches!(change, Change::Same(_))
}

/// The end of the hunk: after the changes from `first` on that are close together, and the lines after them.
fn end_of_hunk(changes: &[Change<'_>], first: usize) -> usize {
    let mut end = first;
    for (at, _) in changes.iter().enumerate().skip(first).filter(|(_, change)| is_change(change)) {
        if at > end + 2 * CONTEXT {
            break;
        }
        end = at + 1;
    }
    (end + CONTEXT).min(changes.len())
}

fn write_hunk(text: &mut String, before: &[Change<'_>], hunk: &[Change<'_>]) {
    let place = |is_old: bool| {
        let is_there =
            |change: &&Change<'_>| !matches!((change, is_old), (Change::New(_), true) | (Change::Gone(_), false));
        let lines = |changes: &[Change<'_>]| changes.iter().filter(is_there).count();
        let start = lines(before) + usize::from(lines(hunk) > 0);
        format!("{start},{}", lines(hunk))
    };
    let _ = writeln!(text, "{FAINT}@@ -{} +{} @@{FAINT:#}", place(true), place(false));
    for change in hunk {
        let line = |line: &str| plain(line.strip_suffix('\n').unwrap_or(line));
        let _ = match change {
            Change::Same(same) => writeln!(text, " {}", line(same)),
            Change::Gone(gone) => writeln!(text, "{BAD}-{}{BAD:#}", line(gone)),
            Change::New(new) => writeln!(text, "{GOOD}+{}{GOOD:#}", line(new)),
        };
        let (Change::Same(line) | Change::Gone(line) | Change::New(line)) = change;
        if !line.ends_with('\n') {
            text.push_str("\\ No newline at end of file\n");
        }
    }
}

/// The lines of `old` and `new` aligned: lines with content are paired, blank ones are added or removed.
fn changes<'t>(old: &'t str, new: &'t str) -> Vec<Change<'t>> {
    let (mut old, mut new) = (old.split_inclusive('\n').peekable(), new.split_inclusive('\n').peekable());
    let is_blank = |line: &str| line.trim().is_empty();
    let mut changes = Vec::new();
    // Added lines come after the removed lines that they replace.
    let mut waiting = Vec::new();
    loop {
        let (gone, come) = match (old.peek().copied(), new.peek().copied()) {
            (None, None) => break,
            (Some(line), Some(other)) if line == other => {
                changes.append(&mut waiting);
                changes.push(Change::Same(line));
                old.next();
                new.next();
                continue;
            }
            (Some(line), Some(other)) if is_blank(line) && !is_blank(other) => (true, false),
            (Some(line), Some(other)) if is_blank(other) && !is_blank(line) => (false, true),
            (line, other) => (line.is_some(), other.is_some()),
        };
        if gone {
            changes.extend(old.next().map(Change::Gone));
        }
        if come {
            waiting.extend(new.next().map(Change::New));
        }
    }
    changes.append(&mut waiting);
    changes
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn changes_are_shown_with_what_is_around_them() {
        let old = "a\n\n\nb:  1\nc\nd\ne\nf\ng\nh\ni\n  j";
        let new = "a\n\nb: 1\nc\nd\ne\nf\ng\nh\ni\nj\n";
        let shown = anstream::adapter::strip_str(&unified("x.yml", old, new)).to_string();
        let expected = "--- x.yml\n+++ x.yml\n@@ -1,7 +1,6 @@\n a\n \n-\n-b:  1\n+b: 1\n c\n d\n e\n\
                        @@ -9,4 +8,4 @@\n g\n h\n i\n-  j\n\\ No newline at end of file\n+j\n";
        assert_eq!(shown, expected);
        assert_eq!(
            anstream::adapter::strip_str(&unified("x", "\n", "")).to_string(),
            "--- x\n+++ x\n@@ -1,1 +0,0 @@\n-\n"
        );
    }
}
