//! Walks over a script: statements, and what is recorded about them.

use std::collections::{BTreeSet, HashSet};

use rhai::{ASTFlags, Expr, FlowControl, Stmt, Token};

use super::super::bodies::Bodies;
use super::super::parse::{Text, place};
use super::super::{Given, Role, ScriptFinding, Variable, Vocabulary};
use super::Declared;
use super::fits::Wanted;
use super::locals::{Locals, Origin};
use super::reach::{Reach, is_body, role_name};
use super::types::{ERROR, Fields, Ty};
use crate::diagnostic::Position;

/// Findings of one script that are reported. Further ones show up after these are fixed.
pub(super) const MAX_FINDINGS: usize = 100;

/// Where the walk is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a script of this role.
    Script(Role),
    /// In a function of the flow, which sees only its arguments.
    Function,
}

/// What stays the same while a text is analysed.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// What scripts may mention.
    pub(super) vocabulary: &'a Vocabulary,
    /// What the flow's functions declare.
    pub(super) declared: &'a Declared,
    /// The closures of the text.
    pub(super) bodies: &'a Bodies,
    /// The text.
    pub(super) text: &'a Text<'a>,
    /// The types of what the script is given, and what becomes of its value.
    pub(super) given: Given<'a>,
}

/// A place where an attribute, or a part of it, is assigned.
#[derive(Clone, Copy)]
pub(in crate::expression) struct AssignedAt {
    /// The attribute's slot.
    pub(in crate::expression) slot: usize,
    /// The place of its name.
    pub(in crate::expression) at: Position,
    /// Whether it is always assigned: not within a branch, a loop or a closure.
    pub(in crate::expression) always: bool,
}

/// The results of a walk.
#[derive(Default)]
pub(super) struct Found {
    /// What is wrong.
    pub(super) findings: Vec<ScriptFinding>,
    /// What runs, and hardly does what its author wants.
    pub(super) warnings: Vec<ScriptFinding>,
    /// Slots used.
    pub(super) reads: BTreeSet<usize>,
    /// Slots that may be changed.
    pub(super) writes: BTreeSet<usize>,
    /// Where attributes are assigned, in order of the text.
    pub(super) assigned: Vec<AssignedAt>,
    /// Where `error` is read first.
    pub(super) error_at: Option<Position>,
    /// Variables of the language used.
    pub(super) variables: Vec<Variable>,
    /// What is reached, except through functions of the flow.
    pub(super) reach: Reach,
    /// The functions of the flow that are called.
    pub(super) calls: BTreeSet<usize>,
}

/// What must not be assumed about variables. One walk learns it; the next uses it.
#[derive(Default)]
pub(super) struct Doubts<'a> {
    /// Names that are assigned.
    pub(super) assigned: HashSet<&'a str>,
    /// Names that may get a value of another type: their type is unknown.
    pub(super) retyped: HashSet<&'a str>,
    /// Names of lists and maps to which something of another type may be added: they may contain anything.
    pub(super) filled: HashSet<&'a str>,
}

impl<'a> Doubts<'a> {
    /// Adds what a walk under these doubts has learnt; false if that is nothing new.
    fn grow(&mut self, learnt: Doubts<'a>) -> bool {
        let before = self.retyped.len() + self.filled.len();
        self.retyped.extend(learnt.retyped);
        self.filled.extend(learnt.filled);
        self.assigned.extend(learnt.assigned);
        self.retyped.len() + self.filled.len() > before
    }
}

/// A walk over one script or function.
pub(super) struct Walk<'a> {
    pub(super) known: Known<'a>,
    pub(super) place: Place,
    pub(super) locals: Locals<'a>,
    /// What to doubt, learnt by an earlier walk.
    pub(super) doubts: Doubts<'a>,
    /// What this walk has learnt.
    pub(super) learnt: Doubts<'a>,
    /// The keys of maps written in the text. Their values may be closures, which can be called like methods.
    pub(super) keys: HashSet<&'a str>,
    /// How many branches, loops and closures are around the current place.
    pub(super) branches: usize,
    pub(super) found: Found,
}

