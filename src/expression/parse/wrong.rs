//! Rewords parse errors: what is wrong, where, what was expected, and what to do.

use rhai::{LexError, ParseError, ParseErrorType as Type, Token};

use crate::diagnostic::Position;

use super::super::{Limits, ScriptFinding};
use super::around::Around;
use super::text::Text;
use super::watch::Seen;
use super::{MAX_FUNCTIONS, place};

/// The longest piece of a script that a message repeats, in characters.
const MAX_QUOTED: usize = 40;

/// Words that begin a statement.
const STATEMENTS: [&str; 10] = ["let", "const", "if", "for", "while", "loop", "return", "throw", "try", "switch"];

/// The message for comments of other languages.
const COMMENTS: &str = "a comment begins with `//`";

/// A message and its help.
type Words = (String, Option<String>);

/// The finding for a parse error.
pub(super) fn finding(error: &ParseError, text: &Text<'_>, seen: &Seen, limits: &Limits) -> ScriptFinding {
    let found = place(error.position());
    if is_unfinished(error.err_type(), text, found) {
        return unfinished(error.err_type(), text, seen);
    }
    let around = Around::new(text, found, seen);
    if let Some(finding) = super::foreign::finding(error.err_type(), &around) {
        return finding;
    }
    let (message, help) = around.words(error.err_type(), limits);
    let end = if text.word(found).is_empty() { None } else { Some(text.end_of_word(found)) };
    ScriptFinding::new(found, end, message, help)
}

/// Whether the text ended where more was expected.
fn is_unfinished(error: &Type, text: &Text<'_>, found: Position) -> bool {
    match error {
        Type::UnexpectedEOF => true,
        Type::BadInput(_) | Type::ExprTooDeep | Type::LiteralTooLarge(..) => false,
        _ => found > text.last(),
    }
}

/// The finding at the last character of an unfinished text.
fn unfinished(error: &Type, text: &Text<'_>, seen: &Seen) -> ScriptFinding {
    let expected = match error {
        Type::MissingToken(token, why) => format!("expected `{token}`{}", purpose(why)),
        Type::PropertyExpected => "expected the name of a property".to_owned(),
        Type::VariableExpected => "expected a name".to_owned(),
        Type::FnMissingBody(_) => "expected `{` and the function's body".to_owned(),
        Type::FnMissingParams(_) => "expected `(` and the function's arguments".to_owned(),
        Type::FnMissingName => "expected the function's name".to_owned(),
        _ => match &seen.last {
            Some((token, _)) if token.is_literal() => format!("expected a value after `{}`", token.literal_syntax()),
            _ => "expected a value".to_owned(),
        },
    };
    let at = seen.last.as_ref().map_or(text.last(), |(token, at)| last_character(token, *at, text));
    // Lines are not numbered in messages: the script is only part of a file.
    let help = seen.open.last().map(|(bracket, open)| match at.line.saturating_sub(open.line) {
        0 => format!("the `{bracket}` in this line is not closed"),
        1 => format!("the `{bracket}` one line above is not closed"),
        lines => format!("the `{bracket}` {lines} lines above is not closed"),
    });
    ScriptFinding::new(at, None, format!("the script ends too early: {expected}"), help)
}

/// The last character of the last token.
fn last_character(token: &Token, at: Position, text: &Text<'_>) -> Position {
    let length = match token {
        Token::Identifier(name) => name.chars().count(),
        literal if literal.is_literal() => literal.literal_syntax().chars().count(),
        _ => return text.last(),
    };
    Position { column: at.column + length.saturating_sub(1), ..at }
}

