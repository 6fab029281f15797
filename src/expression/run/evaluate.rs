//! Expressions.

use crate::name::Name;
use crate::value::{Map, Value};

use super::super::code::{Binary, Kind, Node};
use super::interrupt::failed;
use super::operand::described;
use super::{Eval, Machine, Operand, Range};

/// Initial capacity of an interpolated text, in bytes.
const INTERPOLATED_BYTES: usize = 64;

/// The cost of a map apart from its entries: even the smallest one allocates room.
const MAP_OPERATIONS: usize = 4;

impl Machine<'_> {
    /// Evaluates a piece of code.
    ///
    /// Every arm is a call: variables in this function would take stack once per nesting level of the code.
    pub(super) fn evaluate(&mut self, node: &Node) -> Eval {
        self.count(node.at)?;
        let given = match &node.kind {
            Kind::Constant(value) => return Ok(Operand::Value(value.clone())),
            Kind::Variable(root) => return Ok(self.variable(*root)),
            Kind::Binary(binary) => self.operation(binary),
            Kind::Chain(chain) => self.chain(chain),
            Kind::Call(call) => self.call(call),
            Kind::And(parts) => self.all(parts, false),
            Kind::Or(parts) => self.all(parts, true),
            Kind::Not(part) => self.truth(part, "`!`").map(|holds| Operand::from(!holds)),
            Kind::Interpolation(parts) => self.interpolation(parts),
            Kind::List(items) => self.list_of(items),
            Kind::Map(entries) => self.map_of(entries),
            Kind::Coalesce(parts) => self.first_of(parts),
            Kind::Sign(part, minus) => self.signed(part, *minus),
            Kind::In(parts) => self.is_in(&parts.0, &parts.1),
            Kind::Range(ends, inclusive) => self.range(&ends.0, &ends.1, *inclusive),
            Kind::Closure(code) => Ok(self.closure(code)),
            _ => self.execute(node),
        };
        match given {
            Ok(given) => Ok(given),
            Err(stop) => Err(self.placed(stop, node.at)),
        }
    }

    fn map_of(&mut self, entries: &[(Name, Node)]) -> Eval {
        let mut map = Map::new();
        for (key, value) in entries {
            map.insert(key.clone(), self.kept_value(value)?);
        }
        self.charge(MAP_OPERATIONS)?;
        let map = Value::Map(map.into());
        self.check(&map, 0)?;
        Ok(Operand::Value(map))
    }

    fn first_of(&mut self, parts: &[Node]) -> Eval {
        let mut given = Operand::UNIT;
        for part in parts {
            given = self.evaluate(part)?;
            if !given.is_unit() {
                break;
            }
        }
        Ok(given)
    }

    fn signed(&mut self, part: &Node, minus: bool) -> Eval {
        let value = self.value(part)?;
        self.sign(value, minus)
    }

    /// Evaluates a piece of code that must give a value.
    pub(super) fn value(&mut self, node: &Node) -> Eval<Value> {
        match self.evaluate(node)? {
            Operand::Value(value) => Ok(value),
            Operand::Growing(text) => Ok(Value::Text(text.into())),
            other => {
                let stop = failed(format!("expected a value, not {}", other.described()));
                Err(self.placed(stop, node.at))
            }
        }
    }

    /// A value that goes into a list or a map.
    pub(super) fn kept_value(&mut self, node: &Node) -> Eval<Value> {
        self.evaluate(node)?.into_value().map_err(|other| {
            let stop = failed(format!("{} cannot be put into a list or a map", other.described()));
            self.placed(stop, node.at)
        })
    }

    fn operation(&mut self, binary: &Binary) -> Eval {
        let left = self.value(&binary.left)?;
        let right = self.value(&binary.right)?;
        self.binary(binary.operator, &left, &right)
    }

    fn all(&mut self, parts: &[Node], any: bool) -> Eval {
        for part in parts {
            if self.truth(part, if any { "`||`" } else { "`&&`" })? == any {
                return Ok(Operand::from(any));
            }
        }
        Ok(Operand::from(!any))
    }

    /// Evaluates a condition.
    pub(super) fn truth(&mut self, node: &Node, what: &str) -> Eval<bool> {
        match self.evaluate(node)? {
            Operand::Value(Value::Boolean(holds)) => Ok(holds),
            other => {
                let stop = failed(format!("{what} needs true or false, not {}", other.described()));
                Err(self.placed(stop, node.at))
            }
        }
    }

    fn interpolation(&mut self, parts: &[Node]) -> Eval {
        let mut text = String::with_capacity(INTERPOLATED_BYTES);
        for part in parts {
            match &part.kind {
                Kind::Constant(Value::Text(constant)) => text.push_str(constant),
                _ => {
                    let value = self.value(part)?;
                    self.push_text(&mut text, &value)?;
                }
            }
        }
        self.text(text)
    }

    fn list_of(&mut self, items: &[Node]) -> Eval {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.kept_value(item)?);
        }
        self.list(values)
    }

    fn range(&mut self, from: &Node, to: &Node, inclusive: bool) -> Eval {
        match (self.value(from)?, self.value(to)?) {
            (Value::Integer(start), Value::Integer(end)) => Ok(Operand::Range(Range { start, end, inclusive })),
            // `text[2..]` extends to the end.
            (Value::Integer(start), Value::Unit) => Ok(Operand::Range(Range { start, end: i64::MAX, inclusive })),
            (Value::Unit, Value::Integer(end)) => Ok(Operand::Range(Range { start: 0, end, inclusive })),
            (start, end) => {
                let wrong = if matches!(start, Value::Integer(_) | Value::Unit) { (end, to) } else { (start, from) };
                let stop =
                    failed(format!("a range goes from integer to integer, not {}", described(wrong.0.type_name())));
                Err(self.placed(stop, wrong.1.at))
            }
        }
    }

    /// `item in list`
    fn is_in(&mut self, item: &Node, list: &Node) -> Eval {
        let item = self.value(item)?;
        let list = self.evaluate(list)?;
        self.contains(&list, &item).map(Operand::from)
    }

    /// Whether `item` is in a list, a range, a text, or a key of a map.
    pub(in super::super) fn contains(&mut self, list: &Operand, item: &Value) -> Eval<bool> {
        match (list, item) {
            (Operand::Value(Value::List(items)), item) => {
                self.charge(items.len() / 8)?;
                for own in items.iter() {
                    if self.same(own, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Operand::Value(Value::Map(map)), Value::Text(key)) => Ok(map.contains_key(key.as_str())),
            (Operand::Value(Value::Map(_)), _) => Ok(false),
            (Operand::Value(Value::Text(text)), Value::Text(part)) => {
                self.charge_reading(text.len().saturating_add(part.len()))?;
                Ok(text.contains(part.as_str()))
            }
            (Operand::Range(range), Value::Integer(number)) => Ok(range.contains(*number)),
            (Operand::Range(_), _) => Ok(false),
            (list, item) => {
                Err(failed(format!("{} cannot be looked for in {}", described(item.type_name()), list.described())))
            }
        }
    }
}
