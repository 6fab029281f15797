//! The difference between what was expected and what was found, line by line. Common lines appear once, and most are
//! left out.

use std::borrow::Cow;

/// Lines of either side that are compared, after removing a common beginning and end. Beyond that, both sides are shown
/// one after the other.
const MAX_LINES: usize = 1000;
/// Common lines around a difference that are shown.
const MAX_AROUND: usize = 3;
/// Lines that only one side has, and that are shown of each side.
const MAX_DIFFERENT: usize = 30;

/// A line of a difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiffLine<'a> {
    /// It was expected, and is missing.
    Expected(&'a str),
    /// It was found, and not expected.
    Got(&'a str),
    /// Both have it.
    Both(&'a str),
    /// This many common lines are left out.
    Alike(usize),
    /// This many more differing lines are left out.
    More(usize),
}

impl<'a> DiffLine<'a> {
    /// `-`, `+` or a blank, and the text after it.
    pub fn parts(self) -> (char, Cow<'a, str>) {
        match self {
            Self::Expected(text) => ('-', text.into()),
            Self::Got(text) => ('+', text.into()),
            Self::Both(text) => (' ', text.into()),
            Self::Alike(count) => (' ', format!("… {count} lines alike").into()),
            Self::More(count) => (' ', format!("… {count} more lines differ (MAX_DIFFERENT)").into()),
        }
    }
}

/// The lines of `expected` and `got`, common ones once.
pub(super) fn lines<'a>(expected: &'a str, got: &'a str) -> Vec<DiffLine<'a>> {
    let (left, right): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), got.lines().collect());
    let before = left.iter().zip(&right).take_while(|(l, r)| l == r).count();
    let rest = left.len().min(right.len()) - before;
    let after = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(l, r)| l == r).count();
    let middle = |side: &[&'a str]| -> Vec<&'a str> {
        side.iter().skip(before).take(side.len() - before - after).copied().collect()
    };
    let mut all: Vec<DiffLine<'a>> = left.iter().take(before).map(|line| DiffLine::Both(line)).collect();
    compared(&middle(&left), &middle(&right), &mut all);
    all.extend(left.iter().skip(left.len() - after).map(|line| DiffLine::Both(line)));
    shortened(&all)
}

/// Adds the lines of both sides, common ones once.
fn compared<'a>(left: &[&'a str], right: &[&'a str], lines: &mut Vec<DiffLine<'a>>) {
    if left.len() > MAX_LINES || right.len() > MAX_LINES {
        lines.extend(left.iter().map(|line| DiffLine::Expected(line)));
        lines.extend(right.iter().map(|line| DiffLine::Got(line)));
        return;
    }
    // The length of the longest common part of the rest, for each pair of lines.
    let mut longest = vec![vec![0_usize; right.len() + 1]; left.len() + 1];
    let at =
        |longest: &Vec<Vec<usize>>, i: usize, j: usize| longest.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    for (i, l) in left.iter().enumerate().rev() {
        for (j, r) in right.iter().enumerate().rev() {
            let best = if l == r {
                at(&longest, i + 1, j + 1) + 1
            } else {
                at(&longest, i + 1, j).max(at(&longest, i, j + 1))
            };
            if let Some(cell) = longest.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    loop {
        match (left.get(i), right.get(j)) {
            (Some(l), Some(r)) if l == r => {
                lines.push(DiffLine::Both(l));
                (i, j) = (i + 1, j + 1);
            }
            (Some(l), r) if r.is_none() || at(&longest, i + 1, j) >= at(&longest, i, j + 1) => {
                lines.push(DiffLine::Expected(l));
                i += 1;
            }
            (_, Some(r)) => {
                lines.push(DiffLine::Got(r));
                j += 1;
            }
            _ => return,
        }
    }
}

/// Without most common lines, and without more than anybody would read.
fn shortened<'a>(all: &[DiffLine<'a>]) -> Vec<DiffLine<'a>> {
    let (mut lines, mut expected, mut got, mut more) = (Vec::new(), 0, 0, 0);
    for run in all.chunk_by(|a, b| is_both(*a) == is_both(*b)) {
        if !run.first().copied().is_some_and(is_both) {
            for line in run {
                let count = if matches!(line, DiffLine::Expected(_)) { &mut expected } else { &mut got };
                *count += 1;
                if *count <= MAX_DIFFERENT {
                    lines.push(*line);
                } else {
                    more += 1;
                }
            }
            continue;
        }
        if more > 0 {
            continue;
        }
        let left_out = run.len().saturating_sub(2 * MAX_AROUND);
        // A few lines are as quick to read as a note that they are left out.
        if left_out <= MAX_AROUND {
            lines.extend(run);
            continue;
        }
        lines.extend(run.iter().take(MAX_AROUND));
        lines.push(DiffLine::Alike(left_out));
        lines.extend(run.iter().skip(run.len() - MAX_AROUND));
    }
    if more > 0 {
        lines.push(DiffLine::More(more));
    }
    lines
}

const fn is_both(line: DiffLine<'_>) -> bool {
    matches!(line, DiffLine::Both(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_both_have_are_shown_once() {
        let found = lines("a\nb\nc\nd", "a\nc\nx\nd");
        let wanted = [
            DiffLine::Both("a"),
            DiffLine::Expected("b"),
            DiffLine::Both("c"),
            DiffLine::Got("x"),
            DiffLine::Both("d"),
        ];
        assert_eq!(found, wanted);
        assert_eq!(lines("", "a"), [DiffLine::Got("a")]);
        assert_eq!(lines("a", ""), [DiffLine::Expected("a")]);
        assert_eq!(lines("a\na", "a"), [DiffLine::Both("a"), DiffLine::Expected("a")]);
        assert_eq!(lines("a", "a\na"), [DiffLine::Both("a"), DiffLine::Got("a")]);
    }

    #[test]
    fn of_many_lines_those_are_shown_that_stand_around_a_difference() {
        let many = |other: usize| (0..1000).map(|n| if n == 500 { other } else { n }.to_string()).collect::<Vec<_>>();
        let (left, right) = (many(1).join("\n"), many(2).join("\n"));
        let found: Vec<String> = lines(&left, &right).iter().map(|line| line.parts().1.into_owned()).collect();
        let wanted = ["0", "1", "2", "… 494 lines alike", "497", "498", "499", "1", "2", "501", "502", "503"];
        assert_eq!(found.get(..12).unwrap(), wanted);
        assert_eq!(found.get(12..).unwrap(), ["… 493 lines alike", "997", "998", "999"]);
    }

    #[test]
    fn what_differs_without_end_is_cut() {
        let (left, right) = ("a\n".repeat(5000), "b\n".repeat(5000));
        let found = lines(&left, &right);
        let count = |line: DiffLine<'_>| found.iter().filter(|found| **found == line).count();
        assert_eq!((count(DiffLine::Expected("a")), count(DiffLine::Got("b")), found.len()), (30, 30, 61));
        assert_eq!(found.last().unwrap().parts(), (' ', "… 9940 more lines differ (MAX_DIFFERENT)".into()));
    }
}
