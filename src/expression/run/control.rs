//! Statements.

use std::sync::Arc;

use crate::value::Value;

use super::super::code::{For, Kind, Node, Root, Switch};
use super::interrupt::failed;
use super::{Eval, Interrupt, Machine, Operand, Range};

impl Machine<'_> {
    /// Executes a statement, or an expression as a statement.
    pub(super) fn execute(&mut self, node: &Node) -> Eval {
        match &node.kind {
            Kind::Block(statements) => self.block(statements),
            Kind::If(parts) => self.branch(&parts.0, &parts.1, &parts.2),
            Kind::Let(slot, value) => self.define(*slot, value),
            Kind::Assign(assign) => self.assign(assign).map(|()| Operand::UNIT),
            Kind::Fitted(parts) => self.fitted(&parts.0, &parts.1),
            Kind::Switch(switch) => self.switch(switch),
            Kind::While(parts) => self.repeat(parts.0.as_ref(), &parts.1),
            Kind::Do { parts, until } => self.repeat_after(&parts.0, &parts.1, *until),
            Kind::For(it) => self.for_each(it),
            Kind::Try(parts) => self.attempt(&parts.0, parts.1, &parts.2),
            Kind::Throw(value) => self.throw(value),
            Kind::Return(value) => Err(Box::new(Interrupt::Return(self.evaluate(value)?))),
            Kind::Break(value) => Err(Box::new(Interrupt::Break(self.evaluate(value)?))),
            Kind::Continue => Err(Box::new(Interrupt::Continue)),
            _ => Ok(Operand::UNIT),
        }
    }

    fn block(&mut self, statements: &[Node]) -> Eval {
        let mut given = Operand::UNIT;
        for statement in statements {
            given = self.evaluate(statement)?;
        }
        Ok(given)
    }

    fn branch(&mut self, condition: &Node, then: &Node, otherwise: &Node) -> Eval {
        if self.truth(condition, "`if`")? { self.evaluate(then) } else { self.evaluate(otherwise) }
    }

    fn define(&mut self, slot: u32, value: &Node) -> Eval {
        let value = self.evaluate(value)?;
        *self.slot(Root::Local(slot)) = value;
        Ok(Operand::UNIT)
    }

    fn throw(&mut self, value: &Node) -> Eval {
        let value = self.value(value)?;
        self.check(&value, 0)?;
        Err(self.thrown(&value)?.into())
    }

    fn switch(&mut self, switch: &Switch) -> Eval {
        let value = self.evaluate(&switch.value)?;
        for case in &switch.cases {
            let mut matches = false;
            if let Operand::Value(value) = &value {
                for own in &case.values {
                    matches = matches || self.same(own, value).map_err(|stop| self.placed(stop, switch.value.at))?;
                }
                matches = matches || case.ranges.iter().any(|range| within(*range, value));
            }
            if !matches {
                continue;
            }
            if let Some(condition) = &case.condition
                && !self.truth(condition, "`if`")?
            {
                continue;
            }
            return self.evaluate(&case.body);
        }
        match &switch.otherwise {
            Some(otherwise) => self.evaluate(otherwise),
            None => Ok(Operand::UNIT),
        }
    }

    fn repeat(&mut self, condition: Option<&Node>, body: &Node) -> Eval {
        loop {
            self.count(body.at)?;
            if let Some(condition) = condition
                && !self.truth(condition, "`while`")?
            {
                return Ok(Operand::UNIT);
            }
            if let Some(given) = self.round(body)? {
                return Ok(given);
            }
        }
    }

    fn repeat_after(&mut self, body: &Node, condition: &Node, until: bool) -> Eval {
        loop {
            self.count(body.at)?;
            if let Some(given) = self.round(body)? {
                return Ok(given);
            }
            if self.truth(condition, if until { "`until`" } else { "`while`" })? == until {
                return Ok(Operand::UNIT);
            }
        }
    }

    /// One round of a loop. Returns the value of a `break`.
    fn round(&mut self, body: &Node) -> Eval<Option<Operand>> {
        match self.evaluate(body) {
            Ok(_) => Ok(None),
            Err(stop) => match *stop {
                Interrupt::Break(given) => Ok(Some(given)),
                Interrupt::Continue => Ok(None),
                other => Err(Box::new(other)),
            },
        }
    }

    fn for_each(&mut self, it: &For) -> Eval {
        let over = match self.evaluate(&it.over)? {
            Operand::Range(range) => return self.for_range(it, range),
            Operand::Value(Value::List(items)) => items,
            Operand::Value(Value::Text(text)) => {
                // Each character becomes an item.
                self.charge_items(text.len())?;
                Arc::new(text.chars().map(|c| Value::text(c.encode_utf8(&mut [0; 4]))).collect())
            }
            other => {
                let why = if matches!(other, Operand::Value(Value::Map(_))) {
                    ": use its `keys()` or `values()`"
                } else {
                    ""
                };
                return Err(failed(format!(
                    "`for` goes through lists, ranges and texts, not {}{why}",
                    other.described()
                )));
            }
        };
        for (number, item) in over.iter().enumerate() {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            if let Some(given) = self.one(it, number, item.clone().into())? {
                return Ok(given);
            }
        }
        Ok(Operand::UNIT)
    }

    fn for_range(&mut self, it: &For, range: Range) -> Eval {
        let mut item = range.start;
        while range.contains(item) {
            if let Some(given) = self.one(it, item.saturating_sub(range.start), item.into())? {
                return Ok(given);
            }
            let Some(next) = item.checked_add(1) else { break };
            item = next;
        }
        Ok(Operand::UNIT)
    }

    fn one(&mut self, it: &For, number: i64, item: Operand) -> Eval<Option<Operand>> {
        self.count(it.body.at)?;
        *self.slot(Root::Local(it.item)) = item;
        if let Some(index) = it.index {
            *self.slot(Root::Local(index)) = number.into();
        }
        self.round(&it.body)
    }

    fn attempt(&mut self, body: &Node, slot: Option<u32>, branch: &Node) -> Eval {
        let failure = match self.evaluate(body) {
            Ok(given) => return Ok(given),
            Err(stop) => match *stop {
                Interrupt::Failed(failure) => failure,
                other => return Err(Box::new(other)),
            },
        };
        if let Some(slot) = slot {
            let error = self.caught(failure.clone());
            *self.slot(Root::Local(slot)) = error.into();
        }
        match self.evaluate(branch) {
            // An empty `throw` rethrows what was caught.
            Err(stop) if is_empty_throw(&stop) => Err(failure.into()),
            given => given,
        }
    }
}

/// Whether an empty `throw` ended a `catch`.
fn is_empty_throw(stop: &Interrupt) -> bool {
    matches!(stop, Interrupt::Failed(failure) if failure.kind == "script" && failure.message.is_empty() && failure.data.is_unit())
}

/// Whether a value lies in a range of a `switch`.
fn within(range: Range, value: &Value) -> bool {
    match value {
        Value::Integer(number) => range.contains(*number),
        Value::Float(number) => {
            let end = range.end as f64;
            *number >= range.start as f64 && (*number < end || range.inclusive && *number <= end)
        }
        Value::Number(number) => within(range, &Value::Float(number.as_f64())),
        Value::Decimal(number) => {
            let end = rust_decimal::Decimal::from(range.end);
            *number >= range.start.into() && (*number < end || range.inclusive && *number <= end)
        }
        _ => false,
    }
}
