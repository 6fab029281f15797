//! A comment that is never closed. Rhai takes it for one that goes on to the end of the script.

use std::iter::Peekable;
use std::str::CharIndices;

/// What stands around the place that is looked at.
enum Inside {
    /// Code, in this many braces.
    Code(usize),
    /// A text in backticks.
    Text,
}

/// The byte at which a comment begins that is never closed.
pub(super) fn unclosed(text: &str) -> Option<usize> {
    if !text.contains("/*") {
        return None;
    }
    let mut rest = text.char_indices().peekable();
    let mut inside = vec![Inside::Code(0)];
    while let Some((at, character)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        let is_inner = inside.len() > 1;
        match (inside.last_mut()?, character) {
            (Inside::Text, '`') => drop(inside.pop()),
            (Inside::Text, '$') if next == Some('{') => {
                rest.next();
                inside.push(Inside::Code(0));
            }
            (Inside::Text, _) => {}
            (Inside::Code(_), '`') => inside.push(Inside::Text),
            (Inside::Code(_), '"' | '\'') => skip_quoted(&mut rest, character),
            (Inside::Code(_), '/') if next == Some('/') => while rest.next().is_some_and(|(_, c)| c != '\n') {},
            (Inside::Code(_), '/') if next == Some('*') => {
                if !skip_comment(&mut rest) {
                    return Some(at);
                }
            }
            (Inside::Code(braces), '{') => *braces += 1,
            (Inside::Code(0), '}') if is_inner => drop(inside.pop()),
            (Inside::Code(braces), '}') => *braces = braces.saturating_sub(1),
            (Inside::Code(_), _) => {}
        }
    }
    None
}

fn skip_quoted(rest: &mut Peekable<CharIndices<'_>>, quote: char) {
    while let Some((_, character)) = rest.next() {
        match character {
            '\\' => drop(rest.next()),
            _ if character == quote => return,
            _ => {}
        }
    }
}

/// Whether the comment is closed, as are all within it.
fn skip_comment(rest: &mut Peekable<CharIndices<'_>>) -> bool {
    rest.next();
    let mut open = 1_usize;
    while let Some((_, character)) = rest.next() {
        match (character, rest.peek().map(|(_, next)| *next)) {
            ('/', Some('*')) => open += 1,
            ('*', Some('/')) => open -= 1,
            _ => continue,
        }
        rest.next();
        if open == 0 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::unclosed;

    #[test]
    fn only_a_comment_that_is_never_closed_is_found() {
        for text in
            ["1 /* a */", "\"/*\"", "`/* ${ \"/*\" } /*`", "// /*\n1", "/* a /* b */ c */ 1", "'\\'' + \"\\\"/*\""]
        {
            assert_eq!(unclosed(text), None, "{text}");
        }
        for (text, at) in
            [("1 /* a", 2), ("`${ 1 /* }`", 6), ("/* a /* b */", 0), ("`${ #{ a: 1 } }`; /*", 18), ("/*/", 0)]
        {
            assert_eq!(unclosed(text), Some(at), "{text}");
        }
    }
}
