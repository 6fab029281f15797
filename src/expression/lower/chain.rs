//! Paths into a value: `order.lines[0].price.round(2)`.

use rhai::{ASTFlags, Expr, FnCallExpr, Position};

use crate::name::Name;

use super::super::code::{At, Chain, Kind, Node, Segment, Step, Target, Use};
use super::Lowering;

/// One step, as the parser has it.
struct Piece<'e> {
    optional: bool,
    step: PieceStep<'e>,
}

enum PieceStep<'e> {
    Field(&'e str, Position),
    Index(&'e Expr),
    Method(&'e FnCallExpr, Position),
    Other(&'e Expr),
}

/// Takes a chain apart, root first. The parser nests it to the right.
fn pieces<'e>(expr: &'e Expr, into: &mut Vec<Piece<'e>>) -> &'e Expr {
    let (Expr::Dot(binary, flags, _) | Expr::Index(binary, flags, _)) = expr else { return expr };
    let root = pieces(&binary.lhs, into);
    let mut is_dot = matches!(expr, Expr::Dot(..));
    let (mut flags, mut rest) = (*flags, &binary.rhs);
    loop {
        let next = match rest {
            Expr::Dot(inner, options, _) | Expr::Index(inner, options, _)
                if is_dot || !flags.contains(ASTFlags::BREAK) =>
            {
                Some((inner, *options, matches!(rest, Expr::Dot(..))))
            }
            _ => None,
        };
        let here = next.map_or(rest, |(inner, ..)| &inner.lhs);
        let step = match here {
            index if !is_dot => PieceStep::Index(index),
            Expr::Property(it, at) => PieceStep::Field(&it.2, *at),
            Expr::MethodCall(call, at) => PieceStep::Method(call, *at),
            other => PieceStep::Other(other),
        };
        into.push(Piece { optional: flags.contains(ASTFlags::NEGATED), step });
        let Some((inner, options, dot)) = next else { return root };
        (flags, rest, is_dot) = (options, &inner.rhs, dot);
    }
}

impl Lowering<'_> {
    /// A path into a value.
    pub(super) fn chain(&mut self, expr: &Expr, use_: Use) -> Node {
        let (root, segments) = self.way(expr);
        let at = segments.last().map_or(root.at, |segment| segment.at);
        Node { at, kind: Kind::Chain(Box::new(Chain { root, segments, use_ })) }
    }

    /// The root of a path, and its segments; other expressions have no segments.
    pub(super) fn way(&mut self, expr: &Expr) -> (Node, Vec<Segment>) {
        let mut found = Vec::new();
        let root = pieces(expr, &mut found);
        let root = self.expression(root, Use::Give);
        let mut segments = Vec::with_capacity(found.len());
        for Piece { optional, step } in found {
            let (at, step) = match step {
                PieceStep::Field(name, at) => (at, Step::Field(Name::new(name))),
                PieceStep::Index(Expr::StringConstant(key, at)) => (*at, Step::Field(Name::new(key))),
                PieceStep::Index(index) => (index.start_position(), Step::Index(self.expression(index, Use::Give))),
                PieceStep::Method(call, at) => {
                    let mut call = self.method(call);
                    if matches!(call.target, Target::Builtin(_)) {
                        self.fit_arguments(&root, &segments, &call.name, &mut call.arguments);
                    }
                    (at, Step::Method(Box::new(call)))
                }
                PieceStep::Other(other) => {
                    self.cannot(other.position(), "expected a property or a method", None);
                    continue;
                }
            };
            segments.push(Segment { at: At::from(at), optional, step });
        }
        (root, segments)
    }
}