/// Walks over one script or function, at most. Each walk learns which types are in doubt, and these put the types of
/// what is assigned from them in doubt. After this many walks, all that is assigned is.
const MAX_WALKS: usize = 4;

/// Walks over `statements`; several times, if assignments require it.
pub(super) fn walked<'a>(known: Known<'a>, place: Place, arguments: &'a [String], statements: &'a [Stmt]) -> Found {
    let mut walk = Walk::new(known, place, Doubts::default());
    walk.body(arguments, statements);
    for walks in 2..=MAX_WALKS {
        let (mut doubts, keys) = (std::mem::take(&mut walk.doubts), std::mem::take(&mut walk.keys));
        if !doubts.grow(std::mem::take(&mut walk.learnt)) {
            break;
        }
        if walks == MAX_WALKS {
            doubts.retyped.extend(&doubts.assigned);
        }
        walk = Walk { keys, ..Walk::new(known, place, doubts) };
        walk.body(arguments, statements);
    }
    walk.found
}

impl<'a> Walk<'a> {
    fn new(known: Known<'a>, place: Place, doubts: Doubts<'a>) -> Self {
        let (locals, learnt, keys, found) = (Locals::default(), Doubts::default(), HashSet::new(), Found::default());
        Self { known, place, locals, doubts, learnt, keys, branches: 0, found }
    }

    fn body(&mut self, arguments: &'a [String], statements: &'a [Stmt]) {
        for argument in arguments {
            self.locals.declare(argument, Ty::Any, Origin::OfFunction);
        }
        let used = match self.place {
            Place::Script(role) => !is_body(role),
            Place::Function => true,
        };
        let ty = self.block(statements, used);
        self.leave(0);
        if let Some((name, shape)) = self.known.given.becomes
            && let Some(Stmt::Expr(expr)) = statements.last()
        {
            let what = format!("attribute `{name}` of the flow started");
            self.must_fit(Wanted { what: &what, ty: Ty::of(shape) }, expr, ty);
            if !shape.secret {
                self.shows_secret(expr, &what, format!("declare `{name}` with `secret: true` in that flow"));
            }
        }
        match self.place {
            Place::Script(role @ (Role::Condition | Role::ErrorCondition)) => self.answer(role, statements.last(), ty),
            Place::Script(Role::ForEach) if !matches!(ty, Ty::Any | Ty::List(_)) => {
                let at = statements.last().map_or(Position { line: 1, column: 1 }, |last| match last {
                    Stmt::Expr(expr) => start(expr),
                    other => place(other.position()),
                });
                let message = format!("`for_each` goes through a list, and this is of type {}", ty.name());
                self.finding(at, self.width(at), message, None);
            }
            _ => {}
        }
    }

    /// Checks that a condition gives true or false.
    fn answer(&mut self, role: Role, last: Option<&'a Stmt>, ty: Ty<'a>) {
        let message = match (last, ty) {
            // Reported already.
            (Some(Stmt::Assignment(_)), _) | (_, Ty::Boolean | Ty::Any) => return,
            (None | Some(Stmt::Var(..)), _) => {
                format!("{} must give true or false, and this gives nothing", role_name(role))
            }
            (_, ty) => format!("{} must give true or false, and this is of type {}", role_name(role), ty.name()),
        };
        let expr = match last {
            Some(Stmt::Expr(expr)) => Some(&**expr),
            _ => None,
        };
        let at = match (expr, last) {
            (Some(expr), _) => start(expr),
            (None, Some(last)) => place(last.position()),
            (None, None) => Position { line: 1, column: 1 },
        };
        let help = expr.and_then(|expr| self.truth(expr, ty));
        self.finding(at, self.width(at), message, help);
    }

    /// How to turn a value into a condition.
    pub(super) fn truth(&self, expr: &Expr, ty: Ty<'a>) -> Option<String> {
        let Expr::Variable(it, ..) = expr else { return None };
        let name = super::names::shown(&it.1);
        Some(match ty {
            Ty::List(_) | Ty::Text => format!("compare: `{name}.len() > 0`"),
            Ty::Integer | Ty::Float | Ty::Literal | Ty::Decimal => format!("compare: `{name} > 0`"),
            _ => format!("compare: `{name} != ()`"),
        })
    }

