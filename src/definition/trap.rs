//! Traps: what YAML would misread in an expression. A value with a trap is read from the source instead: either the
//! source text is taken as the expression, or the trap is reported with its own hint.

use std::borrow::Cow;

use crate::diagnostic::Span;

use super::extent::{Extent, Line, extent};
use super::syntax::begins_wrongly;

/// The purpose of a script, which decides what replaces one that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Must give true or false.
    Condition,
    /// Runs for its effects.
    Body,
    /// Gives any value.
    Value,
    /// Gives a message.
    Message,
    /// Gives a list.
    Items,
}

impl Role {
    /// A valid script to replace one that has been reported.
    pub(super) const fn stand_in(self) -> &'static str {
        match self {
            // Not `true`: then no later branch would ever be taken.
            Self::Condition => "false",
            Self::Body => "",
            Self::Value => "()",
            Self::Message => "\"\"",
            Self::Items => "[]",
        }
    }
}

/// Where scripts are in a document, as paths of keys; `*` is any key, `[]` any item of a list.
pub(super) const SCRIPTS: [(&[&str], Role); 20] = [
    (&["functions"], Role::Body),
    (&["on_timeout", "action"], Role::Body),
    (&["states", "*", "action"], Role::Body),
    (&["states", "*", "retry", "if"], Role::Condition),
    (&["states", "*", "on_error", "[]", "if"], Role::Condition),
    (&["states", "*", "decision"], Role::Condition),
    (&["states", "*", "decision", "[]", "if"], Role::Condition),
    (&["states", "*", "wait_until", "[]", "if"], Role::Condition),
    (&["states", "*", "for_each"], Role::Items),
    (&["states", "*", "with", "*"], Role::Value),
    (&["states", "*", "result"], Role::Value),
    (&["states", "*", "failure"], Role::Message),
    (&["interactions", "*", "action"], Role::Body),
    (&["migrate", "[]", "action"], Role::Body),
    (&["tests", "[]", "expect", "if"], Role::Condition),
    (&["tests", "[]", "steps", "[]", "expect", "if"], Role::Condition),
    (&["tests", "[]", "mocks", "*", "script"], Role::Value),
    (&["tests", "[]", "mocks", "*", "[]", "script"], Role::Value),
    (&["tests", "[]", "mocks", "*", "*", "script"], Role::Value),
    (&["tests", "[]", "mocks", "*", "*", "[]", "script"], Role::Value),
];

/// A stretch of the source that is hidden from YAML, which reads a plain text of the same length instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patch {
    /// Its place.
    pub(super) span: Span,
    /// What is wrong with it; none if the source text is what was meant.
    pub(super) trouble: Option<Trouble>,
    /// Whether what follows it may have been misread because of it, so that the file must be reread from there.
    pub(super) misleads: bool,
    /// Whether it is a script. Otherwise it may be the value of any key.
    pub(super) is_script: bool,
    /// Whether it was read as standing inside `{ … }`, where other characters end it.
    pub(super) in_flow: bool,
    /// Whether it was found by looking ahead of YAML's reading.
    pub(super) is_guess: bool,
    /// The column of its key in bytes, from 0; 0 inside `{ … }`.
    pub(super) column: usize,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) help: Cow<'static, str>,
    /// Whether it may well be what was meant.
    pub(super) is_warning: bool,
}

pub(super) const QUOTE_IT: &str =
    "quote the expression, or write it in a block scalar: `|` and the text on the next line";

const MAP_AS_TEXT: &str = "a map of an expression is written `#{ … }`, in quotes or in a block scalar";

/// A key whose value may be a trap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The whole source.
    pub(super) text: &'a str,
    /// Where the key ends.
    pub(super) key_end: usize,
    /// The key's column in bytes, from 0.
    pub(super) column: usize,
    /// Whether it is inside `{ … }`.
    pub(super) in_flow: bool,
    /// Whether its value may also be a YAML list.
    pub(super) list_allowed: bool,
}

/// Where a key's value begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) at: usize,
    /// Whether it is on a line below the key's.
    pub(super) below: bool,
}

