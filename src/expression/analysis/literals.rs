//! Literals that are parsed at run time: days, moments, durations and decimals in quotes, and days without quotes.

use chrono::{Datelike, Month, NaiveDate};
use rhai::{Expr, FnCallExpr, Token};

use super::super::builtin::read;
use super::super::parse::place;
use super::super::run::LEVELS;
use super::names::shown;
use super::types::Ty;
use super::walk::{Walk, start};
use crate::diagnostic::Position;
use crate::value::Value;

/// Units of durations in other languages.
const UNITS: [(&str, &[&str]); 6] = [
    ("ms", &["ms", "msec", "msecs", "millisecond", "milliseconds"]),
    ("s", &["s", "sec", "secs", "second", "seconds"]),
    ("m", &["m", "min", "mins", "minute", "minutes"]),
    ("h", &["h", "hr", "hrs", "hour", "hours"]),
    ("d", &["d", "day", "days"]),
    ("w", &["w", "week", "weeks"]),
];

/// The parts of a day and a time as other languages write them, each with its field here.
const FIELDS: [(&str, &str); 10] = [
    ("YYYY", "%Y"),
    ("yyyy", "%Y"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("dd", "%d"),
    ("HH", "%H"),
    ("hh", "%H"),
    ("mm", "%M"),
    ("SS", "%S"),
    ("ss", "%S"),
];

impl<'a> Walk<'a> {
    /// `date("…")` and the like: a literal that cannot be parsed is reported before it runs.
    pub(super) fn reads_literal(&mut self, call: &FnCallExpr) {
        if call.name == "log" {
            return self.names_level(call);
        }
        let [Expr::StringConstant(text, at)] = call.args.as_slice() else { return };
        let value = Value::text(text);
        let (is_read, what) = match call.name.as_str() {
            "date" => (read::date(&value).is_ok(), "date like 2026-11-21"),
            "datetime" => (read::datetime(&value).is_ok(), "datetime with an offset, like 2026-11-21T09:00:00Z"),
            "duration" => (read::duration(&value).is_ok(), "duration like 90s, 1h 30m or 7d"),
            "decimal" => (read::decimal(&value).is_ok(), "decimal like 1.20"),
            _ => return,
        };
        if is_read {
            return;
        }
        let (message, help) = match no_such_day(text) {
            Some((message, help)) => (message, Some(help)),
            None => {
                let meant = meant(&call.name, text).map(|meant| format!("write `{}(\"{meant}\")`", call.name));
                (format!("`{}` is not a {what}", shown(text)), meant)
            }
        };
        let at = place(*at);
        let is_plain = self.known.text.rest(at).starts_with(&format!("\"{text}\""));
        self.finding(at, if is_plain { text.chars().count() + 2 } else { 1 }, message, help);
    }

    /// `log("text", value)`: the first of several arguments is the level.
    fn names_level(&mut self, call: &FnCallExpr) {
        let [Expr::StringConstant(level, at), _, ..] = call.args.as_slice() else { return };
        if LEVELS.contains(&level.as_str()) {
            return;
        }
        let help = match level.to_lowercase().as_str() {
            "warning" => "write `\"warn\"`".to_owned(),
            "err" | "fatal" | "critical" => "write `\"error\"`".to_owned(),
            "notice" | "information" => "write `\"info\"`".to_owned(),
            _ => "write `log(level, text, #{ … })`, or one text in backticks: `` log(`… ${value}`) ``".to_owned(),
        };
        let message = format!("`{}` is no level: there are {}", shown(level), super::chains::listed(&LEVELS));
        self.finding(place(*at), level.chars().count() + 2, message, Some(help));
    }

    /// `format("YYYY-MM-DD")`: a pattern without any field, and `"{}".format(x)`. `at` is the place of `format`.
    pub(super) fn formats(&mut self, receiver: Ty<'a>, call: &FnCallExpr, at: Position) {
        if receiver == Ty::Text {
            let help = "fill a text in within backticks: `` `Hello ${name}` ``".to_owned();
            return self.finding(at, "format".len(), "a text has no `format`".to_owned(), Some(help));
        }
        let [Expr::StringConstant(pattern, at)] = call.args.as_slice() else { return };
        if pattern.contains('%') {
            return;
        }
        let message = format!("`{}` names no part of a date: each begins with `%`", shown(pattern));
        let meant = FIELDS.iter().fold(pattern.to_string(), |text, (field, meant)| text.replace(field, meant));
        let meant = if meant.contains('%') { meant } else { "%Y-%m-%d".to_owned() };
        self.finding(place(*at), pattern.chars().count() + 2, message, Some(format!("write `\"{}\"`", shown(&meant))));
    }

    /// `2026-11-21` is a subtraction of three numbers. Returns whether it is one.
    pub(super) fn is_day_without_quotes(&mut self, call: &FnCallExpr, token: &Token) -> bool {
        let [left @ Expr::FnCall(inner, _), Expr::IntegerConstant(..)] = call.args.as_slice() else { return false };
        let numbers = inner.args.iter().all(|argument| matches!(argument, Expr::IntegerConstant(..)));
        if !matches!((token, &inner.op_token), (Token::Minus, Some(Token::Minus))) || !numbers {
            return false;
        }
        let at = start(left);
        let Some(day) = self.known.text.rest(at).get(..DAY.len()).filter(|day| looks_like_a_day(day)) else {
            return false;
        };
        let (message, help) = match no_such_day(day) {
            Some((message, help)) => (message, Some(help)),
            None => (
                format!("`{day}` is a subtraction of numbers here, not a day"),
                Some(format!("write `date(\"{day}\")`")),
            ),
        };
        self.finding(at, DAY.len(), message, help);
        true
    }

    /// The type of `max(a, b)` and `min(a, b)`.
    pub(super) fn smaller_or_larger(
        &mut self,
        name: &str,
        first: Ty<'a>,
        second: Option<Ty<'a>>,
        at: Position,
    ) -> Option<Ty<'a>> {
        let second = second.filter(|_| matches!(name, "max" | "min"))?;
        Some(match (first, second) {
            (Ty::Decimal, Ty::Float) | (Ty::Float, Ty::Decimal) => {
                let message = format!("`{name}` cannot compare a decimal with a float: their digits differ");
                self.finding(at, name.len(), message, Some(super::operators::BOTH_DECIMAL.to_owned()));
                Ty::Decimal
            }
            (first, second) if first == second => first,
            (first, second) if !self.compares(&rhai::Token::LessThan, first, second) => {
                let message =
                    format!("`{name}` compares {} with {}, which can never match", first.name(), second.name());
                self.finding(at, name.len(), message, None);
                Ty::Any
            }
            _ => Ty::Any,
        })
    }
}

