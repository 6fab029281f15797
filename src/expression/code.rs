//! The code a script is lowered to: a tree whose names are slots, evaluated as it stands.

use std::sync::Arc;

use crate::diagnostic::Position;
use crate::name::Name;
use crate::value::Value;

use super::Variable;
use super::builtin::Builtin;
use super::fit::Fit;
use super::run::Range;

/// A place in a script's text, as small as Rhai's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct At {
    line: u16,
    column: u16,
}

impl At {
    /// As a place to report.
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

/// A piece of code with its place.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it stands; for an operator, the operator.
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
    /// `{ …; … }`: gives what its last gives.
    Block(Vec<Node>),
    /// `if`, with what stands in `else`.
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

/// Where a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// In the function's own slot.
    Local(u32),
    /// In a slot of the function around the closure, so many functions out.
    Outer(u32, u32),
    /// An attribute or a variable of the language: the n-th that the script mentions.
    Mention(u32),
    /// `this`
    This,
}

/// What a script mentions from outside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mention {
    /// The attribute in this slot.
    Attribute(usize),
    /// A variable of the language.
    Variable(Variable),
}

/// A way into a value.
#[derive(Debug)]
pub(super) struct Chain {
    /// Where it begins.
    pub(super) root: Node,
    /// How it goes on.
    pub(super) segments: Vec<Segment>,
    /// What becomes of the value that a last method changes.
    pub(super) use_: Use,
}

/// What becomes of a value that a method changes in place (`trim`, `push`, `sort`, …).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// The variable is changed: `list.push(1);`
    Change,
    /// The variable is changed, and the outcome is what the function gives: `|l| l.push(1)`
    ChangeAndGive,
    /// The outcome is taken, and the variable stays: `let short = name.trim();`
    Give,
}

/// One step of a way into a value.
#[derive(Debug)]
pub(super) struct Segment {
    /// Where the step stands.
    pub(super) at: At,
    /// Whether a value that is not there ends the way: `?.`
    pub(super) optional: bool,
    /// The step.
    pub(super) step: Step,
}

/// How a way goes on.
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
    /// The arguments, without the value a method belongs to.
    pub(super) arguments: Vec<Node>,
}

/// What a call means.
#[derive(Debug)]
pub(super) enum Target {
    /// One of the flow's functions, by number.
    Own(usize),
    /// One of the flow's functions, called as a method: its value is `this`.
    OwnMethod(usize),
    /// A function of the vocabulary, by number.
    Outside(usize),
    /// A function of the language that is no method.
    Language(Language),
    /// A function that belongs to values.
    Builtin(&'static Builtin),
    /// `f.call(…)`, `call(f, …)`
    Pointer,
    /// Nothing that is known; fails when it is called.
    Unknown,
}

/// The functions of the language that belong to no value.
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
    /// What stands left.
    pub(super) left: Node,
    /// What stands right.
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

    /// The operator that is written so.
    pub(super) fn of_sign(sign: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == sign).map(|(operator, _)| *operator)
    }
}

/// A `switch`.
#[derive(Debug)]
pub(super) struct Switch {
    /// What is looked at.
    pub(super) value: Node,
    /// The cases in order: what they match, a condition, what they do.
    pub(super) cases: Vec<Case>,
    /// What is done if none matches.
    pub(super) otherwise: Option<Node>,
}

/// A case of a `switch`.
#[derive(Debug)]
pub(super) struct Case {
    /// The values it matches.
    pub(super) values: Vec<Value>,
    /// The ranges it matches.
    pub(super) ranges: Vec<Range>,
    /// What must hold, too.
    pub(super) condition: Option<Node>,
    /// What it does.
    pub(super) body: Node,
}

/// A `for`.
#[derive(Debug)]
pub(super) struct For {
    /// The slot of the item.
    pub(super) item: u32,
    /// The slot of its number, from 0.
    pub(super) index: Option<u32>,
    /// What is gone through.
    pub(super) over: Node,
    /// What is done for each.
    pub(super) body: Node,
}

/// An assignment.
#[derive(Debug)]
pub(super) struct Assign {
    /// The variable.
    pub(super) root: Root,
    /// The variable's name, for messages.
    pub(super) name: Name,
    /// The way to the part of it that is assigned.
    pub(super) segments: Vec<Segment>,
    /// The operator of `+=` and its like.
    pub(super) operator: Option<Operator>,
    /// The value.
    pub(super) value: Node,
}

/// A function: one of the flow's, a closure, or a script itself.
#[derive(Debug)]
pub(super) struct Code {
    /// How many arguments it takes: they are the first slots.
    pub(super) parameters: usize,
    /// How many slots it needs.
    pub(super) slots: usize,
    /// What it does.
    pub(super) body: Node,
    /// Whether it stands in the flow's `functions`.
    pub(super) in_functions: bool,
    /// Whether it uses variables of the function around it.
    pub(super) captures: bool,
}
