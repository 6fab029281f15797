//! Operators: comparisons that can never match, and operations that types do not support.

use rhai::{Expr, FnCallExpr, Token};

use super::super::parse::Text;
use super::types::{Items, Ty};
use super::walk::Walk;
use crate::diagnostic::Position;

/// The help for a decimal beside a float.
pub(super) const BOTH_DECIMAL: &str =
    "make both a decimal: `decimal(…)` makes one of a float, and a number written here, like `1.5`, is one";

impl<'a> Walk<'a> {
    /// An operator with its operands.
    pub(super) fn operator(&mut self, call: &'a FnCallExpr, token: &Token, at: Position) -> Ty<'a> {
        if self.is_day_without_quotes(call, token) {
            return Ty::Date;
        }
        let types: Vec<Ty<'a>> = match (token, call.args.as_slice()) {
            (Token::Bang, [operand]) => {
                self.condition(operand);
                return Ty::Boolean;
            }
            (_, operands) => operands.iter().map(|operand| self.expr(operand)).collect(),
        };
        match types.as_slice() {
            [operand] => self.unary(token, *operand, at),
            [left, right] if is_comparison(token) => {
                if self.compares(token, *left, *right) {
                    return Ty::Boolean;
                }
                let operands = call.args.first().zip(call.args.get(1));
                let help = operands.and_then(|(a, b)| help(a, *left, b, *right));
                self.mismatch(token, *left, *right, at, help);
                Ty::Boolean
            }
            [left, right] => {
                if let Some(help) = text_beside_time(token, *left, *right, call.args.get(1)) {
                    let message = format!("`{}` cannot join {} and string", token.literal_syntax(), left.name());
                    self.finding(at, 1, message, Some(help));
                    return *left;
                }
                self.binary(token, *left, *right, at)
            }
            _ => Ty::Any,
        }
    }

    fn unary(&mut self, token: &Token, ty: Ty<'a>, at: Position) -> Ty<'a> {
        match ty {
            Ty::Text | Ty::Boolean | Ty::List(_) | Ty::Map(_) | Ty::Date | Ty::DateTime | Ty::Closure => {
                let message = format!("`{}` needs a number, and this is of type {}", token.literal_syntax(), ty.name());
                self.finding(at, 1, message, None);
                Ty::Any
            }
            other => other,
        }
    }

    /// Checks whether two values can be compared.
    pub(super) fn compares(&self, token: &Token, left: Ty<'a>, right: Ty<'a>) -> bool {
        let is_equality = matches!(token, Token::EqualsTo | Token::NotEqualsTo);
        match (left, right) {
            (Ty::Any, _) | (_, Ty::Any) => true,
            (Ty::Unit, _) | (_, Ty::Unit) => is_equality,
            (Ty::Decimal, Ty::Float) | (Ty::Float, Ty::Decimal) => false,
            (left, right) => left.is_like(right) || (left.is_number() && right.is_number()),
        }
    }

    fn mismatch(&mut self, token: &Token, left: Ty<'a>, right: Ty<'a>, at: Position, help: Option<String>) {
        let sign = token.literal_syntax();
        let message = match (left, right) {
            (Ty::Unit, _) | (_, Ty::Unit) => format!("`{sign}` cannot compare with `()`: only `==` and `!=` can"),
            (Ty::Decimal, Ty::Float) | (Ty::Float, Ty::Decimal) => {
                format!("`{sign}` cannot compare a decimal with a float: their digits differ")
            }
            _ => format!("`{sign}` compares {} with {}, which can never match", left.name(), right.name()),
        };
        self.finding(at, sign.chars().count(), message, help);
    }

    /// An arithmetic operator; returns the type of its result.
    pub(super) fn binary(&mut self, token: &Token, left: Ty<'a>, right: Ty<'a>, at: Position) -> Ty<'a> {
        let arithmetic = matches!(
            token,
            Token::Plus | Token::Minus | Token::Multiply | Token::Divide | Token::Modulo | Token::PowerOf
        );
        if matches!(token, Token::ExclusiveRange | Token::InclusiveRange) {
            return Ty::Range;
        }
        if !arithmetic || left == Ty::Any || right == Ty::Any {
            let is_text = matches!(token, Token::Plus) && (left == Ty::Text || right == Ty::Text);
            return if is_text { Ty::Text } else { Ty::Any };
        }
        if let Some(result) = computed(token, left, right) {
            return result;
        }
        let sign = token.literal_syntax();
        let message = match (left, right) {
            (Ty::Decimal, Ty::Float) | (Ty::Float, Ty::Decimal) => {
                format!("`{sign}` cannot join a decimal and a float: their digits differ")
            }
            _ => format!("`{sign}` cannot join {} and {}", left.name(), right.name()),
        };
        let help = match (left, right) {
            (Ty::Date | Ty::DateTime, Ty::Integer) => Some("write `duration(\"1d\")` for a day".to_owned()),
            (Ty::Decimal, Ty::Float) | (Ty::Float, Ty::Decimal) => Some(BOTH_DECIMAL.to_owned()),
            _ => None,
        };
        self.finding(at, sign.chars().count(), message, help);
        // Continue as if it had been fixed, so that the target keeps its type.
        let goes_on = left.is_number() || matches!(left, Ty::Date | Ty::DateTime | Ty::Duration);
        if goes_on { left } else { Ty::Any }
    }
}

