//! Habits from other languages that cannot be parsed, each answered with what to write instead.

use rhai::ParseErrorType as Type;

use crate::diagnostic::Position;

use super::super::ScriptFinding;
use super::around::Around;

/// Words of other languages that have no meaning in scripts, and what to write instead.
const WORDS: [(&str, &str); 30] = [
    ("await", "leave it out: a call is waited for, and no thread waits with it"),
    ("async", "leave it out: a call is waited for, and no thread waits with it"),
    ("function", "write `fn name(argument) { … }`, in the flow's `functions`"),
    ("func", "write `fn name(argument) { … }`, in the flow's `functions`"),
    ("fun", "write `fn name(argument) { … }`, in the flow's `functions`"),
    ("def", "write `fn name(argument) { … }`, in the flow's `functions`"),
    ("lambda", "write a closure: `|x| x + 1`"),
    ("new", "leave it out: write `now()`, `date(\"2026-11-21\")`, `#{ }` or `[ ]`"),
    ("delete", "write `map.remove(\"key\")`, or `name = ()`"),
    ("del", "write `map.remove(\"key\")`, or `name = ()`"),
    ("typeof", "write `type_of(x)`"),
    ("raise", "write `throw \"message\"`, or `fail(kind, message)`"),
    ("match", "write `switch x { 1 => { … }, _ => { … } }`"),
    ("case", "write `switch x { 1 => { … }, _ => { … } }`"),
    ("unless", "write `if !(…) { … }`"),
    ("foreach", "write `for item in list { … }`"),
    ("elseif", "write `else if`"),
    ("elsif", "write `else if`"),
    ("elif", "write `else if`"),
    ("finally", "write what comes next after the block of `catch`"),
    ("except", "write `catch (e) { … }`"),
    ("print", "write `log(text)`"),
    ("echo", "write `log(text)`"),
    ("puts", "write `log(text)`"),
    ("log", "arguments are in parentheses: `log(text)`"),
    ("fail", "arguments are in parentheses: `fail(message)`"),
    ("import", "shared code belongs in the flow's `functions`"),
    ("goto", "the state's `go_to` says where the task continues"),
    ("set", "write `name = value`"),
    ("using", "capabilities are named by the flow's `uses`"),
];

/// Words of other languages that precede a variable's name.
const DECLARES: [&str; 8] = ["var", "val", "local", "int", "string", "mut", "auto", "dim"];

/// The finding for a habit from another language, if one explains a parse error.
pub(super) fn finding(error: &Type, around: &Around<'_>) -> Option<ScriptFinding> {
    super::shapes::finding(around.text, around.found)
        .filter(|_| !in_switch(around))
        .or_else(|| super::habits::finding(error, around))
        .or_else(|| around.map_with_one_sign(error))
        .or_else(|| around.loop_of_three(error))
        .or_else(|| around.filled_text())
        .or_else(|| around.moment_without_quotes())
        .or_else(|| around.foreign_word())
        .or_else(|| around.no_block(error))
        .or_else(|| around.sign_before_name())
        .or_else(|| around.fallback(error))
}

/// Whether the parser gave up directly in the block of a `switch`, where `=>` and `if` have a meaning of their own.
fn in_switch(around: &Around<'_>) -> bool {
    around.opened_by("{") && around.seen.open.last().is_some_and(|(_, at)| around.text.before(*at).contains("switch"))
}

