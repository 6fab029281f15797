//! `schedule`: five fields of cron, a time zone, and attributes that keep their rules.

use crate::diagnostic::Span;
use crate::name::Name;
use crate::value::Map;

use super::check::Checker;
use super::findings::{listed, meant};
use super::{Overlap, Schedule};

/// A field of a cron line: its name, its least and largest number, and words that stand for numbers from the least on.
struct Field {
    name: &'static str,
    least: u32,
    largest: u32,
    words: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, largest: 59, words: &[] },
    Field { name: "hour", least: 0, largest: 23, words: &[] },
    Field { name: "day of the month", least: 1, largest: 31, words: &[] },
    Field { name: "month", least: 1, largest: 12, words: &MONTHS },
    Field { name: "day of the week", least: 0, largest: 7, words: &WEEKDAYS },
];

impl Checker<'_> {
    /// The schedule, as far as it is right.
    pub(super) fn schedule(&mut self) -> Option<Schedule> {
        let doc = self.document.schedule.as_ref()?;
        if let Err(why) = check_cron(&doc.cron.value) {
            let help = "write minute, hour, day of the month, month, day of the week, like `30 6 * * mon-fri`";
            self.findings.error(doc.cron.span, why, Some(help.to_owned()));
        }
        if let Some(zone) = doc.timezone.as_ref().filter(|zone| !is_zone_name(&zone.value)) {
            let message = format!("`{}` is no name of a time zone", zone.value);
            self.findings.error(zone.span, message, Some("write it like `Europe/Berlin`, or `UTC`".to_owned()));
        }
        let overlap = match &doc.overlap {
            None => Overlap::default(),
            Some(given) => Overlap::ALL.into_iter().find(|o| given.value == o.name()).unwrap_or_else(|| {
                let names = || Overlap::ALL.iter().map(|o| o.name());
                let message = format!("unknown `overlap` `{}`: expected {}", given.value, listed(names()));
                self.findings.error(given.span, message, meant(&given.value, names()));
                Overlap::default()
            }),
        };
        Some(Schedule {
            cron: doc.cron.value.clone(),
            timezone: doc.timezone.as_ref().map(|zone| zone.value.clone()),
            given: self.schedule_given(doc.cron.span),
            overlap,
        })
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

fn check_cron(line: &str) -> Result<(), String> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return Err(format!("`cron` has {} fields, {} were expected", parts.len(), FIELDS.len()));
    }
    parts.iter().zip(&FIELDS).try_for_each(|(part, field)| {
        part.split(',').try_for_each(|item| {
            check_item(item, field).ok_or_else(|| {
                format!(
                    "`{item}` is no {}: expected `*`, a number from {} to {}, a range or a step",
                    field.name, field.least, field.largest
                )
            })
        })
    })
}

/// `*`, `5`, `mon`, `1-5`, each with a step (`*/15`) if need be.
fn check_item(item: &str, field: &Field) -> Option<()> {
    let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
    if let Some(step) = step {
        step.parse::<u32>().ok().filter(|step| (1..=field.largest).contains(step))?;
    }
    if range == "*" {
        return Some(());
    }
    match range.split_once('-') {
        Some((from, to)) => (number(from, field)? <= number(to, field)?).then_some(()),
        None => number(range, field).map(|_| ()),
    }
}

fn number(text: &str, field: &Field) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let by_word = field.words.iter().position(|word| *word == lower).and_then(|at| u32::try_from(at).ok());
    let digits = || Some(text).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?.parse::<u32>().ok();
    by_word.map(|at| at + field.least).or_else(digits).filter(|n| (field.least..=field.largest).contains(n))
}

/// Whether `name` looks like a name of the time zone database: `UTC`, `Europe/Berlin`, `Etc/GMT+3`.
fn is_zone_name(name: &str) -> bool {
    name.split('/').all(|part| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cron_lines_have_five_fields_in_their_bounds() {
        for line in ["* * * * *", "*/15 0-6,22 1 jan-mar MON-fri", "0 9 * * 7", "5/10 * 31 12 0"] {
            assert_eq!(check_cron(line), Ok(()), "{line}");
        }
        for line in ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "5-1 * * * *"]
        {
            assert!(check_cron(line).is_err(), "{line}");
        }
        for line in ["*/0 * * * *", "* * * * fry", "a * * * *", "+5 * * * *", "1- * * * *", ", * * * *"] {
            assert!(check_cron(line).is_err(), "{line}");
        }
    }

    #[test]
    fn zone_names_have_their_form() {
        for name in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3"] {
            assert!(is_zone_name(name), "{name}");
        }
        for name in ["", "europe/berlin", "Europe/", "+01:00", "Berlin Time"] {
            assert!(!is_zone_name(name), "{name}");
        }
    }
}
