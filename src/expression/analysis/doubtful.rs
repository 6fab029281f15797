//! Code that runs, and hardly does what its author wants: each gets a warning.

use rhai::{Expr, OpAssignment, Token};

use super::super::ScriptFinding;
use super::fits::Wanted;
use super::locals::{Local, Origin};
use super::names::shown;
use super::types::Ty;
use super::walk::{MAX_FINDINGS, Walk, start};
use crate::diagnostic::Position;

impl<'a> Walk<'a> {
    pub(super) fn warning(&mut self, at: Position, width: usize, message: String, help: String) {
        if self.found.warnings.len() < MAX_FINDINGS {
            let end = Some(Position { column: at.column + width, ..at });
            self.found.warnings.push(ScriptFinding::new(at, end, message, Some(help)));
        }
    }

    /// `reason = reason`: in an interaction, the right one was meant to be its parameter.
    pub(super) fn assigned_to_itself(&mut self, operator: &OpAssignment, name: &str, value: &Expr, at: Position) {
        let is_same = matches!(value, Expr::Variable(it, ..) if it.2.is_empty() && it.1 == name);
        if !is_same || operator.is_op_assignment() {
            return;
        }
        let shown = shown(name);
        let is_param = self.known.given.params.is_some_and(|params| params.contains_key(name));
        let help = if is_param {
            format!("write `{shown} = params.{shown}` for the parameter")
        } else {
            "leave it out, or assign another value".to_owned()
        };
        self.warning(at, name.chars().count(), format!("`{shown}` is assigned to itself, which changes nothing"), help);
    }

    /// `for line in lines { line.amount = 5.00 }`: a copy is changed, and nothing reads it.
    pub(super) fn changed_in_vain(&mut self, local: &Local<'a>) {
        let Some(at) = local.changed else { return };
        let name = shown(local.name);
        let (what, help) = match local.origin {
            Origin::Item(Some(list)) => {
                let list = shown(list);
                let help = format!("write `for ({name}, i) in {list}`, and assign to `{list}[i]`");
                ("a copy of an item: this changes nothing in the list", help)
            }
            Origin::Item(None) => (
                "a copy of an item: this changes nothing in the list",
                "assign to the list itself, by index".to_owned(),
            ),
            Origin::Argument => (
                "a copy in this closure: this changes nothing outside of it",
                format!(
                    "end the closure with `{name}`, and assign its value: `list = list.map(|{name}| {{ …; {name} }})`"
                ),
            ),
            Origin::OfFunction => (
                "a copy in this function: this changes nothing outside of it",
                format!("end the function with `{name}`, and assign its value where it is called"),
            ),
            Origin::Declared => {
                ("a copy, and nothing reads it after this change", "assign to the attribute itself".to_owned())
            }
        };
        self.warning(at, local.name.chars().count(), format!("`{name}` is {what}"), help);
    }

    /// `share = 1000 / 3` for a decimal: the division of whole numbers loses the fraction that the declaration could hold.
    pub(super) fn loses_fraction(&mut self, wanted: Wanted<'_, 'a>, expr: &'a Expr) {
        let Expr::FnCall(call, at) = expr else { return };
        let [left, right] = call.args.as_slice() else { return };
        let keeps = matches!(wanted.ty, Ty::Decimal | Ty::Float);
        if !keeps || call.op_token != Some(Token::Divide) || !self.is_whole(left) || !self.is_whole(right) {
            return;
        }
        if let (Expr::IntegerConstant(left, _), Expr::IntegerConstant(right, _)) = (left, right)
            && left.checked_rem(*right).is_none_or(|rest| rest == 0)
        {
            return;
        }
        let (from, to) = (start(left), super::super::parse::place(*at));
        let written = self.known.text.rest(from);
        let operator = to.column.checked_sub(from.column).filter(|_| to.line == from.line);
        let dividend: String = written.chars().take(operator.unwrap_or_default()).collect();
        let dividend = shown(dividend.trim());
        let convert =
            if wanted.ty == Ty::Decimal { format!("decimal({dividend})") } else { format!("{dividend}.to_float()") };
        let help = match left {
            Expr::IntegerConstant(number, _) => format!("write `{number}.0 / …`"),
            _ => format!("write `{convert} / …`"),
        };
        let message = format!("the division of two whole numbers is whole: {} loses the fraction", wanted.what);
        self.warning(to, 1, message, help);
    }

    fn is_whole(&self, expr: &'a Expr) -> bool {
        match expr {
            Expr::Variable(it, ..) => match self.locals.get(&it.1) {
                Some(ty) => ty == Ty::Integer,
                None => self.known_of(expr) == Ty::Integer,
            },
            other => self.known_of(other) == Ty::Integer,
        }
    }

    /// `n = 7 // 2`: what looks like the second operand of a division is a comment.
    pub(super) fn comment_for_operand(&mut self, value: &'a Expr) {
        let at = start(value);
        let rest = self.known.text.rest(at);
        let Some((before, after)) = rest.split_once("//") else { return };
        let (before, after) = (before.trim_end(), after.trim().trim_end_matches(';').trim_end());
        let is_value = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']'));
        if !is_value || before.contains(['"', '`', '\'']) {
            return;
        }
        let is_number = !after.is_empty() && after.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'));
        let is_name = self.locals.get(after).is_some() || self.known.declared.slots.contains_key(after);
        if is_number || is_name {
            let blanks = rest.get(before.len()..).map_or(0, |behind| behind.chars().take_while(|c| *c != '/').count());
            let column = at.column + before.chars().count() + blanks;
            let at = Position { column, ..at };
            let message = format!("`//` begins a comment: `{}` is not part of the value", shown(after));
            self.warning(at, 2, message, format!("write `{} / {}`", shown(before), shown(after)));
        }
    }
}