impl Around<'_> {
    /// `{ a: 1 }`
    fn map_with_one_sign(&self, error: &Type) -> Option<ScriptFinding> {
        let (bracket, at) = self.seen.open.last()?;
        let ends_entry = matches!(error, Type::MissingToken(..) | Type::ExprExpected(_) | Type::BadInput(_));
        if *bracket != "{" || !ends_entry || !self.rest.starts_with(':') {
            return None;
        }
        let before = self.text.before(*at).trim_end();
        let is_value =
            before.is_empty() || before.ends_with(['=', '(', ',', '[', ':', '|']) || before.ends_with("return");
        let key = self.before;
        let is_first = key.rsplit('{').next().is_some_and(|key| !key.contains(['(', ';']));
        if !is_value || !is_first {
            return None;
        }
        let written: String =
            self.text.rest(*at).chars().take_while(|c| *c != '}' && *c != ';').take(MAX_SHOWN).collect();
        let help = match self.text.rest(*at).contains('}') && written.chars().count() < MAX_SHOWN {
            true => format!("write `#{written}}}`"),
            false => "write `#{ key: value }`".to_owned(),
        };
        Some(ScriptFinding::new(*at, None, "a map begins with `#{`: this is a block of statements", Some(help)))
    }

    /// `for (let i = 0; i < 3; i++)`, `for (i in 0..3)`, `for i of list`
    fn loop_of_three(&self, error: &Type) -> Option<ScriptFinding> {
        if !matches!(error, Type::VariableExpected | Type::MissingToken(..) | Type::BadInput(_)) {
            return None;
        }
        let before = self.text.before(self.found);
        let start = before.rfind("for").filter(|start| {
            let (head, tail) = (before.get(..*start).unwrap_or_default(), before.get(start + 3..).unwrap_or_default());
            !head.ends_with(|c: char| c.is_alphanumeric() || c == '_') && tail.starts_with([' ', '('])
        })?;
        let head = before.get(start + 3..).unwrap_or_default();
        if head.contains('{') || head.contains('|') {
            return None;
        }
        let (word, rest) = (self.word(), self.rest);
        let line = format!("{head}{rest}");
        let inside = line.trim_start().trim_start_matches('(').trim_start();
        let inside =
            ["let ", "var ", "const ", "int "].iter().find_map(|word| inside.strip_prefix(word)).unwrap_or(inside);
        let name: String = inside.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let name = if name.is_empty() { "i".to_owned() } else { name };
        let behind = inside.get(name.len()..).unwrap_or_default().trim_start();
        let over = if let Some(counts) = behind.strip_prefix('=') {
            let bound = counts.split(['<', '>']).nth(1).unwrap_or_default();
            let bound = bound.split([';', ')', '{']).next().unwrap_or_default().trim();
            let from = counts.split(';').next().unwrap_or_default().trim();
            match bound.strip_prefix('=') {
                _ if bound.is_empty() || from.is_empty() => "0..n".to_owned(),
                Some(last) => format!("{from}..={}", last.trim()),
                None => format!("{from}..{bound}"),
            }
        } else {
            let list = behind.strip_prefix("in ").or_else(|| behind.strip_prefix("of "))?;
            let list = list.split('{').next().unwrap_or_default().trim();
            list.strip_suffix(')').filter(|_| head.trim_start().starts_with('(')).unwrap_or(list).to_owned()
        };
        if !matches!(word, "let" | "var" | "const" | "int" | "in" | "of") && !rest.starts_with(['=', ';']) {
            return None;
        }
        let at = Position { column: before.get(..start)?.chars().count() + 1, ..self.found };
        let end = Some(Position { column: at.column + 3, ..at });
        let help = format!("write `for {name} in {over} {{ … }}`");
        Some(ScriptFinding::new(at, end, "`for` walks through a list or a range, without brackets", Some(help)))
    }

    /// `f"Hello {name}"`
    fn filled_text(&self) -> Option<ScriptFinding> {
        let rest = self.rest.strip_prefix('"')?;
        let before = self.text.before(self.found);
        let letter = self.word_before();
        if !matches!(letter, "f" | "F") || before.ends_with(' ') {
            return None;
        }
        let inside = rest.split('"').next().unwrap_or_default();
        let inside = inside.replace("${", "{").replace('{', "${");
        let at = Position { column: self.found.column.saturating_sub(1).max(1), ..self.found };
        let help = format!("write `` `{}` ``", shown(&inside));
        Some(ScriptFinding::new(at, None, "an interpolated text is written in backticks", Some(help)))
    }

    /// `2026-11-21T09:00:00Z`
    fn moment_without_quotes(&self) -> Option<ScriptFinding> {
        let back = self.text.before(self.found);
        let start = back.len().checked_sub("2026-11-21".len())?;
        let day = back.get(start..)?;
        let is_day =
            day.chars().enumerate().all(|(at, c)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() });
        let rest = self.rest;
        if !is_day || !rest.starts_with('T') {
            return None;
        }
        let time: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '+' | '-')).collect();
        let at = Position { column: back.get(..start)?.chars().count() + 1, ..self.found };
        let end = Some(Position { column: at.column + day.len() + time.len(), ..at });
        let help = format!("write `datetime(\"{day}{}\")`", shown(&time));
        Some(ScriptFinding::new(at, end, "write a moment in quotes, with `datetime`", Some(help)))
    }

    /// A word of other languages.
    fn foreign_word(&self) -> Option<ScriptFinding> {
        let before = self.word_before();
        let here = self.word();
        // A name, a text or a bracket may follow the word, but not a binary operator.
        let behind = !here.is_empty() || self.rest.starts_with(['"', '`', '{', '\'']);
        let of = |word: &str| WORDS.iter().find(|(known, _)| *known == word);
        if let Some((word, help)) = of(before).filter(|_| behind) {
            let before = self.before;
            let column = before.chars().count().saturating_sub(word.chars().count()) + 1;
            return Some(meaningless(word, help, Position { column, ..self.found }));
        }
        if DECLARES.contains(&before) && !here.is_empty() {
            return None;
        }
        let (word, help) = of(here).filter(|_| !self.rest.starts_with(&format!("{here}(")))?;
        Some(meaningless(word, help, self.found))
    }

    /// `if x: …`, `if (x) y = 1`
    fn no_block(&self, error: &Type) -> Option<ScriptFinding> {
        let Type::MissingToken(token, _) = error else { return None };
        let at_colon = self.rest.starts_with(':');
        if token != "{" || self.word() == "then" {
            return None;
        }
        if self.rest.starts_with("=>") {
            return Some(self.here(2, "`=>` compares nothing", "write `>=`"));
        }
        let message = if at_colon {
            "a block is written in `{ … }`, and no `:` begins it"
        } else {
            "a block is written in `{ … }`"
        };
        let help = "write `{ … }`, also around a single statement";
        Some(ScriptFinding::new(self.found, Some(self.text.end_of_word(self.found)), message, Some(help)))
    }

    /// `$name`, `@name`, `${name}`
    fn sign_before_name(&self) -> Option<ScriptFinding> {
        let rest = self.rest;
        let sign = rest.chars().next().filter(|c| matches!(c, '$' | '@'))?;
        let behind = rest.get(1..)?;
        let name: String = behind
            .trim_start_matches('{')
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if name.is_empty() {
            return None;
        }
        let help = match behind.starts_with('{') {
            true => format!("write `{name}`; `${{{name}}}` belongs in texts in backticks"),
            false => format!("write names as they are: `{name}`"),
        };
        Some(ScriptFinding::new(self.found, None, format!("`{sign}` means nothing in scripts"), Some(help)))
    }

    /// `name || "default"`, `x is not y`, `x as y`, `name: 5`
    fn fallback(&self, error: &Type) -> Option<ScriptFinding> {
        let (here, rest) = (self.word(), self.rest);
        let before = self.before;
        let (message, help) = match error {
            Type::MismatchedType(..) if before.ends_with("||") => {
                let value: String =
                    rest.chars().take_while(|c| !matches!(c, ';' | '}' | ')')).take(MAX_SHOWN).collect();
                let help = format!("write `?? {}` for a value instead of `()`", value.trim());
                ("`||` joins two conditions".to_owned(), help)
            }
            Type::MissingToken(..) if here == "is" && rest.starts_with("is not") => {
                ("`is not` means nothing in scripts".to_owned(), "write `!=`".to_owned())
            }
            Type::MissingToken(..) if here == "as" => (
                "`as` means nothing in scripts".to_owned(),
                "write `.to_string()`, `.to_int()`, `.to_float()` or `decimal(…)`".to_owned(),
            ),
            Type::MissingToken(..) if here == "instanceof" => {
                (format!("`{here}` means nothing in scripts"), "write `type_of(x) == \"string\"`".to_owned())
            }
            Type::MissingToken(token, _) if token == ";" && rest.starts_with(':') && !rest.starts_with("::") => {
                let name = self.word_before();
                if name.is_empty() || before != name {
                    return None;
                }
                ("`:` assigns nothing".to_owned(), format!("write `{} = …`", shown(name)))
            }
            _ => return None,
        };
        let end = (!here.is_empty()).then(|| self.text.end_of_word(self.found));
        Some(ScriptFinding::new(self.found, end, message, Some(help)))
    }
}

/// The longest piece of a script that advice repeats, in characters.
const MAX_SHOWN: usize = 60;

pub(super) fn shown(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(MAX_SHOWN).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

fn meaningless(word: &str, help: &str, at: Position) -> ScriptFinding {
    let end = Position { column: at.column + word.chars().count(), ..at };
    let message = match word {
        "log" | "fail" => format!("`{word}` is a function"),
        _ => format!("`{word}` means nothing in scripts"),
    };
    ScriptFinding::new(at, Some(end), message, Some(help))
}
