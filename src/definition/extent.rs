//! How far an expression extends in the YAML source, read as Rhai would read it: with strings, brackets and comments.

use crate::diagnostic::Span;

use super::limits::{MAX_BLANK_LINES, MAX_SCRIPT_BYTES};

/// Where a line ends, and where the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Before the line break.
    pub(super) end: usize,
    /// After it, if there is one.
    pub(super) next: Option<usize>,
}

impl Line {
    /// The line from `at` on.
    pub(super) fn at(text: &str, at: usize) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        match rest.find('\n') {
            Some(length) => {
                let is_crlf = rest.get(..length).is_some_and(|line| line.ends_with('\r'));
                Self { end: at + length - usize::from(is_crlf), next: Some(at + length + 1) }
            }
            None => Self { end: at + rest.len(), next: None },
        }
    }
}

/// How far an expression extends, and what YAML would misread in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// After its last visible character.
    pub(super) end: usize,
    /// A `: ` outside strings and brackets.
    pub(super) colon: Option<usize>,
    /// The `#` of a comment that follows it.
    pub(super) comment: Option<usize>,
    /// Whether a string or bracket in it contains something that YAML would interpret.
    pub(super) is_hidden: bool,
    /// Whether it has brackets, braces or a `#` that YAML may have misread.
    pub(super) has_brackets: bool,
    /// Whether every bracket and string in it is closed.
    pub(super) is_balanced: bool,
}

/// Follows the expression that begins at `start`. With `column`, that of its key, it extends to the end of the line and
/// of the more deeply indented lines below. Without, it is inside `{ … }`, and the next `,` or closing bracket ends it.
pub(super) fn extent(text: &str, start: usize, column: Option<usize>) -> Extent {
    let mut follower =
        Follower { text, at: start, column, open: Vec::new(), unclosed_until: 0, extent: Extent::default() };
    follower.extent.end = start;
    let is_list = text.get(start..).is_some_and(|rest| rest.starts_with('['));
    while follower.at < text.len() && follower.at - start <= MAX_SCRIPT_BYTES {
        if !follower.step(is_list) {
            break;
        }
    }
    follower.extent.is_balanced = follower.open.is_empty();
    follower.extent
}

struct Follower<'a> {
    text: &'a str,
    at: usize,
    column: Option<usize>,
    /// The closing brackets that are expected; a backtick for text inside a template.
    open: Vec<char>,
    /// The position before which no string in double quotes can begin.
    unclosed_until: usize,
    extent: Extent,
}

