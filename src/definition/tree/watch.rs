//! Looks for what YAML misreads, while nodes are built.

use granit_parser::ErrorKind;

use crate::diagnostic::Span;

use super::super::extent::{self, Line, flow_keys};
use super::super::limits::MAX_SCRIPT_BYTES;
use super::super::node::Content;
use super::super::predict;
use super::super::syntax;
use super::super::trap::{Patch, Place, Role, SCRIPTS};
use super::build::{Builder, Frame};
use super::{Abort, line_start};

impl<'a> Builder<'a> {
    /// Examines the value of the key just read, if it is a script.
    pub(super) fn look_for_traps(&mut self, key: Span, in_flow: bool) -> Result<(), Abort> {
        let role = self.role();
        let place = self.place(key, in_flow, self.key_is("decision"));
        let patched = || self.patches.at(place.text_start()?);
        if !self.patches.is_empty()
            && let Some(patch) = patched().filter(|patch| role.is_some() || !patch.is_script)
        {
            if patch.is_script && patch.in_flow != in_flow {
                return self.guess_again(patch.span.start, &place);
            }
            self.confirmed.insert(patch.span.start);
            if patch.trouble.as_ref().is_some_and(|trouble| !trouble.is_warning) {
                self.stand_ins.insert(patch.span.start, role.map_or("", Role::stand_in));
            }
            return Ok(());
        }
        if let Some(patch) = self.cron_trap(&place) {
            self.news.push(patch);
            return Err(Abort::Again);
        }
        if role.is_some() && self.examine(place, false) {
            self.predict();
            return Err(Abort::Again);
        }
        Ok(())
    }

    /// A cron line that begins with `*`, which YAML takes for an alias.
    fn cron_trap(&self, place: &Place<'_>) -> Option<Patch> {
        let text = self.source.text();
        let schedule = self.open.first().filter(|_| self.open.len() == 2)?;
        let is_cron = self.key_is("cron") && schedule.key.as_ref()?.text()? == &"schedule".into();
        let start = place.value_start().filter(|start| is_cron && !start.below)?.at;
        let line = text.get(start..Line::at(text, start).end).filter(|line| line.starts_with('*'))?;
        // Lists of numbers have no blank after their commas.
        let line = if place.in_flow { line.split(", ").next()?.split('}').next()? } else { line };
        let line = line.split(" #").next()?.trim_end();
        let help = format!("put it in quotes: `cron: \"{line}\"`");
        let message = "`*` begins an alias in YAML, not a line of cron".to_owned();
        let is_new = self.budget > 0 && self.patches.allows(start, false);
        is_new.then(|| Patch::blamed(Span::new(start, start + line.len()), start, message, help))
    }

    /// Examines a value again that was wrongly taken to be outside of `{ … }`, or inside. The guess at `start` is taken
    /// back.
    fn guess_again(&mut self, start: usize, place: &Place<'_>) -> Result<(), Abort> {
        self.read_to = self.read_to.max(start + 1);
        let (patch, looked_at) = place.examine();
        self.budget = self.budget.saturating_sub(looked_at);
        self.news.extend(patch.filter(|_| self.budget > 0));
        Err(Abort::Again)
    }

