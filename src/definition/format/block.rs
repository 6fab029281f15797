//! Blocks: indented maps and lists, line by line.

use super::super::node::{Content, Node};
use super::super::scalar::ScalarStyle;
use super::super::tree::Trees;
use super::page::{Comment, Page};

/// Blanks of one level.
pub(super) const STEP: usize = 2;

/// A scalar on one line or several, except block scalars.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) style: ScalarStyle,
}

/// The kind of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Map,
}

/// An open block: where its entries begin, in the old text and in the new one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    kind: Kind,
    /// In the old line, in bytes, from 0.
    pub(super) column: usize,
    /// In the new line, in blanks.
    pub(super) indent: usize,
}

/// A comment on a line of its own, held back until it is known what follows.
#[derive(Debug)]
struct Held {
    comment: Comment,
    /// In the old line, in bytes, from 0.
    column: usize,
    after_blank: bool,
}

/// Lays out one text. A step returns none where it meets something unknown; then the text stays as it is.
pub(super) struct Layout<'t> {
    pub(super) text: &'t str,
    /// Scalars, ordered by place.
    atoms: Vec<Atom>,
    /// How far the old text has been consumed.
    pub(super) at: usize,
    /// The start of the current line.
    pub(super) line_start: usize,
    pub(super) open: Vec<Block>,
    held: Vec<Held>,
    /// Whether there was a blank line after the last line or comment.
    pub(super) is_after_blank: bool,
    pub(super) page: Page,
}

impl<'t> Layout<'t> {
    /// The layout of `text`, from which `trees` were read.
    pub(super) fn new(text: &'t str, trees: &Trees) -> Self {
        let mut atoms = Vec::new();
        trees.documents.iter().for_each(|tree| collect(&tree.root, &mut atoms));
        atoms.sort_by_key(|atom| atom.start);
        // The target of an alias was visited again with each alias.
        atoms.dedup_by_key(|atom| atom.start);
        Self {
            text,
            atoms,
            at: 0,
            line_start: 0,
            open: Vec::new(),
            held: Vec::new(),
            is_after_blank: false,
            page: Page::default(),
        }
    }

