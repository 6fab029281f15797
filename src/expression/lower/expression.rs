//! Expressions.

use rhai::{Expr, FnCallExpr};

use crate::name::Name;
use crate::value::Value;

use super::super::bodies;
use super::super::code::{At, Binary, Kind, Node, Operator, Root, Use};
use super::{Lowering, literal};

impl Lowering<'_> {
    /// An expression. `use_` says what happens to its value.
    pub(super) fn expression(&mut self, expr: &Expr, use_: Use) -> Node {
        let at = At::from(expr.position());
        let kind = match expr {
            Expr::Unit(_) => Kind::Constant(Value::Unit),
            Expr::BoolConstant(it, _) => Kind::Constant(Value::Boolean(*it)),
            Expr::IntegerConstant(it, _) => Kind::Constant(Value::Integer(*it)),
            Expr::FloatConstant(it, _) if it.is_finite() => Kind::Constant(self.number(**it, at)),
            Expr::FloatConstant(_, at) => {
                return self.cannot(*at, "this number is too large", Some("a number is below 1.8e308"));
            }
            Expr::CharConstant(it, _) => Kind::Constant(Value::text(it.to_string())),
            Expr::StringConstant(it, _) => Kind::Constant(Value::text(it)),
            Expr::DynamicConstant(it, at) => match literal::value(it) {
                Some(value) => Kind::Constant(value),
                None => return self.closure(expr, *at),
            },
            Expr::InterpolatedString(parts, _) => Kind::Interpolation(self.all(parts.iter())),
            Expr::Array(items, _) => Kind::List(self.all(items)),
            Expr::Map(it, _) => {
                let entry = |(key, value): &(rhai::Ident, Expr)| {
                    (Name::new(key.name.as_str()), self.expression(value, Use::Give))
                };
                Kind::Map(it.0.iter().map(entry).collect())
            }
            Expr::Variable(it, _, at) => return self.variable(&it.1, &it.2, *at),
            Expr::ThisPtr(_) => Kind::Variable(Root::This),
            Expr::Stmt(block) if bodies::closure(expr).is_some() => return self.closure(expr, block.position()),
            Expr::Stmt(block) => return self.stmt_block(block, use_),
            Expr::FnCall(call, at) => return self.call(call, *at, use_),
            Expr::Dot(..) | Expr::Index(..) => return self.chain(expr, use_),
            Expr::And(parts, _) => Kind::And(self.all(parts.iter())),
            Expr::Or(parts, _) => Kind::Or(self.all(parts.iter())),
            Expr::Coalesce(parts, _) => Kind::Coalesce(self.all(parts.iter())),
            other => return self.cannot(other.position(), "this expression has no place in a flow", None),
        };
        Node { at, kind }
    }

    pub(super) fn all<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expr>) -> Vec<Node> {
        parts.into_iter().map(|part| self.expression(part, Use::Give)).collect()
    }

    fn variable(&mut self, name: &str, namespace: &rhai::Namespace, at: rhai::Position) -> Node {
        if !namespace.is_empty() {
            return self.cannot(at, format!("there is no module with a variable `{name}`"), None);
        }
        let kind = match self.resolve(name) {
            Some((root, _)) => Kind::Variable(root),
            None => return self.cannot(at, format!("nothing is called `{name}`"), None),
        };
        Node { at: at.into(), kind }
    }

    /// An operator, if the call is one.
    pub(super) fn operator(&mut self, call: &FnCallExpr, at: rhai::Position) -> Option<Node> {
        call.op_token.as_ref()?;
        let at = At::from(at);
        let kind = match (call.name.as_str(), &*call.args) {
            ("!", [operand]) => Kind::Not(Box::new(self.expression(operand, Use::Give))),
            ("-" | "+", [operand]) => {
                Kind::Sign(Box::new(self.expression(operand, Use::Give)), call.name.as_str() == "-")
            }
            // The parser swaps the sides of `item in list`.
            ("contains", [list, item]) => {
                Kind::In(Box::new((self.expression(item, Use::Give), self.expression(list, Use::Give))))
            }
            (range @ (".." | "..="), [from, to]) => {
                let ends = (self.expression(from, Use::Give), self.expression(to, Use::Give));
                Kind::Range(Box::new(ends), range == "..=")
            }
            (sign, [left, right]) => {
                let operator = Operator::of_sign(sign)?;
                let (left, right) = (self.expression(left, Use::Give), self.expression(right, Use::Give));
                Kind::Binary(Box::new(Binary { operator, left, right }))
            }
            _ => return None,
        };
        Some(Node { at, kind })
    }
}
