//! Values for people, alone or side by side.

use crate::mask::masked;
use crate::value::{Map, Value};

use super::compare::same;

/// Characters up to which a value stands on one line.
const MAX_LINE: usize = 60;
/// Characters of a value that is shown among others.
const MAX_BRIEF: usize = 200;
/// Characters of a text that are shown, or of each of its lines.
const MAX_TEXT: usize = 300;
/// Characters of a long text that are shown before and after a difference.
const MAX_BESIDE: usize = 40;

/// A value as shown: on one line if it is short.
pub(super) fn shown(value: &Value) -> String {
    let mut line = String::new();
    write(&mut line, value, None);
    if line.chars().count() <= MAX_LINE {
        return line;
    }
    laid_out(value)
}

/// What was expected and what was found, in the same layout. A text that stands for a date or a number has no quotes,
/// and values that differ only in spelling are shown alike.
pub(super) fn both(expected: &Value, got: &Value) -> (String, String) {
    let is_read = matches!(got, Value::Decimal(_) | Value::Date(_) | Value::DateTime(_) | Value::Duration(_));
    if let Value::Text(text) = expected
        && is_read
    {
        return (text.to_string(), shown(got));
    }
    let (expected, got) = aligned(expected, got);
    let (left, right) = (shown(&expected), shown(&got));
    let has_lines = |value: &Value| value.as_str().is_some_and(|text| text.trim_end_matches('\n').contains('\n'));
    if !left.contains('\n') && !right.contains('\n') && !has_lines(&expected) && !has_lines(&got) {
        return (left, right);
    }
    (laid_out(&expected), laid_out(&got))
}

/// A value on one line, shortened if it is long.
pub(super) fn brief(value: &Value) -> String {
    let mut line = String::new();
    write(&mut line, value, None);
    cut(&line, MAX_BRIEF)
}

fn laid_out(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, Some(0));
    text
}

/// Both values, with equal parts written alike, and long texts reduced to the part that differs.
fn aligned(expected: &Value, got: &Value) -> (Value, Value) {
    if same(expected, got) && !matches!(got, Value::Map(_)) {
        return (got.clone(), got.clone());
    }
    match (expected, got) {
        (Value::Text(expected), Value::Text(got)) => {
            let (expected, got) = around(expected, got);
            (Value::text(expected), Value::text(got))
        }
        (Value::List(expected), Value::List(got)) if expected.len() == got.len() => {
            let (left, right) = expected.iter().zip(got.iter()).map(|(e, g)| aligned(e, g)).unzip();
            (Value::list(left), Value::list(right))
        }
        (Value::Map(expected), Value::Map(got)) => {
            let (mut left, mut right) = (Map::clone(expected), Map::clone(got));
            for (name, value) in expected.iter() {
                let Some(other) = got.get(name) else { continue };
                let (value, other) = aligned(value, other);
                left.insert(name.clone(), value);
                right.insert(name.clone(), other);
            }
            (Value::map(left), Value::map(right))
        }
        _ => (expected.clone(), got.clone()),
    }
}

/// Two texts; if one is long and has no lines, the part in which they differ.
fn around(expected: &str, got: &str) -> (String, String) {
    // A part of a secret would not be recognised.
    let (expected, got) = (&*masked(expected), &*masked(got));
    let is_short = |text: &str| text.chars().count() <= MAX_TEXT || text.contains('\n');
    if is_short(expected) && is_short(got) {
        return (expected.to_owned(), got.to_owned());
    }
    let before = expected.chars().zip(got.chars()).take_while(|(e, g)| e == g).count();
    let rest = expected.chars().count().min(got.chars().count()) - before;
    let after = expected.chars().rev().zip(got.chars().rev()).take(rest).take_while(|(e, g)| e == g).count();
    let part = |text: &str| {
        let (length, from) = (text.chars().count(), before.saturating_sub(MAX_BESIDE));
        let to = (length - after + MAX_BESIDE).min(length).min(from + MAX_TEXT - 2);
        let (left, right) = (if from > 0 { "…" } else { "" }, if to < length { "…" } else { "" });
        format!("{left}{}{right}", text.chars().skip(from).take(to - from).collect::<String>())
    };
    (part(expected), part(got))
}

fn cut(text: &str, most: usize) -> String {
    let text = &*masked(text);
    let is_cut = text.chars().nth(most).is_some();
    text.chars().take(most).chain(is_cut.then_some('…')).collect()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(&cut(text, MAX_TEXT)).unwrap_or_default()
}