impl Follower<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    const fn in_flow(&self) -> bool {
        self.column.is_none()
    }

    /// Advances by one character, string or comment; false at the end of the expression.
    fn step(&mut self, is_list: bool) -> bool {
        let Some(c) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else { return false };
        if self.open.last() == Some(&'`') {
            return self.template(c);
        }
        match c {
            '\n' => return self.line_break(is_list),
            '"' => self.string(),
            '\'' => self.character(),
            '`' => self.enter('`'),
            '/' if self.peek(1) == Some(b'/') && !self.in_flow() => self.line_comment(),
            '#' if self.peek(1) == Some(b'{') => {
                // After a blank YAML takes it for a comment, and `{` ends a text inside `{ … }`.
                self.extent.is_hidden |= self.in_flow() || self.after_blank();
                self.extent.has_brackets = true;
                self.take(1);
            }
            '#' if self.after_blank() => {
                self.extent.comment = Some(self.at);
                return false;
            }
            ':' if self.is_map_colon() => self.colon(),
            '(' => self.enter(')'),
            '[' => self.enter(']'),
            '{' => self.enter('}'),
            ')' | ']' | '}' => return self.leave(c),
            ',' if self.in_flow() && self.open.is_empty() => return false,
            ',' => {
                self.extent.is_hidden |= self.in_flow();
                self.take(1);
            }
            c if c.is_whitespace() => self.at += c.len_utf8(),
            c => self.take(c.len_utf8()),
        }
        true
    }

    /// Consumes `length` visible bytes.
    const fn take(&mut self, length: usize) {
        self.at += length;
        self.extent.end = self.at;
    }

    fn after_blank(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
        before.is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n'))
    }

    fn is_map_colon(&self) -> bool {
        match self.peek(1) {
            None | Some(b' ' | b'\t' | b'\n' | b'\r') => true,
            Some(b',' | b'[' | b']' | b'{' | b'}') => self.in_flow(),
            _ => false,
        }
    }

    fn colon(&mut self) {
        if self.open.is_empty() && self.extent.colon.is_none() {
            self.extent.colon = Some(self.at);
        } else if !self.open.is_empty() {
            self.extent.is_hidden = true;
        }
        self.take(1);
    }

    fn enter(&mut self, close: char) {
        if close == ']' || close == '}' {
            self.extent.has_brackets = true;
            self.extent.is_hidden |= self.in_flow();
        }
        self.open.push(close);
        self.take(1);
    }

    fn leave(&mut self, close: char) -> bool {
        if self.open.last() == Some(&close) {
            self.open.pop();
        } else if self.in_flow() && close != ')' {
            return false;
        }
        self.take(1);
        true
    }

    /// Text inside a template, in which `${` opens code again.
    fn template(&mut self, c: char) -> bool {
        let runs_on = c != '\n' || self.next_line_belongs();
        match c {
            '`' => {
                self.open.pop();
            }
            '$' if self.peek(1) == Some(b'{') => {
                self.extent.is_hidden |= self.in_flow();
                self.open.push('}');
                self.take(1);
            }
            _ => self.notice(c),
        }
        if runs_on {
            if c.is_whitespace() { self.at += c.len_utf8() } else { self.take(c.len_utf8()) }
        }
        runs_on
    }

    /// Notices what YAML would interpret in a string: `: `, ` #`, and inside `{ … }` also `,` and brackets.
    fn notice(&mut self, c: char) {
        let means_something = match c {
            ':' => self.is_map_colon(),
            '#' => self.after_blank(),
            ',' | '[' | ']' | '{' | '}' => self.in_flow(),
            _ => false,
        };
        self.extent.is_hidden |= means_something;
        self.extent.has_brackets |= means_something;
    }

    /// A string in double quotes, which ends on its line. If it is not closed there, the quote is an ordinary
    /// character, and so is everything up to the point where that was noticed.
    fn string(&mut self) {
        if self.at >= self.unclosed_until
            && let Some(end) = self.string_end()
        {
            self.notice_all(end);
        }
        self.take(1);
    }

    fn string_end(&mut self) -> Option<usize> {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let mut chars = rest.char_indices().take_while(|(at, c)| *c != '\n' && *at <= MAX_SCRIPT_BYTES);
        let mut last = 0;
        while let Some((at, c)) = chars.next() {
            last = at;
            match c {
                '\\' => {
                    chars.next();
                }
                '"' => return Some(self.at + 1 + at),
                _ => {}
            }
        }
        self.unclosed_until = self.at + 1 + last;
        None
    }

    /// Consumes everything up to `end` as part of a string.
    fn notice_all(&mut self, end: usize) {
        let from = self.at;
        for (offset, c) in self.text.get(from..end).unwrap_or_default().char_indices() {
            self.at = from + offset;
            self.notice(c);
        }
        self.at = end;
    }

    /// A character in single quotes; any other single quote is an ordinary character.
    fn character(&mut self) {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let mut chars = rest.char_indices().take(12);
        let close = match chars.next() {
            Some((_, '\\')) => {
                chars.next();
                chars.find(|(_, c)| *c == '\'')
            }
            Some((_, '\'' | '\n')) | None => None,
            Some(_) => chars.next().filter(|(_, c)| *c == '\''),
        };
        match close {
            Some((length, _)) => {
                let end = self.at + 1 + length;
                self.notice_all(end);
                self.take(1);
            }
            None => self.take(1),
        }
    }

    fn line_comment(&mut self) {
        let end = Line::at(self.text, self.at).end;
        self.notice_all(end);
        self.extent.end = self.text.get(..end).map_or(end, |text| text.trim_end().len());
    }

    /// Moves to the next line if that still belongs to the expression.
    fn line_break(&mut self, is_list: bool) -> bool {
        let inside_list = is_list && !self.open.is_empty();
        let belongs = self.in_flow() || inside_list || self.next_line_belongs();
        self.at += 1;
        belongs
    }

    fn next_line_belongs(&self) -> bool {
        self.column.is_none_or(|column| continues_below(self.text, self.at, column))
    }
}

/// Whether the next line that is not blank is indented deeper than `column`.
pub(super) fn continues_below(text: &str, end: usize, column: usize) -> bool {
    let rest = Line::at(text, end).next.and_then(|next| text.get(next..)).unwrap_or_default();
    let next = rest.lines().take(MAX_BLANK_LINES).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let indent = next.bytes().take_while(|b| *b == b' ').count();
    indent > column && !next.trim_start().starts_with("# ")
}

/// What looks like a key inside `{ … }`: a word after a bracket, comma or blank, and before `: `.
pub(super) fn flow_keys(text: &str) -> impl Iterator<Item = Span> {
    text.match_indices(": ").filter_map(move |(colon, _)| {
        let before = text.get(..colon)?.trim_end_matches(' ');
        let word = before.bytes().rev().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let start = before.len() - word;
        let lead = text.get(..start)?.chars().next_back();
        let is_key = word > 0 && lead.is_none_or(|c| c.is_whitespace() || matches!(c, '{' | ','));
        is_key.then_some(Span::new(start, before.len()))
    })
}
