//! A terminal that is repainted as a whole. Earlier content scrolls away and is kept; the last painting stays.

use std::io::{self, IsTerminal, Write};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};

use super::super::screen::Screen;
use super::render::Size;

/// Moves to the upper left corner.
const HOME: &str = "\u{1b}[H";
/// Deletes the rest of the line.
const REST_OF_LINE: &str = "\u{1b}[K";
/// Deletes everything below.
const REST: &str = "\u{1b}[J";
/// Ends the styles of a line.
const PLAIN: &str = "\u{1b}[0m";

/// The terminal that results go to.
pub(in crate::cli) struct Paint {
    is_coloured: bool,
    is_begun: bool,
}

impl Paint {
    /// None unless results go to a terminal that can be painted.
    pub(in crate::cli) fn on(screen: Screen) -> Option<Self> {
        if screen.json || !io::stdout().is_terminal() || is_dumb() || size().is_none() {
            return None;
        }
        let color = match screen.color {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            chosen => chosen,
        };
        Some(Self { is_coloured: color != ColorChoice::Never, is_begun: false })
    }

    /// Paints what `lines` gives for the terminal's size, in one write. If the terminal is gone, nothing happens.
    pub(in crate::cli) fn show(&mut self, lines: impl FnOnce(Size) -> Vec<String>) {
        let Some(size) = size() else { return };
        // The last line is for the cursor.
        let lines = lines(Size { rows: size.rows.saturating_sub(1), ..size });
        let mut text = String::new();
        if !self.is_begun {
            text.extend(std::iter::repeat_n('\n', size.rows.saturating_sub(1)));
            self.is_begun = true;
        }
        text.push_str(HOME);
        for line in lines {
            if self.is_coloured {
                text.push_str(&line);
                text.push_str(PLAIN);
            } else {
                text.extend(strip_str(&line));
            }
            text.push_str(REST_OF_LINE);
            text.push('\n');
        }
        text.push_str(REST);
        let mut stream = AutoStream::new(io::stdout(), ColorChoice::AlwaysAnsi).lock();
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }
}

impl Drop for Paint {
    /// Moves to a new line, below a `^C`.
    fn drop(&mut self) {
        if self.is_begun {
            let mut stream = io::stdout().lock();
            let _ = stream.write_all(b"\n").and_then(|()| stream.flush());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "what the terminal can do is said by the environment")]
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn size() -> Option<Size> {
    let (columns, rows) = terminal_size::terminal_size_of(io::stdout())?;
    let size = Size { columns: columns.0.into(), rows: rows.0.into() };
    (size.columns > 0 && size.rows > 0).then_some(size)
}
