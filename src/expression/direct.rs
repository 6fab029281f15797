//! Small scripts, evaluated without a machine: assignments of attributes, comparisons, arithmetic and short texts with
//! values in them, straight on the task's slots.
//!
//! It gives a result only where the machine would give the same one and count the same operations. Whatever is not
//! plain (an error, a limit, a long text, a list) gives none. Then the machine runs the script from its start, because
//! nothing has changed yet.

use std::borrow::Cow;

use crate::value::{MAX_VALUE_BYTES, Value};

use super::code::{Assign, Binary, FreeVariable, Kind, Node, Operator, Root};
use super::run::{
    BYTES_PER_OPERATION, BYTES_READ_PER_OPERATION, BYTES_WEIGHED_PER_OPERATION, GROWING_BYTES, arithmetic,
    beside_decimal, digits, shallow,
};
use super::{Assigned, Limits, Scope};

/// Pieces of code in a script that is evaluated here. So few that the recursion is bounded by it.
const MAX_NODES: usize = 256;

/// Bytes of a text that is built here. Longer ones are built by the machine.
const SHORT_TEXT_BYTES: usize = 128;

/// Whether a script has no more in it than what is evaluated here.
pub(super) fn is_small(body: &Node, free_variables: &[FreeVariable]) -> bool {
    let are_attributes = free_variables.iter().all(|variable| matches!(variable, FreeVariable::Attribute(_)));
    are_attributes && fits(body, &mut 0)
}

fn fits(node: &Node, nodes: &mut usize) -> bool {
    *nodes += 1;
    let mut all = |parts: &[Node]| parts.iter().all(|part| fits(part, nodes));
    let is_known = match &node.kind {
        Kind::Constant(_) | Kind::Variable(Root::FreeVariable(_)) => true,
        Kind::Interpolation(parts) | Kind::And(parts) | Kind::Or(parts) | Kind::Coalesce(parts) => all(parts),
        Kind::Block(parts) => all(parts),
        Kind::Binary(binary) => fits(&binary.left, nodes) && fits(&binary.right, nodes),
        Kind::If(parts) => [&parts.0, &parts.1, &parts.2].into_iter().all(|part| fits(part, nodes)),
        Kind::Not(part) => fits(part, nodes),
        Kind::Fitted(parts) => fits(&parts.0, nodes),
        Kind::Assign(assign) => {
            assign.segments.is_empty() && matches!(assign.root, Root::FreeVariable(_)) && fits(&assign.value, nodes)
        }
        _ => false,
    };
    is_known && *nodes <= MAX_NODES
}

/// One run of a small script. `None` from any of its functions leaves the run to the machine.
pub(super) struct Direct<'a> {
    scope: &'a dyn Scope,
    free_variables: &'a [FreeVariable],
    limits: &'a Limits,
    /// Operations left.
    left: u64,
    /// The values that were assigned, each with the number of its variable.
    kept: Assigned,
}

impl<'a> Direct<'a> {
    pub(super) fn new(scope: &'a dyn Scope, free_variables: &'a [FreeVariable], limits: &'a Limits) -> Self {
        let most = limits.max_operations;
        let left = scope.operations_left().map_or(most, |left| left.get().min(most));
        Self { scope, free_variables, limits, left, kept: Assigned::new() }
    }

    /// Passes the operations that are left to the next evaluation of the same handler.
    pub(super) fn hand_over(&self) {
        if let Some(left) = self.scope.operations_left() {
            left.set(self.left);
        }
    }

    /// The value of the whole script.
    pub(super) fn value(&mut self, body: &'a Node) -> Option<Value> {
        let value = self.evaluate(body)?.into_owned();
        self.leaves(&value)?;
        Some(value)
    }

    /// Whether the condition that the script is holds.
    pub(super) fn truth(&mut self, node: &'a Node) -> Option<bool> {
        let given = match &node.kind {
            Kind::Block(statements) if statements.len() == 1 => {
                self.count(1)?;
                return self.truth(statements.first()?);
            }
            Kind::Binary(binary) => {
                self.count(1)?;
                Cow::Owned(self.operation(binary)?)
            }
            _ => self.evaluate(node)?,
        };
        match *given {
            Value::Boolean(holds) => Some(holds),
            _ => None,
        }
    }

    /// What the whole script assigns, by slot.
    pub(super) fn run(&mut self, body: &'a Node) -> Option<Assigned> {
        self.evaluate(body)?;
        let mut assigned = std::mem::take(&mut self.kept);
        assigned.sort_unstable_by_key(|(number, _)| *number);
        for (number, value) in &mut assigned {
            let FreeVariable::Attribute(slot) = self.free_variables.get(*number)? else { return None };
            *number = *slot;
            self.leaves(value)?;
        }
        Some(assigned)
    }

