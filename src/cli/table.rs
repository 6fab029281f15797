//! Tables that are as wide as their content, and no wider than the screen.

use anstyle::Style;

use super::dev::fit;

/// Blanks between two columns.
const GAP: usize = 2;
/// The least width to which a text is cut.
const MIN_CUT: usize = 8;
/// The width that the last part of a row needs beside the others; with less it moves to the next line.
const MIN_DETAIL: usize = 24;
/// The indentation of what moves to the next line.
const INDENT: usize = 4;

/// Rows below a header.
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Row>,
    /// The header of the last part, if there is one.
    detail: Option<&'static str>,
}

struct Row {
    cells: Vec<Cell>,
    detail: String,
    /// The notes below it.
    notes: Vec<(Style, String)>,
}

/// A text with its style.
pub(super) struct Cell {
    text: String,
    style: Style,
    /// Whether it may be cut.
    gives: bool,
}

impl Cell {
    /// With a style of its own.
    pub(super) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, gives: false }
    }

    /// A text that is cut if there is no room.
    pub(super) fn cut(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::new(), gives: true }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), style: Style::new(), gives: false }
    }
}

impl Table {
    pub(super) fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        Self { header: header.into_iter().map(str::to_owned).collect(), rows: Vec::new(), detail: None }
    }

    /// With a last part in each row that may be long.
    pub(super) fn with_detail(self, header: &'static str) -> Self {
        Self { detail: Some(header), ..self }
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>, detail: String) {
        self.rows.push(Row { cells, detail, notes: Vec::new() });
    }

    /// Adds a note below the last row.
    pub(super) fn note(&mut self, style: Style, text: String) {
        if let Some(row) = self.rows.last_mut() {
            row.notes.push((style, text));
        }
    }

    /// The widths of the columns, and the room left for the last part.
    fn layout(&self, columns: Option<usize>) -> (Vec<usize>, Option<usize>) {
        let mut widths: Vec<usize> = self.header.iter().map(|name| fit::width(name)).collect();
        let mut gives = vec![false; widths.len()];
        for row in &self.rows {
            for ((width, gives), cell) in widths.iter_mut().zip(&mut gives).zip(&row.cells) {
                *width = (*width).max(fit::width(&cell.text));
                *gives |= cell.gives;
            }
        }
        let Some(columns) = columns else { return (widths, None) };
        let all = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        while all(&widths) > columns {
            let widest =
                widths.iter().zip(&gives).enumerate().filter(|(_, (width, gives))| **gives && **width > MIN_CUT);
            let Some(at) = widest.max_by_key(|(_, (width, _))| **width).map(|(at, _)| at) else { break };
            if let Some(width) = widths.get_mut(at) {
                *width -= 1;
            }
        }
        let left = columns.saturating_sub(all(&widths) + GAP);
        (widths, Some(left))
    }

    /// The lines, no wider than `columns`.
    pub(super) fn lines(&self, columns: Option<usize>) -> String {
        let (widths, left) = self.layout(columns);
        let is_beside = left.is_none_or(|left| left >= MIN_DETAIL);
        let header: Vec<Cell> = self.header.iter().map(Cell::from).collect();
        let mut text = line(&header, &widths, self.detail.filter(|_| is_beside).unwrap_or_default());
        let before = if is_beside { widths.iter().map(|width| width + GAP).sum() } else { INDENT };
        for row in &self.rows {
            let room = match (columns, is_beside) {
                (None, _) => usize::MAX,
                (Some(_), true) => left.unwrap_or(usize::MAX),
                (Some(columns), false) => columns.saturating_sub(INDENT),
            };
            let mut parts = fit::lines(&row.detail, room).into_iter();
            let beside = if is_beside { parts.next() } else { None };
            text += &line(&row.cells, &widths, &beside.unwrap_or_default());
            text.extend(parts.map(|part| format!("{:before$}{part}\n", "")));
            let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(INDENT));
            for (style, note) in &row.notes {
                let lines = fit::lines(note, room).into_iter();
                text.extend(lines.map(|line| format!("{:INDENT$}{style}{line}{style:#}\n", "")));
            }
        }
        text
    }
}

/// A line of cells, without trailing blanks.
fn line(cells: &[Cell], widths: &[usize], detail: &str) -> String {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let shown = fit::cut(&cell.text, *width);
        let pad = width.saturating_sub(fit::width(&shown)) + GAP;
        let Cell { style, .. } = cell;
        text += &if *style == Style::new() { shown } else { format!("{style}{shown}{style:#}") };
        text.extend(std::iter::repeat_n(' ', pad));
    }
    text += detail;
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{Cell, Table};

    fn table() -> Table {
        let mut table = Table::new(["ID", "STATE"]).with_detail("CHANGES");
        table.row(
            vec!["1".into(), Cell::cut("a_state_with_a_long_name")],
            "a = 1; and b is now a longer text".to_owned(),
        );
        table.row(vec!["2".into(), Cell::cut("日本語")], String::new());
        table
    }

    #[test]
    fn it_takes_what_room_there_is() {
        let wide = "\
ID  STATE                     CHANGES
1   a_state_with_a_long_name  a = 1; and b is now a longer text
2   日本語
";
        assert_eq!(table().lines(None), wide);
        assert_eq!(table().lines(Some(70)), wide);
        let beside = "\
ID  STATE                     CHANGES
1   a_state_with_a_long_name  a = 1; and b is now a
                                longer text
2   日本語
";
        assert_eq!(table().lines(Some(55)), beside);
        let below = "\
ID  STATE
1   a_state_with_…
    a = 1; and b
      is now a
      longer text
2   日本語
";
        assert_eq!(table().lines(Some(18)), below);
    }
}
