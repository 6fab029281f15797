//! Patches: stretches of a file that are hidden from YAML.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::{Finding, Severity, Source, Span};

use super::trap::{Patch, Trouble};
use super::unquoted::Unquoted;

/// Patches by their start; they do not overlap.
#[derive(Debug, Default)]
pub(super) struct Patches {
    by_start: BTreeMap<usize, Patch>,
    /// Starts of former patches that turned out to be wrong.
    banned: HashSet<usize>,
    /// Starts of wrong guesses, and of guesses that were dropped together with what misled the reading before them.
    wrong_guesses: HashSet<usize>,
}

impl Patches {
    /// The patch that begins at `start`.
    pub(super) fn at(&self, start: usize) -> Option<&Patch> {
        self.by_start.get(&start)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_start.is_empty()
    }

    /// Whether a patch may be made at `start`: once as a guess and once with certainty, so that rereading terminates.
    pub(super) fn allows(&self, start: usize, is_guess: bool) -> bool {
        let is_free = !self.by_start.contains_key(&start) && !self.banned.contains(&start);
        is_free && !(is_guess && self.wrong_guesses.contains(&start))
    }

    fn take_back(&mut self, start: usize) {
        let Some(patch) = self.by_start.remove(&start) else { return };
        let taken_back = if patch.is_guess { &mut self.wrong_guesses } else { &mut self.banned };
        taken_back.insert(start);
    }

    /// Adds new patches. A later one replaces earlier ones that it overlaps.
    pub(super) fn extend(&mut self, news: Vec<Patch>) {
        for patch in news {
            while let Some(old) = self.overlapping(patch.span) {
                self.take_back(old);
            }
            self.by_start.insert(patch.span.start, patch);
        }
    }

    fn overlapping(&self, span: Span) -> Option<usize> {
        let (start, patch) = self.by_start.range(..span.end).next_back()?;
        (patch.span.end > span.start).then_some(*start)
    }

    /// Removes the patches before `read_to` that are not `confirmed`: these are not values of scripts. Returns whether
    /// there were any.
    pub(super) fn settle(&mut self, confirmed: &HashSet<usize>, read_to: usize) -> bool {
        let wrong: Vec<usize> = self
            .by_start
            .range(..read_to)
            .map(|(start, _)| *start)
            .filter(|start| !confirmed.contains(start))
            .collect();
        wrong.iter().for_each(|start| self.take_back(*start));
        !wrong.is_empty()
    }

    /// The text with each patch replaced by a plain word of the same length.
    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.by_start.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut patched = String::with_capacity(text.len());
        let mut at = 0;
        for Span { start, end } in self.by_start.values().map(|patch| patch.span) {
            patched.push_str(text.get(at..start).unwrap_or_default());
            patched.extend(std::iter::repeat_n('x', end - start));
            at = end;
        }
        patched.push_str(text.get(at..).unwrap_or_default());
        Cow::Owned(patched)
    }

    /// The stretches that are taken as they were meant, although YAML would refuse them or read something else.
    pub(super) fn unquoted(&self) -> Vec<Unquoted> {
        let meant = self.by_start.values().filter(|patch| patch.trouble.is_none());
        meant.map(|patch| Unquoted { span: patch.span, column: patch.column, in_flow: patch.in_flow }).collect()
    }

    /// What is wrong with the patched stretches.
    pub(super) fn findings(&self, source: &Arc<Source>) -> impl Iterator<Item = Finding> {
        let troubles = self.by_start.values().filter_map(|patch| Some((patch.span, patch.trouble.as_ref()?)));
        troubles.map(|(span, Trouble { at, message, help, is_warning })| {
            let severity = if *is_warning { Severity::Warning } else { Severity::Error };
            let length = source.text().get(*at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let span = Span::new(*at, span.end.max(*at + length));
            Finding { severity, ..Finding::error(source, span, message.clone()) }.with_help(help.clone())
        })
    }
}

/// The text of an expression that is `written` in the file: further lines without their common indentation and without
/// trailing blanks, as in a block scalar. So it stays the same wherever it is moved.
pub(super) fn text_of(written: &str) -> Cow<'_, str> {
    let Some((first, below)) = written.split_once('\n') else { return Cow::Borrowed(written) };
    let ended = |line: &'_ str| line.trim_end_matches([' ', '\t', '\r']).len();
    let lines = || below.split('\n').map(|line| line.get(..ended(line)).unwrap_or_default());
    let indentation = |line: &str| line.bytes().take_while(|b| *b == b' ').count();
    let least = lines().filter(|line| !line.is_empty()).map(indentation).min().unwrap_or_default();
    let mut text = first.get(..ended(first)).unwrap_or_default().to_owned();
    for line in lines() {
        text.push('\n');
        text.push_str(line.get(least..).unwrap_or_default());
    }
    Cow::Owned(text)
}

impl Patch {
    /// A value that the YAML parser refused.
    pub(super) fn blamed(span: Span, at: usize, message: String, help: impl Into<Cow<'static, str>>) -> Self {
        let trouble = Trouble { at, message, help: help.into(), is_warning: false };
        let (is_script, in_flow, is_guess) = (false, false, false);
        Self { span, trouble: Some(trouble), misleads: true, is_script, in_flow, is_guess, column: 0 }
    }
}
