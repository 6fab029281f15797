//! The functions of the language that do not belong to a value.

use crate::clock::Timestamp;
use crate::name::Name;
use crate::value::{Map, Value};

use super::super::Failure;
use super::super::builtin::read;
use super::super::code::Language;
use super::call::value;
use super::interrupt::{SCRIPT, failed, limit};
use super::operand::described;
use super::{Arguments, Eval, Interrupt, Machine, Operand, Pointer, Range};

impl Machine<'_> {
    /// A function of the language.
    pub(super) fn language(&mut self, function: Language, arguments: Arguments) -> Eval {
        let given = arguments.as_slice();
        if let (
            Language::Date | Language::Datetime | Language::Duration | Language::Decimal,
            [Operand::Value(Value::Text(text))],
        ) = (function, given)
        {
            // A message about a text that cannot be read reads all of it, for what is secret there.
            self.charge_reading(text.len())?;
        }
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
                self.may_hold_text(text.len())?;
                // Each byte may become a value, which takes more room.
                self.charge_items(text.len() / 8)?;
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
            (Language::Curry, [Operand::Function(pointer), more @ ..]) => self.curry(pointer, more),
            (Language::Log, _) => self.log(given),
            (Language::Fail, _) => self.fail(given),
            (Language::Start, _) => self.start_task(given),
            (function, given) => Err(wrong(function, given)),
        }
    }

    fn now(&mut self) -> Eval<Timestamp> {
        self.outside("now", |outside| outside.now())
    }

    /// `range(from, to, step)`: the numbers as a list.
    fn stepped(&mut self, from: &Operand, to: &Operand, step: &Operand) -> Eval {
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

    fn log(&mut self, given: &[Operand]) -> Eval {
        let nothing = Operand::Value(Value::Map(std::sync::Arc::default()));
        let (level, text, fields) = match given {
            [text] => ("info", text, &nothing),
            [Operand::Value(Value::Text(level)), text] => (level.as_str(), text, &nothing),
            [Operand::Value(Value::Text(level)), text, fields] => (level.as_str(), text, fields),
            _ => return Err(failed("write `log(text)`, `log(level, text)` or `log(level, text, #{ … })`")),
        };
        if !LEVELS.contains(&level) {
            return Err(failed(format!("`{level}` is not a level: expected one of {}", LEVELS.join(", "))));
        }
        let (Some(text), Some(Value::Map(fields))) = (value(Some(text)), value(Some(fields))) else {
            return Err(failed("`log` takes a level, a text and a map"));
        };
        let line = self.text_of(text)?;
        let fields = Value::Map(std::sync::Arc::clone(fields));
        self.check(&fields, 0)?;
        self.may_leave(&fields, "what is logged")?;
        let (level, fields) = (Name::new(level), self.entries(&fields)?);
        self.outside("log", |outside| outside.log(level, line, fields))?.map_err(of_door)?;
        Ok(Operand::UNIT)
    }

    fn start_task(&mut self, given: &[Operand]) -> Eval {
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
        let attributes = Value::Map(std::sync::Arc::clone(attributes));
        self.check(&attributes, 0)?;
        self.may_leave(&attributes, "what a sub-task is given")?;
        self.charge(START_OPERATIONS)?;
        let (flow, attributes) = (Name::from(flow.clone()), self.entries(&attributes)?);
        let id = self.outside("start", |outside| outside.start(flow, attributes))?.map_err(of_door)?;
        self.text(id)
    }

    /// The entries of a map that leaves the script.
    fn entries(&mut self, map: &Value) -> Eval<Map> {
        let Value::Map(map) = map else { return Ok(Map::new()) };
        self.charge_entries(map.len())?;
        Ok(Map::clone(map))
    }

    /// A closure with bound arguments, which precede those of a call. Each counts with everything it holds.
    fn curry(&mut self, pointer: &Pointer, more: &[Operand]) -> Eval {
        let mut pointer = pointer.clone();
        for operand in more {
            if let Operand::Value(value) = operand {
                self.check(value, 1)?;
            }
        }
        let held = pointer.parts().saturating_add(more.iter().map(Operand::parts).sum::<usize>());
        if held > MAX_CURRIED {
            return Err(limit("a closure has too many arguments curried", MAX_CURRIED, "MAX_CURRIED"));
        }
        self.charge(held)?;
        pointer.curried.extend(more.iter().cloned());
        Ok(Operand::Function(Box::new(pointer)))
    }

    fn fail(&mut self, given: &[Operand]) -> Eval {
        let (kind, message, data) = match given {
            [message] => (SCRIPT.to_owned(), self.text_to_fail_with(message)?, Value::Unit),
            [kind, message] => (self.text_to_fail_with(kind)?, self.text_to_fail_with(message)?, Value::Unit),
            [kind, message, Operand::Value(data)] => {
                (self.text_to_fail_with(kind)?, self.text_to_fail_with(message)?, data.clone())
            }
            _ => return Err(failed("write `fail(message)`, `fail(kind, message)` or `fail(kind, message, data)`")),
        };
        if kind.is_empty() {
            return Err(failed("`fail` needs a kind that is not empty"));
        }
        self.may_be_kind(&kind)?;
        self.check(&data, 0)?;
        self.may_leave(&data, "`data` of an error")?;
        Err(Failure { data, ..Failure::new(kind, message) }.into())
    }

    fn text_to_fail_with(&mut self, operand: &Operand) -> Eval<String> {
        match operand {
            Operand::Value(value @ (Value::List(_) | Value::Map(_))) => Err(failed(format!(
                "`fail` takes texts, and then data, not {} as its message",
                described(value.type_name())
            ))),
            Operand::Value(value) => self.text_of(value),
            other => Err(failed(format!("`fail` takes texts, not {}", other.described()))),
        }
    }
}

/// Arguments curried into a closure, including those of curried closures.
const MAX_CURRIED: usize = 100;

/// The cost of starting a sub-task.
const START_OPERATIONS: usize = 50;

/// A refusal from outside. No `catch` catches a bound.
fn of_door(failure: Failure) -> Box<Interrupt> {
    Box::new(if failure.kind == "limit" { Interrupt::Limit(failure) } else { Interrupt::Failed(failure) })
}

/// The levels of log lines.
pub(in super::super) const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];

/// The error for wrong arguments of a function.
fn wrong(function: Language, given: &[Operand]) -> Box<Interrupt> {
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
