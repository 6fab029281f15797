//! Texts of several lines are moved as a whole; the relative indentation of their lines stays.

use super::super::scalar::ScalarStyle;
use super::block::{Atom, Layout, STEP};

impl Layout<'_> {
    /// A scalar that is not a block scalar. The least indented of its further lines begins at `inner`; YAML ignores how
    /// far it was indented.
    pub(super) fn scalar(&mut self, atom: Atom, inner: usize) -> Option<()> {
        let text = self.text.get(atom.start..atom.end)?;
        self.at = atom.end;
        let Some((first, below)) = text.split_once('\n') else {
            self.page.write(text);
            return Some(());
        };
        self.line_start = atom.start + text.rfind('\n')? + 1;
        let lines = || below.split('\n');
        let least = lines().filter(|line| !is_blank(line)).map(indentation).min().unwrap_or_default();
        self.page.write(trimmed(first, atom.style));
        for line in lines() {
            self.page.end(None);
            if is_blank(line) {
                self.page.begin(0);
            } else {
                self.page.begin(inner);
                self.page.write(trimmed(line.get(least..)?, atom.style));
            }
        }
        Some(())
    }

    /// A block scalar with its header. Its text keeps every blank; it is moved as a whole to one level below its key.
    pub(super) fn block_scalar(&mut self) -> Option<()> {
        let header = self.rest().split([' ', '\t', '\n']).next()?;
        let deeper = header.chars().find_map(|c| c.to_digit(10)).map(usize::try_from).transpose().ok()?;
        let keeps_blank_lines = header.contains('+');
        self.word(false)?;
        self.end_line()?;
        let above = self.open.last().map_or(0, |block| block.column);
        let old = match deeper {
            Some(deeper) => Some(above + deeper),
            None => self.rest().split('\n').find(|line| !line.trim_matches(' ').is_empty()).map(indentation),
        };
        let is_inside = |indent: usize| indent > above || (indent > 0 && self.open.is_empty());
        let old = old.filter(|indent| is_inside(*indent)).unwrap_or(usize::MAX);
        let new = self.indent() + deeper.unwrap_or(STEP);
        let mut blank_lines = 0;
        while self.at < self.text.len() {
            let line = self.rest().split('\n').next()?;
            if line.len() <= old && line.trim_matches(' ').is_empty() {
                blank_lines += 1;
            } else if indentation(line) >= old {
                (0..std::mem::take(&mut blank_lines)).for_each(|_| self.page.verbatim(String::new()));
                self.page.verbatim(" ".repeat(new) + line.get(old..)?);
            } else {
                break;
            }
            self.next_line();
        }
        if keeps_blank_lines {
            (0..blank_lines).for_each(|_| self.page.verbatim(String::new()));
        } else {
            self.is_after_blank = blank_lines > 0;
        }
        Some(())
    }
}

fn is_blank(line: &str) -> bool {
    line.bytes().all(|b| matches!(b, b' ' | b'\t'))
}

fn indentation(line: &str) -> usize {
    line.bytes().take_while(|b| *b == b' ').count()
}

/// A line of a scalar that is not its last, without trailing blanks. Blanks after a backslash are kept: they are text.
fn trimmed(line: &str, style: ScalarStyle) -> &str {
    let short = line.trim_end_matches([' ', '\t']);
    if style == ScalarStyle::DoubleQuoted && short.ends_with('\\') { line } else { short }
}
