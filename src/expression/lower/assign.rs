//! Assignments.

use rhai::{BinaryExpr, OpAssignment};

use super::super::builtin::Effect;
use super::super::code::{Assign, At, Chain, Kind, Node, Operator, Root, Segment, Step, Target, Use};
use super::{Lowering, literal};
use crate::name::Name;

impl Lowering<'_> {
    /// `place = value`, `place += value`.
    pub(super) fn assignment(&mut self, operation: &OpAssignment, sides: &BinaryExpr) -> Node {
        let at = At::from(operation.position());
        let operator = operation.get_op_assignment_info().and_then(|(.., operator)| Operator::of_sign(operator));
        let (place, segments) = self.way(&sides.lhs);
        let start = sides.lhs.start_position();
        let Kind::Variable(root) = place.kind else {
            return self.cannot(start, "only a variable or a part of one can be assigned", None);
        };
        let name = self.name_of(&sides.lhs);
        if segments.iter().any(|segment| matches!(segment.step, Step::Method(_))) {
            return self.cannot(
                start,
                "what a function gives cannot be assigned",
                Some("assign it to a variable first"),
            );
        }
        if root != Root::This && self.resolve(&name).is_some_and(|(_, open)| !open) {
            return self.cannot(start, format!("`{name}` cannot be assigned"), None);
        }
        let value = self.expression(&sides.rhs, Use::Give);
        match in_place(value, root, &segments, operator) {
            Ok(changed) => changed,
            Err(value) => {
                let fit = match operator {
                    None | Some(Operator::Add) => self.fit_at(root, &segments),
                    Some(_) => None,
                };
                let value = match fit {
                    Some(fit) => literal::fitted(value, fit),
                    None => value,
                };
                Node { at, kind: Kind::Assign(Box::new(Assign { root, name, segments, operator, value })) }
            }
        }
    }

    fn name_of(&self, place: &rhai::Expr) -> Name {
        let at = At::from(place.start_position());
        Name::new(self.text.word(at.position()))
    }
}

/// `list = list.push(1)` is `list.push(1)`: no copy is needed.
fn in_place(value: Node, root: Root, place: &[Segment], operator: Option<Operator>) -> Result<Node, Node> {
    let Node { at, kind: Kind::Chain(chain) } = value else { return Err(value) };
    let same = |a: &Segment, b: &Segment| match (&a.step, &b.step) {
        (Step::Field(a), Step::Field(b)) => a == b,
        _ => false,
    };
    let is_root = matches!(chain.root.kind, Kind::Variable(own) if own == root);
    let changes = chain.segments.split_last().is_some_and(|(last, before)| {
        let method = match &last.step {
            Step::Method(call) => matches!(call.target, Target::Builtin(b) if b.effect == Effect::Changes),
            _ => false,
        };
        method && !last.optional && before.len() == place.len() && before.iter().zip(place).all(|(a, b)| same(a, b))
    });
    if operator.is_none() && is_root && changes {
        let Chain { root, segments, .. } = *chain;
        return Ok(Node { at, kind: Kind::Chain(Box::new(Chain { root, segments, use_: Use::Change })) });
    }
    Err(Node { at, kind: Kind::Chain(chain) })
}
