//! `schedule`: five fields of cron, a time zone, and attributes that keep their rules.

use chrono_tz::Tz;

use crate::diagnostic::{Span, Spanned};
use crate::name::Name;
use crate::value::Map;

use super::check::Checker;
use super::cron::Cron;
use super::findings::{listed, meant};
use super::rule::{Rule, nearest_zone, zone};
use super::{Overlap, Schedule};

/// The time zone of a schedule that does not say.
const ZONE: &str = "UTC";

impl Checker<'_> {
    /// The schedule, as far as it is right.
    pub(super) fn schedule(&mut self) -> Option<Schedule> {
        let doc = self.document.schedule.as_ref()?;
        let (cron, zone) = (self.cron(&doc.cron), self.zone(doc.timezone.as_ref()));
        let overlap = match &doc.overlap {
            None => Overlap::default(),
            Some(given) => Overlap::ALL.into_iter().find(|o| given.value == o.name()).unwrap_or_else(|| {
                let names = || Overlap::ALL.iter().map(|o| o.name());
                let message = format!("unknown `overlap` `{}`: expected {}", given.value, listed(names()));
                self.findings.error(given.span, message, meant(&given.value, names()));
                Overlap::default()
            }),
        };
        let given = self.schedule_given(doc.cron.span);
        Some(Schedule { rule: Rule::new(&doc.cron.value, cron?, zone?), given, overlap })
    }

    fn cron(&mut self, line: &Spanned<String>) -> Option<Cron> {
        let (why, help) = match line.value.parse::<Cron>() {
            Ok(cron) if cron.ever_comes() => return Some(cron),
            Ok(_) => (
                format!("`{}` never comes: none of its months has such a day", line.value),
                "look at day of the month (the third field) and month (the fourth)",
            ),
            Err(why) => (why, "write minute, hour, day of the month, month, day of the week, like `30 6 * * mon-fri`"),
        };
        self.findings.error(line.span, why, Some(help.to_owned()));
        None
    }

    fn zone(&mut self, name: Option<&Spanned<String>>) -> Option<Tz> {
        let Some(name) = name else { return zone(ZONE) };
        let zone = zone(&name.value);
        if zone.is_none() {
            let help = match nearest_zone(&name.value) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write it like `Europe/Berlin`, or `UTC`".to_owned(),
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
                    format!("`given` names `{}`, which is no attribute of the flow", name.value),
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