    /// Produces the new text.
    pub(super) fn run(mut self) -> Option<String> {
        while self.at < self.text.len() {
            self.line()?;
        }
        let open = std::mem::take(&mut self.open);
        self.release(&open, 0, 0);
        Some(self.page.finish())
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub(super) fn skip_blanks(&mut self) {
        self.at = self.after_blanks(self.at);
    }

    fn after_blanks(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    /// Moves to the next line.
    pub(super) fn next_line(&mut self) {
        self.at = self.rest().find('\n').map_or(self.text.len(), |length| self.at + length + 1);
        self.line_start = self.at;
    }

    /// The scalar that begins at `at`.
    pub(super) fn atom(&self, at: usize) -> Option<Atom> {
        let found = self.atoms.binary_search_by_key(&at, |atom| atom.start).ok()?;
        self.atoms.get(found).copied()
    }

    /// The new indentation of the innermost block's entries. What belongs to an entry is indented more.
    pub(super) fn indent(&self) -> usize {
        self.open.last().map_or(0, |block| block.indent)
    }

    /// The indentation of the content of an entry of the innermost block.
    pub(super) fn inner(&self) -> usize {
        self.open.last().map_or(0, |block| block.indent + STEP)
    }

    fn line(&mut self) -> Option<()> {
        self.line_start = self.at;
        self.skip_blanks();
        let column = self.at - self.line_start;
        match self.peek() {
            None | Some(b'\n') => {
                self.is_after_blank = true;
                self.next_line();
            }
            Some(b'#') if self.atom(self.at).is_none() => self.hold(column),
            Some(b'%') if column == 0 => {
                self.release(&[], 0, 0);
                self.start_line(0);
                let length = self.rest().find('\n').unwrap_or(self.rest().len());
                self.page.write(self.rest().get(..length)?.trim_end());
                self.at += length;
                self.end_line()?;
            }
            Some(_) if column == 0 && self.is_marker() => self.marker()?,
            Some(_) => {
                let before = if self.held.is_empty() { Vec::new() } else { self.open.clone() };
                let indent = self.enter(column)?;
                self.release(&before, column, indent);
                self.start_line(indent);
                self.entry()?;
            }
        }
        Some(())
    }

    /// Begins a new line, after a blank one if there was one.
    pub(super) fn start_line(&mut self, indent: usize) {
        if std::mem::take(&mut self.is_after_blank) {
            self.page.blank();
        }
        self.page.begin(indent);
    }

    /// The comment from here to the end of the line.
    pub(super) fn comment(&mut self) -> Option<Comment> {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        let text = self.rest().get(..length)?.trim_end().to_owned();
        let column = self.text.get(self.line_start..self.at)?.chars().count();
        self.at += length;
        Some(Comment { text, column })
    }

    fn hold(&mut self, column: usize) {
        let Some(comment) = self.comment() else { return };
        self.next_line();
        if !self.held.is_empty() || self.is_after_blank || !self.page.goes_on(&comment) {
            let after_blank = std::mem::take(&mut self.is_after_blank);
            self.held.push(Held { comment, column, after_blank });
        }
    }

    /// Writes the held comments. What follows begins at `column` and is indented by `indent`. A comment that was deeper
    /// belongs to one of the blocks that were open `before`; any other belongs to what follows.
    fn release(&mut self, before: &[Block], column: usize, indent: usize) {
        for held in std::mem::take(&mut self.held) {
            let its_block = before.iter().rev().find(|block| block.column <= held.column);
            let its_indent = match its_block.filter(|_| held.column > column) {
                Some(block) => block.indent.max(indent),
                None => indent,
            };
            if held.after_blank {
                self.page.blank();
            }
            self.page.begin(its_indent);
            self.page.write(&held.comment.text);
            self.page.end(None);
        }
    }

    fn is_marker(&self) -> bool {
        let rest = self.rest();
        let is_one = rest.starts_with("---") || rest.starts_with("...");
        is_one && self.atom(self.at).is_none() && self.is_blank(self.at + 3)
    }

    /// Whether there is a blank, or the end of a line, at `at`.
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), None | Some(b' ' | b'\t' | b'\n'))
    }

    /// `---` or `...`, and the rest of its line.
    fn marker(&mut self) -> Option<()> {
        let before = std::mem::take(&mut self.open);
        self.release(&before, 0, 0);
        self.start_line(0);
        self.page.write(self.rest().get(..3)?);
        self.at += 3;
        self.skip_blanks();
        if !self.is_at_end() {
            self.page.write(" ");
        }
        self.value()
    }

    /// Whether the rest of the line is at most a comment.
    pub(super) fn is_at_end(&self) -> bool {
        match self.peek() {
            None | Some(b'\n') => true,
            Some(b'#') => self.atom(self.at).is_none(),
            _ => false,
        }
    }

    /// Ends a line whose rest is at most a comment.
    pub(super) fn end_line(&mut self) -> Option<()> {
        let from = self.at;
        self.skip_blanks();
        let comment = match self.peek() {
            None | Some(b'\n') => None,
            Some(b'#') if self.at > from => Some(self.comment()?),
            _ => return None,
        };
        self.page.end(comment);
        self.next_line();
        Some(())
    }

    /// Closes and opens blocks for an entry at `column`; returns its indentation.
    fn enter(&mut self, column: usize) -> Option<usize> {
        let kind = self.begins();
        while self.open.last().is_some_and(|block| {
            block.column > column || (block.column == column && block.kind == Kind::List && kind != Some(Kind::List))
        }) {
            self.open.pop();
        }
        let block = match (self.open.last().copied(), kind) {
            (Some(block), Some(kind)) if block.column == column && block.kind == kind => return Some(block.indent),
            // A list may be at the same column as its key.
            (Some(block), kind) if block.column == column && kind != Some(Kind::List) => return None,
            (_, None) => return Some(self.inner()),
            (_, Some(kind)) => Block { kind, column, indent: self.inner() },
        };
        self.open.push(block);
        Some(block.indent)
    }

    /// The kind of block whose entry begins here; none if this is a value.
    fn begins(&self) -> Option<Kind> {
        match self.indicator() {
            Some(b'-') => Some(Kind::List),
            Some(_) => Some(Kind::Map),
            None => self.is_key().then_some(Kind::Map),
        }
    }

    /// A `-`, `?` or `:` that stands alone here, if any.
    fn indicator(&self) -> Option<u8> {
        let indicator = self.peek().filter(|b| matches!(b, b'-' | b'?' | b':'))?;
        (self.atom(self.at).is_none() && self.is_blank(self.at + 1)).then_some(indicator)
    }

    /// Whether a key and its colon are here.
    fn is_key(&self) -> bool {
        let mut at = self.at;
        while self.atom(at).is_none() && matches!(self.byte(at), Some(b'&' | b'!')) {
            at = self.after_blanks(at + word(self.text, at, false));
        }
        let end = match self.atom(at) {
            Some(atom) if self.text.get(atom.start..atom.end).is_some_and(|text| !text.contains('\n')) => atom.end,
            None if self.byte(at) == Some(b'*') => at + word(self.text, at, false),
            _ => return false,
        };
        let colon = self.after_blanks(end);
        self.byte(colon) == Some(b':') && self.is_blank(colon + 1)
    }

    /// The entries that begin on this line, nested in each other.
    fn entry(&mut self) -> Option<()> {
        while let Some(indicator) = self.indicator() {
            self.page.write(char::from(indicator).encode_utf8(&mut [0; 4]));
            self.at += 1;
            self.skip_blanks();
            if self.is_at_end() {
                return self.value();
            }
            self.page.write(" ");
            self.enter(self.at - self.line_start)?;
        }
        if self.is_key() {
            self.key()?;
        }
        self.value()
    }

    /// A key, its colon, and the blank before its value.
    fn key(&mut self) -> Option<()> {
        self.properties()?;
        match self.atom(self.at) {
            Some(atom) => self.scalar(atom, self.inner())?,
            None => {
                self.word(false)?;
                self.page.write(" ");
            }
        }
        self.skip_blanks();
        self.page.write(":");
        self.at += 1;
        self.skip_blanks();
        if !self.is_at_end() {
            self.page.write(" ");
        }
        Some(())
    }

    /// A value, if there is one, and the end of its line.
    fn value(&mut self) -> Option<()> {
        if self.is_at_end() {
            // A comment writes its own blank.
            self.at = self.text.get(..self.at)?.trim_end_matches([' ', '\t']).len();
            return self.end_line();
        }
        let has_properties = self.properties()?;
        match (self.atom(self.at), self.peek()) {
            (Some(atom), _) => self.scalar(atom, self.inner())?,
            (None, Some(b'*')) => self.word(false)?,
            (None, Some(b'[' | b'{')) => self.flow()?,
            (None, Some(b'|' | b'>')) => return self.block_scalar(),
            (None, None | Some(b'\n' | b'#')) if has_properties => {
                self.at = self.text.get(..self.at)?.trim_end_matches([' ', '\t']).len();
            }
            _ => return None,
        }
        self.end_line()
    }

    /// Anchors and tags, followed by a blank. Returns whether there were any.
    fn properties(&mut self) -> Option<bool> {
        let mut any = false;
        while self.atom(self.at).is_none() && matches!(self.peek(), Some(b'&' | b'!')) {
            self.word(false)?;
            any = true;
            self.skip_blanks();
            if !self.is_at_end() {
                self.page.write(" ");
            }
        }
        Some(any)
    }

    /// An anchor, a tag or an alias.
    pub(super) fn word(&mut self, in_flow: bool) -> Option<()> {
        let length = word(self.text, self.at, in_flow);
        self.page.write(self.rest().get(..length)?);
        self.at += length;
        (length > 0).then_some(())
    }
}

/// The bytes of an anchor, a tag or an alias at `at`.
fn word(text: &str, at: usize, in_flow: bool) -> usize {
    let ends = |c: char| matches!(c, ' ' | '\t' | '\n') || (in_flow && matches!(c, ',' | '[' | ']' | '{' | '}'));
    let rest = text.get(at..).unwrap_or_default();
    rest.find(ends).unwrap_or(rest.len())
}

/// The scalars of `node` that are inline, or that span several lines without a block header.
fn collect(node: &Node, atoms: &mut Vec<Atom>) {
    match &node.content {
        Content::Scalar(_, style) => {
            let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            if node.span.end > node.span.start && !is_block {
                atoms.push(Atom { start: node.span.start, end: node.span.end, style: *style });
            }
        }
        Content::List(items) => items.iter().for_each(|item| collect(item, atoms)),
        Content::Map(entries) => entries.iter().for_each(|entry| {
            collect(&entry.key, atoms);
            collect(&entry.value, atoms);
        }),
    }
}
