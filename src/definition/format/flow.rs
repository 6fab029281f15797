//! Lists and maps in brackets, on one line or several.

use super::block::{Layout, STEP};

/// A part between brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The beginning of a line.
    Nothing,
    Open(u8),
    Close(u8),
    Comma,
    Colon,
    /// A scalar.
    Scalar,
    /// An alias: a colon directly after it would be read as part of it.
    Alias,
    /// An anchor, a tag or a `?`: a colon or comma directly after it might be read as part of it.
    Word,
}

impl Layout<'_> {
    /// A list or map in brackets. Its line breaks stay; each line is indented according to the brackets around it.
    pub(super) fn flow(&mut self) -> Option<()> {
        // For each open bracket, the indentation of its line.
        let mut open: Vec<usize> = Vec::new();
        let mut indent = if self.page.is_at_beginning() { self.inner() } else { self.indent() };
        // Each line is indented deeper than the key, a closing bracket as well: YAML asks for it.
        let least = if self.page.is_at_beginning() { indent } else { indent + STEP };
        let mut before = Part::Nothing;
        loop {
            let inner = open.last().map_or(indent, |indent| indent + STEP);
            if self.breaks_line(inner)? {
                let closes = matches!(self.part()?, Part::Close(_));
                indent = if closes { least.max(*open.last()?) } else { inner };
                self.start_line(indent);
                before = Part::Nothing;
            }
            let part = self.part()?;
            if has_blank_between(before, part) {
                self.page.write(" ");
            }
            match part {
                Part::Open(_) => open.push(indent),
                Part::Close(_) => {
                    open.pop()?;
                }
                _ => {}
            }
            self.write_part(part, indent + STEP)?;
            before = part;
            if open.is_empty() {
                return Some(());
            }
        }
    }

    /// The part that is next.
    fn part(&self) -> Option<Part> {
        if self.atom(self.at).is_some() {
            return Some(Part::Scalar);
        }
        match self.peek()? {
            bracket @ (b'[' | b'{') => Some(Part::Open(bracket)),
            bracket @ (b']' | b'}') => Some(Part::Close(bracket)),
            b',' => Some(Part::Comma),
            b':' => Some(Part::Colon),
            b'*' => Some(Part::Alias),
            b'&' | b'!' | b'?' => Some(Part::Word),
            _ => None,
        }
    }

    fn write_part(&mut self, part: Part, inner: usize) -> Option<()> {
        match part {
            Part::Nothing => None,
            Part::Scalar => self.scalar(self.atom(self.at)?, inner),
            Part::Alias | Part::Word => self.word(true),
            Part::Open(_) | Part::Close(_) | Part::Comma | Part::Colon => {
                self.page.write(self.rest().get(..1)?);
                self.at += 1;
                Some(())
            }
        }
    }

    /// Skips blanks, line breaks and comments; returns whether there was a line break. Comments on lines of their own
    /// are indented by `inner`.
    fn breaks_line(&mut self, inner: usize) -> Option<bool> {
        let end = self.at;
        self.skip_blanks();
        if !self.is_at_end() {
            return Some(false);
        }
        self.at = end;
        self.end_line()?;
        loop {
            self.skip_blanks();
            match self.peek()? {
                b'\n' => {
                    self.is_after_blank = true;
                    self.next_line();
                }
                b'#' if self.is_at_end() => {
                    let comment = self.comment()?;
                    self.next_line();
                    if self.is_after_blank || !self.page.goes_on(&comment) {
                        self.start_line(inner);
                        self.page.write(&comment.text);
                        self.page.end(None);
                    }
                }
                _ => return Some(true),
            }
        }
    }
}

/// Whether there is a blank between two parts: inside the brackets of a map, after commas and colons, and between
/// words.
fn has_blank_between(before: Part, next: Part) -> bool {
    match (before, next) {
        (Part::Nothing, _) | (Part::Open(b'{'), Part::Close(_)) | (Part::Open(b'['), _) => false,
        (Part::Word, Part::Comma | Part::Colon)
        | (Part::Alias, Part::Colon)
        | (Part::Colon, Part::Comma | Part::Close(_)) => true,
        (_, Part::Comma) => false,
        (Part::Scalar | Part::Close(_), Part::Colon) => false,
        (_, Part::Close(bracket)) => bracket == b'}',
        _ => true,
    }
}
