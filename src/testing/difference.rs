//! Expected and got, as people read what differs.

use crate::value::Value;

/// Characters up to which a value stands on one line.
const MAX_LINE: usize = 60;
/// Characters of a value that stands among others.
const MAX_BRIEF: usize = 200;
/// Lines of either side that are compared; longer ones are shown one after the other.
const MAX_LINES: usize = 200;

/// A line of a difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line<'a> {
    /// It was expected, and is not there.
    Expected(&'a str),
    /// It is there, and was not expected.
    Got(&'a str),
    /// Both have it.
    Both(&'a str),
}

/// The lines of `expected` and `got`, those that both have once.
pub(super) fn lines<'a>(expected: &'a str, got: &'a str) -> Vec<Line<'a>> {
    let (left, right): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), got.lines().collect());
    if left.len() > MAX_LINES || right.len() > MAX_LINES {
        return left.into_iter().map(Line::Expected).chain(right.into_iter().map(Line::Got)).collect();
    }
    // The length of the longest common part of what is left of both, from each pair of lines on.
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
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (left.get(i), right.get(j)) {
            (Some(l), Some(r)) if l == r => {
                lines.push(Line::Both(l));
                (i, j) = (i + 1, j + 1);
            }
            (Some(l), r) if r.is_none() || at(&longest, i + 1, j) >= at(&longest, i, j + 1) => {
                lines.push(Line::Expected(l));
                i += 1;
            }
            (_, Some(r)) => {
                lines.push(Line::Got(r));
                j += 1;
            }
            _ => return lines,
        }
    }
}

/// A value as it is shown: on one line, if it is short.
pub(super) fn shown(value: &Value) -> String {
    let mut line = String::new();
    write(&mut line, value, None);
    if line.chars().count() <= MAX_LINE {
        return line;
    }
    let mut lines = String::new();
    write(&mut lines, value, Some(0));
    lines
}

/// What was expected and what is there, laid out alike. A text that was to be a date or a number has no quotes.
pub(super) fn both(expected: &Value, got: &Value) -> (String, String) {
    let is_read = matches!(got, Value::Decimal(_) | Value::Date(_) | Value::DateTime(_) | Value::Duration(_));
    if let Value::Text(text) = expected
        && is_read
    {
        return (text.to_string(), shown(got));
    }
    let (left, right) = (shown(expected), shown(got));
    if !left.contains('\n') && !right.contains('\n') {
        return (left, right);
    }
    let long = |value: &Value| {
        let mut text = String::new();
        write(&mut text, value, Some(0));
        text
    };
    (long(expected), long(got))
}

/// A value on one line, cut where it is long.
pub(super) fn brief(value: &Value) -> String {
    let mut line = String::new();
    write(&mut line, value, None);
    let cut = line.chars().count() > MAX_BRIEF;
    line.chars().take(MAX_BRIEF).chain(cut.then_some('…')).collect()
}

fn write(text: &mut String, value: &Value, indent: Option<usize>) {
    let inner = indent.map(|indent| indent + 2);
    let line = |text: &mut String, indent: Option<usize>| {
        if let Some(indent) = indent {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
        }
    };
    match value {
        Value::Unit => text.push_str("no value"),
        Value::Text(words) => text.push_str(&serde_json::to_string(words).unwrap_or_default()),
        Value::List(items) if items.is_empty() => text.push_str("[]"),
        Value::List(items) => {
            text.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    text.push_str(if indent.is_some() { "," } else { ", " });
                }
                line(text, inner);
                write(text, item, inner);
            }
            line(text, indent);
            text.push(']');
        }
        Value::Map(map) if map.is_empty() => text.push_str("{}"),
        Value::Map(map) => {
            text.push_str(if indent.is_some() { "{" } else { "{ " });
            for (number, (name, part)) in map.iter().enumerate() {
                if number > 0 {
                    text.push_str(if indent.is_some() { "," } else { ", " });
                }
                line(text, inner);
                text.push_str(name);
                text.push_str(": ");
                write(text, part, inner);
            }
            line(text, indent);
            text.push_str(if indent.is_some() { "}" } else { " }" });
        }
        other => text.push_str(&other.to_text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_both_have_are_shown_once() {
        let found = lines("a\nb\nc\nd", "a\nc\nx\nd");
        let wanted = [Line::Both("a"), Line::Expected("b"), Line::Both("c"), Line::Got("x"), Line::Both("d")];
        assert_eq!(found, wanted);
        assert_eq!(lines("", "a"), [Line::Got("a")]);
        assert_eq!(lines("a", ""), [Line::Expected("a")]);
    }

    #[test]
    fn short_values_stand_on_one_line() {
        let value = Value::map([("b", Value::from([1, 2])), ("a", Value::text("x"))]);
        assert_eq!(shown(&value), "{ a: \"x\", b: [1, 2] }");
        let long = Value::from(vec!["a text of some length"; 4]);
        assert_eq!(shown(&long).lines().count(), 6);
    }
}