/// The advice for a text that is added to a date, a moment or a duration, or subtracted from one: the author cannot
/// want one long text.
fn text_beside_time(token: &Token, left: Ty<'_>, right: Ty<'_>, expr: Option<&Expr>) -> Option<String> {
    let is_time = matches!(left, Ty::Date | Ty::DateTime | Ty::Duration);
    if !is_time || right != Ty::Text || !matches!(token, Token::Plus | Token::Minus) {
        return None;
    }
    Some(match expr {
        Some(Expr::StringConstant(text, _)) if text.parse::<crate::duration::Duration>().is_ok() => {
            format!("write `duration(\"{text}\")`")
        }
        _ if *token == Token::Minus => {
            "write `duration(…)` around it, or `date(…)` or `datetime(…)` if it is one".to_owned()
        }
        _ => "add a `duration(\"1h\")`, or write a text in backticks: `` `${…} …` ``".to_owned(),
    })
}

const fn is_comparison(token: &Token) -> bool {
    matches!(
        token,
        Token::EqualsTo
            | Token::NotEqualsTo
            | Token::LessThan
            | Token::LessThanEqualsTo
            | Token::GreaterThan
            | Token::GreaterThanEqualsTo
    )
}

/// The result type of an arithmetic operator for two known types; `None` if it cannot join them.
pub(super) fn computed<'v>(token: &Token, left: Ty<'v>, right: Ty<'v>) -> Option<Ty<'v>> {
    use Ty::{Any, Boolean, Date, DateTime, Decimal, Duration, Float, Integer, List, Literal, Map, Text, Unit};
    Some(match (left, right) {
        (Text, _) | (_, Text) if matches!(token, Token::Plus) => Text,
        (Text, Text) if matches!(token, Token::Minus) => Text,
        (Decimal, Float) | (Float, Decimal) => return None,
        (Integer, Integer) => Integer,
        (Literal | Integer, Literal) | (Literal, Integer) => Literal,
        (Float, Float | Integer | Literal) | (Integer | Literal, Float) => Float,
        (Decimal, Decimal | Integer | Literal) | (Integer | Literal, Decimal) => Decimal,
        (List(_), List(_)) if matches!(token, Token::Plus) => List(Items::Any),
        (Map(_), Map(_)) if matches!(token, Token::Plus) => Any,
        (Date | DateTime, Duration) | (Duration, Date | DateTime) | (Duration, Duration) => Any,
        (Date, Date) | (DateTime, DateTime) if matches!(token, Token::Minus) => Duration,
        (Date | DateTime, Date | DateTime) if matches!(token, Token::Minus) => Any,
        // A duration may be multiplied and divided.
        (Duration, number) | (number, Duration)
            if number.is_number() && !matches!(token, Token::Plus | Token::Minus) =>
        {
            Any
        }
        (Text | Boolean | Date | DateTime | Duration | List(_) | Map(_) | Unit, other)
        | (other, Text | Boolean | Date | DateTime | Duration | List(_) | Map(_) | Unit)
            if !matches!(other, Any | Ty::Closure | Ty::Range) =>
        {
            return None;
        }
        _ => Any,
    })
}

/// What to write instead of a comparison that can never match.
fn help<'v>(left: &Expr, left_type: Ty<'v>, right: &Expr, right_type: Ty<'v>) -> Option<String> {
    one_way(left, left_type, right, right_type).or_else(|| one_way(right, right_type, left, left_type))
}

fn one_way<'v>(side: &Expr, ty: Ty<'v>, other: &Expr, other_type: Ty<'v>) -> Option<String> {
    let literal = match other {
        Expr::StringConstant(text, _) => Some(super::names::shown(text)),
        _ => None,
    };
    Some(match (ty, other_type) {
        (Ty::Map(_), Ty::Text) if matches!(side, Expr::Variable(it, ..) if it.1 == "error") => {
            format!("compare its kind: `error.kind == \"{}\"`", literal.as_deref().unwrap_or("…"))
        }
        (Ty::DateTime, Ty::Date) => "the day of a moment is `date(moment)`".to_owned(),
        (Ty::Date, Ty::Text) => format!("write `date(\"{}\")`", literal.as_deref().unwrap_or("…")),
        (Ty::DateTime, Ty::Text) => format!("write `datetime(\"{}\")`", literal.as_deref().unwrap_or("…")),
        (Ty::Duration, Ty::Text) => format!("write `duration(\"{}\")`", literal.as_deref().unwrap_or("…")),
        (Ty::Integer, Ty::Text) if is_weekday(side) => "a weekday is a number: Sunday is 0, Saturday 6".to_owned(),
        (Ty::Integer | Ty::Float | Ty::Decimal, Ty::Text) => {
            let number = literal.filter(|text| text.parse::<f64>().is_ok_and(f64::is_finite))?;
            format!("write `{number}` without quotes")
        }
        (Ty::Boolean, Ty::Text) => {
            let word = literal.filter(|text| text == "true" || text == "false")?;
            format!("write `{word}` without quotes")
        }
        (Ty::List(_) | Ty::Text, Ty::Integer) => match (side, other) {
            (Expr::Variable(it, ..), _) if matches!(ty, Ty::List(_)) => {
                format!("compare how many it holds: `{}.len()`", super::names::shown(&it.1))
            }
            (Expr::Variable(..), Expr::IntegerConstant(number, _)) => format!("write `\"{number}\"` for a text"),
            _ => return None,
        },
        (Ty::Decimal, Ty::Float) => BOTH_DECIMAL.to_owned(),
        _ => return None,
    })
}

/// Whether an expression ends in `.weekday`.
fn is_weekday(expr: &Expr) -> bool {
    match expr {
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => is_weekday(&chain.rhs),
        Expr::Property(it, _) => it.2 == "weekday",
        _ => false,
    }
}

/// Whether a call is the operator `in` at `at`, which Rhai has turned into a call of `contains`; `!in` too.
pub(super) fn is_in(call: &FnCallExpr, text: &Text<'_>, at: Position) -> bool {
    call.name == rhai::OP_CONTAINS && call.args.len() == 2 && text.word(at) == "in"
}
