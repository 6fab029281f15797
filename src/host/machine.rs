//! The host of real runs: the machine's clock, the granted capabilities, and what the embedding program adds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::duration::Duration;
use crate::expression::{Function, FunctionBody, Takes};
use crate::name::{Name, nearest};
use crate::task::{HeldUp, Outcome, Step, StepFailure};

use super::access::Access;
use super::capability::{Capability, DEFAULT_TIME_LIMIT};
use super::env::Env;
use super::functions::{Effect, IntoEffect, IntoFunction};
use super::{Grants, Host, guard, known, options};

/// The host of real runs. Nothing is granted until [`Machine::grants`] says so.
#[derive(Clone)]
pub struct Machine {
    clock: Arc<dyn Clock>,
    access: Arc<Access>,
    capabilities: BTreeMap<Name, Arc<dyn Capability>>,
    /// The names in `capabilities` that the embedding program has added.
    own: Vec<Name>,
    effects: BTreeMap<Name, Effect>,
    effect_time_limit: Duration,
    /// Whether a call without a grant fails, instead of waiting for a process that has it.
    denied_fails: bool,
    functions: Arc<Vec<Function>>,
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// The machine's clock, and no grants.
    pub fn new() -> Self {
        let machine = Self {
            clock: Arc::new(SystemClock),
            access: Arc::new(Access::none()),
            capabilities: BTreeMap::new(),
            own: Vec::new(),
            effects: BTreeMap::new(),
            effect_time_limit: DEFAULT_TIME_LIMIT,
            denied_fails: false,
            functions: Arc::default(),
        };
        machine.renewed()
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Grants these and nothing else.
    #[must_use]
    pub fn grants(mut self, grants: Grants) -> Self {
        self.access = Arc::new(self.access.with_grants(grants));
        self.renewed()
    }

    /// Makes relative paths start at `folder` instead of the working folder of the process. Grants nothing.
    #[must_use]
    pub fn working_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.access = Arc::new(self.access.in_folder(folder.into()));
        self.renewed()
    }

    /// Adds a function that computes from its arguments alone; it may run again. Replaces one of the same name.
    #[must_use]
    pub fn function<Args>(mut self, name: impl Into<Name>, function: impl IntoFunction<Args>) -> Self {
        self.add(function.into_function(name.into()));
        self
    }

    /// Adds a function that reaches outside: each call is a durable step. Replaces one of the same name.
    #[must_use]
    pub fn effect<Args>(mut self, name: impl Into<Name>, effect: impl IntoEffect<Args>) -> Self {
        let name = name.into();
        let effect = effect.into_effect(name.clone());
        let function = Function::new(name.clone(), effect.arity(), FunctionBody::Effect { capability: None });
        self.add(Function { takes: known::OF_EFFECTS, ..function });
        self.effects.insert(name, effect);
        self
    }

    /// How long an effect may take (one minute by default). After that, it is dropped and fails with kind `time_limit`.
    #[must_use]
    pub fn effect_time_limit(mut self, limit: Duration) -> Self {
        self.effect_time_limit = limit;
        self
    }

    /// Lets a call without a grant fail with kind `denied`. By default its task waits for a process that has the grant.
    #[must_use]
    pub fn denied_fails(mut self, yes: bool) -> Self {
        self.denied_fails = yes;
        self
    }

    /// Adds a capability, or replaces the one of the same name. Adding a capability grants it. Flows call it without
    /// `uses`, unless it replaces `http`, `shell`, `files` or `env`.
    #[must_use]
    pub fn capability(mut self, capability: impl Capability + 'static) -> Self {
        self.own.push(capability.name());
        self.plug(Arc::new(capability));
        self
    }

    /// Rebuilds the built-in capabilities for the current grants.
    fn renewed(mut self) -> Self {
        for capability in built_in(&self.access) {
            if !self.own.contains(&capability.name()) {
                self.plug(capability);
            }
        }
        self
    }

