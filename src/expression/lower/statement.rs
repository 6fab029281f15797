//! Statements.

use rhai::{ASTFlags, Expr, FlowControl, Stmt, StmtBlock, SwitchCasesCollection};

use crate::value::Value;

use super::super::code::{At, Case, For, Kind, Node, Switch, Use};
use super::super::run::Range;
use super::{Lowering, literal};

impl Lowering<'_> {
    /// Statements in a block of their own. `last` says what happens to the value of the last one.
    pub(super) fn block(&mut self, statements: &[Stmt], last: Use, at: At) -> Node {
        let mut nodes = self.scoped(|inside| {
            let end = statements.len();
            let one = |(number, statement): (usize, &Stmt)| {
                let use_ = if number + 1 == end { last } else { Use::Change };
                inside.statement(statement, use_)
            };
            statements.iter().enumerate().map(one).collect::<Vec<_>>()
        });
        match nodes.pop() {
            Some(only) if nodes.is_empty() => only,
            Some(last) => {
                nodes.push(last);
                Node { at, kind: Kind::Block(nodes) }
            }
            None => Node { at, kind: Kind::Constant(Value::Unit) },
        }
    }

    pub(super) fn stmt_block(&mut self, block: &StmtBlock, last: Use) -> Node {
        self.block(block.statements(), last, block.position().into())
    }

    /// A statement.
    pub(super) fn statement(&mut self, statement: &Stmt, use_: Use) -> Node {
        let at = At::from(statement.position());
        let kind = match statement {
            Stmt::Noop(_) => Kind::Constant(Value::Unit),
            Stmt::Expr(expr) => return self.expression(expr, use_),
            Stmt::FnCall(call, at) => return self.call(call, *at, use_),
            Stmt::Block(block) => return self.stmt_block(block, use_),
            Stmt::If(flow, _) => {
                let condition = self.expression(&flow.expr, Use::Give);
                let then = self.stmt_block(&flow.body, use_);
                let otherwise = self.stmt_block(&flow.branch, use_);
                Kind::If(Box::new((condition, then, otherwise)))
            }
            Stmt::Switch(switch, _) => self.switch(&switch.0, &switch.1, use_),
            Stmt::While(flow, _) => {
                let condition = (!matches!(flow.expr, Expr::Unit(_))).then(|| self.expression(&flow.expr, Use::Give));
                Kind::While(Box::new((condition, self.stmt_block(&flow.body, Use::Change))))
            }
            Stmt::Do(flow, flags, _) => {
                let body = self.stmt_block(&flow.body, Use::Change);
                let condition = self.expression(&flow.expr, Use::Give);
                Kind::Do { parts: Box::new((body, condition)), until: flags.contains(ASTFlags::NEGATED) }
            }
            Stmt::For(it, _) => self.for_each(&it.0.name, it.1.as_ref().map(|index| index.name.as_str()), &it.2),
            Stmt::Var(it, flags, _) => {
                let value = self.expression(&it.1, Use::Give);
                let slot = self.declare(&it.0.name, flags.contains(ASTFlags::CONSTANT));
                Kind::Let(slot, Box::new(value))
            }
            Stmt::Assignment(it) => return self.assignment(&it.0, &it.1),
            Stmt::TryCatch(flow, _) => {
                let body = self.stmt_block(&flow.body, use_);
                self.scoped(|inside| {
                    let slot = match &flow.expr {
                        Expr::Variable(it, ..) => Some(inside.declare(&it.1, false)),
                        _ => None,
                    };
                    let branch = inside.stmt_block(&flow.branch, use_);
                    Kind::Try(Box::new((body, slot, branch)))
                })
            }
            Stmt::Return(value, flags, _) => {
                let value = Box::new(self.optional(value.as_deref(), at));
                if flags.contains(ASTFlags::BREAK) { Kind::Throw(value) } else { Kind::Return(value) }
            }
            Stmt::BreakLoop(value, flags, _) if flags.contains(ASTFlags::BREAK) => {
                Kind::Break(Box::new(self.optional(value.as_deref(), at)))
            }
            Stmt::BreakLoop(..) => Kind::Continue,
            Stmt::Share(_) => Kind::Constant(Value::Unit),
            other => return self.cannot(other.position(), "this statement has no place in a flow", None),
        };
        Node { at, kind }
    }

    fn optional(&mut self, expr: Option<&Expr>, at: At) -> Node {
        match expr {
            Some(expr) => self.expression(expr, Use::Give),
            None => Node { at, kind: Kind::Constant(Value::Unit) },
        }
    }

    fn for_each(&mut self, item: &str, index: Option<&str>, flow: &FlowControl) -> Kind {
        let over = self.expression(&flow.expr, Use::Give);
        self.scoped(|inside| {
            let index = index.map(|index| inside.declare(index, false));
            let item = inside.declare(item, false);
            let body = inside.stmt_block(&flow.body, Use::Change);
            Kind::For(Box::new(For { item, index, over, body }))
        })
    }

    fn switch(&mut self, value: &Expr, cases: &SwitchCasesCollection, use_: Use) -> Kind {
        let value = self.expression(value, Use::Give);
        let mut lowered = Vec::new();
        for (number, expressions) in cases.expressions.iter().enumerate() {
            if cases.def_case == Some(number) {
                continue;
            }
            let of_case = cases.cases.values().filter(|case| case.blocks.contains(&number));
            let values = of_case.filter_map(|case| literal::value(&case.value)).collect();
            let ranges = cases.ranges.iter().filter(|range| range.index() == number).map(bounds).collect();
            let condition = match &expressions.lhs {
                Expr::BoolConstant(true, _) => None,
                condition => Some(self.expression(condition, Use::Give)),
            };
            let body = self.expression(&expressions.rhs, use_);
            lowered.push(Case { values, ranges, condition, body });
        }
        let otherwise = cases.def_case.and_then(|number| cases.expressions.get(number));
        let otherwise = otherwise.map(|expressions| self.expression(&expressions.rhs, use_));
        Kind::Switch(Box::new(Switch { value, cases: lowered, otherwise }))
    }
}

/// A range of a `switch`.
fn bounds(range: &rhai::RangeCase) -> Range {
    match range {
        rhai::RangeCase::ExclusiveInt(range, _) => Range { start: range.start, end: range.end, inclusive: false },
        rhai::RangeCase::InclusiveInt(range, _) => Range { start: *range.start(), end: *range.end(), inclusive: true },
    }
}
