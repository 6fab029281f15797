//! Expressions: the types of their values, and the names they use.

use rhai::{Expr, OpAssignment, Stmt};

use super::super::bodies::{Closure, closure};
use super::super::parse::place;
use super::super::{Role, Variable};
use super::fits::Wanted;
use super::locals::Origin;
use super::names::{VARIABLES, meant, shown, type_of, unknown_to, variable};
use super::operators::computed;
use super::reach::{is_body, role_name};
use super::types::{Fields, Items, Ty};
use super::walk::{AssignedAt, Place, Walk, start};
use crate::diagnostic::Position;

impl<'a> Walk<'a> {
    /// An expression; returns the type of its value.
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
            Expr::StringConstant(text, at) => {
                self.not_filled_in(text, place(*at));
                Ty::Text
            }
            Expr::CharConstant(..) => Ty::Text,
            Expr::Unit(_) => Ty::Unit,
            Expr::InterpolatedString(parts, _) => {
                for part in parts.iter().filter(|part| !matches!(part, Expr::StringConstant(..))) {
                    self.expr(part);
                }
                Ty::Text
            }
            Expr::Array(items, _) => {
                for item in items {
                    let ty = self.expr(item);
                    self.no_closure_inside(item, ty, "a list");
                }
                Ty::List(Items::Any)
            }
            Expr::Map(map, _) => {
                for (key, value) in &map.0 {
                    self.keys.insert(&key.name);
                    let ty = self.expr(value);
                    self.no_closure_inside(value, ty, "a map");
                }
                Ty::Map(Fields::Any)
            }
            Expr::Variable(it, _, at) if !it.2.is_empty() => {
                let (first, name) = (place(it.2.position()), format!("{}::{}", it.2, it.1));
                let width = width_to(first, place(*at), &it.1);
                self.finding(first, width, format!("unknown name `{}`", shown(&name)), None);
                Ty::Any
            }
            Expr::Variable(it, _, at) => self.free_variable(&it.1, place(*at)),
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

    /// Reports a closure inside a value: it cannot be kept.
    fn no_closure_inside(&mut self, expr: &Expr, ty: Ty<'a>, what: &str) {
        if ty == Ty::Closure {
            let at = start(expr);
            let help = "keep it in a variable of its own: `let f = |x| …`, and call it by `f.call(x)`";
            self.finding(at, self.width(at), format!("a closure cannot be put into {what}"), Some(help.to_owned()));
        }
    }

    /// `"Hello ${name}!"`: only texts in backticks are interpolated.
    fn not_filled_in(&mut self, text: &str, at: Position) {
        let Some((_, behind)) = text.split_once("${") else { return };
        let name = behind.trim_start();
        let name = name.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        let is_known = self.locals.get(name).is_some()
            || self.known.declared.slots.contains_key(name)
            || variable(name).is_some()
            || super::calls::is_of_language(name);
        if is_known && behind.contains('}') && self.known.text.rest(at).starts_with('"') {
            let message = "`${…}` works in backticks only, and this text is in double quotes";
            let help = format!("write `` `{}` ``", shown(text));
            self.finding(at, 1, message.to_owned(), Some(help));
        }
    }

    /// An expression that must be true or false.
    pub(super) fn condition(&mut self, expr: &'a Expr) {
        let ty = self.expr(expr);
        if !matches!(ty, Ty::Boolean | Ty::Any) {
            let at = start(expr);
            let message = format!("expected true or false, and this is of type {}", ty.name());
            let help = self.truth(expr, ty);
            self.finding(at, self.width(at), message, help);
        }
    }

