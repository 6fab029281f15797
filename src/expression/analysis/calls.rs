//! Calls: which function is meant, whether it accepts its arguments, and what it reaches.

use rhai::{Expr, FnCallExpr};

use super::super::{FunctionBody, ScriptPlace, StartedFlow};
use super::builtins::{BUILTINS, Gives, builtin};
use super::expressions::{root, width_to};
use super::fits::Wanted;
use super::habits::written_like;
use super::names::{foreign_function, meant, misspelt_foreign_function, shown};
use super::operators::is_in;
use super::reach::{Effect, refusal};
use super::types::{Fields, OUTPUT, RESPONSE, Ty};
use super::walk::{Place, Walk, start};
use crate::diagnostic::Position;
use crate::name::Name;

/// What a function of the language reaches.
#[derive(Clone, Copy, PartialEq)]
enum Needs {
    /// Nothing.
    Nothing,
    /// The clock or random values.
    Clock,
    /// The host's log.
    Log,
    /// The host, to start a sub-task.
    Start,
}

/// The functions of the language: name, least and most arguments, result type, what they reach.
const LANGUAGE: [(&str, usize, usize, Ty<'static>, Needs); 11] = [
    ("now", 0, 0, Ty::DateTime, Needs::Clock),
    ("today", 0, 0, Ty::Date, Needs::Clock),
    ("uuid", 0, 0, Ty::Text, Needs::Clock),
    ("random", 0, 0, Ty::Float, Needs::Clock),
    ("date", 1, 1, Ty::Date, Needs::Nothing),
    ("datetime", 1, 1, Ty::DateTime, Needs::Nothing),
    ("duration", 1, 1, Ty::Duration, Needs::Nothing),
    ("decimal", 1, 1, Ty::Decimal, Needs::Nothing),
    ("log", 1, 3, Ty::Unit, Needs::Log),
    ("fail", 1, 3, Ty::Any, Needs::Nothing),
    ("start", 1, 2, Ty::Text, Needs::Start),
];

/// The result type of a function of the language for a number of arguments.
pub(super) fn given_by(name: &str, given: usize) -> Ty<'static> {
    let known = LANGUAGE.iter().find(|(known, least, most, ..)| *known == name && (*least..=*most).contains(&given));
    known.map_or(Ty::Any, |(_, _, _, ty, _)| *ty)
}

/// How a function of the language is called.
pub(super) fn as_call(name: &str) -> Option<String> {
    let (_, _, most, ..) = LANGUAGE.iter().find(|(known, ..)| *known == name)?;
    Some(format!("{name}({})", if *most == 0 { "" } else { "…" }))
}

/// Whether `name` is a function of the language.
pub(super) fn is_of_language(name: &str) -> bool {
    LANGUAGE.iter().any(|(known, ..)| *known == name)
}

