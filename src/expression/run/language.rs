//! The functions of the language that belong to no value.

use crate::clock::Timestamp;
use crate::name::Name;
use crate::value::{Map, Value};

use super::super::Failure;
use super::super::builtin::read;
use super::super::code::Language;
use super::call::value;
use super::operand::described;
use super::stop::failed;
use super::{Arguments, Machine, Operand, Range, Run};

impl Machine<'_> {
    /// A function of the language.
    pub(super) fn language(&mut self, function: Language, arguments: Arguments) -> Run {
        let given = arguments.as_slice();
        match (function, given) {
            (Language::Now, []) => Ok(self.now()?.fixed_offset().into()),
            (Language::Today, []) => Ok(self.now()?.date_naive().into()),
            (Language::Uuid, []) => {
                let bits = self.outside("uuid", |outside| outside.random_bits())?;
                let id = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
                self.text(id.to_string())
            }
            (Language::Random, []) => {
                let bits = self.outside("random", |outside| outside.random_bits())?;
                // The 53 bits that a float holds, as a fraction.
                let fraction = u64::try_from(bits >> 75).unwrap_or_default();
                Ok((fraction as f64 / (1u64 << 53) as f64).into())
            }
            (Language::Date, [Operand::Value(value)]) => read::date(value).map(Operand::from),
            (Language::Datetime, [Operand::Value(value)]) => read::datetime(value).map(Operand::from),
            (Language::Duration, [Operand::Value(value)]) => read::duration(value).map(Operand::from),
            (Language::Decimal, [Operand::Value(value)]) => read::decimal(value).map(Operand::from),
            (Language::ParseJson, [Operand::Value(Value::Text(text))]) => {
                let value = read::json(text)?;
                self.check(&value, 0)?;
                Ok(value.into())
            }
            (Language::Pi, []) => Ok(std::f64::consts::PI.into()),
            (Language::E, []) => Ok(std::f64::consts::E.into()),
            (Language::Range, [Operand::Value(Value::Integer(start)), Operand::Value(Value::Integer(end))]) => {
                Ok(Operand::Range(Range { start: *start, end: *end, inclusive: false }))
            }
            (Language::Range, [from, to, step]) => self.stepped(from, to, step),
            (Language::Curry, [Operand::Function(pointer), more @ ..]) => {
                let mut pointer = pointer.clone();
                pointer.curried.extend(more.iter().cloned());
                Ok(Operand::Function(pointer))
            }
            (Language::Log, _) => self.log(given),
            (Language::Fail, _) => fail(given),
            (Language::Start, _) => self.start_task(given),
            (function, given) => Err(wrong(function, given)),
        }
    }

    fn now(&mut self) -> Run<Timestamp> {
        self.outside("now", |outside| outside.now())
    }

    /// `range(from, to, step)`: the numbers as a list.
    fn stepped(&mut self, from: &Operand, to: &Operand, step: &Operand) -> Run {
        let (
            Operand::Value(Value::Integer(from)),
            Operand::Value(Value::Integer(to)),
            Operand::Value(Value::Integer(step)),
        ) = (from, to, step)
        else {
            return Err(failed("`range` takes integers"));
        };
        if *step == 0 {
            return Err(failed("`range` needs a step that is not 0"));
        }
        let (mut items, mut next) = (Vec::new(), Some(*from));
        while let Some(number) = next.filter(|n| if *step > 0 { n < to } else { n > to }) {
            self.may_hold_items(items.len().saturating_add(1))?;
            items.push(Value::Integer(number));
            next = number.checked_add(*step);
        }
        self.list(items)
    }

    fn log(&mut self, given: &[Operand]) -> Run {
        let nothing = Operand::Value(Value::Map(std::sync::Arc::default()));
        let (level, text, fields) = match given {
            [text] => ("info", text, &nothing),
            [Operand::Value(Value::Text(level)), text] => (level.as_str(), text, &nothing),
            [Operand::Value(Value::Text(level)), text, fields] => (level.as_str(), text, fields),
            _ => return Err(failed("write `log(text)`, `log(level, text)` or `log(level, text, #{ … })`")),
        };
        if !LEVELS.contains(&level) {
            return Err(failed(format!("`{level}` is no level: expected one of {}", LEVELS.join(", "))));
        }
        let (Some(text), Some(Value::Map(fields))) = (value(Some(text)), value(Some(fields))) else {
            return Err(failed("`log` takes a level, a text and a map"));
        };
        let mut line = String::new();
        self.push_text(&mut line, text)?;
        self.check(&Value::Map(std::sync::Arc::clone(fields)), 0)?;
        let (level, fields) = (Name::new(level), Map::clone(fields));
        self.outside("log", |outside| outside.log(level, line, fields))??;
        Ok(Operand::UNIT)
    }

    fn start_task(&mut self, given: &[Operand]) -> Run {
        let nothing = Operand::Value(Value::Map(std::sync::Arc::default()));
        let (flow, attributes) = match given {
            [flow] => (flow, &nothing),
            [flow, attributes] => (flow, attributes),
            _ => return Err(failed("write `start(\"flow\", #{ … })`")),
        };
        let (Some(Value::Text(flow)), Some(Value::Map(attributes))) = (value(Some(flow)), value(Some(attributes)))
        else {
            return Err(failed("`start` takes the name of a flow and a map"));
        };
        self.check(&Value::Map(std::sync::Arc::clone(attributes)), 0)?;
        let (flow, attributes) = (Name::from(flow.clone()), Map::clone(attributes));
        let id = self.outside("start", |outside| outside.start(flow, attributes))??;
        self.text(id)
    }
}

