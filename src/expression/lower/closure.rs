//! Closures: code within the function around it, whose variables it sees.

use std::sync::Arc;

use rhai::{Dynamic, FnPtr};

use crate::name::Name;

use super::super::code::{At, Code, Kind, Node, Use};
use super::names::Level;
use super::{Lowering, statements_of};

impl Lowering<'_> {
    /// A closure. The first `captured` of its parameters are variables around it, that the parser passes in.
    pub(super) fn closure(&mut self, pointer: &Dynamic, captured: usize, at: rhai::Position) -> Node {
        let found = pointer.read_lock::<FnPtr>().and_then(|pointer| {
            self.ast.iter_fn_def().find(|function| function.name.as_str() == pointer.fn_name()).cloned()
        });
        let Some(function) = found else {
            return self.cannot(at, "this value has no place in a flow", None);
        };
        let statements = statements_of(self.ast, &function.name, function.params.len());
        self.levels.push(Level::default());
        let parameters = function.params.get(captured..).unwrap_or_default();
        for parameter in parameters {
            self.declare(parameter, false);
        }
        let body = self.block(&statements, Use::ChangeAndGive, at.into());
        let level = self.levels.pop().unwrap_or_default();
        let code = Code {
            parameters: parameters.len(),
            slots: level.slots(),
            body,
            in_functions: self.role.is_none(),
            captures: level.captures,
        };
        Node { at: At::from(at), kind: Kind::Closure(Arc::new(code)) }
    }
}