/// How a day is written.
const DAY: &str = "yyyy-mm-dd";

fn looks_like_a_day(text: &str) -> bool {
    let fits = |(c, form): (char, char)| if form == '-' { c == '-' } else { c.is_ascii_digit() };
    text.len() == DAY.len() && text.chars().zip(DAY.chars()).all(fits)
}

/// The message for a text that looks like a day but is none.
pub(super) fn no_such_day(text: &str) -> Option<(String, String)> {
    let day = text.get(..DAY.len()).filter(|day| looks_like_a_day(day) && day.parse::<NaiveDate>().is_err())?;
    let (year, month) = (day.get(..4)?.parse::<i32>().ok()?, day.get(5..7)?.parse::<u8>().ok()?);
    let help = match Month::try_from(month) {
        Ok(named) => {
            let first = NaiveDate::from_ymd_opt(year, u32::from(month), 1)?;
            let days = (first + chrono::Months::new(1)).pred_opt()?.day();
            format!("{} {year} has {days} days", named.name())
        }
        Err(_) => "a year has 12 months".to_owned(),
    };
    Some((format!("there is no day `{day}`"), help))
}

/// What was meant by a text that `function` cannot parse.
fn meant(function: &str, text: &str) -> Option<String> {
    let candidates = match function {
        "duration" if months(text).is_some() => vec![format!("{}d", months(text)?)],
        "duration" => vec![in_short(text)?],
        "decimal" => vec![text.replace(',', "."), text.replace([',', '_', ' '], "")],
        "datetime" => {
            let text = text.trim().replacen(' ', "T", 1);
            vec![format!("{text}Z"), format!("{text}:00Z"), format!("{text}T00:00:00Z")]
        }
        "date" => {
            vec![text.trim().get(..DAY.len())?.to_owned(), text.trim().get(..DAY.len())?.replace(['/', '.'], "-")]
        }
        _ => return None,
    };
    candidates.into_iter().find(|candidate| {
        let value = Value::text(candidate);
        match function {
            "duration" => read::duration(&value).is_ok(),
            "decimal" => read::decimal(&value).is_ok(),
            "datetime" => read::datetime(&value).is_ok(),
            _ => read::date(&value).is_ok(),
        }
    })
}

/// The days of so many months: `1M`, which is no minute.
fn months(text: &str) -> Option<u32> {
    text.trim().strip_suffix('M')?.trim().parse::<u32>().ok()?.checked_mul(30)
}

/// `1 day and 2 hours` as `1d 2h`.
fn in_short(text: &str) -> Option<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0)?;
        let (number, behind) = rest.split_at_checked(digits)?;
        let behind = behind.trim_start();
        let letters = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
        let (word, behind) = behind.split_at_checked(letters)?;
        let word = word.to_lowercase();
        let (unit, _) = UNITS.iter().find(|(_, words)| words.contains(&word.as_str()))?;
        parts.push(format!("{number}{unit}"));
        rest = behind.trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest).trim_start();
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}
