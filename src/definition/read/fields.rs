//! Maps with known keys, and maps with the author's own keys.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Finding, Span};
use crate::name::{is_attribute_name, nearest};
use crate::value::Value;

use super::super::keys::{Key, names};
use super::super::node::{Content, Entry, Node, Tagged};
use super::super::plain;
use super::super::scalar::ScalarStyle;
use super::super::shortened;
use super::super::usual::{self, At};
use super::Reader;

/// The entries of a map by their known keys.
pub(super) struct Fields<'n> {
    known: Vec<(&'static str, &'n Entry)>,
    /// The key tables that were looked up in what was written.
    tables: Vec<&'static [Key]>,
    /// Known keys that unknown ones were probably meant to be.
    meant: Vec<&'static str>,
    /// Whether nothing is written, not even unknown keys.
    pub(super) is_empty: bool,
    /// Whether more keys were meant to be merged into it.
    merges: bool,
}

impl<'n> Fields<'n> {
    /// No entries.
    pub(super) const fn none() -> Self {
        Self { known: Vec::new(), tables: Vec::new(), meant: Vec::new(), is_empty: true, merges: false }
    }

    /// The entry of `name`, even if it has no value.
    pub(super) fn any(&self, name: &str) -> Option<&'n Entry> {
        debug_assert!(self.tables.is_empty() || self.tables.iter().any(|table| names(table).any(|key| key == name)));
        self.known.iter().find(|(key, _)| *key == name).map(|(_, entry)| *entry)
    }

    /// The entry of `name`, if it has a value.
    pub(super) fn get(&self, name: &str) -> Option<&'n Entry> {
        self.any(name).filter(|entry| !entry.value.is_null())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.any(name).is_some()
    }

    /// Whether there is neither this key nor one that was probably meant to be it, nor a merge that may have it.
    pub(super) fn lacks(&self, name: &str) -> bool {
        !self.merges && !self.has(name) && !self.meant.contains(&name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &'n Entry)> {
        self.known.iter().copied()
    }
}