    fn count(&mut self, operations: usize) -> Option<()> {
        self.left = self.left.checked_sub(u64::try_from(operations).ok()?).filter(|left| *left > 0)?;
        Some(())
    }

    /// Charges for a value that leaves the script.
    fn leaves(&mut self, value: &Value) -> Option<()> {
        if value.is_surely_within(BYTES_WEIGHED_PER_OPERATION - 1) {
            return Some(());
        }
        match value {
            Value::Text(_) => self.count(value.weight(MAX_VALUE_BYTES)? / BYTES_WEIGHED_PER_OPERATION),
            _ => None,
        }
    }

    fn evaluate(&mut self, node: &'a Node) -> Option<Cow<'a, Value>> {
        self.count(1)?;
        match &node.kind {
            Kind::Constant(value) => Some(Cow::Borrowed(value)),
            Kind::Variable(Root::FreeVariable(number)) => self.variable(*number),
            Kind::Binary(binary) => self.operation(binary).map(Cow::Owned),
            Kind::Assign(assign) => self.assign(assign).map(|()| Cow::Owned(Value::Unit)),
            Kind::Interpolation(parts) => self.interpolation(parts),
            Kind::And(parts) => self.all(parts, false),
            Kind::Or(parts) => self.all(parts, true),
            Kind::Not(part) => self.truth(part).map(|holds| Cow::Owned(Value::Boolean(!holds))),
            Kind::If(parts) => {
                let holds = self.truth(&parts.0)?;
                self.evaluate(if holds { &parts.1 } else { &parts.2 })
            }
            Kind::Block(statements) => {
                let mut given = Cow::Owned(Value::Unit);
                for statement in statements {
                    given = self.evaluate(statement)?;
                }
                Some(given)
            }
            Kind::Coalesce(parts) => {
                let mut given = Cow::Owned(Value::Unit);
                for part in parts {
                    given = self.evaluate(part)?;
                    if !given.is_unit() {
                        break;
                    }
                }
                Some(given)
            }
            Kind::Fitted(parts) => {
                let given = self.evaluate(&parts.0)?;
                // The parts of a list or a map would have to be charged for.
                let is_whole = !matches!(*given, Value::List(_) | Value::Map(_));
                let fit = is_whole.then(|| parts.1.of_added(&given))?;
                Some(fit.convert(&given).map_or(given, Cow::Owned))
            }
            _ => None,
        }
    }

    fn variable(&self, number: u32) -> Option<Cow<'a, Value>> {
        let number = usize::try_from(number).ok()?;
        if let Some((_, value)) = self.kept.iter().find(|(own, _)| *own == number) {
            return Some(Cow::Owned(value.clone()));
        }
        match self.free_variables.get(number)? {
            FreeVariable::Attribute(slot) => Some(Cow::Borrowed(self.scope.attribute(*slot))),
            FreeVariable::Variable(_) => None,
        }
    }

