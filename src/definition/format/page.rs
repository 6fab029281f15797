//! The output: lines, each with the comment at its end.

/// A line of the new text.
#[derive(Debug, Default)]
struct Line {
    /// Its content, with the indentation.
    code: String,
    /// The comment at its end.
    comment: Option<Comment>,
}

/// A comment at the end of a line.
#[derive(Debug)]
pub(super) struct Comment {
    /// From its `#` on.
    pub(super) text: String,
    /// The column of its `#` in the old text, in characters.
    pub(super) column: usize,
}

/// The new text.
#[derive(Debug, Default)]
pub(super) struct Page {
    lines: Vec<Line>,
    /// The line being written.
    current: String,
    /// Whether a blank line comes before the next line.
    is_blank_due: bool,
}

impl Page {
    /// Adds a blank line. Several in a row become one; at the beginning and the end there are none.
    pub(super) fn blank(&mut self) {
        self.is_blank_due = !self.lines.is_empty();
    }

    /// Begins a line.
    pub(super) fn begin(&mut self, indent: usize) {
        if std::mem::take(&mut self.is_blank_due) {
            self.lines.push(Line::default());
        }
        self.current = " ".repeat(indent);
    }

    /// Appends to the line.
    pub(super) fn write(&mut self, text: &str) {
        self.current.push_str(text);
    }

    /// Whether the line is still empty.
    pub(super) fn is_at_beginning(&self) -> bool {
        self.current.bytes().all(|b| b == b' ')
    }

    /// Ends the line.
    pub(super) fn end(&mut self, comment: Option<Comment>) {
        self.lines.push(Line { code: std::mem::take(&mut self.current), comment });
    }

    /// Writes a whole line as it is.
    pub(super) fn verbatim(&mut self, line: String) {
        self.lines.push(Line { code: line, comment: None });
    }

    /// If the comment continues the one at the end of the line above, directly below it, writes it there. Returns
    /// whether it does.
    pub(super) fn goes_on(&mut self, comment: &Comment) -> bool {
        let above = self.lines.last().and_then(|line| line.comment.as_ref());
        let goes_on = !self.is_blank_due && above.is_some_and(|above| above.column == comment.column);
        if goes_on {
            let Comment { text, column } = comment;
            let comment = Some(Comment { text: text.clone(), column: *column });
            self.lines.push(Line { code: String::new(), comment });
        }
        goes_on
    }

    /// The new text. Trailing comments of adjacent lines that were aligned are aligned again.
    pub(super) fn finish(self) -> String {
        let mut text = String::new();
        for run in self.lines.chunk_by(|a, b| a.column().is_some() && a.column() == b.column()) {
            let width = run.iter().map(|line| line.code.chars().count()).max().unwrap_or_default();
            for line in run {
                text.push_str(&line.code);
                if let Some(comment) = &line.comment {
                    let blanks = width - line.code.chars().count() + 1;
                    text.extend(std::iter::repeat_n(' ', blanks));
                    text.push_str(&comment.text);
                }
                text.push('\n');
            }
        }
        text
    }
}

impl Line {
    fn column(&self) -> Option<usize> {
        self.comment.as_ref().map(|comment| comment.column)
    }
}