impl Reader<'_> {
    /// The entries of the map `node` by the keys of `tables`; messages call the map `what`. Unknown and repeated keys
    /// are reported. None if it is not a map.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, what: &str, tables: &[&'static [Key]]) -> Option<Fields<'n>> {
        let entries = self.entries(node, what)?;
        let known = || tables.iter().flat_map(|table| names(table));
        let merges = matches!(&node.content, Content::Map(written) if written.iter().any(is_merge));
        let mut fields = Fields { tables: tables.to_vec(), merges, ..Fields::none() };
        let written: Vec<&str> = entries.iter().map(|(text, _)| *text).collect();
        for (text, entry) in entries {
            fields.is_empty = false;
            match known().find(|name| *name == text) {
                Some(name) => fields.known.push((name, entry)),
                None if self.is_full() => {}
                None => {
                    let known: Vec<&'static str> = known().collect();
                    let at = At::of(&known);
                    let meant = at.and_then(|at| usual::meant(at, text, &written));
                    let meant = meant.or_else(|| nearest(text, known.iter().copied()));
                    fields.meant.extend(meant);
                    let value = entry.value.text().map(|text| &**text);
                    let cure = at.and_then(|at| usual::cure(at, text, &written, value));
                    // It says of which kind the state is, though not by its key.
                    if at == Some(At::State) && cure.is_some() && meant.is_none() {
                        fields.meant.push("action");
                    }
                    let cure = cure.or_else(|| {
                        let is_attribute = at == Some(At::Expect) && meant.is_none() && is_attribute_name(text);
                        is_attribute
                            .then(|| format!("an attribute stands under `attributes`: `attributes: {{ {text}: … }}`"))
                    });
                    self.unknown_key(text, entry, what, (cure, meant), &known);
                }
            }
        }
        Some(fields)
    }

    fn unknown_key(
        &mut self,
        text: &str,
        entry: &Entry,
        what: &str,
        (cure, meant): (Option<String>, Option<&str>),
        known: &[&'static str],
    ) {
        let span = entry.key.span;
        let before = self.source.text().get(..span.start).unwrap_or_default().trim_end();
        let help = if entry.value.is_absent() && before.ends_with(',') {
            "inside `{ … }` a `,` ends a value: if it belongs to the value, quote the value".to_owned()
        } else if text == "after" && what.starts_with("a branch") {
            "`after` belongs to the branches of `wait_until` only".to_owned()
        } else if text == "on_timeout" && known.contains(&"wait_until") {
            "`on_timeout` belongs to the flow, for all of its waits; one wait goes on by a branch `{ after: …, go_to: … }`"
                .to_owned()
        } else if let Some(cure) = cure {
            cure
        } else if let Some(meant) = meant {
            format!("did you mean `{meant}`?")
        } else {
            format!("expected {}", Self::list(known.iter().copied()))
        };
        self.error_with_help(span, format!("unknown key `{}` in {what}", shortened(text)), help);
    }

    /// The entries of the map `node` by their keys as text, each key once. None if it is not a map.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<Vec<(&'n str, &'n Entry)>> {
        if self.is_reported(node) {
            return None;
        }
        self.no_tag(node);
        let Content::Map(written) = &node.content else {
            let message = format!("{what} takes keys with values, found {}", node.describe());
            self.missing(node.span, message, shape_help(what, node));
            return None;
        };
        let mut seen: HashMap<&str, Span> = HashMap::with_capacity(written.len());
        let mut seen_by_others: HashMap<String, &str> = HashMap::new();
        let mut entries = Vec::with_capacity(written.len());
        let mut merges = Vec::new();
        for entry in written {
            if is_merge(entry) {
                merges.push(entry.key.span);
                continue;
            }
            let Some(text) = self.key(node, entry) else { continue };
            match seen.get(&**text) {
                Some(first) => {
                    let help = format!("the first is in line {}", self.line_of(*first));
                    self.error_with_help(entry.key.span, format!("`{}` occurs twice in {what}", shortened(text)), help);
                }
                None => {
                    seen.insert(text, entry.key.span);
                    if let Some(first) = key_to_others(&entry.key).and_then(|key| seen_by_others.insert(key, text)) {
                        let (text, first) = (shortened(text), shortened(first));
                        let message = format!("other readers of YAML take `{text}` for the key `{first}` once more");
                        self.error_with_help(entry.key.span, message, format!("quote it: `\"{text}\"`"));
                    }
                    entries.push((&**text, entry));
                }
            }
        }
        if let Some(first) = merges.first() {
            let help = "YAML 1.2 has no merge keys: write the keys out; an alias may stand for a whole value, like \
                        `retry: *name`";
            self.error_with_help(*first, format!("unknown key `<<` in {what}"), help);
        }
        Some(entries)
    }

    /// The text of an entry's key, if there is one. A warning says if not every reader of YAML finds the same there.
    fn key<'n>(&mut self, map: &Node, entry: &'n Entry) -> Option<&'n Arc<str>> {
        let key = &*entry.key;
        self.no_tag(key);
        let Some(text) = key.text() else {
            self.error(key.span, format!("a key must be a plain name, found {}", key.describe()));
            return None;
        };
        if key.span.start >= key.span.end {
            let at = self.sign_at(key.span.start);
            let help = "write a name before the `:`; a text that is `:` or `?` needs quotes";
            self.error_with_help(at, "a key is missing here", help);
            return None;
        }
        if is_joined(self.source.text(), map, key) {
            let blanks = self.source.text().get(key.span.end..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            let at = self.sign_at(key.span.end + blanks);
            let help = "without it, some readers of YAML refuse this, or take the `:` for part of a text; \
                        `opsflow fmt` writes it";
            self.report(Finding::warning(self.source, at, "not YAML: write a blank after this `:`").with_help(help));
        }
        if is_over_lines(self.source.text(), map, key) {
            let message = "a key in `{ … }` and its `:` stand on one line";
            self.error_with_help(key.span, message, "some readers of YAML refuse it otherwise: join the lines");
        }
        Some(text)
    }

    /// The place of the character at `at`.
    fn sign_at(&self, at: usize) -> Span {
        let sign = self.source.text().get(at..).and_then(|rest| rest.chars().next());
        Span::new(at, at + sign.map_or(0, char::len_utf8))
    }

    /// Whether something else was read in place of `node`, because what is written has been reported.
    pub(super) fn is_reported(&self, node: &Node) -> bool {
        self.tree.stand_ins.contains_key(&node.span.start)
    }

    /// Reports a tag that has no meaning here.
    pub(super) fn no_tag(&mut self, node: &Node) {
        if let Some(tag) = node.tag {
            let written = shortened(self.source.slice(tag.span));
            if let Some(kind) = tag.kind {
                if !fits(kind, node) {
                    let message = format!("`{written}` does not fit {}", node.describe());
                    self.error_with_help(tag.span, message, "leave the tag out");
                }
                return;
            }
            let message = format!("`{written}` is read as a YAML tag, and tags mean nothing here");
            self.error_with_help(tag.span, message, "if it is meant as text, quote it");
        }
    }

    /// The items of a list, which messages call `what`. None if it is not a list.
    pub(super) fn items<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Arc<Node>]> {
        if self.is_reported(node) {
            return None;
        }
        self.no_tag(node);
        if let Content::List(items) = &node.content {
            return Some(items);
        }
        let message = format!("{what} takes a list, found {}", node.describe());
        self.misshapen(node.span, message, "write `- ` before each item, or `[` and `]` around them");
        None
    }
}

