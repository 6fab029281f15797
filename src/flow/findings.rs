//! The findings of a check: ordered by place, without duplicates, bounded.

use std::sync::Arc;

use crate::diagnostic::{Finding, Source, Span, has_errors};
use crate::name::nearest;

/// Findings of one document that are reported; the others are counted.
const MAX_FINDINGS: usize = 200;

/// The findings so far.
pub(super) struct Findings {
    source: Arc<Source>,
    found: Vec<Finding>,
}

impl Findings {
    /// None yet.
    pub(super) fn new(source: &Arc<Source>) -> Self {
        Self { source: Arc::clone(source), found: Vec::new() }
    }

    /// Adds an error.
    pub(super) fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<Option<String>>) {
        let finding = Finding::error(&self.source, span, message);
        self.found.push(Finding { help: help.into(), ..finding });
    }

    /// Adds a warning.
    pub(super) fn warning(&mut self, span: Span, message: impl Into<String>, help: impl Into<Option<String>>) {
        let finding = Finding::warning(&self.source, span, message);
        self.found.push(Finding { help: help.into(), ..finding });
    }

    /// Whether a further finding may be shown; otherwise its help need not be computed.
    pub(super) fn have_room(&self) -> bool {
        self.found.len() < 2 * MAX_FINDINGS
    }

    /// Whether there are errors, so that the flow cannot run.
    pub(super) fn have_errors(&self) -> bool {
        has_errors(&self.found)
    }

    /// How many errors there are.
    pub(super) fn errors(&self) -> usize {
        self.found.iter().filter(|finding| finding.is_error()).count()
    }

    /// Adds the findings of another part of the file.
    pub(super) fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// All findings, ordered by place.
    pub(super) fn finish(self) -> Vec<Finding> {
        let mut found = self.found;
        found.sort_by_key(|f| (f.span.start, f.severity == crate::diagnostic::Severity::Warning));
        found.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        let more = found.len().saturating_sub(MAX_FINDINGS);
        // Errors must not be crowded out by warnings: the last place is kept for the first error that would be cut off.
        let hidden = found.iter().skip(MAX_FINDINGS).find(|f| f.is_error()).cloned();
        found.truncate(MAX_FINDINGS);
        if more > 0 {
            found.extend(hidden);
            if let Some(last) = found.last_mut() {
                let advice = last.help.take().map(|help| format!("{help}; ")).unwrap_or_default();
                last.help =
                    Some(format!("{advice}{more} more findings are not shown (MAX_FINDINGS is {MAX_FINDINGS})"));
            }
        }
        found
    }
}

/// The help that names the most similar of `known`, if one is similar.
pub(super) fn meant<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(given, known).map(|near| format!("did you mean `{near}`?"))
}

/// Names as messages list them: `` `a`, `b` or `c` ``.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
