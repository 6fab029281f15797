//! Fits styled lines into a number of columns. Styles are sequences that begin with ESC and end with a letter; they
//! have no width, and continue on the next line where one is wrapped.

use unicode_width::UnicodeWidthChar;

/// Ends every style.
const PLAIN: &str = "\u{1b}[0m";
/// The indentation of wrapped lines.
const INDENT: &str = "  ";
/// The least number of columns of a line, however narrow the terminal claims to be.
const MIN_COLUMNS: usize = 10;
/// Replaces a tab, whose width depends on its position.
const TAB: &str = "    ";

/// A part of a styled text.
enum Piece<'t> {
    Style(&'t str),
    Char(char),
}

/// `text`, line by line, each at most `columns` wide: excerpts of files are cut, everything else is wrapped.
pub(in crate::cli) fn lines(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(MIN_COLUMNS);
    let fitted = |line: &str| {
        let line = line.replace('\t', TAB);
        if is_excerpt(&line) { vec![cut(&line, columns)] } else { wrapped(&line, columns) }
    };
    text.lines().flat_map(fitted).collect()
}

/// `line`, cut if it is wider than `columns`.
pub(in crate::cli) fn cut(line: &str, columns: usize) -> String {
    if width(line) <= columns {
        return line.to_owned();
    }
    let (mut text, mut used, mut styled) = (String::new(), 0, false);
    for piece in pieces(line) {
        match piece {
            Piece::Style(style) => {
                text.push_str(style);
                styled = true;
            }
            Piece::Char(c) => {
                used += width_of(c);
                if used >= columns {
                    break;
                }
                text.push(c);
            }
        }
    }
    text.push('…');
    if styled {
        text.push_str(PLAIN);
    }
    text
}

/// The width of a styled text.
pub(in crate::cli) fn width(text: &str) -> usize {
    pieces(text).map(|piece| if let Piece::Char(c) = piece { width_of(c) } else { 0 }).sum()
}

/// `line` in as many lines as necessary, broken between words where possible.
fn wrapped(line: &str, columns: usize) -> Vec<String> {
    if width(line) <= columns {
        return vec![line.to_owned()];
    }
    let chars: Vec<char> =
        pieces(line).filter_map(|piece| if let Piece::Char(c) = piece { Some(c) } else { None }).collect();
    let mut breaks = breaks(&chars, columns).into_iter().peekable();
    let (mut all, mut text, mut style) = (Vec::new(), String::new(), String::new());
    let mut number = 0;
    for piece in pieces(line) {
        match piece {
            Piece::Style(PLAIN) => {
                style.clear();
                text.push_str(PLAIN);
            }
            Piece::Style(begun) => {
                style.push_str(begun);
                text.push_str(begun);
            }
            Piece::Char(c) => {
                let begins = breaks.next_if_eq(&number).is_some();
                if begins {
                    if !style.is_empty() {
                        text.push_str(PLAIN);
                    }
                    all.push(std::mem::replace(&mut text, format!("{INDENT}{style}")));
                }
                if !(begins && c == ' ') {
                    text.push(c);
                }
                number += 1;
            }
        }
    }
    all.push(text);
    all
}

/// The positions of line breaks; a space there is left out.
fn breaks(chars: &[char], columns: usize) -> Vec<usize> {
    let (mut breaks, mut used, mut last_space) = (Vec::new(), 0, None);
    for (number, c) in chars.iter().enumerate() {
        let width = width_of(*c);
        if used + width > columns {
            let at = if *c == ' ' { number } else { last_space.take().unwrap_or(number) };
            breaks.push(at);
            let moved = chars.get(at..number).unwrap_or_default();
            used = INDENT.len() + moved.iter().skip_while(|c| **c == ' ').map(|c| width_of(*c)).sum::<usize>();
            last_space = None;
            if *c == ' ' {
                continue;
            }
        }
        // Indentation stays together with the first word.
        if *c == ' ' && chars.get(..number).is_some_and(|before| before.iter().any(|c| *c != ' ')) {
            last_space = Some(number);
        }
        used += width;
    }
    breaks
}

/// Whether a line belongs to an excerpt: an optional number, and a bar.
fn is_excerpt(line: &str) -> bool {
    let mut chars = pieces(line).filter_map(|piece| if let Piece::Char(c) = piece { Some(c) } else { None });
    chars.find(|c| *c != ' ' && !c.is_ascii_digit()) == Some('|')
}

fn width_of(c: char) -> usize {
    c.width().unwrap_or_default()
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            '\u{1b}' => rest.find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1),
            _ => first.len_utf8(),
        };
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(if first == '\u{1b}' { Piece::Style(piece) } else { Piece::Char(first) })
    })
}

#[cfg(test)]
mod tests {
    use super::{cut, lines, width};

    const RED: &str = "\u{1b}[31m";
    const PLAIN: &str = "\u{1b}[0m";

    #[test]
    fn styles_have_no_width_and_wide_characters_have_two() {
        assert_eq!(width(&format!("{RED}ab{PLAIN}c")), 3);
        assert_eq!(width("日本"), 4);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn what_is_too_wide_is_cut() {
        for (line, columns, expected) in [
            ("short", 5, "short".to_owned()),
            ("longer", 5, "long…".to_owned()),
            ("日本語", 5, "日本…".to_owned()),
            (&*format!("{RED}longer{PLAIN}"), 5, format!("{RED}long…{PLAIN}")),
        ] {
            assert_eq!(cut(line, columns), expected, "{line}");
        }
    }

    #[test]
    fn words_are_wrapped_with_their_style_and_excerpts_are_cut() {
        for (text, columns, expected) in [
            ("a word and another", 10, vec!["a word and", "  another"]),
            ("abcdefghijklmnopq", 10, vec!["abcdefghij", "  klmnopq"]),
            ("  indentedword here", 10, vec!["  indented", "  word", "  here"]),
            ("12 | let x = 1 + 1", 10, vec!["12 | let …"]),
            ("   | ^^^^^^^^^^^", 10, vec!["   | ^^^^…"]),
            ("a\nb", 10, vec!["a", "b"]),
            ("a | b is no excerpt", 12, vec!["a | b is no", "  excerpt"]),
            ("\ttab", 10, vec!["    tab"]),
        ] {
            assert_eq!(lines(text, columns), expected, "{text}");
        }
        let styled = lines(&format!("{RED}a word and another{PLAIN} one"), 10);
        assert_eq!(styled, [format!("{RED}a word and{PLAIN}"), format!("  {RED}another{PLAIN}"), "  one".to_owned()]);
    }

    #[test]
    fn nothing_is_wider_than_it_may_be() {
        let text = format!(
            "{RED}日本語 words{PLAIN} of every kind, anditgoesonwithoutaspaceforverylong, {RED}and so{PLAIN} on"
        );
        for columns in 10..60 {
            for line in lines(&text, columns) {
                assert!(width(&line) <= columns, "{columns}: {line}");
            }
        }
    }
}
