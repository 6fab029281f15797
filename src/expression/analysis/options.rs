//! What capabilities are given: arguments and options that are written out are checked before anything is called.

use rhai::Expr;

use super::super::parse::place;
use super::super::{Argument, Takes};
use super::names::{meant, shown};
use super::types::{Items, Ty};
use super::walk::{Walk, start};
use crate::diagnostic::Position;
use crate::duration::Duration;

/// The options of `http` that say what is sent: there is one body.
const BODIES: [&str; 3] = ["json", "body", "form"];

impl<'a> Walk<'a> {
    /// Reports what `function` does not take. `most` is the greatest number of its arguments, and `types` is what is known
    /// of those that it is given.
    pub(super) fn takes(&mut self, function: &str, (takes, most): (Takes, usize), args: &'a [Expr], types: &[Ty<'a>]) {
        let Some(last) = args.len().checked_sub(1) else { return };
        for (number, (argument, ty)) in args.iter().zip(types).enumerate() {
            let is_behind = takes.options.is_some() && number == last && number > 0;
            if let (Some(known), true, Expr::Map(options, _)) = (takes.options, is_behind, argument) {
                self.options(function, known, &options.0);
                continue;
            }
            // Options that are made elsewhere may be anything, and a map is nothing else.
            if is_behind && matches!(ty, Ty::Map(_) | Ty::Any | Ty::Unit) {
                continue;
            }
            if is_behind && number + 1 == most {
                let message = format!("`{function}` takes its options as a map, and is given a {}", ty.name());
                self.at_expr(argument, message, None);
            } else if let Some((name, wanted)) = takes.arguments.get(number) {
                self.argument(&format!("`{function}` takes its {name} as"), *wanted, argument, *ty);
            }
        }
    }

    fn options(&mut self, function: &str, known: &[(&'static str, Argument)], given: &'a [(rhai::Ident, Expr)]) {
        let mut bodies: Vec<(&str, Position)> = Vec::new();
        for (key, value) in given {
            let (name, at) = (key.name.as_str(), place(key.pos));
            let Some((name, wanted)) = known.iter().find(|(known, _)| *known == name) else {
                let names = || known.iter().map(|(name, _)| *name);
                let there_are = || format!("there are {}", super::chains::listed(&names().collect::<Vec<_>>()));
                let help = meant(name, names()).unwrap_or_else(there_are);
                let message = format!("`{function}` has no option `{}`", shown(name));
                self.finding(at, self.width(at), message, Some(help));
                continue;
            };
            let ty = self.known_of(value);
            // An option that is `()` was not given.
            if ty == Ty::Unit {
                continue;
            }
            self.argument(&format!("`{name}` of `{function}` takes"), *wanted, value, ty);
            if BODIES.contains(name) && known.iter().any(|(known, _)| *known == "json") {
                bodies.push((name, at));
            }
        }
        if let [(first, _), (second, at), ..] = bodies.as_slice() {
            let message = format!("`{function}` is given `{first}` and `{second}`; a request has one body");
            self.finding(*at, second.len(), message, None);
        }
    }

    /// Reports a value that is not what is `wanted`; `takes` begins the message.
    fn argument(&mut self, takes: &str, wanted: Argument, value: &'a Expr, ty: Ty<'a>) {
        if ty == Ty::Any {
            return;
        }
        let what = match (wanted, value) {
            (Argument::Any, _) => return,
            (Argument::Key, Expr::StringConstant(text, _)) if text.is_empty() => {
                "a string that is not empty".to_owned()
            }
            (Argument::Text | Argument::Key, _) if ty == Ty::Text => return,
            (Argument::Text | Argument::Key, _) => "a string".to_owned(),
            (Argument::Number(least, most) | Argument::Numbers(least, most), Expr::IntegerConstant(number, _)) => {
                if (least..=most).contains(number) {
                    return;
                }
                let message = format!("{takes} a number from {least} to {most}, and is given {number}");
                return self.at_expr(value, message, None);
            }
            (Argument::Number(..) | Argument::Numbers(..), _) if ty == Ty::Integer => return,
            (Argument::Number(..), _) => "a whole number".to_owned(),
            (Argument::Numbers(least, most), Expr::Array(items, _)) => {
                for item in items {
                    let ty = self.known_of(item);
                    self.argument(&format!("each number {takes}"), Argument::Number(least, most), item, ty);
                }
                return;
            }
            (Argument::Numbers(..), _) if matches!(ty, Ty::List(_)) => return,
            (Argument::Numbers(..), _) => "a whole number or a list of them".to_owned(),
            (Argument::Time, Expr::StringConstant(text, _)) if text.parse::<Duration>().is_ok() => return,
            (Argument::Time, Expr::StringConstant(..)) => "a duration like `\"30s\"`".to_owned(),
            (Argument::Time, _) if ty.is_number() || matches!(ty, Ty::Duration | Ty::Text) => return,
            (Argument::Time, _) => "a duration like `\"30s\"` or a number of seconds".to_owned(),
            (Argument::Texts, _) => return self.texts(takes, value, ty),
            (Argument::Pairs | Argument::PairsOfLists, _) => {
                let lists = matches!(wanted, Argument::PairsOfLists);
                return self.pairs(takes, lists, value, ty);
            }
        };
        let help = match (wanted, value) {
            (Argument::Time, Expr::StringConstant(text, _)) => Duration::meant_by(text),
            (Argument::Text, Expr::Map(..) | Expr::Array(..)) if takes.starts_with("`body`") => {
                Some("`json` takes a map or a list: `json: …`".to_owned())
            }
            _ => None,
        };
        self.at_expr(value, format!("{takes} {what}, and is given {}", given(ty)), help);
    }

    /// A list of plain values.
    fn texts(&mut self, takes: &str, value: &'a Expr, ty: Ty<'a>) {
        if !matches!(ty, Ty::List(_) | Ty::Unit) {
            let message = format!("{takes} a list, and is given {}", given(ty));
            return self.at_expr(value, message, Some("write `[…]`, also around a single one".to_owned()));
        }
        if let Expr::Array(items, _) = value {
            for item in items {
                self.plain_part(&format!("{takes} a list of strings"), item);
            }
        }
    }

    /// A map of plain values, and of lists of them where there may be `lists`.
    fn pairs(&mut self, takes: &str, lists: bool, value: &'a Expr, ty: Ty<'a>) {
        if !matches!(ty, Ty::Map(_)) {
            return self.at_expr(value, format!("{takes} a map, and is given {}", given(ty)), None);
        }
        let Expr::Map(map, _) = value else { return };
        for (_, value) in &map.0 {
            match value {
                Expr::Array(items, _) if lists => {
                    for item in items {
                        self.plain_part(&format!("{takes} a map of strings"), item);
                    }
                }
                value => self.plain_part(&format!("{takes} a map of strings"), value),
            }
        }
    }

    fn plain_part(&mut self, takes: &str, value: &'a Expr) {
        let ty = self.known_of(value);
        if matches!(ty, Ty::List(Items::Any) | Ty::Map(_)) && matches!(value, Expr::Array(..) | Expr::Map(..)) {
            self.at_expr(value, format!("{takes}, and is given {} in it", given(ty)), None);
        }
    }

    pub(super) fn at_expr(&mut self, value: &'a Expr, message: String, help: Option<String>) {
        let at = start(value);
        self.finding(at, self.width_of(value, at), message, help);
    }
}

/// A value of a type, with its article.
pub(super) fn given(ty: Ty<'_>) -> String {
    match ty.name() {
        name if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {name}"),
        "()" => "`()`".to_owned(),
        name => format!("a {name}"),
    }
}
