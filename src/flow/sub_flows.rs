//! Sub-tasks: the flow must exist, and get the attributes it needs.

use crate::definition::{StartDoc, StateDoc};
use crate::diagnostic::{Span, Spanned};
use crate::name::Name;

use super::Signature;
use super::check::Checker;
use super::findings::meant;

impl Checker<'_> {
    /// Checks a `start:` state.
    pub(super) fn check_start(&mut self, state: &StateDoc, doc: &StartDoc) {
        let Some(flow) = &doc.flow else { return };
        let Some(signature) = self.started(&flow.value, flow.span) else { return };
        for (name, _) in &doc.with {
            self.check_given(&signature, &name.value, name.span);
        }
        let given: Vec<Name> = doc.with.iter().map(|(name, _)| name.value.clone()).collect();
        self.check_required(&signature, &given, state.name.span, "`with`");
    }

    /// Checks a literal `start("flow", #{ … })` in a script.
    pub(super) fn check_started(&mut self, flow: &Name, span: Span, given: Option<&[Name]>) {
        let again = self.starts.iter().any(|s| s.span == span);
        let Some(signature) = self.started(flow, span).filter(|_| !again) else { return };
        let Some(given) = given else { return };
        for name in given {
            self.check_given(&signature, name, span);
        }
        self.check_required(&signature, given, span, "the map");
    }

    /// Records that a flow is started, and looks it up.
    fn started(&mut self, flow: &Name, span: Span) -> Option<Signature> {
        self.starts.push(Spanned::new(flow.clone(), span));
        let known = self.known?;
        if let Some(signature) = self.signature(flow) {
            return Some(signature);
        }
        let help = meant(flow, known.iter().map(|s| s.name.as_str()));
        self.findings.error(span, format!("unknown flow `{flow}`"), help);
        None
    }

    /// The signature of a flow that may be started: one of the others, or the one being checked.
    pub(super) fn signature(&self, flow: &Name) -> Option<Signature> {
        let known = self.known?.iter().find(|s| s.name == *flow).cloned();
        known.or_else(|| Signature::of(self.document).filter(|own| own.name == *flow))
    }

    fn check_given(&mut self, signature: &Signature, name: &Name, span: Span) {
        if !signature.attributes.iter().any(|given| given.name == *name) {
            let help = meant(name, signature.attributes.iter().map(|given| given.name.as_str()));
            self.findings.error(span, format!("flow `{}` has no attribute `{name}`", signature.name), help);
        }
    }

    fn check_required(&mut self, signature: &Signature, given: &[Name], span: Span, place: &str) {
        let missing = signature.attributes.iter().filter(|a| a.required && !given.contains(&a.name));
        let missing: Vec<String> = missing.map(|a| format!("`{}`", a.name)).collect();
        let it = if missing.len() == 1 { "it" } else { "them" };
        if !missing.is_empty() {
            let message =
                format!("flow `{}` requires {}, and is not given {it}", signature.name, missing.join(" and "));
            self.findings.error(span, message, Some(format!("add {it} to {place}")));
        }
    }
}
