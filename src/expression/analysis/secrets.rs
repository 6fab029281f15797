//! Secrets that are assigned to what is not secret: they would be shown there.

use rhai::{Expr, Stmt, Token};

use super::expressions::root;
use super::names::shown;
use super::walk::{Place, Walk, start};
use crate::value::{Shape, Type};

/// Methods whose result still says what the secret is.
const KEEP: [&str; 5] = ["trim", "to_upper", "to_lower", "to_string", "to_json"];

impl<'a> Walk<'a> {
    /// Warns if `value` is a secret and `target`, an attribute or a part of one, is not.
    pub(super) fn keeps_secret(&mut self, target: &'a Expr, value: &'a Expr) {
        let Some((name, _)) = root(target) else { return };
        if !matches!(self.place, Place::Script(_)) || self.locals.get(name).is_some() || self.is_secret(target) {
            return;
        }
        let name = shown(name);
        let help = format!("declare `{name}` with `secret: true`");
        self.shows_secret(value, &format!("`{name}`"), help);
    }

    /// Warns if `value` is a secret that is given to `what`, which is not.
    pub(super) fn shows_secret(&mut self, value: &'a Expr, what: &str, help: String) {
        if let Some(secret) = self.secret_in(value) {
            let at = start(secret);
            let name = root(secret).map_or("this", |(name, _)| name);
            let whole = match secret {
                Expr::Variable(..) => shown(name),
                _ => self
                    .known
                    .text
                    .rest(at)
                    .split(|c: char| !(c.is_alphanumeric() || "_.".contains(c)))
                    .next()
                    .map_or_else(|| shown(name), shown),
            };
            let message = format!("`{whole}` is secret, and {what} is not: the value would be shown there");
            self.warning(at, whole.chars().count(), message, help);
        }
    }

    /// The part of an expression that is a secret, and that its value shows.
    fn secret_in(&self, expr: &'a Expr) -> Option<&'a Expr> {
        match expr {
            Expr::Variable(..) | Expr::Dot(..) | Expr::Index(..) => self.is_secret(expr).then_some(expr),
            Expr::InterpolatedString(parts, _) => parts.iter().find_map(|part| self.secret_in(part)),
            Expr::Stmt(block) => match block.statements().last() {
                Some(Stmt::Expr(last)) => self.secret_in(last),
                _ => None,
            },
            Expr::Array(items, _) => items.iter().find_map(|item| self.secret_in(item)),
            Expr::Map(map, _) => map.0.iter().find_map(|(_, value)| self.secret_in(value)),
            Expr::FnCall(call, _) if call.op_token == Some(Token::Plus) => {
                call.args.iter().find_map(|part| self.secret_in(part))
            }
            _ => None,
        }
    }

    /// Whether an attribute or a parameter, or a part of one, is declared as secret.
    fn is_secret(&self, expr: &'a Expr) -> bool {
        let Some((name, _)) = root(expr) else { return false };
        if self.locals.get(name).is_some() || !matches!(self.place, Place::Script(_)) {
            return false;
        }
        if let Some(slot) = self.known.declared.slots.get(name) {
            let shape = self.known.vocabulary.attributes.get(*slot).map(|(_, shape)| shape);
            return shape.is_some_and(|shape| below(links(expr), shape));
        }
        let mut links = links(expr).into_iter();
        let (Some(params), "params", Some(Expr::Property(it, _))) = (self.known.given.params, name, links.next())
        else {
            return false;
        };
        let shape = params.get(it.2.as_str());
        shape.is_some_and(|shape| below(links.collect(), shape))
    }
}

/// The links of a chain behind its root.
fn links(expr: &Expr) -> Vec<&Expr> {
    let (Expr::Dot(chain, ..) | Expr::Index(chain, ..)) = expr else { return Vec::new() };
    let mut found = links(&chain.lhs);
    let mut rest = &chain.rhs;
    while let Expr::Dot(inner, ..) | Expr::Index(inner, ..) = rest {
        found.push(&inner.lhs);
        rest = &inner.rhs;
    }
    found.push(rest);
    found
}

/// Whether links lead to a declaration that is secret, or into one, and the value is still it.
fn below(links: Vec<&Expr>, shape: &Shape) -> bool {
    let mut at = Some(shape);
    let mut is_secret = shape.secret;
    for link in links {
        at = match link {
            // `pin.len` says little about the secret.
            Expr::Property(..) if at.is_some_and(|at| !matches!(at.kind, Type::Map | Type::Any | Type::Ref)) => {
                return false;
            }
            Expr::Property(it, _) => at.and_then(|at| at.fields.as_ref()?.get(it.2.as_str())),
            Expr::MethodCall(call, _) if KEEP.contains(&call.name.as_str()) => at,
            Expr::MethodCall(..) => return false,
            _ => at.and_then(|at| at.items.as_deref()),
        };
        is_secret |= at.is_some_and(|at| at.secret);
    }
    is_secret
}
