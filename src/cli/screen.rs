//! The two streams: results on stdout, everything else on stderr; with colour if it is wanted.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Effects, Style};
use clap::ValueEnum;

use super::exit::Failure;

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
pub(super) const CARE: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
pub(super) const STRONG: Style = Style::new().effects(Effects::BOLD);
pub(super) const FAINT: Style = Style::new().effects(Effects::DIMMED);

/// When there is colour.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// Where output goes, and its style.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    /// Whether there is colour.
    pub(super) color: ColorChoice,
    /// Whether `--quiet` is given: moves are left out.
    pub(super) quiet: bool,
    /// Whether results are JSON.
    pub(super) json: bool,
    /// Whether times are shown as stored.
    pub(super) utc: bool,
}

impl Screen {
    /// Writes a result. A closed pipe is no error: its reader has what it wanted.
    pub(super) fn result(&self, text: &str) -> Result<(), Failure> {
        let mut stream = AutoStream::new(io::stdout(), self.color).lock();
        let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        match written {
            Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::storage(format!("the result cannot be written: {why}")))
            }
            _ => Ok(()),
        }
    }

    /// Writes one of many results, on a line. False if nobody reads them any more.
    pub(super) fn line(&self, text: &str) -> Result<bool, Failure> {
        let mut stream = io::stdout().lock();
        match writeln!(stream, "{text}").and_then(|()| stream.flush()) {
            Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(why) => Err(Failure::storage(format!("the result cannot be written: {why}"))),
            Ok(()) => Ok(true),
        }
    }

    /// Writes a result that is not text.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stream = io::stdout().lock();
        match stream.write_all(bytes).and_then(|()| stream.flush()) {
            Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::storage(format!("the result cannot be written: {why}")))
            }
            _ => Ok(()),
        }
    }

    /// The width of results: that of the terminal, else `COLUMNS`. None if it is not limited.
    pub(super) fn columns(&self) -> Option<usize> {
        columns(terminal_size::terminal_size_of(io::stdout()))
    }

    /// The same for what is printed beside the results.
    pub(super) fn note_columns(&self) -> Option<usize> {
        columns(terminal_size::terminal_size_of(io::stderr()))
    }

    /// Writes a result as JSON.
    pub(super) fn json(&self, value: &impl serde::Serialize) -> Result<(), Failure> {
        self.result(&format!("{}\n", json_text(value)?))
    }

    /// Writes a note to stderr. If that fails, there is no way to report it.
    pub(super) fn note(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr(), self.color).lock();
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }

    /// Writes a note to stderr, unless `--quiet` is given.
    pub(super) fn aside(&self, text: &str) {
        if !self.quiet {
            self.note(text);
        }
    }

    /// Reports why a command did not do what it was asked.
    pub(super) fn failure(&self, failure: &Failure) {
        if self.json {
            return self.note(&format!("{}\n", super::error::of(failure)));
        }
        let mut text = super::findings::all(&failure.findings, self.note_columns());
        if let Some(message) = &failure.message {
            let (kind, stands) = (super::error::kind(failure), super::error::stands(failure));
            text += &format!("{BAD}error{BAD:#}: {}{kind}\n", plain(message));
            text += &stands.map(|stands| format!("{STRONG}note{STRONG:#}: {}\n", plain(&stands))).unwrap_or_default();
        }
        if let Some(help) = &failure.help {
            text += &format!("{STRONG}help{STRONG:#}: {}\n", plain(help));
        }
        self.note(&text);
    }

    /// Asks the user yes or no. None if there is no terminal to ask on.
    pub(super) fn ask(&self, question: &str) -> Option<bool> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        self.note(&format!("{question} [y/N] "));
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).ok()?;
        Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }
}

#[expect(clippy::disallowed_methods, reason = "how wide the screen is may be said by the environment")]
fn columns(of_terminal: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    let said = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    of_terminal.map(|(columns, _)| usize::from(columns.0)).or_else(said).filter(|columns| *columns > 0)
}

/// A result as JSON.
pub(super) fn json_text(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|why| Failure::storage(format!("the result cannot be written as JSON: {why}")))
}

/// `text` with control characters escaped, so that no value can control the terminal. Line breaks stay.
pub(super) fn plain(text: &str) -> String {
    if !text.chars().any(steers) {
        return text.to_owned();
    }
    text.chars().map(|c| if steers(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// Whether a character could control a terminal, or change the reading direction.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_printed_steers_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\r\u{202e}c\n\td"), "a\\u{1b}[2Jb\\r\\u{202e}c\n\td");
        assert_eq!(plain("grüße"), "grüße");
    }
}
