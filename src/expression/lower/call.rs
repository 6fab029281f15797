//! Calls: resolving a name with arguments.

use rhai::{Expr, FnCallExpr};

use crate::name::Name;
use crate::value::Value;

use super::super::builtin;
use super::super::code::{At, Call, Chain, Kind, Language, Node, Segment, Step, Target, Use};
use super::{Lowering, literal};

impl Language {
    /// The functions of the language with their names.
    const ALL: [(&'static str, Self); 16] = [
        ("now", Self::Now),
        ("today", Self::Today),
        ("uuid", Self::Uuid),
        ("random", Self::Random),
        ("date", Self::Date),
        ("datetime", Self::Datetime),
        ("duration", Self::Duration),
        ("decimal", Self::Decimal),
        ("log", Self::Log),
        ("fail", Self::Fail),
        ("start", Self::Start),
        ("range", Self::Range),
        ("curry", Self::Curry),
        ("parse_json", Self::ParseJson),
        ("PI", Self::Pi),
        ("E", Self::E),
    ];

    /// The function of this name.
    pub(in super::super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| *own == name).map(|(_, function)| *function)
    }
}

impl Lowering<'_> {
    /// A call that is not a method, or an operator.
    pub(super) fn call(&mut self, call: &FnCallExpr, at: rhai::Position, use_: Use) -> Node {
        if let Some(operator) = self.operator(call, at) {
            return operator;
        }
        // The parser's place is that of the last name; a call begins with its module.
        let at = if call.namespace.is_empty() { at } else { call.namespace.position() };
        if call.capture_parent_scope {
            let help = Some("leave the `!` out, and pass what it needs as arguments");
            return self.cannot(
                at,
                format!("`{}!` cannot be called: functions see only their arguments", call.name),
                help,
            );
        }
        let name = full_name(call);
        let target = self.free_target(&name, call.args.len());
        if let Target::Builtin(_) | Target::Pointer = target
            && let Some((first, rest)) = call.args.split_first()
        {
            return self.as_method(name, target, first, rest, at, use_);
        }
        let arguments = self.all(&call.args);
        Node { at: at.into(), kind: Kind::Call(Box::new(Call { name, target, arguments })) }
    }

    /// `push(list, 1)` is `list.push(1)`.
    fn as_method(
        &mut self,
        name: Name,
        target: Target,
        first: &Expr,
        rest: &[Expr],
        at: rhai::Position,
        use_: Use,
    ) -> Node {
        let (root, mut segments) = self.way(first);
        let mut arguments = self.all(rest);
        self.fit_arguments(&root, &segments, &name, &mut arguments);
        let at = At::from(at);
        let step = Step::Method(Box::new(Call { name, target, arguments }));
        segments.push(Segment { at, optional: false, step });
        Node { at, kind: Kind::Chain(Box::new(Chain { root, segments, use_ })) }
    }

    /// What a function puts into an attribute's list or map is converted on its way.
    pub(super) fn fit_arguments(&self, root: &Node, way: &[Segment], name: &Name, arguments: &mut [Node]) {
        let Kind::Variable(root) = root.kind else { return };
        let Some(whole) = self.fit_at(root, way) else { return };
        let (put, is_part) = match name.as_str() {
            "push" => (0, true),
            "insert" | "set" | "pad" => (1, true),
            "append" | "mixin" | "fill_with" => (0, false),
            "splice" => (arguments.len().saturating_sub(1), false),
            _ => return,
        };
        let key = match arguments.first().map(|key| &key.kind) {
            Some(Kind::Constant(Value::Text(key))) => Some(key.clone()),
            _ => None,
        };
        let fit = if is_part { whole.part(key.as_deref()).cloned() } else { Some(whole) };
        if let (Some(fit), Some(argument)) = (fit, arguments.get_mut(put)) {
            let node = Node { at: argument.at, kind: Kind::Continue };
            *argument = literal::fitted(std::mem::replace(argument, node), fit);
        }
    }

    /// A call after a dot.
    pub(super) fn method(&mut self, call: &FnCallExpr) -> Call {
        let name = Name::new(call.name.as_str());
        let count = call.args.len();
        let target = if let Some(number) = self.source.declared.own(&name, count) {
            Target::OwnMethod(number)
        } else if name == "call" {
            Target::Pointer
        } else if let Some(builtin) = builtin::find(&name) {
            Target::Builtin(builtin)
        } else if let Some(number) = self.outside(&name) {
            Target::Outside(number)
        } else if let Some(function) = Language::of_name(&name) {
            Target::Language(function)
        } else {
            Target::Unknown
        };
        Call { name, target, arguments: self.all(&call.args) }
    }

    fn outside(&self, name: &str) -> Option<usize> {
        self.source.vocabulary.functions.iter().position(|function| function.name == *name)
    }

    fn free_target(&self, name: &Name, count: usize) -> Target {
        if let Some(number) = self.source.declared.own(name, count) {
            return Target::Own(number);
        }
        if let Some(number) = self.outside(name) {
            return Target::Outside(number);
        }
        if name == "call" {
            return Target::Pointer;
        }
        if let Some(function) = Language::of_name(name) {
            return Target::Language(function);
        }
        builtin::find(name).map_or(Target::Unknown, Target::Builtin)
    }
}

fn full_name(call: &FnCallExpr) -> Name {
    if call.namespace.is_empty() {
        return Name::new(call.name.as_str());
    }
    let mut name = String::new();
    for part in &call.namespace.path {
        name.push_str(&part.name);
        name.push_str("::");
    }
    name.push_str(&call.name);
    Name::from(name)
}
