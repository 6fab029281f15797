//! The stretches of a file that YAML is not shown.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Finding, Source, Span};

use super::trap::{Patch, Trouble};

/// Patches by where they begin; none overlaps another.
#[derive(Debug, Default)]
pub(super) struct Patches(BTreeMap<usize, Patch>);

impl Patches {
    /// The patch that begins at `start`.
    pub(super) fn at(&self, start: usize) -> Option<&Patch> {
        self.0.get(&start)
    }

    /// Adds what was found. A later one takes the place of an earlier one that it overlaps.
    pub(super) fn extend(&mut self, news: Vec<Patch>) {
        for patch in news {
            self.0.retain(|_, old| old.span.end <= patch.span.start || old.span.start >= patch.span.end);
            self.0.insert(patch.span.start, patch);
        }
    }

    /// The text with a plain word of the same length in place of each patch.
    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.0.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut patched = String::with_capacity(text.len());
        let mut at = 0;
        for Span { start, end } in self.0.values().map(|patch| patch.span) {
            patched.push_str(text.get(at..start).unwrap_or_default());
            patched.extend(std::iter::repeat_n('x', end - start));
            at = end;
        }
        patched.push_str(text.get(at..).unwrap_or_default());
        Cow::Owned(patched)
    }

    /// What is wrong with the patched stretches.
    pub(super) fn findings(&self, source: &Arc<Source>) -> impl Iterator<Item = Finding> {
        let troubles = self.0.values().filter_map(|patch| Some((patch.span, patch.trouble.as_ref()?)));
        troubles.map(|(span, Trouble { at, message, help })| {
            Finding::error(source, Span::new(*at, span.end.max(*at)), message.clone()).with_help(*help)
        })
    }
}

impl Patch {
    /// A value that the YAML parser refused.
    pub(super) fn blamed(span: Span, at: usize, message: String, help: &'static str) -> Self {
        Self { span, trouble: Some(Trouble { at, message, help }), misleads: true }
    }
}
