//! Names that a flow gives, and lists of names.

use crate::diagnostic::{Span, Spanned};
use crate::name::{Name, is_attribute_name, is_flow_name, is_state_name};

use super::super::document::PlainValue;
use super::super::keys::Form;
use super::super::limits::MAX_NAME_BYTES;
use super::super::node::{Content, Entry, Node};
use super::super::shortened;
use super::Reader;

impl Form {
    fn fits(self, text: &str) -> bool {
        match self {
            Self::Flow => is_flow_name(text),
            Self::State => is_state_name(text),
            Self::Attribute => is_attribute_name(text),
            Self::Label => {
                !text.is_empty()
                    && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':'))
            }
            Self::Function => !text.is_empty() && text.split("::").all(is_attribute_name),
        }
    }

    /// The form in words, for help.
    const fn rule(self) -> &'static str {
        match self {
            Self::Flow => {
                "a flow's name has small letters, digits and `_`, begins with a letter, and may have parts joined by `.` or `/`"
            }
            Self::State => {
                "such a name has small letters, digits and `_`, begins with no digit, and may end in `?` or `!`"
            }
            Self::Attribute => "such a name has small letters, digits and `_`, and begins with no digit",
            Self::Label => "such a name has letters, digits, `_`, `-`, `.`, `/` and `:`",
            Self::Function => "a function's name has small letters, digits and `_`; parts are joined by `::`",
        }
    }

    /// The name that was probably meant.
    fn mended(self, text: &str) -> Option<String> {
        let mut mended = String::new();
        let mut before = ' ';
        for c in text.trim().chars().take(MAX_NAME_BYTES) {
            match c {
                'A'..='Z' => {
                    mended.extend(before.is_ascii_lowercase().then_some('_'));
                    mended.push(c.to_ascii_lowercase());
                }
                ' ' | '-' => mended.push('_'),
                other => mended.push(other),
            }
            before = c;
        }
        self.fits(&mended).then_some(mended)
    }
}

impl Reader<'_> {
    /// The name `text` of `what`, given at `span`. One of the wrong form is reported and kept, so that references to it
    /// are found.
    pub(super) fn name(&mut self, text: &str, span: Span, what: &str, form: Form) -> Spanned<Name> {
        if text.len() > MAX_NAME_BYTES {
            self.too_long(span, text);
        } else if !form.fits(text) {
            let help = match form.mended(text) {
                Some(mended) => format!("did you mean `{mended}`?"),
                None => form.rule().to_owned(),
            };
            self.error_with_help(span, format!("`{}` cannot be the name of {what}", shortened(text)), help);
        }
        Spanned::new(Name::new(text), span)
    }

    /// Reports a name that is too long.
    pub(super) fn too_long(&mut self, span: Span, text: &str) {
        let message = format!(
            "the name `{}` has {} bytes; a name has at most {MAX_NAME_BYTES} (MAX_NAME_BYTES)",
            shortened(text),
            text.len()
        );
        self.error(span, message);
    }

    /// The name behind a key.
    pub(super) fn named(&mut self, key: &str, entry: Option<&Entry>, what: &str, form: Form) -> Option<Spanned<Name>> {
        let entry = entry?;
        let name = self.reference(key, entry.key.span, &entry.value, what)?;
        Some(self.name(&name.value, name.span, what, form))
    }

    /// The state that a key leads to.
    pub(super) fn state_behind(&mut self, key: &str, entry: Option<&Entry>) -> Option<Spanned<Name>> {
        let entry = entry?;
        self.reference(key, entry.key.span, &entry.value, "a state")
    }

    /// Names in a list, or a single name without a list.
    pub(super) fn references(&mut self, key: &str, entry: &Entry, of: &str) -> Vec<Spanned<Name>> {
        let node = &*entry.value;
        if let Content::Scalar(..) = &node.content {
            if let Some(text) = node.text().filter(|text| text.contains(',')) {
                let names: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
                let message = format!("`{key}` takes one name, or a list of names");
                self.error_with_help(node.span, message, format!("write `{key}: [{}]`", shortened(&names.join(", "))));
                return Vec::new();
            }
            return self.reference(key, entry.key.span, node, of).into_iter().collect();
        }
        let items = self.items(node, &format!("`{key}`")).unwrap_or_default();
        items.iter().filter_map(|item| self.reference(key, item.span, item, of)).collect()
    }

    /// Plain values by names of attributes.
    pub(super) fn values(
        &mut self,
        key: &str,
        entry: Option<&Entry>,
        what: &str,
        form: Form,
    ) -> Vec<(Spanned<Name>, Spanned<PlainValue>)> {
        let Some(entry) = entry else { return Vec::new() };
        let entries = self.entries(&entry.value, &format!("`{key}`")).unwrap_or_default();
        let value =
            |(text, entry): (&str, &Entry)| (self.name(text, entry.key.span, what, form), self.plain(&entry.value));
        entries.into_iter().map(value).collect()
    }

    /// A list with at least one item.
    pub(super) fn some_items<'n>(&mut self, key: &str, at: Span, node: &'n Node) -> Option<&'n [std::sync::Arc<Node>]> {
        let items = self.items(node, &format!("`{key}`"))?;
        if items.is_empty() {
            self.missing(at, format!("`{key}` is an empty list"), "give it at least one item, or leave it out");
        }
        Some(items)
    }
}