/// What a token is expected for, if Rhai's explanation is worth repeating.
fn purpose(why: &str) -> String {
    let call = |prefix: &str, words: &str| {
        let name = why.strip_prefix(prefix)?.trim_matches('\'').trim_end_matches('\'');
        Some(format!(" {words} `{name}`"))
    };
    call("to close the arguments list of this function call ", "to close the arguments of")
        .or_else(|| call("to separate the arguments to function call ", "between the arguments of"))
        .unwrap_or_else(|| {
            match why {
                "to end this array literal" => " to close the list",
                "to end this object map literal" => " to close the map",
                "to end this switch block" => " to close the `switch`",
                "to terminate this block" => " to close the block",
                "to start a statement block" => " and a block",
                "for a matching ( in this expression" => " to close the bracket",
                "for a matching [ in this index expression" => " to close the index",
                "to separate the items of this array literal" => " between the items of the list",
                "to separate the items of this object map literal" => " between the entries of the map",
                "to separate the items in this switch block" => " between the cases of the `switch`",
                "for the 'try' statement" => " after the block of `try`",
                "for the do statement" => " after the block of `do`",
                _ => "",
            }
            .to_owned()
        })
}

impl Around<'_> {
    fn words(&self, error: &Type, limits: &Limits) -> Words {
        match error {
            Type::BadInput(error) => self.bad_input(error),
            Type::MissingToken(token, _) if token == ";" => self.no_semicolon(),
            Type::MissingToken(token, why) => self.missing(token, why),
            Type::UnknownOperator(text) | Type::Reserved(text) => self.no_word(text),
            Type::ExprTooDeep => limit(
                format!("scripts nest {} deep at most (max_expression_depth)", limits.max_expression_depth),
                "give parts of it names with `let`",
            ),
            Type::LiteralTooLarge(_, max) => limit(format!("a value written here holds {max} at most"), "shorten it"),
            Type::TooManyFunctions => {
                limit(format!("a script has at most {MAX_FUNCTIONS} functions and closures"), "use fewer")
            }
            Type::DuplicatedProperty(name) => (format!("the map has the key `{}` twice", quoted(name)), None),
            Type::DuplicatedVariable(name) => (format!("the name `{}` occurs here twice", quoted(name)), None),
            Type::FnDuplicatedDefinition(name, arguments) => {
                (format!("the function `{}` is defined twice with {}", quoted(name), counted(*arguments)), None)
            }
            Type::FnDuplicatedParam(_, name) => (format!("two arguments are called `{}`", quoted(name)), None),
            Type::WrongFnDefinition => ("a function is not defined within another block".to_owned(), None),
            Type::AssignmentToConstant(name) if name.is_empty() => {
                ("a value cannot be assigned to".to_owned(), Some("compare with `==`".to_owned()))
            }
            Type::AssignmentToConstant(name) => (
                format!("`{}` is a constant and cannot be assigned", quoted(name)),
                Some("declare it with `let`".to_owned()),
            ),
            Type::AssignmentToInvalidLHS(_) => {
                ("this cannot be assigned to: expected a name, a field or an item".to_owned(), None)
            }
            Type::MismatchedType(wanted, given) => {
                let given = if given == "an object map" { "a map" } else { given };
                if wanted == "an iterable value" {
                    (format!("`for` walks through a list, a text or a range, and this is {given}"), walk_through(given))
                } else {
                    (format!("expected true or false, not {given}"), None)
                }
            }
            Type::FnMissingName if !self.text.word(self.found).is_empty() => {
                let name = quoted(self.text.word(self.found));
                let message = format!("a function cannot be called `{name}`: Rhai keeps the word for itself");
                (message, Some(format!("call it `{name}_`, for example")))
            }
            Type::FnMissingName => (format!("expected the function's name, found {}", self.shown()), None),
            Type::FnMissingParams(_) => {
                (format!("expected `(` and the function's arguments, found {}", self.shown()), None)
            }
            Type::FnMissingBody(_) => (format!("expected `{{` and the function's body, found {}", self.shown()), None),
            Type::LoopBreak => ("`break` and `continue` are allowed in loops only".to_owned(), None),
            Type::PropertyExpected => (format!("expected a name, found {}", self.shown()), None),
            Type::VariableExpected => (format!("expected a name, found {}", self.shown()), None),
            Type::WrongSwitchDefaultCase => ("the case `_` must be the last of a `switch`".to_owned(), None),
            Type::WrongSwitchIntegerCase => ("numbers must come before ranges in a `switch`".to_owned(), None),
            Type::WrongSwitchCaseCondition => ("the case `_` takes no `if`".to_owned(), None),
            Type::ExprExpected(_) => (format!("expected a value, found {}", self.shown()), self.foreign_letter()),
            other => (format!("this is not a script: {}", quoted(&other.to_string().to_lowercase())), None),
        }
    }

    /// Advice for a letter that cannot be part of a name.
    fn foreign_letter(&self) -> Option<String> {
        let letter = self.text.rest(self.found).chars().next()?;
        let is_foreign = letter.is_alphabetic() && !letter.is_ascii();
        is_foreign.then(|| "names have letters from a to z, digits and `_`".to_owned())
    }

    /// The token here, as messages name it.
    fn shown(&self) -> String {
        match (self.text.word(self.found), self.text.rest(self.found).chars().next()) {
            ("", Some(character)) => format!("`{character}`"),
            ("", None) => "the end of the line".to_owned(),
            (word, _) => format!("`{}`", quoted(word)),
        }
    }

    fn missing(&self, token: &str, why: &str) -> Words {
        let message = format!("expected `{token}`{}, found {}", purpose(why), self.shown());
        let word = self.text.word(self.found);
        let help = match (token, word) {
            ("{", "then") => Some("write `if condition { … }`".to_owned()),
            ("(", "in") if self.text.word_before(self.found) == "not" => Some("write `x !in list`".to_owned()),
            (":", _) if self.text.rest(self.found).starts_with('=') => Some("write `key: value` in a map".to_owned()),
            _ => operator_meant(word),
        };
        (message, help)
    }

    /// Two expressions are next to each other without a semicolon or operator.
    fn no_semicolon(&self) -> Words {
        let (word, before) = (self.text.word(self.found), self.text.word_before(self.found));
        let at_line_start = self.text.before(self.found).trim().is_empty();
        let rest = self.text.rest(self.found);
        let help = match (word, before) {
            _ if rest.starts_with('#') => return self.no_word("#"),
            (_, "elif" | "elsif" | "elseif") | ("elif" | "elsif" | "elseif", _) => Some("write `else if`".to_owned()),
            ("else", _) => Some("`else` follows the `}` of an `if`".to_owned()),
            (_, "var" | "val" | "def" | "local" | "int" | "string" | "mut") => {
                Some("write `let` before a variable's name".to_owned())
            }
            _ if rest.starts_with("=<") => Some("write `<=`".to_owned()),
            _ if rest.starts_with("=>") => Some("write `>=`".to_owned()),
            _ if rest.starts_with('=') => Some("compare with `==`, and assign one name at a time".to_owned()),
            _ if at_line_start => Some("end the line before with `;`".to_owned()),
            _ if self.begins_statement() => Some("write `;` between two statements".to_owned()),
            _ => operator_meant(word).or_else(|| {
                let is_prose = !word.is_empty() && !before.is_empty();
                is_prose.then(|| format!("a text needs quotes: `\"{} {}\"`", quoted(before), quoted(word)))
            }),
        };
        (format!("expected `;` or an operator, found {}", self.shown()), help)
    }

    /// Whether a statement seems to begin here: an assignment, or a word that begins one.
    fn begins_statement(&self) -> bool {
        let word = self.text.word(self.found);
        let behind = self.text.rest(self.found).get(word.len()..).unwrap_or_default().trim_start();
        let assigns = behind.starts_with('=') && !behind.starts_with("==");
        let changes = ["+=", "-=", "*=", "/=", "%="].iter().any(|sign| behind.starts_with(sign));
        !word.is_empty() && (assigns || changes || STATEMENTS.contains(&word))
    }

    /// A word or sign without a meaning.
    fn no_word(&self, text: &str) -> Words {
        let message = format!("`{}` means nothing in scripts", quoted(text));
        let help = match text {
            "++" | "--" => {
                let (name, sign) = (self.text.word_before(self.found), text.get(..1).unwrap_or_default());
                let name = if name.is_empty() { "x" } else { name };
                format!("write `{} {sign}= 1`", quoted(name))
            }
            "?" => "write `if condition { a } else { b }`".to_owned(),
            "import" | "export" => "shared code belongs in the flow's `functions`".to_owned(),
            "Fn" => "write a closure: `|x| f(x)`".to_owned(),
            "eval" => "a script runs as it is written".to_owned(),
            "===" => "write `==`".to_owned(),
            "!==" | "~=" => "write `!=`".to_owned(),
            ":=" | "<-" => "write `=`".to_owned(),
            "->" | "|>" | "<|" => return (message, None),
            "#" | "#!" => COMMENTS.to_owned(),
            "~" | "$" | "@" | "!." | "..." => return (message, None),
            "this" => {
                let help = "attributes are used by their names: write `total`, not `this.total`";
                return ("`this` is known in functions only".to_owned(), Some(help.to_owned()));
            }
            _ => return (message, None),
        };
        (message, Some(help))
    }

    fn bad_input(&self, error: &LexError) -> Words {
        match error {
            LexError::UnterminatedString => (
                "the text that begins here is not closed".to_owned(),
                Some("close it with the sign it began with".to_owned()),
            ),
            LexError::MalformedChar(text) => {
                ("write texts in double quotes".to_owned(), Some(format!("write `\"{}\"`", quoted(text))))
            }
            LexError::MalformedNumber(text) => (format!("`{}` is not a number", quoted(text)), None),
            LexError::MalformedEscapeSequence(text) => (
                format!("`{}` is not an escape in a text", quoted(text)),
                Some("write `\\\\` for a backslash".to_owned()),
            ),
            LexError::MalformedIdentifier(text) => (format!("`{}` is not a name", quoted(text)), None),
            LexError::ImproperSymbol(text, _) if text == "=" => {
                ("`=` assigns, and nothing is assigned here".to_owned(), Some("compare with `==`".to_owned()))
            }
            LexError::ImproperSymbol(text, _) => self.no_word(text),
            LexError::UnexpectedInput(text) => (
                format!("expected a value, found `{}`", quoted(text)),
                self.sign_meant(text).or_else(|| self.foreign_letter()),
            ),
            LexError::StringTooLong(max) => {
                limit(format!("a text has {max} bytes at most (max_string_bytes)"), "shorten it")
            }
            other => (format!("this is not a script: {}", quoted(&other.to_string().to_lowercase())), None),
        }
    }

    /// The operator meant by two signs of which the second was unexpected.
    fn sign_meant(&self, found: &str) -> Option<String> {
        let sign = match (self.text.before(self.found).trim_end().chars().next_back()?, found) {
            ('=', "<") => "<=",
            ('=', ">") => ">=",
            ('<', ">") => "!=",
            ('=', "!") => "!=",
            ('&', "&&" | "&") => "&&",
            ('|', "||" | "|") => "||",
            _ => return None,
        };
        Some(format!("write `{sign}`"))
    }
}

/// The operator meant by a word of other languages.
fn operator_meant(word: &str) -> Option<String> {
    let operator = match word {
        "AND" | "And" => "and",
        "OR" | "Or" => "or",
        "NOT" | "Not" => "not",
        "is" | "equals" | "eq" | "EQ" => "==",
        "isnt" | "ne" | "NE" => "!=",
        "mod" | "MOD" => "%",
        "IN" => "in",
        _ => return None,
    };
    Some(format!("write `{operator}`"))
}

fn limit(message: String, help: &str) -> Words {
    (message, Some(help.to_owned()))
}

fn counted(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        n => format!("{n} arguments"),
    }
}

/// A piece of a script, shortened if it is long.
fn quoted(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(MAX_QUOTED).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

/// What a `for` can iterate over instead.
fn walk_through(given: &str) -> Option<String> {
    match given {
        "a number" => Some("write `0..n` for the numbers below n".to_owned()),
        "a map" => Some("walk through its `keys()` or `values()`".to_owned()),
        _ => None,
    }
}
