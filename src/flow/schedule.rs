//! `schedule`: a cron line, a time zone, and attributes that keep their rules.

use chrono_tz::Tz;

use crate::diagnostic::{Span, Spanned};
use crate::name::Name;
use crate::value::Map;

use super::check::Checker;
use super::cron::{Cron, Wrong};
use super::findings::{listed, meant};
use super::rule::{Rule, zone};
use super::zones::{nearest_zone, offset_zone};
use super::{Overlap, Schedule};

/// The default of `timezone`.
const ZONE: &str = "UTC";

impl Checker<'_> {
    /// The schedule, if it has no errors.
    pub(super) fn schedule(&mut self) -> Option<Schedule> {
        let doc = self.document.schedule.as_ref()?;
        let (line, zone) = (doc.cron.as_ref(), self.zone(doc.timezone.as_ref()));
        let cron = line.and_then(|line| self.cron(line));
        let overlap = match &doc.overlap {
            None => Overlap::default(),
            Some(given) => Overlap::ALL.into_iter().find(|o| given.value == o.name()).unwrap_or_else(|| {
                let names = || Overlap::ALL.iter().map(|o| o.name());
                let message = format!("unknown `overlap` `{}`: expected {}", given.value, listed(names()));
                self.findings.error(given.span, message, meant(&given.value, names()));
                Overlap::default()
            }),
        };
        let given = self.schedule_given(line.map_or(doc.span, |line| line.span));
        Some(Schedule { rule: Rule::new(&line?.value, cron?, zone?), given, overlap, span: doc.span })
    }

    fn cron(&mut self, line: &Spanned<String>) -> Option<Cron> {
        let wrong = match line.value.parse::<Cron>() {
            Ok(cron) if cron.ever_comes() => return Some(cron),
            Ok(_) => vec![Wrong {
                field: 0,
                part: None,
                message: format!("`{}` never comes: none of its months has such a day", line.value),
                help: "look at day of the month (the third field) and month (the fourth)".to_owned(),
            }],
            Err(wrong) => wrong,
        };
        for Wrong { field, part, message, help } in wrong {
            let span = part.as_deref().and_then(|part| self.part_of(line, field, part)).unwrap_or(line.span);
            self.findings.error(span, message, Some(help));
        }
        None
    }

    /// The place of a part of a cron line, in a field of it, in the file.
    fn part_of(&self, line: &Spanned<String>, field: usize, part: &str) -> Option<Span> {
        let written = self.document.source.slice(line.span);
        let field_at = |at: usize| {
            let before = written.get(..at).unwrap_or_default().trim_start_matches(['"', '\'']);
            let begun = usize::from(!before.is_empty() && !before.ends_with(char::is_whitespace));
            before.split_whitespace().count().saturating_sub(begun)
        };
        let is_part = |at: usize| {
            let before = written.get(..at).and_then(|before| before.chars().next_back());
            let after = written.get(at + part.len()..).and_then(|after| after.chars().next());
            let ends = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t' | ',' | '"' | '\''));
            ends(before) && ends(after) && field_at(at) == field
        };
        let (at, _) = written.match_indices(part).find(|(at, _)| is_part(*at))?;
        let start = line.span.start + at;
        Some(Span::new(start, start + part.len()))
    }

    fn zone(&mut self, name: Option<&Spanned<String>>) -> Option<Tz> {
        let Some(name) = name else { return zone(ZONE) };
        let zone = zone(&name.value);
        if zone.is_none() {
            let help = match (offset_zone(&name.value), nearest_zone(&name.value)) {
                (Some(offset), _) => offset,
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => "write it like `Europe/Berlin`, or `UTC`".to_owned(),
            };
            self.findings.error(name.span, format!("no time zone is called `{}`", name.value), Some(help));
        }
        zone
    }

    fn schedule_given(&mut self, place: Span) -> Map {
        let attributes = std::sync::Arc::clone(&self.attributes);
        let mut given = Map::new();
        for (name, plain) in self.document.schedule.iter().flat_map(|doc| &doc.given) {
            let Some(attribute) = attributes.slot(&name.value).and_then(|slot| attributes.get(slot)) else {
                let help = meant(&name.value, attributes.iter().map(|a| a.name.as_str()));
                self.findings.error(
                    name.span,
                    format!("`given` names `{}`, which is not an attribute of the flow", name.value),
                    help,
                );
                continue;
            };
            match super::attributes::read(attribute, &plain.value) {
                Ok(value) => {
                    given.insert(name.value.clone(), value);
                }
                Err(why) => self.findings.error(plain.span, format!("`given`: {why}"), why.help),
            }
        }
        let doc_given: Vec<&Name> =
            self.document.schedule.iter().flat_map(|doc| &doc.given).map(|(name, _)| &name.value).collect();
        for attribute in attributes.iter() {
            if attribute.rules.required && attribute.default.is_none() && !doc_given.contains(&&attribute.name) {
                let message = format!("`schedule` starts tasks without the required attribute `{}`", attribute.name);
                self.findings.error(place, message, Some("add it to `given`".to_owned()));
            }
        }
        given
    }
}
