//! Compiles each script for its role, and reports its errors at their place in the file.

use crate::definition::{Document, Scalar, ScalarStyle};
use crate::diagnostic::{Position, Source, Span, Spanned};
use crate::expression::{FunctionBody, Given, Params, Role, Script, ScriptFinding, ScriptPlace};
use crate::name::Name;
use crate::task::Attribute;
use crate::value::Shape;

use super::PlacedScript;
use super::check::Checker;
use super::findings::meant;

impl Checker<'_> {
    /// Compiles a script.
    pub(super) fn script(&mut self, scalar: &Scalar, role: Role) -> Option<PlacedScript> {
        let compiled = self.expressions.compile(&scalar.text, role);
        self.compiled(scalar, compiled)
    }

    /// Compiles the action of an interaction, which may use its own parameters only.
    pub(super) fn interaction_script(&mut self, scalar: &Scalar, params: &[Attribute]) -> Option<PlacedScript> {
        let params: Params = params.iter().map(|param| (param.name.clone(), param.rules.shape())).collect();
        let given = Given { params: Some(&params), becomes: None };
        let compiled = self.expressions.compile_given(&scalar.text, Role::Interaction, given);
        self.compiled(scalar, compiled)
    }

    /// Compiles a value of `with`, which must fit an attribute of the started flow, if that is known.
    pub(super) fn with_script(
        &mut self,
        scalar: &Scalar,
        role: Role,
        becomes: Option<(&Name, &Shape)>,
    ) -> Option<PlacedScript> {
        let compiled = self.expressions.compile_given(&scalar.text, role, Given { params: None, becomes });
        self.compiled(scalar, compiled)
    }

    fn compiled(&mut self, scalar: &Scalar, compiled: Result<Script, Vec<ScriptFinding>>) -> Option<PlacedScript> {
        match compiled {
            Ok(script) => {
                for started in script.started_flows() {
                    let Some(span) = self.span_of(scalar, started.at) else { continue };
                    self.check_started(&started.flow, span, started.given.as_deref());
                }
                self.warn(scalar, script.warnings());
                Some(PlacedScript { script, scalar: scalar.clone() })
            }
            Err(wrong) => {
                self.report(scalar, wrong);
                None
            }
        }
    }

    /// Compiles an optional script. `None` if it is given and has errors.
    #[expect(clippy::option_option, reason = "left out is not wrong")]
    pub(super) fn optional_script(&mut self, scalar: Option<&Scalar>, role: Role) -> Option<Option<PlacedScript>> {
        match scalar {
            Some(scalar) => self.script(scalar, role).map(Some),
            None => Some(None),
        }
    }

    /// Reports warnings of a script at their places in the file.
    pub(super) fn warn(&mut self, scalar: &Scalar, warnings: &[ScriptFinding]) {
        for warning in warnings {
            let span = span_between(&self.document.source, scalar, warning.at, warning.end);
            self.findings.warning(span, warning.message.clone(), warning.help.clone());
        }
    }

    /// Reports findings of a script at their places in the file.
    pub(super) fn report(&mut self, scalar: &Scalar, wrong: Vec<ScriptFinding>) {
        if let Some(meant) = wrong.first().and_then(|first| text_without_quotes(scalar, first)) {
            let message = format!("YAML removes these quotes: what is left is the code `{}`", shown(&scalar.text));
            self.findings.error(scalar.span, message, Some(format!("a text needs quotes of its own: write `{meant}`")));
            return;
        }
        if let Some(name) = self.interaction_as_code(scalar) {
            let message = format!("`{name}` is an interaction, and no condition");
            let help =
                "give the interaction a `go_to`, or an `action` that sets an attribute which this condition reads";
            self.findings.error(scalar.span, message, Some(help.to_owned()));
            return;
        }
        for finding in wrong {
            if let Some((whole, meant)) = text_in_plain(scalar, &finding) {
                let help = Some(format!("a text needs quotes, and YAML takes away the outer ones: write `{meant}`"));
                match whole {
                    true => self.findings.error(scalar.span, "words without quotes are no code", help),
                    false => self.findings.error(scalar.span, finding.message, help),
                }
                continue;
            }
            let span = span_between(&self.document.source, scalar, finding.at, finding.end);
            self.findings.error(span, finding.message, finding.help);
        }
    }

    /// The interaction whose name is all that a script holds.
    fn interaction_as_code(&self, scalar: &Scalar) -> Option<&Name> {
        let bare = |name: &str| name.trim().trim_end_matches("()").trim_end_matches(['!', '?']).to_owned();
        let text = bare(&scalar.text);
        let names = self.document.interactions.iter().map(|interaction| &interaction.name.value);
        // An attribute of that name would have been found.
        names.into_iter().find(|name| bare(name) == text)
    }

    fn span_of(&self, scalar: &Scalar, place: ScriptPlace) -> Option<Span> {
        let scalar = if place.in_functions { self.document.functions.as_ref()? } else { scalar };
        Some(scalar.locate(&self.document.source, place.at))
    }

    /// Checks `uses`: each capability must exist, be listed once, and be called somewhere.
    pub(super) fn check_uses(&mut self) {
        let functions = std::sync::Arc::clone(&self.context.functions);
        let known = |function: &crate::expression::Function| match &function.body {
            FunctionBody::Effect { capability: Some(name) } => Some(name.clone()),
            _ => None,
        };
        let mut capabilities: Vec<Name> = functions.iter().filter_map(known).collect();
        capabilities.sort();
        capabilities.dedup();
        let uses: &[Spanned<Name>] = &self.document.uses;
        for (number, name) in uses.iter().enumerate() {
            if !capabilities.contains(&name.value) {
                let help = meant(&name.value, capabilities.iter().map(Name::as_str));
                let help = help
                    .or_else(|| {
                        Some(format!("there are {}", super::findings::listed(capabilities.iter().map(Name::as_str))))
                    })
                    .filter(|_| !capabilities.is_empty());
                self.findings.error(name.span, format!("no capability is called `{}`", name.value), help);
            } else if uses.iter().take(number).any(|earlier| earlier.value == name.value) {
                self.findings.error(name.span, format!("`uses` names `{}` twice", name.value), None);
            } else if !self.mentions_any(functions.iter().filter(|f| known(f).as_ref() == Some(&name.value))) {
                let message = format!("`uses` names `{}`, but no script calls it", name.value);
                self.findings.warning(
                    name.span,
                    message,
                    Some("leave it out: a flow needs no more than it uses".to_owned()),
                );
            }
        }
    }

    /// Whether the text of any script contains the name of one of `functions`.
    fn mentions_any<'f>(&self, functions: impl Iterator<Item = &'f crate::expression::Function>) -> bool {
        let mut words: Vec<&str> = functions.map(|f| f.name.as_str().split("::").next().unwrap_or_default()).collect();
        words.sort_unstable();
        words.dedup();
        bodies(self.document).any(|scalar| words.iter().any(|word| scalar.text.contains(word)))
    }
}

