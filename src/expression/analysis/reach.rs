//! What a script or a function reaches outside of itself, and which scripts may.

use super::super::{Role, StartedFlow};
use crate::name::Name;

/// What is reached.
#[derive(Clone, Default)]
pub(super) struct Reach {
    /// Anything that needs an [`Outside`](super::super::Outside).
    pub(super) outside: bool,
    /// The clock, random values, or a function of the embedding program.
    pub(super) changes: bool,
    /// A function whose call is a step.
    pub(super) step: Option<Name>,
    /// Whether it starts sub-tasks.
    pub(super) starts: bool,
    /// Whether it logs.
    pub(super) logs: bool,
    /// The flows it starts by a literal name.
    pub(super) started: Vec<StartedFlow>,
}

/// Something that only some scripts may do.
#[derive(Clone, Copy)]
pub(super) enum Effect<'n> {
    /// Call a function that is a durable step.
    Step(&'n str),
    /// Start a sub-task.
    Start,
    /// Log.
    Log,
}

impl Reach {
    /// Adds what a called function reaches, except the flows it starts.
    pub(super) fn add(&mut self, called: &Self) {
        self.outside |= called.outside;
        self.changes |= called.changes;
        self.starts |= called.starts;
        self.logs |= called.logs;
        if self.step.is_none() {
            self.step.clone_from(&called.step);
        }
    }

    /// What it does that only some scripts may do.
    pub(super) fn effects(&self) -> impl Iterator<Item = Effect<'_>> {
        let step = self.step.as_deref().map(Effect::Step);
        let start = self.starts.then_some(Effect::Start);
        step.into_iter().chain(start).chain(self.logs.then_some(Effect::Log))
    }
}

/// Why a script of `role` may not do something, and what to do instead; `None` if it may.
pub(super) fn refusal(role: Role, effect: Effect<'_>) -> Option<(String, &'static str)> {
    let (what, is_body) = (role_name(role), is_body(role));
    Some(match effect {
        _ if role == Role::Action => return None,
        Effect::Step(name) => {
            let help = if role == Role::Interaction {
                "note in an attribute what happened, and let a state after it act"
            } else {
                "call it in the action of a state, and keep what it gives in an attribute"
            };
            (format!("only the action of a state may call `{name}`, and this is {what}"), help)
        }
        Effect::Start if !is_body => {
            (format!("{what} starts no sub-tasks"), "start it in the action of a state, or in a state of kind `start`")
        }
        Effect::Log if !is_body => (format!("{what} logs nothing: it may be looked at often"), "log in an action"),
        Effect::Start | Effect::Log => return None,
    })
}

/// Whether scripts of `role` assign attributes.
pub(super) const fn is_body(role: Role) -> bool {
    matches!(role, Role::Action | Role::Interaction | Role::OnTimeout | Role::Migrate)
}

/// The name of a script of `role` in messages.
pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Action => "an action",
        Role::Condition | Role::ErrorCondition => "a condition",
        Role::Value | Role::With { .. } | Role::ForEach => "a value",
        Role::Interaction => "an interaction",
        Role::OnTimeout => "the action of `on_timeout`",
        Role::Migrate => "the action of `migrate`",
    }
}
