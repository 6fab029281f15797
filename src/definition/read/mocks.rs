//! `mocks` of a test: the answers of functions, and the outcomes of sub-tasks.

use crate::diagnostic::Spanned;

use super::super::keys::{ANSWER, Form, names};
use super::super::node::{Content, Entry, Node};
use super::super::test_document::{AnswerDoc, AnswerKindDoc, MockDoc};
use super::super::trap::Role;
use super::Reader;

/// The key whose entries are flows instead of a function.
const START: &str = "start";

impl Reader<'_> {
    /// The mocks of functions, and those of flows.
    pub(super) fn mocks(&mut self, entry: &Entry) -> (Vec<MockDoc>, Vec<MockDoc>) {
        let (mut calls, mut starts) = (Vec::new(), Vec::new());
        for (text, entry) in self.entries(&entry.value, "`mocks`").unwrap_or_default() {
            if text != START {
                let name = self.name(text, entry.key.span, "a function", Form::Function);
                calls.push(MockDoc { name, answers: self.answers(entry) });
                continue;
            }
            for (text, entry) in self.entries(&entry.value, "`start`").unwrap_or_default() {
                let name = self.name(text, entry.key.span, "a flow", Form::Flow);
                starts.push(MockDoc { name, answers: self.answers(entry) });
            }
        }
        (calls, starts)
    }

    /// One answer, or a list of answers in turn.
    fn answers(&mut self, entry: &Entry) -> Vec<AnswerDoc> {
        match &entry.value.content {
            Content::List(items) => {
                if items.is_empty() {
                    let help = "to give an empty list, write it in a list: `[[]]`";
                    self.missing(entry.value.span, "a list without answers answers no call", help);
                }
                items.iter().map(|item| self.answer(item)).collect()
            }
            _ => vec![self.answer(&entry.value)],
        }
    }

    /// A map with answer keys only is read as an answer; anything else is the value of the call.
    fn answer(&mut self, node: &Node) -> AnswerDoc {
        let is_direction = |entry: &Entry| entry.key.text().is_some_and(|key| names(ANSWER).any(|name| name == &**key));
        let directs = matches!(&node.content, Content::Map(map) if !map.is_empty() && map.iter().all(is_direction));
        if !directs {
            let kind = AnswerKindDoc::Give(self.plain(node).value);
            return AnswerDoc { kind, takes: None, span: node.span };
        }
        let Some(fields) = self.fields(node, "an answer", &[ANSWER]) else {
            return AnswerDoc { kind: AnswerKindDoc::Give(Default::default()), takes: None, span: node.span };
        };
        let mut kinds = Vec::new();
        for (key, entry) in fields.iter() {
            match key {
                "give" => kinds.push(Spanned::new(AnswerKindDoc::Give(self.plain(&entry.value).value), entry.key.span)),
                "fail" => kinds.push(Spanned::new(AnswerKindDoc::Fail(self.plain(&entry.value).value), entry.key.span)),
                "script" => {
                    let script = self.script("script", Some(entry), Role::Value);
                    kinds.extend(script.map(|script| Spanned::new(AnswerKindDoc::Script(script), entry.key.span)));
                }
                _ => {}
            }
        }
        if let Some(second) = kinds.get(1) {
            self.error(second.span, "a call is answered once: by `give`, `fail` or `script`");
        }
        let kind = kinds.into_iter().next().map(|kind| kind.value);
        let kind = kind.unwrap_or_else(|| AnswerKindDoc::Give(Default::default()));
        AnswerDoc { kind, takes: self.duration("takes", fields.any("takes")), span: node.span }
    }
}
