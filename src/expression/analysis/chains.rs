//! Chains: properties, methods and items of values.

use rhai::{ASTFlags, Expr, FnCallExpr};

use super::super::bodies::closure;
use super::super::parse::place;
use super::builtins::{Gives, PROPERTIES, builtin, properties_of};
use super::expressions::root;
use super::names::{meant, shown};
use super::types::{Fields, Items, Ty};
use super::walk::{Place, Walk, start};
use crate::diagnostic::Position;

/// Methods that pass an item and its index to a closure.
const OF_ITEMS: [&str; 9] = ["filter", "map", "some", "all", "find", "find_map", "retain", "drain", "index_of"];
/// Methods whose closure answers a question.
const PREDICATES: [&str; 7] = ["filter", "some", "any", "all", "find", "retain", "drain"];
/// Functions of maps that other languages have as fields.
const MAP_FUNCTIONS: [&str; 3] = ["keys", "values", "len"];
/// Methods that pass two items to a closure.
const OF_PAIRS: [&str; 5] = ["sort", "sort_by", "order", "order_by", "dedup"];

impl<'a> Walk<'a> {
    /// `a.b[c].d()`; returns the type of its value.
    pub(super) fn chain(&mut self, expr: &'a Expr) -> Ty<'a> {
        let (chain, flags, dot) = match expr {
            Expr::Dot(chain, flags, _) => (chain, *flags, true),
            Expr::Index(chain, flags, _) => (chain, *flags, false),
            _ => return self.expr(expr),
        };
        if dot && self.is_foreign_object(&chain.lhs, &chain.rhs) {
            return Ty::Any;
        }
        let owner = root(&chain.lhs).map(|(name, _)| name);
        let declared = self.declared_of(&chain.lhs);
        let receiver = self.expr(&chain.lhs);
        self.links((receiver, declared), &chain.rhs, flags, dot, owner)
    }

    /// The links of a chain, one after the other.
    fn links(
        &mut self,
        (mut receiver, mut declared): (Ty<'a>, Ty<'a>),
        mut rest: &'a Expr,
        mut flags: ASTFlags,
        mut dot: bool,
        owner: Option<&'a str>,
    ) -> Ty<'a> {
        loop {
            let goes_on = dot || !flags.contains(ASTFlags::BREAK);
            let (chain, next_flags, next_dot) = match rest {
                Expr::Dot(chain, flags, _) if goes_on => (chain, *flags, true),
                Expr::Index(chain, flags, _) if goes_on => (chain, *flags, false),
                last => return self.link((receiver, declared), last, dot, owner),
            };
            receiver = self.link((receiver, declared), &chain.lhs, dot, owner);
            declared = super::fits::part_of(declared, &chain.lhs, dot);
            (rest, flags, dot) = (&chain.rhs, next_flags, next_dot);
        }
    }

