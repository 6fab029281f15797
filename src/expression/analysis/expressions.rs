//! Expressions: what is known of their values, and the names they mention.

use rhai::{Expr, OpAssignment};

use super::super::bodies::{Closure, closure};
use super::super::parse::place;
use super::super::{Role, Variable};
use super::names::{VARIABLES, foreign, meant, shown, type_of, unknown_to, variable};
use super::reach::{is_body, role_name};
use super::types::{Fields, Items, Ty};
use super::walk::{Place, Walk, start};
use crate::diagnostic::Position;

impl<'a> Walk<'a> {
    /// An expression; gives what is known of its value.
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Ty<'a> {
        if let Some(closure) = closure(expr) {
            self.closure(&closure, &[]);
            return Ty::Closure;
        }
        match expr {
            Expr::DynamicConstant(value, _) if value.is_decimal() => Ty::Decimal,
            Expr::BoolConstant(..) => Ty::Boolean,
            Expr::IntegerConstant(..) => Ty::Integer,
            Expr::FloatConstant(..) => Ty::Literal,
            Expr::CharConstant(..) | Expr::StringConstant(..) => Ty::Text,
            Expr::Unit(_) => Ty::Unit,
            Expr::InterpolatedString(parts, _) => {
                for part in parts {
                    self.expr(part);
                }
                Ty::Text
            }
            Expr::Array(items, _) => {
                for item in items {
                    self.expr(item);
                }
                Ty::List(Items::Any)
            }
            Expr::Map(map, _) => {
                for (key, value) in &map.0 {
                    self.keys.insert(&key.name);
                    self.expr(value);
                }
                Ty::Map(Fields::Any)
            }
            Expr::Variable(it, _, at) if !it.2.is_empty() => {
                let (first, name) = (place(it.2.position()), format!("{}::{}", it.2, it.1));
                let width = width_to(first, place(*at), &it.1);
                self.finding(first, width, format!("unknown name `{}`", shown(&name)), None);
                Ty::Any
            }
            Expr::Variable(it, _, at) => self.mention(&it.1, place(*at)),
            Expr::Stmt(block) => self.block(block.statements(), true),
            Expr::FnCall(call, at) => self.call(call, place(*at)),
            Expr::Dot(..) | Expr::Index(..) => self.chain(expr),
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                for part in parts.iter() {
                    self.condition(part);
                }
                Ty::Boolean
            }
            Expr::Coalesce(parts, _) => {
                let types: Vec<Ty<'a>> = parts.iter().map(|part| self.expr(part)).collect();
                types.into_iter().filter(|ty| *ty != Ty::Unit).reduce(Ty::or).unwrap_or(Ty::Any)
            }
            _ => Ty::Any,
        }
    }

    /// An expression that must give true or false.
    pub(super) fn condition(&mut self, expr: &'a Expr) {
        let ty = self.expr(expr);
        if !matches!(ty, Ty::Boolean | Ty::Any) {
            let at = start(expr);
            let message = format!("expected true or false, and this is of type {}", ty.name());
            let help = self.truth(expr, ty);
            self.finding(at, self.width(at), message, help);
        }
    }

    /// The body of a closure, where it is mentioned: it sees what can be seen from there. `arguments` is what is known
    /// of what it will be given.
    pub(super) fn closure(&mut self, closure: &Closure, arguments: &[Ty<'a>]) {
        let Some(body) = self.known.bodies.closures.get(&closure.name) else { return };
        let mark = self.locals.enter();
        for (index, name) in body.arguments.iter().skip(closure.captured).enumerate() {
            self.declare(name, arguments.get(index).copied().unwrap_or(Ty::Any));
        }
        self.block(&body.statements, true);
        self.locals.leave(mark);
    }

    /// A plain name; gives what is known of its value.
    fn mention(&mut self, name: &'a str, at: Position) -> Ty<'a> {
        if let Some(ty) = self.locals.get(name) {
            return ty;
        }
        let slot = self.known.declared.slots.get(name).copied();
        match (self.place, slot, variable(name)) {
            (Place::Function, Some(_), _) | (Place::Function, _, Some(_)) => {
                let name = shown(name);
                let message = format!("a function sees only its arguments, and `{name}` is none of them");
                self.finding(at, self.width(at), message, Some(format!("hand `{name}` over as an argument")));
            }
            (Place::Script(_), Some(slot), _) => {
                self.found.reads.insert(slot);
                if let Some((_, shape)) = self.known.vocabulary.attributes.get(slot) {
                    return self.doubted(name, Ty::of(shape));
                }
            }
            (Place::Script(role), None, Some(variable)) => {
                if let Some(message) = unknown_to(variable, role) {
                    self.finding(at, self.width(at), message.to_owned(), None);
                } else {
                    if !self.found.variables.contains(&variable) {
                        self.found.variables.push(variable);
                    }
                    return match self.known.params {
                        Some(params) if variable == Variable::Params => Ty::Map(Fields::Of(params)),
                        _ => type_of(variable),
                    };
                }
            }
            (_, None, None) => self.unknown(name, at),
        }
        Ty::Any
    }

    fn unknown(&mut self, name: &str, at: Position) {
        if !self.has_room() {
            return;
        }
        let function = self.known.declared.by_name.contains_key(name);
        if function {
            let help = format!("call it: `{0}(…)`, or hand over a closure: `|x| {0}(x)`", shown(name));
            let message = format!("`{}` is a function, not a value", shown(name));
            return self.finding(at, self.width(at), message, Some(help));
        }
        self.finding(at, self.width(at), format!("unknown name `{}`", shown(name)), self.name_meant(name));
        if let Some(finding) = self.found.findings.last_mut() {
            finding.unknown = Some(name.into());
        }
    }

    /// The name that was meant by an unknown one.
    fn name_meant(&self, name: &str) -> Option<String> {
        if let Some(help) = foreign(name) {
            return Some(help.to_owned());
        }
        let locals = self.locals.names();
        match self.place {
            Place::Function => meant(name, locals),
            Place::Script(role) => {
                let attributes = self.known.vocabulary.attributes.iter().map(|(name, _)| name.as_str());
                let known = VARIABLES.iter().filter(|(_, v)| unknown_to(*v, role).is_none()).map(|(name, _)| *name);
                meant(name, attributes.chain(locals).chain(known)).or_else(|| self.text_meant(role, name))
            }
        }
    }

    /// A value that is nothing but a word may be meant as a text.
    fn text_meant(&self, role: Role, word: &str) -> Option<String> {
        let is_all = matches!(role, Role::Value | Role::With { .. }) && self.known.text.is(word);
        is_all.then(|| format!("a text stands in quotes: `\"{}\"`", shown(word)))
    }

    /// `target = value`, or with an operator before the `=`.
    pub(super) fn assignment(&mut self, operator: &OpAssignment, target: &'a Expr, value: &'a Expr) {
        let given = self.expr(value);
        match target {
            Expr::Variable(it, _, at) if it.2.is_empty() => {
                let before = self.target(&it.1, place(*at));
                let Some(before) = before else { return };
                let after = self.assigned_type(operator, before, given);
                self.learnt.assigned.insert(&it.1);
                self.learnt.grave |= before != Ty::Any && before != after;
            }
            Expr::Dot(..) | Expr::Index(..) => self.assigned_inside(operator, target, given),
            other => {
                self.expr(other);
            }
        }
    }

    /// `target.field = value`, `target[index] = value`.
    fn assigned_inside(&mut self, operator: &OpAssignment, target: &'a Expr, given: Ty<'a>) {
        let Some((name, at)) = root(target) else {
            self.chain(target);
            return;
        };
        if self.target(name, at).is_none() {
            return;
        }
        let before = self.chain(target);
        let after = self.assigned_type(operator, before, given);
        self.fill(name, before != Ty::Any && before != after);
    }

    fn assigned_type(&mut self, operator: &OpAssignment, before: Ty<'a>, given: Ty<'a>) -> Ty<'a> {
        match operator.get_op_assignment_info() {
            // Anything can be put at the end of a list.
            Some((.., "+")) if matches!(before, Ty::List(_)) => Ty::List(Items::Any),
            Some((_, _, _, _, token, _)) => self.binary(token, before, given, place(operator.position())),
            None => given,
        }
    }

    /// What is known of a name that is to be assigned. `None` if it may not be.
    fn target(&mut self, name: &'a str, at: Position) -> Option<Ty<'a>> {
        if let Some(ty) = self.locals.get(name) {
            return Some(ty);
        }
        let slot = self.known.declared.slots.get(name).copied();
        let (message, help) = match (self.place, slot, variable(name)) {
            (Place::Script(role), Some(slot), _) if is_body(role) => {
                self.found.reads.insert(slot);
                self.found.writes.insert(slot);
                let shape = self.known.vocabulary.attributes.get(slot).map(|(_, shape)| shape)?;
                return Some(self.doubted(name, Ty::of(shape)));
            }
            (Place::Script(role), Some(slot), _) => {
                self.found.reads.insert(slot);
                (format!("{} assigns nothing", role_name(role)), Some("compare with `==`".to_owned()))
            }
            (Place::Script(_), None, Some(_)) => (format!("`{name}` can only be read"), None),
            (Place::Function, Some(_), _) | (Place::Function, _, Some(_)) => (
                format!("a function sees only its arguments, and `{}` is none of them", shown(name)),
                Some("give the value back, and assign it where the function is called".to_owned()),
            ),
            (_, None, None) => {
                let help = self.name_meant(name).or_else(|| {
                    let declare = matches!(self.place, Place::Script(role) if is_body(role));
                    let name = shown(name);
                    Some(if declare {
                        format!(
                            "declare it under `attributes`, or write `let {name} = …` for a variable of this script"
                        )
                    } else {
                        format!("write `let {name} = …` for a variable")
                    })
                });
                let what = "a script may only assign declared attributes";
                (format!("unknown name `{}`: {what}", shown(name)), help)
            }
        };
        self.finding(at, self.width(at), message, help);
        None
    }

    /// Something is put into the list or the map `name`; `unlike` says whether it may be of another type than declared.
    pub(super) fn fill(&mut self, name: &'a str, unlike: bool) {
        let ty = match self.locals.get(name) {
            Some(ty) => ty,
            None => match self.known.declared.slots.get(name) {
                Some(slot) => {
                    if matches!(self.place, Place::Script(_)) {
                        self.found.writes.insert(*slot);
                    }
                    self.known.vocabulary.attributes.get(*slot).map_or(Ty::Any, |(_, shape)| Ty::of(shape))
                }
                None => return,
            },
        };
        self.learnt.filled.insert(name);
        self.learnt.grave |= unlike && ty != ty.opened() && !self.doubts.filled.contains(name);
    }
}

/// The variable that a chain begins with.
pub(super) fn root(expr: &Expr) -> Option<(&str, Position)> {
    match expr {
        Expr::Variable(it, _, at) if it.2.is_empty() => Some((&it.1, place(*at))),
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => root(&chain.lhs),
        _ => None,
    }
}

/// How wide it is from `first` to the end of `name`, which begins at `last`.
pub(super) fn width_to(first: Position, last: Position, name: &str) -> usize {
    let width = name.chars().count();
    if first.line == last.line { last.column.saturating_sub(first.column) + width } else { width }
}
