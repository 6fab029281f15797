//! More habits from other languages, which show in the text around a parse error.

use rhai::ParseErrorType as Type;

use crate::diagnostic::Position;

use super::super::ScriptFinding;
use super::around::Around;
use super::foreign::shown;

/// Quotes that word processors write.
const CURLY: [char; 6] = ['“', '”', '„', '‘', '’', '‚'];

/// Blanks that look like a space and are none.
const BLANKS: [char; 7] = ['\u{a0}', '\u{202f}', '\u{2007}', '\u{2009}', '\u{2003}', '\u{200b}', '\u{feff}'];

/// The finding for such a habit, if one explains a parse error.
pub(super) fn finding(error: &Type, around: &Around<'_>) -> Option<ScriptFinding> {
    around
        .odd_sign()
        .or_else(|| around.catch())
        .or_else(|| around.is(error))
        .or_else(|| around.fills_in())
        .or_else(|| around.several_names())
        .or_else(|| around.commas())
        .or_else(|| around.function())
        .or_else(|| around.throws_new())
        .or_else(|| around.comprehension())
        .or_else(|| around.named_argument())
        .or_else(|| around.dashes())
        .or_else(|| around.case(error))
}

impl Around<'_> {
    /// `“text”`, and a no-break space
    fn odd_sign(&self) -> Option<ScriptFinding> {
        let sign = self.rest.chars().next()?;
        if CURLY.contains(&sign) {
            return Some(self.here(1, format!("`{sign}` is no quote of a text"), "write `\"`"));
        }
        let is_blank = BLANKS.contains(&sign);
        is_blank.then(|| self.here(1, format!("{} is no plain space", sign.escape_unicode()), "write a plain space"))
    }

    /// `catch e { … }`, `catch (Exception e) { … }`
    fn catch(&self) -> Option<ScriptFinding> {
        let word = self.word();
        let is_bare = self.word_before() == "catch";
        let is_typed = || {
            let (_, behind) = self.before.rsplit_once("catch")?;
            let kind = behind.trim_start().strip_prefix('(')?;
            (!kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(())
        };
        if word.is_empty() || !(is_bare || is_typed().is_some()) {
            return None;
        }
        let message = "`catch` takes one name, in brackets";
        Some(self.here(word.chars().count(), message, format!("write `catch ({}) {{ … }}`", shown(word))))
    }

    /// `if x is () { … }`
    fn is(&self, error: &Type) -> Option<ScriptFinding> {
        let stands = matches!(error, Type::MissingToken(..)) && self.word() == "is";
        stands.then(|| match self.rest.starts_with("is not ") {
            true => self.here(2, "`is not` means nothing in scripts", "write `!=`"),
            false => self.here(2, "`is` means nothing in scripts", "write `==`"),
        })
    }

    /// `x ??= 2`
    fn fills_in(&self) -> Option<ScriptFinding> {
        let head = self.before.strip_suffix("??").filter(|_| self.rest.starts_with('='))?;
        let target = head.trim_end().rsplit([';', '{', ' ']).next().filter(|target| !target.is_empty()).unwrap_or("x");
        let value = self.rest.get(1..)?.split([';', '}']).next().unwrap_or_default().trim();
        let at = self.behind(head);
        let end = Position { column: at.column + 3, ..at };
        let help = format!("write `{0} = {0} ?? {1}`", shown(target), shown(value));
        Some(ScriptFinding::new(at, Some(end), "`??=` means nothing in scripts", Some(help)))
    }

    /// `let (x, y) = …`
    fn several_names(&self) -> Option<ScriptFinding> {
        let is_list = matches!(self.word_before(), "let" | "const") && self.rest.starts_with(['(', '[', '{']);
        let head = self.before.strip_suffix(self.word_before()).unwrap_or_default().trim_end();
        let is_second = self.rest.starts_with(',') && (head.ends_with("let") || head.ends_with("const"));
        (is_list || is_second).then(|| {
            let help = "write one `let` for each name: `let pair = …; let x = pair[0]; let y = pair[1];`";
            self.here(1, "`let` takes one name", help)
        })
    }

    /// `1,000` and `(1, 2)`
    fn commas(&self) -> Option<ScriptFinding> {
        if !self.rest.starts_with(',') {
            return None;
        }
        let behind: String = self.rest.chars().skip(1).take_while(char::is_ascii_digit).collect();
        let is_number = self.before.ends_with(|c: char| c.is_ascii_digit()) && behind.len() == 3;
        if is_number && !self.opened_by("(") {
            return Some(self.here(1, "a number has no `,`", "leave it out, or write `_`: `1_000`"));
        }
        let (_, at) = self.seen.open.last().filter(|(open, _)| *open == "(")?;
        let head = self.text.before(*at).trim_end();
        let is_value = head.ends_with(['=', '(', ',', '[', ':']) || head.ends_with("return");
        is_value.then(|| self.here(1, "brackets hold one value here", "a list is written in `[ … ]`"))
    }

    /// `list.map(function(x) { … })`
    fn function(&self) -> Option<ScriptFinding> {
        let (head, tail) = self.before.rsplit_once("function").or_else(|| {
            let (head, tail) = (self.before, self.rest.strip_prefix("function")?);
            Some((head, tail))
        })?;
        let is_value = head.trim_end().ends_with(['(', ',', '=', ':']);
        let names = tail.split_once('(').map(|(_, names)| names.split([')', '{']).next().unwrap_or_default().trim());
        let name_of = tail.split('(').next().unwrap_or_default().trim();
        if !is_value || tail.contains(';') || !name_of.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let at = self.behind(head);
        let end = Position { column: at.column + "function".len(), ..at };
        let help = format!("write a closure: `|{}| …`", shown(names.unwrap_or("x")));
        Some(ScriptFinding::new(at, Some(end), "`function` means nothing in scripts", Some(help)))
    }

    /// `throw new Error("text")`
    fn throws_new(&self) -> Option<ScriptFinding> {
        let (head, tail) = match self.before.strip_suffix("new") {
            Some(head) => (head, self.rest),
            None => (self.before, self.rest.strip_prefix("new ")?),
        };
        if !head.trim_end().ends_with("throw") {
            return None;
        }
        let inside = tail.split_once('(').and_then(|(_, inside)| inside.split(')').next());
        let inside = inside.map(str::trim).filter(|inside| !inside.is_empty()).unwrap_or("\"message\"");
        let at = self.behind(head);
        let end = Position { column: at.column + 3, ..at };
        let help = format!("write `fail({})` in place of `throw new …`", shown(inside));
        Some(ScriptFinding::new(at, Some(end), "`new` means nothing in scripts", Some(help)))
    }

    /// `[x * 2 for x in list if x > 1]`
    fn comprehension(&self) -> Option<ScriptFinding> {
        if self.word() != "for" || !self.opened_by("[") {
            return None;
        }
        let item = self.before.rsplit_once('[').map(|(_, item)| item.trim())?;
        let (name, behind) = self.rest.get(3..)?.split_once(" in ")?;
        let (name, behind) = (name.trim(), behind.split(']').next().unwrap_or_default());
        let (list, condition) = behind.split_once(" if ").map_or((behind, None), |(list, c)| (list, Some(c.trim())));
        let filter = condition.map(|condition| format!(".filter(|{name}| {condition})")).unwrap_or_default();
        let map = if item == name { String::new() } else { format!(".map(|{name}| {item})") };
        let help = format!("write `{}`", shown(&format!("{}{filter}{map}", list.trim())));
        Some(self.here(3, "a list holds items, and no `for`", help))
    }

    /// `f(name: value)`, `f(name = value)`
    fn named_argument(&self) -> Option<ScriptFinding> {
        let is_sign = self.rest.starts_with(':') && !self.rest.starts_with("::")
            || self.rest.starts_with('=') && !self.rest.starts_with("==") && !self.rest.starts_with("=>");
        let name = self.word_before();
        if !is_sign || name.is_empty() || !self.opened_by("(") {
            return None;
        }
        let head = self.before.strip_suffix(name)?;
        if !head.trim_end().ends_with(['(', ',']) {
            return None;
        }
        let at = self.behind(head);
        let end = Position { column: at.column + name.chars().count(), ..at };
        let help = "write the values in their order; options are a map: `http::post(url, #{ json: … })`";
        Some(ScriptFinding::new(at, Some(end), "arguments have no names", Some(help)))
    }

    /// `-- a comment`
    fn dashes(&self) -> Option<ScriptFinding> {
        let is_comment =
            self.rest.starts_with("-- ") && (self.before.is_empty() || self.before.ends_with([';', '{', '}']));
        is_comment.then(|| self.here(2, "`--` means nothing in scripts", "a comment begins with `//`"))
    }

    /// `switch x { n if n > 1 => … }`
    fn case(&self, error: &Type) -> Option<ScriptFinding> {
        let stands =
            self.opened_by("{") && self.rest.split(['{', '}', ';']).next().is_some_and(|arm| arm.contains("=>"));
        let is_name = matches!(error, Type::ExprExpected(_) | Type::MissingToken(..)) && !self.word().is_empty();
        let (_, at) = self.seen.open.last()?;
        let is_switch = self.text.before(*at).contains("switch");
        (stands && is_name && is_switch).then(|| {
            let help = "a case is a number, a text, a range or `_`; a condition follows it: `_ if x > 1 => { … }`";
            self.here(self.word().chars().count(), "a case of `switch` gives no name to a value", help)
        })
    }
}