    fn link(
        &mut self,
        (receiver, declared): (Ty<'a>, Ty<'a>),
        link: &'a Expr,
        dot: bool,
        owner: Option<&'a str>,
    ) -> Ty<'a> {
        match link {
            Expr::Property(it, at) if dot => self.property(receiver, &it.2, place(*at)),
            Expr::MethodCall(call, at) if dot => self.method((receiver, declared), call, place(*at), owner),
            index => {
                let ty = self.expr(index);
                if let (Ty::List(_), Ty::Text | Ty::Float | Ty::Literal | Ty::Decimal | Ty::Boolean) = (receiver, ty) {
                    let at = start(index);
                    let message = format!("a list is indexed by a whole number, and this is of type {}", ty.name());
                    self.finding(at, self.width_of(index, at), message, None);
                }
                match (receiver, index, ty) {
                    (Ty::Map(known), Expr::StringConstant(key, at), _) => {
                        // An attribute has the fields that are declared, whatever was put into it before.
                        let fields = if let Ty::Map(fields) = declared { fields } else { known };
                        self.field(fields, key, place(*at))
                    }
                    (list @ Ty::List(_), _, Ty::Integer) => list.item(),
                    _ => Ty::Any,
                }
            }
        }
    }

    /// The field with a key in quotes; reported if the flow declares fields, and not this one.
    pub(super) fn field(&mut self, fields: Fields<'a>, key: &str, at: Position) -> Ty<'a> {
        match (fields.get(key), fields) {
            (Ok(ty), _) => ty,
            (Err(known), Fields::Of(_)) => {
                self.unknown_field(key, &known, at, key.chars().count() + 2);
                Ty::Any
            }
            (Err(_), _) => Ty::Any,
        }
    }

    /// Reports a field that is none of the `known`.
    pub(super) fn unknown_field(&mut self, name: &str, known: &[&str], at: Position, width: usize) {
        let help = meant(name, known.iter().copied()).unwrap_or_else(|| format!("there are {}", listed(known)));
        self.finding(at, width, format!("unknown field `{}`", shown(name)), Some(help));
    }

    fn property(&mut self, receiver: Ty<'a>, name: &str, at: Position) -> Ty<'a> {
        let (message, help) = match receiver {
            Ty::Any | Ty::Unit | Ty::Closure => return Ty::Any,
            Ty::Map(fields) => match fields.get(name) {
                Ok(ty) => return ty,
                Err(known) => {
                    let there_are = || format!("there are {}", listed(&known));
                    let function = || MAP_FUNCTIONS.contains(&name).then(|| format!("it is a function: `{name}()`"));
                    let near = meant(name, known.iter().copied());
                    let help = near.or_else(function).unwrap_or_else(there_are);
                    (format!("unknown field `{}`", shown(name)), Some(help).filter(|_| !known.is_empty()))
                }
            },
            other if self.part_of_time(other, name, at).is_some() => {
                let Some((message, help)) = self.part_of_time(other, name, at) else { return Ty::Any };
                (message, Some(help))
            }
            other => {
                let kind = other.name();
                let known = properties_of(kind);
                if let Some((.., ty)) =
                    PROPERTIES.iter().find(|(property, ..)| *property == name && known.contains(property))
                {
                    return *ty;
                }
                let is_property = PROPERTIES.iter().any(|(property, ..)| *property == name);
                let method = || {
                    let found = builtin(name).filter(|_| !is_property);
                    found.map(|_| format!("write `{name}(…)`: it is a function"))
                };
                let foreign = || super::names::foreign_function(name).map(ToOwned::to_owned);
                let there_are = || (!known.is_empty()).then(|| format!("there are {}", listed(&known)));
                let help = meant(name, known.iter().copied()).or_else(method).or_else(foreign).or_else(there_are);
                (format!("a value of type {kind} has no `{}`", shown(name)), help)
            }
        };
        self.finding(at, self.width(at), message, help);
        Ty::Any
    }

    /// `receiver.method(…)`.
    fn method(
        &mut self,
        (receiver, declared): (Ty<'a>, Ty<'a>),
        call: &'a FnCallExpr,
        at: Position,
        owner: Option<&'a str>,
    ) -> Ty<'a> {
        let name = call.name.as_str();
        self.method_arguments(receiver, call);
        let given = call.args.len();
        if let Some(index) = self.known.declared.own(name, given) {
            // It may change its receiver through `this`.
            if let Some(owner) = owner {
                self.fill(owner, true);
                self.learnt.retyped.insert(owner);
            }
            self.calls_own(index, at, name);
            return Ty::Any;
        }
        if given == 0
            && let Some((message, help)) = self.part_of_time(receiver, name, at)
        {
            self.finding(at, name.chars().count(), message, Some(help));
            return Ty::Any;
        }
        if name == "format" && given == 1 {
            self.formats(receiver, call, at);
        }
        if name == "pop" && given > 0 && matches!(receiver, Ty::List(_)) {
            let message = "`pop` takes the last item of a list, and no argument".to_owned();
            self.finding(at, 3, message, Some("write `remove(0)` for the first item, or `shift()`".to_owned()));
            return Ty::Any;
        }
        if let Some(found) = builtin(name)
            && (found.takes.0..=found.takes.1).contains(&(given + 1))
        {
            if let Some(owner) = owner.filter(|_| found.changes) {
                self.fill(owner, true);
            }
            self.given_on(name, (receiver, declared), &call.args);
            let second = call.args.first().map(|argument| self.known_of(argument));
            if let Some(ty) = self.smaller_or_larger(name, receiver, second, at) {
                return ty;
            }
            return match found.gives {
                Gives::Alike if matches!(receiver, Ty::List(_)) => receiver,
                Gives::Alike => Ty::Any,
                // A map may contain a closure of that name.
                Gives::A(_) if receiver == Ty::Any && self.keys.contains(name) => Ty::Any,
                Gives::A(_) if name == "split" && receiver == Ty::Any => Ty::Any,
                Gives::A(_) if name == "map" && matches!(receiver, Ty::List(_)) => Ty::List(Items::Any),
                Gives::A(ty) => ty,
            };
        }
        if let Some(ty) = self.native(name, given + 1, at, name) {
            return ty;
        }
        let holds_closures = matches!(receiver, Ty::Any | Ty::Map(Fields::Any));
        if !(holds_closures && self.keys.contains(name)) {
            self.no_method(receiver, call, at);
        }
        Ty::Any
    }

    /// `map.get("a", 0)`: how to give a value for a missing key. `at` is the place of `get`.
    fn value_or(&self, at: Position) -> Option<String> {
        let (key, otherwise) = self.known.text.arguments_at(at).split_once(',')?;
        let of = self.known.text.value_before(at);
        Some(format!("write `{}.get({}) ?? {}`", shown(of), shown(key.trim()), shown(otherwise.trim())))
    }

    /// The arguments of a method; closures get the types of their arguments.
    fn method_arguments(&mut self, receiver: Ty<'a>, call: &'a FnCallExpr) {
        let name = call.name.as_str();
        let item = if let Ty::List(_) = receiver { receiver.item() } else { Ty::Any };
        let types = match name {
            _ if item == Ty::Any => [Ty::Any, Ty::Any],
            name if OF_ITEMS.contains(&name) => [item, Ty::Integer],
            name if OF_PAIRS.contains(&name) => [item, item],
            "reduce" | "reduce_rev" if call.args.len() == 1 => [item, item],
            "reduce" | "reduce_rev" => [Ty::Any, item],
            _ => [Ty::Any, Ty::Any],
        };
        for argument in &call.args {
            match closure(argument) {
                Some(closure) => {
                    if OF_PAIRS.contains(&name) && self.parameters_of(&closure) == Some(1) {
                        let message = format!("the closure of `{name}` compares two items, and this one takes one");
                        let help = "write `|a, b| a - b`, or `|a, b| if a < b { -1 } else { 1 }` for texts";
                        self.finding(start(argument), 1, message, Some(help.to_owned()));
                    }
                    let ty = self.closure(&closure, &types);
                    if PREDICATES.contains(&name) && !matches!(ty, Ty::Boolean | Ty::Any) {
                        let at = start(argument);
                        let message = format!(
                            "the closure of `{name}` must give true or false, and this one gives {}",
                            if ty == Ty::Unit {
                                "nothing".to_owned()
                            } else {
                                format!("a value of type {}", ty.name())
                            }
                        );
                        self.finding(at, 1, message, None);
                    }
                }
                None => {
                    self.expr(argument);
                }
            }
        }
    }

    fn no_method(&mut self, receiver: Ty<'a>, call: &'a FnCallExpr, at: Position) {
        let (name, given) = (call.name.as_str(), call.args.len());
        let takes = self.arities(name, true);
        if !self.has_room() || (takes.is_empty() && self.known.declared.broken.contains(name)) {
            return;
        }
        let as_function = self.known.declared.own(name, given + 1).is_some();
        let (message, help) = if as_function {
            let message = format!("`{}` is called with what it works on as its argument", shown(name));
            (message, Some(format!("write `{}(…)`", shown(name))))
        } else if takes.is_empty() {
            let moved = self.move_meant(receiver, name, &call.args, at);
            let help = moved.or_else(|| field_meant(receiver, name)).or_else(|| self.function_meant(name));
            // The argument of a function may be a map that contains closures.
            if help.is_none() && receiver == Ty::Any && self.place == Place::Function {
                return;
            }
            (format!("unknown function `{}`", shown(name)), help)
        } else {
            let help = match (name, receiver) {
                ("max" | "min", Ty::List(_)) => Some(format!("write `list.reduce(|a, b| {name}(a, b))`")),
                ("get", _) => self.value_or(at),
                _ => None,
            };
            (super::calls::wrong_arity(name, given, &takes), help)
        };
        self.finding(at, name.chars().count(), message, help);
    }
}

/// `response.json()`, where `json` is a field.
fn field_meant(receiver: Ty<'_>, name: &str) -> Option<String> {
    let Ty::Map(fields @ (Fields::Of(_) | Fields::Record(_))) = receiver else { return None };
    fields.get(name).ok().map(|_| format!("write `.{}` without brackets: it is a field", shown(name)))
}

/// A list of names, for a message.
pub(super) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
