//! Closures: code inside an outer function, whose variables it can use.

use std::sync::Arc;

use rhai::Expr;

use super::super::bodies;
use super::super::code::{At, Code, Kind, Node, Use};
use super::Lowering;
use super::names::Level;

impl Lowering<'_> {
    /// A closure. The parser passes outer variables as its first arguments; here it accesses them directly.
    pub(super) fn closure(&mut self, expr: &Expr, at: rhai::Position) -> Node {
        let closures = &self.source.bodies.closures;
        let found = bodies::closure(expr).and_then(|it| Some((closures.get(&it.name)?, it.captured)));
        let Some((body, captured)) = found else {
            return self.cannot(at, "this value has no place in a flow", None);
        };
        self.levels.push(Level::default());
        let parameters = body.arguments.get(captured..).unwrap_or_default();
        for parameter in parameters {
            self.declare(parameter, false);
        }
        let lowered = self.block(&body.statements, Use::ChangeAndGive, at.into());
        let level = self.levels.pop().unwrap_or_default();
        let code = Code {
            parameters: parameters.len(),
            slots: level.slots(),
            body: lowered,
            in_functions: self.role.is_none(),
            captures: level.captures,
        };
        Node { at: At::from(at), kind: Kind::Closure(Arc::new(code)) }
    }
}