    fn all(&mut self, parts: &'a [Node], any: bool) -> Option<Cow<'a, Value>> {
        for part in parts {
            if self.truth(part)? == any {
                return Some(Cow::Owned(Value::Boolean(any)));
            }
        }
        Some(Cow::Owned(Value::Boolean(!any)))
    }

    fn assign(&mut self, assign: &'a Assign) -> Option<()> {
        let Root::FreeVariable(number) = assign.root else { return None };
        let given = self.evaluate(&assign.value)?;
        let value = match assign.operator {
            None => given.into_owned(),
            Some(operator) => {
                let current = self.variable(number)?;
                // A long text grows in place, which the machine counts differently.
                if current.as_str().is_some_and(|text| text.len() >= GROWING_BYTES) {
                    return None;
                }
                self.operated(operator, &current, &given)?
            }
        };
        // Only the machine measures them.
        if matches!(value, Value::List(_) | Value::Map(_)) {
            return None;
        }
        let number = usize::try_from(number).ok()?;
        if let FreeVariable::Attribute(slot) = self.free_variables.get(number)? {
            self.scope.assigned(*slot, &value);
        }
        match self.kept.iter_mut().find(|(own, _)| *own == number) {
            Some((_, kept)) => *kept = value,
            None => self.kept.push((number, value)),
        }
        Some(())
    }

    fn operation(&mut self, binary: &'a Binary) -> Option<Value> {
        if let (Some(left), Some(right)) = (self.at_hand(&binary.left), self.at_hand(&binary.right)) {
            self.count(2)?;
            return self.operated(binary.operator, left, right);
        }
        let left = self.evaluate(&binary.left)?;
        let right = self.evaluate(&binary.right)?;
        self.operated(binary.operator, &left, &right)
    }

    /// The value of a constant, or of an attribute as the task has it: what most operations are about.
    fn at_hand(&self, node: &'a Node) -> Option<&'a Value> {
        match &node.kind {
            Kind::Constant(value) => Some(value),
            Kind::Variable(Root::FreeVariable(number)) => {
                let number = usize::try_from(*number).ok()?;
                match self.free_variables.get(number)? {
                    FreeVariable::Attribute(slot) if !self.kept.iter().any(|(own, _)| *own == number) => {
                        Some(self.scope.attribute(*slot))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn operated(&mut self, operator: Operator, left: &Value, right: &Value) -> Option<Value> {
        match (left, right) {
            (Value::Integer(left), Value::Integer(right)) => whole_numbers(operator, *left, *right),
            _ => self.operated_on_any(operator, left, right),
        }
    }

    fn operated_on_any(&mut self, operator: Operator, left: &Value, right: &Value) -> Option<Value> {
        use Operator::{Add, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let is_comparison = matches!(operator, Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual);
        match (left, right) {
            (Value::List(_) | Value::Map(_), _) | (_, Value::List(_) | Value::Map(_)) => None,
            (Value::Text(a), Value::Text(b)) if is_comparison => {
                let is_short = a.len().min(b.len()) < BYTES_READ_PER_OPERATION;
                is_short.then(|| shallow(operator, left, right))?.map(Value::Boolean)
            }
            _ if is_comparison => {
                let (left, right) = beside_decimal(left, right);
                shallow(operator, &left, &right).map(Value::Boolean)
            }
            (Value::Date(_) | Value::DateTime(_) | Value::Duration(_), Value::Text(_)) => None,
            (Value::Text(_), _) | (_, Value::Text(_)) if operator == Add => {
                let mut text = ShortText::new();
                self.push(&mut text, left)?;
                self.push(&mut text, right)?;
                self.text(&text)
            }
            (Value::Text(_), _) | (_, Value::Text(_)) => None,
            _ => {
                let (left, right) = beside_decimal(left, right);
                arithmetic(operator, &left, &right).ok()
            }
        }
    }

    fn interpolation(&mut self, parts: &'a [Node]) -> Option<Cow<'a, Value>> {
        let mut text = ShortText::new();
        for part in parts {
            match &part.kind {
                Kind::Constant(Value::Text(constant)) => text.push(constant)?,
                _ => match self.at_hand(part) {
                    Some(value) => {
                        self.count(1)?;
                        self.push(&mut text, value)?;
                    }
                    None => {
                        let value = self.evaluate(part)?;
                        self.push(&mut text, &value)?;
                    }
                },
            }
        }
        self.text(&text).map(Cow::Owned)
    }

    /// Appends a value's text to another, and charges for what is long.
    fn push(&mut self, text: &mut ShortText, value: &Value) -> Option<()> {
        match value {
            Value::Unit => Some(()),
            Value::Text(more) => {
                self.count(more.len() / BYTES_PER_OPERATION)?;
                text.push(more)
            }
            Value::Integer(number) => text.push_bytes(digits(*number, &mut [0; 20])),
            Value::List(_) | Value::Map(_) => None,
            other => text.push(&other.to_text()),
        }
    }

    /// A text that was built. Near the limit of all texts, the machine decides.
    fn text(&mut self, text: &ShortText) -> Option<Value> {
        if self.limits.max_string_bytes < 2 * SHORT_TEXT_BYTES {
            return None;
        }
        let text = text.as_str()?;
        self.count(text.len() / BYTES_PER_OPERATION)?;
        Some(Value::text(text))
    }
}

/// The commonest operations, between whole numbers.
fn whole_numbers(operator: Operator, left: i64, right: i64) -> Option<Value> {
    Some(match operator {
        Operator::Equal => Value::Boolean(left == right),
        Operator::NotEqual => Value::Boolean(left != right),
        Operator::Less => Value::Boolean(left < right),
        Operator::LessOrEqual => Value::Boolean(left <= right),
        Operator::Greater => Value::Boolean(left > right),
        Operator::GreaterOrEqual => Value::Boolean(left >= right),
        Operator::Add => Value::Integer(left.checked_add(right)?),
        Operator::Subtract => Value::Integer(left.checked_sub(right)?),
        Operator::Multiply => Value::Integer(left.checked_mul(right)?),
        _ => arithmetic(operator, &Value::Integer(left), &Value::Integer(right)).ok()?,
    })
}

/// A text that is built in place, without memory of its own.
struct ShortText {
    bytes: [u8; SHORT_TEXT_BYTES],
    len: usize,
}

impl ShortText {
    const fn new() -> Self {
        Self { bytes: [0; SHORT_TEXT_BYTES], len: 0 }
    }

    /// None if it becomes too long.
    fn push(&mut self, more: &str) -> Option<()> {
        self.push_bytes(more.as_bytes())
    }

    fn push_bytes(&mut self, more: &[u8]) -> Option<()> {
        let end = self.len + more.len();
        self.bytes.get_mut(self.len..end)?.copy_from_slice(more);
        self.len = end;
        Some(())
    }

    fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes.get(..self.len)?).ok()
    }
}