impl Place<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn rest(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    /// The start of the value, if there is one.
    pub(super) fn value_start(&self) -> Option<Start> {
        let colon = self.skip_blanks(self.key_end);
        (self.byte(colon) == Some(b':')).then_some(())?;
        self.next_text(colon + 1, false)
    }

    /// The start of the value's own text, after `!!str` and `&name`: where a patch would begin.
    pub(super) fn text_start(&self) -> Option<usize> {
        let start = self.value_start()?;
        Some(self.skip_properties(start).unwrap_or(start).at)
    }

    /// The next text from `at` on that belongs to the value: on this line, or on a more deeply indented one below.
    fn next_text(&self, at: usize, below: bool) -> Option<Start> {
        let mut start = Start { at: self.skip_blanks(at), below };
        loop {
            let is_comment = self.byte(start.at) == Some(b'#') && self.byte(start.at + 1) != Some(b'{');
            if !is_comment && !matches!(self.byte(start.at), None | Some(b'\n' | b'\r')) {
                return Some(start);
            }
            let next = Line::at(self.text, start.at).next?;
            start = Start { at: self.skip_blanks(next), below: true };
            let is_blank = matches!(self.byte(start.at), None | Some(b'\n' | b'\r' | b'#'));
            if !self.in_flow && !is_blank && start.at - next <= self.column {
                return None;
            }
        }
    }

    fn skip_blanks(&self, at: usize) -> usize {
        at + self.rest(at).bytes().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    /// Examines the value. Returns the patch if YAML would misread it, and how many bytes were examined.
    pub(super) fn examine(&self) -> (Option<Patch>, usize) {
        let Some(start) = self.value_start() else { return (None, 0) };
        let Some(start) = self.skip_properties(start) else {
            let at = start.at;
            let length = self.rest(at).bytes().take_while(|b| !b.is_ascii_whitespace()).count();
            return (self.trouble(Span::new(at, at + length), at, Self::indicator(self.rest(at))), length);
        };
        let extent = extent(self.text, start.at, (!self.in_flow).then_some(self.column));
        let looked_at = extent.end.saturating_sub(start.at) + 1;
        (self.judge(start, &extent), looked_at)
    }

    fn judge(&self, start: Start, extent: &Extent) -> Option<Patch> {
        let span = Span::new(start.at, extent.end);
        let rest = self.rest(start.at);
        let after = self.rest(start.at + 1).chars().next();
        let blank_after = after.is_none_or(char::is_whitespace);
        match rest.chars().next()? {
            '|' | '>' if !self.in_flow && is_block_header(rest) => None,
            '-' | '?' | ':' if blank_after => None,
            '"' | '\'' => self.judge_quoted(start, extent),
            '*' if self.ends_after(start.at + alias_length(rest)) => None,
            '&' | '*' | '%' | '@' => self.trouble(span, start.at, Self::indicator(rest)),
            '{' if !self.list_allowed && extent.is_balanced => {
                self.trouble(span, start.at, "`{` begins a map in YAML, where an expression was expected".to_owned())
            }
            '{' | ',' | ']' | '}' => None,
            '[' if self.list_allowed && self.is_list_of_branches(start.at) => None,
            '!' | '[' | '`' => self.meant(span, extent),
            '#' => self.meant(span, extent),
            _ => self.judge_plain(start, extent),
        }
    }

    fn judge_plain(&self, start: Start, extent: &Extent) -> Option<Patch> {
        let span = Span::new(start.at, extent.end);
        if let Some(colon) = extent.colon {
            let message = "`: ` inside an expression makes YAML read a map".to_owned();
            let is_on_line = !self.text.get(start.at..colon).unwrap_or_default().contains('\n');
            let is_a_map = if self.in_flow { !is_on_line } else { start.below };
            return if is_a_map { None } else { self.trouble(span, colon, message) };
        }
        if extent.is_hidden && extent.is_balanced {
            return self.meant(span, extent);
        }
        let is_on_line = |comment: &usize| !self.text.get(extent.end..*comment).unwrap_or_default().contains('\n');
        self.cut(span, extent.comment.filter(is_on_line)?)
    }

    /// A comment that may be meant as part of the expression, because its `#` is directly followed by text.
    fn cut(&self, span: Span, comment: usize) -> Option<Patch> {
        let after = self.rest(comment + 1).chars().next()?;
        let message = "` #` begins a comment in YAML: what follows is not part of the expression".to_owned();
        let help = "write a blank after the `#` if it is a comment; quote the expression if it is not";
        let trouble = Trouble { at: comment, message, help: help.into(), is_warning: true };
        let is_doubtful = after.is_alphanumeric() || matches!(after, '_' | '"' | '\'' | '(' | '[');
        is_doubtful.then_some(Patch {
            span,
            trouble: Some(trouble),
            misleads: false,
            is_script: true,
            in_flow: self.in_flow,
            is_guess: false,
            column: self.column,
        })
    }

    fn judge_quoted(&self, start: Start, extent: &Extent) -> Option<Patch> {
        let close = quoted_end(self.rest(start.at))?;
        let after = start.at + close;
        let is_key = start.below && self.rest(self.skip_blanks(after)).starts_with(':');
        if self.ends_after(after) || is_key {
            return None;
        }
        // The first part must not be taken for the whole: `"a" == b`.
        let span = Span::new(start.at, extent.end.max(after));
        match extent.colon {
            Some(colon) => self.trouble(span, colon, "`: ` inside an expression makes YAML read a map".to_owned()),
            None => self.meant(span, extent),
        }
    }

    /// Whether nothing more of the value is on the line from `at` on.
    fn ends_after(&self, at: usize) -> bool {
        let next = self.skip_blanks(at);
        match self.byte(next) {
            None | Some(b'\n' | b'\r') => true,
            Some(b'#') => next > at && self.byte(next + 1) != Some(b'{'),
            Some(b',' | b'}' | b']') => self.in_flow,
            _ => false,
        }
    }

    /// Skips `!!str` and `&name` before a value; none if an anchor has no value.
    fn skip_properties(&self, start: Start) -> Option<Start> {
        let mut start = start;
        loop {
            let rest = self.rest(start.at);
            let word = rest.bytes().take_while(|b| !b.is_ascii_whitespace()).count();
            let is_anchor = rest.strip_prefix('&').is_some_and(|name| name.starts_with(|c: char| c.is_alphanumeric()))
                && !rest.get(..word).unwrap_or_default().contains([',', '[', ']', '{', '}', '(', ')']);
            let is_tag =
                ["!!str", "!!bool", "!!int", "!!float", "!!null"].contains(&rest.get(..word).unwrap_or_default());
            if !is_anchor && !is_tag {
                return Some(start);
            }
            match self.next_text(start.at + word, start.below) {
                Some(next) => start = next,
                None if is_tag => return Some(start),
                None => return None,
            }
        }
    }

    fn is_list_of_branches(&self, at: usize) -> bool {
        let inside = self.rest(at + 1).trim_start();
        inside.starts_with(['{', '*', ']', '#'])
    }

    fn meant(&self, span: Span, extent: &Extent) -> Option<Patch> {
        let misleads = self.in_flow || extent.has_brackets;
        (span.end > span.start).then_some(Patch {
            span,
            trouble: None,
            misleads,
            is_script: true,
            in_flow: self.in_flow,
            is_guess: false,
            column: self.column,
        })
    }

    fn trouble(&self, span: Span, at: usize, message: String) -> Option<Patch> {
        let help = if self.byte(at) == Some(b'{') { MAP_AS_TEXT } else { QUOTE_IT };
        let trouble = Trouble { at, message, help: help.into(), is_warning: false };
        (span.end > span.start).then_some(Patch {
            span,
            trouble: Some(trouble),
            misleads: self.in_flow,
            is_script: true,
            in_flow: self.in_flow,
            is_guess: false,
            column: self.column,
        })
    }

    fn indicator(rest: &str) -> String {
        match rest.chars().next() {
            Some('&') => "`&` begins an anchor in YAML, not an expression".to_owned(),
            Some('*') => "`*` begins an alias in YAML, not an expression".to_owned(),
            Some(other) => begins_wrongly(other),
            None => "nothing stands here".to_owned(),
        }
    }
}

/// Whether `rest` begins with the header of a block scalar.
fn is_block_header(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    let (header, comment) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let comment = comment.trim();
    header.chars().skip(1).all(|c| matches!(c, '+' | '-' | '0'..='9'))
        && (comment.is_empty() || comment.starts_with('#'))
}

fn alias_length(rest: &str) -> usize {
    rest.chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, ',' | '[' | ']' | '{' | '}'))
        .map(char::len_utf8)
        .sum()
}

/// The end of a text in YAML quotes, after the closing quote.
fn quoted_end(rest: &str) -> Option<usize> {
    let quote = rest.chars().next()?;
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            let is_doubled = quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'');
            if !is_doubled {
                return Some(at + 1);
            }
            chars.next();
        }
    }
    None
}
