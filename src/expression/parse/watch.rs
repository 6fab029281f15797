//! Rewrites tokens on their way to the parser. Words that Rhai reserves but scripts do not use become names; after a
//! dot, and as a key of a map, every word is a name; `and`, `or` and `not` become operators.
//!
//! Rhai allows a token to be replaced, but keeps no state between two of them, so that is kept here, per thread.

use std::cell::RefCell;

use rhai::Token;

use crate::diagnostic::Position;

use super::place;

/// What was seen of a text so far.
#[derive(Default)]
pub(super) struct Seen {
    /// The brackets that are open, the innermost last.
    pub(super) open: Vec<(&'static str, Position)>,
    /// The token before the end, and its place.
    pub(super) last: Option<(Token, Position)>,
    /// The places of `fn`.
    pub(super) functions: Vec<Position>,
    /// The places of texts that begin with a quote.
    pub(super) quotes: Vec<Position>,
}

thread_local! {
    static SEEN: RefCell<Seen> = RefCell::default();
}

/// Runs a parse, and returns what was seen along with its result.
pub(super) fn watched<T>(parse: impl FnOnce() -> T) -> (T, Seen) {
    SEEN.with_borrow_mut(|seen| *seen = Seen::default());
    let parsed = parse();
    (parsed, SEEN.take())
}

/// Records a token, and returns what the parser is to see instead.
pub(super) fn see(token: Token, at: rhai::Position) -> Token {
    SEEN.with_borrow_mut(|seen| {
        let token = match token {
            // A word that Rhai takes for a keyword may have become a name; a sign after it is a binary operator.
            Token::UnaryPlus if seen.follows_value() => Token::Plus,
            Token::UnaryMinus if seen.follows_value() => Token::Minus,
            token if seen.expects_name() => as_name(token),
            token => as_word(token),
        };
        seen.note(&token, place(at));
        token
    })
}

impl Seen {
    /// Whether a name must follow: after a dot, or as the key of a map.
    fn expects_name(&self) -> bool {
        match &self.last {
            Some((Token::Period | Token::Elvis | Token::DoubleColon | Token::MapStart, _)) => true,
            Some((Token::Comma, _)) => self.open.last().is_some_and(|(bracket, _)| *bracket == "#{"),
            _ => false,
        }
    }

    /// Whether the previous token was a name, which is a value.
    fn follows_value(&self) -> bool {
        matches!(&self.last, Some((Token::Identifier(_), _)))
    }

    fn note(&mut self, token: &Token, at: Position) {
        match token {
            Token::LeftBrace => self.open.push(("{", at)),
            Token::LeftParen => self.open.push(("(", at)),
            Token::LeftBracket => self.open.push(("[", at)),
            Token::QuestionBracket => self.open.push(("?[", at)),
            Token::MapStart => self.open.push(("#{", at)),
            Token::RightBrace | Token::RightParen | Token::RightBracket => {
                self.open.pop();
            }
            Token::Fn => self.functions.push(at),
            Token::StringConstant(text) if text.starts_with('"') => self.quotes.push(at),
            Token::EOF => return,
            _ => {}
        }
        self.last = Some((token.clone(), at));
    }
}

/// The word a token is, if it is one.
fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Reserved(text) => Some(text.as_str()).filter(|text| rhai::is_valid_identifier(text)),
        Token::LexError(error) => match &**error {
            rhai::LexError::ImproperSymbol(text, _) => Some(text.as_str()).filter(|t| rhai::is_valid_identifier(t)),
            _ => None,
        },
        Token::UnprocessedRawChar(_) => None,
        literal if literal.is_literal() => Some(literal.literal_syntax()).filter(|t| rhai::is_valid_identifier(t)),
        _ => None,
    }
}

/// A word where a name must stand.
fn as_name(token: Token) -> Token {
    match word(&token) {
        Some(text) => Token::Identifier(Box::new(text.into())),
        None => token,
    }
}

/// A word anywhere else.
fn as_word(token: Token) -> Token {
    match &token {
        // `eval` never comes here: it is disabled, and so an error already.
        Token::Reserved(text) if !matches!(text.as_str(), "this" | "import" | "export" | "Fn") => as_name(token),
        Token::Identifier(text) => match text.as_str() {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Bang,
            _ => token,
        },
        _ => token,
    }
}
