//! The code that a script is lowered to: a tree with slots instead of names, evaluated directly.

use std::sync::Arc;

use crate::diagnostic::Position;
use crate::name::Name;
use crate::value::Value;

use super::Variable;
use super::builtin::Builtin;
use super::fit::Fit;
use super::run::Range;

/// A place in a script's text, as compact as Rhai's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct At {
    line: u16,
    column: u16,
}

impl At {
    /// The place for a report.
    pub(super) fn position(self) -> Position {
        Position { line: usize::from(self.line).max(1), column: usize::from(self.column).max(1) }
    }
}

impl From<rhai::Position> for At {
    fn from(at: rhai::Position) -> Self {
        let short = |number: Option<usize>| number.and_then(|n| u16::try_from(n).ok()).unwrap_or_default();
        Self { line: short(at.line()), column: short(at.position()) }
    }
}

/// A piece of code and its place.
#[derive(Debug)]
pub(super) struct Node {
    /// Its place; for an operator, that of the operator.
    pub(super) at: At,
    /// What it does.
    pub(super) kind: Kind,
}

/// What a piece of code does. Everything gives a value; statements give `()`.
#[derive(Debug)]
pub(super) enum Kind {
    /// A literal.
    Constant(Value),
    /// A text with `${…}` in it.
    Interpolation(Vec<Node>),
    /// `[…]`
    List(Vec<Node>),
    /// `#{…}`
    Map(Vec<(Name, Node)>),
    /// `a..b`, `a..=b`
    Range(Box<(Node, Node)>, bool),
    /// A variable.
    Variable(Root),
    /// `|x| …`
    Closure(Arc<Code>),
    /// `root.field[index].method()…`
    Chain(Box<Chain>),
    /// `-x`, `+x`
    Sign(Box<Node>, bool),
    /// `!x`
    Not(Box<Node>),
    /// `x + y` and its like.
    Binary(Box<Binary>),
    /// `x in list`
    In(Box<(Node, Node)>),
    /// `x && y`: all of them.
    And(Vec<Node>),
    /// `x || y`: any of them.
    Or(Vec<Node>),
    /// `x ?? y`
    Coalesce(Vec<Node>),
    /// `f(x)`
    Call(Box<Call>),
    /// `{ …; … }`: gives the value of its last statement.
    Block(Vec<Node>),
    /// `if`, with its `else`.
    If(Box<(Node, Node, Node)>),
    /// `switch`
    Switch(Box<Switch>),
    /// `while`, or `loop` if there is no condition.
    While(Box<(Option<Node>, Node)>),
    /// `do … while`, or `do … until`.
    Do {
        /// The body and the condition.
        parts: Box<(Node, Node)>,
        /// Whether it ends when the condition holds.
        until: bool,
    },
    /// `for (item, index) in …`
    For(Box<For>),
    /// `let`
    Let(u32, Box<Node>),
    /// `place = value`, `place += value`
    Assign(Box<Assign>),
    /// A value on its way into an attribute.
    Fitted(Box<(Node, Fit)>),
    /// `try`, the slot of the error, `catch`.
    Try(Box<(Node, Option<u32>, Node)>),
    /// `throw`
    Throw(Box<Node>),
    /// `return`
    Return(Box<Node>),
    /// `break`
    Break(Box<Node>),
    /// `continue`
    Continue,
}

/// Where a variable is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// In a slot of the same function.
    Local(u32),
    /// In a slot of a function around the closure; the first number counts how many functions out.
    Outer(u32, u32),
    /// An attribute or a variable of the language: an index into what the script mentions.
    FreeVariable(u32),
    /// `this`
    This,
}

/// Something that a script uses from outside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FreeVariable {
    /// The attribute in this slot.
    Attribute(usize),
    /// A variable of the language.
    Variable(Variable),
}

/// A path into a value.
#[derive(Debug)]
pub(super) struct Chain {
    /// Where it begins.
    pub(super) root: Node,
    /// Its steps.
    pub(super) segments: Vec<Segment>,
    /// What happens to the value that a final method changes.
    pub(super) use_: Use,
}

/// What happens to a value that a method changes in place (`trim`, `push`, `sort`, …).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// The variable is changed: `list.push(1);`
    Change,
    /// The variable is changed, and the result is that of the function: `|l| l.push(1)`
    ChangeAndGive,
    /// The changed value is the result, and the variable stays: `let short = name.trim();`
    Give,
}

/// A step of a path into a value.
#[derive(Debug)]
pub(super) struct Segment {
    /// Where the step stands.
    pub(super) at: At,
    /// Whether an absent value ends the path: `?.`
    pub(super) optional: bool,
    /// The step.
    pub(super) step: Step,
}