/// The scripts of a document that may call capabilities.
pub(super) fn bodies(document: &Document) -> impl Iterator<Item = &Scalar> {
    use crate::definition::StateKindDoc::Action;
    let actions = document.states.iter().filter_map(|state| match &state.kind {
        Action(action) => Some(&action.script),
        _ => None,
    });
    actions.chain(&document.functions)
}

/// The place in the file of a range in a script.
pub(super) fn span_between(source: &Source, scalar: &Scalar, at: Position, end: Option<Position>) -> Span {
    let first = scalar.locate(source, at);
    let last = match end {
        Some(Position { line, column }) if column > 1 => {
            scalar.locate(source, Position { line, column: column - 1 }).end
        }
        _ => first.end,
    };
    Span::new(first.start, last.max(first.end))
}

/// For a text whose quotes YAML has removed, so that it is not code: how to write it with quotes of its own. `first` is
/// its first finding.
fn text_without_quotes(scalar: &Scalar, first: &ScriptFinding) -> Option<String> {
    let text = scalar.text.trim();
    let is_quoted = matches!(scalar.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    if !is_quoted || text.contains(['"', '`', '\n', ';']) {
        return None;
    }
    if text.contains("${") {
        return Some(if text.contains('\'') { format!("\"`{text}`\"") } else { format!("'`{text}`'") });
    }
    // A single name may just as well be misspelt.
    let is_misspelt = first.unknown.is_some() && first.help.as_ref().is_some_and(|help| help.contains("did you mean"));
    let is_prose = |c: char| c.is_alphanumeric() || " _-.,!?:'/&%…’".contains(c);
    let has_word = text.starts_with(char::is_alphabetic);
    let is_one_word = !text.contains(' ') && first.unknown.is_some();
    let is_text = has_word && text.chars().all(is_prose) && !is_misspelt && (is_one_word || are_words(text));
    is_text.then(|| in_two_quotes(text))
}

/// For a text without any quotes: whether the finding is about all of it, and how to write it.
fn text_in_plain(scalar: &Scalar, finding: &ScriptFinding) -> Option<(bool, String)> {
    let text = scalar.text.trim();
    let is_plain = scalar.style == ScalarStyle::Plain && !text.contains(['"', '`', '\n', ';']);
    let needs_quotes = finding.help.as_ref().is_some_and(|help| help.starts_with("a text needs quotes: "));
    if !is_plain || !needs_quotes {
        return None;
    }
    if text.contains("${") {
        return Some((true, format!("'`{}`'", text.replace('\'', "''"))));
    }
    let is_one_word = finding.unknown.as_ref().is_some_and(|name| **name == *text);
    (is_one_word || are_words(text)).then(|| (!is_one_word, in_two_quotes(text)))
}

/// A text in quotes of its own, within those of YAML.
fn in_two_quotes(text: &str) -> String {
    format!("'\"{}\"'", text.replace('\'', "''"))
}

/// Whether words follow each other without operators, which never happens in code.
fn are_words(text: &str) -> bool {
    const OPERATORS: [&str; 10] = ["in", "is", "and", "or", "not", "if", "else", "let", "return", "throw"];
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let is_word = |word: &str| word.chars().all(|c| c.is_alphanumeric() || "_,.!?:'’".contains(c));
    words.windows(2).any(|two| two.iter().all(|word| is_word(word) && !OPERATORS.contains(word)))
        || text.ends_with(['.', '!', '?'])
}

/// The start of a script, for a message.
fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST { line.to_owned() } else { line.chars().take(MOST).chain(['…']).collect() }
}