/// Appends a value to `text`: on one line, or on several, indented by `indent`.
fn write(text: &mut String, value: &Value, indent: Option<usize>) {
    match value {
        Value::Unit => text.push_str("no value"),
        Value::Text(words) => write_text(text, words, indent),
        Value::List(items) if items.is_empty() => text.push_str("[]"),
        Value::List(items) => {
            text.push('[');
            let inner = indent.map(|indent| indent + 2);
            for (number, item) in items.iter().enumerate() {
                between(text, number, inner);
                write(text, item, inner);
                text.push_str(if inner.is_some() { "," } else { "" });
            }
            line(text, indent);
            text.push(']');
        }
        Value::Map(map) if map.is_empty() => text.push_str("{}"),
        Value::Map(map) => {
            text.push_str(if indent.is_some() { "{" } else { "{ " });
            let inner = indent.map(|indent| indent + 2);
            for (number, (name, part)) in map.iter().enumerate() {
                between(text, number, inner);
                text.push_str(name);
                text.push_str(": ");
                write(text, part, inner);
                text.push_str(if inner.is_some() { "," } else { "" });
            }
            line(text, indent);
            text.push_str(if indent.is_some() { "}" } else { " }" });
        }
        other => text.push_str(&masked(&other.to_text())),
    }
}

/// A text in quotes; if there is room, each of its lines in its own quotes.
fn write_text(text: &mut String, words: &str, indent: Option<usize>) {
    let words = &*masked(words);
    let mut lines = words.split_inclusive('\n');
    match (indent, lines.next()) {
        (Some(indent), Some(first)) => {
            text.push_str(&quoted(first));
            for next in lines {
                line(text, Some(indent));
                text.push_str(&quoted(next));
            }
        }
        _ => text.push_str(&quoted(words)),
    }
}

/// Begins an item. On lines of their own, all items end with a comma, so that the last one is not special.
fn between(text: &mut String, number: usize, indent: Option<usize>) {
    match indent {
        Some(_) => line(text, indent),
        None if number > 0 => text.push_str(", "),
        None => {}
    }
}

/// Begins a line, if there are lines.
fn line(text: &mut String, indent: Option<usize>) {
    if let Some(indent) = indent {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_stand_on_one_line() {
        let value = Value::map([("b", Value::from([1, 2])), ("a", Value::text("x"))]);
        assert_eq!(shown(&value), "{ a: \"x\", b: [1, 2] }");
        let long = Value::from(vec!["a text of some length"; 4]);
        assert_eq!(shown(&long).lines().count(), 6);
    }

    #[test]
    fn what_is_the_same_is_written_in_the_same_way() {
        let price = |text: &str| Value::Decimal(text.parse().unwrap());
        let expected = Value::map([("a", Value::Float(9.5)), ("b", Value::Integer(1)), ("c", Value::Float(0.5))]);
        let got = Value::map([("a", price("9.50")), ("b", Value::Integer(2)), ("c", Value::text("0.50"))]);
        let wanted = ("{ a: 9.50, b: 1, c: 0.5 }".to_owned(), "{ a: 9.50, b: 2, c: \"0.50\" }".to_owned());
        assert_eq!(both(&expected, &got), wanted);
    }

    #[test]
    fn of_a_long_text_the_part_is_shown_that_differs() {
        let text = |middle: &str| Value::text(format!("{}{middle}{}", "a".repeat(1000), "b".repeat(1000)));
        let (expected, got) = both(&text("ä"), &text("öö"));
        let wanted = |middle: &str| format!("\"…{}{middle}{}…\"", "a".repeat(MAX_BESIDE), "b".repeat(MAX_BESIDE));
        assert_eq!((expected, got), (wanted("ä"), wanted("öö")));
        let (expected, got) = both(&Value::text("x".repeat(9000)), &Value::text("y".repeat(9000)));
        assert!(expected.chars().count() < MAX_TEXT + 4 && got.chars().count() < MAX_TEXT + 4, "{expected} {got}");
        let (expected, got) = both(&text(""), &Value::text(""));
        assert!(expected.chars().count() < MAX_TEXT + 4 && got == "\"\"", "{expected} {got}");
    }

    #[test]
    fn each_line_of_a_text_stands_on_a_line() {
        let (expected, got) = both(&Value::text("one\ntwo\n"), &Value::text("one\ntoo"));
        assert_eq!((expected.as_str(), got.as_str()), ("\"one\\n\"\n\"two\\n\"", "\"one\\n\"\n\"too\""));
        assert_eq!(both(&Value::text("a\n"), &Value::text("a")), ("\"a\\n\"".to_owned(), "\"a\"".to_owned()));
    }
}
