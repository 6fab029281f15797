//! From text to tree: configures Rhai's parser, and rewords its errors.
//!
//! The tree is not optimised, because the analysis must see everything that was written.

mod around;
mod comment;
mod foreign;
mod habits;
mod shapes;
mod text;
mod watch;
mod wrong;

use rhai::{AST, Engine, OptimizationLevel};

use crate::diagnostic::Position;

use super::{Limits, ScriptFinding};

pub(super) use text::Text;

/// Functions and closures that one script, or the flow's `functions`, may define.
const MAX_FUNCTIONS: usize = 1_000;

/// The kind of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// A condition, a value or a body.
    Script,
    /// The flow's `functions`: definitions, and nothing else.
    Functions,
}

/// Sets everything about `engine` that concerns parsing.
pub(super) fn configure(engine: &mut Engine, limits: &Limits) {
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(limits.max_expression_depth, limits.max_expression_depth);
    engine.set_max_functions(MAX_FUNCTIONS);
    engine.set_max_strings_interned(0);
    for word in ["eval", "import", "export"] {
        engine.disable_symbol(word);
    }
    #[expect(deprecated, reason = "declared volatile, not deprecated: the version of Rhai is pinned")]
    engine.on_parse_token(|token, at, _| watch::see(token, at));
}

/// Parses a text with an engine that [`configure`] has set up. Returns the findings if it fails; usually one, because
/// the parser gives up at the first error.
pub(super) fn parse(engine: &Engine, text: &str, what: What, limits: &Limits) -> Result<AST, Vec<ScriptFinding>> {
    if let Some(finding) = too_long(text, limits).or_else(|| stray_return(text)).or_else(|| unclosed_comment(text)) {
        return Err(vec![finding]);
    }
    let (parsed, seen) = watch::watched(|| engine.compile(text));
    let view = Text::new(text);
    let ast = parsed.map_err(|error| vec![wrong::finding(&error, &view, &seen, limits)])?;
    let tripled = in_three_quotes(&view, &seen);
    if !tripled.is_empty() {
        return Err(tripled);
    }
    let misplaced = match what {
        What::Script => functions_in_script(&view, &seen),
        What::Functions => statements_in_functions(&ast),
    };
    if misplaced.is_empty() { Ok(ast) } else { Err(misplaced) }
}

/// The finding for a text that is too long.
fn too_long(text: &str, limits: &Limits) -> Option<ScriptFinding> {
    // A character is at most four bytes, so most texts need no counting.
    if text.len() <= limits.max_script_chars || text.chars().count() <= limits.max_script_chars {
        return None;
    }
    let message = format!("a script may have {} characters at most (max_script_chars)", limits.max_script_chars);
    Some(ScriptFinding::new(Position { line: 1, column: 1 }, None, message, Some("split it over several states")))
}

/// The finding for a carriage return that ends no line: after a backtick Rhai counts it as a line, and all later places
/// would be wrong.
fn stray_return(text: &str) -> Option<ScriptFinding> {
    let (byte, _) =
        text.match_indices('\r').find(|(byte, _)| !text.get(byte + 1..).is_some_and(|r| r.starts_with('\n')))?;
    let at = position(text, byte)?;
    let help = Some("leave it out, or write `\\r` within double quotes");
    Some(ScriptFinding::new(at, None, "this carriage return does not end a line", help))
}

fn unclosed_comment(text: &str) -> Option<ScriptFinding> {
    let at = position(text, comment::unclosed(text)?)?;
    let end = Position { column: at.column + 2, ..at };
    let help = Some("close it by `*/`, or write `//` before each line");
    Some(ScriptFinding::new(at, Some(end), "this comment is never closed: it takes all that follows", help))
}

/// Where a byte stands.
fn position(text: &str, byte: usize) -> Option<Position> {
    let before = text.get(..byte)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(line_start..)?.chars().count() + 1;
    Some(Position { line: before.matches('\n').count() + 1, column })
}

fn functions_in_script(view: &Text<'_>, seen: &watch::Seen) -> Vec<ScriptFinding> {
    let finding = |at: &Position| {
        let message = "a script cannot define functions: they belong in the flow's `functions`";
        let help = Some("move it to `functions:`, or write a closure: `|x| x + 1`");
        ScriptFinding::new(*at, Some(view.end_of_word(*at)), message, help)
    };
    seen.functions.iter().map(finding).collect()
}

/// `"""text"""`: two quotes within quotes are one, so the text would keep its quotes.
fn in_three_quotes(view: &Text<'_>, seen: &watch::Seen) -> Vec<ScriptFinding> {
    let tripled = seen.quotes.iter().filter(|at| view.rest(**at).starts_with("\"\"\""));
    let finding = |at: &Position| {
        let end = Position { column: at.column + 3, ..*at };
        let message = "three quotes begin no text of several lines";
        let help = Some("write the text in backticks: `` `text` ``");
        ScriptFinding::new(*at, Some(end), message, help)
    };
    tripled.map(finding).collect()
}

fn statements_in_functions(ast: &AST) -> Vec<ScriptFinding> {
    let Some(first) = ast.statements().first() else { return Vec::new() };
    let message = "`functions` holds definitions and nothing else: expected `fn`";
    vec![ScriptFinding::new(place(first.position()), None, message, Some("write `fn name(argument) { … }`"))]
}

/// Rhai's position as one of ours; the start of the text if it has none.
pub(super) fn place(at: rhai::Position) -> Position {
    Position { line: at.line().unwrap_or(1).max(1), column: at.position().unwrap_or(1).max(1) }
}