/// The kinds of steps.
#[derive(Debug)]
pub(super) enum Step {
    /// `.name`
    Field(Name),
    /// `[index]`
    Index(Node),
    /// `.method(…)`
    Method(Box<Call>),
}

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    /// The name as written.
    pub(super) name: Name,
    /// What is called, once known.
    pub(super) target: Target,
    /// The arguments, without the receiver of a method.
    pub(super) arguments: Vec<Node>,
}

/// The target of a call.
#[derive(Debug)]
pub(super) enum Target {
    /// One of the flow's functions, by index.
    Own(usize),
    /// One of the flow's functions, called as a method: the receiver is `this`.
    OwnMethod(usize),
    /// A function of the vocabulary, by index.
    Outside(usize),
    /// A function of the language that is not a method.
    Language(Language),
    /// A function that belongs to values.
    Builtin(&'static Builtin),
    /// `f.call(…)`, `call(f, …)`
    Pointer,
    /// Unknown; fails when it is called.
    Unknown,
}

/// The functions of the language that do not belong to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// `now()`
    Now,
    /// `today()`
    Today,
    /// `uuid()`
    Uuid,
    /// `random()`
    Random,
    /// `date(…)`
    Date,
    /// `datetime(…)`
    Datetime,
    /// `duration(…)`
    Duration,
    /// `decimal(…)`
    Decimal,
    /// `log(…)`
    Log,
    /// `fail(…)`
    Fail,
    /// `start(…)`
    Start,
    /// `range(…)`
    Range,
    /// `curry(f, …)`
    Curry,
    /// `parse_json(text)`
    ParseJson,
    /// `PI()`
    Pi,
    /// `E()`
    E,
}

/// An operator between two values.
#[derive(Debug)]
pub(super) struct Binary {
    /// The operator.
    pub(super) operator: Operator,
    /// The left operand.
    pub(super) left: Node,
    /// The right operand.
    pub(super) right: Node,
}

/// The operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    ShiftLeft,
    ShiftRight,
    And,
    Or,
    Xor,
}

impl Operator {
    /// The operators with their signs.
    const ALL: [(Self, &'static str); 17] = [
        (Self::Equal, "=="),
        (Self::NotEqual, "!="),
        (Self::Less, "<"),
        (Self::LessOrEqual, "<="),
        (Self::Greater, ">"),
        (Self::GreaterOrEqual, ">="),
        (Self::Add, "+"),
        (Self::Subtract, "-"),
        (Self::Multiply, "*"),
        (Self::Divide, "/"),
        (Self::Remainder, "%"),
        (Self::Power, "**"),
        (Self::ShiftLeft, "<<"),
        (Self::ShiftRight, ">>"),
        (Self::And, "&"),
        (Self::Or, "|"),
        (Self::Xor, "^"),
    ];

    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(operator, _)| *operator == self).map_or("", |(_, sign)| sign)
    }

    /// The operator with this sign.
    pub(super) fn of_sign(sign: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == sign).map(|(operator, _)| *operator)
    }
}

/// A `switch`.
#[derive(Debug)]
pub(super) struct Switch {
    /// The value to match.
    pub(super) value: Node,
    /// The cases in order: their values, a condition, their body.
    pub(super) cases: Vec<Case>,
    /// The body if none matches.
    pub(super) otherwise: Option<Node>,
}

/// A case of a `switch`.
#[derive(Debug)]
pub(super) struct Case {
    /// The values it matches.
    pub(super) values: Vec<Value>,
    /// The ranges it matches.
    pub(super) ranges: Vec<Range>,
    /// An additional condition.
    pub(super) condition: Option<Node>,
    /// What it does.
    pub(super) body: Node,
}

/// A `for`.
#[derive(Debug)]
pub(super) struct For {
    /// The slot of the item.
    pub(super) item: u32,
    /// The slot of its index, from 0.
    pub(super) index: Option<u32>,
    /// What it iterates over.
    pub(super) over: Node,
    /// The body of the loop.
    pub(super) body: Node,
}

/// An assignment.
#[derive(Debug)]
pub(super) struct Assign {
    /// The variable.
    pub(super) root: Root,
    /// The variable's name, for messages.
    pub(super) name: Name,
    /// The path to the part that is assigned.
    pub(super) segments: Vec<Segment>,
    /// The operator of `+=` and its like.
    pub(super) operator: Option<Operator>,
    /// The value.
    pub(super) value: Node,
}

/// A function: one of the flow's, a closure, or a script itself.
#[derive(Debug)]
pub(super) struct Code {
    /// How many arguments it has: they are in the first slots.
    pub(super) parameters: usize,
    /// How many slots it needs.
    pub(super) slots: usize,
    /// What it does.
    pub(super) body: Node,
    /// Whether it is in the flow's `functions`.
    pub(super) in_functions: bool,
    /// Whether it uses variables of an outer function.
    pub(super) captures: bool,
}