    /// A block; returns the type of its value. `used` says whether that value is used.
    pub(super) fn block(&mut self, statements: &'a [Stmt], used: bool) -> Ty<'a> {
        let mark = self.locals.enter();
        let mut ty = Ty::Unit;
        for (index, statement) in statements.iter().enumerate() {
            ty = self.statement(statement, used && index + 1 == statements.len());
        }
        self.leave(mark);
        ty
    }

    fn statement(&mut self, statement: &'a Stmt, used: bool) -> Ty<'a> {
        match statement {
            Stmt::If(flow, _) => {
                self.condition(&flow.expr);
                self.branches += 1;
                let then = self.block(flow.body.statements(), used);
                let otherwise = self.block(flow.branch.statements(), used);
                self.branches -= 1;
                return if flow.branch.is_empty() { Ty::Any } else { then.or(otherwise) };
            }
            Stmt::Switch(switch, _) => {
                let (expr, cases) = &**switch;
                self.expr(expr);
                self.branches += 1;
                for case in &cases.expressions {
                    self.condition(&case.lhs);
                    self.expr(&case.rhs);
                }
                self.branches -= 1;
                return Ty::Any;
            }
            Stmt::While(flow, _) => {
                // `loop` has no condition.
                if !flow.expr.is_unit() {
                    self.condition(&flow.expr);
                }
                self.repeated(flow.body.statements());
                return Ty::Any;
            }
            Stmt::Do(flow, ..) => {
                self.repeated(flow.body.statements());
                self.condition(&flow.expr);
                return Ty::Any;
            }
            Stmt::For(it, _) => {
                self.for_each(&it.0.name, it.1.as_ref().map(|counter| counter.name.as_str()), &it.2);
                return Ty::Any;
            }
            Stmt::Var(it, flags, _) => self.variable_declared(&it.0, &it.1, *flags),
            Stmt::Assignment(it) => self.assignment(&it.0, &it.1.lhs, &it.1.rhs),
            Stmt::FnCall(call, at) => return self.call(call, place(*at)),
            Stmt::Block(block) => return self.block(block.statements(), used),
            Stmt::TryCatch(flow, _) => {
                self.try_catch(flow, used);
                return Ty::Any;
            }
            Stmt::Expr(expr) => {
                if !used {
                    self.compares_in_vain(expr);
                }
                return self.statement_expr(expr, used);
            }
            Stmt::BreakLoop(Some(expr), ..) | Stmt::Return(Some(expr), ..) => {
                self.expr(expr);
                return Ty::Any;
            }
            Stmt::BreakLoop(None, ..) | Stmt::Return(None, ..) => return Ty::Any,
            _ => {}
        }
        Ty::Unit
    }

    /// An expression as a statement: the value of an `if` is used only if that of the statement is.
    fn statement_expr(&mut self, expr: &'a Expr, used: bool) -> Ty<'a> {
        match expr {
            Expr::Stmt(block) if super::super::bodies::closure(expr).is_none() => self.block(block.statements(), used),
            _ => self.expr(expr),
        }
    }

    /// `x == 1;` as a statement: its result is not used.
    fn compares_in_vain(&mut self, expr: &Expr) {
        if let Expr::FnCall(call, at) = expr
            && matches!(call.op_token, Some(Token::EqualsTo))
        {
            let message = "`==` compares, and nothing is done with the answer".to_owned();
            self.finding(place(*at), 2, message, Some("assign with `=`".to_owned()));
        }
    }

    fn for_each(&mut self, name: &'a str, counter: Option<&'a str>, flow: &'a FlowControl) {
        let ty = self.expr(&flow.expr);
        if ty.is_number() || matches!(ty, Ty::Boolean | Ty::Date | Ty::DateTime | Ty::Duration | Ty::Map(_)) {
            let at = start(&flow.expr);
            let message = format!("`for` walks through a list, a text or a range, and this is of type {}", ty.name());
            let help = match ty {
                Ty::Integer => Some("write `0..n` for the numbers below n".to_owned()),
                Ty::Map(_) => Some("walk through its `keys()` or `values()`".to_owned()),
                _ => None,
            };
            self.finding(at, self.width(at), message, help);
        }
        let mark = self.locals.enter();
        self.locals.depth += 1;
        if let Some(counter) = counter {
            self.declare(counter, Ty::Integer, Origin::Declared);
        }
        let list = match &flow.expr {
            Expr::Variable(it, ..) => Some(it.1.as_str()),
            _ => None,
        };
        self.declare(name, ty.item(), Origin::Item(list));
        self.locals.depth -= 1;
        self.repeated(flow.body.statements());
        self.leave(mark);
    }

    /// The body of a loop.
    fn repeated(&mut self, statements: &'a [Stmt]) {
        self.branches += 1;
        self.locals.depth += 1;
        self.block(statements, false);
        self.locals.depth -= 1;
        self.branches -= 1;
    }

    /// Leaves a block: warns of its variables that were changed in vain.
    pub(super) fn leave(&mut self, mark: usize) {
        for local in self.locals.leave(mark) {
            self.changed_in_vain(&local);
        }
    }

    fn try_catch(&mut self, flow: &'a FlowControl, used: bool) {
        self.branches += 1;
        self.block(flow.body.statements(), used);
        let mark = self.locals.enter();
        if let Expr::Variable(it, ..) = &flow.expr {
            self.declare(&it.1, Ty::Map(Fields::Record(ERROR)), Origin::Declared);
        }
        self.block(flow.branch.statements(), used);
        self.branches -= 1;
        self.leave(mark);
    }

    fn variable_declared(&mut self, ident: &'a rhai::Ident, value: &'a Expr, flags: ASTFlags) {
        let ty = self.expr(value);
        self.comment_for_operand(value);
        let name = ident.name.as_str();
        if matches!(self.place, Place::Script(_)) && self.known.declared.slots.contains_key(name) {
            let word = if flags.contains(ASTFlags::CONSTANT) { "const" } else { "let" };
            let shown = super::names::shown(name);
            let message = format!("`{word} {shown}` hides the attribute `{shown}`: what it is given would not be kept");
            let help = format!("leave out `{word}` to assign the attribute, or take another name");
            self.finding(place(ident.pos), name.chars().count(), message, Some(help));
        }
        self.declare(name, ty, Origin::Declared);
    }

    /// Declares a variable, taking into account what is assigned to it elsewhere.
    pub(super) fn declare(&mut self, name: &'a str, ty: Ty<'a>, origin: Origin<'a>) {
        let ty = self.doubted(name, ty);
        self.locals.declare(name, ty, origin);
    }

    /// The type of `name`, as far as it is reliable.
    pub(super) fn doubted(&self, name: &str, ty: Ty<'a>) -> Ty<'a> {
        if self.doubts.retyped.contains(name) {
            Ty::Any
        } else if self.doubts.filled.contains(name) {
            ty.opened()
        } else {
            ty
        }
    }

    /// Adds a finding at `at`, `width` characters wide.
    pub(super) fn finding(&mut self, at: Position, width: usize, message: String, help: Option<String>) {
        if self.found.findings.len() < MAX_FINDINGS {
            let end = (width > 1).then(|| Position { column: at.column + width, ..at });
            self.found.findings.push(ScriptFinding::new(at, end, message, help));
        }
    }

    /// Whether there is room for another finding; otherwise its help need not be computed.
    pub(super) fn has_room(&self) -> bool {
        self.found.findings.len() < MAX_FINDINGS
    }

    /// The width of the name that begins at `at`; one character if there is none.
    pub(super) fn width(&self, at: Position) -> usize {
        self.known.text.word(at).chars().count().max(1)
    }
}

/// The start of an expression.
pub(super) fn start(expr: &Expr) -> Position {
    let own = place(expr.start_position());
    match expr {
        Expr::FnCall(call, _) if !call.namespace.is_empty() => place(call.namespace.position()),
        // For an operator with two sides, that of the left one; `in` stores them in reverse.
        Expr::FnCall(call, _) if call.args.len() == 2 => {
            call.args.iter().map(start).filter(|at| *at < own).min().unwrap_or(own)
        }
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => start(&chain.lhs),
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => parts.first().map_or(own, start),
        _ => own,
    }
}