/// Whether an entry is a merge key of YAML 1.1.
fn is_merge(entry: &Entry) -> bool {
    matches!(&entry.key.content, Content::Scalar(text, ScalarStyle::Plain) if &**text == "<<")
}

/// Whether a `:` without a blank after it ends `key`, where not every reader of YAML takes it for that. All of them
/// do after a key in quotes in `{ … }`.
fn is_joined(text: &str, map: &Node, key: &Node) -> bool {
    let is_quoted = !matches!(key.content, Content::Scalar(_, ScalarStyle::Plain));
    let is_braced = text.get(map.span.start..).is_some_and(|rest| rest.starts_with('{'));
    let behind = text.get(key.span.end..).and_then(|rest| rest.trim_start().strip_prefix(':'));
    let is_close = behind.is_some_and(|behind| behind.starts_with(|c: char| !c.is_whitespace()));
    is_close && !(is_quoted && is_braced)
}

/// Whether the `:` of a key in `{ … }` stands on another line than the beginning of the key. After a `?` it may.
fn is_over_lines(text: &str, map: &Node, key: &Node) -> bool {
    let is_braced = text.get(map.span.start..).is_some_and(|rest| rest.starts_with('{'));
    let is_explicit = text.get(..key.span.start).is_some_and(|before| before.trim_end().ends_with('?'));
    if !is_braced || is_explicit {
        return false;
    }
    let mut between = text.get(key.span.end..).unwrap_or_default();
    loop {
        between = between.trim_start();
        match between.strip_prefix('#').and_then(|comment| comment.split_once('\n')) {
            Some((_, below)) => between = below,
            None => break,
        }
    }
    let colon = text.len() - between.len();
    between.starts_with(':') && text.get(key.span.start..colon).is_some_and(|line| line.contains('\n'))
}

/// A key as readers of YAML see it that give keys types; none for a text.
fn key_to_others(key: &Node) -> Option<String> {
    let Content::Scalar(text, ScalarStyle::Plain) = &key.content else { return None };
    match plain::resolve(text)? {
        Value::Unit => Some("null".to_owned()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Integer(number) => Some((number as f64).to_string()),
        Value::Number(_) | Value::Float(_) => text.parse::<f64>().ok().map(|number| number.to_string()),
        _ => None,
    }
}

/// Whether a node is what its tag says.
fn fits(kind: Tagged, node: &Node) -> bool {
    match &node.content {
        Content::Scalar(text, _) => plain::tagged(kind, text).is_some(),
        Content::List(_) => kind == Tagged::List,
        Content::Map(_) => kind == Tagged::Map,
    }
}

/// How to write a map where something else is written.
fn shape_help(what: &str, node: &Node) -> String {
    const ANY: &str = "write `key: value`, each on its own line and deeper than this one";
    let text = node.text().map(|text| shortened(text)).filter(|_| !node.is_null());
    match (what, &node.content, text) {
        ("`states`", Content::List(_), _) => {
            "write each state by its name, `its_name: …`, without `- ` before it".to_owned()
        }
        ("`attributes`" | "`params`" | "`fields`", Content::List(_), _) => {
            "write each by its name, `its_name: its_type`, without `- ` before it".to_owned()
        }
        ("`interactions`" | "`with`" | "`given`" | "`mocks`", Content::List(_), _) => {
            "write each by its name, `its_name: …`, without `- ` before it".to_owned()
        }
        ("`retry`", _, Some(text)) => {
            let attempts = text.parse::<u32>().ok().filter(|attempts| *attempts > 0).unwrap_or(3);
            format!("write `retry: {{ attempts: {attempts} }}`")
        }
        ("a branch of `on_error`", _, Some(text)) if crate::name::is_state_name(&text) => {
            format!("write `{{ go_to: {text} }}`, with `if: …` before it unless it is the last")
        }
        ("`schedule`", _, Some(text)) => format!("write `schedule: {{ cron: \"{text}\" }}`"),
        ("`on_timeout`", _, Some(text)) if crate::name::is_state_name(&text) => {
            format!("write `on_timeout: {{ go_to: {text} }}`")
        }
        _ => ANY.to_owned(),
    }
}
