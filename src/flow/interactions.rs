//! Interactions, and what happens at the flow's timeout.

use std::sync::Arc;

use crate::definition::InteractionDoc;
use crate::expression::Role;
use crate::task::AttributeSet;

use super::attributes;
use super::check::Checker;
use super::{Interaction, OnTimeout, StateId};

impl Checker<'_> {
    /// All interactions, if none has errors.
    pub(super) fn interactions(&mut self) -> Option<Vec<Interaction>> {
        let document = self.document;
        let all: Vec<Option<Interaction>> = document.interactions.iter().map(|doc| self.interaction(doc)).collect();
        all.into_iter().collect()
    }

    fn interaction(&mut self, doc: &InteractionDoc) -> Option<Interaction> {
        let params = attributes::parameters(&doc.params, &mut self.findings);
        let when = doc.when.as_ref().map(|names| {
            let ids: Vec<Option<StateId>> = names.iter().map(|name| self.state("when", name)).collect();
            ids.into_iter().collect::<Option<Vec<StateId>>>()
        });
        let action = match &doc.action {
            Some(action) => self.interaction_script(action, &params).map(Some),
            None => Some(None),
        };
        let go_to = self.optional_target("go_to", doc.go_to.as_ref());
        self.check_when(doc);
        Some(Interaction {
            name: doc.name.value.clone(),
            span: doc.name.span,
            params: Arc::new(AttributeSet::new(params)),
            when: match when {
                Some(ids) => Some(ids?),
                None => None,
            },
            action: action?,
            go_to: go_to?,
            description: doc.description.as_ref().map(|d| d.value.clone()),
        })
    }

    /// Reports states in `when` that end the task, where no interaction can happen.
    fn check_when(&mut self, doc: &InteractionDoc) {
        let Some(when) = &doc.when else { return };
        if when.is_empty() {
            let message = format!("`when` names no state: `{}` can never happen", doc.name.value);
            self.findings.warning(doc.name.span, message, None);
        }
        for name in when {
            use crate::definition::StateKindDoc::{Failure, Result};
            let state = self.state_ids.get(&name.value).and_then(|id| self.document.states.get(*id));
            if state.is_some_and(|state| matches!(state.kind, Result(_) | Failure(_))) {
                let message =
                    format!("a task in `{}` has ended: `{}` can never happen there", name.value, doc.name.value);
                self.findings.warning(name.span, message, None);
            }
        }
    }

    /// The `on_timeout`. `None` if it has errors.
    #[expect(clippy::option_option, reason = "left out is not wrong")]
    pub(super) fn on_timeout(&mut self) -> Option<Option<OnTimeout>> {
        let Some(doc) = &self.document.on_timeout else { return Some(None) };
        let action = self.optional_script(doc.action.as_ref(), Role::OnTimeout);
        let go_to = self.optional_target("go_to", doc.go_to.as_ref());
        Some(Some(OnTimeout { action: action?, go_to: go_to?, span: doc.span }))
    }
}