    fn place(&self, key: Span, in_flow: bool, list_allowed: bool) -> Place<'a> {
        let text = self.source.text();
        let column = if in_flow { 0 } else { key.start - line_start(text, key.start) };
        Place { text, key_end: key.end, column, in_flow, list_allowed }
    }

    /// Looks for a trap in a value. Returns whether one was found that may have misled the reading of what follows.
    fn examine(&mut self, place: Place<'_>, is_guess: bool) -> bool {
        let is_seen = self.news.last().is_some_and(|patch| patch.span.end > place.key_end);
        if self.budget == 0 || is_seen {
            return false;
        }
        let (patch, looked_at) = place.examine();
        self.budget = self.budget.saturating_sub(looked_at);
        let Some(patch) = patch.filter(|patch| self.patches.allows(patch.span.start, is_guess)) else { return false };
        let misleads = patch.misleads;
        self.news.push(Patch { is_guess, ..patch });
        misleads
    }

    /// Looks ahead for more traps of the kind just found.
    pub(super) fn predict(&mut self) {
        let text = self.source.text();
        let Some(end) = self.news.last().map(|patch| patch.span.end) else { return };
        let Some(next) = Line::at(text, end).next else { return };
        self.budget = self.budget.saturating_sub(text.len() - next);
        for place in predict::places(text, next) {
            self.examine(place, true);
        }
    }

    /// Looks for traps in what the parser refused at `at` before it reported any of the keys there: it reads ahead over
    /// a whole `{ … }`, because that might turn out to be a key.
    pub(super) fn looks_ahead(&mut self, at: usize) -> bool {
        let text = self.source.text();
        let from = self.read_to;
        let end = Line::at(text, at.max(from)).end.min(from + MAX_SCRIPT_BYTES);
        let Some(unread) = text.get(from..end) else { return false };
        self.budget = self.budget.saturating_sub(unread.len());
        if self.budget == 0 || !unread.contains('{') {
            return false;
        }
        for key in flow_keys(unread) {
            let name = unread.get(key.start..key.end).unwrap_or_default();
            if !self.is_script_within(name) {
                continue;
            }
            let key = Span::new(from + key.start, from + key.end);
            let place = self.place(key, true, name == "decision");
            if self.examine(place, false) {
                return true;
            }
        }
        false
    }

    /// Whether `name` is the key of a script somewhere inside what is open.
    fn is_script_within(&self, name: &str) -> bool {
        SCRIPTS.iter().any(|(path, _)| {
            path.len() > self.open.len() && path.last() == Some(&name) && self.open.iter().zip(path.iter()).all(fits)
        })
    }

    fn key_is(&self, name: &str) -> bool {
        let key = self.open.last().and_then(|frame| frame.key.as_ref());
        key.and_then(|key| key.text()).is_some_and(|text| &**text == name)
    }

    /// The purpose of the script whose key was just read; none if it is not a script's key.
    pub(super) fn role(&self) -> Option<Role> {
        let found = SCRIPTS
            .iter()
            .find(|(path, _)| path.len() == self.open.len() && self.open.iter().zip(path.iter()).rev().all(fits));
        found.map(|(_, role)| *role)
    }

    /// The bracket that was left open, if an error at `at` is on a line that is not indented more than the bracket's.
    pub(super) fn unclosed(&self, at: usize) -> Option<(char, usize)> {
        let text = self.source.text();
        let start = self.open.iter().find(|frame| frame.in_flow)?.span.start;
        let indent = |at: usize| {
            let line = text.get(line_start(text, at)..).unwrap_or_default();
            line.bytes().take_while(|b| *b == b' ').count()
        };
        let is_outside = line_start(text, at) > start && indent(at) <= indent(start);
        let open = text.get(start..)?.chars().next()?;
        is_outside.then_some((open, start))
    }

    /// Whether an error at `at` concerns a value on one line. Then that value is reported, and the rest of the file is
    /// read without it.
    pub(super) fn blames_value(&mut self, kind: &ErrorKind, at: usize) -> bool {
        if self.budget == 0 || !syntax::is_about_a_value(kind) {
            return false;
        }
        let text = self.source.text();
        let open = self.open.iter().filter_map(|frame| Some((frame.key.as_ref()?.span, frame.in_flow)));
        let keys: Vec<(Span, bool)> = self.last_key.into_iter().chain(open).collect();
        for (key, in_flow) in keys {
            let place = self.place(key, in_flow, false);
            let Some(start) = place.value_start().filter(|start| !start.below && start.at <= at) else { continue };
            let begins_here = start.at == at || !syntax::is_about_its_beginning(kind);
            let end = syntax::value_end(text, start.at, in_flow);
            let is_one_line = in_flow || !extent::continues_below(text, end, place.column);
            let is_new = self.patches.allows(start.at, false);
            if begins_here && is_one_line && at <= end && end > start.at && is_new {
                let (message, help) = syntax::told(text, kind, at);
                let at = syntax::place(text, kind, at);
                self.news.push(Patch::blamed(Span::new(start.at, end), at, message, help));
                return true;
            }
        }
        false
    }
}

/// Whether an open list or map matches a part of a path.
fn fits((frame, part): (&Frame, &&str)) -> bool {
    match &frame.content {
        Content::List(_) => *part == "[]",
        _ if *part == "*" => true,
        _ => frame.key.as_ref().and_then(|key| key.text()).is_some_and(|text| &**text == *part),
    }
}