    /// The body of a closure, checked where it occurs: it sees the variables in scope there. `arguments` are the types
    /// it will be called with.
    /// Returns the type of its value.
    pub(super) fn closure(&mut self, closure: &Closure, arguments: &[Ty<'a>]) -> Ty<'a> {
        let Some(body) = self.known.bodies.closures.get(&closure.name) else { return Ty::Any };
        let mark = self.locals.enter();
        self.locals.depth += 1;
        for (index, name) in body.arguments.iter().skip(closure.captured).enumerate() {
            self.declare(name, arguments.get(index).copied().unwrap_or(Ty::Any), Origin::Argument);
        }
        self.branches += 1;
        let ty = self.block(&body.statements, true);
        self.branches -= 1;
        self.locals.depth -= 1;
        self.leave(mark);
        let own = body.arguments.get(closure.captured..).unwrap_or_default();
        self.gives_no_user_of(own, body.statements.last());
        ty
    }

    /// How many arguments a closure takes, if that is known.
    pub(super) fn parameters_of(&self, closure: &Closure) -> Option<usize> {
        let body = self.known.bodies.closures.get(&closure.name)?;
        Some(body.arguments.len().saturating_sub(closure.captured))
    }

    /// `|x| |y| x + y`: a closure that is returned no longer has the other one's arguments.
    fn gives_no_user_of(&mut self, own: &[String], last: Option<&'a Stmt>) {
        let Some(Stmt::Expr(expr)) = last else { return };
        let Some(inner) = closure(expr) else { return };
        let Some(body) = self.known.bodies.closures.get(&inner.name) else { return };
        let Some(used) = body.arguments.iter().take(inner.captured).find(|name| own.contains(name)) else { return };
        let used = shown(used);
        let at = start(expr);
        let message = format!("a closure that another gives back cannot use `{used}`: that one has ended by then");
        let help = format!("write one closure of both, `|{used}, …| …`, and `f.curry({used})` to give it one alone");
        self.finding(at, 1, message, Some(help));
    }

    /// A plain name; returns the type of its value.
    fn free_variable(&mut self, name: &'a str, at: Position) -> Ty<'a> {
        if let Some(ty) = self.locals.read(name) {
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
                    if variable == Variable::Error && self.found.error_at.is_none() {
                        self.found.error_at = Some(at);
                    }
                    if !self.found.variables.contains(&variable) {
                        self.found.variables.push(variable);
                    }
                    return match self.known.given.params {
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
        if let Some(call) = super::calls::as_call(name) {
            let message = format!("`{}` is a function, not a value", shown(name));
            return self.finding(at, self.width(at), message, Some(format!("call it: `{call}`")));
        }
        let function = self.known.declared.by_name.contains_key(name);
        if function {
            let help = format!("call it: `{0}(…)`, or hand over a closure: `|x| {0}(x)`", shown(name));
            let message = format!("`{}` is a function, not a value", shown(name));
            return self.finding(at, self.width(at), message, Some(help));
        }
        let help = self.name_meant(name).or_else(|| self.compared_text(name, at));
        self.finding(at, self.width(at), format!("unknown name `{}`", shown(name)), help);
        if let Some(finding) = self.found.findings.last_mut() {
            finding.unknown = Some(name.into());
        }
    }

    /// The name meant by an unknown one.
    fn name_meant(&self, name: &str) -> Option<String> {
        if let Some(help) = self.foreign_name(name) {
            return Some(help);
        }
        if self.known.given.params.is_some_and(|params| params.iter().any(|(param, _)| *param == *name)) {
            return Some(format!("a parameter is read through `params`: `params.{name}`"));
        }
        if !self.known.declared.may_compare() {
            return None;
        }
        let locals = self.locals.names();
        match self.place {
            Place::Function => meant(name, locals),
            Place::Script(role) => {
                let attributes = self.known.vocabulary.attributes.iter().map(|(name, _)| name.as_str());
                let known = VARIABLES.iter().filter(|(_, v)| unknown_to(*v, role).is_none()).map(|(name, _)| *name);
                meant(name, attributes.chain(locals).chain(known))
                    .or_else(|| matches!(role, Role::Migrate).then(|| KEEP_DECLARED.to_owned()))
                    .or_else(|| self.text_meant(role, name))
            }
        }
    }

    /// `status == open`: advice for a name that something is compared with.
    fn compared_text(&self, name: &str, at: Position) -> Option<String> {
        let before = self.known.text.before(at).trim_end();
        let is_compared = before.ends_with("==") || before.ends_with("!=");
        is_compared.then(|| match name {
            "yes" | "on" => format!("a text needs quotes, `\"{name}\"`; a boolean is `true`"),
            "no" | "off" => format!("a text needs quotes, `\"{name}\"`; a boolean is `false`"),
            _ => format!("a text needs quotes: `\"{}\"`", shown(name)),
        })
    }

    /// Advice for a value that is a single word: it may be meant as text.
    fn text_meant(&self, role: Role, word: &str) -> Option<String> {
        let is_all = matches!(role, Role::Value | Role::With { .. }) && self.known.text.is(word);
        is_all.then(|| format!("a text needs quotes: `\"{}\"`", shown(word)))
    }

    /// `target = value`, or with an operator before the `=`.
    pub(super) fn assignment(&mut self, operator: &OpAssignment, target: &'a Expr, value: &'a Expr) {
        let given = self.expr(value);
        self.comment_for_operand(value);
        match target {
            Expr::Variable(it, _, at) if it.2.is_empty() => {
                let before = self.target(&it.1, place(*at));
                let Some(before) = before else { return };
                let after = self.assigned_type(operator, before, given);
                if self.locals.get(&it.1).is_none() {
                    self.assigned_to_itself(operator, &it.1, value, place(*at));
                    self.assigned_fits(operator, target, (value, given), after);
                } else {
                    self.locals.changed(&it.1, place(*at), false);
                }
                self.learnt.assigned.insert(&it.1);
                if before != Ty::Any && before != after {
                    self.learnt.retyped.insert(&it.1);
                }
            }
            Expr::Dot(..) | Expr::Index(..) => self.assigned_inside(operator, target, (value, given)),
            other => {
                self.expr(other);
            }
        }
    }

    /// `target.field = value`, `target[index] = value`.
    fn assigned_inside(&mut self, operator: &OpAssignment, target: &'a Expr, (value, given): (&'a Expr, Ty<'a>)) {
        let Some((name, at)) = root(target) else {
            self.chain(target);
            return;
        };
        if self.target(name, at).is_none() {
            return;
        }
        let is_local = self.locals.get(name).is_some();
        let before = self.chain(target);
        let after = self.assigned_type(operator, before, given);
        if is_local {
            self.locals.changed(name, at, true);
        } else {
            self.assigned_fits(operator, target, (value, given), after);
        }
        // A local copy may get new fields: declarations apply to attributes only.
        self.fill(name, if before == Ty::Any { is_local } else { before != after });
    }

    /// Whether a value assigned to an attribute, or to a part of one, fits its declaration.
    fn assigned_fits(
        &mut self,
        operator: &OpAssignment,
        target: &'a Expr,
        (value, given): (&'a Expr, Ty<'a>),
        after: Ty<'a>,
    ) {
        let Some((name, at)) = root(target) else { return };
        if let Some(slot) = self.known.declared.slots.get(name) {
            self.found.assigned.push(AssignedAt { slot: *slot, at, always: self.branches == 0 });
        }
        self.keeps_secret(target, value);
        let what = match target {
            Expr::Variable(..) => format!("attribute `{}`", shown(name)),
            _ => format!("this part of `{}`", shown(name)),
        };
        let ty = self.declared_at(target);
        let wanted = Wanted { what: &what, ty };
        match operator.get_op_assignment_info() {
            None => {
                self.empty_block(wanted, value);
                self.must_fit(wanted, value, given);
            }
            // An item or a list is appended.
            Some((.., "+")) if matches!(ty, Ty::List(_)) && !matches!(given, Ty::List(_)) => {
                let ty = if given == Ty::Any { Ty::Any } else { ty.item() };
                self.must_fit(Wanted { what: "an item", ty }, value, given);
            }
            Some((.., "+")) if matches!(ty, Ty::List(_) | Ty::Map(_)) => self.must_fit(wanted, value, given),
            // A number in an attribute is always of its declared type, whatever was assigned before.
            Some((_, _, _, _, token, _)) if ty.is_number() && given.is_number() => {
                let after = computed(token, ty, given).unwrap_or(Ty::Any);
                self.must_fit(wanted, value, after);
            }
            Some(_) if !after.is_like(given) => {}
            Some(_) => self.must_fit(wanted, value, after),
        }
    }

    /// `map = {}` assigns an empty block, that is nothing.
    fn empty_block(&mut self, wanted: Wanted<'_, 'a>, value: &'a Expr) {
        let at = start(value);
        if matches!(value, Expr::Stmt(block) if block.statements().is_empty())
            && self.known.text.rest(at).starts_with('{')
        {
            let message = format!("`{{}}` is an empty block of statements: {} would have no value", wanted.what);
            let help = "write `#{}` for an empty map, or `()` for no value".to_owned();
            self.finding(at, 1, message, Some(help));
        }
    }

    fn assigned_type(&mut self, operator: &OpAssignment, before: Ty<'a>, given: Ty<'a>) -> Ty<'a> {
        match operator.get_op_assignment_info() {
            // Anything can be appended to a list.
            Some((.., "+")) if matches!(before, Ty::List(_)) => Ty::List(Items::Any),
            Some((_, _, _, _, token, _)) => self.binary(token, before, given, place(operator.position())),
            None => given,
        }
    }

    /// The type of a name that is to be assigned. `None` if it may not be.
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
            (Place::Script(_), None, Some(_)) => (format!("`{name}` can only be read"), read_only(name)),
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

    /// Something is added to the list or map `name`; `unlike` says whether its type may differ from the declared one.
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
        if unlike && ty != ty.opened() {
            self.learnt.filled.insert(name);
        }
    }
}

/// The advice for a migration that reads an attribute that is no longer declared.
const KEEP_DECLARED: &str =
    "a migration reads declared attributes only: keep the attribute of the earlier version declared";

/// What to do instead of assigning a variable of the language.
fn read_only(name: &str) -> Option<String> {
    let help = match name {
        "task" => "`go_to` leads on, and `result` or `failure` ends a task",
        "params" | "item" | "error" => "assign an attribute, or `let` a variable of this script",
        _ => return None,
    };
    Some(help.to_owned())
}

/// The variable at the start of a chain.
pub(super) fn root(expr: &Expr) -> Option<(&str, Position)> {
    match expr {
        Expr::Variable(it, _, at) if it.2.is_empty() => Some((&it.1, place(*at))),
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => root(&chain.lhs),
        _ => None,
    }
}

/// The width from `first` to the end of `name`, which begins at `last`.
pub(super) fn width_to(first: Position, last: Position, name: &str) -> usize {
    let width = name.chars().count();
    if first.line == last.line { last.column.saturating_sub(first.column) + width } else { width }
}