    fn plug(&mut self, capability: Arc<dyn Capability>) {
        let module = capability.name();
        let inside = format!("{module}::");
        // `uses` lists built-in capabilities; what an embedding program adds can be called without it.
        let uses = known::is_capability(&module).then(|| module.clone());
        Arc::make_mut(&mut self.functions).retain(|function| !function.name.starts_with(&inside));
        for signature in capability.functions() {
            let name = Name::from(format!("{module}::{}", signature.name));
            let body = FunctionBody::Effect { capability: uses.clone() };
            // What another program's own capability takes is not known.
            let takes = if self.own.contains(&module) { Takes::default() } else { known::takes(&name) };
            self.add(Function { takes, ..Function::new(name, signature.arity, body) });
        }
        self.capabilities.insert(module, capability);
    }

    fn add(&mut self, function: Function) {
        self.effects.remove(&function.name);
        let functions = Arc::make_mut(&mut self.functions);
        functions.retain(|known| known.name != function.name);
        functions.push(function);
    }

    fn unknown(&self, name: &Name) -> StepFailure {
        let near = nearest(name, self.functions.iter().map(|function| function.name.as_str()));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        StepFailure::script(format!("this program has no function `{name}`{hint}"))
    }

    async fn dispatch(&self, step: &Step) -> Outcome {
        let name = &step.function;
        let Some(function) = self.functions.iter().find(|function| function.name == *name) else {
            return Err(self.unknown(name));
        };
        if !function.arity.contains(&step.arguments.len()) {
            return Err(options::wrong_number(function, step.arguments.len()));
        }
        if let Some(effect) = self.effects.get(name) {
            let call = effect.call(&step.arguments);
            return guard::within(self.effect_time_limit, "time_limit", name, call).await;
        }
        let (module, inner) = name.split_once("::").unwrap_or_default();
        let Some(capability) = self.capabilities.get(module) else { return Err(self.unknown(name)) };
        let limit = capability.time_limit(inner, &step.arguments);
        guard::within(limit, module, name, capability.call(inner, &step.arguments)).await
    }
}

fn built_in(access: &Arc<Access>) -> Vec<Arc<dyn Capability>> {
    vec![
        #[cfg(feature = "http")]
        Arc::new(super::http::Http::new(Arc::clone(access))),
        #[cfg(not(feature = "http"))]
        Arc::new(super::left_out::LeftOut("http")),
        #[cfg(feature = "shell")]
        Arc::new(super::shell::Shell::new(Arc::clone(access))),
        #[cfg(not(feature = "shell"))]
        Arc::new(super::left_out::LeftOut("shell")),
        #[cfg(feature = "files")]
        Arc::new(super::files::Files(Arc::clone(access))),
        #[cfg(not(feature = "files"))]
        Arc::new(super::left_out::LeftOut("files")),
        Arc::new(Env(Arc::clone(access))),
    ]
}

#[async_trait]
impl Host for Machine {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn functions(&self) -> Arc<Vec<Function>> {
        Arc::clone(&self.functions)
    }

    async fn perform(&self, step: &Step) -> Outcome {
        guard::caught(&step.function, self.dispatch(step)).await
    }

    fn lacks(&self, step: &Step) -> Option<HeldUp> {
        if self.denied_fails {
            return None;
        }
        let (module, inner) = step.function.split_once("::")?;
        let failure = self.capabilities.get(module)?.denies(inner, &step.arguments)?;
        self.lacked(step, &failure)
    }

    fn lacked(&self, step: &Step, failure: &StepFailure) -> Option<HeldUp> {
        let (module, _) = step.function.split_once("::")?;
        // Failures of the embedding program's own capabilities are not read as missing grants.
        if self.denied_fails || self.own.iter().any(|own| own == module) {
            return None;
        }
        let by_link = failure.message.contains(super::failure::BY_LINK);
        Some(HeldUp { call: step.function.clone(), grant: failure.missing_grant()?, by_link })
    }
}