/// The levels of log lines.
const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];

fn fail(given: &[Operand]) -> Run {
    let text = |operand: &Operand| match operand {
        Operand::Value(value @ (Value::List(_) | Value::Map(_))) => Err(failed(format!(
            "`fail` takes texts, and then data, not {} as its message",
            described(value.type_name())
        ))),
        Operand::Value(value) => Ok(value.to_text()),
        other => Err(failed(format!("`fail` takes texts, not {}", other.described()))),
    };
    let (kind, message, data) = match given {
        [message] => ("script".to_owned(), text(message)?, Value::Unit),
        [kind, message] => (text(kind)?, text(message)?, Value::Unit),
        [kind, message, Operand::Value(data)] => (text(kind)?, text(message)?, data.clone()),
        _ => return Err(failed("write `fail(message)`, `fail(kind, message)` or `fail(kind, message, data)`")),
    };
    if kind.is_empty() {
        return Err(failed("`fail` needs a kind that is not empty"));
    }
    Err(Failure { data, ..Failure::new(kind, message) }.into())
}

/// What is wrong with the arguments of a function.
fn wrong(function: Language, given: &[Operand]) -> Box<super::Stop> {
    let write = match function {
        Language::Now => "now()",
        Language::Today => "today()",
        Language::Uuid => "uuid()",
        Language::Random => "random()",
        Language::Date => "date(\"2026-11-21\")",
        Language::Datetime => "datetime(\"2026-11-21T09:00:00Z\")",
        Language::Duration => "duration(\"1h 30m\")",
        Language::Decimal => "decimal(\"1.20\")",
        Language::Range => "range(from, to)` or `range(from, to, step)",
        Language::Curry => "f.curry(argument)",
        Language::ParseJson => "parse_json(text)",
        Language::Pi => "PI()",
        Language::E => "E()",
        Language::Log | Language::Fail | Language::Start => "it as the language describes it",
    };
    let types: Vec<&str> = given.iter().map(Operand::type_name).collect();
    let given = if types.is_empty() { "nothing".to_owned() } else { types.join(", ") };
    failed(format!("it was given {given}: write `{write}`"))
}