impl<'a> Walk<'a> {
    /// A call or an operator; returns the type of its result.
    pub(super) fn call(&mut self, call: &'a FnCallExpr, at: Position) -> Ty<'a> {
        if let Some(token) = &call.op_token {
            return self.operator(call, token, at);
        }
        let types: Vec<Ty<'a>> = call.args.iter().map(|argument| self.expr(argument)).collect();
        if is_in(call, self.known.text, at) {
            return self.looks_in(call, &types, at);
        }
        let name = call.name.as_str();
        self.reads_literal(call);
        if call.capture_parent_scope {
            let message = "a function's name has no `!` after it".to_owned();
            self.finding(at, name.chars().count(), message, Some(format!("write `{}(…)`", shown(name))));
            return Ty::Any;
        }
        if !call.namespace.is_empty() {
            return self.qualified(call, &types, at);
        }
        self.plain(call, &types, at)
    }

    /// `item in collection`.
    fn looks_in(&mut self, call: &'a FnCallExpr, types: &[Ty<'a>], at: Position) -> Ty<'a> {
        let collection = types.first().copied().unwrap_or(Ty::Any);
        if !matches!(collection, Ty::Any | Ty::List(_) | Ty::Map(_) | Ty::Text | Ty::Range) {
            let at = call.args.first().map_or(at, start);
            let message =
                format!("`in` looks in a list, a map, a text or a range, and this is of type {}", collection.name());
            self.finding(at, self.width(at), message, None);
        }
        Ty::Boolean
    }

    /// `module::function(…)`.
    fn qualified(&mut self, call: &'a FnCallExpr, types: &[Ty<'a>], at: Position) -> Ty<'a> {
        let name = format!("{}::{}", call.namespace, call.name);
        let first = super::super::parse::place(call.namespace.position());
        let width = width_to(first, at, &call.name);
        if let Some(ty) = self.native(&name, call.args.len(), first, &name) {
            self.registered(&name, call, types);
            return ty;
        }
        if !self.has_room() {
            return Ty::Any;
        }
        let takes = self.arities(&name, false);
        let (message, help) = if takes.is_empty() {
            let help = self.of_module_meant(&call.namespace.to_string(), &call.name);
            (format!("unknown function `{}`", shown(&name)), help)
        } else {
            (wrong_arity(&name, call.args.len(), &takes), None)
        };
        self.finding(first, width, message, help);
        Ty::Any
    }

    fn plain(&mut self, call: &'a FnCallExpr, types: &[Ty<'a>], at: Position) -> Ty<'a> {
        let (name, given) = (call.name.as_str(), call.args.len());
        if let Some(index) = self.known.declared.own(name, given) {
            self.calls_own(index, at, name);
            return Ty::Any;
        }
        if let Some(ty) = self.native(name, given, at, name) {
            if name == "start" {
                self.starts(call);
            }
            self.given_to_language(name, &call.args, types);
            self.registered(name, call, types);
            return ty;
        }
        if let Some(found) = builtin(name).filter(|found| (found.takes.0..=found.takes.1).contains(&given)) {
            if let Some((owner, _)) = call.args.first().filter(|_| found.changes).and_then(root) {
                self.fill(owner, true);
            }
            let first = types.first().copied().unwrap_or(Ty::Any);
            match call.args.split_first() {
                _ if name == "range" => self.given_to_language(name, &call.args, types),
                Some((receiver, more)) => {
                    let declared = if found.changes { self.declared_of(receiver) } else { Ty::Any };
                    self.given_on(name, (first, declared), more);
                }
                None => {}
            }
            if let Some(ty) = self.smaller_or_larger(name, first, types.get(1).copied(), at) {
                return ty;
            }
            return match found.gives {
                Gives::Alike if matches!(first, Ty::List(_)) => first,
                Gives::A(ty) if first != Ty::Any || given == 0 => ty,
                _ => Ty::Any,
            };
        }
        self.no_function(name, given, at);
        Ty::Any
    }

    /// A function of a capability or of the embedding program: what it takes, as far as that is known.
    fn registered(&mut self, name: &str, call: &'a FnCallExpr, types: &[Ty<'a>]) {
        let known = self.known.vocabulary.functions.iter().find(|function| function.name == *name);
        if let Some(takes) = known.map(|function| (function.takes, *function.arity.end())) {
            self.takes(name, takes, &call.args, types);
        }
    }

    fn no_function(&mut self, name: &str, given: usize, at: Position) {
        if !self.has_room() {
            return;
        }
        let takes = self.arities(name, false);
        // The content of functions with errors is not known.
        if takes.is_empty() && self.known.declared.broken.contains(name) {
            return;
        }
        let is_variable = self.locals.get(name).is_some()
            || (self.known.declared.slots.contains_key(name) && matches!(self.place, Place::Script(_)));
        let (message, help) = if !takes.is_empty() {
            (wrong_arity(name, given, &takes), written_like(name, self.known.text.arguments_at(at)))
        } else if self.is_module(name) {
            let message = format!("`{}` is not a function", shown(name));
            (message, self.of_module_meant(name, ""))
        } else if name == "Fn" {
            ("`Fn` means nothing in scripts".to_owned(), Some("write a closure: `|x| f(x)`".to_owned()))
        } else if is_variable {
            let help = format!("a closure is called by `{}.call(…)`", shown(name));
            (format!("`{}` is not a function", shown(name)), Some(help))
        } else {
            (format!("unknown function `{}`", shown(name)), self.function_meant(name))
        };
        self.finding(at, name.chars().count(), message, help);
    }

    /// The function that was meant by an unknown name.
    pub(super) fn function_meant(&self, name: &str) -> Option<String> {
        if let Some(help) = foreign_function(name) {
            return Some(help.to_owned());
        }
        let mut known: Vec<&str> = self.known.declared.by_name.keys().map(Name::as_str).collect();
        known.extend(self.known.vocabulary.functions.iter().map(|f| f.name.as_str()));
        known.extend(LANGUAGE.iter().map(|(name, ..)| *name));
        known.extend(BUILTINS.iter().map(|builtin| builtin.name));
        meant(name, known).or_else(|| misspelt_foreign_function(name))
    }

    /// A function of the language, of a capability or of the embedding program that takes `given` arguments.
    pub(super) fn native(&mut self, name: &str, given: usize, at: Position, written: &str) -> Option<Ty<'a>> {
        let width = written.chars().count();
        let registered = self.known.vocabulary.functions.iter().find(|f| f.name == name && f.arity.contains(&given));
        if let Some(function) = registered {
            self.found.reach.changes = true;
            if let FunctionBody::Effect { capability } = &function.body {
                self.found.reach.outside = true;
                if self.found.reach.step.is_none() {
                    self.found.reach.step = Some(function.name.clone());
                }
                if !self.effect(Effect::Step(name), at, width, None) {
                    self.uses(name, capability.as_ref(), at, width);
                }
            }
            return Some(match name.split_once("::") {
                Some(("http", _)) => Ty::Map(Fields::Record(RESPONSE)),
                Some(("shell", "run")) => Ty::Map(Fields::Record(OUTPUT)),
                _ => Ty::Any,
            });
        }
        let known = LANGUAGE.iter().find(|(known, ..)| *known == name);
        let (_, _, _, ty, needs) = known.filter(|(_, least, most, ..)| (*least..=*most).contains(&given))?;
        self.found.reach.outside |= *needs != Needs::Nothing;
        match needs {
            Needs::Nothing => {}
            Needs::Clock => self.found.reach.changes = true,
            Needs::Log => {
                self.found.reach.logs = true;
                self.effect(Effect::Log, at, width, None);
            }
            Needs::Start => {
                self.found.reach.starts = true;
                self.effect(Effect::Start, at, width, None);
            }
        }
        Some(*ty)
    }

    /// A call of the flow's function with the index `index`.
    pub(super) fn calls_own(&mut self, index: usize, at: Position, name: &str) {
        self.found.calls.insert(index);
        let Some(function) = self.known.declared.functions.get(index) else { return };
        for effect in function.reach.effects() {
            self.effect(effect, at, name.chars().count(), Some(name));
        }
    }

    /// Reports a effect that the script's role does not allow, and returns whether it did. `through` is the function that
    /// does it.
    fn effect(&mut self, effect: Effect<'_>, at: Position, width: usize, through: Option<&str>) -> bool {
        let Place::Script(role) = self.place else { return false };
        let Some((refusal, help)) = refusal(role, effect) else { return false };
        let message = match through {
            Some(function) => format!("{refusal} (`{}` does)", shown(function)),
            None => refusal,
        };
        self.finding(at, width, message, Some(help.to_owned()));
        true
    }

    /// Checks that the flow lists a capability in `uses`.
    fn uses(&mut self, name: &str, capability: Option<&Name>, at: Position, width: usize) {
        let uses = &self.known.vocabulary.uses;
        let Some(capability) = capability.filter(|capability| !uses.contains(capability)) else { return };
        let all: Vec<&str> = uses.iter().chain([capability]).map(Name::as_str).collect();
        let message = format!("`{name}` needs the capability `{capability}`, which `uses` does not name");
        self.finding(at, width, message, Some(format!("add `uses: [{}]` to the flow", all.join(", "))));
    }

    /// Records a flow that is started by a literal name.
    fn starts(&mut self, call: &'a FnCallExpr) {
        let Some(Expr::StringConstant(flow, at)) = call.args.first() else { return };
        let given = match call.args.get(1) {
            Some(Expr::Map(map, _)) => {
                self.started_with(flow, &map.0);
                Some(map.0.iter().map(|(key, _)| Name::new(key.name.as_str())).collect())
            }
            Some(_) => None,
            None => Some(Vec::new()),
        };
        let at = super::super::parse::place(*at);
        let at = ScriptPlace {
            in_functions: self.place == Place::Function,
            // After the quote.
            at: Position { column: at.column + 1, ..at },
        };
        self.found.reach.started.push(StartedFlow { flow: Name::new(flow.as_str()), given, at });
    }

    /// Checks the values of the map for a started flow against its attributes.
    fn started_with(&mut self, flow: &str, values: &'a [(rhai::Ident, Expr)]) {
        let known = self.known.vocabulary.flows.get(flow);
        for (key, value) in values {
            let shape = known.into_iter().flatten().find(|(name, _)| *name == *key.name.as_str());
            let Some((name, shape)) = shape else { continue };
            let given = self.known_of(value);
            let what = format!("attribute `{name}` of the flow started");
            self.must_fit(Wanted { what: &what, ty: Ty::of(shape) }, value, given);
        }
    }

    /// The numbers of arguments that functions called `name` accept; for a method, without the receiver.
    pub(super) fn arities(&self, name: &str, as_method: bool) -> Vec<(usize, usize)> {
        let less = usize::from(as_method);
        let own = self.known.declared.by_name.get(name).into_iter().flatten();
        let own = own.filter_map(|index| self.known.declared.functions.get(*index)).map(|f| (f.arity, f.arity));
        let vocabulary = self.known.vocabulary.functions.iter().filter(|f| f.name == name);
        let vocabulary = vocabulary.map(|f| (*f.arity.start(), *f.arity.end()));
        let language = LANGUAGE.iter().filter(|(known, ..)| *known == name).map(|(_, least, most, ..)| (*least, *most));
        let built_in = builtin(name).map(|found| found.takes).into_iter();
        let natives = vocabulary.chain(language).chain(built_in).filter(|(_, most)| *most >= less);
        let natives = natives.map(|(least, most)| (least.saturating_sub(less), most - less));
        let mut all: Vec<(usize, usize)> = own.chain(natives).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The message that a function accepts other numbers of arguments.
pub(super) fn wrong_arity(name: &str, given: usize, takes: &[(usize, usize)]) -> String {
    let one = |(least, most): &(usize, usize)| match most - least {
        0 => least.to_string(),
        1 => format!("{least} or {most}"),
        _ => format!("{least} to {most}"),
    };
    let numbers: Vec<String> = takes.iter().map(one).collect();
    let is_one = takes == [(1, 1)];
    let arguments = if is_one { "argument" } else { "arguments" };
    format!("`{}` takes {} {arguments}, but is given {given}", shown(name), numbers.join(" or "))
}
