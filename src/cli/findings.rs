//! Findings for people: a first line that editors parse, the excerpt with its mark, and the help.

use std::fmt::Write as _;

use annotate_snippets::renderer::{DEFAULT_TERM_WIDTH, DecorStyle};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Finding, Position, Severity, Span};

use super::screen::{BAD, CARE, STRONG, plain};

/// Characters of a line that are shown before the mark.
const MAX_BEFORE: usize = 80;
/// Characters of a line that are shown from the mark on.
const MAX_AFTER: usize = 160;

/// All of `findings`, one after the other.
pub(super) fn all(findings: &[Finding], columns: Option<usize>) -> String {
    findings.iter().map(|finding| within(finding, columns)).collect()
}

/// The same, with a blank line behind each.
pub(super) fn apart(findings: &[Finding], columns: Option<usize>) -> String {
    findings.iter().map(|finding| within(finding, columns) + "\n").collect()
}

/// A finding, with colour; its excerpt no wider than `columns`.
pub(super) fn within(finding: &Finding, columns: Option<usize>) -> String {
    let Position { line, column } = finding.position();
    let (style, word) = match finding.severity {
        Severity::Error => (BAD, ""),
        Severity::Warning => (CARE, "warning: "),
    };
    let file = plain(finding.source.name());
    let message = plain(&finding.message);
    let mut text = format!("{STRONG}{file}:{line}:{column}:{STRONG:#} {style}{word}{message}{style:#}\n");
    if let Some(excerpt) = excerpt(finding, columns) {
        text += &excerpt;
        text.push('\n');
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(text, "{STRONG}help{STRONG:#}: {}", plain(help));
    }
    text
}

/// The line of the finding with its mark. A place that spans several lines is marked in the first one; of a very long
/// line only a part is shown.
fn excerpt(finding: &Finding, columns: Option<usize>) -> Option<String> {
    let text = finding.source.text();
    let start = floor(text, finding.span.start.min(text.len()));
    let before = text.get(..start)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(start..)?;
    let line_end = start + rest.find('\n').unwrap_or(rest.len());
    let end = floor(text, finding.span.end.clamp(start, line_end));
    let from = text.get(line_start..start)?.char_indices().rev().nth(MAX_BEFORE - 1).map_or(0, |(at, _)| at);
    let from = line_start + from;
    let to = text.get(start..line_end)?.char_indices().nth(MAX_AFTER).map_or(line_end, |(at, _)| start + at);
    let shown = text.get(from..to)?.trim_end_matches('\r').trim_start_matches('\u{feff}');
    if shown.trim().is_empty() && finding.span == Span::default() {
        return None;
    }
    let cut = text.get(from..to)?.len() - text.get(from..to)?.trim_start_matches('\u{feff}').len();
    let mark =
        (start - from).saturating_sub(cut).min(shown.len())..(end.min(to) - from).saturating_sub(cut).min(shown.len());
    let snippet =
        Snippet::source(shown).line_start(finding.position().line).annotation(AnnotationKind::Primary.span(mark));
    let level = if finding.is_error() { Level::ERROR } else { Level::WARNING };
    let report = [Group::with_level(level).element(snippet)];
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    Some(renderer.term_width(columns.unwrap_or(DEFAULT_TERM_WIDTH)).render(&report))
}

/// The first line of a text that may be long.
pub(super) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut = line.chars().count() > MAX_BEFORE || line.len() < text.trim_end().len();
    line.chars().take(MAX_BEFORE).chain(cut.then_some('…')).collect()
}

/// The character boundary at or before `byte`.
fn floor(text: &str, mut byte: usize) -> usize {
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}
